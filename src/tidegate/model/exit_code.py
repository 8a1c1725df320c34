"""What the shell is told."""

from enum import IntEnum


class ExitCode(IntEnum):
    OPEN = 0
    SHUT = 1
    USAGE = 2
    UNDECIDED = 3
    INTERRUPTED = 130
