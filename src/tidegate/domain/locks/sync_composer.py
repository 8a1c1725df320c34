"""Every package a composer.json asks for is locked, or replaced by one that is, in a version its constraint allows."""

from collections.abc import Iterator

from tidegate.domain.locks import composer_ranges
from tidegate.domain.locks.stale import Pair, stale
from tidegate.formats.text import shown
from tidegate.model.finding import Finding
from tidegate.model.package import SourceKind


def check(pair: Pair) -> Iterator[Finding]:
    """Whether the lock was made for this state of the manifest is told by its `content-hash`."""
    manifest = pair.manifest
    for lock in pair.locks:
        held = {package.name: package for package in lock.packages}
        for written in (*manifest.requires, *manifest.optional):
            name, _, wish = written.partition("@")
            package = held.get(name)
            if package is None:
                if name not in lock.overrides and name not in manifest.overrides:
                    message = f"the manifest asks for `{shown(name)}`, the lock does not hold it"
                    yield stale(manifest, lock, name, message)
            elif package.source.kind is not SourceKind.PATH and composer_ranges.outside(package.version, wish):
                at = shown(package.version)
                message = f"`{shown(name)}` is locked at {at}, the manifest asks for `{shown(wish)}`"
                yield stale(manifest, lock, name, message)
