"""Zip and tar archives written field by field, so that their parts can disagree."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

STORED, DEFLATED = 0, 8
BLOCK = 512
END_OF_TAR = bytes(2 * BLOCK)


@dataclass
class Row:
    """One member: `local_*` and `told` (checksum, packed size, size) are what the local header says instead."""

    name: bytes
    data: bytes = b""
    method: int = STORED
    flags: int = 0
    packed: bytes | None = None
    local_name: bytes | None = None
    local_flags: int | None = None
    local_method: int | None = None
    told: tuple[int, int, int] | None = None
    extra: bytes = b""
    local_extra: bytes = b""
    behind: bytes = b""
    """What follows the data, such as a data descriptor."""

    @property
    def true(self) -> tuple[int, int, int]:
        return zlib.crc32(self.data), len(self.bytes), len(self.data)

    @property
    def bytes(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflated(self.data) if self.method == DEFLATED else self.data


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def field(tag: int, data: bytes) -> bytes:
    return struct.pack("<2H", tag, len(data)) + data


def local(row: Row) -> bytes:
    name = row.name if row.local_name is None else row.local_name
    flags = row.flags if row.local_flags is None else row.local_flags
    method = row.method if row.local_method is None else row.local_method
    sums = row.told or row.true
    head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, method, 0, 33, *sums, len(name), len(row.local_extra))
    return head + name + row.local_extra + row.bytes + row.behind


def central(row: Row, offset: int) -> bytes:
    head = struct.pack(
        "<4s6H3L5H2L",
        *(b"PK\1\2", 20 | 3 << 8, 20, row.flags, row.method, 0, 33, *row.true),
        *(len(row.name), len(row.extra), 0, 0, 0, 0o100644 << 16, offset),
    )
    return head + row.name + row.extra


def end(count: int, size: int, offset: int, comment: bytes = b"", *, disk: int = 0, here: int | None = None) -> bytes:
    listed = count if here is None else here
    return struct.pack("<4s4H2LH", b"PK\5\6", disk, 0, listed, count, size, offset, len(comment)) + comment


def parts(rows: Sequence[Row]) -> tuple[bytes, bytes]:
    """(all members, their directory)."""
    body = directory = b""
    for row in rows:
        directory += central(row, len(body))
        body += local(row)
    return body, directory


def zipped(rows: Sequence[Row]) -> bytes:
    body, directory = parts(rows)
    return body + directory + end(len(rows), len(directory), len(body))


def wide_end(count: int, size: int, offset: int, *, record: int | None = None, disks: int = 1) -> bytes:
    """A zip64 end record, its locator and the plain one; `record` is where the locator says the first lies."""
    wide = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, offset + size if record is None else record, disks)
    return wide + locator + end(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)


def header(
    name: bytes,
    size: int = 0,
    kind: bytes = b"0",
    *,
    link: bytes = b"",
    magic: bytes = b"ustar\x0000",
    prefix: bytes = b"",
    written: bytes | None = None,
) -> bytes:
    """One header of a tar archive; `written` is the field of the size, byte by byte."""
    head = bytearray(BLOCK)

    def put(at: int, data: bytes) -> None:
        head[at : at + len(data)] = data

    for at, data in ((0, name), (100, b"0000644\0"), (108, b"0000000\0"), (116, b"0000000\0"), (157, link)):
        put(at, data)
    put(124, written if written is not None else b"%011o\0" % size)
    for at, data in ((136, b"%011o\0" % 0), (148, b" " * 8), (156, kind), (257, magic), (345, prefix)):
        put(at, data)
    put(148, b"%06o\0 " % sum(head))
    return bytes(head)


def body(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def file(name: bytes, data: bytes = b"x = 1\n") -> bytes:
    return header(name, len(data)) + body(data)


def pax(records: Sequence[tuple[bytes, bytes]], kind: bytes = b"x") -> bytes:
    """An extended header, `g` for all members that follow."""
    told = b"".join(_record(key, value) for key, value in records)
    return header(b"PaxHeader/x", len(told), kind) + body(told)


def long_name(name: bytes) -> bytes:
    return header(b"././@LongLink", len(name) + 1, b"L", magic=b"ustar  \0") + body(name + b"\0")


def _record(key: bytes, value: bytes) -> bytes:
    size = len(key) + len(value) + 3
    while len(written := b"%d %s=%s\n" % (size, key, value)) != size:
        size = len(written)
    return written
