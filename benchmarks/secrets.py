"""The secret engine against `detect-secrets scan` with the same provider plugins, on our own sources; a ratio."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks._measure import cpu, not_run

TREE = Path(__file__).parents[1] / "src"
TARGET = 0.5
OFF = ("KeywordDetector", "Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector")


def run() -> Iterator[str]:
    peer = os.path.join(os.path.dirname(sys.executable), "detect-secrets")
    if not os.path.exists(peer):
        yield from not_run("secrets-tree", "detect-secrets is not here")
        return
    theirs = cpu(
        [peer, "scan", "--all-files", "-n", *(w for name in OFF for w in ("--disable-plugin", name)), str(TREE)], runs=2
    )
    ours = _ours()
    ratio = ours / theirs
    yield f"secrets-tree {ours:.3f}s/{theirs:.3f}s={ratio:.3f}x <={TARGET}x {'ok' if ratio <= TARGET else 'short'}"


def _ours() -> float:
    """The import of the engine counts, as it does for the peer's whole process."""
    begun = time.process_time()
    from tidegate.domain.secrets.engine import Scanner
    from tidegate.domain.secrets.fingerprint import Fingerprints

    scanner = Scanner(Fingerprints.derived())
    for path in sorted(TREE.rglob("*.py")):
        scanner.scan(path.read_bytes())
    return time.process_time() - begun
