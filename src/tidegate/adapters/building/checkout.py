"""A fresh copy of a commit with a repository of its own, made by plumbing: no hook, filter or transport runs.

What `git archive` writes is shaped by the commit's own attributes (`export-ignore`, `export-subst`), and what a clone
brings by the transport; here the objects are packed, and the tree is written from them. Build backends that ask git
for a version (setuptools-scm, hatch-vcs) find the commit, its history as far as it is here, and the tags on it.
"""

import os
import re
from contextlib import suppress
from pathlib import Path

from tidegate.adapters.building.build import UMASK
from tidegate.adapters.git_process import Plumbing
from tidegate.adapters.git_status import tree

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_CONFIG = (
    "[core]\n\trepositoryFormatVersion = {version}\n\tfileMode = true\n\tbare = false\n\tlogAllRefUpdates = false\n"
    "\tautocrlf = false\n\tsymlinks = true\n[gc]\n\tauto = 0\n{more}"
)
_POINTER = b"version https://git-lfs"
_SHA256 = "[extensions]\n\tobjectFormat = sha256\n"


class Copy:
    """A commit checked out into `folder`. UndecidedError when git fails; `lacking` says what is not in it."""

    def __init__(self, root: Path, folder: Path, timeout: float) -> None:
        self._source = Plumbing(root, timeout)
        self._copy = Plumbing(folder, timeout)
        self.folder = folder
        self.lacking: list[str] = []

    def make(self, commit: str, epoch: int) -> None:
        """Write the tree, every file at the commit's time: that of a checkout is another each time."""
        previous = os.umask(UMASK)
        try:
            self._repository(commit)
            self._objects(commit)
            self._tags(commit)
            self._copy.run("read-tree", commit)
            self._copy.run("checkout-index", "--all", "--force", "-q")
            self._times(commit, epoch)
            # The index knows other times: `git describe --dirty` must see no change.
            self._copy.run("update-index", "-q", "--refresh", ok=(0, 1))
        finally:
            os.umask(previous)

    def _repository(self, commit: str) -> None:
        git = self.folder / ".git"
        for name in ("objects/pack", "objects/info", "refs/heads", "refs/tags", "info"):
            (git / name).mkdir(parents=True, exist_ok=True)
        wide = len(commit) == 64
        (git / "config").write_text(_CONFIG.format(version=int(wide), more=_SHA256 if wide else ""))
        (git / "HEAD").write_text(f"{commit}\n")
        _, shallow = self._source.run("rev-parse", "--git-path", "shallow")
        known = self._source.root / shallow.decode("utf-8", "surrogateescape").rstrip("\n")
        with suppress(FileNotFoundError):
            lines = [line for line in known.read_text("ascii", "replace").split() if _OID.fullmatch(line)]
            (git / "shallow").write_text("".join(f"{line}\n" for line in lines))
            self.lacking.append("the history is shallow: a version counted from tags may come out different")

    def _objects(self, commit: str) -> None:
        """One pack, written where it belongs: nothing of the repository's own configuration is carried over."""
        wanted = "".join(f"{name}\n" for name in (commit, *self._named(commit)))
        base = self.folder / ".git" / "objects" / "pack" / "pack"
        self._source.run("pack-objects", "-q", "--revs", "--delta-base-offset", str(base), feed=wanted.encode())

    def _tags(self, commit: str) -> None:
        told = "".join(f"create {name} {oid}\n" for name, oid in self._listed(commit))
        if told:
            self._copy.run("update-ref", "--stdin", feed=told.encode("utf-8", "surrogateescape"))

    def _named(self, commit: str) -> list[str]:
        return [oid for _, oid in self._listed(commit)]

    def _listed(self, commit: str) -> list[tuple[str, str]]:
        """(name, object) of every tag on the commit or before it: a later one must not change what is built."""
        _, out = self._source.run(
            "for-each-ref", "--format=%(objectname) %(refname)", f"--merged={commit}", "refs/tags"
        )
        lines = [line.partition(" ") for line in out.decode("utf-8", "surrogateescape").splitlines()]
        return [(name, oid) for oid, _, name in lines if _OID.fullmatch(oid)]

    def _times(self, commit: str, epoch: int) -> None:
        entries = tree(self._copy, commit)
        if any(entry.mode == "160000" for entry in entries):
            self.lacking.append("the commit has submodules, and they are not part of the copy")
        if any(_is_pointer(entry) for entry in _written(self.folder, epoch)):
            self.lacking.append("files of Git LFS are pointers in the copy")


def _written(folder: Path, epoch: int) -> list["os.DirEntry[str]"]:
    """Every file and link of the tree, all set to one time, as their folders are."""
    found: list[os.DirEntry[str]] = []
    pending = [folder]
    while pending:
        here = pending.pop()
        with os.scandir(here) as listing:
            entries = [entry for entry in listing if here != folder or entry.name != ".git"]
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                pending.append(Path(entry.path))
            else:
                os.utime(entry.path, (epoch, epoch), follow_symlinks=False)
                found.append(entry)
        os.utime(here, (epoch, epoch))
    return found


def _is_pointer(entry: "os.DirEntry[str]") -> bool:
    """Is this what Git LFS leaves where it does not run?"""
    if not entry.is_file(follow_symlinks=False) or not 100 < entry.stat(follow_symlinks=False).st_size < 1024:
        return False
    with open(entry.path, "rb") as stream:
        return stream.read(len(_POINTER)) == _POINTER
