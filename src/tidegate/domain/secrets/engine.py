"""Credentials found in bytes, whatever the bytes are: named, placed and fingerprinted, their values never kept."""

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from tidegate.domain.secrets import compiled, plugins, providers
from tidegate.domain.secrets.coded import DEPTH, decoded
from tidegate.domain.secrets.detector import Detector
from tidegate.domain.secrets.fingerprint import Fingerprints
from tidegate.domain.secrets.naming import Name, name, shown
from tidegate.domain.secrets.needles import IDS, Needles
from tidegate.domain.secrets.plain import Plain
from tidegate.domain.secrets.remarks import asks, line, remark
from tidegate.domain.secrets.stretches import Search, Spots, is_cut, stretches
from tidegate.domain.secrets.vector import finder
from tidegate.domain.secrets.windows import readable

MAX_HITS = 1000
"""More than this in one input: the rest is not listed."""
MAX_EACH = MAX_HITS + 1
MAX_RAW = 20 * MAX_HITS
MAX_MEMO = 50_000
MAX_MEMO_BYTES = 32 << 20
HEADER = 96
MAX_CACHED = 64
INNER = IDS
"""Added to the number of a detector for each encoding its match was found in: what lies open has precedence."""
BLOCKING = frozenset({"block"})


@dataclass(frozen=True, slots=True)
class Hit:
    """One credential: what it is and where it lies (1-based line and column, in characters), never its value.

    `allowed` says that a comment on its line asks to let it pass; a provider's token stays a finding all the same.
    """

    id: str
    says: str
    line: int
    column: int
    width: int
    fingerprint: str
    allowed: bool = False
    tier: str = "block"
    mend: str = ""
    """How it is revoked and rotated."""
    key: str = ""
    """What a weak value is given to: the fingerprint is then of path, rule and key, and not of the value."""
    pragma: str = ""
    """The text of a `tidegate:allow …` on its line or the line before."""


@dataclass(frozen=True, slots=True)
class _Raw:
    start: int
    end: int
    rank: int
    name: Name


def scan(data: bytes, keys: Fingerprints) -> list[Hit]:
    """Every credential in `data`, in order; at most `MAX_HITS`. For many inputs keep one `Scanner`."""
    return Scanner(keys).scan(data)


def scan_text(text: bytes, keys: Fingerprints | None = None) -> list[Hit]:
    """What would be published if `text` were: for payloads about to be signed."""
    return Scanner(keys or Fingerprints.derived()).scan(text)


