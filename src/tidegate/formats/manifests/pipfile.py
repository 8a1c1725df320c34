"""Pipfile is known and its lock is not read yet, so it always comes with a problem."""

from collections.abc import Collection

from tidegate.formats import repopath, toml
from tidegate.formats.locks.shape import table
from tidegate.model.package import Manifest, Problem

FORMAT = "Pipfile"
ECOSYSTEM = "PyPI"
LIMIT = 2 * 1024 * 1024


def matches(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "Pipfile"


def parse(path: str, raw: bytes, present: Collection[str]) -> Manifest:
    """Names what is asked for, without versions. Raises FormatError."""
    document = toml.loads(raw, limit=LIMIT, what="the manifest")
    requires = tuple(table(document.get("packages"), "`packages`"))
    optional = tuple(table(document.get("dev-packages"), "`dev-packages`"))
    lock = repopath.join(repopath.folder(path), "Pipfile.lock")
    message = "its lockfile `Pipfile.lock` is Pipenv's, which tidegate does not read yet"
    if lock not in present:
        message = "Pipenv's manifest has no `Pipfile.lock`, and tidegate would not read it yet"
    problems = (Problem("lock-unsupported", path, message),)
    return Manifest(path, FORMAT, ECOSYSTEM, requires, optional, problems=problems)
