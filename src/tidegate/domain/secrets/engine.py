"""Credentials found in bytes, whatever the bytes are: named, placed and fingerprinted, their values never kept."""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.domain.secrets import plugins, providers
from tidegate.domain.secrets.detector import Detector
from tidegate.domain.secrets.fingerprint import Fingerprints
from tidegate.domain.secrets.windows import block, readable, window
from tidegate.domain.secrets.words import long_words

MAX_HITS = 1000
"""More than this in one input: the rest is not listed."""
MAX_MEMO = 50_000
MAX_MEMO_BYTES = 32 << 20
HEADER = 64

_ALLOW = re.compile(rb"tidegate:allow\s|pragma: ?allowlist[ -](?:nextline[ -])?secret")


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


@dataclass(frozen=True, slots=True)
class _Raw:
    start: int
    end: int
    rank: int
    fingerprint: str


def scan(data: bytes, keys: Fingerprints) -> list[Hit]:
    """Every credential in `data`, in order; at most `MAX_HITS`. For many inputs keep one `Scanner`."""
    return Scanner(keys).scan(data)


def scan_text(text: bytes, keys: Fingerprints | None = None) -> list[Hit]:
    """What would be published if `text` were: for payloads about to be signed."""
    return Scanner(keys or Fingerprints.derived()).scan(text)


def facts() -> tuple[tuple[str, str], ...]:
    """What scanned, for the evidence: sorted pairs."""
    detectors = (*providers.DETECTORS, *plugins.detectors())
    text = "\n".join(f"{d.id} {p.pattern} {p.flags}" for d in detectors for p in d.patterns)
    return (
        ("detect-secrets", plugins.version()),
        ("detectors", str(len(detectors))),
        ("ruleset", f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"),
    )


class Scanner:
    """The engine with its memory of lines already judged; one a run."""

    __slots__ = ("_detectors", "_keys", "_memo", "_memo_bytes")

    def __init__(self, keys: Fingerprints) -> None:
        self._keys = keys
        self._detectors = (*providers.DETECTORS, *plugins.detectors())
        self._memo: dict[tuple[int, bytes], tuple[tuple[int, int, str], ...]] = {}
        self._memo_bytes = 0

    def scan(self, data: bytes) -> list[Hit]:
        """Every credential in `data`, in order; at most `MAX_HITS`."""
        data = readable(data)
        lowered, words = data.lower(), long_words(data)
        low_words = words.lower()
        raw: list[_Raw] = []
        for rank, detector in enumerate(self._detectors):
            if not _may_hit(detector, low_words if detector.fold else words):
                continue
            seen = len(raw)
            for start, end in _places(detector, lowered if detector.fold else data):
                raw += [_Raw(start + a, start + b, rank, name) for a, b, name in self._judge(rank, data[start:end])]
                if len(raw) - seen > MAX_HITS:
                    break
        return self._hits(data, _without_overlaps(raw))

    def _judge(self, rank: int, piece: bytes) -> tuple[tuple[int, int, str], ...]:
        known = self._memo.get((rank, piece))
        if known is not None:
            return known
        if len(self._memo) >= MAX_MEMO or self._memo_bytes > MAX_MEMO_BYTES:
            self._memo.clear()
            self._memo_bytes = 0
        # Latin-1 keeps one character a byte, so places in the text are places in the data.
        found = tuple(_matches(self._detectors[rank], piece.decode("latin-1"), self._keys))
        self._memo[rank, piece] = found
        self._memo_bytes += len(piece)
        return found

    def _hits(self, data: bytes, raw: list[_Raw]) -> list[Hit]:
        hits: list[Hit] = []
        line, at = 1, 0
        for item in raw[:MAX_HITS]:
            line += data.count(b"\n", at, item.start)
            at = item.start
            begin = data.rfind(b"\n", max(0, at - 4096), at) + 1 or max(0, at - 4096)
            end = data.find(b"\n", at, at + 4096)
            detector = self._detectors[item.rank]
            hits.append(
                Hit(
                    detector.id,
                    detector.says,
                    line,
                    _characters(data[begin:at]) + 1 if begin == 0 or data[begin - 1 : begin] == b"\n" else 1,
                    item.end - item.start,
                    item.fingerprint,
                    _ALLOW.search(data[begin : end if end >= 0 else at + 4096]) is not None,
                )
            )
        return hits


def _may_hit(detector: Detector, words: bytes) -> bool:
    """Can there be a hit at all? Asked of the long words alone, which are a small part of most files."""
    if detector.apart is not None:
        return detector.apart.search(words) is not None
    if any(literal in words for literal in detector.literals):
        return True
    return detector.probe is not None and detector.probe.search(words) is not None


def _places(detector: Detector, data: bytes) -> Iterator[tuple[int, int]]:
    """Pieces of the data this detector must judge; together they are not much longer than the data."""
    around = block if detector.spans_lines else window
    for literal in detector.literals:
        at = data.find(literal)
        while at >= 0:
            start, end, onward = around(data, at)
            yield start, end
            at = data.find(literal, onward)
    if detector.probe is not None:
        match = detector.probe.search(data)
        while match is not None:
            start, end, onward = around(data, match.start())
            yield start, end
            match = detector.probe.search(data, onward)


def _matches(detector: Detector, text: str, keys: Fingerprints) -> Iterator[tuple[int, int, str]]:
    for pattern in detector.patterns:
        # A header that spans lines begins its piece; the rest of the piece is what follows it.
        for match in pattern.finditer(text, 0, HEADER if detector.spans_lines else len(text)):
            span = detector.value(match)
            if span is not None:
                yield *span, keys.of(detector.id, detector.normal(text, span))


def _without_overlaps(raw: list[_Raw]) -> list[_Raw]:
    """Of matches of the same text the detector listed first names it, and of one detector's the longest."""
    starts: list[int] = []
    kept: list[_Raw] = []
    for item in sorted(raw, key=lambda it: (it.rank, it.start - it.end, it.start)):
        at = bisect_left(starts, item.start)
        before = at > 0 and kept[at - 1].end > item.start
        after = at < len(kept) and kept[at].start < item.end
        if not before and not after:
            starts.insert(at, item.start)
            kept.insert(at, item)
    return kept


def _characters(data: bytes) -> int:
    return len(data.decode("utf-8", "replace"))
