"""A project's own build: an environment made anew, a group of its own, a deadline, and output behind a bound."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.adapters.building import descendants
from tidegate.errors import UndecidedError

TAIL = 16 << 10
"""How much of the end of its output is kept."""
UMASK = 0o022
_LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Built:
    """How the build ended: "" for well, else why not. `tail` is the end of what it said, foreign bytes as they came."""

    failed: str
    tail: bytes
    seconds: float


@dataclass(slots=True)
class _Heard:
    tail: bytearray = field(default_factory=bytearray)


def environment(given: Mapping[str, str], home: Path, scratch: Path, epoch: int) -> dict[str, str]:
    """All a build is told. Relative folders of PATH would be looked up in the copy, and stay out."""
    path = os.pathsep.join(each for each in given.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(each))
    return {name: given[name] for name in _LIBRARIES if name in given} | {
        "PATH": path,
        "HOME": str(home),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "SOURCE_DATE_EPOCH": str(epoch),
    }


def run(command: Sequence[str], folder: Path, variables: Mapping[str, str], timeout: float) -> Built:
    """Run it and end everything it started, whatever happens here meanwhile.

    Raises UndecidedError when something of it cannot be ended.
    """
    with descendants.adopted():
        return _run(command, folder, variables, timeout)


def _run(command: Sequence[str], folder: Path, variables: Mapping[str, str], timeout: float) -> Built:
    begun = time.monotonic()
    spared = descendants.children()
    try:
        child = subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            close_fds=True,
            umask=UMASK,
        )
    except OSError as error:
        return Built(f"`{command[0][:200]}` does not start: {error.strerror}", b"", 0.0)
    except ValueError:
        return Built("the command cannot be run", b"", 0.0)
    heard = _Heard()
    listener = threading.Thread(target=_listen, args=(child, heard), daemon=True)
    failed = ""
    try:
        listener.start()
        code = child.wait(timeout)
        if code:
            failed = f"it was killed by signal {-code}" if code < 0 else f"it ended with exit code {code}"
    except subprocess.TimeoutExpired:
        failed = f"it did not end within {timeout:g} s"
    finally:
        clean = _end(child, spared)
    listener.join(5.0)
    if not clean:
        raise UndecidedError("processes of the build cannot be ended", hint="end them, and rebuild in a fresh job")
    return Built(failed, bytes(heard.tail), time.monotonic() - begun)


def _end(child: "subprocess.Popen[bytes]", spared: frozenset[int]) -> bool:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    return descendants.end(spared)


def _listen(child: "subprocess.Popen[bytes]", heard: _Heard) -> None:
    """Everything is read, so that a build never waits for us; only the end of it is kept."""
    if child.stdout is None:
        return
    with suppress(OSError, ValueError), child.stdout as stream:
        while chunk := os.read(stream.fileno(), _CHUNK):
            heard.tail += chunk
            del heard.tail[:-TAIL]
