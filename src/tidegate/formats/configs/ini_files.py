"""`.npmrc`, `.yarnrc` of Yarn 1, and pip's configuration: lines of keys and values."""

import json
import re
from collections.abc import Iterator

from tidegate.errors import FormatError
from tidegate.formats.configs.settings import LIMIT, Setting, kept
from tidegate.formats.text import decode

_SECTION = re.compile(r"\[([^\]]*)\]")
_YARN = re.compile(r"""("(?:[^"\\]|\\.)*"|[^\s",:]+):?[ \t]+("(?:[^"\\]|\\.)*"|[^\s,:].*)""")
_MAX_LINE = 20_000


def npmrc(raw: bytes) -> tuple[Setting, ...]:
    """`key = value`, `key[] = value`, a key alone for true; `#` and `;` begin comments. Raises FormatError."""
    return kept(_npmrc(raw))


def _npmrc(raw: bytes) -> Iterator[Setting]:
    for number, line in _lines(raw):
        if line.startswith(("#", ";", "[")):
            continue
        key, equals, value = line.partition("=")
        name = _word(key).removesuffix("[]")
        if "${" in name and not name.startswith("//"):
            raise FormatError("the configuration has a key that hangs on the environment", line=number)
        text = _unquoted(_bare(value)) if equals else "true"
        yield Setting(name, text, number)


def _word(written: str) -> str:
    """A key as npm's `ini` reads it: a quoted one is JSON, in any other `;` and `#` end it where they stand."""
    text = written.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return _decoded(text[1:-1] if text[0] == "'" else text)
    plain = re.sub(r"(?<!\\)[;#].*", "", text, flags=re.DOTALL)
    return re.sub(r"\\([\\;#])", r"\1", plain).strip()


def _decoded(text: str) -> str:
    """A JSON string as what it says; any other text as it is."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, str) else text


def yarnrc(raw: bytes) -> tuple[Setting, ...]:
    """`key value` with optional quotes. Raises FormatError for any other line."""
    return kept(_yarnrc(raw))


def _yarnrc(raw: bytes) -> Iterator[Setting]:
    for number, line in _lines(raw):
        if line.startswith("#"):
            continue
        match = _YARN.fullmatch(line)
        if match is None:
            raise FormatError("the configuration has a line that is no key with a value", line=number)
        yield Setting(_decoded(match[1]), _unquoted(match[2].strip()), number)


def pip(raw: bytes) -> tuple[Setting, ...]:
    """Sections of `key = value`; an indented line goes on. Keys are written with `-`, without their section.

    A section counts for one command only; a weaker setting is weaker whichever command it is for.
    """
    return kept(_pip(raw))


def _pip(raw: bytes) -> Iterator[Setting]:
    key = ""
    for number, line in enumerate(_text(raw).split("\n"), 1):
        text = line.strip()
        if not text or text.startswith(("#", ";")):
            continue
        if _SECTION.fullmatch(text):
            key = ""
        elif line[:1] in " \t" and key:
            yield from (Setting(key, word, number) for word in _words(text))
        else:
            match = re.match(r"([^=:]+)[=:](.*)", text)
            if match is None:
                raise FormatError("the configuration has a line that is no key with a value", line=number)
            key = match[1].strip().lower().replace("_", "-").removeprefix("--")
            yield from (Setting(key, word, number) for word in _words(match[2]))


def _words(text: str) -> list[str]:
    """Several values stand apart by spaces; what follows ` #` or ` ;` is a comment."""
    return _bare(text).split()


def _bare(text: str) -> str:
    return re.split(r"(?<=[ \t])[;#]", text.strip(), maxsplit=1)[0].rstrip()


def _lines(raw: bytes) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(_text(raw).split("\n"), 1):
        text = line.strip()
        if len(text) > _MAX_LINE:
            raise FormatError("the configuration has a line too long to read", line=number)
        if text:
            yield number, text


def _text(raw: bytes) -> str:
    return decode(raw, limit=LIMIT, what="the configuration").removeprefix("\ufeff").replace("\r", "\n")


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
