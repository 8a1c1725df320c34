"""Which reader a lockfile has, and how a lock that is spread over several files becomes one."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from tidegate.formats.all_locks import READERS
from tidegate.formats.locks import node_registries
from tidegate.formats.locks.unread import unsupported
from tidegate.model.package import LockFile


class Reader(Protocol):
    """What a module of `formats.locks` offers."""

    FORMAT: str
    ECOSYSTEM: str

    def matches(self, path: str) -> bool: ...

    def parse(self, path: str, raw: bytes) -> LockFile: ...


Fetch = Callable[[str], bytes | None]
"""The bytes of another repository path, None when there is no such file; FormatError when it cannot be read."""


def reader_for(path: str) -> Reader | None:
    """The reader of a lockfile, None for any other file."""
    return next((row.module for row in READERS if row.matches(path)), None)


def reader_of(lock_format: str) -> Reader | None:
    """The reader of a format, for files whose name does not say it (those a requirements file includes)."""
    return next((row.module for row in READERS if lock_format == row.FORMAT), None)


def companions(path: str) -> tuple[str, ...]:
    """Repository paths of the files that complete this lock where they exist (go.sum beside go.mod)."""
    reader = reader_for(path)
    further = node_registries.companions(path) if reader is not None and _is_node(reader) else ()
    return tuple(dict.fromkeys((*_own(reader, path), *further)))


def _own(reader: Reader | None, path: str) -> tuple[str, ...]:
    find = getattr(reader, "companions", None)
    return find(path) if find else ()


def _is_node(reader: Reader) -> bool:
    return reader.ECOSYSTEM == node_registries.ECOSYSTEM


def read(reader: Reader, path: str, raw: bytes, fetch: Fetch) -> LockFile:
    """Parse a lock with what completes it. Raises FormatError.

    A format that needs other files offers `companions(path)`, their paths, and `parse_with(path, raw, beside)`, where
    `beside` maps those that exist to their bytes.
    """
    parse_with = getattr(reader, "parse_with", None)
    beside = _fetched(_own(reader_for(path), path), fetch) if parse_with else {}
    with _uncollected():
        lock: LockFile = parse_with(path, raw, beside) if parse_with else reader.parse(path, raw)
    if not (_is_node(reader) and node_registries.unrecorded(lock)):
        return lock
    return node_registries.bound(lock, _fetched(node_registries.companions(path), fetch))


def _fetched(paths: Iterable[str], fetch: Fetch) -> dict[str, bytes]:
    return {path: data for path in paths if (data := fetch(path)) is not None}


@contextmanager
def _uncollected() -> Iterator[None]:
    """All of what is read stays, so looking for garbage meanwhile only costs time: a third of it, for a large lock."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


__all__ = ["Fetch", "Reader", "companions", "read", "reader_for", "reader_of", "unsupported"]
