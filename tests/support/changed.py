"""A change: files before and after, answered by a git and a working tree that hold them and nothing else."""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from tidegate.adapters.inventory import read_inventory
from tidegate.errors import FormatError, UndecidedError
from tidegate.model.control import Scope
from tidegate.model.evidence import Report
from tidegate.model.finding import Finding
from tidegate.model.inventory import Source
from tidegate.model.package import Locked
from tidegate.model.release import Release
from tidegate.model.vulnerability import Advisory, Severity
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import Audit, Entry, VulnSource, World
from tidegate.stages.dependencies import examine
from tidegate.stages.task import Task

BASE, HEAD = "b" * 40, "c" * 40
NOW = datetime(2026, 3, 1, tzinfo=UTC)

Files = Mapping[str, bytes]


def oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass
class Tree:
    """Implements `ports.Files` over bytes in memory."""

    held: dict[str, bytes]

    def read(self, path: str, limit: int) -> bytes:
        if path not in self.held:
            raise FormatError(f"`{path}` is not there")
        if len(self.held[path]) > limit:
            raise FormatError(f"`{path}` is larger than {limit} bytes")
        return self.held[path]

    def open(self, path: str) -> io.BytesIO:
        return io.BytesIO(self.read(path, 1 << 30))

    def link(self, path: str) -> bytes:
        raise FormatError(f"`{path}` is no link")

    def everything(self, below: str = "") -> Iterator[tuple[str, str]]:
        yield from ((path, "") for path in sorted(self.held) if path.startswith(below))

    def walk(self) -> Iterator[tuple[str, int]]:
        yield from ((path, len(data)) for path, data in self.held.items())

    def size(self, path: str) -> int | None:
        return len(self.held[path]) if path in self.held else None


@dataclass
class Git:
    """Implements what is asked of `ports.Git` over three trees: base, head, and the index."""

    before: dict[str, bytes]
    head: dict[str, bytes]
    work: dict[str, bytes]
    shallow: bool = False
    links: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    """Paths of the base whose blobs are not in this clone."""
    read_paths: list[str] = field(default_factory=list)

    def present(self) -> bool:
        return True

    def source(self) -> Source:
        dirty = tuple(path for path in self.head if self.work.get(path) != self.head[path])
        return Source(commit=HEAD, dirty=dirty, shallow=self.shallow)

    def tracked(self) -> tuple[Entry, ...]:
        return tuple(Entry(path, "100644", oid(data)) for path, data in sorted(self.head.items()))

    def untracked(self) -> tuple[str, ...]:
        return tuple(sorted(self.work.keys() - self.head.keys()))

    def tree(self, commit: str) -> tuple[Entry, ...]:
        if commit != BASE:
            raise UndecidedError(f"the commit `{commit}` is not here", hint="fetch the whole history")
        entries = sorted(self.before.items())
        return tuple(Entry(path, "120000" if path in self.links else "100644", oid(data)) for path, data in entries)

    def read(self, ref: str, path: str, limit: int) -> bytes | None:
        if path:
            raise AssertionError("the review reads blobs by their ids")
        for name, data in self.before.items():
            if oid(data) == ref and name not in self.lost:
                self.read_paths.append(name)
                if len(data) > limit:
                    raise FormatError(f"`{name}` is larger than {limit} bytes")
                return data
        return None


@dataclass
class StoppedClock:
    def now(self) -> datetime:
        return NOW


@dataclass
class Known:
    """A source of advisories: name and version to the advisories that apply."""

    hits: dict[tuple[str, str], tuple[Advisory, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fails_after: int = 1000
    """How many audits succeed."""

    def audit(self, packages: Sequence[Locked]) -> Audit:
        if self.fails_after <= 0:
            raise UndecidedError("the service is silent", hint="ask it again")
        self.fails_after -= 1
        self.asked += [f"{package.name} {package.version}" for package in packages]
        found = [
            (package, advisory)
            for package in packages
            for advisory in self.hits.get((package.name, package.version), ())
        ]
        return Audit((), tuple(found), (), len(packages))


def flaw(*ids: str, malicious: bool = False) -> Advisory:
    return Advisory(ids, "a flaw", Severity.HIGH, malicious, ("9.9",))


def policy(lockfiles: Mapping[str, Any] | None = None, files: Mapping[str, str] | None = None, **review: Any) -> Policy:
    controls = {"dependencies": {"review": review}, "lockfiles": dict(lockfiles or {})}
    model = PolicyModel.model_validate({"version": 1, "controls": controls})
    return Policy(model=model, files=dict(files or {}), digest="", path="tidegate.yaml")


@dataclass
class Change:
    """Files at the base, files at head, and what the working tree holds besides."""

    before: Files
    after: Files
    work: Files | None = None
    rules: Policy = field(default_factory=policy)
    scope: Scope = Scope.REVIEW
    base: str = BASE
    advisories: VulnSource = field(default_factory=Known)
    releases: tuple[Release, ...] = (Release("app", "."),)
    shallow: bool = False
    links: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    git: Git = field(init=False)

    def __post_init__(self) -> None:
        work = dict(self.after if self.work is None else self.work)
        self.git = Git(dict(self.before), dict(self.after), work, self.shallow, self.links, self.lost)

    def review(self) -> Report:
        files, git, nothing = Tree(self.git.work), cast("Any", self.git), cast("Any", None)
        inventory = read_inventory(files, git, nothing, self.releases, self.base, ())
        world = World(files, git, StoppedClock(), nothing, nothing, {}, self.advisories, nothing, nothing)
        return examine(Task(self.releases, inventory, self.rules, self.scope), world)

    def findings(self) -> list[Finding]:
        return list(self.review().findings)

    def told(self) -> list[tuple[str, str]]:
        return [(finding.rule, finding.about) for finding in self.findings()]

    def rules_told(self) -> list[str]:
        """The rules of the review alone, sorted."""
        return sorted(rule for rule, _ in self.told())
