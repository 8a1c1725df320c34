"""Approvals are counted by one code, whether row 7 asks before a release or row 8 after it."""

from dataclasses import dataclass

from tidegate.domain.claims import approvals, listing
from tidegate.domain.claims.approvals import Asked, Given
from tidegate.domain.claims.sentence import Origin
from tidegate.errors import FormatError
from tidegate.formats import endings, evidence_files
from tidegate.formats.approval import is_approval
from tidegate.model.control import Scope
from tidegate.model.evidence import Clause
from tidegate.model.finding import Finding
from tidegate.model.release import Artifact, Release
from tidegate.ports import World
from tidegate.stages import proofs
from tidegate.stages.task import Task


@dataclass(frozen=True, slots=True)
class Approved:
    """What came of an artifact's approvals; nothing where the policy neither asks for any nor names approvers."""

    findings: tuple[Finding, ...] = ()
    clauses: tuple[Clause, ...] = ()


def approved(task: Task, world: World, release: Release, artifact: Artifact, origin: Origin | None) -> Approved:
    """Count the approvals that lie among an artifact's attestations."""
    listed = task.policy.model.trust.approvers
    needed = task.policy.controls.provenance.approvals
    if not listed and not needed:
        return Approved()
    named, policy = _released(task, world, release, artifact)
    asked = Asked(artifact.name, artifact.digest, named, policy, needed, proofs.now(world))
    trusted = proofs.role(task.policy, listed)
    given: list[Given] = []
    reasons: list[str] = []
    for raw in _bundles(world, artifact):
        read = proofs.verified(world, raw, trusted, proofs.APPROVING, (artifact.name, release.name))
        if isinstance(read, Finding):
            reasons.append(read.message)
        else:
            given.append(Given(*read))
    counted = approvals.count(given, asked, origin)
    counted = approvals.Counted(counted.names, (*counted.reasons, *reasons))
    findings = approvals.check(counted, asked, origin, release.name)
    return Approved(tuple(findings), (approvals.clause(artifact.name, counted),))


def _bundles(world: World, artifact: Artifact) -> tuple[bytes, ...]:
    """A file that cannot be read holds no approval; that it cannot be read is a finding of its own."""
    try:
        found = evidence_files.split(world.evidence.get(artifact.name + endings.ATTESTATIONS, b""))
    except FormatError:
        return ()
    return tuple(raw for raw in found if is_approval(raw))


def _released(task: Task, world: World, release: Release, artifact: Artifact) -> tuple[str, str]:
    """Name and policy of the release. Production is given a file, so there the signed evidence says both."""
    if task.scope is Scope.CHECK:
        return release.name, task.policy.digest
    read = listing.read(world.evidence, release.name)
    owner = None if isinstance(read, Finding) else read.release_of(artifact)
    return (owner.name, read.policy) if owner is not None and not isinstance(read, Finding) else ("", "")
