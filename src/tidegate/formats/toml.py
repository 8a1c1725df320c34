"""TOML read with bounds; a duplicate key is an error of the language itself."""

import re
import tomllib

from tidegate.errors import FormatError
from tidegate.formats.text import decode

MAX_DOTS = 200
_LINE = re.compile(r"\(at line ([0-9]+), column [0-9]+\)")


def loads(raw: bytes, *, limit: int, what: str) -> dict[str, object]:
    """Read one TOML document (v1.0, UTF-8) of at most `limit` bytes. Raises FormatError with the line.

    A line with more than `MAX_DOTS` dots is refused, because dotted keys cost the square of their length.
    """
    text = decode(raw, limit=limit, what=what)
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MAX_DOTS or line.count("[") > MAX_DOTS or line.count("{") > MAX_DOTS:
            raise FormatError(f"{what} has a line too complex to read", line=number)
    try:
        document: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _LINE.search(str(error))
        reason = str(error).split(" (at ")[0].encode("ascii", "backslashreplace").decode()[:200].lower()
        raise FormatError(f"{what} is not TOML: {reason}", line=int(place[1]) if place else None) from None
    except RecursionError:
        raise FormatError(f"{what} is nested too deeply") from None
    except (ValueError, OverflowError):
        raise FormatError(f"{what} holds a value too large to read") from None
    return document
