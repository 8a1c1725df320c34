"""The secret engine against the scanners of the package index, on the same trees, start-up included; ratios.

A peer that is not beside this interpreter, in `PEERS` (a directory) or on the path is not run.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks._measure import cpu, not_run

SRC = Path(__file__).parents[1] / "src"
TREES = (SRC, Path(sysconfig.get_path("purelib")) / "pip")
TARGET = 0.5
OFF = ("KeywordDetector", "Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector")
PEERS: dict[str, Sequence[str]] = {
    "gitleaks": ("dir", "--redact", "--no-banner", "--log-level", "error", "--exit-code", "0"),
    # Its package brings a command named `gitleaks`, too: keep the two apart.
    "betterleaks": ("--redact", "--log-level", "error"),
    "kingfisher": ("scan", "--no-validate", "--no-update-check", "--redact"),
}
CODES = (0, 1, 200, 205)
"""A peer says that it found something by 1 or by 200."""
SCAN = """
import os, sys
from tidegate.domain.secrets.engine import Scanner
from tidegate.domain.secrets.fingerprint import Fingerprints
scanner = Scanner(Fingerprints.derived(), tiers=frozenset({"block", "warn"}))
for at, inner, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(at, name), "rb") as file:
            scanner.scan(file.read())
"""
PROFILE = """
import os, sys
from tidegate.domain.secrets import profile
for at, inner, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(at, name)
        with open(path, "rb") as file:
            profile.scan(path, file.read())
"""


def run() -> Iterator[str]:
    peer = _find("detect-secrets")
    if peer is None:
        yield from not_run("secrets-tree", "detect-secrets is not here")
    else:
        scan = [peer, "scan", "--all-files", "-n"]
        theirs = cpu([*scan, *(w for name in OFF for w in ("--disable-plugin", name)), str(SRC)], runs=2)
        yield _ratio("secrets-tree", cpu([sys.executable, "-c", SCAN, str(SRC)], runs=2), theirs, TARGET)
        theirs = cpu([*scan, str(SRC)], runs=1)
        yield _ratio("secrets-profile", cpu([sys.executable, "-c", PROFILE, str(SRC)], runs=2), theirs, 1 / 8)
    for tree in TREES:
        ours = _wall([sys.executable, "-c", SCAN, str(tree)])
        for name, words in PEERS.items():
            title = f"secrets-{tree.name}-{name}"
            peer = _find(name)
            if peer is None:
                yield from not_run(title, f"{name} is not here")
            else:
                yield _ratio(title, ours, _wall([peer, *words, str(tree)]), TARGET)


def _find(name: str) -> str | None:
    places = (os.environ.get("PEERS", ""), os.path.dirname(sys.executable), os.environ.get("PATH", ""))
    return shutil.which(name, path=os.pathsep.join(place for place in places if place))


def _wall(command: Sequence[str], runs: int = 3) -> float:
    """Seconds of a whole process, the least of several."""
    best = float("inf")
    for _ in range(runs):
        begun = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode not in CODES:
            raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-500:]!r}")
        best = min(best, time.perf_counter() - begun)
    return best


def _ratio(name: str, ours: float, theirs: float, target: float) -> str:
    ratio = ours / theirs
    return f"{name} {ours:.3f}s/{theirs:.3f}s={ratio:.3f}x <={target:.3g}x {'ok' if ratio <= target else 'short'}"
