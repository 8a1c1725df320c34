"""Is what a lockfile holds what its manifest asks for?

Which locks serve a manifest is decided here; how they are compared is data. Each row of `commands.ROWS` names the ways
of comparing its format, and `_WAYS` the module of each way, which is one function `check(Pair)`. A new format is a row;
a new way of comparing is a `Way`, a module `sync_NAME.py` and a line in `_WAYS`. A way sees all serving locks that
name it at once, since requirement files serve a manifest together.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import islice
from types import MappingProxyType

from tidegate.domain.locks import members, pep508, rules, sync_cargo
from tidegate.domain.locks.commands import Way, first_time, row
from tidegate.domain.locks.stale import Pair
from tidegate.formats import repopath
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import LockFile, Manifest

_WAYS = {
    Way.ASKED: "sync_asked",
    Way.HASH: "sync_hashes",
    Way.WISHES: "sync_wishes",
    Way.ANSWERS: "sync_answers",
    Way.PEP508: "sync_pep508",
    Way.NPM: "sync_npm",
    Way.SETTINGS: "sync_settings",
    Way.NAMES: "sync_names",
    Way.NUGET: "sync_nuget",
    Way.HEX: "sync_hex",
    Way.CARGO: "sync_cargo",
    Way.GEMS: "sync_gems",
    Way.COMPOSER: "sync_composer",
}
"""In the order findings are told."""


@cache
def _check_of(way: Way) -> Callable[[Pair], Iterator[Finding]]:
    """Imported when it is used: most repositories lock one ecosystem or two."""
    check: Callable[[Pair], Iterator[Finding]] = import_module(f"tidegate.domain.locks.{_WAYS[way]}").check
    return check


@dataclass(frozen=True, slots=True)
class Serving:
    """The locks that serve a manifest. `unread`: one in place could not be read, which is a finding already."""

    locks: tuple[LockFile, ...] = ()
    unread: bool = False


def serving(manifest: Manifest, locks: Mapping[str, LockFile]) -> Serving:
    """The locks of a manifest: all of one folder that record what was asked, or else its requirement files together.

    A lock of a folder above serves only a manifest it names; one elsewhere only a crate it holds as local.
    """
    here = repopath.folder(manifest.path)
    near = [path for path in manifest.locks if not _is_above(path, here)]
    strict = [locks[path] for path in near if path in locks and row(locks[path].format).strict]
    unread = any(path not in locks for path in near)
    if strict:
        return Serving(tuple(strict), unread)
    loose = [locks[path] for path in near if path in locks]
    if loose or unread:
        return Serving(tuple(loose), unread)
    for path in manifest.locks:
        if path not in locks:
            return Serving((), unread=True)
        if row(locks[path].format).named:
            return Serving((locks[path],))
        if _serves(manifest, locks[path]):
            return Serving(tuple(_together(manifest, locks, path)))
    elsewhere = (lock for lock in locks.values() if sync_cargo.member(manifest, lock) is not None)
    return Serving(tuple(islice(elsewhere, 1)))


def _serves(manifest: Manifest, lock: LockFile) -> bool:
    here = repopath.folder(manifest.path)
    named = any(one.folder == here for one in lock.asked)
    return named or sync_cargo.member(manifest, lock) is not None or members.serves(manifest, lock)


def _together(manifest: Manifest, locks: Mapping[str, LockFile], first: str) -> Iterator[LockFile]:
    """Every lock of one folder that serves a manifest: which of them will be installed from is not known."""
    folder = repopath.folder(first)
    for path in manifest.locks:
        if repopath.folder(path) == folder and path in locks and _serves(manifest, locks[path]):
            yield locks[path]


def _is_above(lock: str, here: str) -> bool:
    folder = repopath.folder(lock)
    return here != folder and (folder == "." or here.startswith(f"{folder}/"))


def check_manifest(
    manifest: Manifest,
    locks: Mapping[str, LockFile],
    overrides: Mapping[str, Collection[str]] = MappingProxyType({}),
    settings: Mapping[str, Collection[str]] = MappingProxyType({}),
    own: Collection[tuple[str, str]] = (),
) -> Iterator[Finding]:
    """What is wrong between a manifest and its locks; the subject is the manifest's path, with the package at fault.

    `overrides` are the names manifests override, by folder: a lock's own word that it overrides is not enough.
    `settings` are those of every manifest, by its path; `own` are (ecosystem, name) of every manifest.
    """
    asks = bool(manifest.requires or manifest.optional or manifest.dynamic)
    chosen = serving(manifest, locks)
    if not chosen.locks:
        told = chosen.unread or any(problem.rule == "lock-unsupported" for problem in manifest.problems)
        if asks and not told:
            place, fix = Place(manifest.path), first_time(manifest)
            if fix and repopath.folder(manifest.path) != ".":
                fix += "; if it is never installed (an example, test data), `exclude` it with a reason"
            yield found(rules.LOCK_MISSING, manifest.path, _missing(manifest), place=place, fix=fix)
        return
    if asks and members.unserved(manifest, chosen.locks):
        message = (
            f"`{shown(manifest.path)}` is for `{manifest.manager}` (`packageManager`), which reads none of its locks"
        )
        yield found(rules.LOCK_MISSING, manifest.path, message, place=Place(manifest.path), fix=first_time(manifest))
    if any(problem.rule == "lock-unsupported" for lock in chosen.locks for problem in lock.problems):
        return
    if any(_plain(one, manifest) for one in manifest.requires) and not any(lock.packages for lock in chosen.locks):
        message = f"`{shown(manifest.path)}` asks for packages, `{shown(chosen.locks[0].path)}` holds none"
        yield found(rules.LOCK_EMPTY, chosen.locks[0].path, message, place=Place(chosen.locks[0].path))
        return
    for way in _WAYS:
        compared = tuple(lock for lock in chosen.locks if way in row(lock.format).ways)
        if compared:
            yield from _check_of(way)(Pair(manifest, compared, overrides, settings, own))
    if manifest.dynamic:
        message = f"`{shown(manifest.path)}` computes what it asks for at build time"
        yield found(rules.LOCK_UNCOMPARED, manifest.path, message, place=Place(manifest.path))


def _missing(manifest: Manifest) -> str:
    above = manifest.locks[0] if manifest.locks else ""
    more = f"; `{shown(above)}` does not name it" if above else ""
    says = rules.LOCK_MISSING.says
    if manifest.dynamic and not (manifest.requires or manifest.optional):
        says = "computes what it asks for, which may be packages, and has no lockfile"
    return f"`{shown(manifest.path)}` {says}{more}"


def _plain(written: str, manifest: Manifest) -> bool:
    """Is this asked for on every platform?"""
    return manifest.ecosystem != "PyPI" or pep508.everywhere(written)
