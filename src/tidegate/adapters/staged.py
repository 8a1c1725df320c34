"""What the next commit would hold: of it only what it changes, with what is judged together with that."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tidegate.adapters import git_status
from tidegate.adapters.git import LocalGit
from tidegate.adapters.git_process import Plumbing
from tidegate.adapters.index_files import IndexFiles
from tidegate.adapters.inventory import MAX_FILES, documents, manifests_of
from tidegate.errors import FormatError
from tidegate.formats import all_workflows, repopath
from tidegate.formats.gitlab import reader as gitlab
from tidegate.formats.locks import table as locks
from tidegate.formats.manifests import table as manifests
from tidegate.formats.repopath import is_installed
from tidegate.formats.workflows.others import foreign_ci
from tidegate.model.inventory import Inventory, Source, TreeFile
from tidegate.model.package import Manifest, Problem
from tidegate.model.pipeline import Pipeline
from tidegate.ports import Entry

_SUBMODULE = "160000"
# A requirements file may include files of any name; these endings are the usual ones.
_INCLUDED = (".txt", ".in", ".pip", ".req", ".requirements")
_CALLED = re.compile(rb"(?:\./|[\w.-]+/[\w.-]+/)(\.?[\w./-]+)")
_ACTION = ("action.yml", "action.yaml")
_YAML = (".yml", ".yaml")
_LIMIT = 1_000_000


@dataclass(slots=True)
class Staged:
    """The tree the next commit would have, what of it is new or changed, and the paths it takes away."""

    files: IndexFiles
    entries: dict[str, Entry]
    changed: frozenset[str]
    gone: frozenset[str]
    commit: str = ""

    @property
    def touched(self) -> frozenset[str]:
        return self.changed | self.gone

    def inventory(self, paths: Iterable[str]) -> Inventory:
        """An inventory of these paths alone, whose files are nothing but what git would commit."""
        listed = (self.entries[path] for path in sorted(set(paths) & self.entries.keys()))
        files = tuple(TreeFile(entry.path, 0, entry.mode) for entry in listed)
        return Inventory(Source(self.commit), files=files)

    def lock_inventory(self) -> Inventory | None:
        """Manifests and locks that are staged, and those judged together with them; None when there are none."""
        touched = {path for path in self.touched if not is_installed(path)}
        unread = {path for path in self.changed if is_installed(path) or self.entries[path].mode == _SUBMODULE}
        paths = [p for p, e in self.entries.items() if not is_installed(p) and e.mode != _SUBMODULE]
        asked = _locks(paths, touched)
        if not (asked or unread or any(_is_lockish(path) for path in touched)):
            return None
        present = frozenset(paths)
        every = [path for path in sorted(present) if manifests.is_manifest(path)]
        self.files.fetch(every)
        # A lock that is taken away served its manifests until now.
        before = manifests_of(self.files, every, present | self.gone, [])
        ours = _together(before, touched, asked) | (touched & set(every))
        problems: list[Problem] = []
        kept = manifests_of(self.files, sorted(ours), present, problems)
        wanted = {path for path in asked if path in present} | {path for m in kept for path in m.locks}
        self.files.fetch(wanted)
        read, _ = documents(self.files, sorted(wanted), _no_workflow, problems, present)
        shown = {*self.changed, *wanted, *(m.path for m in kept), *(lock.path for lock in read)}
        made = self.inventory(shown)
        return Inventory(made.source, made.files, manifests=kept, locks=read, problems=tuple(problems))

    def workflow_inventory(self, beside: Collection[str]) -> Inventory | None:
        """CI files that are staged, and those that call or are called by them; None when there are none.

        `beside` are paths of other files the stage looks at.
        """
        files = {path for path, entry in self.entries.items() if _is_ci(path) and entry.mode != _SUBMODULE}
        touched = {path for path in self.touched if _is_ci(path) or foreign_ci(path) or path in beside}
        pipelines = self.pipelines()
        if not touched and not pipelines:
            return None
        near = _connected(self, files, {path for path in touched if _is_ci(path)})
        problems: list[Problem] = []
        _, workflows = documents(self.files, sorted(near), all_workflows.reader_for, problems, frozenset(self.entries))
        shown = {path for pipeline in pipelines for path in (*pipeline.files, *pipeline.unread)}
        made = self.inventory(near | touched | shown)
        other = tuple(path for path in sorted(touched - self.gone) if foreign_ci(path))
        return Inventory(
            made.source,
            made.files,
            workflows=workflows,
            problems=tuple(problems),
            other_ci=other,
            pipelines=pipelines,
        )

    def pipelines(self) -> tuple[Pipeline, ...]:
        """GitLab's pipelines of which a file is staged, or taken away."""
        touched = {path for path in self.touched if path.endswith(_YAML)}
        here = frozenset(path for path, entry in self.entries.items() if entry.mode != _SUBMODULE)
        if not touched or not gitlab.roots(here):
            return ()
        read = gitlab.pipelines(self.files.read, here)
        gone = bool(touched & self.gone)
        return tuple(each for each in read if gone or not touched.isdisjoint((*each.files, *each.unread)))


