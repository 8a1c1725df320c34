"""Every Python requirement is locked in a version it allows, by one of the manifest's locks."""

from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from tidegate.domain.locks import rules
from tidegate.domain.locks.commands import row
from tidegate.domain.locks.pep508 import read
from tidegate.domain.locks.stale import Pair, stale
from tidegate.formats import repopath
from tidegate.formats.python_names import canonicalize_name
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import Locked, LockFile, Manifest, SourceKind

_LOCAL = ("workspace:", "path:", "file:", ".")
_SHOWN = 5


def check(pair: Pair) -> Iterator[Finding]:
    """Each direct dependency is locked in a version the manifest allows; one tied to a platform may be absent."""
    manifest, locks = pair.manifest, pair.locks
    held: dict[str, list[Locked]] = {}
    for lock in locks:
        for package in lock.packages:
            held.setdefault(package.name, []).append(package)
    free = {
        name for lock in locks for name in lock.overrides if name in pair.overrides.get(repopath.folder(lock.path), ())
    }
    own = canonicalize_name(manifest.name)
    for written in manifest.requires:
        one = read(written)
        if one is None or (name := canonicalize_name(one.name)) == own:
            continue
        if name not in held:
            yield from () if name in free else _absent(manifest, locks[0], one, name)
        elif one.url:
            if all(package.source.kind is SourceKind.REGISTRY for package in held[name]):
                message = f"`{shown(name)}` is locked from a registry, the manifest asks for an address"
                yield stale(manifest, locks[0], name, message)
        elif name not in free and not any(_satisfies(one, package) for package in held[name]):
            versions = ", ".join(sorted({package.version for package in held[name]})[:_SHOWN])
            message = f"`{shown(name)}` is locked at {shown(versions)}, the manifest asks for `{one.specifier}`"
            yield stale(manifest, locks[0], name, message)


def _absent(manifest: Manifest, lock: LockFile, one: Requirement, name: str) -> Iterator[Finding]:
    """A wish of one platform, or for a folder of the project, need not be in a lock that is made for a platform."""
    strict = row(lock.format).strict
    if not strict and one.url and one.url.startswith(_LOCAL):
        return
    if one.marker is None:
        yield stale(manifest, lock, name, f"the manifest asks for `{shown(name)}`, the lock does not hold it")
    elif not strict:
        message = f"`{shown(str(one))}` is not locked; whether it should be depends on the platform"
        yield found(rules.LOCK_UNCOMPARED, f"{manifest.path}#{name}", message, place=Place(manifest.path))


def _satisfies(requirement: Requirement, package: Locked) -> bool:
    """Versions that cannot be read are another rule's matter."""
    try:
        return requirement.specifier.contains(Version(package.version), prereleases=True)
    except InvalidVersion:
        return True
