"""NuGet orders one to four numbers, then labels as Semantic Versioning does, without regard to case."""

import re
from functools import lru_cache

from tidegate.domain.matching.orders.ordered import MAX_LENGTH, Ordered, refused

_NUGET = re.compile(
    r"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:\.([0-9]+))?"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
)


@lru_cache(maxsize=32768)
def nuget(text: str) -> Ordered:
    """Missing numbers are 0, leading zeros and build metadata are ignored (NuGet, "Package versioning")."""
    match = _NUGET.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise refused("NuGet", text)
    *numbers, labels = match.groups()
    pre = tuple((0, int(x), "") if x.isdigit() else (1, 0, x.upper()) for x in labels.split(".")) if labels else ()
    return (*(int(number or 0) for number in numbers), 0 if labels else 1, pre)
