"""What is looked for in bytes, all at once: the literals and probes of detectors, and how encoded text looks.

A place names the end of a needle that was found; whoever looks for needles names every place a match needs, so that
what is judged afterwards does not depend on who looked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.secrets.detector import Detector

Places = list[int]
"""Each the end of a needle times `IDS` plus its number, ordered; the same may be told more than once."""
IDS = 1 << 14

BASE64 = rb"[CDI-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][0-9A-Za-z+/_-]"
"""Four characters whose decoding may be ASCII text; six times four random ones are so once in a million."""
HEX = rb"[2-7][0-9A-Fa-f]"
PERCENT = rb"%(?:2[25DEFdef]|3[0-9ADad]|[46][1-9A-Fa-f]|[57][0-9AFaf])"
WIDE = rb"(?:[\x09\x0a\x0d\x20-\x7e]\x00){12}"
"""ASCII in UTF-16, of either order: the other is the same a byte later."""
BASE64_WIDE = rb"[CDI-Za-f][AQgw][AB][0-9A-Za-z+/_-]A[AC-H][AEIMQUYcgkosw048]A"
"""ASCII in UTF-16, of either order, in base64, as PowerShell takes its commands."""
ESCAPE = rb"(?:\\u00|\\x[4-7][0-9A-Fa-f]|&#(?:x[4-7]|1[0-2]|[6-9][0-9]))"
"""How letters are written as escapes of JSON, of programs and of HTML: the first four characters."""
CODES = (BASE64 * 6, HEX * 20, PERCENT, WIDE, BASE64_WIDE * 3, ESCAPE)
"""How encoded text looks."""
WHOLE = tuple(map(re.compile, CODES))
WIDTHS = (24, 40, 3, 24, 24, 4)
"""How long each is."""


@dataclass(frozen=True, slots=True)
class Needle:
    """One of `texts`, in any case when `fold`, and what must follow it (a regular expression, "" for nothing)."""

    texts: tuple[bytes, ...]
    fold: bool
    tail: bytes = b""


@dataclass(frozen=True, slots=True)
class Needles:
    """All needles of some detectors. The numbers of `CODES` follow theirs."""

    every: tuple[Needle, ...]
    ranks: tuple[tuple[int, ...], ...]
    """For each, the numbers of the detectors it belongs to."""

    @classmethod
    def of(cls, detectors: Sequence[Detector]) -> "Needles":
        found: dict[Needle, list[int]] = {}
        for rank, detector in enumerate(detectors):
            groups = (detector.literals,) if detector.tail else tuple((literal,) for literal in detector.literals)
            for texts in groups:
                found.setdefault(Needle(texts, detector.fold, detector.tail.encode()), []).append(rank)
        return cls(tuple(found), tuple(tuple(dict.fromkeys(ranks)) for ranks in found.values()))

    @property
    def first(self) -> int:
        """The number of the first code."""
        return len(self.every)
