"""The end records and the directory of a zip file say one thing, wherever a reader begins with them (APPNOTE 4.3)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from tidegate.errors import FormatError
from tidegate.formats.archive_members import MAX_MEMBERS

MAX_DIRECTORY = 128 << 20

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_WIDE_END = struct.Struct("<4sQ2H2L4Q")
_ROW = struct.Struct("<4s6H3L5H2L")
_MAX_COMMENT = 0xFFFF


@dataclass(slots=True)
class Ends:
    """`directory` is where it begins, by its end; `shift` how far from where it is said to begin. `faults` is what
    readers take differently."""

    directory: int = 0
    shift: int = 0
    faults: list[str] = field(default_factory=list)


def ends(stream: BinaryIO) -> Ends:
    """Read the end record as `zipfile` finds it, and walk the directory. FormatError where nobody can read on."""
    found = Ends()
    start, tail = _tail(stream)
    at = _last(tail)
    if at < 0:
        raise FormatError("the archive is no zip file or is cut off")
    _, disk, first, here, count, size, offset, comment = _END.unpack_from(tail, at)
    plain = (here, count, size, offset)
    end, wide = start + at, _wide(stream, start + at, found)
    if wide is not None:
        here, count, size, offset = wide
        end -= _LOCATOR.size + _WIDE_END.size
        if any(one not in (most, each) for one, most, each in zip(plain, _MOSTS, wide, strict=True)):
            found.faults.append("the archive has two ends that disagree")
    if size > MAX_DIRECTORY:
        raise FormatError("the archive's directory is larger than 128 MiB")
    if disk != first or here != count:
        found.faults.append("the archive claims to be one of several volumes")
    if at + _END.size + comment != len(tail):
        found.faults.append("data follows the end of the archive")
    if any(at != other and other + _END.size + _comment(tail, other) == len(tail) for other in _all(tail, b"PK\5\6")):
        found.faults.append("the archive has two ends")
    found.directory, found.shift = end - size, end - size - offset
    if found.directory < 0:
        raise FormatError("the archive is no zip file or is cut off")
    _walk(stream, found, size, count)
    return found


def ends_in_one(stream: BinaryIO) -> bool:
    """Does a file of another kind end in a zip file, as programs and scripts do that carry their own library?"""
    start, tail = _tail(stream)
    at = _last(tail)
    if at < 0:
        return False
    if tail[max(at - _LOCATOR.size, 0) : at].startswith(b"PK\6\7"):
        return True
    directory = _END.unpack_from(tail, at)[5]
    stream.seek(max(start + at - directory, 0))
    return 0 < directory <= start + at and stream.read(4) == b"PK\1\2"


_MOSTS = (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
"""What stands in a plain end record where the wide one has the number."""


def _tail(stream: BinaryIO) -> tuple[int, bytes]:
    size = stream.seek(0, 2)
    start = max(0, size - _END.size - _MAX_COMMENT)
    stream.seek(start)
    return start, stream.read(_END.size + _MAX_COMMENT)


def _last(tail: bytes) -> int:
    at = tail.rfind(b"PK\5\6")
    return at if 0 <= at <= len(tail) - _END.size else -1


def _wide(stream: BinaryIO, end: int, found: Ends) -> tuple[int, int, int, int] | None:
    """(entries here, entries, size, offset) of the zip64 end record, None without one.

    Some readers look where the locator says, others right before it: both must find the same record.
    """
    at = end - _LOCATOR.size
    if at < 0:
        return None
    stream.seek(at)
    mark, _, told, disks = _LOCATOR.unpack(stream.read(_LOCATOR.size))
    if mark != b"PK\6\7":
        return None
    place = at - _WIDE_END.size
    stream.seek(max(place, 0))
    raw = stream.read(_WIDE_END.size)
    if place < 0 or len(raw) != _WIDE_END.size or not raw.startswith(b"PK\6\6"):
        raise FormatError("the archive's end record is not where it must be")
    _, length, _, _, _, _, here, count, size, offset = _WIDE_END.unpack(raw)
    shift = place - size - offset
    if length != _WIDE_END.size - 12 or told + shift != place or disks > 1:
        found.faults.append("the archive has two ends that disagree")
    return here, count, size, offset


def _walk(stream: BinaryIO, found: Ends, size: int, count: int) -> None:
    """Count the rows before anything is made of them; they must fill the directory."""
    stream.seek(found.directory)
    raw = stream.read(size)
    at = rows = 0
    while at < size:
        if len(raw) - at < _ROW.size or not raw.startswith(b"PK\1\2", at):
            raise FormatError("the archive is no readable zip file")
        name, extra, comment = struct.unpack_from("<3H", raw, at + 28)
        at += _ROW.size + name + extra + comment
        rows += 1
        if rows > MAX_MEMBERS:
            raise FormatError(f"the archive holds more than {MAX_MEMBERS} members")
    if at != size:
        raise FormatError("the archive is no readable zip file")
    if rows != count:
        found.faults.append("the archive's end counts other members than its directory lists")


def _comment(tail: bytes, at: int) -> int:
    return int.from_bytes(tail[at + 20 : at + 22], "little")


def _all(data: bytes, what: bytes) -> Iterator[int]:
    at = data.find(what)
    while at >= 0:
        yield at
        at = data.find(what, at + 1)
