"""A commit as the tree that is looked at: every byte comes from the object store, no checkout is ever made."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from tidegate.adapters.git import LocalGit
from tidegate.adapters.git_process import Plumbing
from tidegate.adapters.index_files import IndexFiles
from tidegate.adapters.paths import spell
from tidegate.model.inventory import Source
from tidegate.ports import Entry

AHEAD = 256
WINDOW = 8 << 20


class CommitGit(LocalGit):
    """`ports.Git` of a repository as if `commit` were checked out, and nothing else lay there."""

    def __init__(self, root: Path, timeout: float, commit: str) -> None:
        super().__init__(root, timeout)
        self._commit = commit
        self._commits.add(commit)

    def resolve(self, ref: str) -> str | None:
        return self._commit if ref == "HEAD" else super().resolve(ref)

    def source(self) -> Source:
        self._ready()
        tree, committed = self._written(self._commit)
        return Source(self._commit, tree, remote=self._remote(), committed=committed, shallow=self._shallow())

    def tracked(self) -> tuple[Entry, ...]:
        return tuple(entry for entry, _ in self._held.values())

    def tree(self, commit: str) -> tuple[Entry, ...]:
        return self.tracked() if commit == self._commit else super().tree(commit)

    def untracked(self) -> tuple[str, ...]:
        return ()

    def staged(self) -> tuple[Entry, ...]:
        return ()

    def ignored(self, paths: Sequence[str]) -> frozenset[str]:
        return frozenset()

    def files(self) -> "CommitFiles":
        return CommitFiles(self._plumbing, self._held)

    @cached_property
    def _held(self) -> "dict[str, tuple[Entry, int]]":
        """Every path in order, with the size of its blob."""
        self._ready()
        found: dict[str, tuple[Entry, int]] = {}
        for item in self._items("ls-tree", "-r", "-l", "-z", "--full-tree", self._commit):
            head, _, raw = item.partition(b"\t")
            mode, _, oid, size = head.decode("ascii").split()
            path = spell(raw)
            found[path] = Entry(path, mode, oid), int(size) if size.isdigit() else 0
        return dict(sorted(found.items()))


class CommitFiles(IndexFiles):
    """The files of a commit. Reading one reads those after it, too: whoever reads a tree reads it in order."""

    def __init__(self, plumbing: Plumbing, held: Mapping[str, tuple[Entry, int]]) -> None:
        super().__init__(plumbing, {path: entry for path, (entry, _) in held.items()})
        self._sizes = {path: size for path, (_, size) in held.items()}
        self._order = list(held)
        self._place = {path: number for number, path in enumerate(self._order)}

    def size(self, path: str) -> int | None:
        entry = self._entries.get(path)
        return None if entry is None or entry.mode == "160000" else self._sizes[path]

    def _data(self, entry: Entry, limit: int) -> bytes:
        if entry.oid not in self._fetched and self._sizes.get(entry.path, 0) <= limit:
            self._fetched.clear()
            self.fetch(self._window(entry.path))
        return super()._data(entry, limit)

    def _window(self, path: str) -> list[str]:
        room, paths = WINDOW, list[str]()
        at = self._place[path]
        for each in self._order[at : at + AHEAD]:
            if self._entries[each].mode == "160000":
                continue
            room -= self._sizes[each]
            if room < 0 and paths:
                break
            paths.append(each)
        return paths
