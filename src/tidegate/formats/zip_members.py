"""Zip archives read by their directory, which is held against the local headers, the gaps and the ends."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from tidegate.errors import FormatError
from tidegate.formats import zip_headers
from tidegate.formats.archive_members import (
    FREE_SIZE,
    MAX_LETTERS,
    MAX_RATIO,
    MAX_TOTAL,
    UNREADABLE,
    ArchiveMember,
    bounded,
    remark,
)
from tidegate.formats.archive_names import HOSTILE, Names, plain
from tidegate.formats.text import shown
from tidegate.formats.zip_data import METHODS, Data
from tidegate.formats.zip_ends import Ends, ends
from tidegate.model.package import Problem

MAX_LINK = 4096
MAX_SHEBANG = 512

_SLACK = 24
"""Fewer bytes than any header of a member has."""
_LOCKED = 0x2061
"""Flags of encrypted, patched and masked members."""
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
    found = ends(stream)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except _ERRORS as error:
        raise FormatError("the archive is no readable zip file") from error
    _check_size(entries)
    places = _Places(stream, entries, found)
    for message in (*found.faults, *places.gaps(script)):
        yield remark(HOSTILE, message)
    names = Names()
    for entry in entries:
        yield from _member(entry, names, places)


def _member(entry: zipfile.ZipInfo, names: Names, places: "_Places") -> Iterator[ArchiveMember]:
    name, path = entry.orig_filename, plain(entry.orig_filename)
    if name.endswith("/") and not entry.file_size:
        problems = [*names.folder(name), *places.problems(entry)]
        if not problems:
            places.data(entry, path)  # what a folder holds has to be nothing
        else:
            yield ArchiveMember(path, problems=tuple(problems))
        return
    unreadable = places.unreadable(entry)
    if unreadable:
        yield ArchiveMember(path, entry.file_size, problems=(*names.file(name), *unreadable, *places.problems(entry)))
        return
    data = bounded(places.data(entry, path).pull, entry.file_size)
    if stat.S_ISLNK(entry.external_attr >> 16) and entry.create_system == 3:
        link = data.read(MAX_LINK).decode("utf-8", "backslashreplace")
        found = (*names.file(name, link), *places.problems(entry))
        yield ArchiveMember(path, entry.file_size, link=link, problems=found, mode=_mode(entry))
        return
    found = (*names.file(name), *places.problems(entry))
    yield ArchiveMember(path, entry.file_size, data, problems=found, mode=_mode(entry))


def _mode(entry: zipfile.ZipInfo) -> int | None:
    """Unix permissions, where a Unix tool wrote them."""
    bits = entry.external_attr >> 16
    return stat.S_IMODE(bits) if entry.create_system == 3 and bits else None


class _Places:
    """Where each member's data lies, by its local header."""

    def __init__(self, stream: BinaryIO, entries: list[zipfile.ZipInfo], found: Ends) -> None:
        self._faults: dict[int, list[str]] = {}
        self._begins: dict[int, int] = {}
        self._spans: list[tuple[int, int]] = []
        self._stream = stream
        self._ends = found
        for entry in entries:
            begin, end, faults = zip_headers.local(stream, entry)
            self._faults[id(entry)], self._begins[id(entry)] = faults, begin
            self._spans.append((entry.header_offset, end))
        self._overlapping = self._overlaps()
        stream.seek(0)
        self._head = stream.read(MAX_SHEBANG)

    def data(self, entry: zipfile.ZipInfo, path: str) -> Data:
        return Data(self._stream, self._begins[id(entry)], entry, path)

    def problems(self, entry: zipfile.ZipInfo) -> list[Problem]:
        path = plain(entry.orig_filename)
        faults = self._faults[id(entry)] + (["shares its data with another"] if self._overlap(entry) else [])
        return [Problem(HOSTILE, path, f"the member `{shown(path)}` {fault}") for fault in faults]

    def unreadable(self, entry: zipfile.ZipInfo) -> list[Problem]:
        """Why a member's data is not read at all; empty when it is."""
        path = plain(entry.orig_filename)
        if entry.flag_bits & _LOCKED:
            return [Problem(HOSTILE, path, f"the member `{shown(path)}` is encrypted")]
        if entry.compress_type not in METHODS:
            message = f"the member `{shown(path)}` is packed by method {entry.compress_type}, which is not read"
            return [Problem(UNREADABLE, path, message)]
        if self._overlap(entry) or self._faults[id(entry)]:
            return [Problem(UNREADABLE, path, f"the member `{shown(path)}` is not read, since its headers disagree")]
        return []

    def gaps(self, script: bool) -> Iterator[str]:
        spans = sorted(self._spans)
        first = spans[0][0] if spans else 0
        if first > 0 and not (script and _is_shebang(self._head, first)):
            yield "data comes before the first member"
        # Whoever only puts a line in front leaves all places as they were said.
        if self._ends.shift not in (0, first):
            yield "the directory is not where it is said to be"
        after = [*(start for start, _ in spans[1:]), self._ends.directory]
        if any(self._is_gap(end, start) for (_, end), start in zip(spans, after, strict=False)):
            yield "data that no member owns lies between members"

    def _is_gap(self, end: int, start: int) -> bool:
        if start - end > _SLACK:
            return True
        self._stream.seek(end)
        return start > end and bool(self._stream.read(start - end).strip(b"\0"))

    def _overlaps(self) -> set[int]:
        spans, furthest, found = sorted(self._spans), -1, set()
        last = -1
        for start, end in spans:
            if start < furthest:
                found |= {start, last}
            if end > furthest:
                furthest, last = end, start
            if end > self._ends.directory:
                found.add(start)
        return found

    def _overlap(self, entry: zipfile.ZipInfo) -> bool:
        return entry.header_offset in self._overlapping


def _is_shebang(head: bytes, size: int) -> bool:
    line = head[:size]
    return len(line) == size and line.startswith(b"#!") and line.find(b"\n") == size - 1 and b"\0" not in line


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    if sum(len(e.orig_filename) for e in entries) > MAX_LETTERS:
        raise FormatError(f"the names of its members have more than {MAX_LETTERS >> 20} MiB")
    total, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if total > MAX_TOTAL:
        raise FormatError(f"the archive unpacks to more than {MAX_TOTAL >> 30} GiB")
    if total > max(FREE_SIZE, packed * MAX_RATIO):
        raise FormatError(f"the archive unpacks to more than {MAX_RATIO} times its size, as a bomb does")
