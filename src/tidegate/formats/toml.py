"""TOML read with bounds; a duplicate key is an error of the language itself."""

import re
import tomllib
from collections.abc import Callable

from tidegate.errors import FormatError
from tidegate.formats.text import decode

MAX_DOTS = 200
_LINE = re.compile(r"\(at line ([0-9]+), column [0-9]+\)")
# What TOML 1.1 allows and 1.0 does not: inline tables over several lines or with a comma at the end, `\e` and `\x`,
# times without seconds. Also found where a string merely looks like it, which costs time and nothing else.
_NEWER = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"\{[^}\n]*$",
        r",[ \t]*\}",
        r"\\[ex]",
        r":(?<![0-9:+-][0-9]{2}:)(?<=[0-9]{2}:)[0-9]{2}(?![0-9:A-Ya-y])",
    )
)
"""Each begins with a plain character, which is what makes them quick."""


def _quick() -> Callable[[str], dict[str, object]] | None:
    """tomli is the parser of the standard library, compiled; not every installation has it."""
    try:
        from tomli import loads
    except ImportError:
        return None
    return loads


_QUICK = _quick()


def loads(raw: bytes, *, limit: int, what: str) -> dict[str, object]:
    """Read one TOML document (v1.0, UTF-8) of at most `limit` bytes. Raises FormatError with the line.

    A line with more than `MAX_DOTS` dots is refused, because dotted keys cost the square of their length.
    """
    text = decode(raw, limit=limit, what=what)
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_DOTS and any(line.count(sign) > MAX_DOTS for sign in ".[{"):
            raise FormatError(f"{what} has a line too complex to read", line=number)
    try:
        document = _load(text)
    except tomllib.TOMLDecodeError as error:
        place = _LINE.search(str(error))
        reason = str(error).split(" (at ")[0].encode("ascii", "backslashreplace").decode()[:200].lower()
        raise FormatError(f"{what} is not TOML: {reason}", line=int(place[1]) if place else None) from None
    except RecursionError:
        raise FormatError(f"{what} is nested too deeply") from None
    except (ValueError, OverflowError):
        raise FormatError(f"{what} holds a value too large to read") from None
    return document


def _load(text: str) -> dict[str, object]:
    """The standard library's word counts: it is asked whenever the quick parser fails or might read a later TOML."""
    if _QUICK is not None:
        try:
            document = _QUICK(text)
        except (ValueError, RecursionError, OverflowError):
            return tomllib.loads(text)
        if not any(newer.search(text) for newer in _NEWER):
            return document
    return tomllib.loads(text)
