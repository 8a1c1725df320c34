"""Exceptions are one noun: what is accepted, why, by whom, and until when."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Origin(StrEnum):
    """Where an exemption was written down."""

    POLICY = "policy"
    EXCLUDE = "exclude"
    INLINE = "inline"
    GRANT = "grant"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Accepts exactly one subject of one rule (or, for `exclude`, one path in rows 1, 2 and 4).

    `about` equals the finding's `about`; no wildcards. Either `expires` (a date, inclusive) or `until_fixed` is set.
    """

    rule: str
    about: str
    reason: str
    owner: str
    expires: date | None
    origin: Origin
    until_fixed: bool = False
    line: int | None = None

    def expired(self, today: date) -> bool:
        return self.expires is not None and today > self.expires
