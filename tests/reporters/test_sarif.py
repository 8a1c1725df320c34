"""SARIF that code scanning keeps: valid, placed, named once and for all, the fails first."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from support import runs
from support.hostile import obeyed, texts, unseen
from tidegate.model.control import Control
from tidegate.model.exemption import Origin
from tidegate.model.finding import Finding, Level, Place
from tidegate.model.verdict import Outcome, Run
from tidegate.model.vulnerability import Severity
from tidegate.reporters import sarif

SCHEMA = Path(__file__).parent.parent / "data" / "schemas" / "sarif-2.1.0.schemastore.json"
VALIDATOR = jsonschema_rs.Draft7Validator(json.loads(SCHEMA.read_bytes()), validate_formats=True)


def log(run: Run) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(sarif.render(run))
    assert [error.message for error in VALIDATOR.iter_errors(plain)] == []
    only: dict[str, Any] = plain["runs"][0]
    return only


def results(*findings: Finding) -> list[dict[str, Any]]:
    judged = [runs.judged(finding) for finding in findings]
    told: list[dict[str, Any]] = log(runs.run(runs.verdict(Control.LOCKFILES, Outcome.FAIL, *judged)))["results"]
    return told


@pytest.mark.parametrize("name", ["passing", "shut", "undecided", "would_shut", "excused", "several", "everything"])
def test_the_log_fits_the_schema(name: str) -> None:
    assert log(getattr(runs, name)())["columnKind"] == "unicodeCodePoints"


@settings(max_examples=60, deadline=None)
@given(texts)
def test_text_of_others_stays_text(spell: str) -> None:
    written = sarif.render(runs.tainted(spell))
    assert VALIDATOR.is_valid(json.loads(written))
    assert written.isascii()
    assert not any(obeyed(line) for line in written.split("\n"))
    for result in json.loads(written)["runs"][0]["results"]:
        assert "](" not in result["message"]["text"]
        assert not any(unseen(char) and char != "\n" for char in result["message"]["text"])
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1


def test_every_result_has_the_level_the_gate_gave_it() -> None:
    told = [(result["ruleId"], result["level"]) for result in log(runs.shut())["results"]]
    assert told == [
        ("package-unhashed", "error"),
        ("dependency-vulnerable", "error"),
        ("action-unpinned", "warning"),
        ("secret-found", "note"),
    ]
    assert [result["level"] for result in log(runs.would_shut())["results"]] == ["warning"]


def test_a_result_points_at_its_place() -> None:
    assert results(runs.UNHASHED_URLLIB3)[0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "requirements.txt"},
                "region": {"startLine": 4, "startColumn": 1, "endColumn": 13},
            }
        }
    ]


@pytest.mark.parametrize("place", [None, Place(""), Place("/etc/passwd", 3), Place("../x", 3), Place("a/../../x", 3),
                                   Place("https://evil.example/x", 3)])  # fmt: skip
def test_a_finding_without_a_file_of_the_repository_points_at_the_policy(place: Place | None) -> None:
    found = results(replace(runs.UNHASHED_URLLIB3, place=place))[0]
    assert found["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "tidegate.yaml"}, "region": {"startLine": 1}}}
    ]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/c#d?.txt", "a%20b/c%23d%3F.txt"),
        ("a:b", "a%3Ab"),
        ("é.txt", "%C3%A9.txt"),
        ("\udce9.txt", "%E9.txt"),
        ("\ud800.txt", "%5Cud800.txt"),
        ("100%.txt", "100%25.txt"),
        ("dist/x.whl!/pkg/mod.py", "dist/x.whl!/pkg/mod.py"),
        ("a\\b", "a%5Cb"),
    ],
)
def test_paths_are_percent_encoded(path: str, uri: str) -> None:
    found = results(replace(runs.UNHASHED_URLLIB3, place=Place(path, 1)))[0]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@pytest.mark.parametrize(("line", "column"), [(0, 0), (-1, -1), (None, 5)])
def test_a_place_that_cannot_be_is_the_first_line(line: int | None, column: int) -> None:
    found = results(replace(runs.UNHASHED_URLLIB3, place=Place("a", line, column)))[0]
    assert found["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_a_fingerprint_does_not_move_with_the_lines() -> None:
    here, there = runs.UNHASHED_URLLIB3, replace(runs.UNHASHED_URLLIB3, place=Place("requirements.txt", 99))
    name = results(here)[0]["partialFingerprints"]
    assert list(name) == ["tidegate/v1"]
    assert results(there)[0]["partialFingerprints"] == name
    for other in (
        replace(here, about="pkg:pypi/other@1"),
        replace(here, rule="lock-stale"),
        replace(here, place=Place("other.txt", 4)),
        replace(here, fingerprint="f00d"),
    ):
        assert results(other)[0]["partialFingerprints"] != name


def test_no_two_results_share_a_fingerprint() -> None:
    twice = results(runs.UNHASHED_URLLIB3, replace(runs.UNHASHED_URLLIB3, place=Place("requirements.txt", 99)))
    first, second = (result["partialFingerprints"]["tidegate/v1"] for result in twice)
    assert first.removesuffix(":1") == second.removesuffix(":2")
    assert first != second


def test_rules_carry_help_tags_and_a_score() -> None:
    rules = {rule["id"]: rule for rule in log(runs.shut())["tool"]["driver"]["rules"]}
    rule = rules["dependency-vulnerable"]
    assert rule["properties"] == {
        "tags": ["security", "dependencies", "NIST SSDF PW.4.4"],
        "security-severity": "8.0",
    }
    assert rule["help"]["text"].endswith("\nFix: upgrade to a fixed version")
    assert rule["help"]["markdown"].endswith("**Fix:** upgrade to a fixed version")
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rules["action-unpinned"]["properties"]["security-severity"] == "4.0"
    assert rules["action-unpinned"]["defaultConfiguration"] == {"level": "warning"}


@pytest.mark.parametrize(
    ("severity", "level", "score"),
    [
        (Severity.CRITICAL, Level.FAIL, 9.5),
        (Severity.HIGH, Level.FAIL, 8.0),
        (Severity.MEDIUM, Level.WARN, 5.5),
        (Severity.LOW, Level.WARN, 2.0),
        (Severity.NONE, Level.WARN, 0.0),
        (Severity.UNKNOWN, Level.FAIL, 8.0),
        (Severity.UNKNOWN, Level.WARN, 4.0),
        (None, Level.FAIL, 8.0),
    ],
)
def test_the_score_follows_the_severity(severity: Severity | None, level: Level, score: float) -> None:
    finding = replace(runs.VULNERABLE_JINJA2, severity=severity)
    told = log(runs.run(runs.verdict(Control.DEPENDENCIES, Outcome.PASS, runs.judged(finding, level))))
    assert told["results"][0]["rank"] == score * 10
    rule = told["tool"]["driver"]["rules"][told["results"][0]["ruleIndex"]]
    assert (rule["id"], rule["properties"]["security-severity"]) == ("dependency-vulnerable", f"{score:.1f}")


def test_a_rule_is_as_grave_as_its_gravest_finding() -> None:
    graded = [
        replace(runs.VULNERABLE_JINJA2, about=str(severity), severity=severity)
        for severity in (Severity.LOW, Severity.CRITICAL, Severity.MEDIUM)
    ]
    told = log(runs.run(runs.verdict(Control.DEPENDENCIES, Outcome.FAIL, *map(runs.judged, graded))))
    rule = next(rule for rule in told["tool"]["driver"]["rules"] if rule["id"] == "dependency-vulnerable")
    assert rule["properties"]["security-severity"] == "9.5"


def test_a_rule_the_run_does_not_explain_is_still_named() -> None:
    run = replace(runs.shut(), rules=())
    rules = log(run)["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in log(run)["results"]] == [
        "package-unhashed",
        "dependency-vulnerable",
        "action-unpinned",
        "secret-found",
    ]


def test_a_rule_told_twice_is_listed_once() -> None:
    run = replace(runs.shut(), rules=(*runs.RULES, replace(runs.VULNERABLE, says="other")))
    rules = [rule for rule in log(run)["tool"]["driver"]["rules"] if rule["id"] == "dependency-vulnerable"]
    assert [rule["shortDescription"]["text"] for rule in rules] == [runs.VULNERABLE.says]


def test_accepted_findings_are_suppressed_with_their_reason_and_others_are_not() -> None:
    told = {result["ruleId"]: result["suppressions"] for result in log(runs.shut())["results"]}
    assert told["package-unhashed"] == []
    assert told["secret-found"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "a key made for the tests, it opens nothing (team-api, until 2027-02-01)",
        }
    ]
    inline = replace(runs.ACCEPTED, origin=Origin.INLINE, expires=date(2027, 1, 1))
    run = runs.run(runs.verdict(Control.SECRETS, Outcome.PASS, runs.judged(runs.SECRET_KEY, exemption=inline)))
    assert log(run)["results"][0]["suppressions"][0]["kind"] == "inSource"


def test_an_undecided_row_makes_the_execution_unsuccessful() -> None:
    told = log(runs.undecided())["invocations"][0]
    assert told["executionSuccessful"] is False
    assert told["exitCode"] == 3
    assert [note["message"]["text"] for note in told["toolExecutionNotifications"]] == [
        "Dependency review (demo) is undecided: the newest advisory is 12 days old, the policy allows 7"
    ]
    assert told["startTimeUtc"] == "2026-11-24T21:00:00Z"


def test_a_fail_beside_an_undecided_row_is_not_a_successful_execution() -> None:
    told = log(runs.everything())["invocations"][0]
    assert (told["executionSuccessful"], told["exitCode"]) == (False, 1)


def test_a_run_that_owes_a_row_is_not_a_successful_execution() -> None:
    whole = runs.passing()
    assert log(replace(whole, verdicts=whole.verdicts[1:]))["invocations"][0]["executionSuccessful"] is False
    assert log(replace(whole, verdicts=(), rows=()))["invocations"][0]["executionSuccessful"] is False


def test_a_decided_run_is_a_successful_execution() -> None:
    for run, code in ((runs.passing(), 0), (runs.shut(), 1), (runs.would_shut(), 0)):
        told = log(run)["invocations"][0]
        assert (told["executionSuccessful"], told["exitCode"]) == (True, code)
        assert told["toolExecutionNotifications"] == []


def test_an_upload_is_named_after_scope_and_run() -> None:
    assert log(runs.shut())["automationDetails"] == {"id": "tidegate/check/20261124T210000Z-0a1b2c3d"}


def test_beyond_the_limit_the_fails_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 5)
    warnings = [runs.judged(replace(runs.MOVED, about=f"a{n}")) for n in range(6)]
    fails = [runs.judged(replace(runs.UNEXPLAINED, about=f"z{n}")) for n in range(4)]
    told = log(runs.run(runs.verdict(Control.CI_TOKENS, Outcome.FAIL, *warnings, *fails)))
    assert [result["level"] for result in told["results"]] == ["error"] * 4 + ["warning"]
    notes = told["invocations"][0]["toolExecutionNotifications"]
    assert [note["message"]["text"] for note in notes] == ["5 more findings are in the JSON report"]


def test_the_limits_are_those_of_code_scanning() -> None:
    assert sarif.MAX_RESULTS == 25_000
    assert sarif.MAX_TAGS == 10


def test_a_link_in_a_message_is_no_link() -> None:
    found = results(replace(runs.UNHASHED_URLLIB3, message="see [here](https://evil.example)"))[0]
    assert found["message"]["text"].startswith("see [here] (https://evil.example)\nabout: pkg:pypi/urllib3@2.5.0\n")
