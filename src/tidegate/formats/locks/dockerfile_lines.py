"""The instructions of a Dockerfile as its builder sees them: continuations joined, comments and here-documents cut."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.errors import FormatError

MAX_LINE = 200_000

_DIRECTIVE = re.compile(r"#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(.+?)[ \t]*")
_SYNTAX = re.compile(r"//[ \t]*(syntax)[ \t]*=[ \t]*(.+?)[ \t]*", re.IGNORECASE)
_WITH_DOCUMENTS = frozenset({"ADD", "COPY", "RUN"})
_INSTRUCTIONS = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"}
    | {"ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
_DOCUMENT = re.compile(r"[0-9]*<<(-?)(\"?'?)([A-Za-z0-9_][A-Za-z0-9_.-]*)\2")
_BRACED = re.compile(r"\$\{[^{}\n]*\}")


@dataclass(frozen=True, slots=True)
class Instruction:
    """`name` in upper case, `rest` behind it, `line` where it begins. A parser directive is named `#syntax`."""

    name: str
    rest: str
    line: int


def instructions(text: str) -> Iterator[Instruction]:
    """Every instruction in its order (Dockerfile reference, "Format" and "Here-Documents"). Raises FormatError."""
    lines = text.split("\n")
    if text.lstrip().startswith("{") and '"syntax"' in text:
        raise FormatError("the file is read by a frontend it names itself", line=1)
    first = 1 if lines and lines[0].startswith("#!") else 0
    at, escape = first, "\\"
    seen: set[str] = set()
    while at < len(lines):
        plain = lines[at].rstrip("\r")
        match = _DIRECTIVE.fullmatch(plain) or (_SYNTAX.fullmatch(plain) if not seen else None)
        if match is None or match[1].lower() in seen:
            break
        seen.add(match[1].lower())
        if match[1].lower() == "escape" and match[2] in {"\\", "`"}:
            escape = match[2]
        yield Instruction(f"#{match[1].lower()}", match[2], at + 1)
        at += 1
    yield from _body(lines, at, escape)


def _body(lines: list[str], at: int, escape: str) -> Iterator[Instruction]:
    goes_on = re.compile(rf"(?:(?P<head>.*[^{re.escape(escape)}])|){re.escape(escape)}[ \t]*", re.DOTALL)
    while at < len(lines):
        start = at
        parts: list[str] = []
        size = 0
        while at < len(lines):
            plain = lines[at].rstrip("\r")
            at += 1
            if plain.lstrip().startswith("#") or not plain.strip():
                if parts:
                    continue
                break
            size += len(plain)
            if size > MAX_LINE:
                raise FormatError("an instruction is too long to read", line=start + 1)
            more = goes_on.fullmatch(plain)
            parts.append((more["head"] or "") if more else plain)
            if more is None:
                break
        joined = "".join(parts).strip()
        if not joined:
            continue
        name, _, rest = joined.replace("\t", " ").partition(" ")
        yield Instruction(name.upper(), rest.strip(), start + 1)
        for chomp, word in _documents(name.upper(), rest, start + 1):
            at = _behind(lines, at, chomp, word, start + 1)


def _documents(name: str, rest: str, line: int) -> Iterator[tuple[bool, str]]:
    """The here-documents an instruction opens: (are leading tabs cut, the word that ends it)."""
    if name == "ONBUILD":
        name, _, rest = rest.strip().partition(" ")
        name = name.upper()
    if name not in _WITH_DOCUMENTS or "<<" not in rest:
        return
    for word in _words(rest, line):
        match = _DOCUMENT.fullmatch(word)
        if match is not None:
            if match[3].upper() in _INSTRUCTIONS:
                raise FormatError("a here-document ends in the name of an instruction", line=line)
            yield match[1] == "-", match[3]
        elif re.match(r"[0-9]*<<-?[^<\s]", word):
            raise FormatError("a here-document has a name that is not read", line=line)


def _words(text: str, line: int) -> list[str]:
    """Words as a shell splits them, quotes kept. An unfinished quote is refused: two readers would differ."""
    words: list[str] = []
    word = ""
    at = 0
    while at < len(text):
        char = text[at]
        braced = _BRACED.match(text, at) if char == "$" else None
        if char in " \t":
            words.append(word)
            word = ""
        elif char in "'\"":
            end = at + 1
            while end < len(text) and text[end] != char:
                end += 2 if char == '"' and text[end] == "\\" else 1
            if end >= len(text):
                raise FormatError("a quote is not closed before a here-document", line=line)
            word += text[at : end + 1]
            at = end
        elif char == "\\":
            word += text[at : at + 2]
            at += 1
        elif braced:
            word += braced[0]
            at = braced.end() - 1
        else:
            word += char
        at += 1
    return [one for one in [*words, word] if one]


def _behind(lines: list[str], at: int, chomp: bool, word: str, line: int) -> int:
    for number in range(at, len(lines)):
        plain = lines[number].rstrip("\r")
        if (plain.lstrip("\t") if chomp else plain) == word:
            return number + 1
    raise FormatError("a here-document does not end", line=line)
