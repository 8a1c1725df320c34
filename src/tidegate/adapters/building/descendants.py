"""Every process a build started ends with it, also one that made itself a daemon.

A daemon leaves its group and session, so a signal to the group does not reach it. Where the kernel lets us, we become
the parent of whatever loses its own (Linux: PR_SET_CHILD_SUBREAPER), and so find it among our children.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER, _PR_GET_CHILD_SUBREAPER = 36, 37
_PROC = Path("/proc")
_PATIENCE = 10.0


@contextmanager
def adopted() -> Iterator[None]:
    """Be the parent of every orphan among our descendants meanwhile, where the kernel has such a thing."""
    before = adopting()
    _tell(True)
    try:
        yield
    finally:
        _tell(before)


def adopting() -> bool:
    """Are we that parent now?"""
    answer = ctypes.c_int(0)
    _prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(answer))
    return bool(answer.value)


def _tell(adopt: bool) -> None:
    _prctl(_PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(adopt))


def _prctl(what: int, value: object) -> None:
    if not sys.platform.startswith("linux"):
        return
    with suppress(OSError, AttributeError):
        nothing = ctypes.c_ulong(0)
        ctypes.CDLL(None).prctl(ctypes.c_int(what), value, nothing, nothing, nothing)


def children() -> frozenset[int]:
    """Our children; those that ended and were not waited for, too."""
    found: set[int] = set()
    me = os.getpid()
    try:
        entries = os.listdir(_PROC)
    except OSError:
        return frozenset()
    for entry in entries:
        if entry.isdigit() and _parent(int(entry)) == me:
            found.add(int(entry))
    return frozenset(found)


def end(spared: frozenset[int]) -> bool:
    """Kill every child but the spared ones, and what each of them leaves to us, until none is left; False if some stay.

    `spared` are those that were there before.
    """
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        left = children() - spared
        if not left:
            return True
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.01)
    return not (children() - spared)


def _parent(pid: int) -> int:
    """The parent of a process, 0 when it is gone. The name before it may hold anything, brackets too (proc(5))."""
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return 0
    words = text.rpartition(b")")[2].split()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
