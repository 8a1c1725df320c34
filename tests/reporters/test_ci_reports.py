"""JUnit, Code Quality, GitLab's security reports and the page: what their readers accept, and harmless to each."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import jsonschema_rs
import pytest
from hypothesis import given, settings

from support import runs
from support.hostile import obeyed, texts, unseen
from tidegate.model.control import Control
from tidegate.model.finding import found
from tidegate.model.verdict import Outcome, Run
from tidegate.reporters import codequality, gitlab_security, html, junit

SCHEMAS = Path(__file__).parent.parent / "data" / "schemas" / "gitlab"
RUNS = ["passing", "shut", "undecided", "would_shut", "excused", "several", "everything"]
DOCUMENTS: dict[str, tuple[Callable[[Run], str], str]] = {
    "codequality": (codequality.render, "codequality.json"),
    "secrets": (gitlab_security.secrets, "secret-detection-report-format.json"),
    "dependencies": (gitlab_security.dependencies, "dependency-scanning-report-format.json"),
}
LEAKED = runs.run(runs.verdict(Control.SECRETS, Outcome.FAIL, runs.judged(runs.SECRET_KEY)))


def document(name: str, run: Run) -> Any:
    render, schema = DOCUMENTS[name]
    plain = json.loads(render(run))
    validator = jsonschema_rs.validator_for(json.loads((SCHEMAS / schema).read_bytes()))
    assert [error.message for error in validator.iter_errors(plain)] == []
    return plain


def suites(run: Run) -> list[Element]:
    """The suites, held against what `JUnit.xsd` requires of them."""
    root = ElementTree.fromstring(junit.render(run))
    assert root.tag == "testsuites"
    for suite in root:
        assert {"name", "package", "id", "hostname", "timestamp", "tests", "failures", "errors", "time"} <= set(
            suite.attrib
        )
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
        tags = [child.tag for child in suite]
        assert tags == ["properties", *["testcase"] * int(suite.attrib["tests"]), "system-out", "system-err"]
        for case in suite.iter("testcase"):
            assert set(case.attrib) == {"name", "classname", "time"}
            assert all(name.strip() == name and name for name in case.attrib.values())
            assert len(case) <= 1
    return list(root)


@pytest.mark.parametrize("build", RUNS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_report_fits_its_schema(name: str, build: str) -> None:
    document(name, getattr(runs, build)())


@pytest.mark.parametrize("build", RUNS)
def test_every_row_is_a_case_and_only_a_pass_passes(build: str) -> None:
    run: Run = getattr(runs, build)()
    told = {
        (suite.attrib["name"], case.attrib["name"]): [child.tag for child in case] or ["passed"]
        for suite in suites(run)
        for case in suite.iter("testcase")
    }
    kinds = {Outcome.PASS: "passed", Outcome.FAIL: "failure", Outcome.UNDECIDED: "error"}
    cells = {(v.release, v.control.label): [kinds.get(v.outcome, "skipped")] for v in run.verdicts}
    assert {cell: told[cell] for cell in cells} == cells
    assert all(kind != ["passed"] for cell, kind in told.items() if cell not in cells)


def test_a_failure_says_rule_place_and_mend() -> None:
    [suite] = suites(runs.shut())
    failure = next(suite.iter("failure"))
    assert failure.attrib["type"] == "package-unhashed"
    assert "requirements.txt:4" in (failure.text or "")
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("2", "0")


def test_accepted_findings_are_no_issue_and_no_two_have_one_fingerprint() -> None:
    told = document("codequality", runs.shut())
    assert [each["check_name"] for each in told] == ["package-unhashed", "dependency-vulnerable", "action-unpinned"]
    assert [each["severity"] for each in told] == ["critical", "critical", "minor"]
    twice = [runs.judged(found(runs.UNHASHED, "a", place=None)), runs.judged(found(runs.UNHASHED, "a", "again"))]
    told = document("codequality", runs.run(runs.verdict(Control.LOCKFILES, Outcome.FAIL, *twice)))
    assert len({each["fingerprint"] for each in told}) == 2
    assert {each["location"]["path"] for each in told} == {"tidegate.yaml"}


def test_a_secret_names_the_commit_and_no_value() -> None:
    [told] = document("secrets", LEAKED)["vulnerabilities"]
    assert told["location"]["file"] == "tests/data/key.pem"
    assert told["location"]["commit"]["sha"] == LEAKED.source.commit
    assert document("secrets", runs.excused())["vulnerabilities"] == []


def test_a_package_is_told_by_its_advisory() -> None:
    [told] = document("dependencies", runs.shut())["vulnerabilities"]
    assert told["identifiers"][0] == {"type": "ghsa", "name": "GHSA-cpwx-vrp4-4pq7", "value": "GHSA-cpwx-vrp4-4pq7"}
    assert told["location"] == {"file": "uv.lock", "dependency": {"package": {"name": "jinja2"}, "version": "3.1.4"}}
    assert told["severity"] == "High"


def test_what_could_not_be_decided_is_no_clean_scan() -> None:
    assert document("dependencies", runs.undecided())["scan"]["status"] == "failure"
    assert document("dependencies", runs.passing())["scan"]["status"] == "success"
    only = runs.run(rows=[Control.SECRETS])
    assert document("dependencies", only)["scan"]["status"] == "failure"


@settings(max_examples=60, deadline=None)
@given(texts)
def test_text_of_others_is_harmless_in_every_document(spell: str) -> None:
    run = runs.tainted(spell)
    for name, (render, _) in DOCUMENTS.items():
        written = render(run)
        assert written.isascii()
        assert not any(obeyed(line) for line in written.split("\n"))
        assert not [text for text in words(document(name, run)) if any(unseen(char) for char in text)]


def words(plain: Any) -> list[str]:
    if isinstance(plain, str):
        return [plain]
    inner = plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ()
    return [text for each in inner for text in words(each)]


@settings(max_examples=60, deadline=None)
@given(texts)
def test_text_of_others_adds_nothing_to_the_xml(spell: str) -> None:
    run = runs.tainted(spell)
    written = junit.render(run)
    assert written.isascii()
    assert not any(obeyed(line) for line in written.split("\n"))
    plain = [element.tag for suite in suites(runs.tainted("x")) for element in suite.iter()]
    assert [element.tag for suite in suites(run) for element in suite.iter()] == plain


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, [name for name, _ in attrs]))


def tags(run: Run) -> list[tuple[str, list[str]]]:
    parser = Tags()
    written = html.render(run)
    assert written.isascii()
    assert not any(obeyed(line) for line in written.split("\n"))
    parser.feed(written)
    return parser.seen


@settings(max_examples=60, deadline=None)
@given(texts)
def test_text_of_others_adds_no_element_to_the_page(spell: str) -> None:
    seen = tags(runs.tainted(spell or "x"))
    assert seen == tags(runs.tainted("x"))
    assert not {"script", "img", "a", "iframe", "link", "object", "form"} & {tag for tag, _ in seen}
    assert not [
        name for _, names in seen for name in names if name.startswith("on") or name in ("src", "href", "style")
    ]


@pytest.mark.parametrize("build", RUNS)
def test_the_page_loads_nothing_and_says_everything(build: str) -> None:
    run: Run = getattr(runs, build)()
    page = html.render(run)
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=|url\(|@import", page)
    for verdict in run.verdicts:
        assert verdict.control.label in page
        assert all(judged.finding.rule in page for judged in verdict.findings)