def read_staged(root: Path, timeout: float, index: str) -> Staged:
    """Compare the index with HEAD. Raises UndecidedError when git fails, FormatError when there is too much."""
    plumbing = Plumbing(root.resolve(), timeout, index)
    commit = LocalGit(root, timeout, index).resolve("HEAD") or ""
    changed, gone = git_status.differences(plumbing, commit)
    before = {path: Entry(path, mode, oid) for path, (mode, oid) in git_status.held(plumbing, commit).items()}
    entries = {path: entry for path, entry in (before | changed).items() if path not in gone}
    if len(entries) > MAX_FILES:
        raise FormatError(f"the repository holds more than {MAX_FILES} files")
    return Staged(IndexFiles(plumbing, entries), entries, frozenset(changed), gone, commit)


def _no_workflow(_path: str) -> None:
    return None


def _is_lockish(path: str) -> bool:
    return bool(locks.reader_for(path) or manifests.is_manifest(path) or locks.unsupported(path))


def _locks(paths: Iterable[str], touched: Collection[str]) -> set[str]:
    """Locks that are touched themselves, or by a file that completes them or could be included by them."""
    includes = any(path.endswith(_INCLUDED) and not _is_lockish(path) for path in touched)
    found = set()
    for path in paths:
        reader = locks.reader_for(path)
        if reader is None:
            continue
        near = path in touched or any(one in touched for one in locks.companions(path))
        if near or (includes and reader.FORMAT == "requirements.txt"):
            found.add(path)
    return found


def _together(every: Iterable[Manifest], touched: Collection[str], asked: Collection[str]) -> set[str]:
    """Paths of the manifests that share a lock, directly or not, with one that is touched."""
    left = list(every)
    chosen: set[str] = set()
    shared = set(asked) | set(touched)
    grown = True
    while grown:
        near = [m for m in left if m.path in touched or not shared.isdisjoint(m.locks)]
        left = [m for m in left if m not in near]
        chosen |= {m.path for m in near}
        shared |= {path for m in near for path in m.locks}
        grown = bool(near)
    return chosen


def _is_ci(path: str) -> bool:
    return all_workflows.reader_for(path) is not None


def _connected(staged: Staged, files: Collection[str], touched: Collection[str]) -> set[str]:
    """CI files that name each other, from those that are touched on, in both directions."""
    staged.files.fetch(files)
    links = {path: set(_named(staged, path, {*files, *touched})) for path in files}
    near = set(touched)
    grown = True
    while grown:
        more = {path for path, named in links.items() if path not in near and not named.isdisjoint(near)}
        more |= {path for known in near & links.keys() for path in links[known]} - near
        near |= more
        grown = bool(more)
    return near & set(files)


def _named(staged: Staged, path: str, files: Collection[str]) -> Iterator[str]:
    """The CI files whose path stands in this one. What cannot be read names all of them."""
    try:
        text = staged.files.read(path, _LIMIT)
    except FormatError:
        yield from files
        return
    for raw in _CALLED.findall(text):
        name = raw.decode("ascii", "replace").rstrip("/")
        for each in (name, *(repopath.join(name, action) for action in _ACTION)):
            if each in files:
                yield each
