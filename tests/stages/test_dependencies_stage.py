"""Row 2: every third-party package is accounted for, and what is not known is never passed over."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from support.osv_server import OsvServer, advisory
from tidegate.adapters.vulns.offline import OfflineDatabase
from tidegate.adapters.vulns.osv_api import OsvApi
from tidegate.domain.matching.rules import RULES
from tidegate.errors import StaleDatabase
from tidegate.model.control import Control, Scope
from tidegate.model.digest import Digest
from tidegate.model.evidence import Coverage, Report
from tidegate.model.inventory import Inventory, TreeFile
from tidegate.model.inventory import Source as Commit
from tidegate.model.package import Asked, Locked, LockFile, Manifest, Problem, Source, SourceKind
from tidegate.model.release import Release
from tidegate.model.vulnerability import Advisory, Severity
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import Audit, DatabaseFacts, Dispute, Unaudited, Unevaluable, VulnSource, World
from tidegate.stages.dependencies import examine
from tidegate.stages.task import Task

NOW = datetime(2026, 1, 4, 12, tzinfo=UTC)
HIGH = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}]
RECORDS = [
    advisory("PYSEC-1", "PyPI", "foo", fixed="2.0", aliases=["CVE-1"], severity=HIGH, summary="reads too much"),
    advisory("PYSEC-2", "PyPI", "endless"),
    advisory("MAL-2026-1", "PyPI", "evil", summary="steals"),
    {**advisory("GHSA-vague", "PyPI", "vague"), "affected": [{"package": {"ecosystem": "PyPI", "name": "vague"}}]},
]


@dataclass
class StoppedClock:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


@dataclass
class Canned:
    """A source of advisories that says what it is told to say."""

    audit_: Audit | Exception
    asked: list[Locked] = field(default_factory=list)
    calls: int = 0

    def audit(self, packages: Sequence[Locked]) -> Audit:
        self.asked.extend(packages)
        self.calls += 1
        if isinstance(self.audit_, Exception):
            raise self.audit_
        return self.audit_


def locked(
    name: str,
    version: str = "1.0",
    kind: SourceKind = SourceKind.REGISTRY,
    url: str = "",
    line: int | None = 7,
    public: bool = True,
) -> Locked:
    digest = Digest.of(name.encode())
    return Locked("PyPI", name, name, version, Source(kind, url, public=public), hashes=(digest,), line=line)


def lock(*packages: Locked, path: str = "uv.lock", **more: Any) -> LockFile:
    return LockFile(path, "uv", "PyPI", Digest.of(b""), packages, **more)


def world(source: VulnSource) -> World:
    """Only what the stage may use is there."""
    nothing = cast("Any", None)
    return World(nothing, nothing, StoppedClock(), nothing, nothing, {}, source, nothing, nothing)


def policy(**dependencies: Any) -> Policy:
    model = PolicyModel.model_validate({"version": 1, "controls": {"dependencies": dependencies}})
    return Policy(model=model, files={}, digest="", path="tidegate.yaml")


def task(*locks: LockFile, releases: tuple[Release, ...] = (Release("app", "."),), **more: Any) -> Task:
    rules = more.pop("policy", policy())
    return Task(releases, Inventory(Commit(), locks=locks, **more), rules, Scope.CHECK)


@pytest.fixture
def database(tmp_path: Path) -> OfflineDatabase:
    (tmp_path / "PyPI").mkdir()
    with zipfile.ZipFile(tmp_path / "PyPI" / "all.zip", "w") as archive:
        for record in RECORDS:
            archive.writestr(f"{record['id']}.json", json.dumps(record))
    return OfflineDatabase(tmp_path, timedelta(days=7), StoppedClock())


def told(report: Report) -> list[tuple[str, str, str | None]]:
    return [(finding.rule, finding.about, finding.release) for finding in report.findings]


def test_a_clean_lockfile_is_covered_whole(database: OfflineDatabase) -> None:
    report = examine(task(lock(locked("bar"), locked("foo", "2.0"))), world(database))
    assert report.control is Control.DEPENDENCIES
    assert (report.findings, report.blind) == ((), ())
    assert report.coverage == (Coverage("packages", 2, 2, "app", "4 advisories, newest 2 days old"),)
    assert set(RULES) <= set(report.rules)


def test_a_go_module_is_upgraded_to_a_version_as_go_writes_it() -> None:
    module = replace(locked("go.example/x/text", "v0.38.0"), ecosystem="Go")
    hit = Advisory(("GO-1",), "loops", Severity.HIGH, fixed=("0.39.0",))
    answer = Audit((DatabaseFacts("db", 1, "2026-01-04T00:00:00Z"),), ((module, hit),), (), 1)
    (finding,) = examine(task(replace(lock(module), ecosystem="Go")), world(Canned(answer))).findings
    assert finding.fix == "upgrade `go.example/x/text` to v0.39.0 and lock again"


def test_a_vulnerable_package_is_told_with_its_grade_place_and_remedy(database: OfflineDatabase) -> None:
    report = examine(task(lock(locked("foo"), locked("endless"))), world(database))
    unknown, high = report.findings
    assert (high.rule, high.about) == ("dependency-vulnerable", "pkg:pypi/foo@1.0#CVE-1")
    assert (high.severity, high.fix_known, high.always) == (Severity.HIGH, True, False)
    assert high.message == "foo 1.0 has CVE-1 (high): reads too much"
    assert high.fix == "upgrade `foo` to 2.0 and lock again"
    assert high.place is not None
    assert (high.place.path, high.place.line) == ("uv.lock", 7)
    assert (unknown.severity, unknown.fix_known) == (Severity.UNKNOWN, False)
    assert "no fixed version" in unknown.fix
    assert report.coverage[0].examined == 2


def test_malware_is_beyond_every_threshold(database: OfflineDatabase) -> None:
    (finding,) = examine(task(lock(locked("evil"))), world(database)).findings
    assert (finding.rule, finding.about) == ("dependency-malicious", "pkg:pypi/evil@1.0#MAL-2026-1")
    assert finding.always


def test_an_advisory_that_decides_nothing_is_a_finding(database: OfflineDatabase) -> None:
    (finding,) = examine(task(lock(locked("vague"))), world(database)).findings
    assert (finding.rule, finding.about) == ("advisory-unevaluable", "pkg:pypi/vague@1.0#GHSA-vague")


@pytest.mark.parametrize(
    "package",
    [
        locked("bar", kind=SourceKind.GIT),
        locked("bar", kind=SourceKind.URL),
        locked("bar", kind=SourceKind.UNKNOWN),
        locked("bar", kind=SourceKind.PATH, url="vendor/bar-1.0.whl"),
        locked("bar", kind=SourceKind.PATH, url="../../bar"),
        locked("bar", kind=SourceKind.PATH, url="/opt/bar"),
        locked("bar", kind=SourceKind.PATH),
        locked("bar", kind=SourceKind.WORKSPACE, url="../bar"),
        locked("bar", ""),
        locked("foo", "not a version"),
    ],
    ids=[
        "git",
        "url",
        "unknown",
        "archive",
        "outside",
        "absolute",
        "nowhere",
        "workspace-outside",
        "no-version",
        "odd-version",
    ],
)
def test_what_cannot_be_audited_is_a_finding_and_not_coverage(database: OfflineDatabase, package: Locked) -> None:
    report = examine(task(lock(locked("baz"), package)), world(database))
    assert told(report) == [("dependency-unaudited", package.purl, "app")]
    assert (report.coverage[0].examined, report.coverage[0].expected) == (1, 2)


@pytest.mark.parametrize(
    "package",
    [
        locked("own", kind=SourceKind.WORKSPACE, url="."),
        locked("own", kind=SourceKind.WORKSPACE),
        locked("own", kind=SourceKind.PATH, url="packages/own"),
    ],
    ids=["root", "unnamed", "folder"],
)
def test_the_projects_own_packages_are_listed_and_not_asked_about(package: Locked) -> None:
    source = Canned(Audit((), (), (), 1))
    report = examine(task(lock(locked("bar"), package)), world(source))
    assert [each.name for each in source.asked] == ["bar"]
    assert (report.coverage[0].examined, report.coverage[0].expected) == (1, 1)
    states = {each["name"]: each["state"] for each in json.loads(report.produced[0].text)["packages"]}
    assert states == {"bar": "audited", "own": "own"}


def test_what_only_one_lockfile_calls_its_own_is_asked_about() -> None:
    source = Canned(Audit((), (), (), 1))
    here = lock(locked("shared", kind=SourceKind.PATH, url="../shared"), path="a/uv.lock")
    outside = lock(locked("shared", kind=SourceKind.PATH, url="../shared"), path="uv.lock")
    report = examine(task(here, outside), world(source))
    assert [each.name for each in source.asked] == ["shared"]
    assert report.coverage[0].expected == 1


def test_a_package_in_several_lockfiles_is_asked_once_and_told_at_every_place() -> None:
    package = locked("foo")
    source = Canned(Audit((), ((package, Advisory(("X-1",), "", Severity.LOW)),), (), 1))
    releases = (Release("web", "web"), Release("all", "."))
    report = examine(
        task(lock(package, path="web/uv.lock"), lock(replace(package, line=9), path="api/uv.lock"), releases=releases),
        world(source),
    )
    assert (source.calls, len(source.asked)) == (1, 1)
    places = [(f.release, f.place.path, f.place.line) for f in report.findings if f.place]
    assert places == [("all", "api/uv.lock", 9), ("all", "web/uv.lock", 7), ("web", "web/uv.lock", 7)]
    assert [(c.release, c.examined, c.expected) for c in report.coverage] == [("web", 1, 1), ("all", 1, 1)]


def test_private_and_public_packages_of_one_name_are_two_questions() -> None:
    public, private = locked("foo"), locked("foo", public=False)
    source = Canned(Audit((), (), (Unaudited(private, "private"),), 1))
    report = examine(task(lock(public, private)), world(source))
    assert len(source.asked) == 2
    assert told(report) == [("dependency-unaudited", "pkg:pypi/foo@1.0", "app")]


def test_findings_count_against_the_release_that_holds_the_lockfile(database: OfflineDatabase) -> None:
    releases = (Release("one", "one"), Release("two", "two"), Release("three", "three"))
    locks = (lock(locked("foo"), path="one/uv.lock"), lock(locked("bar"), path="two/uv.lock"))
    report = examine(task(*locks, releases=releases), world(database))
    assert told(report) == [("dependency-vulnerable", "pkg:pypi/foo@1.0#CVE-1", "one")]
    assert [(c.release, c.examined, c.expected) for c in report.coverage] == [
        ("one", 1, 1),
        ("two", 1, 1),
        ("three", 0, 0),
    ]


def test_a_lockfile_above_a_release_serves_it_when_it_locks_its_manifest(database: OfflineDatabase) -> None:
    shared = lock(locked("foo"), asked=(Asked("."), Asked("packages/app")))
    report = examine(task(shared, releases=(Release("app", "packages/app"),)), world(database))
    assert [finding.release for finding in report.findings] == ["app"]
    assert report.coverage[0].expected == 1


def test_a_lockfile_serves_the_release_of_its_manifest_and_brings_what_it_includes(database: OfflineDatabase) -> None:
    manifest = Manifest("app/pyproject.toml", "pyproject", "PyPI", locks=("requirements.txt",))
    top = lock(locked("bar"), path="requirements.txt", includes=("more/base.txt",))
    base = lock(locked("foo"), path="more/base.txt", includes=("requirements.txt",))
    other = lock(locked("evil"), path="other/uv.lock")
    report = examine(task(top, base, other, releases=(Release("app", "app"),), manifests=(manifest,)), world(database))
    assert told(report) == [("dependency-vulnerable", "pkg:pypi/foo@1.0#CVE-1", "app")]
    assert report.coverage[0].expected == 2


def test_a_lockfile_of_a_manager_that_is_not_read_is_not_passed_over(database: OfflineDatabase) -> None:
    files = tuple(TreeFile(path, 1) for path in ("web/deno.lock", "web/node_modules/x/deno.lock", "uv.lock"))
    releases = (Release("web", "web"), Release("api", "api"))
    report = examine(task(lock(locked("bar"), path="api/uv.lock"), releases=releases, files=files), world(database))
    assert told(report) == [("lock-unaudited", "web/deno.lock", "web")]
    assert [(c.examined, c.expected) for c in report.coverage] == [(0, 1), (1, 1)]


def test_a_lockfile_that_could_not_be_read_is_expected_and_not_examined(database: OfflineDatabase) -> None:
    problem = Problem("lock-malformed", "broken/uv.lock", "not TOML", 3)
    report = examine(task(lock(locked("bar")), problems=(problem,)), world(database))
    (finding,) = report.findings
    assert (finding.rule, finding.about, finding.release) == ("lock-unaudited", "broken/uv.lock", "app")
    assert finding.place is not None
    assert finding.place.line == 3
    assert (report.coverage[0].examined, report.coverage[0].expected) == (1, 2)


@pytest.mark.parametrize("rule", ["lock-unsupported", "lock-malformed"])
def test_a_lockfile_of_unknown_content_is_not_covered_by_what_was_read_of_it(
    database: OfflineDatabase, rule: str
) -> None:
    half = lock(locked("bar"), path="pylock.toml", problems=(Problem(rule, "pylock.toml", "version 9 is not read"),))
    report = examine(task(half), world(database))
    assert told(report) == [("lock-unaudited", "pylock.toml", "app")]
    assert (report.coverage[0].examined, report.coverage[0].expected) == (1, 2)


def test_problems_that_are_no_lockfiles_are_not_this_rows_business(database: OfflineDatabase) -> None:
    problem = Problem("ci-config-malformed", ".github/workflows/a.yml", "not YAML")
    report = examine(task(lock(locked("bar")), problems=(problem,)), world(database))
    assert (report.findings, report.coverage[0].expected) == ((), 1)


def test_without_packages_nothing_is_asked_and_nothing_covered() -> None:
    source = Canned(StaleDatabase("never asked", hint="x"))
    report = examine(task(), world(source))
    assert source.calls == 0
    assert (report.blind, report.findings) == ((), ())
    assert report.coverage == (Coverage("packages", 0, 0, "app"),)


def test_a_source_that_does_not_answer_blinds_every_release_and_keeps_what_was_seen() -> None:
    source = Canned(StaleDatabase("the database is old", hint="fetch a new one"))
    problem = Problem("lock-malformed", "broken/uv.lock", "not TOML")
    report = examine(task(lock(locked("bar")), problems=(problem,)), world(source))
    (blind,) = report.blind
    assert (blind.reason, blind.hint, blind.release) == ("the database is old", "fetch a new one", None)
    assert (report.coverage[0].examined, report.coverage[0].expected) == (0, 2)
    assert told(report) == [("lock-unaudited", "broken/uv.lock", "app")]
    assert report.produced == ()


STRANGER = locked("stranger")


@pytest.mark.parametrize(
    "audit",
    [
        Audit((), (), (), 0),
        Audit((), (), (), 3),
        Audit((), (), (Unaudited(locked("bar"), "x"),), 2),
        Audit((), (), (Unaudited(STRANGER, "x"),), 1),
        Audit((), ((STRANGER, Advisory(("X-1",), "", Severity.LOW)),), (), 2),
        Audit((), (), (), 2, unevaluable=(Unevaluable(STRANGER, "X-1", "x"),)),
        Audit((), (), (Unaudited(locked("bar"), "x"), Unaudited(locked("bar"), "y")), 0),
    ],
    ids=["none", "more", "twice", "stranger", "strange-hit", "strange-doubt", "doubled"],
)
def test_an_audit_that_does_not_add_up_is_no_audit(audit: Audit) -> None:
    report = examine(task(lock(locked("bar"), locked("baz"))), world(Canned(audit)))
    assert len(report.blind) == 1
    assert report.coverage[0].examined == 0


def test_an_unlimited_age_is_said_every_time(database: OfflineDatabase) -> None:
    rules = policy(database={"max_age": "unlimited"})
    for source in (database, Canned(StaleDatabase("no", hint="x"))):
        report = examine(task(lock(locked("bar")), policy=rules), world(source))
        assert report.notes[0] == "the age of advisories is not judged: `database.max_age` is `unlimited`"


def test_the_database_is_recorded(database: OfflineDatabase, tmp_path: Path) -> None:
    report = examine(task(lock(locked("bar"))), world(database))
    facts = dict(report.facts)
    assert facts["advisories.1.name"] == str(tmp_path / "PyPI" / "all.zip")
    assert facts["advisories.1.records"] == "4"
    assert facts["advisories.1.newest"] == "2026-01-02T03:04:05Z"
    assert facts["advisories.1.digest"] == str(Digest.of((tmp_path / "PyPI" / "all.zip").read_bytes()))
    assert list(report.facts) == sorted(report.facts)


def test_of_several_databases_the_one_that_lags_behind_is_shown() -> None:
    facts = (DatabaseFacts("a", 3, "2026-01-04T00:00:00Z"), DatabaseFacts("b", 4, "2026-01-03T00:00:00Z"))
    report = examine(task(lock(locked("bar"))), world(Canned(Audit(facts, (), (), 1))))
    assert report.coverage[0].detail == "7 advisories, newest 1 day old"


def test_a_service_has_no_age() -> None:
    facts = (DatabaseFacts("https://osv.example", 3, "", offline=False),)
    report = examine(task(lock(locked("bar"))), world(Canned(Audit(facts, (), (), 1))))
    assert report.coverage[0].detail == "3 advisories"


def test_the_list_of_dependencies_is_complete_and_the_same_every_time(database: OfflineDatabase) -> None:
    packages = [locked(name) for name in ("foo", "evil", "bar", "vague")] + [locked("git", kind=SourceKind.GIT)]
    texts = set()
    for order in (packages, packages[::-1]):
        report = examine(task(lock(*order)), world(database))
        (produced,) = report.produced
        assert (produced.name, produced.release) == ("dependencies.json", None)
        texts.add(produced.text)
    (text,) = texts
    listed = {each["name"]: each for each in json.loads(text)["packages"]}
    assert {name: each["state"] for name, each in listed.items()} == {
        "foo": "vulnerable",
        "evil": "malicious",
        "bar": "audited",
        "vague": "unaudited",
        "git": "unaudited",
    }
    assert listed["foo"]["advisories"] == ["CVE-1"]
    assert listed["foo"]["hashes"] == [str(Digest.of(b"foo"))]
    assert listed["foo"]["purl"] == "pkg:pypi/foo@1.0"
    assert listed["foo"]["locks"] == ["uv.lock"]
    assert json.loads(text)["advisories"][0]["records"] == 4


def test_the_service_serves_the_stage_as_the_folder_does() -> None:
    with OsvServer(RECORDS[:3]) as server:
        report = examine(task(lock(locked("foo"), locked("bar"))), world(OsvApi(server.url, 5, StoppedClock(), None)))
        assert told(report) == [("dependency-vulnerable", "pkg:pypi/foo@1.0#CVE-1", "app")]
        server.kill()
        report = examine(task(lock(locked("bar"))), world(OsvApi(server.url, 1, StoppedClock(), None)))
    assert len(report.blind) == 1
    assert "--database" in report.blind[0].hint


def test_two_engines_that_disagree_are_a_finding_with_both_their_answers() -> None:
    foo = locked("foo")
    dispute = Dispute(foo, "GHSA-1", "tidegate", "other 1.0")
    audit = Audit((), (), (), 1, disputes=(dispute,), notes=("other was asked",))
    report = examine(task(lock(foo)), world(Canned(audit)))
    (finding,) = report.findings
    assert (finding.rule, finding.about) == ("engines-disagree", "pkg:pypi/foo@1.0#GHSA-1")
    assert finding.message == "tidegate applies GHSA-1 to foo 1.0, other 1.0 does not"
    assert finding.place is not None
    assert (finding.place.path, finding.place.line) == ("uv.lock", 7)
    assert "other was asked" in report.notes


def test_a_dispute_about_a_package_nobody_asked_about_is_no_audit() -> None:
    audit = Audit((), (), (), 1, disputes=(Dispute(locked("bar"), "GHSA-1", "tidegate", "other 1.0"),))
    report = examine(task(lock(locked("foo"))), world(Canned(audit)))
    assert report.blind
    assert report.coverage[0].examined == 0


def test_the_list_of_packages_is_evidence_and_a_quick_look_keeps_none(database: OfflineDatabase) -> None:
    asked = task(lock(locked("bar")))
    assert [each.name for each in examine(asked, world(database)).produced] == ["dependencies.json"]
    assert examine(replace(asked, scope=Scope.EXAMINE), world(database)).produced == ()


@pytest.mark.parametrize("url", ["sub", "./sub", "sub/inner"])
def test_a_folder_of_a_submodule_is_somebody_elses_and_not_audited(database: OfflineDatabase, url: str) -> None:
    files = (TreeFile("sub", 0, "160000"),)
    package = locked("helper", kind=SourceKind.PATH, url=url)
    report = examine(task(lock(package), files=files), world(database))
    assert [rule for rule, _, _ in told(report)] == ["dependency-unaudited"]
    report = examine(
        task(lock(replace(package, source=replace(package.source, url="subway"))), files=files), world(database)
    )
    assert told(report) == []
