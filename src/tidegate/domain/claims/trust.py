"""A verified signature counts only when its signer is exactly one the policy names, at a time the policy allows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tidegate.domain.claims import identity_rules as rules
from tidegate.domain.claims import provenance_rules, signing_rules, source
from tidegate.domain.claims.proof import HOSTED, KINDS, Entry, Proof, RefRule, TrustedIdentity, TrustedKey, any_matches
from tidegate.model.finding import Rule

DEFAULT_TRIGGERS = frozenset({"push", "create", "release", "workflow_dispatch", "schedule", "web", "api"})
"""What may start a release when the policy names no trigger: never a change proposed by somebody else."""
_PROPOSED = ("refs/pull/", "refs/merge-requests/")
_BASE = "a branch or tag of the project"


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
    """The first entry all of whose conditions hold; else the refusal of the entry that came closest."""
    closest, refusal = -1, Refusal(signing_rules.SIGNATURE_UNTRUSTED, f"no trusted identity covers {proof.san[:200]!a}")
    for entry in entries:
        failed = next(((at, why) for at, why in enumerate(_conditions(proof, entry)) if why is not None), None)
        if failed is None:
            return entry
        closest, refusal = max((closest, refusal), failed, key=lambda pair: pair[0])
    return refusal


def _conditions(proof: Proof, entry: TrustedIdentity) -> Iterator[Refusal | None]:
    """Every condition of an entry: None where it holds, else why not. An absent claim equals nothing."""
    yield _equal(rules.SIGNER_ISSUER, "issuer", proof.issuer, entry.issuer)
    repository = proof.claim("source_repository_uri")
    wanted = source.absolute(entry.source_repository, entry.issuer)
    yield _unless(source.same(repository, wanted), rules.SIGNER_SOURCE, "source repository", repository, wanted)
    if entry.source_repository_id:
        ident = proof.claim("source_repository_id")
        yield _equal(rules.SIGNER_RECREATED, "repository's id", ident, entry.source_repository_id)
    yield from _signer(proof, entry, repository)
    yield from _caller(proof, entry)
    ref = proof.claim("source_repository_ref")
    yield _unless(_ref_counts(entry.refs, ref), rules.SIGNER_REF, "ref", ref, _spelled(entry.refs))
    if entry.runner:
        yield _equal(rules.SIGNER_RUNNER, "runner", proof.claim("runner_environment"), entry.runner)
    trigger, accepted = proof.claim("build_trigger"), entry.triggers or DEFAULT_TRIGGERS
    yield _unless(trigger in accepted, rules.SIGNER_TRIGGER, "trigger", trigger, ", ".join(sorted(accepted)))


def _signer(proof: Proof, entry: TrustedIdentity, repository: str) -> Iterator[Refusal | None]:
    """Which workflow signed, and at which ref of its own (SAN and claim .9)."""
    workflow = source.absolute(entry.signer_workflow, entry.issuer)
    found = source.signer_ref(proof.san, workflow)
    yield _unless(found is not None, rules.SIGNER_WORKFLOW, "signer", proof.san, workflow)
    yield _equal(rules.SIGNER_CONTRADICTED, "certified builder", proof.claim("build_signer_uri"), proof.san)
    at, said = found or "", "signing workflow's ref"
    if entry.signer_refs:
        accepted = any_matches(entry.signer_refs, at)
        yield _unless(accepted, rules.SIGNER_WORKFLOW_REF, said, at, _spelled(entry.signer_refs))
    elif source.inside(proof.san, repository):
        yield _equal(rules.SIGNER_WORKFLOW_REF, said, at, proof.claim("source_repository_ref"))
    else:
        # A commit may be a fork's, and a name with two refs has two readings: both only where the policy writes them.
        yield _unless(_ref_counts((), at) and "@" not in at, rules.SIGNER_WORKFLOW_REF, said, at, _BASE)


def _caller(proof: Proof, entry: TrustedIdentity) -> Iterator[Refusal | None]:
    """Which workflow was started, at the source's own ref where it lies in the source (claim .18)."""
    if not entry.caller_workflow:
        return
    called = proof.claim("build_config_uri")
    wanted = source.absolute(entry.caller_workflow, entry.issuer)
    at = source.signer_ref(called, wanted)
    ref = proof.claim("source_repository_ref")
    fits = at is not None and (at == ref or not source.inside(called, proof.claim("source_repository_uri")))
    yield _unless(fits, rules.SIGNER_CALLER, "calling workflow", called, f"{wanted}@{ref}")


def _equal(rule: Rule, what: str, value: str, wanted: str) -> Refusal | None:
    return _unless(bool(value) and value == wanted, rule, what, value, wanted)


def _unless(holds: bool, rule: Rule, what: str, value: str, wanted: str) -> Refusal | None:
    """Both values are foreign to the reader: the certificate's is escaped whole, the policy's bounded."""
    return None if holds else Refusal(rule, f"the {what} is {value[:200]!a}, not {wanted[:300]!a}")


def _spelled(refs: Sequence[RefRule]) -> str:
    return ", ".join(KINDS[ref.kind] + ref.text for ref in refs) or _BASE


def _ref_counts(refs: Sequence[RefRule], ref: str) -> bool:
    if refs:
        return any_matches(refs, ref)
    return ref.startswith("refs/") and not ref.startswith(_PROPOSED)
