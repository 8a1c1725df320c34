"""Every name a manifest asks for is in its lock, whatever version it has."""

from collections.abc import Iterator

from tidegate.domain.locks.members import check_installed, installed
from tidegate.domain.locks.stale import Pair, stale
from tidegate.formats.locks.node import split
from tidegate.formats.text import shown
from tidegate.model.finding import Finding


def check(pair: Pair) -> Iterator[Finding]:
    """Wishes are `name@range` or bare names, spelled as the lock's reader spells names."""
    for lock in pair.locks:
        packages = installed(pair.manifest, lock)
        if packages:
            yield from check_installed(pair, lock, packages)
            continue
        held = {name for package in lock.packages for name in (package.name, package.raw_name)}
        for one in dict.fromkeys((*pair.manifest.requires, *pair.manifest.optional)):
            name, _ = split(one)
            if name not in held and (name not in pair.manifest.peers or one in pair.manifest.requires):
                message = f"the manifest asks for `{shown(name)}`, the lock does not hold it"
                yield stale(pair.manifest, lock, name, message)
