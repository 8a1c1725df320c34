"""Row 4: every CI file is read and completed by the sensor, or the row says why not."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from support.pipelines import CLEAN, INJECTED, Teller, inventory, task, world
from support.repositories import Repository
from tidegate.adapters.files import LocalFiles
from tidegate.adapters.inventory import read_inventory
from tidegate.adapters.sensors.zizmor import Zizmor
from tidegate.adapters.taking import TakenFolder
from tidegate.errors import FormatError, ToolMissing
from tidegate.judge import Bench, exemptions_of, judge, standing
from tidegate.model.control import Control
from tidegate.model.evidence import Coverage, Report
from tidegate.model.exemption import Origin
from tidegate.model.inventory import Inventory, Source, TreeFile
from tidegate.model.verdict import Outcome, Standing
from tidegate.policy.schema import PolicyModel
from tidegate.ports import Sensed
from tidegate.reporters.shown import until
from tidegate.stages.ci_tokens import examine

CI, PR = ".github/workflows/ci.yml", ".github/workflows/pr.yml"
Files = dict[str, bytes | FormatError]


def report(files: Files, sensor: object = None) -> Report:
    return examine(task(inventory(files)), world(files, sensor or Teller()))


def brief(found: Report) -> list[tuple[str, str]]:
    return [(finding.rule, finding.about) for finding in found.findings]


def covered(found: Report) -> dict[str, tuple[int, int]]:
    assert all(each.release is None for each in found.coverage)
    return {each.what: (each.examined, each.expected) for each in found.coverage}


def test_a_clean_repository_is_covered_and_quiet() -> None:
    found = report({CI: CLEAN.encode(), "README.md": b""})
    assert found.control is Control.CI_TOKENS
    assert brief(found) == []
    assert covered(found) == {"workflow files": (1, 1), "jobs": (1, 1)}
    assert dict(found.facts)["sensor"] == "teller 1.0"


def test_the_real_sensor_finds_what_is_wrong_and_passes_what_is_right() -> None:
    found = report({CI: CLEAN.encode(), PR: INJECTED.encode()}, Zizmor(60))
    assert brief(found) == [("zizmor-template-injection", f"{PR}#greet#github.event.pull_request.title")]
    assert found.blind == ()
    assert covered(found)["workflow files"] == (2, 2)


def test_without_any_ci_nothing_is_covered() -> None:
    sensor = Teller()
    found = report({"README.md": b""}, sensor)
    assert found.coverage == (Coverage("workflow files", 0, 0),)
    assert sensor.asked == []


def test_files_beside_workflows_do_not_fill_an_empty_row() -> None:
    found = report({".github/dependabot.yml": b"version: 2"})
    assert found.coverage == (Coverage("workflow files", 0, 0),)


def test_the_sensor_gets_every_file_it_can_read() -> None:
    sensor = Teller()
    files: Files = {
        CI: CLEAN.encode(),
        "a/action.yml": b"runs: {using: node24, main: x}",
        ".github/dependabot.yml": b"version: 2",
        ".pre-commit-config.yaml": b"repos: []",
        "docker-compose.yml": b"x: y",
    }
    found = report(files, sensor)
    assert sensor.asked == [(".github/dependabot.yml", CI, ".pre-commit-config.yaml", "a/action.yml")]
    assert covered(found) == {"workflow files": (2, 2), "jobs": (2, 2), "other CI files": (2, 2)}
    assert dict(found.facts)["sensor settings not followed"] == "0"


def test_a_malformed_file_is_a_finding_and_does_not_hide_the_others() -> None:
    sensor = Teller(says=(_sensed(PR),))
    found = report({CI: b"on: [", PR: INJECTED.encode()}, sensor)
    assert ("ci-config-malformed", CI) in brief(found)
    assert any(rule == "zizmor-template-injection" for rule, _ in brief(found))
    assert covered(found)["workflow files"] == (1, 2)
    assert sensor.asked == [(PR,)]


def test_a_file_the_sensor_refuses_is_a_finding() -> None:
    found = report({CI: CLEAN.encode(), PR: INJECTED.encode()}, Teller(refuses={CI: "odd"}))
    assert brief(found) == [("ci-config-malformed", CI)]
    assert "odd" in found.findings[0].message
    assert covered(found)["workflow files"] == (1, 2)


def test_a_file_the_sensor_forgets_makes_the_row_blind() -> None:
    found = report({CI: CLEAN.encode()}, Teller(forgets=frozenset({CI})))
    assert [CI in blind.reason for blind in found.blind] == [True]
    assert covered(found)["workflow files"] == (0, 1)


def test_a_missing_sensor_blinds_and_keeps_what_we_see_ourselves() -> None:
    text = "on: push\npermissions: write-all\njobs: {a: {steps: []}}\n"
    found = report({CI: text.encode()}, Teller(fails=ToolMissing("no sensor", hint="install it")))
    assert [(blind.reason, blind.hint) for blind in found.blind] == [("no sensor", "install it")]
    assert brief(found) == [("permissions-broad", f"{CI}##write-all")]
    assert covered(found)["workflow files"] == (0, 1)


def test_a_file_that_cannot_be_read_is_a_finding() -> None:
    files: Files = {CI: CLEAN.encode()}
    found = examine(task(inventory(files)), world({CI: FormatError("a link")}, Teller()))
    assert brief(found) == [("ci-config-malformed", CI)]
    assert covered(found)["workflow files"] == (0, 1)


def test_a_workflow_the_inventory_lost_is_missed() -> None:
    lost = Inventory(Source(), files=(TreeFile(CI, 10),))
    found = examine(task(lost), world({CI: CLEAN.encode()}, Teller()))
    assert covered(found)["workflow files"] == (0, 1)


@pytest.mark.parametrize(
    "file", [TreeFile("node_modules/x/action.yml", 1, tracked=False), TreeFile("x/action.yml", 0, "160000")]
)
def test_files_of_installed_packages_and_submodules_are_not_missed(file: TreeFile) -> None:
    found = examine(task(Inventory(Source(), files=(file,))), world({}, Teller()))
    assert covered(found)["workflow files"] == (0, 0)


def test_an_action_in_a_committed_node_modules_is_missed_like_any_other() -> None:
    found = examine(task(Inventory(Source(), files=(TreeFile("node_modules/x/action.yml", 1),))), world({}, Teller()))
    assert covered(found)["workflow files"] == (0, 1)


def test_other_ci_systems_are_told() -> None:
    found = report({".travis.yml": b"a: b", CI: CLEAN.encode()})
    assert brief(found) == [("ci-system-unsupported", ".travis.yml")]
    assert "Travis CI" in found.findings[0].message


def test_suppressed_findings_are_noted() -> None:
    found = report({PR: INJECTED.encode()}, Teller(says=(_sensed(PR, ignored=True),)))
    assert any(rule == "zizmor-template-injection" for rule, _ in brief(found))
    assert len(found.notes) == 1
    assert dict(found.facts)["suppressed"] == "1"


CONFIG = b"rules: {template-injection: {disable: true}, excessive-permissions: {disable: true}}\n"
SILENCED = INJECTED.rstrip("\n") + " # zizmor: ignore[template-injection]\n"


def test_settings_and_comments_for_the_sensor_silence_nothing_and_are_counted() -> None:
    files: Files = {PR: SILENCED.encode(), ".github/zizmor.yml": CONFIG, "zizmor.yaml": CONFIG}
    found = report(files, Zizmor(60))
    assert brief(found) == [("zizmor-template-injection", f"{PR}#greet#github.event.pull_request.title")]
    facts = dict(found.facts)
    assert (facts["sensor settings not followed"], facts["suppression comments"], facts["suppressed"]) == (
        "2",
        "1",
        "1",
    )
    assert [note.partition(" ")[0] for note in found.notes] == ["`.github/zizmor.yml`", "`zizmor.yaml`", "1"]


def test_a_broken_neighbour_does_not_open_the_gate() -> None:
    found = report({CI: b"on: push\njobs: {a: {steps: {}}}", PR: INJECTED.encode()}, Zizmor(60))
    assert {rule for rule, _ in brief(found)} >= {"ci-config-malformed", "zizmor-template-injection"}
    assert covered(found)["workflow files"] == (1, 2)


def test_a_repository_that_ignores_its_own_workflows_is_read_all_the_same(tmp_path: Path) -> None:
    made = Repository(tmp_path / "r")
    made.write(".gitignore", b"")
    made.write(PR, INJECTED.encode())
    made.commit()
    made.write(".gitignore", b".github\n")
    made.commit()
    files = LocalFiles(made.root)
    read = read_inventory(files, made.ask(), TakenFolder(tmp_path), (), "", ())
    found = examine(task(read), replace(world({}, Zizmor(60)), files=files))
    assert brief(found) == [("zizmor-template-injection", f"{PR}#greet#github.event.pull_request.title")]
    assert covered(found)["workflow files"] == (1, 1)


HELD = """\
on: push
permissions: {}
jobs:
  a:
    name: a
    runs-on: x
    permissions: {contents: write, issues: write}
    steps: [{run: git push}]
