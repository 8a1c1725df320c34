"""Where in some bytes a rule could match: one pass of a vector engine, or of plain searches where there is none.

Both name every place a match needs, so that what is judged afterwards is found by both.
"""

import re
from collections.abc import Sequence
from typing import Protocol

from tidegate.domain.secrets.detector import Detector

Places = list[int]
"""Each the end of a hit times `IDS` plus its number, ordered by end; the same hit may be told more than once."""
IDS = 1 << 14

BASE64 = rb"(?:[CDI-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][0-9A-Za-z+/_-]){6}"
"""24 characters whose decoding may be ASCII text; random characters are so once in a million."""
HEX = rb"(?:[2-7][0-9A-Fa-f]){20}"
PERCENT = rb"%(?:2[2DEFdef]|3[0-9ADad]|[46][1-9A-Fa-f]|[57][0-9AFaf])"
WIDE = rb"(?:[\x09\x0a\x0d\x20-\x7e]\x00){12}"
"""ASCII in UTF-16, of either order: the other is the same a byte later."""
CODES = (BASE64, HEX, PERCENT, WIDE)
"""How encoded text looks."""
WIDTHS = (24, 40, 3, 24)
"""How long a hit of each is."""


_STARTS = tuple(re.compile(b"(?=" + code + b")") for code in CODES)
# Stretches without which there is none of each, found faster.
_RUNS = tuple(
    map(re.compile, (rb"[0-9A-Za-z+/_-]{24,}", rb"[0-9A-Fa-f]{40,}", rb"%[2-7][0-9A-Fa-f]", rb"(?:[^\0]\0){12,}"))
)


class Finder(Protocol):
    """Finds the places of detectors, by their number, and of `CODES`, whose numbers follow."""

    @property
    def name(self) -> str: ...
    def places(self, data: bytes) -> Places: ...


def literals(detectors: Sequence[Detector]) -> dict[tuple[bytes, bool], tuple[int, ...]]:
    """(literal, folded) and the numbers of the detectors it belongs to."""
    found: dict[tuple[bytes, bool], list[int]] = {}
    for rank, detector in enumerate(detectors):
        for literal in detector.literals:
            found.setdefault((literal, detector.fold), []).append(rank)
    return {key: tuple(dict.fromkeys(ranks)) for key, ranks in found.items()}


class Plain:
    """Searches for one literal after the other; slow, and everywhere."""

    name = "plain"

    def __init__(self, detectors: Sequence[Detector]) -> None:
        # By the first three bytes: most of them are not in the data, and what begins with them need not be looked for.
        self._literals: dict[tuple[int, int, int], list[tuple[bytes, bool, tuple[int, ...]]]] = {}
        for (literal, fold), ranks in literals(detectors).items():
            low = literal.lower()
            self._literals.setdefault((low[0], low[1], low[2]), []).append((literal, fold, ranks))
        self._first = len(detectors)

    def places(self, data: bytes) -> Places:
        lowered = data.lower()
        found: Places = []
        threes = set(zip(lowered, lowered[1:], lowered[2:], strict=False))
        for literal, fold, ranks in (
            each for three in threes & self._literals.keys() for each in self._literals[three]
        ):
            text = lowered if fold else data
            at = text.find(literal)
            while at >= 0:
                found += [(at + len(literal)) * IDS + rank for rank in ranks]
                at = text.find(literal, at + 1)
        for number, width in enumerate(WIDTHS):
            for run in _RUNS[number].finditer(data):
                for match in _STARTS[number].finditer(run[0]):
                    found.append((run.start() + match.start() + width) * IDS + self._first + number)
        found.sort()
        return found


class Vector:
    """One pass over the data for all literals at once."""

    __slots__ = ("_database", "_ranks")
    name = "hyperscan"

    def __init__(self, detectors: Sequence[Detector]) -> None:
        import hyperscan  # has no wheel for every platform

        expressions: list[bytes] = []
        flags: list[int] = []
        self._ranks: list[tuple[int, ...]] = []

        def add(expression: bytes, flag: int, ranks: tuple[int, ...]) -> None:
            expressions.append(expression)
            flags.append(flag | hyperscan.HS_FLAG_DOTALL)
            self._ranks.append(ranks)

        for rank, detector in enumerate(detectors):
            if detector.probe:
                add(detector.probe.encode(), hyperscan.HS_FLAG_CASELESS if detector.fold else 0, (rank,))
        plain = literals([each for each in detectors if not each.probe])
        numbers = [rank for rank, each in enumerate(detectors) if not each.probe]
        for (literal, fold), ranks in plain.items():
            expression = b"".join(b"\\x%02x" % byte for byte in literal)
            add(expression, hyperscan.HS_FLAG_CASELESS if fold else 0, tuple(numbers[rank] for rank in ranks))
        for number, code in enumerate(CODES):
            add(code, 0, (len(detectors) + number,))
        self._database = hyperscan.Database()
        self._database.compile(expressions=expressions, flags=flags, elements=len(expressions))

    def places(self, data: bytes) -> Places:
        found: Places = []
        add, ranks = found.append, self._ranks

        def on(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            for rank in ranks[number]:
                add(end * IDS + rank)

        self._database.scan(data, match_event_handler=on)
        found.sort()
        return found


def finder(detectors: Sequence[Detector]) -> Finder:
    """The vector engine where it runs, else the plain one."""
    try:
        import hyperscan
    except (ImportError, OSError):
        return Plain(detectors)
    try:
        return Vector(detectors)
    except hyperscan.error:  # a processor it does not know
        return Plain(detectors)
