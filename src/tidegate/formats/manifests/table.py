"""Which reader a manifest has."""

from collections.abc import Collection

from tidegate.errors import FormatError
from tidegate.formats.all_manifests import READERS
from tidegate.model.package import Manifest


def is_manifest(path: str) -> bool:
    return any(reader.matches(path) for reader in READERS)


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Read a manifest; `present` are all paths of the tree. Raises FormatError, also for a path that is none."""
    for reader in READERS:
        if reader.matches(path):
            return reader.parse(path, raw, present)
    raise FormatError("not a manifest tidegate knows")
