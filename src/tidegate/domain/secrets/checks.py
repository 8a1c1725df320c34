"""What is asked of a match before it is a credential; each answers for the value at a span of the text around it."""

import math
import re
from collections import Counter

from tidegate.domain.secrets.detector import Span
from tidegate.domain.secrets.placeholders import is_placeholder, is_published
from tidegate.domain.secrets.rule import Check

_DIGEST_HEAD = re.compile(r"(sha256|sha384|sha512)[=-]([A-Za-z0-9+/_-]*)\Z")
_DIGEST_TAIL = re.compile(r"[A-Za-z0-9+/_-]+")
_DIGEST_LENGTHS = {"sha256": 43, "sha384": 64, "sha512": 86}


def real(text: str, span: Span) -> bool:
    """Not made up: no `example`, no run of one character, no template."""
    return not is_placeholder(text[span[0] : span[1]])


def unpublished(text: str, span: Span) -> bool:
    """Not a value its vendor publishes; for long values that may repeat a character."""
    return not is_published(text[span[0] : span[1]])


def no_digest(text: str, span: Span) -> bool:
    """Not a stretch of base64 of the very length its label promises (`sha256=…`) that begins before the match."""
    before = _DIGEST_HEAD.search(text, max(0, span[0] - 100), span[0])
    if before is None or not before[2]:
        return True
    after = _DIGEST_TAIL.match(text, span[1])
    length = span[1] - before.start(2) + (len(after[0]) if after else 0)
    return length != _DIGEST_LENGTHS[before[1]]


def alone(text: str, span: Span) -> bool:
    """Not inside a longer word; `\\n` before it is an escape, not a letter."""
    start, end = span
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if before and (before.isalnum() or before in "_-") and text[max(0, start - 2)] != "\\":
        return False
    return not after or not (after.isalnum() or after in "_-")


def digit(text: str, span: Span) -> bool:
    """Holds a digit: no identifier made of words."""
    return any(char.isdigit() for char in text[span[0] : span[1]])


def mixed(text: str, span: Span) -> bool:
    """Capitals, small letters and digits, as a random value of that length has."""
    value = text[span[0] : span[1]]
    return all(re.search(kind, value) for kind in ("[A-Z]", "[a-z]", "[0-9]"))


def cased(text: str, span: Span) -> bool:
    """Capitals and small letters."""
    value = text[span[0] : span[1]]
    return not value.isupper() and re.search("[A-Z]", value) is not None


def varied(text: str, span: Span) -> bool:
    """At least eight different characters."""
    return len(set(text[span[0] : span[1]].lower())) >= 8


def entropy(bits: float) -> Check:
    """At least this many bits a character."""

    def check(text: str, span: Span) -> bool:
        return shannon(text[span[0] : span[1]]) >= bits

    return check


def shannon(value: str) -> float:
    """Bits a character of the value's own distribution."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values()) if value else 0.0


TOKEN: tuple[Check, ...] = (real, no_digest)
"""For tokens with a telling prefix."""
BARE: tuple[Check, ...] = (alone, real, no_digest)
"""For patterns too loose to match inside a longer word."""
