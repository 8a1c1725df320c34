"""The data of one zip member: unpacked to exactly its size, from exactly its bytes, with exactly its checksum."""

import zipfile
import zlib
from typing import BinaryIO

from tidegate.errors import FormatError
from tidegate.formats.text import shown
from tidegate.formats.unpacking import Engine, engine

METHODS = {zipfile.ZIP_STORED: "", zipfile.ZIP_DEFLATED: "deflate", zipfile.ZIP_BZIP2: "bzip2"}

_CHUNK = 1 << 16


class Data:
    """`pull` gives the next bytes. FormatError for damage, and for what lies behind the end of the data: a reader that
    goes by the data alone would find its next member there."""

    def __init__(self, stream: BinaryIO, begin: int, entry: zipfile.ZipInfo, path: str) -> None:
        stream.seek(begin)
        self._stream = stream
        self._path = path
        self._engine: Engine | None = engine(METHODS[entry.compress_type])
        self._packed, self._left = entry.compress_size, entry.file_size
        self._sum, self._told = 0, entry.CRC
        if not self._left:
            self._finish()

    def pull(self, size: int) -> bytes:
        data = self._next(min(size, self._left))
        if not data and self._left:
            raise self._fault("is cut off")
        self._sum = zlib.crc32(data, self._sum)
        self._left -= len(data)
        if not self._left:
            self._finish()
        return data

    def _finish(self) -> None:
        ended = self._engine is None or (not self._next(1) and self._engine.eof and not self._engine.unused)
        if self._packed or not ended:
            raise self._fault("has more data than it unpacks to")
        if self._sum != self._told:
            raise self._fault("is damaged")

    def _next(self, size: int) -> bytes:
        if self._engine is None:
            return self._read(size)
        while not self._engine.eof:
            fresh = self._read(_CHUNK) if self._engine.hungry else b""
            try:
                data = self._engine.feed(fresh, size)
            except (zlib.error, OSError, EOFError, ValueError, MemoryError) as error:
                raise self._fault("is damaged") from error
            if data or (self._engine.hungry and not self._packed):
                return data
        return b""

    def _read(self, size: int) -> bytes:
        data = self._stream.read(min(size, self._packed))
        self._packed -= len(data)
        return data

    def _fault(self, what: str) -> FormatError:
        return FormatError(f"the member `{shown(self._path)}` {what}")
