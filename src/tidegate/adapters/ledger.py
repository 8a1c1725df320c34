"""A ledger file is read and appended to under one lock: what was decided by it still holds when its line is written."""

import fcntl
import os
import stat
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tidegate.errors import FormatError, UnavailableError, UserError
from tidegate.formats import ledger
from tidegate.formats.ledger import Entry

WAIT = 60.0
_TRIES = 20
_POLL = 0.05


class LedgerFile:
    """A ledger, locked from `__enter__` to `__exit__` against every other `tidegate`.

    Raises UserError when the file cannot be used, UnavailableError when another holds it longer than `wait` seconds.
    `raw` are its bytes as they were read under the lock; None when there is no such file.
    """

    def __init__(self, path: Path, wait: float = WAIT) -> None:
        self._path = path
        self._wait = wait
        self._handle: int | None = None
        self.raw: bytes | None = None

    def __enter__(self) -> Self:
        until = time.monotonic() + self._wait
        for _ in range(_TRIES):
            self._handle = self._opened()
            if self._handle is None:
                return self
            try:
                self._lock(until)
                if self._still_there():
                    self.raw = self._read()
                    return self
            except BaseException:
                self._close()
                raise
            # Somebody put another file in its place while we waited: the lock is on the one that is gone.
            self._close()
        raise UnavailableError(f"`{self._path}` is replaced again and again", hint="find out by whom")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def append(self, entries: Sequence[Entry], now: datetime) -> str:
        """Write all entries with one call, as of `now`; gives the new head.

        Raises UnavailableError when they cannot be written whole; then nothing of them stays.
        """
        if self._handle is None or self.raw is None:
            raise UnavailableError("the ledger is not open", hint="run again")
        if self._read() != self.raw:
            raise UnavailableError(f"`{self._path}` changed while it was locked", hint="find out by whom")
        try:
            data = ledger.extend(self.raw, [ledger.stamped(entry, now) for entry in entries])
            grown = ledger.parse(self.raw + data)
        except FormatError as error:
            raise UnavailableError(f"the ledger cannot be continued: {error.message}", hint="restore it") from error
        try:
            written = os.write(self._handle, data)
            os.fsync(self._handle)
        except OSError as error:
            self._cut()
            raise self._unwritten(error.strerror or "") from error
        if written != len(data):
            self._cut()
            raise self._unwritten("no room")
        self.raw += data
        return grown.head

    def _unwritten(self, why: str) -> UnavailableError:
        return UnavailableError(f"`{self._path}` could not be written: {why}", hint="make room and verify again")

    def _opened(self) -> int | None:
        flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            handle = os.open(self._path, flags)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UserError(
                f"the ledger `{self._path}` cannot be opened: {error.strerror}", hint="a ledger is a writable file"
            ) from None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise UserError(f"the ledger `{self._path}` is not a regular file", hint="give a regular file")
        return handle

    def _lock(self, until: float) -> None:
        while True:
            try:
                fcntl.flock(self._held(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    message = f"another process holds the ledger `{self._path}`"
                    raise UnavailableError(message, hint="wait for it, then run again") from None
                time.sleep(_POLL)
            else:
                return

    def _still_there(self) -> bool:
        try:
            named = os.stat(self._path, follow_symlinks=False)
        except OSError:
            return False
        held = os.fstat(self._held())
        return (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)

    def _read(self) -> bytes:
        """Everything, one byte beyond the limit included, so that a reader can see that it is too much."""
        pieces = []
        at = 0
        while at <= ledger.LIMIT:
            piece = os.pread(self._held(), min(1 << 20, ledger.LIMIT + 1 - at), at)
            if not piece:
                break
            pieces.append(piece)
            at += len(piece)
        return b"".join(pieces)

    def _cut(self) -> None:
        """Take back half a line."""
        try:
            os.ftruncate(self._held(), len(self.raw or b""))
        except OSError:
            return

    def _held(self) -> int:
        if self._handle is None:
            raise UnavailableError("the ledger is not open", hint="run again")
        return self._handle

    def _close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def create(path: Path, name: str, now: datetime) -> str:
    """Write a new ledger's first line; gives its head. Raises UserError, also when there is a file already."""
    data = ledger.begin(name, now)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        raise UserError(
            f"`{path}` is there already", hint="a ledger is never begun twice; choose another name"
        ) from None
    except OSError as error:
        raise UserError(f"cannot write `{path}`: {error.strerror}", hint="choose a writable folder") from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    return ledger.parse(data).head
