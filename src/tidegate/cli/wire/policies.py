"""Where a policy, and every file it names, is read from."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.cli.wire.machine import files, git
from tidegate.ports import Files, Git


def policy_reader(root: Path, ref: str, known: Git | None = None) -> "CommitReader | FolderReader":
    """Reads what a policy names: from a commit, or from the folder where there is no repository (`ref` is "")."""
    return CommitReader(known or git(root), ref) if ref else FolderReader(files(root))


def fetch_policy(url: str, commit: str, path: str) -> bytes:
    """A policy of another repository; kept in the user's cache, but not in CI. See `adapters.remote_policies`."""
    from tidegate.adapters.remote_policies import RemotePolicies

    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    # A restored CI cache is something others write; its bytes would be proven by SHA-1 alone.
    keeps = os.path.isabs(home) and not os.environ.get("CI")
    return RemotePolicies(Path(home) / "tidegate" / "policies" if keeps else None)(url, commit, path)


@dataclass(frozen=True, slots=True)
class CommitReader:
    """Reads a policy, and what it names, from one commit; every file once."""

    git: Git
    ref: str
    held: dict[tuple[str, int], bytes | None] = field(default_factory=dict)

    def __call__(self, path: str, limit: int) -> bytes | None:
        if (path, limit) not in self.held:
            self.held[path, limit] = self.git.read(self.ref, path, limit)
        return self.held[path, limit]


@dataclass(frozen=True, slots=True)
class FolderReader:
    """Reads a policy, and what it names, from the folder it lies in."""

    files: Files

    def __call__(self, path: str, limit: int) -> bytes | None:
        return None if self.files.size(path) is None else self.files.read(path, limit)
