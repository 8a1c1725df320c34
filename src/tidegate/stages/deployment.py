"""Row 8: an artifact may run only where production, given it and its evidence alone, can verify it again.

In act 3 of `check` and in `verify` this is the same code: signature, provenance and verdict, from evidence bytes only.
"""

from collections.abc import Iterator, Mapping

from tidegate.domain.claims import deployment_rules, manifest, rules, vsa
from tidegate.domain.claims.provenance import Expected
from tidegate.domain.claims.vsa import MANIFEST, Wanted
from tidegate.errors import UndecidedError
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.evidence import Blind, Coverage, Report
from tidegate.model.finding import Finding, found
from tidegate.model.release import Artifact, Release
from tidegate.policy.schema import KeyTrust, Policy, duration
from tidegate.ports import World
from tidegate.stages import proofs
from tidegate.stages.proofs import Role
from tidegate.stages.task import Task


def examine(task: Task, world: World) -> Report:
    """Verify every artifact of every release as production would."""
    findings: list[Finding] = []
    coverage: list[Coverage] = []
    blind: list[Blind] = []
    evidence = {name: Digest.of(raw) for name, raw in world.evidence.items()}
    for release in task.releases:
        done = 0
        if release.artifacts:
            findings.extend(manifest.check(world.evidence.get(MANIFEST), evidence, release.name))
        for artifact in release.artifacts:
            try:
                findings.extend(_artifact(task, world, release, artifact, evidence))
            except UndecidedError as error:
                blind.append(Blind(error.message, error.hint, release.name))
                continue
            done += 1
        coverage.append(Coverage("artifacts", done, len(release.artifacts), release.name))
    return Report(
        control=Control.DEPLOYMENT,
        coverage=tuple(coverage),
        findings=tuple(dict.fromkeys(findings)),
        blind=tuple(blind),
        rules=rules.RULES,
        notes=tuple(_both(task.policy)),
        facts=(("trusted-verifiers", str(len(_judges(task.policy).entries))),),
    )


def _artifact(
    task: Task, world: World, release: Release, artifact: Artifact, evidence: Mapping[str, Digest]
) -> Iterator[Finding]:
    """Unknown artifacts end here; of known ones signature, provenance and verdict are each verified."""
    if not any(
        artifact.name + ending in evidence for ending in (proofs.SIGNATURE, proofs.ATTESTATIONS, proofs.VERDICT)
    ):
        yield found(deployment_rules.ARTIFACT_UNKNOWN, artifact.name, release=release.name)
        return
    policy = task.policy
    if policy.controls.signing.required:
        yield from proofs.signature(policy, world, release.name, artifact).findings
    if policy.controls.provenance.required:
        yield from proofs.tracing(policy, world, _expected(task, release, artifact)).findings
    raw = world.evidence.get(artifact.name + proofs.VERDICT)
    if raw is None:
        yield found(deployment_rules.VSA_MISSING, artifact.name, release=release.name)
        return
    yield from _verdict(policy, world, raw, release, artifact, evidence)


def _verdict(
    policy: Policy, world: World, raw: bytes, release: Release, artifact: Artifact, evidence: Mapping[str, Digest]
) -> Iterator[Finding]:
    read = proofs.verified(world, raw, _judges(policy), proofs.JUDGING, (artifact.name, release.name))
    if isinstance(read, Finding):
        yield read
        return
    statement, proof, entry = read
    wanted = Wanted(
        artifact=artifact.name,
        digest=artifact.digest,
        now=proofs.now(world),
        max_age=duration(policy.controls.deployment.max_age),
        release=release.name,
        level=policy.controls.provenance.required,
        evidence=evidence,
    )
    yield from vsa.check(statement, proof, entry, wanted)


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
