"""Pieces scanned, by several processes where there is much of it, and what there is to tell of each, in their order."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tidegate.domain.secrets.canary import Canary
from tidegate.domain.secrets.engine import Hit, Scanner
from tidegate.domain.secrets.fingerprint import Fingerprints
from tidegate.domain.secrets.slices import Piece
from tidegate.errors import UndecidedError
from tidegate.formats.records import dump, load
from tidegate.formats.secret_baseline import salt_of
from tidegate.ports import Crew, NoCrew, World
from tidegate.stages.secret_names import Names

if TYPE_CHECKING:
    from tidegate.domain.secrets.detector import Detector
    from tidegate.policy.controls import DetectorRule
    from tidegate.policy.schema import Policy

ALONE = 2 << 20
"""So much is searched before others are called to help: starting them takes as long."""
PART = 24 << 20
"""About so much is searched by one process at a time: git unpacks what belongs together faster."""
SMALL = 256 << 10
"""Parts are no smaller, and at least four for each process, so that all end at about the same time."""
ITEMS = 64
MAX_ITEMS = 20_000
SAY_EVERY = 0.2

Watch = Callable[[Hit, bytes], None]
Read = Callable[[range], Iterator[tuple[int, Piece]]]
"""The pieces of some of a room's items, each with the number of its item."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to tell of one piece: its credentials, or why it was not searched; see `Piece`."""

    item: int
    path: str
    place: str = ""
    line: int = 0
    note: str = ""
    hits: tuple[Hit, ...] = ()
    fault: str = ""
    why: str = ""
    skip: str = ""
    more: bool = False
    """Was there more than is listed?"""


@dataclass(frozen=True, slots=True)
class Part:
    """What came of some items: how many were read, how many files that were (members of archives, too), their bytes."""

    items: int = 0
    files: int = 0
    size: int = 0
    seen: tuple[Seen, ...] = ()


@dataclass(slots=True)
class Scan:
    """One scanner for a whole search, and the token every part of it must find."""

    scanner: Scanner
    canary: Canary
    crew: Crew
    say: Callable[[str], None]
    size: int = 0
    """Bytes searched so far."""
    items: int = 0
    audit: Fingerprints | None = None
    """What names the findings of detect-secrets, where its profile is asked for."""
    watch: Watch | None = None
    own: str = ""
    """The baseline, whose fingerprints have the entropy of keys: detect-secrets does not list its own either."""
    names: Names = field(init=False)
    _said: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.names = Names(self.scanner)

    @classmethod
    def of(cls, policy: "Policy", world: World, commit: str, watch: Watch | None = None) -> "Scan":
        """What the policy asks for. What watches has to see everything, and so nobody helps it."""
        asked = policy.controls.secrets
        keys = Fingerprints.derived(salt_of(policy.files.get(asked.baseline or "", "")))
        scanner = Scanner(keys, tiers=frozenset(asked.tiers), extra=_own(asked.detectors), watch=watch)
        crew = NoCrew() if watch is not None else world.crew
        audit = keys if asked.profile == "detect-secrets" else None
        return cls(
            scanner, Canary.of(commit, keys), crew, world.say, audit=audit, watch=watch, own=asked.baseline or ""
        )

    def over(self, count: int, read: Read, what: str, most: int = PART) -> Iterator[Part]:
        """Search so many items, about `most` bytes at a time. UndecidedError when the scanner misses its token."""
        start, size, step, alone = 0, 0, ITEMS, self.crew.hands < 2
        # Others help when there was that much, and that much is left if it goes on as it began.
        while start < count and (alone or size <= ALONE or size * (count - start) <= ALONE * start):
            span = range(start, min(count, start + step))
            part = self.part(span, read)
            start, size = span.stop, size + part.size
            step = _step(start, size, most if alone else ALONE)
            yield self._told(part, start, count, what)
        left = size * (count - start) // max(1, start)
        step = _step(start, size, min(most, max(SMALL, left // (4 * self.crew.hands))))
        rest = [range(at, min(count, at + step)) for at in range(start, count, step)]
        answers = self.crew.map(lambda span: dump(self.part(span, read)).encode(), rest) if rest else iter(())
        for span, answer in zip(rest, answers, strict=True):
            yield self._told(load(Part, answer), span.stop, count, what)

    def part(self, span: range, read: Read) -> Part:
        """Search some items, and the token with them."""
        seen: list[Seen] = []
        size = files = 0
        done: set[int] = set()
        paths: dict[str, int] = {}
        named: set[int] = set()
        for item, piece in read(span):
            if item not in named:  # first comes the file itself; the names of members are searched with their archive
                named.add(item)
                paths.setdefault(piece.path, item)
            if piece.fault:
                path, why = self.names.told(piece.path), self.names.told(piece.why)
                seen.append(Seen(item, path, fault=piece.fault, why=why, skip=piece.skip))
                continue
            done.add(item)
            size += len(piece.data)
            files += piece.whole
            hits = self.hits(piece)
            if hits:
                more = self.scanner.more
                path, place = self.names.told(piece.path), self.names.told(piece.place or piece.path)
                seen.append(Seen(item, path, place, piece.line, piece.note, tuple(hits), more=more))
        seen += self._named(paths)
        if not self.canary.is_in(self.scanner.scan(self.canary.data)):
            raise UndecidedError("the scanner did not find its own canary", hint="report this as a bug of tidegate")
        return Part(len(done), files, size, tuple(seen))

    def _named(self, paths: Mapping[str, int]) -> Iterator[Seen]:
        """What the names of files hold."""
        listed = list(paths)
        for number, hit in self.names.hits(listed):
            path = self.names.told(listed[number])
            yield Seen(paths[listed[number]], path, path, 0, " (in its name)", (replace(hit, line=1, pragma=""),))

    def hits(self, piece: Piece) -> Sequence[Hit]:
        """What every engine finds in a piece."""
        hits = self.scanner.scan(piece.data, piece.place or piece.path)
        if self.audit is not None and piece.listed and piece.path != self.own:
            from tidegate.domain.secrets import audited  # needed by few

            hits += audited.beside(hits, piece.path, piece.data, self.audit, self.watch)
        return hits

    def _told(self, part: Part, done: int, count: int, what: str) -> Part:
        self.size += part.size
        self.items += part.items
        now = time.monotonic()
        if now - self._said > SAY_EVERY:
            self._said = now
            self.say(f"searched {done:,} of {count:,} {what}, {self.size >> 20:,} MB")
        return part


def _own(rules: "Sequence[DetectorRule]") -> "tuple[Detector, ...]":
    """The policy's own detectors."""
    if not rules:
        return ()
    from tidegate.domain.secrets import custom  # needed by few

    return custom.detectors(rules)


def _step(items: int, size: int, part: int) -> int:
    """How many items are a part, if they go on as they began."""
    return max(1, min(MAX_ITEMS, part * max(1, items) // max(1, size)))
