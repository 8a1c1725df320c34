"""The working tree through one folder descriptor: no link is followed and nothing outside can be reached."""

import io
import os
import stat
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tidegate.adapters.paths import MAX_DEPTH, spell, unspell
from tidegate.errors import FormatError, UserError

MAX_FILES = 1_000_000

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a pipe that took the file's place must not wait for a writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_CHUNK = 1 << 20


class LocalFiles:
    """`ports.Files` on a real folder. The root is resolved once; UserError when it is not a folder."""

    def __init__(self, root: Path) -> None:
        try:
            self.root = root.resolve(strict=True)
            self._fd = os.open(self.root, _FOLDER)
        except (OSError, RuntimeError) as error:
            raise UserError(f"`{root}` is not a readable folder", hint="name the repository's folder") from error
        self._process, self._inode = os.getpid(), _inode(os.fstat(self._fd))
        weakref.finalize(self, _close, self._fd, self._process)

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of one regular file. FormatError when it is a link, special, missing, or larger than `limit`."""
        with self.open(path) as stream:
            try:
                data = stream.read(limit + 1)
            except OSError as error:
                raise _unreadable(path, error) from error
        if len(data) > limit:
            raise FormatError(f"`{path}` is larger than {limit} bytes")
        return data

    def open(self, path: str) -> BinaryIO:
        """A stream over one regular file, to be closed by the caller; FormatError as for `read`."""
        with self._parent(path) as (folder, name):
            try:
                _regular(path, os.stat(name, dir_fd=folder, follow_symlinks=False))
                fd = os.open(name, _FILE, dir_fd=folder)
            except OSError as error:
                raise _unreadable(path, error) from error
        try:
            # Asked again of the descriptor: the name may have changed hands since.
            _regular(path, os.fstat(fd))
        except FormatError:
            os.close(fd)
            raise
        return io.BufferedReader(io.FileIO(fd, "rb"), _CHUNK)

    def link(self, path: str) -> bytes:
        """Where a symbolic link points, as it is written; FormatError when there is no link."""
        with self._parent(path) as (folder, name):
            try:
                return os.readlink(name, dir_fd=folder)
            except OSError as error:
                raise _unreadable(path, error) from error

    def status(self, path: str) -> os.stat_result | None:
        """The status of what is there, of a link itself; None when nothing is, FormatError for a bad path."""
        try:
            with self._parent(path) as (folder, name):
                return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except _Absent:
            return None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreadable(path, error) from error

    def size(self, path: str) -> int | None:
        """Size in bytes of a regular file or link; None when there is nothing (or a directory) there.

        A path that cannot be looked at has no size either; `read` says why.
        """
        try:
            status = self.status(path)
        except FormatError:
            return None
        if status is None or not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            return None
        return status.st_size

    def walk(self) -> Iterator[tuple[str, int]]:
        """(path, size) of every regular file, in order; `.git` is left out and links are not followed.

        FormatError when a folder cannot be listed, is nested too deep, or there are too many files.
        """
        count = 0
        pending: list[bytes] = [b""]
        while pending:
            folder = pending.pop()
            inner: list[bytes] = []
            for name, status in self._list(folder):
                path = folder + b"/" + name if folder else name
                if stat.S_ISDIR(status.st_mode):
                    inner.append(path)
                elif stat.S_ISREG(status.st_mode):
                    count += 1
                    if count > MAX_FILES:
                        raise FormatError(f"the tree holds more than {MAX_FILES} files")
                    yield spell(path), status.st_size
            pending.extend(reversed(inner))

    def everything(self, below: str = "") -> Iterator[tuple[str, str]]:
        """(path, "") of every regular file and link, in order, and (path, why) of what is special or cannot be listed.

        With `below`, of one folder, or of what else lies there: FormatError when nothing does.
        `.git` is left out, no link is followed. FormatError when there is too much.
        """
        count = 0
        pending: list[bytes] = [unspell(below) if below else b""]
        status = self.status(below) if below else None
        if below and status is None:
            raise _Absent(f"`{below}` is missing")
        if status is not None and not stat.S_ISDIR(status.st_mode):
            plain = stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)
            yield below, "" if plain else f"`{below}` is a special file, not a regular file"
            return
        while pending:
            folder = pending.pop()
            inner: list[bytes] = []
            try:
                listed = self._list(folder)
            except FormatError as error:
                yield spell(folder) or ".", error.message
                continue
            for name, status in listed:
                path = folder + b"/" + name if folder else name
                if stat.S_ISDIR(status.st_mode):
                    inner.append(path)
                    continue
                count += 1
                if count > MAX_FILES:
                    raise FormatError(f"the tree holds more than {MAX_FILES} files")
                plain = stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)
                yield spell(path), "" if plain else f"`{spell(path)}` is a special file, not a regular file"
            pending.extend(reversed(inner))

    def _list(self, folder: bytes) -> list[tuple[bytes, os.stat_result]]:
        shown = spell(folder) or "."
        try:
            with self._folder(folder.split(b"/") if folder else []) as fd:
                # A listing by descriptor gives text; fsencode undoes it exactly.
                names = sorted(os.fsencode(name) for name in os.listdir(fd))
                return [
                    (name, os.stat(name, dir_fd=fd, follow_symlinks=False)) for name in names if name.lower() != b".git"
                ]
        except OSError as error:
            raise _unreadable(shown, error) from error

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, bytes]]:
        *folders, name = unspell(path).split(b"/")
        try:
            fd = self._descend(folders)
        except OSError as error:
            # ELOOP or ENOTDIR: a folder on the way is a link or a file.
            raise _Absent(f"`{path}` is missing, or a folder on the way to it is a link") from error
        try:
            yield fd, name
        finally:
            os.close(fd)

    @contextmanager
    def _folder(self, parts: list[bytes]) -> Iterator[int]:
        fd = self._descend(parts)
        try:
            yield fd
        finally:
            os.close(fd)

    def _top(self) -> int:
        """The root's descriptor; a forked child that closed what it was born with opens the same folder again."""
        if os.getpid() != self._process:
            self._fd, self._process = os.open(self.root, _FOLDER), os.getpid()
            if _inode(os.fstat(self._fd)) != self._inode:
                raise FormatError("the folder was replaced while it was read")
        return self._fd

    def _descend(self, parts: list[bytes]) -> int:
        if len(parts) > MAX_DEPTH:
            raise FormatError(f"folders are nested deeper than {MAX_DEPTH}")
        fd = os.dup(self._top())
        for part in parts:
            try:
                inner = os.open(part, _FOLDER, dir_fd=fd)
            finally:
                os.close(fd)
            fd = inner
        return fd


def _inode(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _close(fd: int, process: int) -> None:
    if os.getpid() == process:
        os.close(fd)


class _Absent(FormatError):
    """Nothing can be reached under this path."""


def _regular(path: str, status: os.stat_result) -> None:
    mode = status.st_mode
    if stat.S_ISREG(mode):
        return
    if stat.S_ISLNK(mode):
        raise FormatError(f"`{path}` is a link; links are not followed")
    what = "a folder" if stat.S_ISDIR(mode) else "a special file"
    raise FormatError(f"`{path}` is {what}, not a regular file")


def _unreadable(path: str, error: OSError) -> FormatError:
    if isinstance(error, FileNotFoundError):
        return _Absent(f"`{path}` is missing")
    return FormatError(f"`{path}` cannot be read: {(error.strerror or type(error).__name__).lower()}")
