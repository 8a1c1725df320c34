"""How much memory a command and all it starts hold at most: shared pages counted once, looked at all the time."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

_EVERY = 0.004


def peak(command: Sequence[str], *, cwd: str | None = None) -> float:
    """MiB, the largest sum of the proportional shares (`Pss`) of a command's processes. Only where there is `/proc`."""
    best = 0
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            best = max(best, sum(map(_share, _family(process.pid))))
            time.sleep(_EVERY)
    return best / 1024


def _family(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        for children in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            try:
                waiting += map(int, children.read_text().split())
            except OSError:
                continue  # ended since
    return found


def _share(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
