"""Workflows as text, and the world a CI stage is given: files in a dictionary, a sensor that says what it is told."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from tidegate.adapters.ci.local import LocalCI
from tidegate.errors import FormatError, UndecidedError
from tidegate.formats.all_workflows import reader_for
from tidegate.formats.gitlab import reader as gitlab
from tidegate.formats.workflows.others import foreign_ci
from tidegate.model.control import Scope
from tidegate.model.inventory import Inventory, Source, TreeFile
from tidegate.model.package import Problem
from tidegate.model.release import Release
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import Sensed, Sensing, World
from tidegate.stages.task import Task

PINNED = "actions/checkout@" + "a" * 40
CLEAN = f"""\
name: ci
on: push
permissions: {{}}
jobs:
  build:
    name: build
    runs-on: ubuntu-latest
    permissions:
      contents: read # to check out
    steps:
      - uses: {PINNED} # v4
        with:
          persist-credentials: false
      - run: make
"""
INJECTED = """\
name: pr
on: pull_request
permissions: {}
jobs:
  greet:
    name: greet
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.event.pull_request.title }}"
"""


@dataclass
class Tree:
    """A repository as a dictionary; a value that is an error is raised when the file is read."""

    files: dict[str, bytes | FormatError]

    def read(self, path: str, limit: int) -> bytes:
        raw = self.files.get(path, FormatError(f"`{path}` is not there"))
        if isinstance(raw, FormatError):
            raise raw
        if len(raw) > limit:
            raise FormatError(f"`{path}` is larger than {limit} bytes")
        return raw

    def open(self, path: str) -> io.BytesIO:
        return io.BytesIO(self.read(path, 1 << 30))

    def link(self, path: str) -> bytes:
        raise FormatError(f"`{path}` is no link")

    def everything(self, below: str = "") -> Iterator[tuple[str, str]]:
        yield from ((path, "") for path in sorted(self.files) if path.startswith(below))

    def walk(self) -> Iterator[tuple[str, int]]:
        yield from ((path, self.size(path) or 0) for path in sorted(self.files))

    def size(self, path: str) -> int | None:
        raw = self.files.get(path)
        return len(raw) if isinstance(raw, bytes) else None


@dataclass
class Teller:
    """A sensor that completes every file but those it is told to refuse, to forget, or to fail over."""

    says: tuple[Sensed, ...] = ()
    refuses: dict[str, str] = field(default_factory=dict)
    forgets: frozenset[str] = frozenset()
    fails: UndecidedError | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def sense(self, files: Mapping[str, bytes]) -> Sensing:
        self.asked.append(tuple(files))
        if self.fails is not None:
            raise self.fails
        done = frozenset(files) - self.forgets - self.refuses.keys()
        return Sensing("teller", "1.0", "sha256:" + "0" * 64, done, self.refuses, self.says)


class Stopped:
    def now(self) -> datetime:
        return datetime(2026, 1, 2, tzinfo=UTC)


def world(files: Mapping[str, bytes | FormatError], sensor: Any) -> World:
    absent = cast("Any", object())
    return World(
        files=Tree(dict(files)),
        git=absent,
        clock=Stopped(),
        ci=LocalCI(),
        taken=absent,
        evidence={},
        advisories=absent,
        workflow_sensor=sensor,
        verifier=absent,
    )


def inventory(files: Mapping[str, bytes | FormatError]) -> Inventory:
    """What the reader of a repository makes of these files."""
    workflows, problems = [], []
    for path, raw in files.items():
        reader = reader_for(path)
        if reader is None:
            continue
        try:
            if isinstance(raw, FormatError):
                raise raw
            workflows.append(reader.parse(path, raw))
        except FormatError as error:
            problems.append(Problem("ci-config-malformed", path, error.message, error.line))
    return Inventory(
        source=Source(),
        files=tuple(TreeFile(path, len(raw) if isinstance(raw, bytes) else 0) for path, raw in files.items()),
        workflows=tuple(workflows),
        problems=tuple(problems),
        other_ci=tuple(path for path in files if foreign_ci(path)),
        pipelines=tuple(gitlab.pipelines(Tree(dict(files)).read, frozenset(files))),
    )


def task(found: Inventory, releases: tuple[Release, ...] = (Release("demo", "."),)) -> Task:
    policy = Policy(model=PolicyModel(version=1), files={}, digest="sha256:" + "0" * 64, path="tidegate.yml")
    return Task(releases, found, policy, Scope.CHECK)
