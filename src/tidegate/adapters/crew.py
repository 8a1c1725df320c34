"""Work shared by forked children that take part after part; the answers come in order, and a lost child is an error.

A child holds nothing but its two pipes and what it opens itself, and ends when its parent does.
"""

import contextlib
import os
import selectors
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn, TypeVar

from tidegate.errors import FormatError, TidegateError, UndecidedError, UserError

T = TypeVar("T")

MAX_HANDS = 8
MAX_ANSWER = 64 << 20
MAX_FILE = 1 << 16

_INDEX = 4
_HEAD = _INDEX + 1 + 8
_GOOD, _BAD, _LOST = 0, 1, 2
_KINDS: tuple[type[TidegateError], ...] = (UserError, FormatError, UndecidedError)
_AGAIN = "run it again; if it happens again, report it"


class ForkedCrew:
    """Implements `ports.Crew`. Where processes cannot be forked it works alone, in this one."""

    def __init__(self, hands: int | None = None) -> None:
        forks = hasattr(os, "fork")
        self.hands = min(MAX_HANDS, hands or len(_processors())) if forks else 1

    def map(self, work: Callable[[T], bytes], parts: Sequence[T]) -> Iterator[bytes]:
        """The answer to each part, in their order. Raises what `work` raised, if it is an error of ours, and
        UndecidedError when a child crashed or was killed; the others are killed then, as when nobody asks on."""
        hands = min(self.hands, len(parts))
        if hands < 2:
            yield from map(work, parts)
            return
        queue, feed = os.pipe()
        children: dict[int, _Child] = {}
        try:
            for _ in range(hands):
                child = _start(work, parts, queue)
                children[child.pipe] = child
            os.close(queue)
            queue = -1
            yield from _answers(children, feed, len(parts))
        finally:
            for child in children.values():
                child.kill()
            for pipe in (queue, feed):
                if pipe >= 0:
                    os.close(pipe)


class _Child:
    """One child: its number, the pipe its answers come from, and what of an answer came so far."""

    __slots__ = ("ended", "got", "pid", "pipe")

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid, self.pipe = pid, pipe
        self.got = bytearray()
        self.ended = False

    def answers(self) -> Iterator[tuple[int, int, bytes]]:
        """(number of the part, how it went, answer) of all that is complete."""
        while len(self.got) >= _HEAD:
            size = int.from_bytes(self.got[_INDEX + 1 : _HEAD], "little")
            if size > MAX_ANSWER:
                raise UndecidedError(f"an answer is larger than {MAX_ANSWER >> 20} MiB", hint="exclude what it reads")
            if len(self.got) < _HEAD + size:
                return
            index, how = int.from_bytes(self.got[:_INDEX], "little"), self.got[_INDEX]
            answer = bytes(self.got[_HEAD : _HEAD + size])
            del self.got[: _HEAD + size]
            yield index, how, answer

    def end(self) -> int:
        """Wait for it. Its exit code, negative for a signal."""
        self.ended = True
        os.close(self.pipe)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self) -> None:
        if not self.ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.end()


def _answers(children: dict[int, _Child], feed: int, count: int) -> Iterator[bytes]:
    """Hand out the numbers of the parts, a few ahead of the slowest child, and give the answers back in order."""
    ready: dict[int, bytes] = {}
    given = due = 0
    ahead = 2 * len(children)
    with selectors.DefaultSelector() as waiting:
        for pipe in children:
            waiting.register(pipe, selectors.EVENT_READ)
        while due < count:
            while given < min(count, due + ahead):
                os.write(feed, given.to_bytes(_INDEX, "little"))
                given += 1
            for key, _ in waiting.select():
                child = children[key.fd]
                chunk = os.read(key.fd, 1 << 16)
                if not chunk:
                    raise _lost(child.end())
                child.got += chunk
                for index, how, answer in child.answers():
                    if how != _GOOD:
                        raise _error(how, answer.decode("utf-8", "replace"))
                    ready[index] = answer
            while due in ready:
                yield ready.pop(due)
                due += 1


def _lost(code: int) -> UndecidedError:
    how = f"was killed by signal {-code}" if code < 0 else f"ended early with exit code {code}"
    return UndecidedError(f"a process that took part of the work {how}", hint=_AGAIN)


def _error(how: int, text: str) -> TidegateError:
    if how == _LOST:
        return UndecidedError(f"a process that took part of the work failed: {text}", hint=_AGAIN)
    kind, message, hint = text.split("\0", 2)
    return next(each for each in _KINDS if each.__name__ == kind)(message, hint=hint)


def _start(work: Callable[[T], bytes], parts: Sequence[T], queue: int) -> _Child:
    pipe, answer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        pid = os.fork()
    except OSError as error:
        os.close(pipe)
        os.close(answer)
        raise UndecidedError(f"no process could be started: {error.strerror}", hint=_AGAIN) from error
    if pid == 0:
        _work(work, parts, queue, answer)
    os.close(answer)
    return _Child(pid, pipe)


def _work(work: Callable[[T], bytes], parts: Sequence[T], queue: int, answer: int) -> NoReturn:
    """The whole life of a child. Nothing is raised past it: the code above it belongs to the parent."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _keep(queue, answer)
        while number := os.read(queue, _INDEX):
            index = int.from_bytes(number, "little")
            how, said = _one(work, parts[index])
            _write(answer, number + bytes((how,)) + len(said).to_bytes(8, "little"))
            _write(answer, said)
        code = 0
    finally:
        os._exit(code)


def _one(work: Callable[[T], bytes], part: T) -> tuple[int, bytes]:
    try:
        return _GOOD, work(part)
    except TidegateError as error:
        kind = next((each for each in _KINDS if isinstance(error, each)), UndecidedError)
        said = f"{kind.__name__}\0{error.message}\0{error.hint}"
        return _BAD, said.encode("utf-8", "backslashreplace")
    except Exception as error:  # noqa: BLE001 - a library's message may quote what it read, secrets and all
        last = traceback.extract_tb(error.__traceback__)[-1]
        return _LOST, f"{type(error).__name__} in {os.path.basename(last.filename)}:{last.lineno}".encode()


def _keep(*kept: int) -> None:
    """Close every other open file: a pipe held here would keep whoever reads it waiting after our parent's end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)
    low = 3
    for each in sorted(kept):
        os.closerange(low, each)
        low = each + 1
    os.closerange(low, max(low, MAX_FILE))


def _write(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]


def _processors() -> Sequence[int]:
    affinity = getattr(os, "sched_getaffinity", None)
    return sorted(affinity(0)) if affinity is not None else range(os.cpu_count() or 1)
