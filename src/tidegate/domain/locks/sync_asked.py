"""A lock that recorded what each manifest asked for is held against what the manifest asks for now."""

from collections.abc import Iterator

from tidegate.domain.locks.commands import row
from tidegate.domain.locks.pep508 import keys
from tidegate.domain.locks.stale import Pair, stale, uncompared
from tidegate.formats import repopath
from tidegate.formats.python_names import canonicalize_name
from tidegate.formats.text import shown
from tidegate.model.finding import Finding
from tidegate.model.package import Asked, LockFile, Manifest


def check(pair: Pair) -> Iterator[Finding]:
    """Both directions: what the lock does not know of, and what it was made for and nobody asks for any more."""
    for lock in pair.locks:
        yield from _one(pair.manifest, lock)


def _one(manifest: Manifest, lock: LockFile) -> Iterator[Finding]:
    here = repopath.folder(manifest.path)
    asked = next((one for one in lock.asked if one.folder == here), None)
    if asked is None:
        if row(lock.format).strict and not manifest.dynamic:
            message = f"`{shown(lock.path)}` does not record what `{shown(manifest.path)}` asks for"
            yield uncompared(manifest, lock, "", message)
        return
    if manifest.dynamic:
        return
    member = here != repopath.folder(lock.path)
    for wanted, recorded in _pairs(manifest, asked, member):
        gone, new = sorted(recorded - wanted), sorted(wanted - recorded)
        for one in new:
            yield stale(manifest, lock, one, f"the manifest asks for `{shown(one)}`, the lock does not know of it")
        for one in gone:
            yield stale(manifest, lock, one, f"it was made for `{shown(one)}`, which the manifest does not ask for")


def _pairs(manifest: Manifest, asked: Asked, member: bool) -> Iterator[tuple[set[str], set[str]]]:
    """(wanted, recorded) for what is always installed and for the rest."""
    if manifest.ecosystem != "PyPI":
        yield set(manifest.requires), set(asked.requires)
        yield set(manifest.optional), set(asked.optional)
        return
    own = canonicalize_name(manifest.name)
    for wanted, recorded in ((manifest.requires, asked.requires), (manifest.optional, asked.optional)):
        left, right = keys(wanted, own), keys(recorded, own)
        addressed = _addressed(left) | (_addressed(right) if member else set())
        yield _loosened(left, addressed), _loosened(right, addressed & _addressed(right))


def _addressed(written: set[str]) -> set[str]:
    """Names that are taken from an address rather than a registry."""
    return {key.split(" ")[0] for key in written if key.endswith(" @")}


def _loosened(written: set[str], addressed: set[str]) -> set[str]:
    """All that is asked of an addressed name becomes one: uv may tell it several sources, one for each platform.

    A member's sources may be told by its root, so an address recorded for a member is enough.
    """
    return {f"{name} @" if (name := key.split(" ")[0]) in addressed else key for key in written}
