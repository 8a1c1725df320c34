"""Git plumbing in a closed room: no hook, filter, pager, monitor, fetch or foreign configuration can run."""

import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tidegate.adapters.git_child import Child
from tidegate.errors import FormatError, ToolMissing, UndecidedError

MAX_LINE = 1 << 20

HARDENED = (
    "--no-replace-objects",
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.quotepath=off"),
    *("-c", "core.excludesFile=/dev/null"),
    *("-c", "core.attributesFile=/dev/null"),
    *("-c", "core.untrackedCache=false"),
    # A written-down graph of the commits is asked before the commits, and could say something else.
    *("-c", "core.commitGraph=false"),
    *("-c", "diff.ignoreSubmodules=none"),
    *("-c", "protocol.allow=never"),
    # A CI job often runs as another user than the one who made the checkout; nothing of that checkout is executed.
    *("-c", "safe.directory=*"),
    *("-c", "safe.bareRepository=explicit"),
)


@dataclass(frozen=True, slots=True)
class Object:
    """What `cat-file` says of one object; `data` is None when it was not asked for or is missing."""

    oid: str
    kind: str
    size: int
    data: bytes | None = None


class Plumbing:
    """Runs git in one folder. ToolMissing without git; UndecidedError when git fails, is late, or says too much."""

    def __init__(self, root: Path, timeout: float, index: str = "") -> None:
        self.root = root
        self.timeout = timeout
        self.index = index
        self._git = ""

    def run(self, *args: str, feed: bytes = b"", ok: tuple[int, ...] = (0,)) -> tuple[int, bytes]:
        """(exit code, output) of one command; an exit code outside `ok` is an error."""
        deadline = time.monotonic() + self.timeout
        with self.start(*args, feed=feed) as child:
            output = child.rest(deadline)
            return child.end(ok), output

    def start(self, *args: str, feed: bytes = b"") -> "Child":
        return Child([self.program(), *HARDENED, *args], self.root, feed, self.timeout, self.index)

    def program(self) -> str:
        """Git from an absolute folder of PATH that is not inside the repository."""
        if not self._git:
            folders = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if _safe(folder)]
            git = shutil.which("git", path=os.pathsep.join(folders))
            if git is None or Path(git).resolve().is_relative_to(self.root):
                raise ToolMissing("`git` is not installed", hint="install git and put it on PATH")
            self._git = git
        return self._git

    def check(self, oids: Iterable[str]) -> Iterator[Object]:
        """Kind and size of each object, in order; kind is "missing" when it is not there."""
        with self.start("cat-file", "--batch-check", "--buffer", feed=_lines(oids)) as child:
            while line := child.line():
                yield _header(line)
            child.end((0,))

    def content(self, oid: str, limit: int) -> Object:
        """One object; without data when it is missing, no blob or larger than `limit`."""
        with self.start("cat-file", "--batch", "--buffer", feed=_lines([oid])) as child:
            head = _header(child.line())
            if head.kind != "blob" or head.size > limit:
                return head
            data = child.exactly(head.size)
            child.exactly(1)
            child.end((0,))
            return Object(head.oid, head.kind, head.size, data)

    def contents(self, oids: Sequence[str], limit: int) -> Iterator[Object]:
        """Each object with its data, in order; without data when it is missing or larger than `limit`."""
        done = 0
        while done < len(oids):
            with self.start("cat-file", "--batch", "--buffer", feed=_lines(oids[done:])) as child:
                while line := child.line():
                    done += 1
                    head = _header(line)
                    if head.size > limit:
                        yield head
                        break  # git goes on behind it, instead of telling us all of it
                    if head.kind == "missing":
                        yield head
                        continue
                    data = child.exactly(head.size)
                    child.exactly(1)
                    yield Object(head.oid, head.kind, head.size, data)
                else:
                    child.end((0,))
                    return

    def pieces(self, oid: str, size: int) -> Iterator[bytes]:
        """The data of one blob in pieces of `size` bytes. FormatError when it is missing or no blob."""
        with self.start("cat-file", "--batch", "--buffer", feed=_lines([oid])) as child:
            head = _header(child.line())
            if head.kind != "blob":
                raise FormatError(f"the object `{oid[:12]}` is no blob of this clone")
            left = head.size
            while left:
                piece = child.exactly(min(size, left))
                left -= len(piece)
                yield piece
            child.exactly(1)
            child.end((0,))

    def lines(self, *args: str, feed: bytes = b"", end: bytes = b"\n", ok: tuple[int, ...] = (0,)) -> Iterator[bytes]:
        """What one command says, line by line as it says it."""
        with self.start(*args, feed=feed) as child:
            rest = b""
            while chunk := child.some():
                *whole, rest = (rest + chunk).split(end)
                if len(rest) > MAX_LINE:
                    raise UndecidedError("`git` said a line that is too long", hint="run `git fsck`")
                yield from whole
            if rest:
                yield rest
            child.end(ok)


def _safe(folder: str) -> bool:
    return os.path.isabs(folder)


def _lines(oids: Iterable[str]) -> bytes:
    return "".join(f"{oid}\n" for oid in oids).encode()


def _header(line: bytes) -> Object:
    words = line.decode("ascii", "replace").split(" ")
    if len(words) == 3 and words[2].isdigit():
        return Object(words[0], words[1], int(words[2]))
    return Object(words[0], "missing", 0)
