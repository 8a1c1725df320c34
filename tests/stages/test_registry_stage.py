"""Row 2 with registries: asked only where the policy says so, and what they owe is never a pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from pydantic import ValidationError

from support.changed import BASE, Git, Known, StoppedClock, Tree
from support.index_service import GITHUB, OTHER, IndexService, Release
from support.locks import npm_entry, npm_lock
from tidegate.adapters.indexes.indexes import Indexes
from tidegate.adapters.inventory import read_inventory
from tidegate.domain.changes.all_rules import RULES
from tidegate.model.control import Scope
from tidegate.model.evidence import Report
from tidegate.model.finding import Level
from tidegate.model.release import Release as Owner
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import PackageIndex, World
from tidegate.stages.dependencies import examine
from tidegate.stages.task import Task

OWNERS = (Owner("app", "."),)
RECORD = """
version: 1
publishers:
  pkg:npm/left: [{kind: github, repository: acme/demo, workflow: release.yml}]
"""


def project(*packages: tuple[str, str], **more: object) -> dict[str, bytes]:
    tree: dict[str, dict[str, object]] = {"": {"name": "root", "dependencies": {name: "*" for name, _ in packages}}}
    for number, (name, version) in enumerate(packages, 1):
        tree[f"node_modules/{name}"] = {**npm_entry(name, version, number), **more}
    manifest = {"name": "root", "dependencies": {name: "*" for name, _ in packages}}
    return {"package-lock.json": npm_lock(tree), "package.json": str(manifest).replace("'", '"').encode()}


OLD = project(("left", "1.0.0"))
NEW = project(("left", "1.1.0"))


@dataclass
class Court:
    """The same change judged under policies that differ in what they ask of registries."""

    service: IndexService
    before: dict[str, bytes] = field(default_factory=lambda: dict(OLD))
    after: dict[str, bytes] = field(default_factory=lambda: dict(NEW))
    base: str = BASE
    given: Callable[[Indexes], PackageIndex | None] = lambda index: index

    def review(self, *, ask: bool = True, record: str = "", cooldown: str | None = None) -> Report:
        registry: dict[str, Any] = {"ask": ask, "indexes": self.service.addresses}
        if record:
            registry["publishers"] = "publishers.yaml"
        dependencies = {"registry": registry, "review": {"cooldown": cooldown}}
        model = PolicyModel.model_validate({"version": 1, "controls": {"dependencies": dependencies}})
        policy = Policy(model=model, files={"publishers.yaml": record}, digest="", path="tidegate.yaml")
        git = cast("Any", Git(self.before, self.after, self.after))
        files, nothing = Tree(self.after), cast("Any", None)
        inventory = read_inventory(files, git, nothing, OWNERS, self.base, ())
        index = self.given(Indexes(0.5, self.service.addresses))
        world = World(files, git, StoppedClock(), nothing, nothing, {}, Known(), nothing, nothing, index=index)
        return examine(Task(OWNERS, inventory, policy, Scope.REVIEW if self.base else Scope.EXAMINE), world)

    def told(self, **policy: Any) -> list[tuple[str, str, str | None]]:
        ours = {"lock-changed-alone", "dependency-unfamiliar"}
        findings = self.review(**policy).findings
        return [(one.rule, one.about, one.release) for one in findings if one.rule not in ours]


@pytest.fixture
def court() -> Iterator[Court]:
    with IndexService() as service:
        first = Release("2026-01-01T00:00:00Z", publisher=GITHUB, trusted=True)
        service.npm("left", {"1.0.0": first, "1.1.0": replace(first, time="2026-02-27T00:00:00Z")})
        yield Court(service)


def test_a_policy_that_does_not_ask_asks_nobody(court: Court) -> None:
    report = court.review(ask=False)
    assert report.blind == ()
    assert court.service.requests == []
    assert not any(name.startswith("registry") for name, _ in report.facts)


def test_a_change_the_registry_finds_nothing_in_is_clean_and_counted(court: Court) -> None:
    report = court.review()
    assert court.told() == []
    assert report.blind == ()
    assert dict(report.facts)["registry.asked"] == "1"
    assert dict(report.facts)["registry.requests"] == "3"
    assert set(RULES) <= set(report.rules)


def test_a_release_without_the_provenance_of_those_before_it_shuts_the_gate(court: Court) -> None:
    court.service.npm(
        "left",
        {
            "1.0.0": Release("2026-01-01T00:00:00Z", publisher=GITHUB, trusted=True),
            "1.1.0": Release("2026-02-01T00:00:00Z"),
        },
    )
    (finding,) = [one for one in court.review().findings if one.rule == "provenance-lost"]
    assert (finding.level, finding.about, finding.release) == (Level.FAIL, "pkg:npm/left@1.1.0", "app")


def test_another_repository_shuts_the_gate(court: Court) -> None:
    court.service.npm(
        "left",
        {
            "1.0.0": Release("2026-01-01T00:00:00Z", publisher=GITHUB, trusted=True),
            "1.1.0": Release("2026-02-01T00:00:00Z", publisher=OTHER, trusted=True),
        },
    )
    assert court.told() == [("publisher-changed", "pkg:npm/left@1.1.0", "app")]


@pytest.mark.parametrize("mode", ["500", "html", "hang", "other-name", "short", "not-json"])
def test_a_registry_that_owes_an_answer_blinds_the_row(court: Court, mode: str) -> None:
    court.service.mode = mode
    report = court.review()
    (blind,) = report.blind
    assert "`left`" in blind.reason
    assert "registry.ask" in blind.hint


def test_a_package_the_registry_does_not_know_shuts_the_gate(court: Court) -> None:
    court.service.mode = "404"
    assert court.told() == [("release-gone", "pkg:npm/left@1.1.0", "app")]


def test_a_row_that_was_not_given_the_means_is_blind(court: Court) -> None:
    court.given = lambda _: None
    (blind,) = court.review().blind
    assert "not given" in blind.reason


def test_the_registrys_time_serves_the_cooldown_and_the_age_of_names(court: Court) -> None:
    assert [rule for rule, *_ in court.told(cooldown="7d")] == ["cooldown-unmet"]
    assert [rule for rule, *_ in court.told(cooldown="7d", ask=False)] == ["cooldown-unknown"]
    court.service.npm("lodahs", {"1.0.0": Release("2026-02-27T00:00:00Z")})
    court.after = project(("left", "1.0.0"), ("lodahs", "1.0.0"))
    (squat,) = [one for one in court.review().findings if one.rule == "name-squatted"]
    assert squat.level is Level.FAIL


def test_a_record_is_compared_without_a_base_too(court: Court) -> None:
    court.base = ""
    assert court.told(record=RECORD) == []
    assert court.told(record=RECORD.replace("acme", "other")) == [("publisher-changed", "pkg:npm/left@1.1.0", "app")]
    assert court.told(record="version: 1\npublishers: {}\n") == [("publisher-unrecorded", "pkg:npm/left", "app")]
    assert court.told(record="nonsense") == [("publishers-malformed", "publishers.yaml", None)]


def test_a_change_of_publisher_is_told_once_whoever_noticed_it(court: Court) -> None:
    court.service.npm(
        "left",
        {
            "1.0.0": Release("2026-01-01T00:00:00Z", publisher=GITHUB, trusted=True),
            "1.1.0": Release("2026-02-01T00:00:00Z", publisher=OTHER, trusted=True),
        },
    )
    assert court.told(record=RECORD) == [("publisher-changed", "pkg:npm/left@1.1.0", "app")]


def test_a_silent_registry_blinds_a_row_that_compares_with_a_record(court: Court) -> None:
    court.base, court.service.mode = "", "500"
    assert len(court.review(record=RECORD).blind) == 1


def test_private_packages_are_not_asked_about(court: Court) -> None:
    court.after = project(("left", "1.1.0"), resolved="https://packages.example/left/-/left-1.1.0.tgz")
    rules = [(rule, about) for rule, about, _ in court.told()]
    assert ("metadata-unknown", "metadata:npm@packages.example") in rules
    assert court.service.requests == []


def test_a_record_without_asking_is_a_fault_of_the_policy() -> None:
    with pytest.raises(ValidationError, match="ask: true"):
        PolicyModel.model_validate(
            {"version": 1, "controls": {"dependencies": {"registry": {"publishers": "publishers.yaml"}}}}
        )
