"""Every package an npm manifest asks for itself is locked in a version its range allows."""

from collections.abc import Iterator

from tidegate.domain.locks import npm_ranges
from tidegate.domain.locks.freed import freed
from tidegate.domain.locks.members import installed
from tidegate.domain.locks.stale import Pair, stale
from tidegate.formats import repopath
from tidegate.formats.locks.node import split
from tidegate.formats.text import shown
from tidegate.model.finding import Finding
from tidegate.model.package import LockFile, Manifest


def check(pair: Pair) -> Iterator[Finding]:
    """Only direct packages count; one that is not locked at all is told by what the lock recorded."""
    manifest = pair.manifest
    for lock in pair.locks:
        if not any(one.folder == repopath.folder(manifest.path) for one in lock.asked) and installed(manifest, lock):
            continue
        versions, free = _versions(manifest, lock), freed(pair, lock)
        peers = set(manifest.peers) - {split(one)[0] for one in manifest.requires}
        for written in (*manifest.requires, *(one for one in manifest.optional if split(one)[0] not in peers)):
            name, wanted = split(written)
            have = versions.get(name, set())
            spec = _meant(wanted, name, lock)
            if have and name not in free and all(npm_ranges.outside(version, spec) for version in have):
                at = shown(", ".join(sorted(have)))
                message = f"`{shown(name)}` is locked at {at}, the manifest asks for `{shown(spec)}`"
                yield stale(manifest, lock, name, message)


def _versions(manifest: Manifest, lock: LockFile) -> dict[str, set[str]]:
    """What each name is locked at for this manifest, or for all where the lock does not tell them apart."""
    here = repopath.folder(manifest.path)
    versions: dict[str, set[str]] = {}
    told = next((one.locked for one in lock.asked if one.folder == here and one.locked), ())
    every = told or [(package.raw_name, package.version) for package in lock.packages if package.direct]
    for name, version in every:
        versions.setdefault(name, set()).add(version)
    return versions


def _meant(wanted: str, name: str, lock: LockFile) -> str:
    """A range, looked up where it refers to a catalog, whose words are compared elsewhere."""
    if not wanted.startswith("catalog:"):
        return wanted
    catalog = f"catalog {wanted.removeprefix('catalog:').strip() or 'default'}: {name}@"
    return next((one.removeprefix(catalog) for one in lock.settings if one.startswith(catalog)), wanted)
