"""Zip archives read by their directory, which is held against the local headers, the gaps and the ends."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, BinaryIO

from tidegate.errors import FormatError
from tidegate.formats.archive_members import (
    FREE_SIZE,
    MAX_MEMBERS,
    MAX_RATIO,
    MAX_TOTAL,
    UNREADABLE,
    ArchiveMember,
    bounded,
    remark,
)
from tidegate.formats.archive_names import HOSTILE, Names, plain
from tidegate.formats.text import shown
from tidegate.model.package import Problem

MAX_DIRECTORY = 128 << 20
MAX_LINK = 4096
MAX_SHEBANG = 512

_END = struct.Struct("<4s4H2LH")
_WIDE_END = struct.Struct("<4sQ2H2L4Q")
_LOCAL = struct.Struct("<4s5H3L2H")
_SLACK = 24
"""A data descriptor with signature and 64-bit sizes."""
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})
_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    AttributeError,
)


def members(stream: BinaryIO, *, script: bool = False) -> Iterator[ArchiveMember]:
    """Every file and link. FormatError when there is no readable directory or a member is damaged.

    `script` takes one line that names an interpreter (`#!…`) for no data before the first member.
    """
    remarks = list(_ends(stream))
    try:
        archive = zipfile.ZipFile(stream)
    except _ERRORS as error:
        raise FormatError("the archive is no readable zip file") from error
    with archive:
        entries = archive.infolist()
        _check_size(entries)
        for message in remarks:
            yield remark(HOSTILE, message)
        places = _Places(stream, archive)
        for message in places.gaps(script):
            yield remark(HOSTILE, message)
        names = Names()
        for entry in entries:
            yield from _member(archive, entry, names, places)


def _member(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, names: Names, places: "_Places"
) -> Iterator[ArchiveMember]:
    name, path = entry.orig_filename, plain(entry.orig_filename)
    if name.endswith("/") and not entry.file_size:
        problems = names.folder(name) + places.problems(entry)
        if problems:
            yield ArchiveMember(path, problems=tuple(problems))
        return
    unreadable = places.unreadable(entry)
    if unreadable:
        yield ArchiveMember(path, entry.file_size, problems=(*names.file(name), *unreadable, *places.problems(entry)))
        return
    try:
        with archive.open(entry) as data:
            pull = _guarded(data, path)
            if stat.S_ISLNK(entry.external_attr >> 16) and entry.create_system == 3:
                link = (pull(MAX_LINK) if entry.file_size else b"").decode("utf-8", "backslashreplace")
                found = (*names.file(name, link), *places.problems(entry))
                yield ArchiveMember(path, entry.file_size, link=link, problems=found, mode=_mode(entry))
                return
            found = (*names.file(name), *places.problems(entry))
            data_stream = bounded(pull, entry.file_size)
            yield ArchiveMember(path, entry.file_size, data_stream, problems=found, mode=_mode(entry))
    except _ERRORS as error:
        raise FormatError(f"the member `{shown(path)}` cannot be unpacked") from error


def _mode(entry: zipfile.ZipInfo) -> int | None:
    """Unix permissions, where a Unix tool wrote them."""
    bits = entry.external_attr >> 16
    return stat.S_IMODE(bits) if entry.create_system == 3 and bits else None


def _guarded(data: IO[bytes], path: str) -> Callable[[int], bytes]:
    """A reader that folds every way zipfile fails into FormatError; short data is damage."""

    def pull(size: int) -> bytes:
        try:
            got = data.read(size)
        except _ERRORS as error:
            raise FormatError(f"the member `{shown(path)}` is damaged") from error
        if not got:
            raise FormatError(f"the member `{shown(path)}` is cut off")
        return got

    return pull


class _Places:
    """Where each member's data lies, by its local header."""

    def __init__(self, stream: BinaryIO, archive: zipfile.ZipFile) -> None:
        self._faults: dict[int, list[str]] = {}
        self._spans: list[tuple[int, int]] = []
        self._directory = archive.start_dir
        for entry in archive.infolist():
            end, faults = _local(stream, entry)
            self._faults[id(entry)] = faults
            self._spans.append((entry.header_offset, end))
        self._overlapping = self._overlaps()
        stream.seek(0)
        self._head = stream.read(MAX_SHEBANG)
        stream.seek(0)

    def problems(self, entry: zipfile.ZipInfo) -> list[Problem]:
        path = plain(entry.orig_filename)
        faults = self._faults[id(entry)] + (["shares its data with another"] if self._overlap(entry) else [])
        return [Problem(HOSTILE, path, f"the member `{shown(path)}` {fault}") for fault in faults]

    def unreadable(self, entry: zipfile.ZipInfo) -> list[Problem]:
        """Why a member's data is not read at all; empty when it is."""
        path = plain(entry.orig_filename)
        if entry.flag_bits & 0x1:
            return [Problem(HOSTILE, path, f"the member `{shown(path)}` is encrypted")]
        if entry.compress_type not in _METHODS:
            message = f"the member `{shown(path)}` is packed by method {entry.compress_type}, which is not read"
            return [Problem(UNREADABLE, path, message)]
        if self._overlap(entry) or self._faults[id(entry)]:
            return [Problem(UNREADABLE, path, f"the member `{shown(path)}` is not read, since its headers disagree")]
        return []

    def gaps(self, script: bool) -> Iterator[str]:
        spans = sorted(self._spans)
        if spans and spans[0][0] > 0 and not (script and _is_shebang(self._head, spans[0][0])):
            yield "data comes before the first member"
        ends = [*(start for start, _ in spans[1:]), self._directory]
        if any(after - end > _SLACK for (_, end), after in zip(spans, ends, strict=False)):
            yield "data that no member owns lies between members"

    def _overlaps(self) -> set[int]:
        spans, furthest, found = sorted(self._spans), -1, set()
        last = -1
        for start, end in spans:
            if start < furthest:
                found |= {start, last}
            if end > furthest:
                furthest, last = end, start
            if end > self._directory:
                found.add(start)
        return found

    def _overlap(self, entry: zipfile.ZipInfo) -> bool:
        return entry.header_offset in self._overlapping


