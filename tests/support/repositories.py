"""Real git repositories, made in a folder of the test's."""

import os
import subprocess
from pathlib import Path

from tidegate.adapters.git import LocalGit

_ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "C",
    "GIT_COMMITTER_EMAIL": "c@example.org",
    "GIT_AUTHOR_DATE": "1700000000 +0200",
    "GIT_COMMITTER_DATE": "1700000000 +0200",
    "GIT_ALLOW_PROTOCOL": "file",
}


class Repository:
    """A real repository with a short way to run git in it."""

    def __init__(self, root: Path, *options: str) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *args: str, feed: bytes = b"", when: int = 1700000000) -> str:
        env = _ENV | {"GIT_COMMITTER_DATE": f"{when} +0200"}
        done = subprocess.run(["git", *args], cwd=self.root, env=env, input=feed, capture_output=True, check=True)
        return done.stdout.decode("utf-8", "replace").strip()

    def write(self, path: str, data: bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def commit(self, message: str = "change", when: int = 1700000000) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, when=when)
        return self.git("rev-parse", "HEAD")

    def ask(self, timeout: float = 20) -> LocalGit:
        return LocalGit(self.root, timeout)
