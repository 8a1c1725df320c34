"""npm, crates.io, Go, Hex, Swift and GitHub Actions order versions by Semantic Versioning 2.0.0; Pub nearly so."""

import re
from functools import lru_cache

from tidegate.domain.matching.orders.ordered import MAX_LENGTH, Ordered, refused

_SEMVER = re.compile(
    r"v?(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*))?(?:\.(0|[1-9][0-9]*))?"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z.-]+))?"
)

_Identifiers = tuple[tuple[int, int, str], ...]


@lru_cache(maxsize=32768)
def semver(text: str) -> Ordered:
    """Item 11; `v` and missing parts are tolerated. Build metadata is ignored, so Go's `+incompatible` is too.

    A Go pseudo-version is a pre-release whose timestamp sorts as text.
    """
    major, minor, patch, pre, _ = _parts(text)
    return (int(major), int(minor or 0), int(patch or 0), 0 if pre else 1, _identifiers(pre))


@lru_cache(maxsize=8192)
def pub(text: str) -> Ordered:
    """Dart's order: as Semantic Versioning, but a build orders behind the version without one (`pub_semver`)."""
    major, minor, patch, pre, build = _parts(text)
    numbers = (int(major), int(minor or 0), int(patch or 0))
    return (*numbers, 0 if pre else 1, _identifiers(pre), _identifiers(build))


def _parts(text: str) -> tuple[str, ...]:
    match = _SEMVER.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise refused("semantic", text)
    return match.groups()


def _identifiers(text: str | None) -> _Identifiers:
    """Numbers before words, numbers by value, words by ASCII, the shorter list first."""
    return tuple((0, int(x), "") if x.isdigit() else (1, 0, x) for x in text.split(".")) if text else ()
