"""Files taken apart into what can be scanned: their bytes, and the members of archives within archives."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from tidegate.domain.secrets.slices import SLICE, WHOLE, Joined, Piece, slices
from tidegate.errors import FormatError
from tidegate.formats import archives, unpacking
from tidegate.formats.archive_members import UNREADABLE, ArchiveMember, bounded
from tidegate.formats.images import layer
from tidegate.formats.images.blobs import Blobs
from tidegate.formats.images.platforms import walk
from tidegate.formats.inside.nesting import closed
from tidegate.formats.oci import Descriptor
from tidegate.formats.zip_ends import ends_in_one
from tidegate.model.release import ArtifactKind

DEPTH = 3
"""Archives are opened this many levels deep, an artifact itself being the first."""
MAX_NESTED = 4 << 30
FREE = 64 << 20
"""What an archive may unpack to whatever its own size is; beyond it, `RATIO` times its size."""
RATIO = 100
FREE_MEMBERS = 10_000
MEMBER_SHARE = 32
"""Beyond so many, an archive may have one member for every so many bytes of its own."""
DOCUMENT = 8 << 20
_IMAGE = "image-unscanned"
_UNSCANNED = "file-unscanned"
_ENDINGS = {"gzip": ".gz", "bzip2": ".bz2", "xz": ".xz"}
_BZIP2 = b"1AY&SY"


class _Bomb(FormatError):
    """There is more in an archive than its size pays for."""


class _Spent(_Bomb):
    """There is more in all archives of a search than anybody looks at."""


class Opener:
    """Takes files apart, with one bound on everything that is unpacked from archives inside them."""

    def __init__(self) -> None:
        self._left = MAX_NESTED

    def file(self, path: str, data: bytes, depth: int = DEPTH, budget: "_Budget | None" = None) -> Iterator[Piece]:
        """A file and, `depth` levels down, what is in it when it is an archive; `budget` is that of the outermost."""
        yield from slices(path, io.BytesIO(data)) if len(data) > SLICE else (Piece(path, data),)
        kind, method = _kind(path, data)
        if (kind, method) == _PLAIN:
            shut = closed(path, data[:512])
            if shut:
                yield _unopened(path, f"`{path}` is {shut}, which is not opened", "no opener")
            return
        if depth == 0:
            why = f"`{path}` is an archive nested too deep to be opened"
            yield Piece(path, fault=_UNSCANNED, why=why, skip="nested too deep")
            return
        budget = budget or _Budget(len(data))
        try:
            if method:
                yield from self._alone(path, method, data, depth - 1, budget)
            else:
                yield from self._members(path, kind, data, depth - 1, budget)
        except _Bomb as error:
            if depth < DEPTH and (error.__class__ is _Spent or budget.is_spent):
                raise
            yield Piece(path, fault=_UNSCANNED, why=f"`{path}`: {error.message}", skip="archive bomb")
        except FormatError as error:
            if "as a bomb does" in error.message:
                yield Piece(path, fault=_UNSCANNED, why=f"`{path}`: {error.message}", skip="archive bomb")
            else:
                yield _unopened(path, f"`{path}`: {error.message}", "damaged archive")

    def _members(self, path: str, kind: ArtifactKind, data: bytes, depth: int, budget: "_Budget") -> Iterator[Piece]:
        names: list[str] = []
        fault = None
        try:
            for member in archives.members(io.BytesIO(data), kind):
                budget.count()
                # Names and link targets are told with the archive, too.
                names += [member.path, member.link] if member.link else [member.path]
                for problem in member.problems:
                    yield _unopened(path, f"in `{path}`: {problem.message}", "damaged archive")
                yield from self._member(path, member, depth, budget)
        except FormatError as error:
            fault = error
        yield Piece(path, "\n".join(names).encode("utf-8", "backslashreplace"), whole=False)
        if fault is not None:
            raise fault

    def _alone(self, path: str, method: str, data: bytes, depth: int, budget: "_Budget") -> Iterator[Piece]:
        """A single file, packed."""
        name = path.rpartition("/")[2]
        ending = _ENDINGS[method]
        inner = name.removesuffix(ending) if name.lower().endswith(ending) and name != ending else f"{name}.unpacked"
        unpacked = bounded(unpacking.Unpacked(io.BytesIO(data)).read, MAX_NESTED)
        yield from self._member(path, ArchiveMember(inner, stream=unpacked), depth, budget)

    def artifact(self, name: str, kind: ArtifactKind, stream: BinaryIO, blobs: Blobs | None = None) -> Iterator[Piece]:
        """An artifact's own bytes and all its members; paths are `name!/member`. `blobs` opens what an image names."""
        stream.seek(0)
        if kind is ArtifactKind.FILE:
            yield from self.stream(name, stream)
            return
        yield from slices(name, stream)
        if kind is ArtifactKind.IMAGE:
            yield from self._image(name, stream, blobs)
            return
        names: list[str] = []
        try:
            for member in archives.members(stream, kind):
                # Names and link targets are published too.
                names += [member.path, member.link] if member.link else [member.path]
                yield from _unsearched(name, member)
                yield from self._member(name, member, DEPTH - 1)
        except FormatError as error:
            yield Piece(name, fault="artifact-unscanned", why=error.message, skip="unreadable archive")
        yield Piece(name, "\n".join(names).encode("utf-8", "backslashreplace"), whole=False)

    def stream(self, path: str, stream: BinaryIO) -> Iterator[Piece]:
        """A seekable file however large it is; an archive is opened up to `WHOLE` bytes."""
        head = stream.read(SLICE + 1)
        if len(head) <= SLICE:
            yield from self.file(path, head)
            return
        opens = is_archive(path, head) or ends_in_one(stream)
        stream.seek(0)
        if opens:
            head = stream.read(WHOLE + 1)
            if len(head) <= WHOLE:
                yield from self.file(path, head)
                return
            why = f"`{path}` is an archive too large to be opened"
            yield Piece(path, fault=_UNSCANNED, why=why, skip="too large")
            stream.seek(0)
        yield from slices(path, stream)

    def _image(self, name: str, stream: BinaryIO, blobs: Blobs | None) -> Iterator[Piece]:
        """Its configuration (variables, the commands it was built by) and every layer, deleted files and all."""
        if blobs is None:
            why = f"the layers of `{name}` were not taken, and not searched"
            yield Piece(name, fault=_IMAGE, why=why, skip="layers not taken")
            return
        stream.seek(0)
        found = walk(stream.read(DOCUMENT), lambda item: blobs(item.digest))
        for problem in found.problems:
            why = f"`{name}`: {problem.message}"
            yield Piece(f"{name}!/{problem.about}", fault=_IMAGE, why=why, skip="unreadable image")
        if not found.images:
            why = f"no image could be read behind the digest of `{name}`"
            yield Piece(name, fault=_IMAGE, why=why, skip="unreadable image")
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
                yield Piece(f"{name}!/{digest}", fault=_IMAGE, why=why, skip="unreadable layer")

    def _layer(self, name: str, item: Descriptor, data: BinaryIO, budget: "layer.Budget") -> Iterator[Piece]:
        note = f" (layer {item.digest.short})"
        names: list[str] = []
        fault = None
        try:
            for member in layer.files(item, data, budget):
                names += [member.path, member.link] if member.link else [member.path]
                for piece in _unsearched(name, member):
                    yield replace(piece, note=note)
                for piece in self._member(name, member, DEPTH - 1):
                    yield replace(piece, note=note)
        except FormatError as error:
            fault = error
        yield Piece(name, "\n".join(names).encode("utf-8", "backslashreplace"), whole=False, note=note)
        if fault is not None:
            raise fault

    def _member(
        self, outer: str, member: ArchiveMember, depth: int, budget: "_Budget | None" = None
    ) -> Iterator[Piece]:
        path = f"{outer}!/{member.path}"
        if member.stream is None:
            return
        head = member.stream.read(WHOLE + 1)
        self._spend(len(head), budget)
        if len(head) <= WHOLE:
            yield from self.file(path, head, depth, budget)
            return
        for piece in slices(path, Joined(head, member.stream)):
            self._spend(0 if piece.whole else len(piece.data), budget)
            yield piece
        if is_archive(path, head):
            yield Piece(path, fault=_UNSCANNED, why=f"`{path}` is an archive too large to be opened", skip="too large")

    def _spend(self, size: int, budget: "_Budget | None") -> None:
        self._left -= size
        if self._left < 0:
            raise _Spent(f"it unpacks to more than {MAX_NESTED >> 30} GiB")
        if budget is not None:
            budget.spend(size)


