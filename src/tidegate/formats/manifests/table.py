"""Which reader a manifest has."""

from collections.abc import Collection
from typing import Protocol

from tidegate.errors import FormatError
from tidegate.formats.all_manifests import READERS
from tidegate.model.package import Manifest


class Reader(Protocol):
    """What a module of `formats.manifests` offers."""

    FORMAT: str
    ECOSYSTEM: str

    def matches(self, path: str) -> bool: ...

    def parse(self, path: str, raw: bytes, present: Collection[str]) -> Manifest: ...


def is_manifest(path: str) -> bool:
    return _reader_for(path) is not None


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read a manifest; `present` are all paths of the tree, best a frozenset.

    Raises FormatError, also for a path that is no manifest.
    """
    reader = _reader_for(path)
    if reader is None:
        raise FormatError("not a manifest tidegate knows")
    return reader.parse(path, raw, present)


def _reader_for(path: str) -> Reader | None:
    return next((row.module for row in READERS if row.matches(path)), None)
