"""Row 8: an artifact may run only where production, given it and its evidence alone, can verify it again.

In act 3 of `check` and in `verify` this is the same code: signature, provenance and verdict, from evidence bytes only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tidegate.domain.claims import deployment_rules, manifest, release_rules, result, rules, vsa
from tidegate.domain.claims.listing import Listing
from tidegate.domain.claims.provenance import Expected
from tidegate.domain.claims.sentence import Origin
from tidegate.domain.claims.vsa import MANIFEST, Wanted
from tidegate.errors import UndecidedError
from tidegate.formats import endings
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.evidence import Blind, Coverage, Report
from tidegate.model.finding import Finding, found
from tidegate.model.release import Artifact, Release
from tidegate.policy.schema import Policy
from tidegate.policy.trust import KeyTrust
from tidegate.policy.values import duration
from tidegate.ports import World
from tidegate.stages import placing, proofs, root_age
from tidegate.stages.approving import approved
from tidegate.stages.placing import Placed
from tidegate.stages.proofs import Role
from tidegate.stages.rebuilding import rebuilt
from tidegate.stages.task import Task


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every artifact is verified with. `evidence` are digests by file name."""

    task: Task
    world: World
    evidence: Mapping[str, Digest]
    known: Listing | None


def examine(task: Task, world: World) -> Report:
    """Verify every artifact of every release as production would."""
    findings: list[Finding] = list(root_age.age(task.policy, world))
    coverage: list[Coverage] = []
    blind: list[Blind] = []
    placed: list[Placed] = []
    evidence = {name: Digest.of(raw) for name, raw in world.evidence.items()}
    known, misfits = placing.listed(task, world)
    findings.extend(misfits)
    desk = _Desk(task, world, evidence, known)
    for release in task.releases:
        done = 0
        if release.artifacts:
            findings.extend(manifest.check(world.evidence.get(MANIFEST), evidence, release.name))
        for artifact in release.artifacts:
            findings.extend(placing.denied(task.policy, world, release.name, artifact))
            try:
                findings.extend(_artifact(desk, release, artifact, placed))
            except UndecidedError as error:
                blind.append(Blind(error.message, error.hint, release.name))
                continue
            done += 1
        coverage.append(Coverage("artifacts", done, len(release.artifacts), release.name))
    late, produced = placing.remembered(task, world, placed)
    return Report(
        control=Control.DEPLOYMENT,
        coverage=tuple(coverage),
        findings=tuple(dict.fromkeys((*findings, *late))),
        produced=produced,
        blind=tuple(blind),
        rules=rules.RULES,
        notes=tuple(_both(task.policy)),
        facts=(("trusted-verifiers", str(len(_judges(task.policy).entries))),),
    )


def _artifact(desk: _Desk, release: Release, artifact: Artifact, placed: list[Placed]) -> Iterator[Finding]:
    """Unknown artifacts end here; of known ones signature, provenance and verdict are each verified."""
    if not any(
        artifact.name + ending in desk.evidence for ending in (endings.SIGNATURE, endings.VERDICT, *endings.ATTESTED)
    ):
        yield found(deployment_rules.ARTIFACT_UNKNOWN, artifact.name, release=release.name)
        return
    policy, origin = desk.task.policy, None
    if policy.controls.signing.required:
        yield from proofs.signature(policy, desk.world, release.name, artifact).findings
    if policy.controls.provenance.required:
        traced = proofs.tracing(policy, desk.world, _expected(desk.task, release, artifact))
        origin = traced.origin
        yield from traced.findings
        yield from approved(desk.task, desk.world, release, artifact, origin).findings
        yield from rebuilt(desk.task, desk.world, release, artifact, origin).findings
        yield from _levelled(policy, release, artifact, origin)
    place = placing.place(desk.task, desk.world, release, artifact, origin, desk.known)
    placed.append(place)
    raw = desk.world.evidence.get(artifact.name + endings.VERDICT)
    if raw is None:
        yield found(deployment_rules.VSA_MISSING, artifact.name, release=release.name)
        return
    yield from _verdict(desk, raw, _wanted(desk, release, place))


def _levelled(policy: Policy, release: Release, artifact: Artifact, origin: Origin | None) -> Iterator[Finding]:
    """The level a verdict states is no higher than what its provenance deserves here."""
    least = policy.controls.deployment.min_level
    if origin is not None and origin.level < least:
        message = f"its provenance deserves SLSA Build L{origin.level}, and L{least} is asked for"
        yield found(deployment_rules.VSA_LEVEL, artifact.name, message, release=release.name)


def _wanted(desk: _Desk, release: Release, place: Placed) -> Wanted:
    policy = desk.task.policy
    return Wanted(
        artifact=place.artifact.name,
        digest=place.artifact.digest,
        now=proofs.now(desk.world),
        max_age=duration(policy.controls.deployment.max_age),
        release=release.name,
        level=policy.controls.provenance.required,
        waived=frozenset(row.value for row in Control if not policy.controls.of(row).required),
        least=policy.controls.deployment.min_level,
        resource=placing.about(policy, place),
        policies=frozenset(policy.controls.deployment.policies),
        evidence=desk.evidence,
    )


def _verdict(desk: _Desk, raw: bytes, wanted: Wanted) -> Iterator[Finding]:
    policy, about = desk.task.policy, (wanted.artifact, wanted.release)
    read = proofs.verified(desk.world, raw, _judges(policy), proofs.JUDGING, about)
    if isinstance(read, Finding):
        yield read
        return
    said = list(vsa.check(*read, wanted))
    yield from said
    if not any(finding.rule == deployment_rules.VSA_FAILED.id for finding in said):
        yield from _result(desk, wanted)


def _result(desk: _Desk, wanted: Wanted) -> Iterator[Finding]:
    """The verdict's second form: there when the policy promises it, and true whenever it is there."""
    policy, about = desk.task.policy, (wanted.artifact, wanted.release)
    raw = desk.world.evidence.get(wanted.artifact + endings.RESULT)
    if raw is None:
        if policy.controls.deployment.svr:
            yield found(release_rules.SVR_MISSING, wanted.artifact, release=wanted.release)
        return
    read = proofs.verified(desk.world, raw, _judges(policy), proofs.SUMMING, about)
    if isinstance(read, Finding):
        yield read
        return
    yield from result.check(*read, wanted)


def _judges(policy: Policy) -> Role:
    """Who may issue the verdict: the one key `controls.deployment.signer` names, else all trusted verifiers."""
    listed = policy.model.trust.verifiers
    signer = policy.controls.deployment.signer
    if signer is None:
        return proofs.role(policy, listed)
    named = [entry for entry in listed if isinstance(entry, KeyTrust) and entry.key == signer]
    return proofs.role(policy, named or [KeyTrust(key=signer)])


def _expected(task: Task, release: Release, artifact: Artifact) -> Expected:
    return Expected(
        artifact=artifact.name,
        digest=artifact.digest,
        release=release.name,
        commit=task.inventory.source.commit,
        parameters=frozenset(task.policy.controls.provenance.external_parameters),
    )


def _both(policy: Policy) -> Iterator[str]:
    """A signer that both builds and judges makes the verdict no second opinion."""
    built = proofs.role(policy, policy.model.trust.builders).entries
    for entry in _judges(policy).entries:
        if entry in built or getattr(entry, "fingerprint", None) in {getattr(b, "fingerprint", "") for b in built}:
            name = getattr(entry, "key", "") or getattr(entry, "signer_workflow", "")
            yield f"`{name}` is trusted both to build and to judge; a second key would make the verdict independent"
