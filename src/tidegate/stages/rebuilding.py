"""Rebuilds are judged by one code, whether row 7 asks before a release or row 8 after it."""

from dataclasses import dataclass

from tidegate.domain.claims import rebuilds
from tidegate.domain.claims.rebuilds import Asked, Given
from tidegate.domain.claims.sentence import Origin
from tidegate.errors import FormatError
from tidegate.formats import endings, evidence_files
from tidegate.formats.rebuild import is_rebuild
from tidegate.model.evidence import Clause
from tidegate.model.finding import Finding
from tidegate.model.release import Artifact, Release
from tidegate.ports import World
from tidegate.stages import proofs
from tidegate.stages.task import Task


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """What came of an artifact's rebuilds; nothing where the policy neither asks for one nor names rebuilders."""

    findings: tuple[Finding, ...] = ()
    clauses: tuple[Clause, ...] = ()


def rebuilt(task: Task, world: World, release: Release, artifact: Artifact, origin: Origin | None) -> Rebuilding:
    """Judge the rebuilds that lie among an artifact's attestations."""
    listed = task.policy.model.trust.rebuilders
    needed = task.policy.controls.sbom.rebuild
    if not listed and not needed:
        return Rebuilding()
    # Production has no checkout: there the accepted provenance says which commit the artifact is of.
    commit = task.inventory.source.commit or (origin.built.commit if origin is not None else "")
    asked = Asked(artifact.name, artifact.digest, commit, proofs.now(world), release.name)
    trusted = proofs.role(task.policy, listed)
    given: list[Given] = []
    refused: list[Finding] = []
    for raw in _bundles(world, artifact):
        read = proofs.verified(world, raw, trusted, proofs.REBUILDING, (artifact.name, release.name))
        if isinstance(read, Finding):
            refused.append(read)
        else:
            given.append(Given(*read))
    counted = rebuilds.count(given, asked)
    counted = rebuilds.Counted(counted.by, tuple(dict.fromkeys((*counted.faults, *refused))))
    findings = tuple(rebuilds.check(counted, asked, origin)) if needed else ()
    return Rebuilding(findings, (rebuilds.clause(artifact.name, counted),))


def _bundles(world: World, artifact: Artifact) -> tuple[bytes, ...]:
    """A file that cannot be read holds no rebuild; that it cannot be read is a finding of its own."""
    try:
        held = evidence_files.split(world.evidence.get(artifact.name + endings.ATTESTATIONS, b""))
    except FormatError:
        return ()
    return tuple(raw for raw in held if is_rebuild(raw))
