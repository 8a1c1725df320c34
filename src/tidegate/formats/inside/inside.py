"""Packages inside an artifact or image layer, gathered while its members pass by, bounded in number and memory."""

import io
from typing import BinaryIO

from tidegate.errors import FormatError
from tidegate.formats import zip_members
from tidegate.formats.all_detectors import DETECTORS
from tidegate.formats.inside.detector import Detector
from tidegate.formats.text import shown
from tidegate.model.inventory import Packed
from tidegate.model.package import Locked, Problem

UNREAD = "package-unread"
UNREAD_SBOM = "embedded-sbom-invalid"
MAX_PACKAGES = 50_000
MAX_PROBLEMS = 200
MAX_NESTED = 64 << 20
MAX_DEPTH = 3
HEAD = 64

_NESTED = (".jar", ".war", ".ear", ".whl", ".egg", ".zip")
_MEMBER_COST = 2 << 10
_ROW = b"PK\1\2"


class Budget:
    """What archives inside archives may cost together, in bytes looked at; a member costs something by itself."""

    def __init__(self, left: int = 2 << 30) -> None:
        self._left = left

    def spend(self, size: int) -> bool:
        """Take it if it is there; once something was too much, nothing is left."""
        self._left = self._left - size if size <= self._left else 0
        return self._left > 0


class Inside:
    """Feed it every member: `wanted` says how much of it to keep, `take` reads what was kept.

    Nothing raises: what cannot be read becomes a problem about the member's path (`package-unread`, or
    `embedded-sbom-invalid` for the documents a build put there on purpose).
    """

    def __init__(self, layer: str = "", *, depth: int = 0, prefix: str = "", budget: Budget | None = None) -> None:
        self._layer = layer
        self._depth = depth
        self._prefix = prefix
        self._budget = budget or Budget()
        self._packages: dict[Packed, str] = {}
        self._problems: list[Problem] = []
        self._missed = 0

    @property
    def count(self) -> int:
        """How many packages were found so far."""
        return len(self._packages)

    def wanted(self, path: str, head: bytes) -> int:
        """How many bytes of this member to keep, 0 for none; `head` are its first bytes."""
        if self._is_nested(path, head):
            return MAX_NESTED
        return max((detector.limit for detector in DETECTORS if detector.wants(path, head)), default=0)

    def take(self, path: str, head: bytes, raw: bytes, size: int) -> None:
        """Read one member; `raw` is its beginning, whole unless `size` is more than was kept."""
        if self._is_nested(path, head):
            self._open(path, raw, size)
            return
        for detector in DETECTORS:
            if detector.wants(path, head):
                self._ask(detector, path, raw, size)

    def found(self, paths: "set[str] | frozenset[str]") -> tuple[tuple[Packed, ...], tuple[Problem, ...]]:
        """Packages in order of path, and what could not be read; `paths` are all members of the archive."""
        kept = [packed for packed, beside in self._packages.items() if not beside or beside in paths]
        problems = self._problems
        if self._missed:
            message = f"{self._missed} more records of packages inside are not read"
            problems = [*problems, Problem(UNREAD, "", message)]
        return tuple(sorted(kept, key=_order)), tuple(problems)

    def _is_nested(self, path: str, head: bytes) -> bool:
        return self._depth < MAX_DEPTH and path.lower().endswith(_NESTED) and head != b""

    def _ask(self, detector: Detector, path: str, raw: bytes, size: int) -> None:
        if size > detector.limit and not detector.head:
            self._complain(detector, path, f"is larger than {detector.limit >> 10} KiB")
            return
        try:
            # A reader may be a generator: it is used up here, where its faults are caught.
            packages = list(detector.read(path, raw[: detector.limit]))
        except FormatError as error:
            self._complain(detector, path, error.message)
            return
        beside = f"{path.rpartition('/')[0]}/{detector.beside}" if detector.beside else ""
        for package in packages:
            self._add(package, path, detector.how, beside)

    def _add(self, package: Locked, path: str, how: str, beside: str = "") -> None:
        self._keep(Packed(package, self._prefix + path, how, self._layer), beside)

    def _keep(self, packed: Packed, beside: str = "") -> None:
        if len(self._packages) >= MAX_PACKAGES:
            self._missed += 1
        else:
            self._packages.setdefault(packed, beside)

    def _complain(self, detector: Detector | None, path: str, message: str) -> None:
        own = self._depth == 0 and not self._layer  # in images and nested archives, others made the fault
        rule = UNREAD_SBOM if own and detector is not None and detector.strict else UNREAD
        if len(self._problems) >= MAX_PROBLEMS:
            self._missed += 1
            return
        where = self._prefix + path
        self._problems.append(Problem(rule, where, f"`{shown(where)}`: {message}"))

    def _open(self, path: str, raw: bytes, size: int) -> None:
        """An archive inside: its own members are asked the same."""
        if size > len(raw):
            self._complain(None, path, f"is larger than {MAX_NESTED >> 20} MiB and was not opened")
            return
        if not self._budget.spend(raw.count(_ROW) * _MEMBER_COST):
            self._complain(None, path, "was not opened, since there are too many archives inside")
            return
        inner = Inside(self._layer, depth=self._depth + 1, prefix=f"{self._prefix}{path}!/", budget=self._budget)
        paths: set[str] = set()
        try:
            self._read_on(inner, path, raw, paths)
        except FormatError as error:  # what came before stands
            self._complain(None, path, error.message)
        packages, problems = inner.found(paths)
        for packed in packages:
            self._keep(packed)
        self._problems += problems[: max(0, MAX_PROBLEMS - len(self._problems))]

    def _read_on(self, inner: "Inside", path: str, raw: bytes, paths: set[str]) -> None:
        closed = False
        for member in zip_members.members(io.BytesIO(raw)):
            if member.stream is not None:
                paths.add(member.path)
                if not self._budget.spend(feed(inner, member.path, member.stream)):
                    raise FormatError("it is not read to its end, since there is too much in archives inside")
            elif member.path and not member.link and not closed:
                closed = True
                why = member.problems[0].message if member.problems else "a member cannot be read"
                self._complain(None, path, why)


def feed(inside: Inside, path: str, stream: BinaryIO) -> int:
    """Offer one member by its stream, of which no more is read than is needed; gives how much that was."""
    head = stream.read(HEAD)
    keep = inside.wanted(path, head)
    if keep:
        raw = head + stream.read(keep + 1 - len(head))
        inside.take(path, head, raw[:keep], len(raw))
        return len(raw)
    return len(head)


def _order(packed: Packed) -> tuple[str, str, str, str]:
    return packed.path, packed.package.ecosystem, packed.package.name, packed.package.version
