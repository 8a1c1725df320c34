"""The packages of every lockfile that serves a release, each once, with all its places; and the lockfiles not read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tidegate.formats.locks.unread import unread_lock
from tidegate.formats.repopath import folder, resolve
from tidegate.model.inventory import Inventory
from tidegate.model.package import PINS, Locked, LockFile, SourceKind
from tidegate.model.release import Release

UNREAD = frozenset({"lock-malformed", "lock-unsupported"})
"""Problems after which a lockfile's list of packages is not known to be whole."""
_SKIPPED = frozenset({"node_modules", ".git"})
_ARCHIVES = (".whl", ".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".egg", ".crate", ".gem", ".jar")

Key = tuple[str, str, str, SourceKind, bool]


def key_of(package: Locked) -> Key:
    """What advisories can tell apart: ecosystem, name, version, and what kind of source it comes from."""
    return package.ecosystem, package.name, package.version, package.source.kind, package.source.public


@dataclass(slots=True)
class Gathered:
    """`places` maps (release, lockfile) to a line; `unread` maps (release, path) to (why, line)."""

    packages: dict[Key, Locked] = field(default_factory=dict)
    places: dict[Key, dict[tuple[str, str], int | None]] = field(default_factory=dict)
    foreign: set[Key] = field(default_factory=set)
    """Third-party packages; what one lockfile calls the project's own and another does not is foreign."""
    unread: dict[tuple[str, str], tuple[str, int | None]] = field(default_factory=dict)
    outside: set[Key] = field(default_factory=set)
    """What pins a build besides packages, which no advisory database names."""
    pins: dict[tuple[str, str], int] = field(default_factory=dict)
    """(release, file) to how many of those it holds."""

    @property
    def asked(self) -> list[Key]:
        return sorted(self.foreign)

    @property
    def own(self) -> set[Key]:
        return self.packages.keys() - self.foreign - self.outside

    def of(self, release: str) -> set[Key]:
        """The third-party packages of one release."""
        return {key for key in self.foreign if any(name == release for name, _ in self.places[key])}

    def take(self, lock: LockFile, release: Release) -> None:
        for package in lock.packages:
            key = key_of(package)
            if lock.ecosystem in PINS:
                self.outside.add(key)
                self.pins[release.name, lock.path] = len(lock.packages)
            elif not is_own(package, lock.path):
                self.foreign.add(key)
            self.packages.setdefault(key, package)
            self.places.setdefault(key, {}).setdefault((release.name, lock.path), package.line)


def gather(releases: Iterable[Release], inventory: Inventory) -> Gathered:
    """Everything locked for the releases."""
    found = Gathered()
    for release in releases:
        ours = served(release, inventory)
        for problem in inventory.problems:
            if problem.rule in UNREAD and (release.holds(problem.about) or problem.about in ours):
                found.unread.setdefault((release.name, problem.about), (problem.message, problem.line))
        for file in inventory.files:
            manager = unread_lock(file.path) if release.holds(file.path) else None
            if manager and not _SKIPPED & set(file.path.split("/")):
                found.unread.setdefault((release.name, file.path), (f"lockfiles of {manager} are not read yet", None))
        for lock in inventory.locks:
            if lock.path not in ours:
                continue
            found.take(lock, release)
            for problem in lock.problems:
                if problem.rule in UNREAD and lock.ecosystem not in PINS:
                    found.unread.setdefault((release.name, lock.path), (problem.message, problem.line))
    return found


def served(release: Release, inventory: Inventory) -> set[str]:
    """Lockfiles below the release's root, those that lock a manifest below it, and what these include."""
    served = {lock.path for lock in inventory.locks if release.holds(lock.path)}
    served |= {path for manifest in inventory.manifests if release.holds(manifest.path) for path in manifest.locks}
    served |= {lock.path for lock in inventory.locks if any(release.holds(asked.folder) for asked in lock.asked)}
    includes = {lock.path: lock.includes for lock in inventory.locks}
    waiting = list(served)
    while waiting:
        fresh = set(includes.get(waiting.pop(), ())) - served
        served |= fresh
        waiting += fresh
    return served


def is_own(package: Locked, lock: str) -> bool:
    """A folder of this repository. A packed archive is somebody's release, wherever it lies."""
    source = package.source
    if source.kind not in (SourceKind.WORKSPACE, SourceKind.PATH) or source.url.lower().endswith(_ARCHIVES):
        return False
    here = "." if source.kind is SourceKind.WORKSPACE else ""
    return resolve(folder(lock), source.url or here) is not None
