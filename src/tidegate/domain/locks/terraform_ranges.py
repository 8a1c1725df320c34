"""Terraform's version constraints, as far as telling a locked version that lies outside of them."""

import re

from tidegate.domain.locks import numbered

_ONE = re.compile(r"\s*(=|!=|>=|<=|>|<|~>|)\s*(\S+)\s*")


def outside(version: str, wanted: str) -> bool:
    """True when `version` certainly does not satisfy `wanted` (Terraform "Version Constraints"); False otherwise."""
    have = numbered.read(version)
    if have is None or len(wanted) > 1000:
        return False
    for part in wanted.split(","):
        match = _ONE.fullmatch(part)
        bound = numbered.read(match[2]) if match else None
        if match and bound and not _satisfies(have, match[1], bound):
            return True
    return False


def _satisfies(have: numbered.Version, operator: str, bound: numbered.Version) -> bool:
    if operator != "~>":
        return numbered.fits(have.key, operator, bound.key) is not False
    at = len(bound.numbers) - 2
    return have.key >= bound.key and (at < 0 or have.key < numbered.above(bound.numbers, at))
