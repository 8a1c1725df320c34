"""Files taken apart into what can be scanned: their bytes, and the members of archives within archives."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from tidegate.errors import FormatError
from tidegate.formats import archives
from tidegate.formats.archive_members import UNREADABLE, ArchiveMember
from tidegate.formats.images import layer
from tidegate.formats.images.blobs import Blobs
from tidegate.formats.images.platforms import walk
from tidegate.formats.oci import Descriptor
from tidegate.model.release import ArtifactKind

WHOLE = 64 << 20
"""Up to this size a file is scanned in one piece and, if it is an archive, opened."""
OVERLAP = 64 << 10
DEPTH = 2
MAX_NESTED = 4 << 30
DOCUMENT = 8 << 20
_IMAGE = "image-unscanned"


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes to scan, whose first line is line `line + 1` of `path`.

    Or, with `fault`, what could not be read there: `fault` is a rule's id, `why` the message.
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


class Opener:
    """Takes files apart, with one bound on everything that is unpacked from archives inside them."""

    def __init__(self) -> None:
        self._left = MAX_NESTED

    def file(self, path: str, data: bytes, depth: int = DEPTH) -> Iterator[Piece]:
        """A file and, `depth` levels down, what is in it when it is an archive."""
        yield Piece(path, data)
        kind = archives.kind_of(path.rpartition("/")[2], data[:512])
        if kind is ArtifactKind.FILE:
            return
        if depth == 0:
            yield Piece(path, fault="file-unscanned", why=f"`{path}` is an archive nested too deep to be opened")
            return
        try:
            for member in archives.members(io.BytesIO(data), kind):
                for problem in member.problems:
                    yield _unopened(path, f"in `{path}`: {problem.message}")
                yield from self._member(path, member, depth - 1)
        except FormatError as error:
            yield _unopened(path, f"`{path}`: {error.message}")

    def artifact(self, name: str, kind: ArtifactKind, stream: BinaryIO, blobs: Blobs | None = None) -> Iterator[Piece]:
        """An artifact's own bytes and all its members; paths are `name!/member`. `blobs` opens what an image names."""
        yield from slices(name, stream)
        if kind is ArtifactKind.IMAGE:
            yield from self._image(name, stream, blobs)
        if kind in (ArtifactKind.FILE, ArtifactKind.IMAGE):
            return
        names: list[str] = []
        try:
            for member in archives.members(stream, kind):
                # Names and link targets are published too.
                names += [member.path, member.link] if member.link else [member.path]
                yield from _unsearched(name, member)
                yield from self._member(name, member, DEPTH)
        except FormatError as error:
            yield Piece(name, fault="artifact-unscanned", why=error.message)
        yield Piece(name, "\n".join(names).encode("utf-8", "backslashreplace"), whole=False)

    def _image(self, name: str, stream: BinaryIO, blobs: Blobs | None) -> Iterator[Piece]:
        """Its configuration (variables, the commands it was built by) and every layer, deleted files and all."""
        if blobs is None:
            yield Piece(name, fault=_IMAGE, why=f"the layers of `{name}` were not taken, and not searched")
            return
        stream.seek(0)
        found = walk(stream.read(DOCUMENT), lambda item: blobs(item.digest))
        for problem in found.problems:
            yield Piece(f"{name}!/{problem.about}", fault=_IMAGE, why=f"`{name}`: {problem.message}")
        if not found.images:
            yield Piece(name, fault=_IMAGE, why=f"no image could be read behind the digest of `{name}`")
        self._left, budget = layer.MAX_IMAGE, layer.Budget()
        layers = {item.digest: item for image in found.images for item, _ in image.layers}
        for word, raw in dict.fromkeys(each for image in found.images for each in image.raw):
            yield Piece(f"{name}!/{word}", raw)
        for digest, item in layers.items():
            try:
                with blobs(digest) as data:
                    yield from self._layer(name, item, data, budget)
            except FormatError as error:
                why = f"the layer {digest.short} of `{name}`: {error.message}"
                yield Piece(f"{name}!/{digest}", fault=_IMAGE, why=why)

    def _layer(self, name: str, item: Descriptor, data: BinaryIO, budget: "layer.Budget") -> Iterator[Piece]:
        note = f" (layer {item.digest.short})"
        names: list[str] = []
        fault = None
        try:
            for member in layer.files(item, data, budget):
                names += [member.path, member.link] if member.link else [member.path]
                for piece in _unsearched(name, member):
                    yield replace(piece, note=note)
                for piece in self._member(name, member, DEPTH):
                    yield replace(piece, note=note)
        except FormatError as error:
            fault = error
        yield Piece(name, "\n".join(names).encode("utf-8", "backslashreplace"), whole=False, note=note)
        if fault is not None:
            raise fault

    def _member(self, outer: str, member: ArchiveMember, depth: int) -> Iterator[Piece]:
        path = f"{outer}!/{member.path}"
        if member.stream is None:
            return
        head = member.stream.read(WHOLE + 1)
        self._left -= len(head)
        if self._left < 0:
            yield Piece(path, fault="file-unscanned", why=f"`{outer}` unpacks to more than can be searched")
            raise FormatError(f"it unpacks to more than {MAX_NESTED >> 30} GiB")
        if len(head) <= WHOLE:
            yield from self.file(path, head, depth)
            return
        yield from slices(path, member.stream, head)
        if archives.kind_of(path.rpartition("/")[2], head[:512]) is not ArtifactKind.FILE:
            yield Piece(path, fault="file-unscanned", why=f"`{path}` is an archive too large to be opened")


def _unopened(path: str, why: str) -> Piece:
    """The archive itself was searched, and counted, as the bytes it is."""
    return Piece(path, whole=False, fault="nested-archive-unreadable", why=why)


def _unsearched(name: str, member: ArchiveMember) -> Iterator[Piece]:
    """What an archive's problems keep from being searched; names that are merely hostile do not."""
    if not member.path:
        for problem in member.problems:
            yield Piece(name, fault="artifact-unscanned", why=f"`{name}`: {problem.message}")
    elif member.stream is None and not member.link:
        for problem in member.problems:
            if member.size or problem.rule == UNREADABLE:
                yield Piece(f"{name}!/{member.path}", fault="artifact-unscanned", why=problem.message)


def slices(path: str, stream: BinaryIO, head: bytes = b"") -> Iterator[Piece]:
    """A stream in overlapping pieces, however long it is."""
    line = 0
    piece = head or stream.read(WHOLE)
    whole = True
    while True:
        yield Piece(path, piece, line, whole)
        whole = False
        more = stream.read(WHOLE)
        if not more:
            return
        line += piece.count(b"\n", 0, max(0, len(piece) - OVERLAP))
        piece = piece[-OVERLAP:] + more
