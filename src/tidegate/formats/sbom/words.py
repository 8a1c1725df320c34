"""Foreign text as every format we write can hold it: bounded, printable, and the same in JSON and in XML."""

import re

MAX_TEXT = 1024
_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)


def fit(text: str) -> str:
    """Control characters, what reorders text, and bytes of odd file names are written as escapes."""
    if text.isascii() and text.isprintable():
        return text[:MAX_TEXT]
    whole = text[:MAX_TEXT].encode("utf-8", "backslashreplace").decode()
    return _UNFIT.sub(_escaped, whole)[:MAX_TEXT]


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("ascii", "backslashreplace").decode() if ord(match[0]) > 0x7F else f"\\x{ord(match[0]):02x}"
