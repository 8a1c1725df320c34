"""A member's local header, its extra fields and what follows its data, held against its row of the directory."""

import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

_LOCAL = struct.Struct("<4s5H3L2H")
_FULL = 0xFFFFFFFF
_WIDE, _SECOND_NAME = 0x0001, 0x7075
_DESCRIBED, _UTF8 = 0x8, 0x800
_MARK = b"PK\7\b"
_LAYOUTS = ((_MARK, "<L2Q"), (b"", "<L2Q"), (_MARK, "<3L"), (b"", "<3L"))
"""A data descriptor, wide ones first: where both fit, the member is empty and zeros follow."""


def local(stream: BinaryIO, entry: zipfile.ZipInfo) -> tuple[int, int, list[str]]:
    """(where a member's data begins, where all that belongs to it ends, what its headers disagree about).

    The end is that of the data descriptor, where there is one (APPNOTE 4.3.9).
    """
    stream.seek(entry.header_offset)
    raw = stream.read(_LOCAL.size)
    if len(raw) != _LOCAL.size or not raw.startswith(b"PK\3\4"):
        return entry.header_offset, entry.header_offset, ["has no local header"]
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(raw)
    name, extra = stream.read(name_length), stream.read(extra_length)
    begin = entry.header_offset + _LOCAL.size + name_length + extra_length
    end = begin + entry.compress_size
    faults = list(_names(entry, name, flags, extra))
    if method != entry.compress_type or (flags ^ entry.flag_bits) & 0x1:
        faults.append("is packed another way by its local header")
    wide = _widened(packed, size, extra)
    described = flags & _DESCRIBED
    true = (entry.CRC, entry.compress_size, entry.file_size)
    if wide is None or any(
        told != one and not (described and told == 0) for told, one in zip((crc, *wide), true, strict=True)
    ):
        faults.append("has another size or checksum in its local header")
    if described:
        length = _descriptor(stream, end, true)
        end += length
        if not length:
            faults.append("has another size or checksum behind its data")
    return begin, end, faults


def _names(entry: zipfile.ZipInfo, name: bytes, flags: int, extra: bytes) -> Iterator[str]:
    """Every name a reader may take for the member's."""
    own = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437", "replace")
    if name != own or ((flags ^ entry.flag_bits) & _UTF8 and not name.isascii()):
        yield "has another name in its local header"
    for each in (entry.extra, extra):
        fields = list(_fields(each))
        second = {data[5:] for tag, data in fields if tag == _SECOND_NAME}
        if second - {entry.orig_filename.encode("utf-8", "replace")}:
            yield "has another name in an extra field"
        if sum(tag == _WIDE for tag, _ in fields) > 1:
            yield "has its sizes twice in extra fields"


def _widened(packed: int, size: int, extra: bytes) -> tuple[int, int] | None:
    """Packed and full size of a local header, from its extra field where that has them; None where it is missing."""
    if _FULL not in (packed, size):
        return packed, size
    data = next((data for tag, data in _fields(extra) if tag == _WIDE), b"")
    numbers = [number for (number,) in struct.iter_unpack("<Q", data[: len(data) // 8 * 8])]
    if len(numbers) < (packed == _FULL) + (size == _FULL):
        return None
    size = numbers.pop(0) if size == _FULL else size
    return (numbers.pop(0) if packed == _FULL else packed), size


def _descriptor(stream: BinaryIO, at: int, true: tuple[int, int, int]) -> int:
    """The length of the data descriptor at a place, 0 where none says what is true."""
    stream.seek(at)
    raw = stream.read(24)
    for mark, shape in _LAYOUTS:
        length = len(mark) + struct.calcsize(shape)
        if raw.startswith(mark) and len(raw) >= length and struct.unpack_from(shape, raw, len(mark)) == true:
            return length
    return 0


def _fields(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(raw):
        tag, size = struct.unpack_from("<2H", raw, at)
        yield tag, raw[at + 4 : at + 4 + size]
        at += 4 + size
