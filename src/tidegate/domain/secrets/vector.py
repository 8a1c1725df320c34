"""Needles found in one pass of a vector engine, which compiles them in a few milliseconds."""

from collections.abc import Callable, Sequence
from typing import Protocol

from tidegate.domain.secrets.needles import BASE64, BASE64_WIDE, CODES, HEX, IDS, WHOLE, WIDTHS, Needles, Places
from tidegate.domain.secrets.plain import Plain

# What begins a long code; the whole is asked of the few places where that is found. The engine takes ten times as long
# to compile the whole, and twice as long to compile anything together with the literals.
_BEGUN = (BASE64 * 3, HEX * 8, CODES[2], CODES[3], BASE64_WIDE, CODES[5])
_BEGUN_WIDTHS = (12, 16, 3, 24, 8, 4)


class Finder(Protocol):
    """Finds the places of needles and of `CODES`."""

    @property
    def name(self) -> str: ...
    def places(self, data: bytes) -> Places: ...


class Vector:
    """One database for all literals, one for those with the same tail, and one for each code."""

    __slots__ = ("_codes", "_first", "_needles")
    name = "hyperscan"

    def __init__(self, needles: Needles) -> None:
        import hyperscan  # has no wheel for every platform

        self._first = needles.first

        def compiled(numbers: Sequence[int], expressions: Sequence[bytes]) -> Callable[..., None]:
            database = hyperscan.Database()
            fold = [number < needles.first and needles.every[number].fold for number in numbers]
            database.compile(
                expressions=expressions,
                ids=numbers,
                elements=len(expressions),
                flags=[hyperscan.HS_FLAG_DOTALL | (hyperscan.HS_FLAG_CASELESS if each else 0) for each in fold],
            )
            scan: Callable[..., None] = database.scan
            return scan

        kinds: dict[bytes, dict[int, bytes]] = {}
        for number, needle in enumerate(needles.every):
            text = b"(?:" + b"|".join(map(_escaped, needle.texts)) + b")" if needle.tail else _escaped(needle.texts[0])
            kinds.setdefault(needle.tail, {})[number] = text + needle.tail
        self._needles = [compiled(tuple(kind), tuple(kind.values())) for kind in kinds.values()]
        self._codes = [compiled([needles.first + at], [code]) for at, code in enumerate(_BEGUN)]

    def places(self, data: bytes) -> Places:
        found: Places = []
        add, first = found.append, self._first

        def on(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            add(end * IDS + number)

        def on_code(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            start = end - _BEGUN_WIDTHS[number - first]
            if WHOLE[number - first].match(data, start):
                add((start + WIDTHS[number - first]) * IDS + number)

        for scan in self._needles:
            scan(data, on)
        for scan in self._codes:
            scan(data, on_code)
        found.sort()
        return found


def _escaped(text: bytes) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in text)


def finder(needles: Needles) -> Finder:
    """The vector engine where it runs, else the plain one."""
    try:
        import hyperscan
    except (ImportError, OSError):
        return Plain(needles)
    try:
        return Vector(needles)
    except hyperscan.error:  # a processor it does not know
        return Plain(needles)
