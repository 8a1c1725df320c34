"""Where a policy, and every file it names, is read from."""

from dataclasses import dataclass
from pathlib import Path

from tidegate.cli.wire.machine import files, git
from tidegate.ports import Files, Git


def policy_reader(root: Path, ref: str) -> "CommitReader | FolderReader":
    """Reads what a policy names: from a commit, or from the folder where there is no repository (`ref` is "")."""
    return CommitReader(git(root), ref) if ref else FolderReader(files(root))


@dataclass(frozen=True, slots=True)
class CommitReader:
    """Reads a policy, and what it names, from one commit."""

    git: Git
    ref: str

    def __call__(self, path: str, limit: int) -> bytes | None:
        return self.git.read(self.ref, path, limit)


@dataclass(frozen=True, slots=True)
class FolderReader:
    """Reads a policy, and what it names, from the folder it lies in."""

    files: Files

    def __call__(self, path: str, limit: int) -> bytes | None:
        return None if self.files.size(path) is None else self.files.read(path, limit)
