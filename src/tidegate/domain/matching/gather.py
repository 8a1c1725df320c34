"""Every package a release locks or holds inside, each once, with all its places; and what of it was not read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from tidegate.domain.matching.inside import Missed, look
from tidegate.domain.matching.own import Own
from tidegate.formats.locks.unread import UNREAD, unread_lock
from tidegate.formats.own_names import OwnNames
from tidegate.formats.repopath import folder, is_installed, resolve
from tidegate.formats.text import shown
from tidegate.model.inventory import Content, Inventory
from tidegate.model.package import PINS, Locked, LockFile, SourceKind
from tidegate.model.release import ArtifactKind, Release

_ARCHIVES = (".whl", ".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".egg", ".crate", ".gem", ".jar")

SHOWN = 3
"""More names than this are counted."""

Key = tuple[str, str, str, SourceKind, bool]


def key_of(package: Locked) -> Key:
    """What advisories can tell apart: ecosystem, name, version, and what kind of source it comes from."""
    return package.ecosystem, package.name, package.version, package.source.kind, package.source.public


@dataclass(slots=True)
class Gathered:
    """`places` maps (release, lockfile) to a line; `unread` maps (release, path) to (why, line)."""

    submodules: frozenset[str] = frozenset()
    packages: dict[Key, Locked] = field(default_factory=dict)
    places: dict[Key, dict[tuple[str, str], int | None]] = field(default_factory=dict)
    foreign: set[Key] = field(default_factory=set)
    """Third-party packages; what one lockfile calls the project's own and another does not is foreign."""
    unread: dict[tuple[str, str], tuple[str, int | None]] = field(default_factory=dict)
    outside: set[Key] = field(default_factory=set)
    """What pins a build besides packages, which no advisory database names."""
    pins: dict[tuple[str, str], int] = field(default_factory=dict)
    """(release, file) to how many of those it holds."""
    missed: dict[tuple[str, str], Missed] = field(default_factory=dict)
    """(release, about) of what is inside an artifact and nobody can be asked about."""
    installed: dict[tuple[Key, str], set[str]] = field(default_factory=dict)
    """(package, place inside an artifact) to the names it is installed under there."""
    layers: dict[tuple[Key, str], str] = field(default_factory=dict)

    @property
    def asked(self) -> list[Key]:
        return sorted(self.foreign)

    @property
    def own(self) -> set[Key]:
        return self.packages.keys() - self.foreign - self.outside

    def of(self, release: str) -> set[Key]:
        """The third-party packages of one release."""
        return {key for key in self.foreign if any(name == release for name, _ in self.places[key])}

    def take(self, lock: LockFile, release: Release, internal: OwnNames) -> None:
        for package in (withheld(each, internal) for each in lock.packages):
            key = key_of(package)
            if lock.ecosystem in PINS:
                self.outside.add(key)
                self.pins[release.name, lock.path] = len(lock.packages)
            elif not is_own(package, lock.path, self.submodules):
                self.foreign.add(key)
            self.packages.setdefault(key, package)
            self.places.setdefault(key, {}).setdefault((release.name, lock.path), package.line)

    def take_inside(self, content: Content, release: Release, own: Own) -> None:
        """What an artifact holds. A package that is locked at the same version is the locked one."""
        locked = {key[:3]: key for key in self.foreign}
        private = self._private()
        for each in look(content, own):
            if isinstance(each, Missed):
                self.missed[release.name, each.about] = each
                continue
            package = each.package
            if key_of(package)[:2] in private:
                package = replace(package, source=replace(package.source, public=False))
            key = locked.setdefault(key_of(package)[:3], key_of(package))
            self.foreign.add(key)
            self.packages.setdefault(key, package)
            self.places.setdefault(key, {}).setdefault((release.name, each.place), None)
            if each.installed:
                self.installed.setdefault((key, each.place), set()).add(each.installed)
            if each.layer:
                self.layers.setdefault((key, each.place), each.layer)

    def _private(self) -> set[tuple[str, str]]:
        """Names that lockfiles take from private indexes alone: in whatever version, they are told to nobody."""
        public = {key[:2] for key in self.foreign if key[4]}
        return {key[:2] for key in self.foreign if key[3] is SourceKind.REGISTRY} - public

    def note(self, key: Key, place: str) -> str:
        """What else is known of a package at a place, in a few words."""
        names = sorted(self.installed.get((key, place), ()))
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        words = [f"as {', '.join(f'`{shown(name)}`' for name in names[:SHOWN])}{more}"] if names else []
        layer = self.layers.get((key, place))
        return ", ".join([*words, *([f"in layer {layer[:19]}"] if layer else [])])


