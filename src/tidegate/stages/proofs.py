"""Signatures and provenance are checked by one code, whether rows 5 and 7 ask before a release or row 8 after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tidegate.domain.claims import (
    build_types,
    deployment_rules,
    provenance,
    provenance_rules,
    sentence,
    signing_rules,
    trust,
)
from tidegate.domain.claims.build import SBOM_TYPE
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
from tidegate.formats import bundle, intoto, slsa
from tidegate.formats.bundle import UnknownSigner, UnsupportedEvidence
from tidegate.formats.intoto import Statement
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, Rule, found
from tidegate.model.release import Artifact
from tidegate.policy.schema import IdentityTrust, KeyTrust, Policy, RefPattern
from tidegate.ports import Signed, World

SIGNATURE = ".sigstore.json"
ATTESTATIONS = ".attestations.jsonl"
VERDICT = ".vsa.sigstore.json"
_PROVENANCE = "https://slsa.dev/provenance/"


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
        if isinstance(error, UnsupportedEvidence):
            return self.unsupported
        return self.untrusted if isinstance(error, UnknownSigner) else self.invalid

    def refused(self, refusal: Refusal) -> Rule:
        return self.untrusted if refusal.rule is signing_rules.SIGNATURE_UNTRUSTED else refusal.rule


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


def role(policy: Policy, entries: Sequence[KeyTrust | IdentityTrust]) -> Role:
    """A policy's trust entries as the claims room knows them."""
    keys = policy.keys(list(entries))
    return Role(tuple(_entry(entry, keys) for entry in entries), keys)


def signature(policy: Policy, world: World, release: str, artifact: Artifact) -> Sealed:
    """Verify `<artifact>.sigstore.json` against the artifact's bytes and the trusted builders."""
    raw = world.evidence.get(artifact.name + SIGNATURE)
    if raw is None:
        return Sealed((found(signing_rules.SIGNATURE_MISSING, artifact.name, release=release),))
    trusted = role(policy, policy.model.trust.builders)
    try:
        with world.taken.open(artifact) as data:
            proof = _proof(world.verifier.verify_artifact(raw, data, artifact.digest, trusted.keys))
    except FormatError as error:
        return Sealed((found(SIGNING.rule(error), artifact.name, error.message, release=release),))
    entry = trust.identify(proof, trusted.entries, now(world))
    if isinstance(entry, Refusal):
        return Sealed((found(SIGNING.refused(entry), artifact.name, entry.reason, release=release),))
    return Sealed(tuple(_demanded(policy, proof, release, artifact)), proof)


def tracing(policy: Policy, world: World, expected: Expected) -> Traced:
    """Verify every bundle of `<artifact>.attestations.jsonl`; one of them must be the expected provenance."""
    raw = world.evidence.get(expected.artifact + ATTESTATIONS, b"")
    findings: list[Finding] = []
    origin: sentence.Origin | None = None
    contents: sentence.Contents | None = None
    seen = False
    try:
        found_lines = bundle.lines(raw)
    except FormatError as error:
        return Traced((_finding(provenance_rules.PROVENANCE_INVALID, expected, error.message),))
    for line in found_lines:
        read = attested(policy, world, line, expected)
        if isinstance(read, Finding):
            findings.append(read)
            continue
        statement, proof, entry = read
        if statement.predicate_type.startswith(_PROVENANCE):
            seen = True
            wrong = tuple(provenance.check(statement, proof, entry, expected))
            findings.extend(wrong)
            origin = origin or (None if wrong else _origin(statement, proof))
        elif statement.predicate_type == SBOM_TYPE and not list(provenance.subject(statement, expected)):
            contents = _contents(statement, proof)
    if not seen:
        findings.append(_finding(provenance_rules.PROVENANCE_MISSING, expected, ""))
    return Traced(tuple(findings), origin, contents)


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
    refs = tuple(RefRule(ref.pattern, True) if isinstance(ref, RefPattern) else RefRule(ref) for ref in entry.refs)
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
        )
    return TrustedIdentity(
        issuer=entry.issuer,
        source_repository=entry.source_repository,
        signer_workflow=entry.signer_workflow,
        source_repository_id=entry.source_repository_id or "",
        refs=refs,
        runner=entry.runner or "",
        triggers=tuple(entry.triggers),
    )


def _origin(statement: Statement, proof: Proof) -> sentence.Origin:
    read = slsa.parse(statement.predicate)
    return sentence.Origin(proof, read.builder_id, build_types.read(read))


def _contents(statement: Statement, proof: Proof) -> sentence.Contents:
    components = statement.predicate.get("components")
    count = len(components) if isinstance(components, list) else 0
    return sentence.Contents(proof, count, str(Digest.of(proof.payload)))


def _finding(rule: Rule, expected: Expected, message: str) -> Finding:
    return found(rule, expected.artifact, message, release=expected.release)
