"""Where a fleet's worker process begins: a question a line on stdin, an answer a line on stdout."""

import gc
import os
import signal
import sys

from tidegate.cli import wire
from tidegate.cli.fleet import examining, question
from tidegate.errors import FormatError
from tidegate.formats.records import dump
from tidegate.model.control import Control


def run() -> None:
    """It ends when nobody asks on: its stdin closes with whoever started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    warmed: tuple[Control, ...] = ()
    for line in sys.stdin.buffer:
        try:
            asked = question.read(line.decode("utf-8"))
        except (FormatError, UnicodeDecodeError):
            break
        if asked.asked.rows != warmed:
            warmed = asked.asked.rows
            wire.warm(warmed)
            gc.collect()
            gc.freeze()  # children share what is here; a collection in each of them would copy it
        answers.write(dump(examining.answer(asked)).encode("utf-8", "backslashreplace") + b"\n")
        answers.flush()
    os._exit(0)
