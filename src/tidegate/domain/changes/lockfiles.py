"""Which lockfile of the base became which of the head, and what is wrong with what became of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tidegate.domain.changes import rules
from tidegate.formats import repopath
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import LockFile, Manifest

_Alike = Callable[[LockFile], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A lockfile before and after; one of the two is None for a lockfile that is new or gone."""

    before: LockFile | None
    after: LockFile | None

    @property
    def path(self) -> str:
        lock = self.after or self.before
        return lock.path if lock else ""

    @property
    def rewritten(self) -> bool:
        """Are its bytes others than before?"""
        return self.before is None or self.after is None or self.before.sha256 != self.after.sha256

    @property
    def switched(self) -> bool:
        """Is it another file, another kind, or another version of the format than before?"""
        before, after = self.before, self.after
        if before is None or after is None:
            return False
        return (before.path, before.format, before.version) != (after.path, after.format, after.version)


def pair(before: Iterable[LockFile], after: Iterable[LockFile]) -> tuple[Pair, ...]:
    """Lockfiles of the same path. A new one is compared with one that is gone: of the same bytes, else in the same
    folder, of the same name, or any of its ecosystem, so that no lockfile escapes comparison by being moved or doubled.
    """
    old = {lock.path: lock for lock in before}
    new = {lock.path: lock for lock in after}
    pairs = [Pair(old.pop(path), new.pop(path)) for path in sorted(old.keys() & new.keys())]
    gone = [(alike, _first(old, alike)) for alike in (_bytes, _folder, _name, _ecosystem)]
    used: set[str] = set()
    for path in sorted(new):
        lock = new[path]
        earlier = next((known[alike(lock)] for alike, known in gone if alike(lock) in known), None)
        pairs.append(Pair(earlier, lock))
        used |= {earlier.path} if earlier else set()
    pairs += [Pair(lock, None) for path, lock in old.items() if path not in used]
    return tuple(sorted(pairs, key=lambda one: one.path))


def _first(locks: Mapping[str, LockFile], alike: _Alike) -> dict[tuple[str, ...], LockFile]:
    first: dict[tuple[str, ...], LockFile] = {}
    for path in sorted(locks):
        first.setdefault(alike(locks[path]), locks[path])
    return first


def _bytes(lock: LockFile) -> tuple[str, ...]:
    return lock.ecosystem, str(lock.sha256)


def _folder(lock: LockFile) -> tuple[str, ...]:
    return lock.ecosystem, repopath.folder(lock.path)


def _ecosystem(lock: LockFile) -> tuple[str, ...]:
    return (lock.ecosystem,)


def _name(lock: LockFile) -> tuple[str, ...]:
    return lock.ecosystem, lock.path.rsplit("/", 1)[-1]


def check_pair(one: Pair, manifests: Collection[Manifest], locks: Collection[str]) -> Iterator[Finding]:
    """`manifests` are those of head, `locks` the paths of every lockfile of head."""
    before, after = one.before, one.after
    if before is not None and after is None:
        yield from _removed(before, manifests, locks)
    elif before is not None and after is not None and one.switched:
        message = f"`{shown(before.path)}` ({_kind(before)}) became `{shown(after.path)}` ({_kind(after)})"
        yield found(rules.LOCK_SWITCHED, after.path, message, place=Place(after.path))
        if before.path not in locks:
            yield from _removed(before, manifests, locks)


def _kind(lock: LockFile) -> str:
    return f"{lock.format} {shown(lock.version, 20)}".rstrip()


def _removed(before: LockFile, manifests: Collection[Manifest], locks: Collection[str]) -> Iterator[Finding]:
    folders = {repopath.folder(before.path), *(asked.folder for asked in before.asked)}
    for manifest in manifests:
        if manifest.ecosystem != before.ecosystem or repopath.folder(manifest.path) not in folders:
            continue
        if not any(path in locks for path in manifest.locks):
            message = f"`{shown(before.path)}` is gone and `{shown(manifest.path)}` is still there"
            yield found(rules.LOCK_REMOVED, before.path, message, place=Place(manifest.path))
            return


def check_alone(
    changed: frozenset[str],
    manifests: Iterable[Manifest],
    before: Mapping[str, Manifest | None],
    written: frozenset[str] = frozenset(),
) -> Iterator[Finding]:
    """Lockfiles and manifests that changed without each other.

    `changed` are the paths of lockfiles that hold other packages than before, `manifests` those of head that have a
    lockfile, `before` what each manifest was whose bytes changed, None where that is not known, and `written` the
    lockfiles that changed at all: a package that was locked for another's sake may be all a manifest asks for now.
    """
    serves: dict[str, list[str]] = {}
    for manifest in manifests:
        for path in manifest.locks:
            serves.setdefault(path, []).append(manifest.path)
        if not manifest.locks or manifest.path not in before or manifest.path in manifest.locks:
            continue
        old = before[manifest.path]
        if old is not None and _wishes(old) != _wishes(manifest) and not (changed | written) & {*manifest.locks}:
            message = f"`{shown(manifest.path)}` asks for something else than before, and no lockfile of it changed"
            yield found(rules.MANIFEST_ALONE, manifest.path, message, place=Place(manifest.path))
    for path in sorted(changed):
        asking = [name for name in serves.get(path, ()) if name != path]
        if asking and not any(name in before for name in asking):
            near = min(asking, key=lambda name: (repopath.folder(name) != repopath.folder(path), name))
            message = f"`{shown(path)}` changed and `{shown(near)}` did not"
            yield found(rules.LOCK_ALONE, path, message, place=Place(path))


def _wishes(manifest: Manifest) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(manifest.requires), frozenset(manifest.optional)
