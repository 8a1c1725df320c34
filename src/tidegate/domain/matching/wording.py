"""An advisory's summary as one short sentence about the fault."""

import re

MAX = 100

_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"'(])")
_INTRODUCES = re.compile(r"\bis (?:an?|the)\b", re.IGNORECASE)


def sentence(summary: str, package: str) -> str:
    """The first sentence that does not just say what the package is, without full stop, at most `MAX` characters."""
    first, *more = _ENDS.split(summary.strip())
    head = first[:80]
    if more and package.lower() in head.lower() and _INTRODUCES.search(head):
        first = more[0]
    plain = first.rstrip().rstrip(".").rstrip()
    if len(plain) <= MAX:
        return plain
    cut = plain[:MAX].rpartition(" ")[0] or plain[:MAX]
    return cut.rstrip(" ,;:(") + "…"
