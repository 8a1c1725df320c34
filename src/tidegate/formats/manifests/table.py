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


_READERS: tuple[Reader, ...] = READERS


def is_manifest(path: str) -> bool:
    return any(reader.matches(path) for reader in _READERS)


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read a manifest; `present` are all paths of the tree, best a frozenset.

    Raises FormatError, also for a path that is no manifest.
    """
    for reader in _READERS:
        if reader.matches(path):
            return reader.parse(path, raw, present)
    raise FormatError("not a manifest tidegate knows")
