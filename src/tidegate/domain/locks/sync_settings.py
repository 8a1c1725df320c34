"""Overrides and catalogs a lock recorded are those its workspace sets."""

from collections.abc import Iterator

from tidegate.domain.locks.stale import Pair, stale
from tidegate.formats import repopath
from tidegate.formats.locks import node
from tidegate.formats.text import shown
from tidegate.model.finding import Finding
from tidegate.model.package import LockFile

_FILES = ("package.json", "pnpm-workspace.yaml")
_READERS = {"pnpm-lock.yaml": ("pnpm", "yarn"), "bun.lock": ("npm", "yarn")}
"""Whose tables of overrides each manager reads."""


def check(pair: Pair) -> Iterator[Finding]:
    """Compared once for each lock, with the manifests beside it."""
    for lock in pair.locks:
        if repopath.folder(pair.manifest.path) == repopath.folder(lock.path):
            yield from _one(pair, lock)


def _one(pair: Pair, lock: LockFile) -> Iterator[Finding]:
    folder = repopath.folder(lock.path)
    known = [one for name in _FILES for one in pair.settings.get(repopath.join(folder, name), ())]
    overrides = _overrides(known, _READERS.get(lock.format, ()))
    recorded = _overrides([f"lock {one}" for one in lock.settings], ("lock",))
    for name, spec in sorted(recorded.items()):
        wanted = overrides.get(name)
        if wanted is None or not _same(wanted, spec):
            one = f"{name}@{spec}"
            yield stale(pair.manifest, lock, one, f"it was made with the override `{shown(one)}`, which nothing sets")
    for name, spec in sorted(overrides.items()):
        if lock.format in _READERS and name not in recorded:
            one = f"{name}@{spec}"
            yield stale(pair.manifest, lock, one, f"the override `{shown(one)}` is set, the lock does not know of it")
    for one in lock.settings:
        if one.startswith("catalog ") and one not in known:
            yield stale(pair.manifest, lock, one, f"it was made for `{shown(one)}`, which no catalog says")


def _overrides(settings: list[str], readers: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in settings:
        reader, kind, written = (*one.split(" ", 2), "", "")[:3]
        if kind == "override" and reader in readers:
            name, _, spec = written.rpartition("@")
            found[name] = spec
    return found


def _same(wanted: str, recorded: str) -> bool:
    """A reference to a direct dependency or a catalog is recorded as what it stands for."""
    return wanted.startswith(("$", "catalog:")) or node.plain(wanted) == node.plain(recorded)
