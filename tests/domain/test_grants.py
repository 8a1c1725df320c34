"""Permissions of jobs, and what a sensor's observations weigh in their context."""

from dataclasses import replace

import pytest

from support.pipelines import CLEAN
from tidegate.domain.grants import rules
from tidegate.domain.grants.audits import AUDITS, BY_IDENT, When
from tidegate.domain.grants.permissions import check
from tidegate.domain.grants.sensing import Observation, tell, without_echoes
from tidegate.formats.workflows.github import parse
from tidegate.model.control import Control
from tidegate.model.finding import Finding, Level
from tidegate.model.workflow import Workflow

PATH = ".github/workflows/ci.yml"


def workflow(head: str = "", job: str = "", on: str = "push") -> Workflow:
    return parse(PATH, f"on: {on}\n{head}\njobs:\n  a:\n    steps: []\n{job}\n".encode())


def seen(ident: str = "template-injection", **more: object) -> Observation:
    base = Observation(ident, "high", "words", PATH, 9, 3, "a", "x.y", False)
    return replace(base, **more)  # type: ignore[arg-type]


def brief(findings: object) -> list[tuple[str, str, str]]:
    assert isinstance(findings, tuple | list)
    return [(f.rule, f.level.value, f.about) for f in findings if isinstance(f, Finding)]


def test_a_clean_workflow_has_no_findings() -> None:
    assert list(check(parse(PATH, CLEAN.encode()))) == []


@pytest.mark.parametrize(
    ("head", "job", "expected"),
    [
        ("", "", [("permissions-missing", "fail", f"{PATH}#a")]),
        ("", "    permissions: {}", []),
        ("permissions: {}", "", []),
        ("permissions: {contents: read}", "", []),
        ("permissions: write-all", "", [("permissions-broad", "fail", f"{PATH}##write-all")]),
        ("permissions: read-all", "", [("permissions-read-all", "warn", f"{PATH}##read-all")]),
        ("permissions: {}", "    permissions: write-all", [("permissions-broad", "fail", f"{PATH}#a#write-all")]),
        ("permissions: {}", "    permissions: read-all", [("permissions-read-all", "warn", f"{PATH}#a#read-all")]),
        (
            "permissions: {contents: write, pages: read}",
            "",
            [("permissions-at-workflow-level", "warn", f"{PATH}##contents")],
        ),
        ("permissions: {}", "    permissions: {contents: write}", []),
    ],
)
def test_permissions(head: str, job: str, expected: list[tuple[str, str, str]]) -> None:
    assert brief(list(check(workflow(head, job)))) == expected


def test_findings_point_at_the_job_or_the_block() -> None:
    places = [(f.rule, f.place.line if f.place else None) for f in check(workflow("permissions: write-all"))]
    assert places == [("permissions-broad", 2)]
    assert [f.place.line for f in check(workflow()) if f.place] == [4]


def test_each_job_without_a_block_is_told() -> None:
    text = "on: push\njobs:\n  a:\n    steps: []\n  b:\n    uses: x/y@z\n  c:\n    permissions: {}\n    steps: []\n"
    assert [f.about for f in check(parse(PATH, text.encode()))] == [f"{PATH}#a", f"{PATH}#b"]


def test_actions_hold_no_permissions() -> None:
    assert list(check(parse("action.yml", b"runs: {using: composite, steps: []}"))) == []


def test_every_audit_has_a_rule_that_explains_itself() -> None:
    for audit in AUDITS:
        assert audit.rule.id == f"zizmor-{audit.ident}"
        assert audit.rule.control is Control.CI_TOKENS
        assert audit.rule.says
        assert audit.rule.why
        assert audit.rule.fix
        assert audit.rule in rules.RULES
        assert audit.rule.level is Level.FAIL or audit.when is When.ALWAYS


def test_an_observation_becomes_a_finding_with_an_exact_subject() -> None:
    (finding,) = tell([seen()], [workflow("permissions: {}")]).findings
    assert brief([finding]) == [("zizmor-template-injection", "fail", f"{PATH}#a#x.y")]
    assert finding.place is not None
    assert (finding.place.path, finding.place.line, finding.place.column) == (PATH, 9, 3)


def test_a_suppressed_observation_is_still_a_finding() -> None:
    told = tell([seen(ignored=True)], [workflow()])
    assert told.suppressed == 1
    assert [f.level for f in told.findings] == [Level.FAIL]
    assert "suppressed by a comment" in told.findings[0].message


def test_hygiene_is_counted_and_not_told() -> None:
    told = tell([seen("anonymous-definition"), seen("concurrency-limits")], [workflow()])
    assert (told.findings, told.hygiene) == ((), 2)


def test_an_unknown_audit_is_shown_as_unmapped() -> None:
    told = tell([seen("brand-new")], [workflow()])
    assert told.unmapped == 1
    assert brief(told.findings) == [("sensor-unmapped", "warn", f"{PATH}#a#brand-new")]


