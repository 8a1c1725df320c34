"""Exceptions are one noun: what is accepted, why, by whom, and until when."""

from datetime import date
from enum import StrEnum

from tidegate.late import dataclass


class Origin(StrEnum):
    """Where an exemption was written down."""

    POLICY = "policy"
    EXCLUDE = "exclude"
    INLINE = "inline"
    BASELINE = "baseline"
    GRANT = "grant"
    VEX = "vex"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Accepts exactly one subject of one rule (or, for `exclude`, one path in rows 1, 2 and 4).

    `about` equals the finding's `about`; no wildcards. Either `expires` (a date, inclusive) or `until_fixed` is set;
    a VEX statement is about one version of a package and ends with it.
    """

    rule: str
    about: str
    reason: str
    owner: str
    expires: date | None
    origin: Origin
    until_fixed: bool = False
    line: int | None = None
    status: str = ""
    """What VEX is told about it, in OpenVEX's words; "" means affected, and accepted."""
    justification: str = ""
    """Why it is not affected, one of OpenVEX's labels."""

    def expired(self, today: date) -> bool:
        return self.expires is not None and today > self.expires
