"""Rows in forked children of a process that has imported them already: what takes long is done once for many."""

import contextlib
import os
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterable, Iterator

from tidegate.errors import TidegateError
from tidegate.ports import Done, Job

RESULT_LIMIT = 64 << 20
_AGAIN = "run it again; if it happens again, report it"
_GOOD, _BAD = b"+", b"-"


class ForkedWorkers:
    """Implements `ports.Workers`, one job after another; only for a process of a single thread.

    `perform(task, payload)` is what a child does. What a child parsed never runs in the process that judges it.
    """

    def __init__(self, perform: Callable[[str, str], str]) -> None:
        self._perform = perform

    def run(self, jobs: Iterable[Job], deadline: float) -> Iterator[Done]:
        until = time.monotonic() + deadline
        for job in jobs:
            yield self._one(job, until, deadline)

    def _one(self, job: Job, until: float, deadline: float) -> Done:
        ours, theirs = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:
            os.close(ours)
            os.close(theirs)
            return Done(job.id, failed=f"its worker did not start: {error.strerror}", hint=_AGAIN)
        if pid == 0:
            os.close(ours)
            self._live(job, theirs)
        os.close(theirs)
        try:
            said, failed = _listen(ours, until)
        finally:
            os.close(ours)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if failed == "late":
            return Done(job.id, failed=f"not finished within {deadline:g} s", hint="raise `limits.deadline`")
        if failed:
            return Done(job.id, failed=failed, hint="exclude what it reads")
        if said[:1] == _GOOD and said[-1:] == b"\n":
            return Done(job.id, text=said[1:-1].decode("utf-8", "replace"))
        how = said[1:-1].decode("utf-8", "replace") if said[:1] == _BAD else ""
        lost = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return Done(job.id, failed=f"its worker failed: {how}" if how else f"its worker {lost}", hint=_AGAIN)

    def _live(self, job: Job, pipe: int) -> None:
        """The whole life of a child. Nothing is raised past it: the code above it belongs to the parent."""
        try:
            try:
                said = _GOOD + self._perform(job.task, job.payload).encode("utf-8", "backslashreplace")
            except TidegateError as error:
                said = _BAD + f"{error.message} (hint: {error.hint})".encode("utf-8", "backslashreplace")
            except BaseException as error:  # noqa: BLE001 - a library's message may quote what it read, secrets and all
                last = traceback.extract_tb(error.__traceback__)[-1]
                said = _BAD + f"{type(error).__name__} in {os.path.basename(last.filename)}:{last.lineno}".encode()
            view = memoryview(said.replace(b"\n", b" ") + b"\n")
            while view:
                view = view[os.write(pipe, view) :]
        finally:
            os._exit(0)


def _listen(pipe: int, until: float) -> tuple[bytes, str]:
    heard = bytearray()
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return b"", "late"
        chunk = os.read(pipe, 1 << 20)
        if not chunk:
            return bytes(heard), ""
        heard += chunk
        if len(heard) > RESULT_LIMIT:
            return b"", "its result is larger than 64 MiB"
