"""Packages inside an artifact or image layer, gathered while its members pass by, bounded in number and memory."""

from collections.abc import Iterable
from typing import BinaryIO

from tidegate.errors import FormatError
from tidegate.formats.all_detectors import DETECTORS, OF_ARCHIVES
from tidegate.formats.archive_members import ArchiveMember
from tidegate.formats.inside.detector import Detector, NamelessError
from tidegate.formats.inside.nesting import Nested, closed, is_package, members, nested
from tidegate.formats.text import shown
from tidegate.model.inventory import Packed
from tidegate.model.package import Locked, Problem

UNREAD = "package-unread"
UNNAMED = "package-unnamed"
UNOPENED = "artifact-unopened"
UNREAD_SBOM = "embedded-sbom-invalid"
MAX_PACKAGES = 50_000
MAX_PROBLEMS = 200
MAX_NESTED = 64 << 20
MAX_DEPTH = 3
HEAD = 64

_MEMBER_COST = 2 << 10
_ROW = b"PK\1\2"


class Budget:
    """What archives inside archives may cost together, in bytes looked at; a member costs something by itself."""

    def __init__(self, left: int = 2 << 30) -> None:
        self._left = left

    @property
    def spent(self) -> bool:
        return self._left <= 0

    def spend(self, size: int) -> bool:
        """Take it if it is there; once something was too much, nothing is left."""
        self._left = self._left - size if size <= self._left else 0
        return self._left > 0


class Inside:
    """Feed it every member: `wanted` says how much of it to keep, `take` reads what was kept.

    Nothing raises: what cannot be read becomes a problem about the member's path (`package-unread`, or
    `embedded-sbom-invalid` for the documents a build put there on purpose; `package-unnamed` and `artifact-unopened`
    for what is known, or not known, to hold a package at all).
    """

    def __init__(self, layer: str = "", *, depth: int = 0, prefix: str = "", budget: Budget | None = None) -> None:
        self._layer = layer
        self._depth = depth
        self._detectors = (*DETECTORS, *OF_ARCHIVES) if depth else DETECTORS
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
        kind = nested(path, head)
        if kind is not Nested.NONE:
            return MAX_NESTED if kind is Nested.OPENED and self._depth < MAX_DEPTH else HEAD
        return max((detector.limit for detector in self._detectors if detector.wants(path, head)), default=0)

    def take(self, path: str, head: bytes, raw: bytes, size: int) -> None:
        """Read one member; `raw` is its beginning, whole unless `size` is more than was kept."""
        if nested(path, head) is not Nested.NONE:
            self._open(path, head, raw, size)
            return
        for detector in self._detectors:
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

    def _ask(self, detector: Detector, path: str, raw: bytes, size: int) -> None:
        if size > detector.limit and not detector.head:
            self._complain(self._rule(detector), path, f"is larger than {detector.limit >> 10} KiB")
            return
        try:
            # A reader may be a generator: it is used up here, where its faults are caught.
            packages = list(detector.read(path, raw[: detector.limit]))
        except FormatError as error:
            rule = UNNAMED if isinstance(error, NamelessError) else self._rule(detector)
            self._complain(rule, path, error.message)
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

    def _rule(self, detector: Detector) -> str:
        own = self._depth == 0 and not self._layer  # in images and nested archives, others made the fault
        return UNREAD_SBOM if own and detector.strict else UNREAD

    def _complain(self, rule: str, path: str, message: str) -> None:
        if len(self._problems) >= MAX_PROBLEMS:
            self._missed += 1
            return
        where = self._prefix + path
        self._problems.append(Problem(rule, where, f"`{shown(where)}`: {message}"))

    def _open(self, path: str, head: bytes, raw: bytes, size: int) -> None:
        """An archive inside: its own members are asked the same."""
        shut = closed(path, head)
        if shut:
            self._complain(UNOPENED, path, f"is {shut}, which is not opened")
        elif self._depth >= MAX_DEPTH:
            self._complain(UNREAD, path, f"lies more than {MAX_DEPTH} archives deep and was not opened")
        elif size > len(raw):
            self._complain(UNREAD, path, f"is larger than {MAX_NESTED >> 20} MiB and was not opened")
        elif not self._budget.spend(raw.count(_ROW) * _MEMBER_COST):
            self._complain(UNREAD, path, "was not opened, since there are too many archives inside")
        else:
            # What no reader takes is no package by its name alone, unless its name says that it is one.
            self.look_into(path, members(path, raw, self._budget.spend), UNREAD if is_package(path) else UNOPENED)

    def look_into(self, path: str, held: Iterable[ArchiveMember], unread: str = UNREAD) -> None:
        """Ask the members of an archive; `unread` is the rule for one of which not a single member can be read."""
        inner = Inside(self._layer, depth=self._depth + 1, prefix=f"{self._prefix}{path}!/", budget=self._budget)
        paths: set[str] = set()
        try:
            self._read_on(inner, path, held, paths)
        except FormatError as error:  # what came before stands
            self._complain(UNREAD if paths or self._budget.spent else unread, path, error.message)
        packages, problems = inner.found(paths)
        for packed in packages:
            self._keep(packed)
        room = max(0, MAX_PROBLEMS - len(self._problems))
        self._problems += problems[:room]
        self._missed += len(problems[room:])

    def _read_on(self, inner: "Inside", path: str, held: Iterable[ArchiveMember], paths: set[str]) -> None:
        shut = False
        for member in held:
            if member.stream is not None:
                paths.add(member.path)
                if not self._budget.spend(feed(inner, member.path, member.stream)):
                    raise FormatError("it is not read to its end, since there is too much in archives inside")
            elif member.path and not member.link and not shut:
                shut = True
                why = member.problems[0].message if member.problems else "a member cannot be read"
                self._complain(UNREAD, path, why)


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
