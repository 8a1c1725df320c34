"""How a policy writes a length of time."""

import re
from datetime import timedelta

_DURATION = re.compile(r"(\d{1,5})(s|m|h|d)")


def duration(text: str) -> timedelta:
    """`90s`, `30m`, `72h` or `7d`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("a duration is a number with s, m, h or d, such as `72h`")
    number, unit = int(match[1]), match[2]
    return timedelta(**{{"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[unit]: number})
