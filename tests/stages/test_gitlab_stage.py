"""Row 4 in a GitLab repository: files and jobs are counted, settings are told as not examined, no sensor is asked."""

from support.pipelines import CLEAN, Teller, inventory, task, world
from tidegate.errors import FormatError
from tidegate.model.control import Control
from tidegate.model.evidence import Coverage, Report
from tidegate.model.inventory import Inventory, Source, TreeFile
from tidegate.stages.ci_tokens import examine

ROOT, CI = ".gitlab-ci.yml", ".github/workflows/ci.yml"
GOOD = b"test:\n  script: [make test]\n"
Files = dict[str, bytes | FormatError]


def report(files: Files, sensor: Teller | None = None) -> Report:
    return examine(task(inventory(files)), world(files, sensor or Teller()))


def covered(found: Report) -> dict[str, tuple[int, int]]:
    assert all(each.release is None for each in found.coverage)
    return {each.what: (each.examined, each.expected) for each in found.coverage}


def test_a_clean_pipeline_is_covered_and_no_sensor_is_asked() -> None:
    sensor = Teller()
    found = report({ROOT: b"include: ci/x.yml\n", "ci/x.yml": GOOD}, sensor)
    assert found.control is Control.CI_TOKENS
    assert found.findings == ()
    assert found.blind == ()
    assert covered(found) == {"pipeline files": (2, 2), "pipeline jobs": (1, 1)}
    assert sensor.asked == []
    assert "protected branches" in found.notes[0]


def test_both_systems_are_counted_side_by_side() -> None:
    found = report({ROOT: GOOD, CI: CLEAN.encode()})
    assert covered(found) == {
        "pipeline files": (1, 1),
        "pipeline jobs": (1, 1),
        "workflow files": (1, 1),
        "jobs": (1, 1),
    }


def test_a_broken_pipeline_is_a_finding_and_is_not_counted_as_examined() -> None:
    found = report({ROOT: b"a: [", CI: CLEAN.encode()})
    assert [(each.rule, each.about) for each in found.findings] == [("ci-config-malformed", ROOT)]
    assert covered(found)["pipeline files"] == (0, 1)


def test_a_root_that_cannot_be_read_is_a_finding() -> None:
    found = report({ROOT: FormatError("`.gitlab-ci.yml` is a link; links are not followed")})
    assert [each.rule for each in found.findings] == ["ci-config-malformed"]
    assert covered(found) == {"pipeline files": (0, 1)}


def test_jobs_that_are_not_known_whole_are_missing_and_each_is_a_finding_that_fails() -> None:
    text = b"include: {template: X.yml}\na: {extends: .theirs}\nb: {script: [x]}\n"
    found = report({ROOT: text})
    assert covered(found)["pipeline jobs"] == (1, 2)
    assert [(each.rule, str(each.level)) for each in found.findings] == [
        ("include-unresolved", "warn"),
        ("job-unresolved", "fail"),
    ]


def test_a_pipeline_the_inventory_lost_is_missed() -> None:
    lost = Inventory(Source(), files=(TreeFile(ROOT, 10),))
    found = examine(task(lost), world({}, Teller()))
    assert Coverage("pipeline files", 0, 1) in found.coverage


def test_files_that_belong_to_no_pipeline_are_noted() -> None:
    found = report({ROOT: GOOD, "ci/old.gitlab-ci.yml": b"a: b"})
    assert found.notes[1] == "1 files are named like pipelines and included by none, first `ci/old.gitlab-ci.yml`"


def test_a_pipeline_at_another_usual_place_is_examined() -> None:
    found = report({".gitlab/release.gitlab-ci.yml": b"job:\n  image: alpine\n  script: [x]\n"})
    assert [(each.rule, each.about) for each in found.findings] == [
        ("image-unpinned", ".gitlab/release.gitlab-ci.yml#job#alpine")
    ]


def test_every_rule_a_pipeline_breaks_is_among_the_rules_of_the_report() -> None:
    found = report({ROOT: b"variables: {CI_DEBUG_TRACE: 'true'}\njob: {image: a, script: [x]}\n"})
    assert {each.rule for each in found.findings} <= {rule.id for rule in found.rules}
    assert len(found.findings) == 2
