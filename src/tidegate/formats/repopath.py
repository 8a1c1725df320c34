"""Paths written inside a repository's files, resolved without touching the disk."""

import posixpath
import re

_INSTALLED = frozenset({"node_modules", ".git"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def folder(path: str) -> str:
    """The folder of a repository path, `.` at the top."""
    return posixpath.dirname(path) or "."


def join(where: str, name: str) -> str:
    """`where/name`, without a leading `./`."""
    return name if where == "." else f"{where}/{name}"


def is_installed(path: str) -> bool:
    """Does a repository path lie among installed packages, or among git's own files, which nobody writes by hand?"""
    return not _INSTALLED.isdisjoint(path.split("/"))


def resolve(where: str, target: str) -> str | None:
    """The repository path of `target` as written in folder `where`; None when it may lie outside the repository.

    A `file:` prefix is understood. Absolute paths, `~`, drives, addresses, backslashes, variables and control
    characters are never inside.
    """
    text = re.sub(r"^file:(?://(?=[./]))?", "", target) if target.startswith("file:") else target
    if not text or text.startswith(("/", "~")) or _SCHEME.match(text):
        return None
    if re.search(r"[\x00-\x1f\x7f\\$%]", text):
        return None
    whole = posixpath.normpath(posixpath.join("." if where == "." else where, text))
    if whole == ".." or whole.startswith(("../", "/")):
        return None
    return whole
