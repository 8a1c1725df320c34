"""Row 4: every CI file is read and completed by the sensor, or the row says why not."""

import pytest

from support.pipelines import CLEAN, INJECTED, Teller, inventory, task, world
from tidegate.adapters.sensors.zizmor import Zizmor
from tidegate.errors import FormatError, ToolMissing
from tidegate.model.control import Control
from tidegate.model.evidence import Coverage, Report
from tidegate.model.inventory import Inventory, Source, TreeFile
from tidegate.ports import Sensed
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
    found = report({".gitlab-ci.yml": b"a: b", CI: CLEAN.encode()})
    assert brief(found) == [("ci-system-unsupported", ".gitlab-ci.yml")]
    assert "GitLab CI" in found.findings[0].message


def test_suppressed_findings_are_noted() -> None:
    found = report({PR: INJECTED.encode()}, Teller(says=(_sensed(PR, ignored=True),)))
    assert any(rule == "zizmor-template-injection" for rule, _ in brief(found))
    assert len(found.notes) == 1
    assert dict(found.facts)["suppressed"] == "1"


def test_every_finding_is_explained_by_a_rule() -> None:
    says = (_sensed(PR), _sensed(PR, ident="brand-new"))
    found = report({PR: INJECTED.encode(), ".travis.yml": b"", CI: b"["}, Teller(says=says))
    assert {rule for rule, _ in brief(found)} <= {rule.id for rule in found.rules}
    assert all(finding.place is not None for finding in found.findings)


def _sensed(path: str, *, ident: str = "template-injection", ignored: bool = False) -> Sensed:
    return Sensed(ident, "high", "high", "words", path, 9, 3, job="greet", ignored=ignored, subject="x")
