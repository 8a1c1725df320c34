"""What `tidegate secrets` is asked to search, checked before anything runs: one repository, places that are there."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tidegate.cli import wire
from tidegate.errors import UserError
from tidegate.model.search import Search
from tidegate.ports import Git

MAX_PATHS = 20_000
_RANGE = re.compile(r"(?!-)([^\s.](?:[^\s.]|\.(?!\.))*?)(?:(\.\.)([^\s.](?:[^\s.]|\.(?!\.))*)?)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of the command line."""

    paths: tuple[str, ...] = ()
    staged: bool = False
    range: str = ""
    history: bool = False

    def __bool__(self) -> bool:
        return bool(self.paths or self.staged or self.range or self.history)


def root_of(asked: Asked) -> Path:
    """The repository, or the plain folder, the paths lie in. Raises UserError."""
    named = [name for name, given in _ways(asked) if given]
    if len(named) > 1:
        raise UserError(f"{' and '.join(named)} exclude each other", hint="search one after the other")
    if len(asked.paths) > MAX_PATHS:
        raise UserError(f"more than {MAX_PATHS} paths were given", hint="name folders")
    folders = {_folder(path, missing=bool(named)) for path in asked.paths} or {Path.cwd()}
    roots = {wire.repository_root(folder) for folder in folders}
    if len(roots) == 1:
        return next(iter(roots))
    if any((root / ".git").exists() for root in roots):
        raise UserError("the paths lie in more than one repository", hint="search one after the other")
    return Path(os.path.commonpath(roots))


def question(asked: Asked, root: Path, git: Git) -> Search:
    """What the worker is asked. Raises UserError for a range git does not know."""
    ways = [name for name, given in _ways(asked) if given]
    if ways and not git.present():
        raise UserError(f"{ways[0]} needs a git repository", hint="run it inside one, or name files and folders")
    paths = tuple(dict.fromkeys(_inside(path, root, missing=bool(ways)) for path in asked.paths))
    return Search(
        paths=() if "" in paths else paths,
        staged=asked.staged,
        range=_span(asked.range, git) if asked.range else "",
        history=asked.history,
    )


def _ways(asked: Asked) -> tuple[tuple[str, bool], ...]:
    return (("`--staged`", asked.staged), ("`--range`", bool(asked.range)), ("`--history`", asked.history))


def _there(path: str, missing: bool) -> Path:
    """A path as it was typed. What only the history holds may be `missing`. Raises UserError."""
    if "\0" in path or not path:
        raise UserError("a path is empty or holds a NUL character", hint="name files and folders")
    whole = Path.cwd() / path
    if not os.path.lexists(whole) and not missing:
        raise UserError(f"`{path[:500]}` is not there", hint="name files and folders that are")
    return whole


def _folder(path: str, missing: bool) -> Path:
    whole = _there(path, missing)
    folder = whole if whole.is_dir() and not whole.is_symlink() else whole.parent
    while not folder.is_dir():
        folder = folder.parent
    return folder


def _inside(path: str, root: Path, missing: bool) -> str:
    spelt = wire.spelt(_there(path, missing), root)
    if spelt is None:
        raise UserError(f"`{path}` lies outside of `{root}`", hint="search it on its own")
    if ".git" in spelt.lower().split("/"):
        raise UserError(f"`{path}` lies in `.git`", hint="search its history with `--history`")
    return spelt


def _span(text: str, git: Git) -> str:
    """`A..B` as object ids: a name is looked up once, what it stands for could change while we search."""
    form = "a range is written `A..B`, such as `origin/main..HEAD`"
    found = _RANGE.fullmatch(text)
    if found is None or len(text) > 2000:
        told = "three dots make a symmetric difference" if "..." in text else "it is no range"
        raise UserError(f"`--range {text[:200]}`: {told}", hint=form)
    first, last = found[1], found[3] or "HEAD"
    ids = {name: git.resolve(name) for name in (first, last)}
    for name, commit in ids.items():
        if commit is None:
            raise UserError(
                f"`{name[:200]}` is not a commit of this repository", hint="fetch it first, or mend the name"
            )
    return f"{ids[first]}..{ids[last]}"
