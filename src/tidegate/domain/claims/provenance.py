"""Provenance is believed where its signer's certificate says the same, and compared with what was expected."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tidegate.domain.claims import build_types, foreign_builds, source
from tidegate.domain.claims import provenance_rules as rules
from tidegate.domain.claims.build_types import BUILD_TYPES, Built
from tidegate.domain.claims.proof import KINDS, Entry, Proof, TrustedKey, any_matches
from tidegate.errors import FormatError
from tidegate.formats import slsa
from tidegate.formats.intoto import Statement
from tidegate.formats.slsa import Provenance
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, Rule, found


@dataclass(frozen=True, slots=True)
class Expected:
    """What the artifact's provenance must say. Empty texts are not known here and therefore not compared."""

    artifact: str
    digest: Digest
    release: str | None = None
    repository: str = ""
    commit: str = ""
    ref: str = ""
    parameters: frozenset[str] = frozenset()
    max_age: timedelta | None = None
    now: datetime | None = None
    sha512: Digest | None = None
    """The artifact's other digest, measured where an attestation uses it (see `alias`)."""
    purl: str = ""


SKEW = timedelta(minutes=5)


def check(statement: Statement, proof: Proof, entry: Entry, expected: Expected) -> Iterator[Finding]:
    """Everything wrong with a verified statement as provenance of one artifact (SLSA v1.1 "Verifying artifacts").

    `entry` is the trust entry its signer matched. No finding means: it is this artifact's provenance.
    """
    if statement.predicate_type not in (slsa.PROVENANCE_V1, slsa.PROVENANCE_V02):
        yield _found(
            rules.PROVENANCE_PREDICATE,
            expected,
            f"the predicate type is {statement.predicate_type[:100]!a}, not `{slsa.PROVENANCE_V1}`",
        )
        return
    yield from subject(statement, expected)
    yield from _fresh(proof, expected)
    try:
        provenance = foreign_builds.parse(statement)
    except FormatError as error:
        yield _found(rules.PROVENANCE_INVALID, expected, f"the provenance cannot be read: {error.message}")
        return
    if provenance.build_type not in BUILD_TYPES:
        yield _found(rules.PROVENANCE_BUILD_TYPE, expected, f"the build type is {provenance.build_type[:200]!a}")
        return
    for name in build_types.unknown(provenance, expected.parameters):
        about = f"{expected.artifact}#{name[:200]}"
        yield found(rules.PROVENANCE_PARAMETERS, about, f"unknown parameter {name[:200]!a}", release=expected.release)
    try:
        built = build_types.read(provenance)
    except FormatError as error:
        yield _found(rules.PROVENANCE_INVALID, expected, f"the provenance cannot be read: {error.message}")
        return
    yield from _against_signer(provenance, built, proof, entry, expected)
    yield from _against_expected(built, expected)


def elsewhere(faults: Iterable[Finding]) -> bool:
    """Do these faults say that a provenance is another artifact's or another day's, so that it contradicts nothing?"""
    apart = {rules.PROVENANCE_SUBJECT.id, rules.PROVENANCE_STALE.id, rules.PROVENANCE_AGE.id}
    return any(fault.rule in apart for fault in faults)


def subject(statement: Statement, expected: Expected) -> Iterator[Finding]:
    """The statement must name this file and this digest, in one and the same subject."""
    digests = [digest for digest in (expected.digest, expected.sha512) if digest is not None]
    named = [item for item in statement.subjects if any(item.digest.matches(digest) for digest in digests)]
    if not named:
        message = f"the attestation names {statement.subjects[0].digest}, the artifact is {expected.digest}"
        yield _found(rules.PROVENANCE_SUBJECT, expected, message)
    elif not any(_is_name(item.name, expected) for item in named):
        message = f"the attestation names the file {named[0].name[:200]!a}, the artifact is `{expected.artifact}`"
        yield _found(rules.PROVENANCE_SUBJECT, expected, message)


def _is_name(name: str, expected: Expected) -> bool:
    return name.rpartition("/")[2] == expected.artifact or (bool(expected.purl) and name == expected.purl)


def _fresh(proof: Proof, expected: Expected) -> Iterator[Finding]:
    """Old provenance of the right bytes is a replay: an artifact withdrawn since can be brought back with it.

    Judged by the earliest trusted time. A signature without one may be of any age, so it cannot be shown to be young.
    """
    if expected.now is None:
        return
    if proof.time is None:
        if expected.max_age is not None:
            yield _found(rules.PROVENANCE_AGE, expected, f"no trusted time, at most {_days(expected.max_age)} accepted")
        return
    time = proof.time[0]
    if time > expected.now + SKEW:
        message = f"the provenance is of {time:%Y-%m-%d %H:%M} UTC, now is {expected.now:%Y-%m-%d %H:%M} UTC"
        yield _found(rules.PROVENANCE_STALE, expected, message)
    elif expected.max_age is not None and expected.now - time > expected.max_age:
        message = f"the provenance is {_days(expected.now - time)} old, at most {_days(expected.max_age)} accepted"
        yield _found(rules.PROVENANCE_STALE, expected, message)


