"""Signatures and provenance are checked by one code, whether rows 5 and 7 ask before a release or row 8 after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tidegate.domain.claims import (
    approvals,
    build_types,
    deployment_rules,
    foreign_builds,
    levels,
    permissions,
    provenance,
    provenance_rules,
    rebuild_rules,
    release_rules,
    sentence,
    signing_rules,
    trust,
)
from tidegate.domain.claims.build import SBOM_TYPE
from tidegate.domain.claims.identity_rules import IDENTITY_RULES
from tidegate.domain.claims.proof import (
    Entry,
    Proof,
    RefRule,
    TrustedIdentity,
    TrustedKey,
    fingerprint,
)
from tidegate.domain.claims.provenance import Expected
from tidegate.domain.claims.trust import Refusal
from tidegate.errors import FormatError
from tidegate.formats import claimed, endings, evidence_files, intoto
from tidegate.formats.approval import APPROVAL_V1
from tidegate.formats.bundle import LogProofMissing, TimeMissing, UnknownSigner, UnsupportedEvidence
from tidegate.formats.intoto import Statement
from tidegate.formats.rebuild import REBUILD_V1
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, Rule, found
from tidegate.model.inventory import Source
from tidegate.model.release import Artifact, ArtifactKind
from tidegate.policy.schema import Policy
from tidegate.policy.trust import IdentityTrust, KeyTrust, RefPattern
from tidegate.policy.values import duration
from tidegate.ports import Signed, World
from tidegate.stages import image_proofs
from tidegate.stages.naming import known_as

_PROVENANCE = "https://slsa.dev/provenance/"
_APART = frozenset({APPROVAL_V1, REBUILD_V1})
"""Approvals and rebuilds are signed by others than builders, and judged apart."""


@dataclass(frozen=True, slots=True)
class Role:
    """Whom a policy trusts for one task: entries to be matched, and the keys among them by path."""

    entries: tuple[Entry, ...]
    keys: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Sealed:
    """What came of an artifact's signature: a proof, or findings that say why there is none."""

    findings: tuple[Finding, ...]
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Traced:
    """What came of an artifact's attestations."""

    findings: tuple[Finding, ...]
    origin: sentence.Origin | None = None
    contents: sentence.Contents | None = None


@dataclass(frozen=True, slots=True)
class _Failure:
    """How the three ways a bundle can fail are called for one kind of evidence."""

    unsupported: Rule
    untrusted: Rule
    invalid: Rule

    def rule(self, error: FormatError) -> Rule:
        if isinstance(error, LogProofMissing):
            return signing_rules.LOG_PROOF_MISSING
        if isinstance(error, TimeMissing):
            return signing_rules.CERTIFICATE_TIME_MISSING
        if isinstance(error, UnsupportedEvidence):
            return self.unsupported
        return self.untrusted if isinstance(error, UnknownSigner) else self.invalid

    def refused(self, refusal: Refusal) -> Rule:
        """A verdict's signer is trusted or not (VSA step 1); of a builder each cause has a name."""
        unnamed = refusal.rule is signing_rules.SIGNATURE_UNTRUSTED or self.untrusted is deployment_rules.VSA_UNTRUSTED
        known = refusal.rule in IDENTITY_RULES or refusal.rule is signing_rules.SIGNATURE_UNTRUSTED
        return self.untrusted if unnamed and known else refusal.rule


SIGNING = _Failure(
    unsupported=signing_rules.SIGNATURE_UNSUPPORTED,
    untrusted=signing_rules.SIGNATURE_UNTRUSTED,
    invalid=signing_rules.SIGNATURE_INVALID,
)
TRACING = _Failure(
    unsupported=provenance_rules.PROVENANCE_UNSUPPORTED,
    untrusted=provenance_rules.PROVENANCE_UNTRUSTED,
    invalid=provenance_rules.PROVENANCE_INVALID,
)
JUDGING = _Failure(deployment_rules.VSA_INVALID, deployment_rules.VSA_UNTRUSTED, deployment_rules.VSA_INVALID)
SUMMING = _Failure(release_rules.SVR_INVALID, release_rules.SVR_INVALID, release_rules.SVR_INVALID)
APPROVING = _Failure(*(release_rules.RELEASE_UNAPPROVED,) * 3)
REBUILDING = _Failure(rebuild_rules.REBUILD_MALFORMED, rebuild_rules.REBUILD_UNTRUSTED, rebuild_rules.REBUILD_MALFORMED)


