"""Where a process begins: a worker starts before anything else is imported, so that the two start side by side."""

import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

from tidegate.cli import wire
from tidegate.cli.ahead import ahead


def run(arguments: Sequence[str]) -> int:
    """Run the command line; see `cli.commands`."""
    if early := ahead(arguments):
        wire.begin_worker(early)
    try:
        from tidegate.cli import commands

        return commands.run(arguments)
    finally:
        wire.dismiss_workers()


def _terminated(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def entry() -> None:
    """The console script."""
    gc.set_threshold(100_000, 20, 20)  # what start-up makes stays: looking through it for garbage only costs time
    signal.signal(signal.SIGTERM, _terminated)
    # A stream the caller closed is no reason for another exit code.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open until the end
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the reader left, or there is no room; the code stands
            stream.flush()
    os._exit(code)  # Python would put another code in its place, and takes 30 ms to take apart all that was made
