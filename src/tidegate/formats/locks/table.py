"""Which reader a lockfile has."""

from typing import Protocol

from tidegate.formats.all_locks import READERS
from tidegate.formats.locks.unread import unsupported
from tidegate.model.package import LockFile


class Reader(Protocol):
    """What a module of `formats.locks` offers."""

    FORMAT: str
    ECOSYSTEM: str

    def matches(self, path: str) -> bool: ...

    def parse(self, path: str, raw: bytes) -> LockFile: ...


def reader_for(path: str) -> Reader | None:
    """The reader of a lockfile, None for any other file."""
    return next((reader for reader in READERS if reader.matches(path)), None)


__all__ = ["Reader", "reader_for", "unsupported"]
