"""Provenance is believed where its signer's certificate says the same, and compared with what was expected."""

from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.domain.claims import build_types, source
from tidegate.domain.claims import provenance_rules as rules
from tidegate.domain.claims.build_types import BUILD_TYPES, Built
from tidegate.domain.claims.proof import Entry, Proof, TrustedKey, any_matches
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


def check(statement: Statement, proof: Proof, entry: Entry, expected: Expected) -> Iterator[Finding]:
    """Everything wrong with a verified statement as provenance of one artifact (SLSA v1.1 "Verifying artifacts").

    `entry` is the trust entry its signer matched. No finding means: it is this artifact's provenance.
    """
    if statement.predicate_type != slsa.PROVENANCE_V1:
        yield _found(rules.PROVENANCE_PREDICATE, expected, f"the predicate type is {statement.predicate_type[:100]!a}")
        return
    yield from subject(statement, expected)
    try:
        provenance = slsa.parse(statement.predicate)
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


def subject(statement: Statement, expected: Expected) -> Iterator[Finding]:
    """The statement must name this file and this digest, in one and the same subject."""
    named = [item for item in statement.subjects if item.digest.matches(expected.digest)]
    if not named:
        yield _found(rules.PROVENANCE_SUBJECT, expected, "the attestation names another digest")
    elif not any(item.name.rpartition("/")[2] == expected.artifact for item in named):
        yield _found(rules.PROVENANCE_SUBJECT, expected, f"the attestation names the file {named[0].name[:200]!a}")


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
        yield _found(rules.PROVENANCE_REF, expected, f"the ref is {built.ref[:200]!a}")


def _against_certificate(provenance: Provenance, built: Built, proof: Proof, expected: Expected) -> Iterator[Finding]:
    """Every field must equal what the CI system certified; a field the certificate is silent on cannot be believed."""
    if provenance.builder_id != proof.claim("build_signer_uri") or provenance.builder_id != proof.san:
        yield _found(
            rules.PROVENANCE_BUILDER,
            expected,
            f"the builder is {provenance.builder_id[:200]!a}, not the signer",
        )
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
