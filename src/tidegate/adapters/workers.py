"""Worker processes: no token in their environment, their own process group, killed at the deadline.

Threads would not do: a catastrophic regular expression holds the interpreter lock, and no join gets past it.
"""

import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tidegate.adapters.starting import COMMAND, kill, start
from tidegate.ports import Done, Job

RESULT_LIMIT = 64 << 20
_TALK_LIMIT = 4000
PROGRESS = b"\x1e"


@dataclass(slots=True)
class _Child:
    job: Job
    process: "subprocess.Popen[bytes]"
    threads: list[threading.Thread] = field(default_factory=list)
    out: bytearray = field(default_factory=bytearray)
    err: bytearray = field(default_factory=bytearray)
    flooded: bool = False

    def kill(self) -> None:
        kill(self.process)


class ProcessWorkers:
    """Implements `ports.Workers` with child processes of `command`, at most `side_by_side` at a time.

    `ready` are workers that were started while their jobs were still being thought out, each for one job. They end by
    themselves when none comes: their standard input closes with us.
    """

    def __init__(
        self,
        command: Sequence[str] = (),
        side_by_side: int | None = None,
        ready: "Sequence[subprocess.Popen[bytes]]" = (),
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """`say` hears how far a worker is, in a few words."""
        self._command = list(command) or list(COMMAND)
        self._slots = side_by_side or max(2, os.cpu_count() or 2)
        self._say = say
        self._ready = list(ready)

    def run(self, jobs: Iterable[Job], deadline: float) -> Iterator[Done]:
        waiting = list(jobs)
        ended: queue.SimpleQueue[_Child] = queue.SimpleQueue()
        running: dict[int, _Child] = {}
        until = time.monotonic() + deadline
        try:
            while waiting or running:
                while waiting and len(running) < self._slots:
                    job = waiting.pop(0)
                    try:
                        child = self._start(job, ended)
                    except OSError as error:
                        yield Done(job.id, failed=f"its worker did not start: {error.strerror}", hint="run it again")
                        continue
                    running[child.process.pid] = child
                if not running:
                    continue
                try:
                    child = ended.get(timeout=max(0.0, until - time.monotonic()))
                except queue.Empty:
                    break
                running.pop(child.process.pid)
                yield _result(child)
            late = [child.job for child in running.values()] + waiting
        finally:
            for child in running.values():
                child.kill()
            for child in running.values():
                child.process.wait()
        for job in late:
            yield Done(
                job.id, failed=f"not finished within {deadline:g} s", hint="raise `limits.deadline` in the policy"
            )

    def _start(self, job: Job, ended: "queue.SimpleQueue[_Child]") -> _Child:
        child = _Child(job, self._ready.pop() if self._ready else start(self._command))
        child.threads = [
            threading.Thread(target=_feed, args=(child,), daemon=True),
            threading.Thread(target=_listen, args=(child, self._say), daemon=True),
        ]
        watcher = threading.Thread(target=_watch, args=(child, ended), daemon=True)
        for thread in (*child.threads, watcher):
            thread.start()
        return child


def _feed(child: _Child) -> None:
    if child.process.stdin is None:
        return
    try:
        with child.process.stdin as stream:
            stream.write(f'{{"id":"{child.job.id}","task":"{child.job.task}"}}\n'.encode())
            # A name from the environment may hold bytes that are no UTF-8; JSON can spell them.
            stream.write(child.job.payload.encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # a worker that died early is reported by its exit code


def _listen(child: _Child, say: Callable[[str], None]) -> None:
    """Keep the tail of what a worker says on stderr; it is shown only when the worker fails.

    Lines that begin with `PROGRESS` say how far it is, and are no part of that.
    """
    if child.process.stderr is None:
        return
    while line := child.process.stderr.readline(_TALK_LIMIT):
        if line.startswith(PROGRESS):
            text = line[len(PROGRESS) :].decode("utf-8", "replace")
            say("".join(char for char in text if char.isprintable())[:100])
            continue
        child.err += line
        del child.err[:-_TALK_LIMIT]


def _watch(child: _Child, ended: "queue.SimpleQueue[_Child]") -> None:
    stream = child.process.stdout
    while stream is not None and (chunk := stream.read1(1 << 20)):  # type: ignore[attr-defined]
        child.out += chunk
        if len(child.out) > RESULT_LIMIT:
            child.flooded = True
            child.kill()
            break
    child.process.wait()
    # Grandchildren may outlive a worker that died; nothing of its group may stay.
    child.kill()
    for thread in child.threads:
        thread.join(1.0)
    ended.put(child)


def _result(child: _Child) -> Done:
    code = child.process.returncode
    if child.flooded:
        return Done(child.job.id, failed="its result is larger than 64 MiB", hint="exclude what it reads")
    if code != 0:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        last = child.err.decode("utf-8", "replace").strip().splitlines()
        said = f": {last[-1][:300]}" if last else ""
        return Done(child.job.id, failed=f"its worker {how}{said}", hint="run again with `--debug`, then report it")
    prefix = f'{{"id":"{child.job.id}","result":'.encode()
    lines = bytes(child.out).splitlines()
    # Exactly one line, and it must name the job: a worker that left early or printed something else gave no answer.
    if len(lines) != 1 or not lines[0].startswith(prefix) or not lines[0].endswith(b"}"):
        return Done(
            child.job.id, failed="its worker ended without a report", hint="run again with `--debug`, then report it"
        )
    try:
        text = lines[0][len(prefix) : -1].decode("utf-8")
    except UnicodeDecodeError:
        return Done(child.job.id, failed="its report is not UTF-8", hint="run again with `--debug`, then report it")
    return Done(child.job.id, text=text)
