"""The commit hook on a repository of 5,000 files: nobody waits two seconds for a commit of one file."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks._measure import line, tidegate

FILES, SECONDS, RUNS = 5000, 2.0, 3
_WORKFLOW = (
    "on: push\npermissions: {{}}\njobs:\n  a:\n    name: {0}\n    runs-on: ubuntu-24.04\n    steps: [{{run: {0}}}]\n"
)


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _make(root)
        for name, path, text in (
            ("one-file", "src/p1/m1.py", "y = 2\n"),
            ("one-workflow", ".github/workflows/w1.yml", _WORKFLOW.format("changed")),
        ):
            (root / path).write_text(text)
            _git(root, "add", "--all")
            yield line(f"hook-{name}", min(_seconds(root) for _ in range(RUNS)), SECONDS)
            _git(root, "commit", "--quiet", "--message", name)


def _make(root: Path) -> None:
    for number in range(FILES):
        path = root / f"src/p{number % 100}/m{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"def f{number}(x):\n    return x + {number}\n" * 20)
    for number in range(20):
        path = root / f".github/workflows/w{number}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_WORKFLOW.format(f"w{number}"))
    (root / "tidegate.yaml").write_text("version: 1\n")
    _git(root, "init", "--quiet", "--initial-branch", "main")
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--message", "base")


def _git(root: Path, *words: str) -> None:
    author = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *words], cwd=root, env=os.environ | author | quiet, check=True)


def _seconds(root: Path) -> float:
    begun = time.monotonic()
    subprocess.run([tidegate(), "review", "--staged"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun
