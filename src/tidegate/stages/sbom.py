"""Row 6: every release gets an SBOM of its artifacts and lockfiles, valid, bound by digest, and in step with both."""

from importlib.metadata import version

from tidegate.domain.sbom.build import build, parts
from tidegate.domain.sbom.check import check
from tidegate.domain.sbom.rules import RULES
from tidegate.formats.cyclonedx import MEDIA_TYPE, render
from tidegate.model.control import Control
from tidegate.model.evidence import Coverage, Produced, Report
from tidegate.model.finding import Finding
from tidegate.model.inventory import Inventory
from tidegate.model.release import Release
from tidegate.ports import World
from tidegate.stages.task import Task


def examine(task: Task, world: World) -> Report:  # noqa: ARG001 - every stage has this shape
    """Per release; the documents are handed back for the evidence folder."""
    several = len(task.releases) > 1
    coverage: list[Coverage] = []
    findings: list[Finding] = []
    produced: list[Produced] = []
    for release in task.releases:
        covered, seen, document = _one(release, task.inventory)
        name = f"{release.name}.sbom.cdx.json" if several else "sbom.cdx.json"
        coverage += covered
        findings += seen
        produced.append(Produced(name, MEDIA_TYPE, document, release=release.name))
    return Report(
        control=Control.SBOM,
        coverage=tuple(coverage),
        findings=tuple(findings),
        produced=tuple(produced),
        rules=RULES,
        facts=tuple((f"digest of {each.name}", str(each.digest)) for each in produced),
    )


def _one(release: Release, inventory: Inventory) -> tuple[list[Coverage], list[Finding], str]:
    made_of = parts(release, inventory)
    bom = build(made_of, inventory, version("tidegate"))
    document = render(bom)
    findings = list(check(made_of, inventory, document))
    packages = len(made_of.packages.components)
    read = sum(artifact.name in made_of.contents for artifact in release.artifacts)
    coverage = [Coverage("artifacts", read, len(release.artifacts), release=release.name)]
    # Packages alone must not make a release without artifacts look examined.
    if read:
        coverage.append(Coverage("components", packages, packages, release=release.name))
    return coverage, findings, document
