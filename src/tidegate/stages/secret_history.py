"""What the history holds: every blob of a span once, and what of it is new; commits, tags and notes."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.secrets import rules
from tidegate.domain.secrets.slices import Piece
from tidegate.errors import FormatError
from tidegate.model.evidence import Coverage
from tidegate.model.listing import Listing
from tidegate.ports import First, Message, Span, World
from tidegate.stages import secret_blobs
from tidegate.stages.secret_findings import MAX_FINDINGS, Room, about_hit
from tidegate.stages.secret_report import Account
from tidegate.stages.secret_scan import Scan, Seen

MAX_SEEN = 4 * MAX_FINDINGS
"""So many blobs with something to tell are remembered."""
BLOBS = 128 << 20
"""Searched by one process at a time: each begins anew to unpack what the blobs have in common."""
BATCH = 200
"""Messages searched at a time."""


@dataclass(slots=True)
class History:
    """The search of one span."""

    account: Account
    world: World
    span: Span

    def blobs(self, known: Collection[str], wanted: Callable[[str], bool] = lambda _path: True) -> None:
        """Search every blob but the `known` ones, which the tree's search has judged, at the paths that are wanted."""
        room = Room(rules.IN_HISTORY)
        listing = self.world.git.listing(self.span)
        for oid in listing.missing:
            self._missing(oid)
        listing = listing.only(lambda _, path: wanted(path))
        room.expected = len(listing) + len(listing.missing)
        rest = listing.only(lambda oid, _: oid not in known) if known else listing
        room.examined = len(listing) - len(rest)
        self._tell(room, rest, self._seen(room, rest))
        if room.expected:
            commits = self.world.git.commits(self.span)
            detail = "1 commit" if commits == 1 else f"{commits} commits"
            self.account.coverage.append(Coverage("history files", room.examined, room.expected, detail=detail))

    def _missing(self, oid: str) -> None:
        self.account.told.skipped["missing"] += 1
        self.account.told.tell(rules.HISTORY, oid, f"`{oid}`: the object is missing from this clone")

    def _seen(self, room: Room, listing: Listing) -> list[Seen]:
        def read(span: range) -> Iterator[tuple[int, Piece]]:
            blobs = [(listing.oid(index), listing.path(index)) for index in span]
            for number, piece in secret_blobs.pieces(self.world, blobs):
                yield span[number], piece

        seen: list[Seen] = []
        for part in self.account.scan.over(len(listing), read, "blobs", BLOBS):
            room.examined += part.items
            seen += part.seen
            if len(seen) > MAX_SEEN:
                self.account.told.tell(
                    rules.TOO_MANY, "history", f"more than {MAX_SEEN} files of the history hold credentials"
                )
                break
        return seen

    def _tell(self, room: Room, listing: Listing, seen: Sequence[Seen]) -> None:
        found = [each for each in seen if each.hits]
        firsts = self.world.git.firsts(self.span, {listing.oid(each.item) for each in found})
        found = self._renamed(listing, found, firsts)
        before = self._before(found)
        order = sorted(found, key=lambda each: _order(firsts.get(listing.oid(each.item)), each))
        for each in (*(each for each in seen if each.fault), *order):
            hits = tuple(hit for hit in each.hits if about_hit(each, hit) not in before)
            self.account.old += len(each.hits) - len(hits)
            if each.fault or hits or each.more:
                self.account.told.see(room, replace(each, hits=hits), firsts.get(listing.oid(each.item)))

    def _renamed(self, listing: Listing, found: Sequence[Seen], firsts: Mapping[str, First]) -> list[Seen]:
        """A blob is listed at one of its paths, another one tomorrow; it is told at the path it was first at."""
        kept: list[Seen] = []
        again: dict[int, str] = {}
        for each in found:
            first = firsts.get(listing.oid(each.item))
            if first is None or first.path == listing.path(each.item):
                kept.append(each)
            else:
                again[each.item] = first.path
        return kept + rescanned(
            self.account.scan, self.world, [(item, listing.oid(item), path) for item, path in again.items()]
        )

    def _before(self, found: Sequence[Seen]) -> frozenset[str]:
        """The subjects of what the same paths held at the base."""
        if not self.span.base or not found:
            return frozenset()
        return held(self.account.scan, self.world, self.span.base, {each.path.partition("!/")[0] for each in found})

    def messages(self) -> None:
        """Search commits, annotated tags and notes."""
        room = Room(rules.IN_MESSAGE)
        batch: list[Message] = []
        try:
            for message in self.world.git.messages(self.span):
                room.expected += 1
                batch.append(message)
                if len(batch) >= BATCH:
                    self._batch(room, batch)
                    batch = []
        except FormatError as error:
            room.expected += 1
            self.account.told.skipped["too large"] += 1
            self.account.told.tell(rules.UNSCANNED, "messages", error.message)
        self._batch(room, batch)
        if room.expected:
            self.account.coverage.append(Coverage("messages", room.examined, room.expected))

    def _batch(self, room: Room, batch: Sequence[Message]) -> None:
        def read(span: range) -> Iterator[tuple[int, Piece]]:
            for index in span:
                message = batch[index]
                yield index, Piece(f"note of {message.note}" if message.note else message.oid, message.data)

        if batch:
            part = self.account.scan.part(range(len(batch)), read)
            room.examined += part.items
            self.account.told.take(room, part)


def held(scan: Scan, world: World, commit: str, paths: Collection[str]) -> frozenset[str]:
    """The subjects of all credentials these paths hold at a commit."""
    blobs = [(entry.oid, entry.path) for entry in world.git.tree(commit) if entry.path in paths]
    seen = rescanned(scan, world, [(0, oid, path) for oid, path in blobs])
    return frozenset(about_hit(each, hit) for each in seen for hit in each.hits)


def rescanned(scan: Scan, world: World, blobs: Sequence[tuple[int, str, str]]) -> list[Seen]:
    """What is seen in blobs (number, id, path)."""

    def read(span: range) -> Iterator[tuple[int, Piece]]:
        some = [(blobs[index][1], blobs[index][2]) for index in span]
        for number, piece in secret_blobs.pieces(world, some):
            yield blobs[span[number]][0], piece

    return [each for part in scan.over(len(blobs), read, "blobs") for each in part.seen if each.hits]


def _order(first: First | None, each: Seen) -> tuple[bool, int, str, int]:
    """By commit, and what no commit holds (a tag may name a blob) last."""
    return (first is None, first.place if first else 0, each.path, each.line)