def gather(releases: Sequence[Release], inventory: Inventory, internal: OwnNames | None = None) -> Gathered:
    """Everything locked for the releases, and everything inside their artifacts; `internal` are the team's names."""
    found = Gathered(submodules_of(inventory))
    for release in releases:
        ours = served(release, inventory)
        for problem in inventory.problems:
            if problem.rule in UNREAD and (release.holds(problem.about) or problem.about in ours):
                found.unread.setdefault((release.name, problem.about), (problem.message, problem.line))
        for file in inventory.files:
            manager = unread_lock(file.path) if release.holds(file.path) else None
            if manager and not is_installed(file.path):
                found.unread.setdefault((release.name, file.path), (f"lockfiles of {manager} are not read yet", None))
        for lock in inventory.locks:
            if lock.path not in ours:
                continue
            found.take(lock, release, internal or OwnNames())
            for problem in lock.problems:
                if problem.rule in UNREAD and lock.ecosystem not in PINS:
                    found.unread.setdefault((release.name, lock.path), (problem.message, problem.line))
    for release in releases:
        artifacts = {artifact.name: artifact for artifact in release.artifacts}
        held = {content.artifact: content for content in inventory.contents if content.artifact in artifacts}
        own = _own(release, inventory, internal or OwnNames(), found.submodules)
        for content in held.values():
            found.take_inside(content, release, own)
        for name, artifact in artifacts.items():
            if artifact.kind is ArtifactKind.IMAGE and name not in held:
                missed = Missed(f"{name}#layers", "it could not be read, so what it holds is not known", image=True)
                found.missed[release.name, missed.about] = missed
    return found


def _own(release: Release, inventory: Inventory, internal: OwnNames, submodules: Collection[str]) -> Own:
    """What lockfiles at the release's root, or above it, list as packages of this repository is the release's own."""
    root, ours = release.root.rstrip("/") or ".", served(release, inventory)
    members: list[Locked] = []
    folders: set[str] = set()
    for lock in inventory.locks:
        at = folder(lock.path)
        if lock.path in ours and (at in (".", root) or root.startswith(f"{at}/")):
            mine = [each for each in lock.packages if is_own(each, lock.path, submodules)]
            members += mine
            folders |= {resolve(at, each.source.url or ".") or root for each in mine}
    return Own.of(release, inventory, internal, members, folders)


def withheld(package: Locked, internal: OwnNames) -> Locked:
    """The package as none of a public registry where its name is the team's own: such names are told to nobody,
    whatever a lockfile says of where they come from."""
    if not package.source.public or not internal.name_of(package):
        return package
    return replace(package, source=replace(package.source, public=False))


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


def submodules_of(inventory: Inventory) -> frozenset[str]:
    return frozenset(file.path for file in inventory.files if file.mode == "160000")


def is_own(package: Locked, lock: str, submodules: Collection[str] = ()) -> bool:
    """A folder of this repository. A packed archive is somebody's release, wherever it lies."""
    source = package.source
    if source.kind not in (SourceKind.WORKSPACE, SourceKind.PATH) or source.url.lower().endswith(_ARCHIVES):
        return False
    here = "." if source.kind is SourceKind.WORKSPACE else ""
    place = resolve(folder(lock), source.url or here)
    return place is not None and not any(place == each or place.startswith(f"{each}/") for each in submodules)
