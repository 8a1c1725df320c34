"""The part of row 6 that scores: how complete a release's SBOM is by every standard, and a finding a missing field."""

from dataclasses import dataclass

from tidegate.domain.sbom.build import Parts
from tidegate.domain.sbom.scoring.check import gaps, lacks
from tidegate.domain.sbom.scoring.score import scores, written_as
from tidegate.domain.sbom.scoring.table import MEDIA_TYPE, document, line
from tidegate.formats.sbom import reading
from tidegate.formats.sbom_model import Bom
from tidegate.formats.text import shown
from tidegate.model.evidence import Produced
from tidegate.model.finding import Finding
from tidegate.stages.sbom_documents import Documents
from tidegate.stages.task import Task

_NOT_LISTED = (
    "no finding, as `controls.sbom.standards` lists no standard; `tidegate sbom --score FILE` shows each field"
)


@dataclass(frozen=True, slots=True)
class Completeness:
    """`line` is for the table, `produced` has every field with its reason; both are empty where nothing was scored.

    `note` is what is lacking where no standard was asked for, so that nobody has to look at it among the findings.
    """

    findings: tuple[Finding, ...] = ()
    line: str = ""
    produced: tuple[Produced, ...] = ()
    note: str = ""


def completeness(made_of: Parts, made: Documents, task: Task) -> Completeness:
    """Of the first document, which is the one the policy names first.

    A policy that lists no standard is told of single fields only where it names their rules.
    """
    if made.bom is None or not made.produced:
        return Completeness()
    rules, first = task.policy.controls.sbom, made.produced[0]
    ours = made_of if rules.source == "generate" else None
    results = scores(_written(made.bom, first, rules.spec) if ours is not None else made.bom)
    release = made_of.release.name
    prefix = f"{release}." if len(task.releases) > 1 else ""
    lacking = "" if rules.standards else gaps(results)
    return Completeness(
        findings=tuple(
            each
            for each in lacks(results, rules.standards, release, ours)
            if rules.standards or each.rule in rules.rules
        ),
        line=line(results),
        produced=(Produced(f"{prefix}sbom.scores.json", MEDIA_TYPE, document(results, ours), release),),
        note=lacking and f"the SBOM of `{shown(release)}` lacks {lacking}: {_NOT_LISTED}",
    )


def _written(bom: Bom, document: Produced, spec: str) -> Bom:
    """What a reader of the document gets. CycloneDX holds all a standard asks for; of others one has to look."""
    if ".cdx." in document.name:
        return written_as(bom, f"CycloneDX {spec}")
    return reading.read(document.text.encode())
