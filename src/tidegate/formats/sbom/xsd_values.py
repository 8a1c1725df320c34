"""Simple types of XML Schema, as far as the CycloneDX schemas use them: a value is checked, nothing is converted."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from tidegate.formats.xml_elements import Element

Check = Callable[[str], bool]

MAX_MATCHED = 4096
"""No value that has to match a pattern is longer."""

_SPACE = re.compile(r"[\t\n\r ]+")
_INTEGER = re.compile(r"[+-]?[0-9]{1,100}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,100}(?:\.[0-9]{0,100})?|\.[0-9]{1,100})", re.ASCII)
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_DAY = r"-?[0-9]{4,9}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_DATE = re.compile(_DAY + _ZONE, re.ASCII)
_DATE_TIME = re.compile(
    _DAY + r"T(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,30})?|24:00:00(?:\.0{1,30})?)" + _ZONE, re.ASCII
)


def _anything(_value: str) -> bool:
    return True


def _integer(low: int | None) -> Check:
    def check(value: str) -> bool:
        word = collapsed(value)
        return _INTEGER.fullmatch(word) is not None and (low is None or int(word) >= low)

    return check


def _matching(pattern: re.Pattern[str]) -> Check:
    return lambda value: pattern.fullmatch(collapsed(value)) is not None


def _uri(value: str) -> bool:
    """XML Schema 1.0 part 2, 3.2.17: almost any text can be escaped into a URI; a broken escape cannot."""
    return re.search(r"%(?![0-9A-Fa-f]{2})", value) is None and collapsed(value).count("#") <= 1


BUILT_IN: dict[str, Check] = {
    "string": _anything,
    "normalizedString": _anything,
    "token": _anything,
    "anyURI": _uri,
    "boolean": lambda value: collapsed(value) in ("true", "false", "1", "0"),
    "integer": _integer(None),
    "nonNegativeInteger": _integer(0),
    "positiveInteger": _integer(1),
    "decimal": _matching(_DECIMAL),
    "date": _matching(_DATE),
    "dateTime": _matching(_DATE_TIME),
}


def collapsed(value: str) -> str:
    return _SPACE.sub(" ", value).strip(" ")


def restricted(base: Check, restriction: Element) -> Check:
    """A base type and the facets of a restriction. KeyError for a facet the schemas did not use so far."""
    facets: list[Check] = []
    words = frozenset(facet.attributes["value"] for facet in restriction.all("enumeration"))
    if words:
        facets.append(lambda value: value in words or collapsed(value) in words)
    patterns = [re.compile(facet.attributes["value"]) for facet in restriction.all("pattern")]
    if patterns:
        facets.append(lambda value: len(value) <= MAX_MATCHED and any(each.fullmatch(value) for each in patterns))
    bounded = [each for each in restriction.children if each.name not in ("enumeration", "pattern", "annotation")]
    facets += [_BOUNDS[each.name](each.attributes["value"]) for each in bounded]
    return lambda value: base(value) and all(facet(value) for facet in facets)


def union(members: Sequence[Check]) -> Check:
    return lambda value: any(member(value) for member in members)


def _at_least(bound: str) -> Check:
    """Only asked of what the base type has passed, which is a number."""
    return lambda value: Decimal(collapsed(value)) >= Decimal(bound)


def _at_most(bound: str) -> Check:
    return lambda value: Decimal(collapsed(value)) <= Decimal(bound)


def _not_shorter(bound: str) -> Check:
    return lambda value: len(value) >= int(bound)


def _not_longer(bound: str) -> Check:
    return lambda value: len(value) <= int(bound)


_BOUNDS: dict[str, Callable[[str], Check]] = {
    "minInclusive": _at_least,
    "maxInclusive": _at_most,
    "minLength": _not_shorter,
    "maxLength": _not_longer,
}
