"""Two files of one name that are not the same bytes: which members differ, and why most likely."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from tidegate.domain.builds import causes
from tidegate.errors import FormatError
from tidegate.formats import archive_headers, archives
from tidegate.formats.archive_headers import Header
from tidegate.formats.rebuild import MAX_LISTED, Cause, Difference, spelt
from tidegate.model.release import ArtifactKind

LOOKED_INTO = 1 << 20
"""A larger content is compared and not looked into."""
_KEPT = 32 << 20
_CHUNK = 1 << 20
_PLAIN = frozenset({ArtifactKind.FILE, ArtifactKind.IMAGE})


@dataclass(frozen=True, slots=True)
class _Archive:
    """One side: the digest of each member's content (a link's is where it points), and every header by path."""

    contents: Mapping[str, str]
    order: Sequence[str]
    headers: Mapping[str, Header]
    wrapping: tuple[str, str]


@dataclass(slots=True)
class _Found:
    """Causes by member, in the order they are found."""

    causes: dict[str, list[Cause]] = field(default_factory=dict)

    def add(self, member: str, *more: Cause) -> None:
        known = self.causes.setdefault(member, [])
        known += [cause for cause in more if cause not in known]


def compare(
    released: BinaryIO, rebuilt: BinaryIO, kind: ArtifactKind, folder: str
) -> tuple[tuple[Difference, ...], int]:
    """At most `MAX_LISTED` differences, and how many more there are. `folder` is where the rebuild was made.

    Never raises for what is in the files: one that cannot be read differs as a whole.
    """
    where = folder.encode("utf-8", "surrogateescape")
    if kind in _PLAIN:
        found = _whole(released, rebuilt, where)
    else:
        try:
            found = _archives(released, rebuilt, kind, where)
        except FormatError:
            found = _Found({"": [Cause.UNREADABLE]})
    listed = sorted(found.causes.items())
    named = tuple(Difference(spelt(member) if member else "", tuple(why)) for member, why in listed)
    return named[:MAX_LISTED], max(0, len(named) - MAX_LISTED)


def _whole(released: BinaryIO, rebuilt: BinaryIO, folder: bytes) -> _Found:
    left, right = (_bounded(stream) for stream in (released, rebuilt))
    return _Found({"": list(causes.of_content("", left, right, folder))})


def _bounded(stream: BinaryIO) -> bytes | None:
    stream.seek(0)
    data = stream.read(LOOKED_INTO + 1)
    return data if len(data) <= LOOKED_INTO else None


def _archives(released: BinaryIO, rebuilt: BinaryIO, kind: ArtifactKind, folder: bytes) -> _Found:
    left, right = _read(released, kind), _read(rebuilt, kind)
    found = _Found()
    for path in left.contents.keys() - right.contents.keys():
        found.add(path, Cause.REMOVED)
    for path in right.contents.keys() - left.contents.keys():
        found.add(path, Cause.ADDED)
    both = left.contents.keys() & right.contents.keys()
    changed = sorted(path for path in both if left.contents[path] != right.contents[path])
    _contents(found, changed, (released, rebuilt), kind, folder)
    altered = frozenset(changed)
    for path, before in left.headers.items():
        if (after := right.headers.get(path)) is not None and (why := tuple(_headed(before, after, path in altered))):
            found.add(path, *why)
    _around(found, left, right)
    return found


def _around(found: _Found, left: _Archive, right: _Archive) -> None:
    """The archive itself: the order of what both sides have, and what it is wrapped in."""
    shared = set(left.order) & set(right.order)
    if [path for path in left.order if path in shared] != [path for path in right.order if path in shared]:
        found.add("", Cause.ORDER)
    if left.wrapping[0] != right.wrapping[0]:
        found.add("", Cause.TIMESTAMP)
    if left.wrapping[1] != right.wrapping[1] or not found.causes:
        found.add("", Cause.COMPRESSION)


def _headed(before: Header, after: Header, altered: bool) -> Iterator[Cause]:
    if before.time != after.time:
        yield Cause.TIMESTAMP
    if before.mode != after.mode:
        yield Cause.PERMISSIONS
    if before.owner != after.owner:
        yield Cause.OWNER
    # The packed size of another content is another of its own.
    if not altered and before.packing != after.packing:
        yield Cause.COMPRESSION


def _contents(
    found: _Found,
    changed: Sequence[str],
    sides: tuple[BinaryIO, BinaryIO],
    kind: ArtifactKind,
    folder: bytes,
) -> None:
    """Look into what differs, as far as it is small; a RECORD that only repeats it is a consequence."""
    wanted = frozenset(changed[: MAX_LISTED * 2])
    left, right = (_pieces(side, kind, wanted) for side in sides)
    for path in changed:
        pair = (left.get(path), right.get(path))
        if _repeats(path, *pair, frozenset(found.causes) | frozenset(changed)):
            found.add(path, Cause.CONSEQUENCE)
        else:
            found.add(path, *causes.of_content(path, *pair, folder))


def _repeats(path: str, left: bytes | None, right: bytes | None, differing: frozenset[str]) -> bool:
    """Is this a wheel's RECORD whose lines differ only about members that differ themselves?"""
    if left is None or right is None or not path.endswith(".dist-info/RECORD"):
        return False
    named = {line.rsplit(b",", 2)[0].strip(b'"') for line in set(left.split(b"\n")) ^ set(right.split(b"\n"))}
    return bool(named) and all(name.decode("utf-8", "replace").strip() in differing for name in named)


def _read(stream: BinaryIO, kind: ArtifactKind) -> _Archive:
    contents: dict[str, str] = {}
    for member in archives.members(stream, kind):
        if member.path and member.path not in contents:
            contents[member.path] = f"-> {member.link}" if member.link else _digest(member.stream)
    held = archive_headers.headers(stream, kind)
    by_path: dict[str, Header] = {}
    for header in held:
        by_path.setdefault(header.path, header)
    order = tuple(dict.fromkeys(header.path for header in held))
    return _Archive(contents, order, by_path, archive_headers.wrapping(stream))


def _digest(stream: BinaryIO | None) -> str:
    if stream is None:
        return "unreadable"
    hasher = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        hasher.update(chunk)
    return hasher.hexdigest()


def _pieces(stream: BinaryIO, kind: ArtifactKind, wanted: frozenset[str]) -> dict[str, bytes]:
    """The contents of these members that are small, and not too many together."""
    kept: dict[str, bytes] = {}
    if not wanted:
        return kept
    left = _KEPT
    for member in archives.members(stream, kind):
        if member.path in wanted and member.path not in kept and not member.link and member.stream is not None:
            data = member.stream.read(LOOKED_INTO + 1)
            if len(data) <= min(LOOKED_INTO, left):
                kept[member.path] = data
                left -= len(data)
    return kept
