"""One layer of an image, read once as a stream: its names, its digests, and what says which packages it brings."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from tidegate.errors import FormatError
from tidegate.formats import tar_members
from tidegate.formats.archive_members import MAX_TOTAL, ArchiveMember, bounded
from tidegate.formats.archive_names import HOSTILE
from tidegate.formats.images import hard_links, records
from tidegate.formats.images.blobs import MALFORMED, MISMATCH, UNREAD, rule_of
from tidegate.formats.images.layer_names import LayerNames, path_of
from tidegate.formats.inside.inside import HEAD, Inside
from tidegate.formats.oci import Descriptor
from tidegate.formats.text import shown
from tidegate.formats.unpacking import Unpacked
from tidegate.model.digest import Digest
from tidegate.model.inventory import Member, Packed
from tidegate.model.package import Problem

MAX_IMAGE = 2 * MAX_TOTAL
MAX_FILES = 400_000
MAX_KEPT = 512 << 20

_CHUNK = 1 << 20
_OCI, _DOCKER = "application/vnd.oci.image.layer.v1.tar", "application/vnd.docker.image.rootfs.diff.tar"
READ = frozenset({_OCI, f"{_OCI}+gzip", _DOCKER, f"{_DOCKER}.gzip"})
_WHY = {
    f"{_OCI}+zstd": "is packed with zstd, which is not read",
    f"{_DOCKER}.zstd": "is packed with zstd, which is not read",
}
_FOREIGN = ("application/vnd.oci.image.layer.nondistributable.", "application/vnd.docker.image.rootfs.foreign.")
_ZSTD = b"\x28\xb5\x2f\xfd"


@dataclass(slots=True)
class Budget:
    """What all layers of one image may unpack to, together."""

    data: int = MAX_IMAGE
    files: int = MAX_FILES
    kept: int = MAX_KEPT


@dataclass(slots=True)
class Layer:
    """`kept` holds the records of a distribution by path. `packages` are of every other kind.

    `sums` are (md5, sha1) of files packages were read from. `whole` is False where something was not read.
    """

    item: Descriptor
    names: LayerNames = field(default_factory=LayerNames)
    members: list[Member] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)
    packages: tuple[Packed, ...] = ()
    sums: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True

    @property
    def name(self) -> str:
        return str(self.item.digest)


def unread(media_type: str) -> str:
    """Why a layer of this type is not read, "" for one that is."""
    if media_type in READ:
        return ""
    if media_type.startswith(_FOREIGN):
        return "is kept elsewhere by its maker (a foreign layer), so nobody here has seen it"
    return _WHY.get(media_type) or f"is of type {media_type[:100]!a}, which is not read"


def read(
    item: Descriptor, diff_id: Digest | None, opened: Callable[[], BinaryIO], budget: Budget, blobs: str = ""
) -> Layer:
    """Read one layer. Nothing raises: what cannot be read is a problem, and what was read before it stands.

    `blobs` is the hash of git's object format, as for `archives.content`.
    """
    layer = Layer(item)
    why = unread(item.media_type)
    if why:
        return _unread(layer, UNREAD, why)
    inside = Inside(layer.name)
    try:
        with opened() as stream:
            _pass(layer, stream, diff_id, inside, budget, blobs)
        if layer.names.hard:
            with opened() as stream:
                again = tar_members.members(Plain(stream, Budget()).stream(), LayerNames(), unpadded=True)
                layer.problems += hard_links.follow(layer.names, again, inside, partial(_offer, layer, inside=inside))
    except FormatError as error:
        _unread(layer, rule_of(error, UNREAD), error.message)
    packages, problems = inside.found(layer.names.files)
    layer.packages = packages
    layer.problems += problems
    return layer


def _unread(layer: Layer, rule: str, why: str) -> Layer:
    message = why if layer.item.digest.value in why else f"the layer {layer.item.digest.short} {_said(why)}"
    layer.problems.append(Problem(rule, layer.name, message))
    layer.whole = False
    return layer


def _said(why: str) -> str:
    return why if why.startswith("is ") else f"cannot be read: {why}"


def _pass(layer: Layer, stream: BinaryIO, diff_id: Digest | None, inside: Inside, budget: Budget, blobs: str) -> None:
    size = stream.seek(0, 2)
    stream.seek(0)
    if layer.item.size not in (-1, size):
        message = f"{layer.item.digest} has another size than its descriptor says"
        layer.problems.append(Problem(MISMATCH, layer.name, message))
    plain = Plain(stream, budget)
    try:
        for member in tar_members.members(plain.stream(), layer.names, unpadded=True):
            _member(layer, member, inside, budget, blobs)
    except FormatError:
        if not plain.is_blank():  # builders write such a layer for a step that changes nothing
            raise
    if plain.trailing:
        layer.problems.append(Problem(HOSTILE, layer.name, "data follows the end of the packed layer"))
    if diff_id is not None and not diff_id.matches(plain.digest()):
        message = f"the layer {layer.item.digest.short} is not what the configuration lists ({diff_id.short})"
        layer.problems.append(Problem(MALFORMED, layer.name, message))


class Plain:
    """The tar archive in a layer as one stream, hashed and counted on its way. FormatError for other packings."""

    def __init__(self, stream: BinaryIO, budget: Budget) -> None:
        head = stream.read(4)
        stream.seek(0)
        if head == _ZSTD:
            raise FormatError("is packed with zstd, which is not read")
        self._data = Unpacked(stream)
        if self._data.method not in ("", "gzip"):
            raise FormatError(f"is packed with {self._data.method}, which images are not")
        self._hasher = hashlib.sha256()
        self._blank = True
        self._budget = budget

    @property
    def trailing(self) -> bool:
        return self._data.trailing

    def stream(self) -> BinaryIO:
        return bounded(self._pull, 1 << 62)

    def _pull(self, size: int) -> bytes:
        data = self._data.read(size)
        self._hasher.update(data)
        self._blank = self._blank and not data.strip(b"\0")
        self._budget.data -= len(data)
        if self._budget.data < 0:
            raise FormatError(f"the image unpacks to more than {MAX_IMAGE >> 30} GiB")
        return data

    def is_blank(self) -> bool:
        """Was there nothing but zeros? What was not read yet is read now."""
        while self._blank and self._pull(_CHUNK):
            pass
        return self._blank

    def digest(self) -> Digest:
        return Digest("sha256", self._hasher.hexdigest())


def _member(layer: Layer, member: ArchiveMember, inside: Inside, budget: Budget, blobs: str) -> None:
    layer.problems += [Problem(p.rule, p.about or layer.name, p.message) for p in member.problems]
    path = path_of(member.path)
    if not path or layer.names.is_mark(path):
        return
    budget.files -= 1
    if budget.files < 0:
        raise FormatError(f"the image holds more than {MAX_FILES} files")
    if member.link:
        layer.members.append(Member(path, 0, link=member.link, mode=member.mode, layer=layer.name))
    elif member.stream is not None:
        _file(layer, path, member, member.stream, inside, budget, blobs)


def _file(
    layer: Layer, path: str, member: ArchiveMember, stream: BinaryIO, inside: Inside, budget: Budget, blobs: str
) -> None:
    hasher, size, keep = hashlib.sha256(), 0, records.limit_of(path)
    blob = hashlib.new(blobs, b"blob %d\0" % member.size, usedforsecurity=False) if blobs else None
    most, head, raw = keep, b"", bytearray()
    while chunk := stream.read(_CHUNK):
        if not size:
            head = chunk[:HEAD]
            most = max(keep, inside.wanted(path, head))
        hasher.update(chunk)
        if blob is not None:
            blob.update(chunk)
        size += len(chunk)
        if len(raw) < most:
            raw += chunk[: most - len(raw)]
    most = most if size else max(keep, inside.wanted(path, b""))
    if most:
        _offer(layer, path, head, bytes(raw), size, inside)
    if keep:
        _keep(layer, path, bytes(raw), size, budget)
    told = blob.hexdigest() if blob is not None and size == member.size else ""
    digest = Digest("sha256", hasher.hexdigest())
    layer.members.append(Member(path, size, digest, mode=member.mode, blob=told, layer=layer.name))


def _offer(layer: Layer, path: str, head: bytes, raw: bytes, size: int, inside: Inside) -> None:
    before = inside.count
    inside.take(path, head, raw, size)
    if inside.count > before and size <= len(raw):
        # The distribution says which of its files it brought by these, so that they are not taken for another's.
        md5, sha1 = (hashlib.new(name, raw, usedforsecurity=False).hexdigest() for name in ("md5", "sha1"))
        layer.sums[path] = (md5, sha1)


def _keep(layer: Layer, path: str, raw: bytes, size: int, budget: Budget) -> None:
    budget.kept -= len(raw)
    if size > records.limit_of(path) or budget.kept < 0:
        message = f"`{shown(path)}` is too large to be read"
        layer.problems.append(Problem("package-database-unread", path, message))
        layer.whole = False
        return
    layer.kept[path] = raw


def files(item: Descriptor, stream: BinaryIO, budget: Budget) -> Iterator[ArchiveMember]:
    """Every member of a layer for who wants their bytes alone. FormatError when it cannot be read on."""
    why = unread(item.media_type)
    if why:
        raise FormatError(why)
    plain = Plain(stream, budget)
    try:
        yield from tar_members.members(plain.stream(), LayerNames(), unpadded=True)
    except FormatError:
        if not plain.is_blank():
            raise
