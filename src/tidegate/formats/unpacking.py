"""gzip, bzip2, xz and plain streams read forward, bounded in memory, size and ratio; damage is a FormatError."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol

from tidegate.errors import FormatError
from tidegate.formats.archive_members import FREE_SIZE, MAX_RATIO, MAX_TOTAL

MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz"}
MAX_MEMORY = 256 << 20

_CHUNK = 1 << 18
_WBITS = {"gzip": 31, "deflate": -15}


class Unpacked:
    """The bytes behind a compressed stream. `trailing` says that something else follows the compressed data.

    `spend` is told of all bytes that come out, and says whether there may be more.
    """

    def __init__(self, stream: BinaryIO, spend: Callable[[int], bool] | None = None) -> None:
        self._stream = stream
        self._spend = spend
        self._head = stream.read(6)
        self.method = next((name for magic, name in MAGIC.items() if self._head.startswith(magic)), "")
        self._engine: Engine | None = engine(self.method)
        self._taken = len(self._head)
        self._given = 0
        self._pending = self._head
        self._done = False
        self.trailing = False

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, b"" at the end. FormatError when the data is damaged, cut off, or grows like a bomb."""
        if self._engine is None:
            data = self._pending[:size] or self._stream.read(size)
            self._pending = self._pending[size:]
        else:
            data = self._inflate(size)
        self._given += len(data)
        if self._given > MAX_TOTAL:
            raise FormatError(f"the archive unpacks to more than {MAX_TOTAL >> 30} GiB")
        if self._engine is not None and self._given > max(FREE_SIZE, self._taken * MAX_RATIO):
            raise FormatError(f"the archive unpacks to more than {MAX_RATIO} times its size, as a bomb does")
        if self._spend is not None and not self._spend(len(data)):
            raise FormatError("it is not read to its end, since there is too much in archives inside")
        return data

    def exactly(self, size: int) -> bytes:
        """`size` bytes, or what is left of them."""
        parts: list[bytes] = []
        while size > 0 and (data := self.read(min(size, 1 << 20))):
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def _inflate(self, size: int) -> bytes:
        while not self._done:
            unpacker = self._engine
            if unpacker is None or unpacker.eof:
                if not self._again():
                    break
                continue
            if not self._pending and unpacker.hungry:
                self._pending = self._stream.read(_CHUNK)
                self._taken += len(self._pending)
                if not self._pending:
                    raise FormatError(f"the {self.method} data is cut off")
            try:
                data = unpacker.feed(self._pending, size)
            except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, MemoryError) as error:
                raise FormatError(f"the {self.method} data is damaged") from error
            self._pending = b""
            if data:
                return data
        return b""

    def _again(self) -> bool:
        """After one compressed stream: is there another? Padding with zeros is allowed, anything else is trailing."""
        rest = self._engine.unused if self._engine else b""
        while not (rest := rest.lstrip(b"\0")):
            rest = self._stream.read(_CHUNK)
            self._taken += len(rest)
            if not rest:
                self._done = True
                return False
        if len(rest) < 6:
            more = self._stream.read(6)
            self._taken += len(more)
            rest += more
        if not any(rest.startswith(magic) and name == self.method for magic, name in MAGIC.items()):
            self.trailing = self._done = True
            return False
        self._engine, self._pending = engine(self.method), rest
        return True


class Engine(Protocol):
    """One packed stream. `hungry` says that `feed` needs more of it, `unused` is what follows its end."""

    @property
    def eof(self) -> bool: ...
    @property
    def hungry(self) -> bool: ...
    @property
    def unused(self) -> bytes: ...
    def feed(self, data: bytes, size: int) -> bytes: ...


class _Inflating:
    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def hungry(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused(self) -> bytes:
        return self._inner.unused_data

    def feed(self, data: bytes, size: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, size)


class _Other:
    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def hungry(self) -> bool:
        return self._inner.needs_input

    @property
    def unused(self) -> bytes:
        return self._inner.unused_data

    def feed(self, data: bytes, size: int) -> bytes:
        return self._inner.decompress(data, size)


def engine(method: str) -> Engine | None:
    """An unpacker for `gzip`, `bzip2`, `xz` or `deflate` (without any header), None for other words."""
    if method in _WBITS:
        return _Inflating(_WBITS[method])
    if method == "bzip2":
        return _Other(bz2.BZ2Decompressor())
    return _Other(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_MEMORY)) if method == "xz" else None
