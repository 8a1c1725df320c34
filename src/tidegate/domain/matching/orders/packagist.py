"""Packagist versions are what Composer makes of them: four numbers and a stability, ordered as PHP does.

(composer/semver, `VersionParser::normalize` and `Constraint::versionCompare`; PHP, `version_compare`)
"""

import re
from functools import lru_cache

from tidegate.domain.matching.orders.ordered import MAX_LENGTH, Ordered, refused

_MODIFIER = r"[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?[0-9]+)*)?)?([.-]?dev)?"
_CLASSIC = re.compile(rf"v?([0-9]{{1,5}})(\.[0-9]+)?(\.[0-9]+)?(\.[0-9]+)?{_MODIFIER}", re.IGNORECASE)
_DATE = re.compile(rf"v?([0-9]{{4}}(?:[.:-]?[0-9]{{2}}){{1,6}}(?:[.:-]?[0-9]{{1,3}}){{0,2}}){_MODIFIER}", re.IGNORECASE)
_BEHIND = re.compile(r"(?:@(?:dev|alpha|beta|rc|stable))?$|\+[^\s+]+$", re.IGNORECASE)
_NUMBERS = re.compile(r"[0-9]+")

# PHP's special forms; a number stands where `#` does.
_DEV, _NUMBER = 0, 4
_RANKS = {"alpha": 1, "a": 1, "beta": 2, "b": 2, "rc": 3, "patch": 5, "pl": 5, "p": 5}
_END = (_NUMBER, -1)
"""The end of the shorter version: behind `dev`, `alpha`, `beta` and `RC`, before a number and before `patch`."""


@lru_cache(maxsize=32768)
def packagist(text: str) -> Ordered:
    """Raises ValueError for branches (`dev-main`, `1.x-dev`) too: they have no place among versions."""
    if len(text) > MAX_LENGTH:
        raise refused("Packagist", text)
    plain = _BEHIND.sub("", text.strip(" "), count=1)
    classic = _CLASSIC.fullmatch(plain)
    if classic:
        numbers = [int((part or ".0").lstrip(".")) for part in classic.groups()[:4]]
        return _key(numbers, *classic.groups()[4:])
    date = _DATE.fullmatch(plain)
    if date:
        return _key([int(part) for part in _NUMBERS.findall(date[1])], *date.groups()[1:])
    raise refused("Packagist", text)


def _key(numbers: list[int], stability: str | None, counted: str | None, dev: str | None) -> Ordered:
    parts = [(_NUMBER, number) for number in numbers]
    word = (stability or "stable").lower()
    if word != "stable":
        parts.append((_RANKS[word], 0))
        parts += [(_NUMBER, int(number)) for number in _NUMBERS.findall(counted or "")]
    if dev:
        parts.append((_DEV, 0))
    return (*parts, _END)
