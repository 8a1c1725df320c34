"""One foreign process, started without a shell and ended at a deadline, with a bound on everything it says."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended. `failed` is "" when it ended by itself within its bounds; `code` is then its exit code."""

    code: int
    out: bytes
    err: bytes
    failed: str = ""


def run(argv: Sequence[str], *, folder: Path, env: Mapping[str, str], seconds: float, most: int) -> Ended:
    """Run `argv` in `folder` with exactly `env`. Raises OSError when it does not start."""
    process = subprocess.Popen(
        list(argv),
        cwd=folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        try:
            failed, out, err = _listen(process, time.monotonic() + seconds, most)
        finally:
            _end(process)
    return Ended(process.returncode, out, err, failed)


def _listen(process: subprocess.Popen[bytes], deadline: float, most: int) -> tuple[str, bytes, bytes]:
    """Read both streams until they close; `most` bounds each. Then wait for the exit."""
    heard: dict[int, bytearray] = {1: bytearray(), 2: bytearray()}
    with selectors.DefaultSelector() as selector:
        for number, stream in ((1, process.stdout), (2, process.stderr)):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, number)
        failed = ""
        while selector.get_map() and not failed:
            left = deadline - time.monotonic()
            ready = selector.select(max(left, 0))
            if left <= 0:
                failed = "it did not end in time"
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                heard[key.data] += chunk
                if len(heard[key.data]) > most:
                    failed = "it said too much"
    if not failed:
        try:
            process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            failed = "it did not end in time"
    return failed, bytes(heard[1]), bytes(heard[2])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole process group, which is the process's own session, and reap the process."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
