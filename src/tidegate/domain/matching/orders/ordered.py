"""What every version order hands back, and how long a version may be."""

from collections.abc import Callable
from typing import Any, Protocol

MAX_LENGTH = 256


class Ordered(Protocol):
    """Values that know `<` and `==` among themselves, totally: one of `a < b`, `b < a`, `a == b` holds."""

    def __lt__(self, other: Any, /) -> bool: ...


Order = Callable[[str], Ordered]
"""Text to an ordered value. Raises ValueError for a text that is no version of the ecosystem."""


def refused(kind: str, text: str) -> ValueError:
    return ValueError(f"no {kind} version: {text[:80]!r}")
