"""Each package a .NET project references was locked for that reference, and in a version it allows."""

from collections.abc import Iterator

from tidegate.domain.locks import nuget_ranges
from tidegate.domain.locks.stale import Pair, stale
from tidegate.formats import repopath
from tidegate.formats.locks.node import split
from tidegate.formats.text import shown
from tidegate.model.finding import Finding
from tidegate.model.package import LockFile


def check(pair: Pair) -> Iterator[Finding]:
    """What a lock holds beyond the references comes from imported files and the SDK, and is no fault."""
    central = _central(pair)
    for lock in pair.locks:
        recorded = _recorded(lock)
        yield from _missing(pair, lock, recorded, central)
        for key, ranges in recorded.items():
            versions = {package.version for package in lock.packages if package.name.lower() == key and package.direct}
            for wanted in sorted(ranges):
                if versions and all(nuget_ranges.outside(version, wanted) for version in versions):
                    at = shown(", ".join(sorted(versions)))
                    message = f"`{shown(key)}` is locked at {at}, and was asked for as `{shown(wanted)}`"
                    yield stale(pair.manifest, lock, key, message)


def _recorded(lock: LockFile) -> dict[str, set[str]]:
    """What the lock was made for: ranges by lower-case name."""
    recorded: dict[str, set[str]] = {}
    for asked in lock.asked:
        for wish in asked.requires:
            name, wanted = split(wish)
            recorded.setdefault(name.lower(), set()).add(nuget_ranges.spelled(wanted))
    return recorded


def _missing(pair: Pair, lock: LockFile, recorded: dict[str, set[str]], central: dict[str, str]) -> Iterator[Finding]:
    wishes: dict[str, set[str]] = {}
    for wish in (*pair.manifest.requires, *pair.manifest.optional):
        name, version = split(wish)
        wishes.setdefault(name, set()).add(version or central.get(name.lower(), ""))
    needed = {split(wish)[0] for wish in pair.manifest.requires}
    for name, versions in wishes.items():
        have = recorded.get(name.lower())
        if have is None:
            if name in needed:
                yield stale(pair.manifest, lock, name, f"the manifest asks for `{shown(name)}`, the lock does not")
        elif "" not in versions and have.isdisjoint(map(nuget_ranges.spelled, versions)):
            message = (
                f"the manifest asks for `{shown(name)}` as `{shown(', '.join(sorted(versions)))}`, "
                f"it was made for `{shown(', '.join(sorted(have)))}`"
            )
            yield stale(pair.manifest, lock, name, message)


def _central(pair: Pair) -> dict[str, str]:
    """The versions the nearest folder from the project upward keeps for all projects."""
    folder = repopath.folder(pair.manifest.path)
    while True:
        kept = [one for one in pair.overrides.get(folder, ()) if "@" in one]
        if kept or folder == ".":
            return dict(map(split, kept))
        folder = repopath.folder(folder)
