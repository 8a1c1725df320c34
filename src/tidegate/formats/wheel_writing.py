"""A wheel with one file more: every other member keeps its bytes, packed as they were, and RECORD knows the new one."""

import base64
import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from tidegate.errors import FormatError
from tidegate.formats.archive_members import MAX_MEMBERS

_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_END = struct.Struct("<4s4H2LH")
_WIDE = 0xFFFFFFFF
_MODE = 0o100644 << 16
_UTF8 = 0x800
_CHUNK = 1 << 20
_ERRORS = (
    zipfile.BadZipFile,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)
_PLAIN = re.compile(r"[A-Za-z0-9._/+!-]+", re.ASCII)
_FIRST, _LAST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, 23, 59, 58, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One row of the directory as it stands; `end` is where the bytes of its member end."""

    name: str
    offset: int
    end: int
    row: bytes


def record_with(record: bytes, own: str, path: str, data: bytes) -> bytes:
    """RECORD with a row for one more file, before the row of RECORD itself (`own`). Raises FormatError."""
    if not _PLAIN.fullmatch(path):
        raise FormatError("the wheel's metadata folder has an odd name")
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    end = b"\r\n" if b"\r\n" in record else b"\n"
    row = f"{path},sha256={digest},{len(data)}".encode() + end
    whole = record if record.endswith(b"\n") or not record else record + end
    lines = whole.splitlines(keepends=True)
    at = next((n for n, line in enumerate(lines) if line.rstrip(b"\r\n") == f"{own},,".encode()), len(lines))
    return b"".join([*lines[:at], row, *lines[at:]])


def add(stream: BinaryIO, out: BinaryIO, added: tuple[str, bytes], record: tuple[str, bytes], when: datetime) -> None:
    """Copy a wheel that `archives.content` found nothing wrong with, with one file added and RECORD replaced.

    The two come last, stored without compression (whose bytes differ between libraries), dated `when`. Raises
    FormatError for archives of more than 4 GiB and for what is no plain zip file.
    """
    entries, comment = _directory(stream)
    if sum(entry.name == record[0] for entry in entries) != 1 or any(entry.name == added[0] for entry in entries):
        raise FormatError("the wheel's directory is not what was read before")
    rows: list[bytes] = []
    for entry in entries:
        if entry.name != record[0]:
            rows.append(_moved(entry.row, out.tell()))
            _copy(stream, out, entry)
    old = next(entry.row for entry in entries if entry.name == record[0])
    for name, data, row in ((*added, b""), (*record, old)):
        rows.append(_store(out, name, data, when, row))
    start = out.tell()
    out.write(b"".join(rows))
    size = out.tell() - start
    if start + size >= _WIDE or len(rows) >= 0xFFFF:
        raise FormatError("the wheel is too large")
    out.write(_END.pack(b"PK\5\6", 0, 0, len(rows), len(rows), size, start, len(comment)) + comment)


def _directory(stream: BinaryIO) -> tuple[list[_Entry], bytes]:
    """The rows in the order of their members' bytes, and the archive's comment."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            start, comment = archive.start_dir, archive.comment
    except _ERRORS as error:
        raise FormatError("the wheel is no readable zip file") from error
    stream.seek(start)
    rows = sorted(_rows(io.BytesIO(stream.read())), key=lambda row: row[1])
    ends = [*(offset for _, offset, _ in rows[1:]), start]
    return [_Entry(name, offset, end, row) for (name, offset, row), end in zip(rows, ends, strict=True)], comment


def _rows(stream: io.BytesIO) -> Iterator[tuple[str, int, bytes]]:
    for _ in range(MAX_MEMBERS):
        head = stream.read(_CENTRAL.size)
        if not head.startswith(b"PK\1\2") or len(head) != _CENTRAL.size:
            return
        fields = _CENTRAL.unpack(head)
        names, offset = sum(fields[10:13]), fields[16]
        rest = stream.read(names)
        if len(rest) != names or offset == _WIDE:
            raise FormatError("the wheel is larger than 4 GiB, or says so")
        # As zipfile reads them, whose names were compared with RECORD.
        name = rest[: fields[10]].decode("utf-8" if fields[3] & _UTF8 else "cp437", "replace")
        yield name, offset, head + rest


def _moved(row: bytes, offset: int) -> bytes:
    if offset >= _WIDE:
        raise FormatError("the wheel is too large")
    return row[:42] + struct.pack("<L", offset) + row[46:]


def _copy(stream: BinaryIO, out: BinaryIO, entry: _Entry) -> None:
    stream.seek(entry.offset)
    left = entry.end - entry.offset
    while left:
        chunk = stream.read(min(left, _CHUNK))
        if not chunk:
            raise FormatError("the wheel is cut off")
        out.write(chunk)
        left -= len(chunk)


def _store(out: BinaryIO, name: str, data: bytes, when: datetime, old: bytes) -> bytes:
    """Write one member; gives its row of the directory. A member that is replaced keeps its permissions."""
    offset, raw, at = out.tell(), name.encode(), min(max(when.astimezone(UTC), _FIRST), _LAST)
    date = (at.year - 1980) << 9 | at.month << 5 | at.day
    time = at.hour << 11 | at.minute << 5 | at.second // 2
    common = (0, zipfile.ZIP_STORED, time, date, zlib.crc32(data), len(data), len(data), len(raw))
    flags = 0 if name.isascii() else _UTF8
    common = (flags, *common[1:])
    out.write(_LOCAL.pack(b"PK\3\4", 20, *common, 0) + raw + data)
    made_by, attributes = 3 << 8 | 20, _MODE
    if old:
        made_by, attributes = struct.unpack_from("<H", old, 4)[0], struct.unpack_from("<L", old, 38)[0]
    row = _CENTRAL.pack(b"PK\1\2", made_by, 20, *common, 0, 0, 0, 0, attributes, min(offset, _WIDE))
    return _moved(row + raw, offset)