def role(policy: Policy, entries: Sequence[KeyTrust | IdentityTrust]) -> Role:
    """A policy's trust entries as the claims room knows them."""
    keys = policy.keys(list(entries))
    return Role(tuple(_entry(entry, keys) for entry in entries), keys)


def signature(policy: Policy, world: World, release: str, artifact: Artifact) -> Sealed:
    """Verify `<artifact>.sigstore.json` against the artifact's bytes and the trusted builders."""
    trusted = role(policy, policy.model.trust.builders)
    try:
        signed = _signed(world, artifact, trusted.keys)
        if signed is None:
            fix = permissions.fix(world.ci.facts(Source()).system)
            return Sealed((found(signing_rules.SIGNATURE_MISSING, artifact.name, release=release, fix=fix),))
        proof = _proof(signed)
    except FormatError as error:
        return Sealed((found(SIGNING.rule(error), artifact.name, error.message, release=release),))
    entry = trust.identify(proof, trusted.entries, now(world))
    if isinstance(entry, Refusal):
        return Sealed((found(SIGNING.refused(entry), artifact.name, entry.reason, release=release),))
    return Sealed(tuple(_demanded(policy, proof, release, artifact)), proof)


def _signed(world: World, artifact: Artifact, keys: Mapping[str, bytes]) -> Signed | None:
    if artifact.kind is ArtifactKind.IMAGE:
        return image_proofs.signed(world, artifact, keys)
    raw = world.evidence.get(artifact.name + endings.SIGNATURE)
    if raw is None:
        return None
    with world.taken.open(artifact) as data:
        return world.verifier.verify_artifact(raw, data, artifact.digest, keys)


def tracing(policy: Policy, world: World, expected: Expected) -> Traced:
    """Verify every attestation at hand (see `evidence_files`); one of them must be the expected provenance.

    What does not count beside it is listed. A trusted builder that contradicts it about this very artifact is no such
    thing: then one of the two lies, and the findings stand.
    """
    limit = policy.controls.provenance.max_age
    expected = replace(expected, max_age=duration(limit) if limit else None, now=now(world))
    wrong: list[Finding] = []
    beside: list[Finding] = []
    origin: sentence.Origin | None = None
    contents: sentence.Contents | None = None
    seen = False
    try:
        bundles = _attestations(world, expected.artifact)
    except FormatError as error:
        return Traced((_finding(provenance_rules.PROVENANCE_INVALID, expected, error.message),))
    for raw in bundles:
        read = attested(policy, world, raw, expected)
        if isinstance(read, Finding):
            beside.append(read)
            continue
        statement, proof, entry = read
        expected = known_as(world, statement, expected)
        if statement.predicate_type.startswith(_PROVENANCE):
            seen = True
            faults = tuple(provenance.check(statement, proof, entry, expected))
            (beside if provenance.elsewhere(faults) else wrong).extend(faults)
            origin = origin or (None if faults else _origin(statement, proof, entry))
        elif statement.predicate_type == SBOM_TYPE and not list(provenance.subject(statement, expected)):
            contents = _contents(statement, proof)
    if not seen:
        wrong.append(_finding(provenance_rules.PROVENANCE_MISSING, expected, ""))
    listed = tuple(_ignored(beside, expected)) if origin else tuple(beside)
    return Traced((*listed, *wrong), None if wrong else origin, contents)


def _attestations(world: World, artifact: str) -> tuple[bytes, ...]:
    """The bundles of every file that may hold attestations about an artifact. Raises FormatError."""
    names = [artifact + ending for ending in endings.ATTESTED]
    held = [world.evidence[name] for name in names if name in world.evidence]
    bundles = (raw for file in held for raw in evidence_files.split(file))
    return tuple(raw for raw in bundles if claimed.predicate_type(raw) not in _APART)


