"""The worker that was started before the command line was read, and waits for its job."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from tidegate.adapters.starting import COMMAND, kill, start

if TYPE_CHECKING:
    import subprocess

_waiting: "list[subprocess.Popen[bytes]]" = []


def begin_worker(words: Sequence[str]) -> None:
    """Start one that does already what `words` say; see `cli.worker`."""
    with suppress(OSError):  # told when a job is there
        _waiting.append(start([*COMMAND, *words]))


def waiting_workers() -> "tuple[subprocess.Popen[bytes], ...]":
    """Hand them over."""
    taken = tuple(_waiting)
    _waiting.clear()
    return taken


def dismiss_workers() -> None:
    """Kill those nobody had a job for."""
    for process in waiting_workers():
        kill(process)
        process.wait()
