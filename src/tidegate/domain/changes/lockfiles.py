"""Which lockfile of the base became which of the head, and what is wrong with what became of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tidegate.domain.changes import rules
from tidegate.formats import repopath
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import LockFile, Manifest


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
    def switched(self) -> bool:
        """Is it another file, another kind, or another version of the format than before?"""
        before, after = self.before, self.after
        if before is None or after is None:
            return False
        return (before.path, before.format, before.version) != (after.path, after.format, after.version)


def pair(before: Iterable[LockFile], after: Iterable[LockFile]) -> tuple[Pair, ...]:
    """Lockfiles of the same path; then, of those left, the same bytes, the same folder, the same name: one each."""
    old = {lock.path: lock for lock in before}
    new = {lock.path: lock for lock in after}
    pairs = [Pair(old.pop(path), new.pop(path)) for path in sorted(old.keys() & new.keys())]
    for alike in (_bytes, _folder, _name):
        fits, rivals = _alike(old.values(), alike), _alike(new.values(), alike)
        for key in sorted(fits.keys() & rivals.keys()):
            if len(fits[key]) == 1 == len(rivals[key]):
                pairs.append(Pair(old.pop(fits[key][0].path), new.pop(rivals[key][0].path)))
    pairs += [Pair(None, lock) for lock in new.values()]
    pairs += [Pair(lock, None) for lock in old.values()]
    return tuple(sorted(pairs, key=lambda one: one.path))


def _alike(
    locks: Iterable[LockFile], alike: Callable[[LockFile], tuple[str, ...]]
) -> dict[tuple[str, ...], list[LockFile]]:
    groups: dict[tuple[str, ...], list[LockFile]] = {}
    for lock in locks:
        groups.setdefault(alike(lock), []).append(lock)
    return groups


def _bytes(lock: LockFile) -> tuple[str, ...]:
    return lock.ecosystem, str(lock.sha256)


def _folder(lock: LockFile) -> tuple[str, ...]:
    return lock.ecosystem, repopath.folder(lock.path)


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
    changed: frozenset[str], manifests: Iterable[Manifest], before: Mapping[str, Manifest | None]
) -> Iterator[Finding]:
    """Lockfiles and manifests that changed without each other.

    `changed` are the paths of lockfiles that hold other packages than before, `manifests` those of head that have a
    lockfile, and `before` what each manifest was whose bytes changed, None where that is not known.
    """
    serves: dict[str, list[str]] = {}
    for manifest in manifests:
        for path in manifest.locks:
            serves.setdefault(path, []).append(manifest.path)
        if not manifest.locks or manifest.path not in before or manifest.path in manifest.locks:
            continue
        old = before[manifest.path]
        if old is not None and _wishes(old) != _wishes(manifest) and not changed & {*manifest.locks}:
            message = f"`{shown(manifest.path)}` asks for something else than before, and no lockfile of it changed"
            yield found(rules.MANIFEST_ALONE, manifest.path, message, place=Place(manifest.path))
    for path in sorted(changed):
        asking = [name for name in serves.get(path, ()) if name != path]
        if asking and not any(name in before for name in asking):
            message = f"`{shown(path)}` changed and `{shown(asking[0])}` did not"
            yield found(rules.LOCK_ALONE, path, message, place=Place(path))


def _wishes(manifest: Manifest) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(manifest.requires), frozenset(manifest.optional)
