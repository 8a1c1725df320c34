"""Elixir's version requirements, as far as telling a locked version that lies outside of one."""

import re

from tidegate.domain.locks import numbered
from tidegate.domain.locks.numbered import Version

_ONE = re.compile(r"(==|!=|>=|<=|>|<|~>|!)?\s*([0-9][^\s]*)")


def outside(version: str, wanted: str) -> bool:
    """True when `version` certainly does not satisfy `wanted` (Elixir `Version`, "Requirements"); False otherwise.

    Whether a prerelease may answer is left to Mix.
    """
    have = numbered.read(version)
    if have is None or not wanted.strip() or len(wanted) > 1000:
        return False
    return all(_all(have, part) is False for part in re.split(r"\s+or\s+", wanted.strip()))


def _all(have: Version, part: str) -> bool | None:
    """None when some comparison is not understood."""
    answers = [_one(have, one.strip()) for one in re.split(r"\s+and\s+", part)]
    return None if None in answers else all(answers)


def _one(have: Version, text: str) -> bool | None:
    match = _ONE.fullmatch(text)
    bound = numbered.read(match[2]) if match else None
    if match is None or bound is None:
        return None
    operator = match[1] or ""
    if operator != "~>":
        return numbered.fits(have.key, "!=" if operator == "!" else operator, bound.key)
    if len(bound.numbers) < 2:
        return None
    return bound.key <= have.key < numbered.above(bound.numbers, len(bound.numbers) - 2)
