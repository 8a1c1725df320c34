"""SOURCE_DATE_EPOCH: the time documents carry, where whoever builds wants to say it himself."""

import os
from datetime import UTC, datetime

from tidegate.errors import UserError

VARIABLE = "SOURCE_DATE_EPOCH"
_LAST = 253_402_300_799  # the last second of the year 9999


def source_date_epoch() -> str:
    """As RFC 3339 in UTC, "" where it is unset. Raises UserError for anything but seconds."""
    text = os.environ.get(VARIABLE, "")
    if not text:
        return ""
    if not text.isascii() or not text.isdecimal() or len(text) > 12 or int(text) > _LAST:
        raise UserError(f"{VARIABLE} is no count of seconds", hint="unset it, or set it to a commit's time")
    return f"{datetime.fromtimestamp(int(text), UTC):%Y-%m-%dT%H:%M:%SZ}"
