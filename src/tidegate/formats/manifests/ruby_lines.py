"""Ruby read as far as it is written out plainly: calls with literal arguments, line by line; nothing is ever run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.errors import FormatError

MAX_LINE = 10_000
MAX_JOINED = 100
_STRING = re.compile(r'"([^"\\#]*)"|\'([^\'\\]*)\'')
_SYMBOL = re.compile(r':"?[A-Za-z_][A-Za-z0-9_]*[?!]?"?')
_WORDS = re.compile(r"%[iwIW](?:\[[^\[\]#]*\]|\([^()#]*\)|\{[^{}#]*\})")
_KEY = re.compile(r"(?:([A-Za-z_][A-Za-z0-9_]*):(?!:)|:([A-Za-z_][A-Za-z0-9_]*)\s*=>|['\"]([a-z_]+)['\"]\s*=>)\s*")
_PLAIN = re.compile(r"true|false|nil|-?[0-9][0-9_.]*")
_OPEN, _CLOSE = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Arguments:
    """Literal arguments of a call: texts in order, then options by name. An option's value is its text, else ""."""

    texts: tuple[str, ...]
    options: dict[str, str]


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, each with its 1-based number; one that ends in a comma is joined with the next."""
    parts: list[str] = []
    start = 0
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            raise FormatError("the manifest has a line too long to read", line=number)
        if line.startswith(("=begin", "=end")):
            inside = line.startswith("=begin")
            continue
        if line.rstrip() == "__END__" and not inside:
            break
        plain = "" if inside else _uncommented(line).strip()
        if not plain:
            continue
        start = start if parts else number
        parts.append(plain)
        if plain.endswith((",", "\\")) and sum(map(len, parts)) < MAX_LINE and len(parts) < MAX_JOINED:
            continue
        yield start, " ".join(parts)
        parts = []
    if parts:
        yield start, " ".join(parts)


def _uncommented(line: str) -> str:
    """The line up to a `#` that stands outside of a string."""
    quote = ""
    escaped = False
    for at, character in enumerate(line):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#":
            return line[:at]
    return line


def arguments(written: str) -> Arguments | None:
    """The arguments as they stand in a call, with or without brackets around them; None unless all are literal."""
    body = written.strip()
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1].strip()
    parts = _split(body)
    if parts is None:
        return None
    texts: list[str] = []
    options: dict[str, str] = {}
    for part in parts:
        string = _STRING.fullmatch(part)
        if string and not options:
            texts.append(string[1] if string[1] is not None else string[2])
            continue
        key = _KEY.match(part)
        if key is None or not _literal(part[key.end() :]):
            return None
        value = _STRING.fullmatch(part[key.end() :])
        options[key[1] or key[2] or key[3]] = (value[1] or value[2] or "") if value else part[key.end() :]
    return Arguments(tuple(texts), options)


def _literal(value: str) -> bool:
    if any(pattern.fullmatch(value) for pattern in (_STRING, _SYMBOL, _WORDS, _PLAIN)):
        return True
    if not (value.startswith("[") and value.endswith("]")):
        return False
    parts = _split(value[1:-1].strip())
    return parts is not None and all(
        any(pattern.fullmatch(part) for pattern in (_STRING, _SYMBOL, _PLAIN)) for part in parts
    )


def _split(body: str) -> list[str] | None:
    """Parts between commas that stand outside of strings and brackets; None when these do not match."""
    parts: list[str] = []
    depth, quote, start = 0, "", 0
    for at, character in enumerate(body):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in _OPEN:
            depth += 1
        elif character in _CLOSE:
            depth -= 1
        elif character == "," and not depth:
            parts.append(body[start:at].strip())
            start = at + 1
    if quote or depth:
        return None
    last = body[start:].strip()
    return [*parts, last] if last else parts
