"""Row 6: every release gets an SBOM of its artifacts and lockfiles, valid, bound by digest, and in step with both."""

from tidegate.domain.reconcile.rules import RULES as RECONCILING
from tidegate.domain.sbom.build import Parts, parts
from tidegate.domain.sbom.check import check
from tidegate.domain.sbom.rules import RULES
from tidegate.domain.sbom.scoring.rules import RULES as COMPLETENESS
from tidegate.formats.sbom_model import Bom
from tidegate.model.control import Control
from tidegate.model.evidence import Coverage, Produced, Report
from tidegate.model.finding import Finding
from tidegate.ports import World
from tidegate.stages.completeness import completeness
from tidegate.stages.reconciling import reconcile
from tidegate.stages.sbom_documents import Documents, documents, texts
from tidegate.stages.task import Task


def examine(task: Task, world: World) -> Report:
    """Per release; the documents are handed back for the evidence folder."""
    coverage: list[Coverage] = []
    findings: list[Finding] = []
    produced: list[Produced] = []
    all_parts = [parts(release, task.inventory) for release in task.releases]
    boms: list[Bom | None] = []
    notes: list[str] = []
    for made_of in all_parts:
        made = documents(made_of, task, world)
        boms.append(made.bom)
        findings += [*made.findings, *check(made_of, task.inventory, *texts(made))]
        complete = completeness(made_of, made, task)
        findings += complete.findings
        notes += [complete.note] if complete.note else []
        coverage += _coverage(made_of, made, complete.line)
        produced += [*made.produced, *complete.produced]
    traced = reconcile(task, world, all_parts, boms)
    produced += traced.produced
    return Report(
        control=Control.SBOM,
        coverage=(*coverage, *traced.coverage),
        findings=(*findings, *traced.findings),
        produced=tuple(produced),
        blind=tuple(traced.blind),
        rules=(*RULES, *COMPLETENESS, *RECONCILING),
        notes=(*notes, *traced.notes),
        facts=tuple((f"digest of {each.name}", str(each.digest)) for each in produced),
    )


def _coverage(made_of: Parts, made: Documents, scored: str) -> list[Coverage]:
    release = made_of.release
    read = sum(artifact.name in made_of.contents for artifact in release.artifacts)
    coverage = [Coverage("artifacts", read, len(release.artifacts), release=release.name)]
    # Packages alone must not make a release without artifacts look examined, nor those of an SBOM nobody could read.
    if read and made.bom is not None:
        packages = len(made_of.packages.components)
        coverage.append(Coverage("components", packages, packages, release.name, scored))
    return coverage
