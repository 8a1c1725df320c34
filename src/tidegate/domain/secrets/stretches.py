"""What is judged: lines with a needle in them, windows of longer lines, and what lies below some literals."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tidegate.domain.secrets.detector import Detector
from tidegate.domain.secrets.needles import IDS, Places
from tidegate.domain.secrets.vector import Finder
from tidegate.domain.secrets.windows import STEP, WINDOW

HEADS = re.compile(rb"BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY|PuTTY-User-Key-File-\d")
"""What is behind the next of these belongs to the next key; any other head may be a comment within one."""
KEY = 16 << 10
"""Comments and other headers within a key may be long."""

Spots = Sequence[int]
"""Where needles end."""
Stretch = tuple[int, int, int, Spots]
"""(start, end, bits of the detectors to ask, where needles end)."""


@dataclass(frozen=True, slots=True)
class Search:
    """Detectors, and what looks for their needles: each needle's detectors as bits, those of more lines by number."""

    detectors: tuple[Detector, ...]
    finder: Finder
    lines: tuple[int, ...]
    spans: dict[int, tuple[tuple[int, int], ...]]
    """(number of the detector, length of its longest literal) by the number of the needle."""
    near: frozenset[int]
    """Needles whose places are told to a detector, which looks only around them."""


def stretches(search: Search, data: bytes, places: Places) -> Iterator[Stretch]:
    """Each line with a needle once, each window of a longer line once."""
    start = end = -1
    ranks, count, size = 0, len(search.lines), len(data)
    windows: dict[int, int] = {}
    spots: list[int] = []
    blocks: dict[int, list[tuple[int, int]]] = {}
    heads: list[int] = []
    for place in places:
        at, number = divmod(place, IDS)
        if number >= count:
            continue
        for rank, width in search.spans.get(number, ()):
            if search.detectors[rank].below:
                blocks.setdefault(rank, []).append((max(0, at - width), at))
            else:
                heads = heads or [head.start() for head in HEADS.finditer(data)] or [size]
                yield max(0, at - width), _next_key(heads, max(0, at - width), at, size), 1 << rank, ()
        if at > end:
            if ranks:
                yield start, end, ranks, spots
            if windows:
                yield from _windows(start, end, windows, spots)
                windows = {}
            ranks, spots = 0, []
            start = data.rfind(b"\n", 0, at - 1) + 1
            end = data.find(b"\n", at - 1)
            end = size if end < 0 else end
        if number in search.near:
            spots.append(at)
        if end - start <= WINDOW:
            ranks |= search.lines[number]
        else:
            cell = (at - 1 - start) // STEP
            for each in (cell - 1, cell) if cell else (cell,):
                windows[each] = windows.get(each, 0) | search.lines[number]
    if ranks:
        yield start, end, ranks, spots
    yield from _windows(start, end, windows, spots)
    for rank, found in blocks.items():
        yield from _blocks(rank, search.detectors[rank].below, found, len(data))


def _next_key(heads: Sequence[int], start: int, at: int, size: int) -> int:
    """Where what may be a key's ends: before the next head, and near where no key's head is."""
    number = bisect_left(heads, start)
    if number == len(heads) or heads[number] > at:
        return min(size, at + WINDOW, *heads[number : number + 1])
    return min(size, at + KEY, *heads[number + 1 : number + 2])


def _blocks(rank: int, below: int, found: Sequence[tuple[int, int]], size: int) -> Iterator[Stretch]:
    """Pieces over several lines around the literals of one detector (start, end); those near each other are one."""
    begin, spots = found[0][0], [found[0][1]]
    for start, at in found[1:]:
        if at + below - begin >= WINDOW:
            yield begin, min(size, spots[-1] + below), 1 << rank, spots
            begin, spots = start, []
        spots.append(at)
    yield begin, min(size, spots[-1] + below), 1 << rank, spots


def is_cut(data: bytes, start: int, end: int, a: int, b: int) -> bool:
    """Does a match touch an edge of its window that is no edge of the line, and lie in the next one, too?"""
    if end - start < WINDOW:
        return False
    right = b == end - start and a >= STEP and end < len(data) and data[end] != 0x0A
    return right or (a == 0 and b < STEP and start > 0 and data[start - 1] != 0x0A)


def _windows(start: int, end: int, windows: dict[int, int], spots: Spots) -> Iterator[Stretch]:
    for number, ranks in windows.items():
        begin = start + number * STEP
        yield begin, min(end, begin + WINDOW), ranks, spots