class _Budget:
    """How much may come out of one archive that nobody released."""

    __slots__ = ("_bytes", "_members")

    def __init__(self, packed: int) -> None:
        self._bytes = max(FREE, RATIO * packed)
        self._members = max(FREE_MEMBERS, packed // MEMBER_SHARE)

    @property
    def is_spent(self) -> bool:
        return self._bytes < 0 or self._members < 0

    def spend(self, size: int) -> None:
        self._bytes -= size
        if self._bytes < 0:
            raise _Bomb(f"it unpacks to more than {RATIO} times its size, as a bomb does")

    def count(self) -> None:
        self._members -= 1
        if self._members < 0:
            raise _Bomb("it holds more members than an archive of its size can be searched for")


_PLAIN = (ArtifactKind.FILE, "")


def _kind(path: str, data: bytes) -> tuple[ArtifactKind, str]:
    """What kind of archive a file is, or how a single file is packed; a zip file may hide behind something else."""
    name = path.rpartition("/")[2]
    kind = archives.kind_of(name, data[:512])
    if kind is not ArtifactKind.FILE:
        return kind, ""
    method = next((word for magic, word in unpacking.MAGIC.items() if data.startswith(magic)), "")
    if method and (method != "bzip2" or data[4:10] == _BZIP2):
        return kind, method
    return (ArtifactKind.ZIP if ends_in_one(io.BytesIO(data)) else kind), ""


def is_archive(path: str, head: bytes) -> bool:
    """Does a file begin like an archive, or like something packed?"""
    return _kind(path, head) != _PLAIN


def _unopened(path: str, why: str, skip: str) -> Piece:
    """The archive itself was searched, and counted, as the bytes it is."""
    return Piece(path, whole=False, fault="nested-archive-unreadable", why=why, skip=skip)


def _unsearched(name: str, member: ArchiveMember) -> Iterator[Piece]:
    """What an archive's problems keep from being searched; names that are merely hostile do not."""
    skip = "unreadable member"
    if not member.path:
        for problem in member.problems:
            yield Piece(name, fault="artifact-unscanned", why=f"`{name}`: {problem.message}", skip=skip)
    elif member.stream is None and not member.link:
        for problem in member.problems:
            if member.size or problem.rule == UNREADABLE:
                yield Piece(f"{name}!/{member.path}", fault="artifact-unscanned", why=problem.message, skip=skip)
