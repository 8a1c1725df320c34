"""One member of an archive, its bytes behind a bound."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from tidegate.model.package import Problem

MAX_MEMBERS = 200_000
MAX_LETTERS = 32 << 20
"""Of the names of all members together."""
MAX_TOTAL = 8 << 30
MAX_RATIO = 200
FREE_SIZE = 256 << 20
"""Below this unpacked size no ratio is suspicious."""

UNREADABLE = "archive-unreadable"


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file or link; folders are not listed. `path` is "" for remarks about the archive itself.

    `stream` is good until the next member is asked for, and raises FormatError when the archive is damaged or unpacks
    to too much; it is None for links and for what cannot be read (then `problems` says why).
    """

    path: str
    size: int = 0
    stream: BinaryIO | None = None
    link: str = ""
    problems: tuple[Problem, ...] = ()
    mode: int | None = None
    """Permission bits, None where the archive has none."""


def remark(rule: str, message: str) -> ArchiveMember:
    """A remark about the archive itself."""
    return ArchiveMember("", problems=(Problem(rule, "", message),))


def bounded(pull: Callable[[int], bytes], size: int) -> BinaryIO:
    """A stream over at most `size` bytes that `pull` gives."""
    return io.BufferedReader(_Pulled(pull, size), 1 << 18)


class _Pulled(io.RawIOBase):
    def __init__(self, pull: Callable[[int], bytes], size: int) -> None:
        super().__init__()
        self._pull = pull
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        data = self._pull(min(len(buffer), self._left)) if self._left else b""
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)
