"""What pins a build besides packages: listed and told once a file in row 2, asked about nowhere, and in no SBOM."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

from support.more_locks import DOCKERFILE, PRE_COMMIT, TERRAFORM, chart_lock
from support.stock import inventory, lock, locked, packages, release
from tidegate.domain.sbom.build import build, parts
from tidegate.formats.locks.table import read, reader_for
from tidegate.model.control import Control, Scope
from tidegate.model.evidence import Coverage, Report
from tidegate.model.finding import Level
from tidegate.model.inventory import TreeFile
from tidegate.model.package import Locked, LockFile
from tidegate.model.release import Release
from tidegate.policy.load import load
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import Audit, World
from tidegate.stages import dependencies, lockfiles
from tidegate.stages.task import Task

PINS = {
    "Dockerfile": DOCKERFILE,
    "deploy/Chart.lock": chart_lock(),
    "infra/.terraform.lock.hcl": TERRAFORM,
    ".pre-commit-config.yaml": PRE_COMMIT,
}


def pinned(path: str, text: str) -> LockFile:
    reader = reader_for(path)
    assert reader is not None
    return read(reader, path, text.encode(), lambda _: None)


@dataclass
class Asked:
    """A source of advisories that knows no fault of anything and remembers what it was asked."""

    packages: list[Locked] = field(default_factory=list)

    def audit(self, packages: Sequence[Locked]) -> Audit:
        self.packages += packages
        return Audit((), (), (), len(packages))


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 1, 4, 12, tzinfo=UTC)


def policy() -> Policy:
    return Policy(model=PolicyModel.model_validate({"version": 1}), files={}, digest="", path="tidegate.yaml")


def row_two(*locks: LockFile) -> tuple[Report, Asked]:
    source, nothing = Asked(), cast("Any", None)
    world = World(nothing, nothing, Clock(), nothing, nothing, {}, source, nothing, nothing)
    task = Task((Release("demo", "."),), inventory(*locks), policy(), Scope.CHECK)
    return dependencies.examine(task, world), source


def test_pins_are_listed_as_outside_and_neither_asked_nor_counted() -> None:
    report, source = row_two(lock(locked("alpha")), *(pinned(path, text) for path, text in PINS.items()))
    assert [package.name for package in source.packages] == ["alpha"]
    assert [(one.what, one.examined, one.expected) for one in report.coverage if one.what == "packages"] == [
        ("packages", 1, 1)
    ]
    listed = json.loads(next(one.text for one in report.produced if one.name == "dependencies.json"))
    states = {entry["purl"]: entry["state"] for entry in listed["packages"]}
    assert states.pop("pkg:pypi/alpha@1.0") == "audited"
    assert set(states.values()) == {"outside"}
    assert len(states) == 7
    assert dict(report.facts)["packages.own"] == "0"


def test_each_file_of_pins_is_told_once_and_as_a_warning() -> None:
    report, _ = row_two(lock(locked("alpha")), *(pinned(path, text) for path, text in PINS.items()))
    told = [finding for finding in report.findings if finding.rule == "pin-unaudited"]
    assert [(finding.about, finding.level) for finding in told] == [(path, Level.WARN) for path in sorted(PINS)]
    assert "2 build pins" in next(finding.message for finding in told if finding.about == "deploy/Chart.lock")


def test_pins_alone_are_nothing_examined() -> None:
    report, source = row_two(pinned("Dockerfile", DOCKERFILE))
    assert source.packages == []
    assert [one for one in report.coverage if one.examined] == []


def test_an_sbom_holds_packages_and_no_pins() -> None:
    plain = inventory(lock(*packages()))
    with_pins = replace(plain, locks=(*plain.locks, *(pinned(path, text) for path, text in PINS.items())))
    demo = release()
    assert build(parts(demo, with_pins), with_pins, "1") == build(parts(demo, plain), plain, "1")


def test_row_one_looks_at_pins_like_at_any_lock() -> None:
    docker = pinned("Dockerfile", "FROM python:3.12\nFROM python\n")
    found = inventory(docker, contents=(), files=(TreeFile("Dockerfile", 30),))
    report = lockfiles.examine(Task((Release("demo", "."),), found, policy(), Scope.CHECK), cast("Any", None))
    assert report.control is Control.LOCKFILES
    assert [(finding.rule, finding.level, finding.release) for finding in report.findings] == [
        ("package-unpinned", Level.FAIL, "demo"),
        ("pin-movable", Level.WARN, "demo"),
    ]
    assert Coverage("lockfiles", 1, 1, "demo") in report.coverage


def test_the_strict_preset_wants_digests() -> None:
    files = {"tidegate.yaml": b"version: 1\nextends: strict\n"}
    strict = load("tidegate.yaml", lambda path, _: files.get(path))
    assert strict.model.controls.lockfiles.level("pin-movable") is Level.FAIL
    assert policy().model.controls.lockfiles.level("pin-movable") is None
