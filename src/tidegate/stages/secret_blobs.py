"""Blobs of the repository as they are searched: read one after the other, and the large ones in pieces."""

from collections.abc import Iterator, Sequence

from tidegate.domain.secrets.apart import HEAD, TAIL, Apart, may_be_packed
from tidegate.domain.secrets.slices import SLICE, WHOLE, Piece, slices
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
    stream = _Stream(world.git.pieces(blob.oid, SLICE))
    try:
        if blob.size <= WHOLE:
            yield from Apart().file(path, b"".join(stream.all()))
            return
        yield from slices(path, stream)
    except FormatError as error:
        yield Piece(path, fault="file-unscanned", why=error.message, skip="unreadable")
        return
    if may_be_packed(path, stream.head + stream.tail):
        why = f"`{path}` is an archive too large to be opened"
        yield Piece(path, fault="file-unscanned", why=why, skip="too large")


class _Stream:
    """Pieces of one size, read as they come; what tells an archive is kept: its beginning and its end."""

    def __init__(self, given: Iterator[bytes]) -> None:
        self._given = given
        self.head = self.tail = b""

    def read(self, _size: int, /) -> bytes:
        piece = next(self._given, b"")
        self.head = self.head or piece[:HEAD]
        self.tail = (self.tail + piece)[-TAIL:]
        return piece

    def all(self) -> Iterator[bytes]:
        return self._given
