"""Lockfiles that may serve a manifest, by their place in the tree alone."""

from collections.abc import Collection, Iterator
from functools import lru_cache

from tidegate.formats import repopath
from tidegate.formats.all_locks import reads
from tidegate.formats.locks import unread
from tidegate.model.package import Problem

_NODE = ("npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock")
"""In the order the managers look for them."""


@lru_cache(maxsize=4)
def _folders(present: frozenset[str]) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for path in sorted(present):
        folders.setdefault(repopath.folder(path), []).append(path)
    return folders


def beside(path: str, present: Collection[str]) -> list[str]:
    """The files in the folder of `path`, sorted."""
    return _folders(frozenset(present)).get(repopath.folder(path), [])


def above(path: str) -> Iterator[str]:
    """The folders above the folder of `path`, nearest first, `.` last."""
    folder = repopath.folder(path)
    while folder != ".":
        folder = repopath.folder(folder)
        yield folder


def python_locks(path: str, present: Collection[str]) -> tuple[str, ...]:
    """uv.lock, poetry.lock, pdm.lock, pylock and requirements files in the same folder; then every uv.lock of a folder
    above. Pipenv's lock, made for a Pipfile, serves another manifest only where there is nothing else."""
    here = repopath.folder(path)
    folders = _folders(frozenset(present))
    near = folders.get(here, [])
    below = folders.get(repopath.join(here, "requirements"), [])
    found = [repopath.join(here, name) for name in ("uv.lock", "poetry.lock", "pdm.lock")]
    found = [one for one in found if one in near]
    found += [one for one in near if reads("locks.pylock", one)]
    found += [one for one in near if reads("locks.requirements", one)]
    found += [one for one in below if reads("locks.requirements", one)]
    if not found:
        found = [one for one in near if reads("locks.pipfile_lock", one)]
    uppers = (repopath.join(folder, "uv.lock") for folder in above(path))
    return (*found, *(one for one in uppers if one in present))


def npm_locks(path: str, present: Collection[str]) -> tuple[str, ...]:
    """The locks of npm, pnpm, Yarn and Bun in the same folder, then those of the folders above, which serve it when
    they name it."""
    folders = (repopath.folder(path), *above(path))
    every = (repopath.join(folder, name) for folder in folders for name in _NODE)
    return tuple(one for one in every if one in present)


def unread_problem(
    path: str, present: Collection[str], locks: tuple[str, ...], names: Collection[str]
) -> list[Problem]:
    """Says that the nearest lockfile is of a manager tidegate does not read, where no readable one is as near."""
    for folder in (repopath.folder(path), *above(path)):
        if any(repopath.folder(lock) == folder for lock in locks):
            return []
        for name in names:
            lock = repopath.join(folder, name)
            if lock in present:
                message = f"its lockfile `{lock}` is {unread.LOCKS[name]}'s, which tidegate does not read yet"
                return [Problem("lock-unsupported", path, message)]
    return []
