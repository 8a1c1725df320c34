"""Which tracked paths differ from the commit: staged, changed, deleted, and submodules that moved."""

import os
from collections.abc import Sequence

from tidegate.adapters.files import LocalFiles
from tidegate.adapters.git_process import Plumbing
from tidegate.adapters.paths import spell, unspell
from tidegate.adapters.worktree import is_pointed_at, same
from tidegate.errors import FormatError, UndecidedError
from tidegate.ports import Entry

MAX_NESTED = 3
MAX_POINTER = 1024

_REFUSALS = ("beyond a symbolic link", "in submodule", "in unpopulated submodule")
_FILES = frozenset({"100644", "100755"})


def index(plumbing: Plumbing) -> tuple[Entry, ...]:
    """What the index holds, by path; of a conflict the first side."""
    entries: dict[str, Entry] = {}
    for item in _items(plumbing, "ls-files", "--stage", "-z"):
        head, _, raw = item.partition(b"\t")
        mode, oid, _ = head.decode("ascii").split(" ")
        path = spell(raw)
        entries.setdefault(path, Entry(path, mode, oid))
    return tuple(entries.values())


def dirty(plumbing: Plumbing, commit: str, depth: int = 0) -> tuple[str, ...]:
    """Tracked paths whose content, kind or executable bit differs from `commit` ("" before the first commit)."""
    files, entries, head = LocalFiles(plumbing.root), index(plumbing), held(plumbing, commit)
    paths = {entry.path for entry in entries} | head.keys()
    staged = {entry.path: (entry.mode, entry.oid) for entry in entries}
    different = {path for path in paths if head.get(path) != staged.get(path)}
    executable = _has_executable_bit(plumbing)
    for entry in entries:
        if entry.path not in different and not _same(plumbing, files, entry, executable, depth):
            different.add(entry.path)
    return tuple(sorted(different))


def _same(plumbing: Plumbing, files: LocalFiles, entry: Entry, executable: bool, depth: int) -> bool:
    if entry.mode == "160000":
        return _same_submodule(plumbing, files, entry, depth)
    return same(files, entry, executable) or (entry.mode in _FILES and _is_large_file(plumbing, files, entry))


def _is_large_file(plumbing: Plumbing, files: LocalFiles, entry: Entry) -> bool:
    if files.size(entry.path) is None or next(plumbing.check([entry.oid])).size > MAX_POINTER:
        return False
    return is_pointed_at(files, entry.path, next(plumbing.contents([entry.oid], MAX_POINTER)).data or b"")


def _same_submodule(plumbing: Plumbing, files: LocalFiles, entry: Entry, depth: int) -> bool:
    """A submodule that was not fetched is no difference; a fetched one must be at its commit and clean itself."""
    try:
        if files.status(entry.path) is None:
            return True
        folder = plumbing.root / os.fsdecode(unspell(entry.path))
    except FormatError:
        return False
    if folder.resolve() != folder or not folder.is_dir():
        return False
    if not (folder / ".git").exists():
        return not any(folder.iterdir())
    if depth >= MAX_NESTED:
        return False
    inner = Plumbing(folder, plumbing.timeout)
    code, out = inner.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", ok=(0, 1))
    return code == 0 and out.decode("ascii").strip() == entry.oid and not dirty(inner, entry.oid, depth + 1)


def _has_executable_bit(plumbing: Plumbing) -> bool:
    code, out = plumbing.run("config", "--type=bool", "--get", "core.fileMode", ok=(0, 1))
    return code == 1 or out.strip() != b"false"


def held(plumbing: Plumbing, commit: str) -> dict[str, tuple[str, str]]:
    tree: dict[str, tuple[str, str]] = {}
    for item in _items(plumbing, "ls-tree", "-r", "-z", "--full-tree", commit) if commit else []:
        head, _, raw = item.partition(b"\t")
        mode, _, oid = head.decode("ascii").split(" ")
        tree[spell(raw)] = (mode, oid)
    return tree


def tree(plumbing: Plumbing, commit: str) -> tuple[Entry, ...]:
    """Every path of a commit, in order of path."""
    return tuple(Entry(path, mode, oid) for path, (mode, oid) in sorted(held(plumbing, commit).items()))


def staged(plumbing: Plumbing, commit: str) -> tuple[Entry, ...]:
    """The index's side of every path that differs from `commit` ("" before the first); without what it deletes."""
    return tuple(differences(plumbing, commit)[0].values())


def differences(plumbing: Plumbing, commit: str) -> tuple[dict[str, Entry], frozenset[str]]:
    """The index's side of every path that differs from `commit` ("" before the first), and the paths it deletes.

    What is only intended to be added is in neither.
    """
    if not commit:
        return {entry.path: entry for entry in index(plumbing)}, frozenset()
    entries: dict[str, Entry] = {}
    conflicts: set[str] = set()
    gone: set[str] = set()
    items = iter(
        _items(
            plumbing,
            "diff-index",
            "--cached",
            "--ita-invisible-in-index",
            "--raw",
            "-z",
            "--no-renames",
            "--no-abbrev",
            commit,
        )
    )
    for head in items:
        words, path = head.decode("ascii", "replace").split(" "), spell(next(items, b""))
        if words[4] == "U":
            conflicts.add(path)
        elif words[1] != "000000":
            entries[path] = Entry(path, words[1], words[3])
        else:
            gone.add(path)
    entries |= {entry.path: entry for entry in (index(plumbing) if conflicts else ()) if entry.path in conflicts}
    return entries, frozenset(gone)


def check_ignore(plumbing: Plumbing, paths: Sequence[bytes]) -> list[bytes]:
    """Which of these paths git ignores; one it refuses to judge is not."""
    if not paths:
        return []
    # `./` keeps a leading colon from being read as pathspec magic.
    feed = b"".join(b"./" + path + b"\0" for path in paths)
    try:
        out = plumbing.run("check-ignore", "--stdin", "-z", feed=feed, ok=(0, 1))[1]
    except UndecidedError as error:
        if not any(refusal in error.message for refusal in _REFUSALS):
            raise
        if len(paths) == 1:
            return []
        half = len(paths) // 2
        return check_ignore(plumbing, paths[:half]) + check_ignore(plumbing, paths[half:])
    return [item.removeprefix(b"./") for item in out.split(b"\0") if item]


def _items(plumbing: Plumbing, *args: str) -> list[bytes]:
    return [item for item in plumbing.run(*args)[1].split(b"\0") if item]
