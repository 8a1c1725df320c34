"""Blobs of the repository as they are searched: read one after the other, and the large ones in pieces."""

from collections.abc import Iterator, Sequence

from tidegate.domain.secrets.apart import Apart, may_be_packed
from tidegate.domain.secrets.slices import SLICE, WHOLE, Joined, Piece, slices
from tidegate.errors import FormatError
from tidegate.ports import Blob, World

MAX_BLOB = 4 << 30
"""Beyond this size not even the pieces are read."""


def pieces(world: World, blobs: Sequence[tuple[str, str]]) -> Iterator[tuple[int, Piece]]:
    """What is in each blob (id, path), with its number."""
    numbers: dict[str, list[int]] = {}
    for number, (oid, _) in enumerate(blobs):
        numbers.setdefault(oid, []).append(number)
    opener = Apart()
    if not numbers:
        return
    for blob in world.git.contents(list(numbers), SLICE):
        for number in numbers[blob.oid]:
            path = blobs[number][1] or blob.oid
            parts = opener.file(path, blob.data) if blob.data is not None else _unread(world, path, blob)
            for piece in parts:
                yield number, piece


def _unread(world: World, path: str, blob: Blob) -> Iterator[Piece]:
    if not blob.size:
        yield Piece(path, fault="history-incomplete", why=f"`{path}`: {blob.why}", skip="missing")
        return
    if blob.size > MAX_BLOB:
        yield Piece(path, fault="file-unscanned", why=f"`{path}`: {blob.why}", skip="too large")
        return
    try:
        given = world.git.pieces(blob.oid, SLICE)
        head = next(given, b"")
        packed = may_be_packed(path, head)
        if packed and blob.size <= WHOLE:
            yield from Apart().file(path, b"".join((head, *given)))
            return
        yield from slices(path, Joined(head, _Stream(given)))
    except FormatError as error:
        yield Piece(path, fault="file-unscanned", why=error.message, skip="unreadable")
        return
    if packed:
        why = f"`{path}` is an archive too large to be opened"
        yield Piece(path, fault="file-unscanned", why=why, skip="too large")


class _Stream:
    """Pieces of one size, read as they come."""

    def __init__(self, given: Iterator[bytes]) -> None:
        self._given = given

    def read(self, _size: int, /) -> bytes:
        return next(self._given, b"")
