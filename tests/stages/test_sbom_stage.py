"""Row 6: one valid document a release, and coverage that a release without readable artifacts does not reach."""

import json
from dataclasses import replace

from support.pipelines import task, world
from support.stock import WHEEL, artifact, content, inventory, lock, packages, release
from tidegate.domain.sbom.scoring.rules import RULES as COMPLETENESS
from tidegate.formats.all_sboms import FORMATS
from tidegate.formats.cyclonedx import validate
from tidegate.model.control import Control
from tidegate.model.evidence import Coverage, Produced, Report
from tidegate.model.finding import Finding
from tidegate.model.inventory import Inventory
from tidegate.model.package import Problem
from tidegate.model.release import Release
from tidegate.policy.controls import Controls, SBOMRules
from tidegate.stages.sbom import examine
from tidegate.stages.task import Task


def report(found: Inventory, *releases: Release) -> Report:
    return examine(untraced(task(found, releases or (release(),))), world({}, object()))


def untraced(asked: Task) -> Task:
    """The same question without tracing files to a commit, which other tests do with a real one."""
    controls = Controls(sbom=SBOMRules(explain="off"))
    model = asked.policy.model.model_copy(update={"controls": controls})
    return replace(asked, policy=asked.policy.model_copy(update={"model": model}))


def wrong(found: Report) -> list[Finding]:
    """What is wrong; what a document lacks is scored, and tested elsewhere."""
    scored = {rule.id for rule in COMPLETENESS}
    return [each for each in found.findings if each.rule not in scored]


def sboms(found: Report) -> list[Produced]:
    return [each for each in found.produced if each.media_type == FORMATS["cyclonedx-json"].media_type]


def covered(found: Report) -> list[Coverage]:
    return [replace(each, detail="") for each in found.coverage]


def test_one_release_gets_one_document() -> None:
    found = report(inventory())
    (produced,) = sboms(found)
    assert found.control is Control.SBOM
    assert (produced.name, produced.media_type) == ("sbom.cdx.json", "application/vnd.cyclonedx+json")
    assert produced.release == "demo"
    validate(produced.text)
    assert wrong(found) == []
    assert covered(found) == [
        Coverage("artifacts", 1, 1, release="demo"),
        Coverage("components", 3, 3, release="demo"),
    ]


def test_several_releases_get_a_document_each() -> None:
    other = release(artifact("web.whl"), name="web", root="web")
    found = report(inventory(contents=(content(), content("web.whl"))), release(), other)
    assert [(each.name, each.release) for each in sboms(found)] == [
        ("demo.sbom.cdx.json", "demo"),
        ("web.sbom.cdx.json", "web"),
    ]
    assert {each.release for each in found.coverage} == {"demo", "web"}
    assert {each.release for each in wrong(found)} == {"web"}


def test_the_same_input_gives_the_same_document() -> None:
    assert report(inventory()).produced == report(inventory()).produced


def test_an_artifact_that_was_not_read_is_missed() -> None:
    found = report(inventory(contents=()))
    assert covered(found) == [Coverage("artifacts", 0, 1, release="demo")]
    assert wrong(found) == []


def test_an_unreadable_artifact_is_missed_with_a_reason() -> None:
    found = report(inventory(contents=(), problems=(Problem("archive-unreadable", WHEEL, "no zip"),)))
    assert [each.rule for each in wrong(found)] == ["archive-unreadable"]


def test_a_release_without_artifacts_is_empty_however_many_packages_it_has() -> None:
    found = report(inventory(lock(*packages()), contents=()), Release("demo", "."))
    assert covered(found) == [Coverage("artifacts", 0, 0, release="demo")]
    assert [each.rule for each in wrong(found)] == ["sbom-missing"]


def test_the_document_names_the_tool() -> None:
    (produced,) = sboms(report(inventory()))
    (tool,) = json.loads(produced.text)["metadata"]["tools"]["components"]
    assert tool["name"] == "tidegate"
    assert tool["version"]


def test_every_finding_is_explained() -> None:
    found = report(inventory(contents=(content(requires=("absent",)),)))
    assert {each.rule for each in wrong(found)} == {"sbom-drift"}
    assert {each.rule for each in found.findings} <= {rule.id for rule in found.rules}
