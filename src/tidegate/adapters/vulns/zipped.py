"""The members of a zip file of advisories, each bounded, inflated and checked; anything odd is a ValueError.

Read by hand because an advisory database has hundreds of thousands of members: `zipfile` spends more time and memory
on describing them than it takes to inflate them. (APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16)
"""

import struct
import zlib
from collections.abc import Iterator
from mmap import mmap

MAX_MEMBERS = 2_000_000
MAX_MEMBER = 16 * 2**20
MAX_INFLATED = 8 * 2**30
MAX_RATIO = 250
_FREE = 2**20
"""Members up to this size may shrink by any ratio."""

_END = struct.Struct("<4s4H2LH")
_END64_PLACE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8


def members(data: mmap | bytes) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every file member. Raises ValueError for a zip that is damaged, encrypted or out of bounds."""
    count, place, end = _directory(data)
    if count > MAX_MEMBERS:
        raise ValueError(f"more than {MAX_MEMBERS} members")
    total = 0
    for _ in range(count):
        if place + _CENTRAL.size > end:
            raise ValueError("the directory is cut short")
        entry = _CENTRAL.unpack_from(data, place)
        if entry[0] != b"PK\1\2":
            raise ValueError("the directory is damaged")
        flags, method, crc, packed, size = entry[3], entry[4], entry[7], entry[8], entry[9]
        lengths, start = entry[10:13], entry[16]
        name = data[place + _CENTRAL.size : place + _CENTRAL.size + lengths[0]].decode("utf-8", "replace")
        place += _CENTRAL.size + sum(lengths)
        if name.endswith("/") and not size:
            continue
        total += size
        if size > MAX_MEMBER or total > MAX_INFLATED or (size > _FREE and size > MAX_RATIO * packed):
            raise ValueError(f"`{name[:80]}` inflates beyond the limit")
        yield name, _content(data, name, flags, method, crc, packed, size, start)
    if place != end:
        raise ValueError("the directory holds more than it says")


def _content(
    data: mmap | bytes, name: str, flags: int, method: int, crc: int, packed: int, size: int, start: int
) -> bytes:
    if flags & 1 or method not in (_STORED, _DEFLATED):
        raise ValueError(f"`{name[:80]}` is encrypted or packed in an unknown way")
    if start + _LOCAL.size > len(data):
        raise ValueError(f"`{name[:80]}` lies outside the file")
    header = _LOCAL.unpack_from(data, start)
    start += _LOCAL.size + header[9] + header[10]
    raw = data[start : start + packed]
    if header[0] != b"PK\3\4" or len(raw) != packed:
        raise ValueError(f"`{name[:80]}` is cut short")
    content = raw if method == _STORED else _inflate(raw, size, name)
    if len(content) != size or zlib.crc32(content) != crc:
        raise ValueError(f"`{name[:80]}` does not match its checksum")
    return content


def _inflate(raw: bytes, size: int, name: str) -> bytes:
    stream = zlib.decompressobj(-15)
    try:
        # One byte more than promised, so that a member that goes on is seen.
        content = stream.decompress(raw, size + 1)
    except zlib.error:
        raise ValueError(f"`{name[:80]}` does not inflate") from None
    if not stream.eof and len(content) <= size:
        raise ValueError(f"`{name[:80]}` is cut short")
    return content


def _directory(data: mmap | bytes) -> tuple[int, int, int]:
    """(number of members, first byte, end) of the central directory."""
    place = data.rfind(b"PK\5\6", max(0, len(data) - 65_557))
    if place < 0 or place + _END.size > len(data):
        raise ValueError("not a zip file, or cut short")
    _, disk, first, here, count, size, start, comment = _END.unpack_from(data, place)
    if disk or first or here != count or place + _END.size + comment != len(data):
        raise ValueError("not a whole zip file")
    if count == 0xFFFF or size == 0xFFFFFFFF or start == 0xFFFFFFFF:
        count, size, start, place = _directory64(data, place)
    if start + size != place:
        raise ValueError("the directory is not where it should be")
    return count, start, start + size


def _directory64(data: mmap | bytes, end: int) -> tuple[int, int, int, int]:
    locator = end - _END64_PLACE.size
    if locator < 0 or data[locator : locator + 4] != b"PK\6\7":
        raise ValueError("the 64-bit directory is missing")
    place = _END64_PLACE.unpack_from(data, locator)[2]
    if place + _END64.size > locator or data[place : place + 4] != b"PK\6\6":
        raise ValueError("the 64-bit directory is damaged")
    record = _END64.unpack_from(data, place)
    if record[4] or record[5] or record[6] != record[7]:
        raise ValueError("not a whole zip file")
    return record[7], record[8], record[9], place
