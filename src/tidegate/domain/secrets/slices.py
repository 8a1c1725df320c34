"""Pieces of files: bytes with their place, none of them longer than memory allows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

WHOLE = 64 << 20
"""Up to this size an archive is opened that lies in memory."""
SLICE = 16 << 20
"""What is longer is scanned in pieces of this size."""
OVERLAP = 64 << 10
"""So much of a piece is in the next one, too: whatever can be judged at all lies whole in one of them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes to scan, whose first line is line `line + 1` of `path`.

    Or, with `fault`, what could not be read there: `fault` is a rule's id, `why` the message, `skip` its reason in a
    word or two, by which such places are counted.
    """

    path: str
    data: bytes = b""
    line: int = 0
    whole: bool = True
    """False for what is no file of its own: names of members, further slices of a long file."""
    fault: str = ""
    why: str = ""
    note: str = ""
    """Words behind its path: the layer of an image it lies in."""
    skip: str = ""
    listed: bool = False
    """Does git track it, and is it the whole file of the working tree itself?"""
    place: str = ""
    """What names it in findings where that is not its path: what stays the same in the next release."""


class Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Joined:
    """What was read ahead of a stream, and then the stream."""

    __slots__ = ("_head", "_stream")

    def __init__(self, head: bytes, stream: Reader) -> None:
        self._head, self._stream = memoryview(head), stream

    def read(self, size: int) -> bytes:
        if not self._head:
            return self._stream.read(size)
        taken = bytes(self._head[:size])
        self._head = self._head[size:]
        return taken


def slices(path: str, stream: Reader) -> Iterator[Piece]:
    """A stream in overlapping pieces, however long it is."""
    line, whole = 0, True
    piece = stream.read(SLICE)
    while True:
        yield Piece(path, piece, line, whole)
        whole = False
        more = stream.read(SLICE)
        if not more:
            return
        line += piece.count(b"\n", 0, max(0, len(piece) - OVERLAP))
        piece = piece[-OVERLAP:] + more