def _days(span: timedelta) -> str:
    hours = span // timedelta(hours=1)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"


def _against_signer(
    provenance: Provenance, built: Built, proof: Proof, entry: Entry, expected: Expected
) -> Iterator[Finding]:
    local = provenance.build_type == build_types.LOCAL
    if local != (provenance.builder_id == build_types.LOCAL_BUILDER):
        yield _found(
            rules.PROVENANCE_BUILDER,
            expected,
            f"the builder {provenance.builder_id[:200]!a} has no such builds",
        )
    if isinstance(entry, TrustedKey):
        yield from _against_key(provenance, built, entry, expected)
    else:
        yield from _against_certificate(provenance, built, proof, expected)


def _against_key(provenance: Provenance, built: Built, entry: TrustedKey, expected: Expected) -> Iterator[Finding]:
    """A key proves nothing about the build: the policy's limits on what its holder may declare are all there is."""
    wanted = entry.builder_id
    if wanted and provenance.builder_id != wanted and not provenance.builder_id.startswith(wanted + "@refs/"):
        yield _found(
            rules.PROVENANCE_BUILDER,
            expected,
            f"the builder is {provenance.builder_id[:200]!a}, not `{wanted}`",
        )
    if entry.source_repository:
        repository = source.absolute(entry.source_repository)
        if not source.same(built.repository, repository):
            message = f"the source is {built.repository[:200]!a}, the key speaks for `{repository}`"
            yield _found(rules.PROVENANCE_SOURCE, expected, message)
    if entry.refs and not any_matches(entry.refs, built.ref):
        accepted = ", ".join(KINDS[ref.kind] + ref.text for ref in entry.refs)
        yield _found(rules.PROVENANCE_REF, expected, f"the ref is {built.ref[:200]!a}, not {accepted[:300]!a}")


def _against_certificate(provenance: Provenance, built: Built, proof: Proof, expected: Expected) -> Iterator[Finding]:
    """Every field must equal what the CI system certified; a field the certificate is silent on cannot be believed."""
    named = provenance.builder_id in build_types.builders(provenance, proof)
    if not named or proof.claim("build_signer_uri") != proof.san:
        message = f"the builder is {provenance.builder_id[:200]!a}, the signer is {proof.san[:200]!a}"
        yield _found(rules.PROVENANCE_BUILDER, expected, message)
    if not source.same(built.repository, proof.claim("source_repository_uri")):
        yield _claim(expected, "repository", built.repository, proof.claim("source_repository_uri"))
    said = [
        ("source_repository_digest", built.commit),
        ("source_repository_ref", built.ref),
        ("build_config_uri", built.workflow),
        *built.internal,
    ]
    if provenance.invocation_id:
        said.append(("run_invocation_uri", provenance.invocation_id))
    for name, value in said:
        certified = proof.claim(name)
        if not certified or value != certified:
            yield _claim(expected, name, value, certified)
    yield from _times(provenance, proof, expected)


def _times(provenance: Provenance, proof: Proof, expected: Expected) -> Iterator[Finding]:
    """A build cannot have begun after its provenance was signed; the signature's time is the one that is proven."""
    if proof.time is None:
        return
    signed = f"{proof.time[0]:%Y-%m-%dT%H:%M:%SZ}"
    for name, text in (("started_on", provenance.started_on), ("finished_on", provenance.finished_on)):
        said = _instant(text) if text else proof.time[0]
        if said is None or said > proof.time[0] + SKEW:
            yield _claim(expected, name, text, signed)


def _instant(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _against_expected(built: Built, expected: Expected) -> Iterator[Finding]:
    if expected.repository and not source.same(built.repository, expected.repository):
        message = f"the source is {built.repository[:200]!a}, expected `{expected.repository}`"
        yield _found(rules.PROVENANCE_SOURCE, expected, message)
    if expected.commit and built.commit != expected.commit:
        yield _found(rules.PROVENANCE_COMMIT, expected, f"built from `{built.commit}`, expected `{expected.commit}`")
    if expected.ref and built.ref and built.ref != expected.ref:
        yield _found(
            rules.PROVENANCE_REF,
            expected,
            f"built from {built.ref[:200]!a}, expected {expected.ref[:200]!a}",
        )


def _claim(expected: Expected, name: str, value: str, certified: str) -> Finding:
    says = f"the certificate says {certified[:200]!a}" if certified else "the certificate does not say"
    return _found(
        rules.PROVENANCE_CLAIM,
        expected,
        f"{name.replace('_', ' ')}: the provenance says {value[:200]!a}, {says}",
    )


def _found(rule: Rule, expected: Expected, message: str) -> Finding:
    return found(rule, expected.artifact, message, release=expected.release)
