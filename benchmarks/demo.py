"""The demo's promise: under 20 s, offline; wall seconds of the whole command."""

import subprocess
import time
from collections.abc import Iterator

from benchmarks._measure import line, tidegate


def run() -> Iterator[str]:
    begun = time.monotonic()
    done = subprocess.run([tidegate(), "demo"], capture_output=True, check=False)
    wall = time.monotonic() - begun
    if done.returncode:
        yield f"demo-wall exit {done.returncode} <=20s short"
    else:
        yield line("demo-wall", wall, 20)
