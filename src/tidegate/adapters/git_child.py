"""A git that runs by itself: its environment made anew, and every wait for it bounded."""

import fcntl
import os
import select
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tidegate.errors import ToolMissing, UndecidedError

MAX_OUTPUT = 512 << 20

_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
_CHUNK = 1 << 20


def environment(root: Path, index: str = "") -> dict[str, str]:
    """A new environment for git: none of the caller's GIT_* variables, no configuration but the repository's own."""
    env = {name: os.environ[name] for name in _KEPT if name in os.environ}
    env |= {"GIT_INDEX_FILE": index} if index else {}
    return env | {
        "LC_ALL": "C",
        "HOME": "/nonexistent",
        "XDG_CONFIG_HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_GRAFT_FILE": "/dev/null",
        # Older git has no GIT_NO_LAZY_FETCH; with no transport allowed a lazy fetch cannot start its helper.
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_WORK_TREE": str(root),
        "GIT_CEILING_DIRECTORIES": str(root.parent),
    }


class Child:
    """A running git whose output is read with a bound on every wait."""

    def __init__(self, command: list[str], root: Path, feed: bytes, timeout: float, index: str = "") -> None:
        self._timeout = timeout
        # Who leads a session is killed with all of its group, as a worker is; git has to be in it then.
        self._apart = os.getpgrp() != os.getsid(0)
        self._buffer = bytearray()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        with tempfile.TemporaryFile() as stdin:
            stdin.write(feed)
            stdin.seek(0)
            try:
                self._process = subprocess.Popen(
                    command,
                    cwd=root,
                    env=environment(root, index),
                    stdin=stdin,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                    start_new_session=self._apart,
                )
            except OSError as error:
                self._errors.close()
                raise ToolMissing("`git` does not run", hint="install git and put it on PATH") from error
        if self._process.stdout is None:
            raise UndecidedError("`git` has no output", hint="run the command again")
        self._stdout = self._process.stdout
        with suppress(OSError, AttributeError):  # Linux alone can make a pipe hold more
            fcntl.fcntl(self._stdout.fileno(), fcntl.F_SETPIPE_SZ, _CHUNK)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self._process.poll() is None:
            self._kill()
        self._stdout.close()
        self._errors.close()

    def rest(self, deadline: float) -> bytes:
        """Everything until the end; UndecidedError past the deadline or above the bound."""
        while self._more(deadline):
            if len(self._buffer) > MAX_OUTPUT:
                raise UndecidedError("`git` said more than 512 MiB", hint="examine a smaller repository")
        return self._take(len(self._buffer))

    def line(self) -> bytes:
        """The next line without its end; empty at the end of the output."""
        while (end := self._buffer.find(b"\n")) < 0:
            if not self._more(time.monotonic() + self._timeout):
                return self._take(len(self._buffer))
        line = self._take(end)
        self._take(1)
        return line

    def exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            if not self._more(time.monotonic() + self._timeout):
                raise self._failed()
        return self._take(size)

    def end(self, ok: tuple[int, ...]) -> int:
        """The exit code; UndecidedError when it is not among `ok`."""
        with suppress(OSError, AttributeError):  # `wait` with a bound would sleep, a millisecond and then more
            self._sleep_until_ended()
        try:
            code = self._process.wait(self._timeout)
        except subprocess.TimeoutExpired as error:
            raise self._late() from error
        if code not in ok:
            raise self._failed()
        return code

    def _sleep_until_ended(self) -> None:
        """Or until it is late. Linux alone can wait for a process as for a file; AttributeError elsewhere."""
        watched = os.pidfd_open(self._process.pid)
        try:
            select.select([watched], [], [], self._timeout)
        finally:
            os.close(watched)

    def some(self) -> bytes:
        """The next of the output, b"" at its end."""
        if not self._buffer:
            self._more(time.monotonic() + self._timeout)
        return self._take(len(self._buffer))

    def _take(self, size: int) -> bytes:
        with memoryview(self._buffer) as view:
            taken = bytes(view[:size])
        del self._buffer[:size]
        return taken

    def _more(self, deadline: float) -> bool:
        wait = deadline - time.monotonic()
        if wait <= 0 or not select.select([self._stdout], [], [], wait)[0]:
            raise self._late()
        chunk = os.read(self._stdout.fileno(), _CHUNK)
        self._buffer += chunk
        return bool(chunk)

    def _late(self) -> UndecidedError:
        self._kill()
        return UndecidedError(f"`git` did not answer within {self._timeout:g} s", hint="run again on a quieter machine")

    def _failed(self) -> UndecidedError:
        self._kill()
        self._errors.seek(0)
        text = self._errors.read(2000).decode("utf-8", "replace").strip()
        said = next((line for line in text.splitlines() if line.startswith("fatal:")), text.partition("\n")[0])
        return UndecidedError(f"`git` failed: {said[:300] or 'no reason given'}", hint="run `git fsck`")

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            if self._apart:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