@pytest.mark.parametrize(("confidence", "level"), [("low", "warn"), ("medium", "fail"), ("high", "fail"), ("", "fail")])
def test_injections_fail_unless_the_sensor_doubts(confidence: str, level: str) -> None:
    assert [f.level.value for f in tell([seen(confidence=confidence)], [workflow()]).findings] == [level]


def test_an_expression_no_outsider_controls_is_a_warning_that_says_when_it_would_fail() -> None:
    harmless = seen(persona="pedantic", subject="github.sha")
    (finding,) = tell([harmless], [workflow()]).findings
    assert finding.level is Level.WARN
    assert finding.message == "words: `github.sha` in job `a` (a fail only when outsiders may control the text)"
    assert [f.level for f in tell([replace(harmless, persona="regular")], [workflow()]).findings] == [Level.FAIL]


def test_a_message_names_what_is_meant_but_never_a_digest() -> None:
    told = tell([seen(subject="0123456789ab", job=""), seen(subject="words"), seen("unpinned-uses")], [workflow()])
    blanket = seen("unpinned-uses", message="no pin (required by blanket policy)")
    assert tell([blanket], [workflow()]).findings[0].message == "no pin: `x.y` in job `a`"
    assert [f.message for f in told.findings] == ["words", "words in job `a`", "words: `x.y` in job `a`"]


@pytest.mark.parametrize(
    ("head", "job", "level"),
    [
        ("", "    permissions: {}", "warn"),
        ("", "    permissions: {}\n  b:\n    steps: []", "fail"),
        ("permissions: {contents: write}", "    permissions: {}", "fail"),
    ],
)
def test_defaults_nobody_uses_are_a_warning(head: str, job: str, level: str) -> None:
    told = tell([seen("excessive-permissions", job="")], [workflow(head, job)]).findings
    assert [f.level.value for f in told] == [level]


@pytest.mark.parametrize(
    ("ident", "head", "job", "on", "level"),
    [
        ("artipacked", "permissions: {}", "", "push", "warn"),
        ("artipacked", "permissions: {}", "    permissions: {contents: write}", "push", "fail"),
        ("artipacked", "", "", "push", "fail"),
        ("cache-poisoning", "permissions: {contents: read}", "", "push", "warn"),
        ("cache-poisoning", "permissions: {id-token: write}", "", "push", "fail"),
        ("self-hosted-runner", "permissions: {}", "", "push", "warn"),
        ("self-hosted-runner", "permissions: {}", "", "[push, pull_request]", "fail"),
        ("self-hosted-runner", "permissions: {}", "", "workflow_call", "fail"),
        ("github-env", "permissions: {}", "", "push", "warn"),
        ("unpinned-uses", "permissions: {}", "", "push", "fail"),
    ],
)
def test_levels_follow_the_context(ident: str, head: str, job: str, on: str, level: str) -> None:
    told = tell([seen(ident)], [workflow(head, job, on)])
    assert [f.level.value for f in told.findings] == [level]


def test_without_the_workflow_nothing_is_softened() -> None:
    assert [f.level for f in tell([seen("artipacked")], []).findings] == [Level.FAIL]


def test_an_unknown_job_is_judged_by_all_jobs() -> None:
    told = tell([seen("artipacked", job="")], [workflow("permissions: {}", "    permissions: {contents: write}")])
    assert [f.level for f in told.findings] == [Level.FAIL]


def test_missing_permissions_are_said_once() -> None:
    own = list(check(workflow()))
    told = tell([seen("excessive-permissions", job="a"), seen("excessive-permissions", job="")], [workflow()]).findings
    assert brief(without_echoes(own, told)) == [("permissions-missing", "fail", f"{PATH}#a")]


def test_an_excess_in_another_job_is_not_swallowed() -> None:
    own = list(check(workflow()))
    told = tell([seen("excessive-permissions", job="b")], [workflow()]).findings
    assert len(without_echoes(own, told)) == 2


def test_a_scope_at_workflow_level_is_said_once_and_by_the_stricter() -> None:
    own = list(check(workflow("permissions: {contents: write, pages: write}")))
    told = tell([seen("excessive-permissions", job="", subject="contents: write")], [workflow()]).findings
    assert brief(without_echoes(own, told)) == [
        ("permissions-at-workflow-level", "warn", f"{PATH}##pages"),
        ("zizmor-excessive-permissions", "fail", f"{PATH}##contents: write"),
    ]


def test_other_audits_are_never_echoes() -> None:
    own = list(check(workflow()))
    told = tell([seen(ident) for ident in BY_IDENT if ident != "excessive-permissions"], [workflow()]).findings
    assert len(without_echoes(own, told)) == len(own) + len(told)
