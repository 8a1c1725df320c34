"""The installed command in a subprocess, as a user runs it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ADVISORIES = Path(__file__).parents[2] / "src" / "tidegate" / "cli" / "demo" / "advisories"


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def tidegate(*words: str | Path, cwd: Path, env: dict[str, str] | None = None, timeout: float = 120) -> Ended:
    """Run the console script beside this interpreter; CI variables of the outer run stay out."""
    done = subprocess.run(
        [script(), *map(str, words)],
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def script() -> str:
    return os.path.join(os.path.dirname(sys.executable), "tidegate")


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    return kept | {"CI": "true"} | (more or {})


def check(root: Path, *words: str | Path, env: dict[str, str] | None = None) -> Ended:
    """`tidegate check` on a sample, with its two keys and the demo's advisories."""
    keys = ("--key", root / "keys/build.key", "--verdict-key", root / "keys/gate.key")
    return tidegate("check", "--database", ADVISORIES, *keys, *words, cwd=root, env=env)


def verify(root: Path, artifact: str, *words: str | Path) -> Ended:
    given = set(map(str, words))
    evidence = () if "--evidence" in given else ("--evidence", ".tidegate")
    policy = () if "--policy" in given else ("--policy", "tidegate.yaml")
    return tidegate("verify", artifact, *evidence, *policy, *words, cwd=root)
