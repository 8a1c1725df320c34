"""What was locked, asked for and configured at the base of a change; only files whose bytes differ are read."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tidegate.errors import FormatError, UndecidedError
from tidegate.formats.configs import table as configs
from tidegate.formats.configs.settings import Setting
from tidegate.formats.locks import table as locks
from tidegate.formats.locks.unread import UNREAD
from tidegate.formats.manifests import table as manifests
from tidegate.formats.repopath import is_installed
from tidegate.model.inventory import Inventory
from tidegate.model.package import LockFile, Manifest, Problem
from tidegate.ports import Entry, World

_LOCK_LIMIT = 64 << 20
_MANIFEST_LIMIT = 4 << 20
_REGULAR = frozenset({"100644", "100755"})


@dataclass(frozen=True, slots=True)
class Config:
    """A package manager's configuration on both sides; `fault` says why one of them could not be read."""

    path: str
    kind: str
    before: tuple[Setting, ...] = ()
    after: tuple[Setting, ...] = ()
    fault: Problem | None = None


@dataclass(slots=True)
class Before:
    """Both sides of what changed.

    `locks` are lockfiles of the base that changed or are gone, `now` those of head that changed or are new, `unread`
    lockfiles of the base that cannot be read. `manifests` maps the path of every changed manifest that has a lockfile
    to what it was, None where that is not known.
    """

    locks: list[LockFile] = field(default_factory=list)
    now: list[LockFile] = field(default_factory=list)
    unread: list[Problem] = field(default_factory=list)
    manifests: dict[str, Manifest | None] = field(default_factory=dict)
    configs: list[Config] = field(default_factory=list)


def read(inventory: Inventory, world: World, base: str) -> Before:
    """Raises UndecidedError when git fails or the base is not (wholly) here."""
    return _Reader(inventory, world, base).read()


class _Reader:
    def __init__(self, inventory: Inventory, world: World, base: str) -> None:
        self._inventory = inventory
        self._world = world
        self._old = {entry.path: entry for entry in world.git.tree(base) if not is_installed(entry.path)}
        self._new = {entry.path: entry for entry in world.git.tracked()}
        self._files = {file.path: file for file in inventory.files}
        self._blobs: dict[str, bytes] = {}

    def read(self) -> Before:
        found = Before()
        self._locks(found)
        self._manifests(found)
        found.configs += self._configs()
        return found

    def _same(self, path: str) -> bool:
        """Are these bytes the base's? A file of the working tree that differs from its commit never counts as same."""
        old, new, file = self._old.get(path), self._new.get(path), self._files.get(path)
        if old is None and new is None:
            return file is None
        unchanged = file is not None and file.tracked and not file.changed
        return old is not None and new is not None and unchanged and (old.oid, old.mode) == (new.oid, new.mode)

    def _locks(self, found: Before) -> None:
        here = {lock.path: lock for lock in self._inventory.locks}
        broken = {problem.about for problem in self._inventory.problems if problem.rule in UNREAD}
        for path, lock in here.items():
            if all(self._same(one) for one in (path, *locks.companions(path))):
                continue
            if any(problem.rule in UNREAD for problem in lock.problems):
                continue
            if path not in self._old:
                found.now.append(lock)
            elif (before := self._lock(self._old[path], found, lock.format)) is not None:
                found.locks.append(before)
                found.now.append(lock)
        for path, entry in self._old.items():
            if path not in here and path not in broken and locks.reader_for(path) is not None:
                before = self._lock(entry, found)
                found.locks += [before] if before is not None else []

    def _lock(self, entry: Entry, found: Before, lock_format: str = "") -> LockFile | None:
        reader = locks.reader_for(entry.path) or locks.reader_of(lock_format)
        if reader is None:
            return None
        try:
            lock = locks.read(reader, entry.path, self._blob(entry, _LOCK_LIMIT), self._beside)
        except FormatError as error:
            found.unread.append(Problem("base-unreadable", entry.path, error.message, error.line))
            return None
        problem = next((one for one in lock.problems if one.rule in UNREAD), None)
        if problem is not None:
            found.unread.append(Problem("base-unreadable", entry.path, problem.message, problem.line))
            return None
        return lock

    def _beside(self, path: str) -> bytes | None:
        return self._blob(self._old[path], _LOCK_LIMIT) if path in self._old else None

    def _manifests(self, found: Before) -> None:
        present = frozenset(self._old)
        for manifest in self._inventory.manifests:
            path = manifest.path
            if not manifest.locks or self._same(path):
                continue
            found.manifests[path] = None
            if path in self._old:
                try:
                    raw = self._blob(self._old[path], _MANIFEST_LIMIT)
                    found.manifests[path] = manifests.parse(path, raw, present)
                except FormatError:
                    continue  # that it changed is known, what it asked for is not

    def _configs(self) -> Iterator[Config]:
        paths = {path for path, file in self._files.items() if file.mode != "160000"} | self._old.keys()
        for path in sorted(path for path in paths if not is_installed(path)):
            kind = configs.kind_of(path)
            if kind is not None and not self._same(path):
                yield self._config(path, kind)

    def _config(self, path: str, kind: str) -> Config:
        now: tuple[Setting, ...] = ()
        try:
            # A tracked file that was deleted in the working tree is gone.
            if path in self._files and self._world.files.size(path) is not None:
                now = configs.read(path, self._world.files.read(path, configs.LIMIT))
        except FormatError as error:
            return Config(path, kind, fault=Problem("now", path, error.message, error.line))
        try:
            old = configs.read(path, self._blob(self._old[path], configs.LIMIT)) if path in self._old else ()
        except FormatError as error:
            return Config(path, kind, fault=Problem("before this change", path, error.message))
        return Config(path, kind, old, now)

    def _blob(self, entry: Entry, limit: int) -> bytes:
        if entry.mode not in _REGULAR:
            raise FormatError("it was not a regular file")
        if entry.oid not in self._blobs:
            data = self._world.git.read(entry.oid, "", limit)
            if data is None:
                raise UndecidedError(f"`{entry.path}` is missing from this clone", hint="fetch the whole history")
            self._blobs[entry.oid] = data
        return self._blobs[entry.oid]