def _is_shebang(head: bytes, size: int) -> bool:
    line = head[:size]
    return len(line) == size and line.startswith(b"#!") and line.find(b"\n") == size - 1 and b"\0" not in line


def ends_in_one(stream: BinaryIO) -> bool:
    """Does a file of another kind end in a zip file, as programs and scripts do that carry their own library?"""
    size = stream.seek(0, 2)
    start = max(0, size - _END.size - 0xFFFF)
    stream.seek(start)
    tail = stream.read(_END.size + 0xFFFF)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        return False
    if tail[max(at - 20, 0) : at].startswith(b"PK\6\7"):
        return True
    directory = _END.unpack_from(tail, at)[5]
    stream.seek(max(start + at - directory, 0))
    return 0 < directory <= start + at and stream.read(4) == b"PK\1\2"


def _local(stream: BinaryIO, entry: zipfile.ZipInfo) -> tuple[int, list[str]]:
    """(end of the member's data, how its local header differs from the directory)."""
    stream.seek(entry.header_offset)
    raw = stream.read(_LOCAL.size)
    if len(raw) != _LOCAL.size or not raw.startswith(b"PK\3\4"):
        return entry.header_offset, ["has no local header"]
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(raw)
    name = stream.read(name_length)
    end = entry.header_offset + _LOCAL.size + name_length + extra_length + entry.compress_size
    faults = []
    if name != entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437", "replace"):
        faults.append("has another name in its local header")
    if method != entry.compress_type or (flags ^ entry.flag_bits) & 0x1:
        faults.append("is packed another way by its local header")
    told = (crc, packed, size)
    if not flags & 0x8 and 0xFFFFFFFF not in told and told != (entry.CRC, entry.compress_size, entry.file_size):
        faults.append("has another size or checksum in its local header")
    return end, faults


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_MEMBERS:
        raise FormatError(f"the archive holds more than {MAX_MEMBERS} members")
    total, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if total > MAX_TOTAL:
        raise FormatError(f"the archive unpacks to more than {MAX_TOTAL >> 30} GiB")
    if total > max(FREE_SIZE, packed * MAX_RATIO):
        raise FormatError(f"the archive unpacks to more than {MAX_RATIO} times its size, as a bomb does")


def _ends(stream: BinaryIO) -> Iterator[str]:
    """What is odd about the end record (APPNOTE 4.3.16), found the way zipfile finds it."""
    size = stream.seek(0, 2)
    start = max(0, size - _END.size - 0xFFFF)
    stream.seek(start)
    tail = stream.read(_END.size + 0xFFFF)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise FormatError("the archive is no zip file or is cut off")
    _, disk, first, here, count, directory, _, comment = _END.unpack_from(tail, at)
    if tail[max(at - 20, 0) : at].startswith(b"PK\6\7"):
        stream.seek(max(0, start + at - 20 - _WIDE_END.size))
        directory = _WIDE_END.unpack(stream.read(_WIDE_END.size))[8]
    if directory > MAX_DIRECTORY:
        raise FormatError("the archive's directory is larger than 128 MiB")
    if disk != first or here != count:
        yield "the archive claims to be one of several volumes"
    if at + _END.size + comment != len(tail):
        yield "data follows the end of the archive"
    if any(at != other and other + _END.size + _comment(tail, other) == len(tail) for other in _all(tail, b"PK\5\6")):
        yield "the archive has two ends"


def _comment(tail: bytes, at: int) -> int:
    return int.from_bytes(tail[at + 20 : at + 22], "little")


def _all(data: bytes, what: bytes) -> Iterator[int]:
    at = data.find(what)
    while at >= 0:
        yield at
        at = data.find(what, at + 1)
