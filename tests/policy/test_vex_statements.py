"""VEX statements count as exceptions: of named authors, for exact versions, and only while nobody knows better."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from tidegate.domain.matching.rules import MALICIOUS, VULNERABLE
from tidegate.errors import PolicyError
from tidegate.formats.vex.statement import Statement, Status
from tidegate.judge import Bench, judge, standing
from tidegate.model.control import Control
from tidegate.model.evidence import Coverage, Report
from tidegate.model.exemption import Origin
from tidegate.model.finding import Finding, found
from tidegate.model.verdict import Outcome, Verdict
from tidegate.model.vulnerability import Severity
from tidegate.policy import vex
from tidegate.policy.load import load
from tidegate.policy.schema import Policy, PolicyModel

PURL = "pkg:pypi/jinja2@3.1.3"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def says(status: Status, *names: str, purl: str = PURL, hours: int = 0, author: str = "vendor") -> Statement:
    return Statement(names or ("CVE-1",), purl, status, author, NOW + timedelta(hours=hours), "the code is not reached")


def vulnerable(purl: str = PURL) -> Finding:
    return found(VULNERABLE, f"{purl}#GHSA-1", severity=Severity.HIGH, also=(f"{purl}#CVE-1",))


def verdict(*statements: Statement, finding: Finding | None = None) -> Verdict:
    report = Report(Control.DEPENDENCIES, (Coverage("packages", 1, 1),), (finding or vulnerable(),))
    return judge(Control.DEPENDENCIES, "app", report, "", bench(*statements))


def bench(*statements: Statement) -> Bench:
    return Bench(PolicyModel(version=1), (), date(2026, 11, 2), vex=vex.gather(statements))


def test_the_rule_it_speaks_of_is_the_rule_of_row_2() -> None:
    assert VULNERABLE.id == vex.RULE


@pytest.mark.parametrize("status", [Status.NOT_AFFECTED, Status.FIXED])
@pytest.mark.parametrize("name", ["CVE-1", "GHSA-1", "ghsa-1"])
def test_a_cleared_version_passes_under_any_of_its_names(status: Status, name: str) -> None:
    told = verdict(says(status, name))
    assert told.outcome is Outcome.PASS
    exemption = told.findings[0].exemption
    assert exemption is not None
    assert (exemption.origin, exemption.owner, exemption.status) == (Origin.VEX, "vendor", status.value)
    (stood,) = standing(bench(says(status, name), says(status, "CVE-OTHER")), [told])
    assert (stood.exemption, stood.count) == (exemption, 1)


@pytest.mark.parametrize("status", [Status.AFFECTED, Status.UNDER_INVESTIGATION])
def test_what_does_not_clear_changes_nothing(status: Status) -> None:
    assert verdict(says(status)).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    "purl", ["pkg:pypi/jinja2@3.1.4", "pkg:pypi/jinja2@3.1", "pkg:npm/jinja2@3.1.3", "pkg:pypi/Jinja2@3.1.3"]
)
def test_another_version_or_package_is_not_meant(purl: str) -> None:
    assert verdict(says(Status.NOT_AFFECTED, purl=purl)).outcome is Outcome.FAIL


def test_the_newest_word_counts_even_under_another_name() -> None:
    early, late = says(Status.NOT_AFFECTED, "CVE-1"), says(Status.AFFECTED, "GHSA-1", hours=1)
    assert verdict(early, late).outcome is Outcome.FAIL
    assert verdict(says(Status.AFFECTED, "GHSA-1"), says(Status.FIXED, "CVE-1", hours=1)).outcome is Outcome.PASS


def test_two_who_contradict_each_other_clear_nothing() -> None:
    pair = says(Status.NOT_AFFECTED, author="a"), says(Status.UNDER_INVESTIGATION, author="b")
    assert verdict(*pair).outcome is Outcome.FAIL
    assert verdict(*reversed(pair)).outcome is Outcome.FAIL


def test_malware_and_other_rules_are_cleared_by_nobody() -> None:
    malware = found(MALICIOUS, f"{PURL}#CVE-1", always=True)
    assert verdict(says(Status.NOT_AFFECTED), finding=malware).outcome is Outcome.FAIL
    other = found(VULNERABLE, f"{PURL}#CVE-1", severity=Severity.HIGH, always=True)
    assert verdict(says(Status.NOT_AFFECTED), finding=other).outcome is Outcome.FAIL


def policy(author: str, text: str | None = None, trusted: str = "security@vendor.example") -> Policy:
    statement = {
        "vulnerability": {"name": "CVE-1"},
        "products": [{"@id": PURL}],
        "status": "not_affected",
        "impact_statement": "the sandbox is not used",
    }
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://vex.example/1",
        "author": author,
        "timestamp": "2026-11-01T00:00:00Z",
        "version": 1,
        "statements": [statement],
    }
    files = {
        "tidegate.yaml": f"version: 1\ntrust:\n  vex_authors: [{trusted}]\n"
        "controls:\n  dependencies:\n    vex: [vex/vendor.json]\n",
        "vex/vendor.json": text if text is not None else json.dumps(document),
    }
    return load("tidegate.yaml", lambda path, _: files[path].encode() if path in files else None)


def test_a_document_of_a_trusted_author_is_part_of_the_policy() -> None:
    made = policy("security@vendor.example")
    assert vex.of(made).word_on(vulnerable()) is not None
    assert made.digest != policy("security@vendor.example", trusted="'security@vendor.example', other").digest


@pytest.mark.parametrize(
    ("author", "text", "says"),
    [
        ("somebody@else.example", None, "not in `trust.vex_authors`"),
        ("security@vendor.example ", None, "not in `trust.vex_authors`"),
        ("x", "{", "JSON"),
        ("x", "{}", "neither OpenVEX nor CycloneDX"),
    ],
)
def test_a_document_that_does_not_count_is_a_fault_of_the_policy(author: str, text: str | None, says: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policy(author, text)
    (fault,) = caught.value.faults
    assert says in fault.message
    assert fault.line == 6
