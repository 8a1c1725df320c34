"""What an archive says of its members besides their content: times, permissions, owners, and how they are packed.

Only to explain why two archives differ; what is in them is read by `archives`, which refuses more.
"""

import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from tidegate.errors import FormatError
from tidegate.formats.archive_members import MAX_MEMBERS
from tidegate.formats.archive_names import plain
from tidegate.formats.unpacking import Unpacked
from tidegate.model.release import ArtifactKind

_ZIPPED = frozenset({ArtifactKind.WHEEL, ArtifactKind.ZIP})
_TIMES, _OWNERS = frozenset({0x5455, 0x5855, 0x000A}), frozenset({0x7875, 0x7855})
_ERRORS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    AttributeError,
    IndexError,
)


@dataclass(frozen=True, slots=True)
class Header:
    """One member, folders too. Values are compared and never used: each is a text of the archive's own spelling."""

    path: str
    time: str
    mode: str
    owner: str
    packing: str


def headers(stream: BinaryIO, kind: ArtifactKind) -> tuple[Header, ...]:
    """Every member in its order. Raises FormatError."""
    stream.seek(0)
    try:
        read = _zip(stream) if kind in _ZIPPED else _tar(stream)
        found = tuple(header for header, _ in zip(read, range(MAX_MEMBERS), strict=False))
    except _ERRORS as error:
        raise FormatError("the archive's headers cannot be read") from error
    return found


def wrapping(stream: BinaryIO) -> tuple[str, str]:
    """(time, everything else) in the header of a gzip stream (RFC 1952 2.3); two empty texts for anything else."""
    stream.seek(0)
    head = stream.read(1024)
    if len(head) < 18 or not head.startswith(b"\x1f\x8b\x08"):
        return "", ""
    name = head[10:].partition(b"\0")[0] if head[3] & 0x08 and not head[3] & 0x04 else b""
    return str(int.from_bytes(head[4:8], "little")), f"{head[3]} {head[8]} {head[9]} {name!a}"


def _zip(stream: BinaryIO) -> Iterator[Header]:
    with zipfile.ZipFile(stream) as archive:
        for entry in archive.infolist():
            extra = list(_extra(entry.extra))
            yield Header(
                path=plain(entry.orig_filename),
                time=repr((entry.date_time, [data for tag, data in extra if tag in _TIMES])),
                mode=oct(entry.external_attr >> 16) if entry.create_system == 3 else hex(entry.external_attr),
                owner=repr([data for tag, data in extra if tag in _OWNERS]),
                packing=repr(
                    (
                        entry.compress_type,
                        entry.compress_size,
                        entry.flag_bits,
                        entry.create_system,
                        entry.create_version,
                        entry.extract_version,
                        entry.internal_attr,
                        entry.comment,
                        [item for item in extra if item[0] not in _TIMES | _OWNERS],
                    )
                ),
            )


def _extra(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(raw):
        tag, size = struct.unpack_from("<2H", raw, at)
        yield tag, raw[at + 4 : at + 4 + size]
        at += 4 + size


class _Whole:
    """Reads as tarfile's stream mode asks: all of `size`, or what is left."""

    def __init__(self, stream: BinaryIO) -> None:
        self._data = Unpacked(stream)

    def read(self, size: int) -> bytes:
        return self._data.exactly(size)


def _tar(stream: BinaryIO) -> Iterator[Header]:
    known = frozenset({"mtime", "atime", "ctime", "uid", "gid", "uname", "gname", "path", "linkpath", "size"})
    with tarfile.open(fileobj=cast("IO[bytes]", _Whole(stream)), mode="r|") as archive:
        for entry in archive:
            more = sorted((key, value) for key, value in entry.pax_headers.items() if key not in known)
            times = [entry.pax_headers.get(key, "") for key in ("mtime", "atime", "ctime")]
            yield Header(
                path=plain(entry.name),
                time=repr((entry.mtime, times)),
                mode=oct(stat.S_IMODE(entry.mode)),
                owner=repr((entry.uid, entry.gid, entry.uname, entry.gname)),
                packing=repr((entry.type, more)),
            )
            archive.members.clear()  # type: ignore[attr-defined]  # stream mode keeps every header it has seen