def _ignored(beside: Sequence[Finding], expected: Expected) -> Iterator[Finding]:
    """One accepted provenance is enough: anybody may add an attestation, and nobody can shut the gate by that."""
    for finding in beside:
        yield _finding(provenance_rules.ATTESTATION_IGNORED, expected, f"{finding.rule}: {finding.message}")


def attested(policy: Policy, world: World, raw: bytes, expected: Expected) -> tuple[Statement, Proof, Entry] | Finding:
    """One attestation by a trusted builder, or the finding that says why it is none."""
    hosted = policy.controls.provenance.hosted_builders
    trusted = role(policy, policy.model.trust.builders)
    return verified(world, raw, trusted, TRACING, (expected.artifact, expected.release), hosted=hosted)


def verified(
    world: World,
    raw: bytes,
    trusted: Role,
    failure: _Failure,
    about: tuple[str, str | None],
    *,
    hosted: bool = False,
) -> tuple[Statement, Proof, Entry] | Finding:
    """A statement, its proof and the trust entry of its signer; `about` is the artifact and the release."""
    artifact, release = about
    try:
        proof = _proof(world.verifier.verify_statement(raw, trusted.keys))
        statement = intoto.parse(proof.payload)
    except FormatError as error:
        return found(failure.rule(error), artifact, error.message, release=release)
    entry = trust.identify(proof, trusted.entries, now(world), hosted=hosted)
    if isinstance(entry, Refusal):
        return found(failure.refused(entry), artifact, entry.reason, release=release)
    return statement, proof, entry


def now(world: World) -> datetime:
    return world.clock.now().astimezone(UTC)


def _demanded(policy: Policy, proof: Proof, release: str, artifact: Artifact) -> Iterator[Finding]:
    """What the policy asks of a signature beyond its signer."""
    kind = "keyless" if proof.keyless else "key"
    if kind not in policy.controls.signing.accept:
        yield found(signing_rules.SIGNATURE_KIND, artifact.name, f"the signature is by {kind}", release=release)
    if policy.controls.signing.timestamp and proof.time is None:
        yield found(signing_rules.TIMESTAMP_MISSING, artifact.name, release=release)


def _proof(signed: Signed) -> Proof:
    return Proof(signed.key, signed.san, signed.issuer, signed.claims, signed.times, signed.payload)


def _entry(entry: KeyTrust | IdentityTrust, keys: Mapping[str, bytes]) -> Entry:
    refs = _refs(entry.refs)
    if isinstance(entry, KeyTrust):
        return TrustedKey(
            key=entry.key,
            fingerprint=fingerprint(keys[entry.key]),
            not_before=entry.not_before,
            not_after=entry.not_after,
            revoked_at=entry.revoked_at,
            source_repository=entry.source_repository or "",
            builder_id=entry.builder_id or "",
            refs=refs,
            actor=entry.actor or "",
        )
    return TrustedIdentity(
        issuer=entry.issuer,
        source_repository=entry.source_repository,
        signer_workflow=entry.signer_workflow,
        source_repository_id=entry.source_repository_id or "",
        refs=refs,
        runner=entry.runner or "",
        triggers=tuple(entry.triggers),
        caller_workflow=entry.caller_workflow or "",
        signer_refs=_refs(entry.signer_refs),
        max_level=entry.max_level,
    )


def _refs(refs: Sequence[str | RefPattern]) -> tuple[RefRule, ...]:
    return tuple(
        RefRule(ref.pattern, True, ref.kind or "") if isinstance(ref, RefPattern) else RefRule(ref) for ref in refs
    )


def _origin(statement: Statement, proof: Proof, entry: Entry) -> sentence.Origin:
    read = foreign_builds.parse(statement)
    level = levels.deserved(proof, entry)
    who, started = approvals.signer(entry), approvals.actor(read)
    return sentence.Origin(proof, read.builder_id, build_types.read(read), level, who, started)


def _contents(statement: Statement, proof: Proof) -> sentence.Contents:
    components = statement.predicate.get("components")
    count = len(components) if isinstance(components, list) else 0
    return sentence.Contents(proof, count, str(Digest.of(proof.payload)))


def _finding(rule: Rule, expected: Expected, message: str) -> Finding:
    return found(rule, expected.artifact, message, release=expected.release)
