"""Debian orders epoch, upstream version and revision; `~` stands before the end, letters before everything else.

(Debian Policy Manual, 5.6.12)
"""

import re
from functools import lru_cache

from tidegate.domain.matching.orders.ordered import MAX_LENGTH, Ordered, refused

_DEBIAN = re.compile(r"(?:([0-9]{1,9}):)?([0-9A-Za-z.+~:-]*?[0-9A-Za-z.+~:])(?:-([0-9A-Za-z+.~]+))?")
_PAIR = re.compile(r"([^0-9]*)([0-9]*)")

# What is not a digit, ended by 0, and the number behind it.
_Pair = tuple[tuple[int, ...], int]
_END: _Pair = ((0,), 0)


@lru_cache(maxsize=32768)
def debian(text: str) -> Ordered:
    match = _DEBIAN.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise refused("Debian", text)
    epoch, upstream, revision = match.groups()
    # A colon is part of the upstream version only behind an epoch, a hyphen only before a revision.
    if (epoch is None and ":" in upstream) or (revision is None and "-" in upstream):
        raise refused("Debian", text)
    return (int(epoch or 0), _pairs(upstream), _pairs(revision or ""))


def _pairs(text: str) -> tuple[_Pair, ...]:
    """Alternating parts; an ending that says nothing (`1a` and `1a0`) is left out. The first pair stays: `0~ < 0`."""
    found = [((*map(_weight, word), 0), int(number or 0)) for word, number in _PAIR.findall(text)]
    while len(found) > 1 and found[-1] == _END:
        found.pop()
    return (*found, _END)


def _weight(letter: str) -> int:
    if letter == "~":
        return -1
    return ord(letter) if letter.isalpha() else ord(letter) + 256
