"""Each package a Mix project asks for is locked, in a version its requirement allows."""

from collections.abc import Iterator

from tidegate.domain.locks import hex_ranges
from tidegate.domain.locks.stale import Pair, stale
from tidegate.formats.locks.node import split
from tidegate.formats.text import shown
from tidegate.model.finding import Finding


def check(pair: Pair) -> Iterator[Finding]:
    """A lock holds all environments; a checkout has no version to compare."""
    for lock in pair.locks:
        versions: dict[str, set[str]] = {}
        for package in lock.packages:
            versions.setdefault(package.raw_name, set()).add(package.version)
        for wish in dict.fromkeys((*pair.manifest.requires, *pair.manifest.optional)):
            name, wanted = split(wish)
            have = versions.get(name)
            if have is None:
                message = f"the manifest asks for `{shown(name)}`, the lock does not hold it"
                yield stale(pair.manifest, lock, name, message)
            elif all(version and hex_ranges.outside(version, wanted) for version in have):
                at = shown(", ".join(sorted(have)))
                message = f"`{shown(name)}` is locked at {at}, the manifest asks for `{shown(wanted)}`"
                yield stale(pair.manifest, lock, name, message)
