"""Which folders of a JavaScript repository a lock above them serves, where it does not list their wishes."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from tidegate.domain.locks.freed import freed
from tidegate.domain.locks.stale import Pair, stale
from tidegate.formats import repopath
from tidegate.formats.locks import node
from tidegate.formats.text import shown
from tidegate.model.finding import Finding
from tidegate.model.package import Locked, LockFile, Manifest, SourceKind

_MEMBER = "workspace "
_LOCKS = {"npm": "package-lock.json", "yarn": "yarn.lock", "pnpm": "pnpm-lock.yaml", "bun": "bun.lock"}
MAX_SPREAD = 256
_LOCAL = ("link:", "file:", "portal:", "workspace:")


def serves(manifest: Manifest, lock: LockFile) -> bool:
    """Is the manifest's folder one of the workspace's (by patterns in `LockFile.settings`), or installed as a package
    from where it lies?"""
    if manifest.ecosystem != "npm" or lock.ecosystem != "npm":
        return False
    return _is_member(repopath.folder(manifest.path), lock) or bool(installed(manifest, lock))


def installed(manifest: Manifest, lock: LockFile) -> tuple[Locked, ...]:
    """The packages a lock takes from the manifest's own folder (`file:./folder`) with what they need; a link to it is
    none, since nothing is installed for a link."""
    here, folder = repopath.folder(manifest.path), repopath.folder(lock.path)
    local = (package for package in lock.packages if package.source.kind is SourceKind.PATH and package.requires)
    return tuple(one for one in local if repopath.resolve(folder, one.source.url) == here)


def check_installed(pair: Pair, lock: LockFile, packages: tuple[Locked, ...]) -> Iterator[Finding]:
    """What such a package needs is locked as its needs; for development nothing is installed."""
    names = {node.split(one)[0] for package in packages for one in package.requires}
    free = freed(pair, lock)
    for written in pair.manifest.requires:
        name, spec = node.split(written)
        if (node.alias(spec) or name) not in names and name not in free and not spec.startswith(_LOCAL):
            message = f"the manifest asks for `{shown(written)}`, the lock does not know of it"
            yield stale(pair.manifest, lock, written, message)


def unserved(manifest: Manifest, locks: tuple[LockFile, ...]) -> bool:
    """Does the manifest name a package manager (`packageManager`) that reads none of its locks?"""
    wanted = _LOCKS.get(manifest.manager)
    return wanted is not None and not any(lock.format.startswith(wanted) for lock in locks)


def _is_member(here: str, lock: LockFile) -> bool:
    folder = repopath.folder(lock.path)
    inside = here if folder == "." else here.removeprefix(f"{folder}/")
    patterns = [one.removeprefix(_MEMBER) for one in lock.settings if one.startswith(_MEMBER)]
    excluded = any(one.startswith("!") and _matches(one[1:], inside) for one in patterns)
    return not excluded and any(_matches(one, inside) for one in patterns if not one.startswith("!"))


def _matches(pattern: str, folder: str) -> bool:
    """A glob of folders: `*` within one name, `**` over any number, `{a,b}`. A pattern too long matches nothing.

    Compared without going back more than to the last star, so that no pattern takes long.
    """
    plain = pattern.removeprefix("./").rstrip("/")
    if len(plain) > 300:
        return False
    return any(_glob(_steps(one), folder.split("/"), "**", _name) for one in islice(_spread(plain), MAX_SPREAD))


def _steps(pattern: str) -> list[str]:
    steps = pattern.split("/")
    return [*steps, "*"] if steps[-1] == "**" else steps


def _name(pattern: str, name: str) -> bool:
    return _glob(pattern, name, "*", lambda sign, letter: sign in ("?", letter))


def _spread(pattern: str) -> Iterator[str]:
    """Every way to read `{a,b}`; brackets within brackets are not read."""
    match = re.search(r"\{([^{}]*)\}", pattern)
    if match is None:
        yield pattern
        return
    for one in match[1].split(","):
        yield from _spread(f"{pattern[: match.start()]}{one}{pattern[match.end() :]}")


def _glob(pattern: Sequence[str], written: Sequence[str], star: str, same: Callable[[str, str], bool]) -> bool:
    at = here = 0
    back = (-1, 0)
    while here < len(written):
        if at < len(pattern) and pattern[at] == star:
            back, at = (at, here), at + 1
        elif at < len(pattern) and same(pattern[at], written[here]):
            at, here = at + 1, here + 1
        elif back[0] >= 0:
            back = (back[0], back[1] + 1)
            at, here = back[0] + 1, back[1]
        else:
            return False
    return all(one == star for one in pattern[at:])
