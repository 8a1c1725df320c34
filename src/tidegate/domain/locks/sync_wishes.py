"""What pnpm, Bun or Yarn recorded for each project of a workspace is what its manifest asks for."""

from collections.abc import Iterable, Iterator

from tidegate.domain.locks.freed import freed
from tidegate.domain.locks.members import check_installed, installed
from tidegate.domain.locks.stale import Pair, stale, uncompared
from tidegate.formats import repopath
from tidegate.formats.locks import node
from tidegate.formats.text import shown
from tidegate.model.finding import Finding
from tidegate.model.package import Asked, LockFile, Manifest

Wishes = dict[str, set[str]]
"""Ranges by name."""


def check(pair: Pair) -> Iterator[Finding]:
    """Both directions, name by name. A name in several tables is recorded once, peers are recorded or not, and an
    overridden one is recorded with the range that overrides it."""
    here = repopath.folder(pair.manifest.path)
    for lock in pair.locks:
        asked = next((one for one in lock.asked if one.folder == here), None)
        packages = installed(pair.manifest, lock) if asked is None else ()
        if packages:
            yield from check_installed(pair, lock, packages)
            continue
        if asked is None:
            message = f"`{shown(lock.path)}` does not record what `{shown(pair.manifest.path)}` asks for"
            yield uncompared(pair.manifest, lock, "", message)
            continue
        yield from _missing(pair, lock, asked)
        yield from _left_over(pair, lock, asked)
        if not asked.ungrouped:
            yield from _moved(pair.manifest, lock, asked)


def _read(written: Iterable[str]) -> Wishes:
    found: Wishes = {}
    for one in written:
        name, spec = node.split(one)
        found.setdefault(name, set()).add(node.plain(spec))
    return found


def _missing(pair: Pair, lock: LockFile, asked: Asked) -> Iterator[Finding]:
    manifest, free = pair.manifest, freed(pair, lock)
    recorded = _read((*asked.requires, *asked.optional))
    needed = _read(manifest.requires)
    for name, specs in sorted(_read((*manifest.requires, *manifest.optional)).items()):
        known = recorded.get(name, set())
        if specs & known or (name in free and (known or name in lock.overrides)):
            continue
        if not known and name in manifest.peers and name not in needed:
            continue
        one = f"{name}@{min(specs)}"
        yield stale(manifest, lock, one, f"the manifest asks for `{shown(one)}`, the lock does not know of it")


def _left_over(pair: Pair, lock: LockFile, asked: Asked) -> Iterator[Finding]:
    manifest, free = pair.manifest, freed(pair, lock)
    wanted = _read((*manifest.requires, *manifest.optional))
    for name, specs in sorted(_read((*asked.requires, *asked.optional)).items()):
        for spec in sorted(specs - wanted.get(name, set())):
            if name in free and name in wanted:
                continue
            one = f"{name}@{spec}"
            yield stale(manifest, lock, one, f"it was made for `{shown(one)}`, which the manifest does not ask for")


def _moved(manifest: Manifest, lock: LockFile, asked: Asked) -> Iterator[Finding]:
    """From what is always installed to what development needs, or back."""
    needed, rest = _read(manifest.requires).keys(), _read(manifest.optional).keys() - set(manifest.peers)
    recorded, later = _read(asked.requires).keys(), _read(asked.optional).keys()
    for name in sorted((needed & later) - recorded - rest):
        message = f"`{shown(name)}` is locked for development alone, the manifest always asks for it"
        yield stale(manifest, lock, name, message)
    for name in sorted((rest & recorded) - later - needed):
        message = f"`{shown(name)}` is locked for all, the manifest asks for it in development alone"
        yield stale(manifest, lock, name, message)
