"""How things are measured: CPU seconds of whole processes, the best of a few runs in turn."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence


def tidegate() -> str:
    """The installed command beside this interpreter."""
    return os.path.join(os.path.dirname(sys.executable), "tidegate")


def cpu(command: Sequence[str], *, cwd: str | None = None, runs: int = 5, codes: Sequence[int] = (0,)) -> float:
    """CPU seconds (user and system, children too) of a command, the least of several runs."""
    best = float("inf")
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in codes:
            raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-500:]!r}")
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def line(name: str, measured: float, target: float, unit: str = "s") -> str:
    """One line: at most `target` is ok."""
    return f"{name} {measured:.3f}{unit} <={target:g}{unit} {'ok' if measured <= target else 'short'}"


def not_run(name: str, why: str) -> Iterator[str]:
    yield f"{name} - - not run ({why})"
