"""A process that answers question after question, without a token in its environment, killed when it is late."""

import os
import select
import subprocess
import threading
import time
from collections.abc import Sequence

from tidegate.adapters.starting import kill, worker_environment
from tidegate.errors import UndecidedError

ANSWER_LIMIT = 16 << 20
_AGAIN = "run it again; if it happens again, report it"


class Host:
    """One such process, for one thread. It is started when it is first asked, and again after it was lost."""

    _all: "set[Host]" = set()
    _lock = threading.Lock()

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        with Host._lock:
            Host._all.add(self)

    def ask(self, question: str, seconds: float) -> str:
        """The one line it answers. UndecidedError when it is late, dies or says too much; the next finds another."""
        try:
            process = self._started()
            if process.stdin is None or process.stdout is None:
                raise UndecidedError("its worker has no streams", hint=_AGAIN)
            process.stdin.write(question.replace("\n", " ").encode("utf-8", "backslashreplace") + b"\n")
            process.stdin.flush()
            return self._answer(process.stdout.fileno(), seconds)
        except OSError as error:
            self.end()
            raise UndecidedError(f"its worker was lost: {error.strerror}", hint=_AGAIN) from error
        except UndecidedError:
            self.end()
            raise

    def _answer(self, pipe: int, seconds: float) -> str:
        until = time.monotonic() + seconds
        heard = bytearray()
        while not heard.endswith(b"\n"):
            left = until - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise UndecidedError(f"not finished within {seconds:g} s", hint="raise `limits.deadline`")
            chunk = os.read(pipe, 1 << 20)
            if not chunk:
                raise UndecidedError("its worker ended without an answer", hint=_AGAIN)
            heard += chunk
            if len(heard) > ANSWER_LIMIT:
                raise UndecidedError("its answer is larger than 16 MiB", hint=_AGAIN)
        return heard.decode("utf-8", "replace")

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=worker_environment(os.environ),
                start_new_session=True,
                close_fds=True,
            )
        return self._process

    def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            kill(process)
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    try:
                        stream.close()
                    except OSError:
                        continue
            process.wait()

    @classmethod
    def end_all(cls) -> None:
        with cls._lock:
            hosts = list(cls._all)
        for host in hosts:
            host.end()
