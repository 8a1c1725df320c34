"""PyPI orders versions by PEP 440."""

from functools import lru_cache

from packaging.version import Version

from tidegate.domain.matching.orders.ordered import MAX_LENGTH, Ordered, refused


@lru_cache(maxsize=32768)
def pep440(text: str) -> Ordered:
    """The order of PyPI (PEP 440)."""
    if len(text) > MAX_LENGTH:
        raise refused("PyPI", text)
    return Version(text)