def facts(scanner: "Scanner | None" = None) -> tuple[tuple[str, str], ...]:
    """What scanned, for the evidence: sorted pairs."""
    search = scanner.search if scanner is not None else _search(False, BLOCKING)
    text = "\n".join(f"{each.id} {each.tier} {each.patterns.names!r}" for each in search.detectors)
    return (
        ("detect-secrets", plugins.version()),
        ("detectors", str(len(search.detectors))),
        ("engine", search.finder.name),
        ("ruleset", f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"),
    )


@cache
def detectors() -> tuple[Detector, ...]:
    """All there are, in order of precedence."""
    return (*providers.DETECTORS, *compiled.detectors(), *plugins.detectors())


@lru_cache(MAX_CACHED)
def _search(plain: bool, tiers: frozenset[str], extra: tuple[Detector, ...] = ()) -> Search:
    asked = tuple(detector for detector in (*detectors(), *extra) if detector.tier in tiers)
    needles = Needles.of(asked)
    lines = tuple(sum(1 << rank for rank in ranks if not asked[rank].spans_lines) for ranks in needles.ranks)
    spans = {
        number: tuple((rank, max(map(len, asked[rank].literals))) for rank in ranks if asked[rank].spans_lines)
        for number, ranks in enumerate(needles.ranks)
    }
    found = Plain(needles) if plain else finder(needles)
    near = frozenset(at for at, ranks in enumerate(needles.ranks) if any(asked[rank].near for rank in ranks))
    return Search(asked, found, lines, {number: each for number, each in spans.items() if each}, near)


class Scanner:
    """The engine with its memory of lines already judged; one a run. `plain` searches without a vector engine.

    `extra` are detectors of the user's own; of two that match the same text ours names it. `watch` is shown each hit
    and the bytes of its value, which it must not keep; b"" for one found inside an encoding.
    """

    __slots__ = ("_keys", "_memo", "_memo_bytes", "_watch", "more", "search")

    def __init__(
        self,
        keys: Fingerprints,
        *,
        plain: bool = False,
        tiers: frozenset[str] = BLOCKING,
        extra: tuple[Detector, ...] = (),
        watch: Callable[[Hit, bytes], None] | None = None,
    ) -> None:
        self._keys = keys
        self._watch = watch
        self.more = False
        """Was there more in the last input than is listed, or than was looked at?"""
        self.search = _search(plain, tiers, extra)
        self._memo: dict[tuple[int, bytes], tuple[tuple[int, int, int, Name], ...]] = {}
        self._memo_bytes = 0

    def scan(self, data: bytes, path: str = "") -> list[Hit]:
        """Every credential in `data`, in order; at most `MAX_HITS`. `path`, its lasting place, names weak ones."""
        data = readable(data)
        self.more = False
        raw = _without_overlaps(self._raw(data, DEPTH), self._is_soft)
        self.more |= len(raw) >= MAX_HITS
        return self._hits(data, raw, path)

    def _is_soft(self, rank: int) -> bool:
        return self.search.detectors[rank % INNER].tier != "block"

    def _raw(self, data: bytes, depth: int) -> list[_Raw]:
        places = self.search.finder.places(data)
        if not places:
            return []
        raw: list[_Raw] = []
        seen: dict[int, int] = {}
        asked = -1
        for start, end, ranks, spots in stretches(self.search, data, places):
            if not ranks & asked:
                continue
            for a, b, rank, named in self._judge(ranks & asked, data[start:end], start, spots):
                if is_cut(data, start, end, a, b):
                    continue
                seen[rank] = seen.get(rank, 0) + 1
                if seen[rank] <= MAX_EACH:
                    raw.append(_Raw(start + a, start + b, rank, named))
                else:
                    asked &= ~(1 << rank)
                    self.more = True
        if depth:
            for inner in decoded(data, places, len(self.search.lines)):
                for item in self._raw(inner.data, depth - 1):
                    raw.append(_Raw(*inner.outer(item.start, item.end), item.rank + INNER, item.name))
                if len(raw) > MAX_RAW:
                    self.more = True
                    break
        return raw

    def _judge(self, ranks: int, piece: bytes, start: int, spots: Spots) -> tuple[tuple[int, int, int, Name], ...]:
        """Every (start, end, number, name) the detectors of the bits of `ranks` find in a piece that begins at `start`
        and has needles that end at `spots`."""
        known = self._memo.get((ranks, piece))
        if known is not None:
            return known
        if len(self._memo) >= MAX_MEMO or self._memo_bytes > MAX_MEMO_BYTES:
            self._memo.clear()
            self._memo_bytes = 0
        # Latin-1 keeps one character a byte, so places in the text are places in the data.
        found: list[tuple[int, int, int, Name]] = []
        text, left, rank = "", ranks, -1
        while left:
            step = (left & -left).bit_length()
            rank, left = rank + step, left >> step
            detector = self.search.detectors[rank]
            if detector.exact and found and self._are_found(detector, piece, found):
                continue
            if detector.needs is None or detector.needs.search(piece) is not None:
                text = text or piece.decode("latin-1")
                for match in _near(detector, text, start, spots) if detector.near else _anywhere(detector, text):
                    span = detector.value(match)
                    if span is not None:
                        found.append((*span, rank, name(detector, text, span, self._keys)))
        known = self._memo[ranks, piece] = tuple(found)
        self._memo_bytes += len(piece)
        return known

    def _are_found(self, detector: Detector, piece: bytes, found: list[tuple[int, int, int, Name]]) -> bool:
        """Does all that a detector needs lie in credentials found before, which have precedence?"""
        sure = [(a, b) for a, b, rank, _ in found if self.search.detectors[rank].tier == "block"]
        spans = detector.needs.spans(piece) if detector.needs is not None else []
        return bool(spans) and all(any(a <= start and end <= b for a, b in sure) for start, end in spans)

    def _hits(self, data: bytes, raw: list[_Raw], path: str) -> list[Hit]:
        hits: list[Hit] = []
        spans = [(item.start, item.end) for item in raw]
        number, at = 1, 0
        for item in raw[:MAX_HITS]:
            number += data.count(b"\n", at, item.start)
            at = item.start
            begin, _ = line(data, at)
            detector = self.search.detectors[item.rank % INNER]
            fingerprint, key = item.name
            hits.append(
                Hit(
                    detector.id,
                    detector.says,
                    number,
                    _characters(data[begin:at]) + 1 if begin == 0 or data[begin - 1] == 0x0A else 1,
                    item.end - item.start,
                    fingerprint or self._keys.placed(path, detector.id, key),
                    asks(data, at),
                    detector.tier,
                    detector.mend,
                    "" if fingerprint else shown(key, data[at : item.end].decode("latin-1")),
                    remark(data, at, spans),
                )
            )
            if self._watch is not None:
                self._watch(hits[-1], data[at : item.end] if item.rank < INNER else b"")
        return hits


def _anywhere(detector: Detector, text: str) -> Iterator[re.Match[str]]:
    for pattern in detector.patterns():
        # A header that spans lines begins its piece; the rest of the piece is what follows it.
        yield from pattern.finditer(text, 0, HEADER if detector.spans_lines and not detector.below else len(text))


def _near(detector: Detector, text: str, start: int, spots: Spots) -> Iterator[re.Match[str]]:
    """What `_anywhere` finds, as no match begins anywhere else."""
    for pattern in detector.patterns():
        behind = 0
        for spot in spots[bisect_left(spots, start) : bisect_right(spots, start + len(text))]:
            for at in range(max(behind, spot - start - detector.near), spot - start + 1):
                behind = at + 1
                match = pattern.match(text, at)
                if match is not None:
                    yield match
                    behind = max(behind, match.end())
                    break


def _without_overlaps(raw: list[_Raw], soft: Callable[[int], bool]) -> list[_Raw]:
    """Of matches of the same text the detector listed first names it, and of one detector's the longest.

    What is `soft` never takes a token's place, not even that of one in an encoding: it would open the gate for it.
    """
    starts: list[int] = []
    kept: list[_Raw] = []
    for item in sorted(raw, key=lambda it: (soft(it.rank), it.rank, it.start - it.end, it.start)):
        at = bisect_left(starts, item.start)
        before = at > 0 and kept[at - 1].end > item.start
        after = at < len(kept) and kept[at].start < item.end
        if not before and not after:
            starts.insert(at, item.start)
            kept.insert(at, item)
    return kept


def _characters(data: bytes) -> int:
    return len(data.decode("utf-8", "replace"))
