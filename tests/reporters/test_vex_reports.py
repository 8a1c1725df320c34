"""Our own VEX: valid by its schemas, honest about what was merely accepted, and read back by our own reader."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from support import runs
from tidegate.domain.matching.rules import VULNERABLE
from tidegate.formats import cyclonedx
from tidegate.formats.vex.document import parse
from tidegate.formats.vex.statement import Status
from tidegate.model.control import Control
from tidegate.model.exemption import Exemption
from tidegate.model.finding import Finding
from tidegate.model.release import Release
from tidegate.model.verdict import Outcome, Run
from tidegate.reporters import vex

SCHEMA = json.loads((Path(__file__).parent.parent / "data/schemas/openvex-0.2.0.json").read_text("utf-8"))
BARE = (Release("app", "."),)


def run(exemption: Exemption | None = None, finding: Finding = runs.VULNERABLE_JINJA2, bare: bool = True) -> Run:
    outcome = Outcome.PASS if exemption else Outcome.FAIL
    cell = runs.verdict(Control.DEPENDENCIES, outcome, runs.judged(finding, exemption=exemption))
    releases = (replace(runs.DEMO, artifacts=()),) if bare else (runs.DEMO,)
    return runs.run(cell, releases=releases)


def both(made: Run) -> tuple[dict[str, Any], dict[str, Any]]:
    first, second = vex.openvex(made), vex.cyclonedx(made)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(json.loads(first))
    cyclonedx.validate(second)
    return json.loads(first), json.loads(second)


def excused(**more: Any) -> Exemption:
    return replace(runs.ACCEPTED, rule=runs.VULNERABLE.id, about=runs.VULNERABLE_JINJA2.about, **more)


ALIASED = replace(runs.VULNERABLE_JINJA2, also=("pkg:pypi/jinja2@3.1.4#CVE-2025-27516",))


@pytest.mark.parametrize("bare", [True, False])
@pytest.mark.parametrize(
    ("exemption", "status"),
    [
        (None, Status.AFFECTED),
        (excused(), Status.AFFECTED),
        (excused(status="not_affected", justification="component_not_present"), Status.NOT_AFFECTED),
        (excused(status="not_affected"), Status.NOT_AFFECTED),
        (excused(status="fixed"), Status.FIXED),
    ],
)
def test_both_dialects_are_valid_and_say_what_was_judged(
    exemption: Exemption | None, status: Status, bare: bool
) -> None:
    made = run(exemption, ALIASED, bare)
    both(made)
    second = parse(vex.cyclonedx(made).encode())
    assert [(s.purl, s.status, s.names) for s in second] == [
        ("pkg:pypi/jinja2@3.1.4", status, ("GHSA-cpwx-vrp4-4pq7", "CVE-2025-27516"))
    ]
    first = parse(vex.openvex(made).encode())
    assert [(s.purl, s.status, s.names) for s in first] == (
        [(s.purl, s.status, s.names) for s in second] if bare else []
    )


def test_both_sides_of_vex_speak_of_the_rule_of_row_2() -> None:
    assert VULNERABLE.id == vex.RULE


def test_an_accepted_risk_is_not_called_harmless() -> None:
    (statement,) = both(run(excused()))[0]["statements"]
    assert statement["status"] == "affected"
    assert "accepted" in statement["action_statement"]
    assert runs.ACCEPTED.reason in statement["action_statement"]
    assert runs.ACCEPTED.owner in statement["action_statement"]


def test_a_release_with_artifacts_names_them_by_digest() -> None:
    (statement,) = both(run(bare=False))[0]["statements"]
    named = {product["hashes"]["sha-256"] for product in statement["products"]}
    assert named == {artifact.digest.value for artifact in runs.DEMO.artifacts}
    assert all(p["subcomponents"][0]["@id"] == "pkg:pypi/jinja2@3.1.4" for p in statement["products"])


def test_nothing_known_is_no_openvex_and_an_empty_bom() -> None:
    assert vex.openvex(runs.passing()) == ""
    assert json.loads(vex.cyclonedx(runs.passing()))["vulnerabilities"] == []
    cyclonedx.validate(vex.cyclonedx(runs.passing()))


def test_the_same_run_is_the_same_bytes() -> None:
    assert vex.openvex(run()) == vex.openvex(run())
    assert vex.cyclonedx(run()) == vex.cyclonedx(run())


def test_foreign_text_stays_harmless() -> None:
    tainted = replace(runs.VULNERABLE_JINJA2, fix="\x1b[31m\u202e</script>")
    first, second = both(run(finding=tainted))
    assert "\x1b" not in json.dumps(first, ensure_ascii=False) + json.dumps(second, ensure_ascii=False)
    odd = replace(runs.VULNERABLE_JINJA2, about="pkg:pypi/x@1\ud800#\u202e")
    assert vex.openvex(run(finding=odd)) == ""
