"""RubyGems' versions and requirements (`Gem::Version`, `Gem::Requirement`), as far as telling what lies outside."""

import re
from functools import lru_cache
from itertools import takewhile, zip_longest

_VERSION = re.compile(r"[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?", re.ASCII)
_REQUIREMENT = re.compile(r"(=|!=|>=|<=|~>|>|<)?\s*(\S+)")
_MAX = 100

Segments = tuple[int | str, ...]


def requirements(written: str) -> frozenset[tuple[str, str]] | None:
    """(operator, version) of `~> 1.2, >= 1.2.3`; what allows everything is left out. None when it cannot be read."""
    found = set()
    for part in written.split(",") if written.strip() else ():
        match = _REQUIREMENT.fullmatch(part.strip())
        if match is None or len(match[2]) > _MAX or not _VERSION.fullmatch(match[2]):
            return None
        found.add((match[1] or "=", match[2]))
    return frozenset(found - {(">=", "0")})


def outside(version: str, wanted: str) -> bool:
    """True when `version` certainly does not satisfy `wanted`."""
    asked = requirements(wanted)
    if asked is None or not _VERSION.fullmatch(version) or len(version) > _MAX:
        return False
    return not all(_satisfies(_segments(version), operator, _segments(other)) for operator, other in asked)


def _satisfies(have: Segments, operator: str, other: Segments) -> bool:
    order = compare(have, other)
    match operator:
        case "=":
            return order == 0
        case "!=":
            return order != 0
        case ">=":
            return order >= 0
        case "<=":
            return order <= 0
        case ">":
            return order > 0
        case "<":
            return order < 0
    return order >= 0 and compare(_release(have), _bump(other)) < 0


def compare(left: Segments, right: Segments) -> int:
    """Below, at or above zero. What is missing is zero, and a word stands below every number."""
    for one, other in zip_longest(_canonical(left), _canonical(right), fillvalue=0):
        if one == other:
            continue
        if isinstance(one, str):
            return -1 if not isinstance(other, str) or one < other else 1
        if isinstance(other, str):
            return 1
        return -1 if one < other else 1
    return 0


@lru_cache(maxsize=8192)
def _segments(version: str) -> Segments:
    parts = re.findall(r"[0-9]+|[a-zA-Z]+", version.replace("-", ".pre."))
    return tuple(int(part) if part.isdigit() else part for part in parts)


def _canonical(segments: Segments) -> Segments:
    """Without the zeros at the end, and without those before the first word."""
    head = _release(segments)
    return (*_trimmed(head), *_trimmed(segments[len(head) :]))


def _trimmed(segments: Segments) -> Segments:
    while segments and segments[-1] == 0:
        segments = segments[:-1]
    return segments


def _release(segments: Segments) -> Segments:
    """The numbers before the first word."""
    return tuple(takewhile(lambda one: isinstance(one, int), segments))


def _bump(segments: Segments) -> Segments:
    """The first version above all that share every number but the last."""
    numbers = [one for one in _release(segments) if isinstance(one, int)]
    if len(numbers) > 1:
        numbers.pop()
    return (*numbers[:-1], numbers[-1] + 1)
