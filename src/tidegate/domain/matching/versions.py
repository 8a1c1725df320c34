"""Versions are ordered only where the ecosystem's own order is known; nothing else is ever called smaller."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from packaging.version import Version

from tidegate.domain.matching.names import ecosystem_key

MAX_LENGTH = 256
_SEMVER = re.compile(
    r"v?(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*))?(?:\.(0|[1-9][0-9]*))?"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
)


class Ordered(Protocol):
    """What a version order hands back: values that know `<` and `==` among themselves."""

    def __lt__(self, other: Any, /) -> bool: ...


Order = Callable[[str], Ordered]
"""Text to an ordered value. Raises ValueError for a text that is no version."""


@lru_cache(maxsize=8192)
def pep440(text: str) -> Ordered:
    """The order of PyPI (PEP 440)."""
    if len(text) > MAX_LENGTH:
        raise ValueError("the version is too long")
    return Version(text)


@lru_cache(maxsize=8192)
def semver(text: str) -> Ordered:
    """The order of Semantic Versioning 2.0.0, item 11; `v` and missing parts are tolerated, build metadata ignored."""
    match = _SEMVER.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise ValueError(f"not a semantic version: {text[:80]!r}")
    major, minor, patch, pre = match.groups()
    identifiers = tuple((0, int(x), "") if x.isdigit() else (1, 0, x) for x in pre.split(".")) if pre else ()
    return (int(major), int(minor or 0), int(patch or 0), 0 if pre else 1, identifiers)


_ORDERS: dict[str, Order] = {
    "pypi": pep440,
    "npm": semver,
    "crates": semver,
    "go": semver,
    "hex": semver,
    "swifturl": semver,
    "github actions": semver,
}


def order_of(ecosystem: str) -> Order | None:
    """The ecosystem's version order, None when tidegate does not know it."""
    return _ORDERS.get(ecosystem_key(ecosystem))


def readings(ecosystem: str, version: str) -> tuple[str, ...]:
    """The version as written, and for PyPI also without its local part.

    `2.0.1+cu118` is a build of `2.0.1`, yet PEP 440 orders it behind: `last_affected: 2.0.1` would miss it.
    """
    if ecosystem_key(ecosystem) == "pypi" and "+" in version:
        return version, version.partition("+")[0]
    return (version,)