"""


def test_the_ledger_is_counted_and_kept_as_evidence() -> None:
    found = report({CI: HELD.encode()})
    (coverage,) = [each for each in found.coverage if each.what == "write grants"]
    assert (coverage.examined, coverage.expected, coverage.detail) == (2, 2, "1 explained")
    assert brief(found) == [("grant-unexplained", f"{CI}#a#issues")]
    (document,) = found.produced
    assert (document.name, document.media_type, document.release) == ("ci-grants.json", "application/json", None)
    assert json.loads(document.text)["explained"] == 1
    assert document.text == report({CI: HELD.encode()}).produced[0].text


def test_a_grant_the_policy_declares_is_an_exception_like_any_other() -> None:
    entry = {"workflow": CI, "job": "a", "scope": "issues", "reason": "the release script opens one"}
    model = PolicyModel.model_validate(
        {"version": 1, "controls": {"ci-tokens": {"grants": [entry], "rules": {"grant-unexplained": "fail"}}}}
    )
    asked = task(inventory({CI: HELD.encode()}))
    found = examine(
        replace(asked, policy=asked.policy.model_copy(update={"model": model})), world({CI: HELD.encode()}, Teller())
    )
    assert json.loads(found.produced[0].text)["declared"] == 1
    bench = Bench(model, exemptions_of(model), date(2026, 1, 2))
    verdict = judge(Control.CI_TOKENS, "demo", found, "", bench)
    assert verdict.outcome is Outcome.PASS
    (told,) = standing(bench, (verdict,))
    assert (told.exemption.origin, told.standing, until(told.exemption)) == (
        Origin.GRANT,
        Standing.USED,
        "while the job holds it",
    )
    bare = PolicyModel.model_validate(
        {"version": 1, "controls": {"ci-tokens": {"rules": {"grant-unexplained": "fail"}}}}
    )
    assert judge(Control.CI_TOKENS, "demo", found, "", Bench(bare, (), date(2026, 1, 2))).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    "entry",
    [
        {"workflow": CI, "job": "*", "scope": "issues", "reason": "long enough a reason"},
        {"workflow": CI, "job": "a", "scope": "*", "reason": "long enough a reason"},
        {"workflow": CI, "job": "a", "scope": "issues", "reason": "short"},
        {"workflow": "../x.yml", "job": "a", "scope": "issues", "reason": "long enough a reason"},
        {"workflow": CI, "job": "a", "scope": "issues"},
    ],
)
def test_a_declared_grant_names_one_scope_of_one_job_and_says_why(entry: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PolicyModel.model_validate({"version": 1, "controls": {"ci-tokens": {"grants": [entry]}}})


def test_the_sensor_and_we_do_not_say_the_same_thing_twice() -> None:
    text = (
        "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: x\n    permissions: {contents: read}\n    steps:\n"
        "      - uses: pypa/gh-action-pypi-publish@" + "a" * 40 + "\n        with: {password: '${{ secrets.P }}'}\n"
    )
    rules = [rule for rule, _ in brief(report({CI: text.encode()}, Zizmor(60)))]
    assert rules.count("zizmor-use-trusted-publishing") == 1
    assert "credential-long-lived" not in rules
    assert "credential-long-lived" in [rule for rule, _ in brief(report({CI: text.encode()}))]


def test_every_finding_is_explained_by_a_rule() -> None:
    says = (_sensed(PR), _sensed(PR, ident="brand-new"))
    found = report({PR: INJECTED.encode(), ".travis.yml": b"", CI: b"["}, Teller(says=says))
    assert {rule for rule, _ in brief(found)} <= {rule.id for rule in found.rules}
    assert all(finding.place is not None for finding in found.findings)


def _sensed(path: str, *, ident: str = "template-injection", ignored: bool = False) -> Sensed:
    return Sensed(ident, "high", "high", "words", path, 9, 3, job="greet", ignored=ignored, subject="x")
