"""A finding marks the component it is about, by whatever name it calls it, and nothing else."""

from dataclasses import replace

import pytest

from support import pictures, runs
from tidegate.all_rules import RULES
from tidegate.formats.sbom_model import Component
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.exemption import Exemption
from tidegate.model.finding import Finding
from tidegate.model.verdict import Outcome, Run
from tidegate.reporters.picture import marks as module
from tidegate.reporters.picture.marks import MAX_ALL, MAX_MARKS, Kind, kinds, marks

DEB = "pkg:deb/debian/zlib1g@1.2?arch=amd64"
COMPONENTS = (
    Component("release:app", "application", "app", purl="pkg:npm/app@1"),
    Component("SPDXRef-1", "library", "a", "1", purl="pkg:npm/a@1"),
    Component(DEB, "library", "zlib1g", "1.2", purl=DEB),
    Component("artifact:app.whl", "file", "app.whl", hashes=(Digest.of(b"w"),)),
    Component("artifact:app.whl!/x.libs/y.so", "file", "x.libs/y.so"),
    Component("somebody:image", "container", "img", hashes=(Digest.of(b"i"),)),
)


def seen(*findings: Finding, release: str = "demo", exemption: Exemption | None = None) -> module.Marks:
    told = [runs.judged(each, exemption=exemption) for each in findings]
    return marks(COMPONENTS, runs.run(runs.verdict(Control.SBOM, Outcome.FAIL, *told)), release, None)


@pytest.mark.parametrize(
    ("about", "number"),
    [
        ("pkg:npm/a@1#GHSA-1", 1),
        ("pkg:npm/a@1", 1),
        ("app.whl#pkg:npm/a@1", 1),
        ("pkg:deb/debian/zlib1g@1.2#CVE-1", 2),
        (f"{DEB}#CVE-1", 2),
        (f"app.whl#{DEB}", 2),
        ("app.whl", 3),
        ("app.whl!/pkg/mod.py", 3),
        ("app.whl#7-more-0123456789ab", 3),
        ("app.whl#pkg:npm/unknown@1", 3),
        ("app.whl!/x.libs/y.so", 4),
        ("img", 5),
    ],
)
def test_a_finding_marks_what_it_names(about: str, number: int) -> None:
    told = seen(replace(runs.VULNERABLE_JINJA2, about=about))
    assert list(told.of) == [number]
    assert told.elsewhere == 0


@pytest.mark.parametrize("about", ["uv.lock", "pkg:npm/b@1#GHSA-1", "pkg:npm/app@1#x", "a", "#", ""])
def test_a_finding_about_something_else_is_counted(about: str) -> None:
    told = seen(replace(runs.VULNERABLE_JINJA2, about=about))
    assert told.of == {}
    assert told.elsewhere == 1


def test_kinds_are_told_apart_by_rule_and_have_each_a_sign_of_their_own() -> None:
    about = "pkg:npm/a@1"
    rules = ("dependency-vulnerable", "package-unlocked", "file-unexplained", "package-unhashed")
    told = seen(*(replace(runs.VULNERABLE_JINJA2, about=about, rule=rule) for rule in rules))
    assert kinds(told.of[1]) == tuple(Kind)
    assert len({kind.glyph for kind in Kind}) == len(Kind)


def test_every_rule_that_gives_a_mark_its_kind_exists() -> None:
    known = set(RULES)
    assert known >= module.VULNERABLE | module.UNLOCKED | module.UNEXPLAINED


def test_findings_of_another_release_leave_no_mark() -> None:
    one = replace(runs.VULNERABLE_JINJA2, about="pkg:npm/a@1", release="web")
    assert seen(one).of == {}
    assert list(seen(one, release="web").of) == [1]


def test_a_mark_says_what_it_does_to_the_gate() -> None:
    one = replace(runs.VULNERABLE_JINJA2, about="pkg:npm/a@1")
    assert seen(one).of[1][0].effect == "shuts the gate"
    assert seen(one, exemption=runs.ACCEPTED).of[1][0].effect == "allowed until 2027-02-01 (team-api)"


def test_files_nothing_explains_mark_their_artifact_without_a_run() -> None:
    given = pictures.reconciled(pictures.traced("app.whl", odd=3))
    told = marks(COMPONENTS, None, "", given)
    assert [mark.kind for mark in told.of[3]] == [Kind.UNEXPLAINED]
    assert told.of[3][0].message.startswith("3 of ")


def test_many_marks_are_bounded_and_what_shuts_the_gate_is_told_first() -> None:
    one = replace(runs.VULNERABLE_JINJA2, about="pkg:npm/a@1")
    told = seen(*(replace(one, message=str(number)) for number in range(50)))
    assert len(told.of[1]) == MAX_MARKS + 1
    assert told.of[1][-1].message == "and 30 more"
    drawn = pictures.bom(MAX_ALL + 200)
    run = pictures.run(drawn, MAX_ALL + 100)
    every = marks(drawn.components, run, "demo", None).of
    assert len(every) >= MAX_ALL
    assert sum(mark.message != "see the report of the run" for each in every.values() for mark in each) <= MAX_ALL
    assert all(kinds(each) for each in every.values())


def test_a_run_that_names_nothing_leaves_no_mark() -> None:
    passing: Run = runs.passing()
    assert marks(COMPONENTS, passing, "demo", None) == module.Marks({}, 0)
