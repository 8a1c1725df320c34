"""A worker whose stages are broken on purpose: `broken_worker.py lockfiles=hang secrets=exit`; the others pass."""

import os
import re
import sys
import time
from collections.abc import Callable
from typing import cast

from tidegate.all_stages import ROWS, Row
from tidegate.cli import worker
from tidegate.model.control import Control
from tidegate.model.evidence import Coverage, Report
from tidegate.model.finding import Finding, Level
from tidegate.ports import World
from tidegate.stages.task import Task


def fine(control: Control) -> Report:
    return Report(control, (Coverage("things", 3, 3),))


def sleep(control: Control) -> Report:
    time.sleep(600)
    return fine(control)


def regex(control: Control) -> Report:
    re.match("(a+)+$", "a" * 64 + "b")
    return fine(control)


def leave(control: Control) -> Report:
    sys.exit(0)


def leave_at_once(control: Control) -> Report:
    os._exit(0)


def killed(control: Control) -> Report:
    os.kill(os.getpid(), 9)
    return fine(control)


def crash(control: Control) -> Report:
    raise RuntimeError("broken on purpose")


def memory(control: Control) -> Report:
    return Report(control, (Coverage("x" * (1 << 40), 1, 1),))


BROKEN: dict[str, Callable[[Control], Report]] = {
    "sleep": sleep,
    "regex": regex,
    "exit": leave,
    "exit-at-once": leave_at_once,
    "killed": killed,
    "crash": crash,
    "memory": memory,
    "none": lambda control: cast("Report", None),
    "empty": lambda control: Report(control, ()),
    "nothing": lambda control: Report(control, (Coverage("things", 0, 0),)),
    "short": lambda control: Report(control, (Coverage("things", 1, 3),)),
    "other-row": lambda control: fine(Control.SBOM if control is not Control.SBOM else Control.SECRETS),
    "finding": lambda control: Report(
        control, (Coverage("things", 3, 3),), (Finding("broken", Level.FAIL, "about", "a finding"),)
    ),
}


def broken(row: Row, mode: str) -> Row:
    made = BROKEN.get(mode, fine)

    def examine(task: Task, world: World) -> Report:
        return made(row.control)

    return Row(row.control, row.act, row.scopes, examine)


if __name__ == "__main__":
    modes = dict(word.split("=") for word in sys.argv[1:])
    sys.exit(worker.main([broken(row, modes.get(row.control.value, "fine")) for row in ROWS]))
