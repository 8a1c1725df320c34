"""A verified signature counts only when its signer is exactly one the policy names, at a time the policy allows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tidegate.domain.claims import provenance_rules, signing_rules, source
from tidegate.domain.claims.proof import HOSTED, Entry, Proof, TrustedIdentity, TrustedKey, any_matches
from tidegate.model.finding import Rule

DEFAULT_TRIGGERS = frozenset({"push", "create", "release", "workflow_dispatch", "schedule", "web", "api"})
"""What may start a release when the policy names no trigger: never a change proposed by somebody else."""
_PROPOSED = ("refs/pull/", "refs/merge-requests/")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a signer does not count."""

    rule: Rule
    reason: str


def identify(proof: Proof, entries: Sequence[Entry], now: datetime, *, hosted: bool = False) -> Entry | Refusal:
    """The trust entry a signer matches. `hosted` asks for a certificate of a hosted runner besides."""
    if hosted and proof.claim("runner_environment") not in HOSTED:
        return Refusal(provenance_rules.BUILDER_NOT_HOSTED, "the signer is not a hosted runner with a certificate")
    if proof.keyless:
        return _identity(proof, [entry for entry in entries if isinstance(entry, TrustedIdentity)])
    return _key(proof, [entry for entry in entries if isinstance(entry, TrustedKey)], now)


def _key(proof: Proof, entries: Sequence[TrustedKey], now: datetime) -> Entry | Refusal:
    entry = next((entry for entry in entries if entry.key == proof.key), None)
    if entry is None:
        return Refusal(signing_rules.SIGNATURE_UNTRUSTED, f"the key `{proof.key}` is not trusted for this")
    time = proof.time
    day = (time[0] if time else now).date()
    when = f"at the trusted time {time[0]:%Y-%m-%d}" if time else "today, and nothing proves an earlier signature"
    twins = [
        other for other in entries if other is entry or (entry.fingerprint and other.fingerprint == entry.fingerprint)
    ]
    for twin in twins:
        if twin.revoked_at is not None and day >= twin.revoked_at:
            return Refusal(
                signing_rules.KEY_REVOKED,
                f"the key `{twin.key}` is revoked since {twin.revoked_at}: not good {when}",
            )
        if not _within(twin, day):
            return Refusal(signing_rules.KEY_OUT_OF_TIME, f"the key `{twin.key}` is not valid {when}")
    return entry


def _within(entry: TrustedKey, day: date) -> bool:
    early = entry.not_before is not None and day < entry.not_before
    late = entry.not_after is not None and day > entry.not_after
    return not early and not late


def _identity(proof: Proof, entries: Sequence[TrustedIdentity]) -> Entry | Refusal:
    """The first entry all of whose conditions hold; else the reason of the entry that came closest."""
    closest, reason = -1, f"no trusted identity covers {proof.san[:200]!a}"
    for entry in entries:
        failed = next(((at, says) for at, (holds, says) in enumerate(_conditions(proof, entry)) if not holds), None)
        if failed is None:
            return entry
        closest, reason = max((closest, reason), failed, key=lambda pair: pair[0])
    return Refusal(signing_rules.SIGNATURE_UNTRUSTED, reason)


def _conditions(proof: Proof, entry: TrustedIdentity) -> Iterator[tuple[bool, str]]:
    """Every condition of an entry, with what to say when it does not hold. An absent claim equals nothing."""
    claim = proof.claim
    yield bool(proof.issuer) and proof.issuer == entry.issuer, f"the issuer is {proof.issuer[:200]!a}"
    repository = claim("source_repository_uri")
    wanted = source.absolute(entry.source_repository, entry.issuer)
    yield source.same(repository, wanted), f"the source repository is {repository[:200]!a}, not `{wanted}`"
    if entry.source_repository_id:
        same = claim("source_repository_id") == entry.source_repository_id
        yield same, f"the repository's id is {claim('source_repository_id')[:40]!a}: another repository of that name"
    workflow = source.absolute(entry.signer_workflow, entry.issuer)
    at = source.signer_ref(proof.san, workflow)
    yield at is not None, f"the signer is {proof.san[:200]!a}, not `{workflow}`"
    yield claim("build_signer_uri") == proof.san, "the certificate's signer and its subject name differ"
    ref = claim("source_repository_ref")
    yield "@" not in (at or "") or at == ref, f"the signer's ref {at!a} is not the source's"
    yield _ref_counts(entry, ref), f"the ref is {ref[:200]!a}"
    if entry.runner:
        runner = claim("runner_environment")
        yield runner == entry.runner, f"the runner is {runner[:40]!a}, not `{entry.runner}`"
    trigger = claim("build_trigger")
    yield trigger in (entry.triggers or DEFAULT_TRIGGERS), f"the build was started by {trigger[:40]!a}"


def _ref_counts(entry: TrustedIdentity, ref: str) -> bool:
    if entry.refs:
        return any_matches(entry.refs, ref)
    return ref.startswith("refs/") and not ref.startswith(_PROPOSED)
