"""A SLSA verification summary says what a verifier found out about an artifact (SLSA v1.1 "VSA", predicate v1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tidegate.errors import FormatError
from tidegate.formats.intoto import digest_set, moment, text
from tidegate.formats.slsa import mapping

VSA_V1 = "https://slsa.dev/verification_summary/v1"
PASSED = "PASSED"
FAILED = "FAILED"
MAX_INPUTS = 10_000


@dataclass(frozen=True, slots=True)
class Input:
    """One attestation the verifier read: `uri` is its file name in the evidence."""

    uri: str
    digests: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A verification summary. `rows` are tidegate's own (control, outcome) pairs, None when another tool wrote it.

    `time_verified` is aware and in UTC, None when the verifier gave none.
    """

    verifier_id: str
    resource_uri: str
    policy_uri: str
    result: str
    policy_digests: tuple[tuple[str, str], ...] = ()
    levels: tuple[str, ...] = ()
    time_verified: datetime | None = None
    inputs: tuple[Input, ...] = ()
    rows: tuple[tuple[str, str], ...] | None = None
    slsa_version: str = "1.1"


def build(summary: Summary) -> dict[str, object]:
    """The predicate as JSON data."""
    predicate: dict[str, object] = {
        "verifier": {"id": summary.verifier_id},
        "resourceUri": summary.resource_uri,
        "policy": {"uri": summary.policy_uri, "digest": dict(summary.policy_digests)},
        "inputAttestations": [{"uri": item.uri, "digest": dict(item.digests)} for item in summary.inputs],
        "verificationResult": summary.result,
        "verifiedLevels": list(summary.levels),
        "slsaVersion": summary.slsa_version,
    }
    if summary.time_verified is not None:
        predicate["timeVerified"] = summary.time_verified.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if summary.rows is not None:
        predicate["tidegate"] = {"rows": dict(summary.rows)}
    return predicate


def parse(predicate: Mapping[str, object]) -> Summary:
    """Read a predicate. Raises FormatError when a required field is missing or of the wrong type."""
    verifier = mapping(predicate.get("verifier"), "verifier")
    policy = mapping(predicate.get("policy"), "policy")
    result = text(predicate.get("verificationResult"), "`verificationResult`")
    if result not in (PASSED, FAILED):
        raise FormatError("`verificationResult` is neither PASSED nor FAILED")
    verified = predicate.get("timeVerified")
    return Summary(
        verifier_id=text(verifier.get("id"), "`verifier.id`"),
        resource_uri=text(predicate.get("resourceUri"), "`resourceUri`"),
        policy_uri=text(policy.get("uri"), "`policy.uri`"),
        result=result,
        policy_digests=digest_set(policy["digest"], "`policy`") if policy.get("digest") else (),
        levels=_levels(predicate.get("verifiedLevels")),
        time_verified=None if verified is None else moment(verified, "`timeVerified`"),
        inputs=_inputs(predicate.get("inputAttestations", [])),
        rows=_rows(predicate.get("tidegate")),
        slsa_version=text(predicate.get("slsaVersion", "1.0"), "`slsaVersion`"),
    )


def _levels(plain: object) -> tuple[str, ...]:
    if not isinstance(plain, list) or len(plain) > 100:
        raise FormatError("`verifiedLevels` is missing or not a list of bearable length")
    return tuple(text(item, "an item of `verifiedLevels`") for item in plain)


def _inputs(plain: object) -> tuple[Input, ...]:
    if not isinstance(plain, list) or len(plain) > MAX_INPUTS:
        raise FormatError("`inputAttestations` is not a list of bearable length")
    inputs = tuple(_input(mapping(item, "inputAttestations[]")) for item in plain)
    if len({item.uri for item in inputs}) != len(inputs):
        raise FormatError("`inputAttestations` names one file twice")
    return inputs


def _input(plain: Mapping[str, object]) -> Input:
    return Input(text(plain.get("uri"), "an input's `uri`"), digest_set(plain.get("digest"), "an input attestation"))


def _rows(plain: object) -> tuple[tuple[str, str], ...] | None:
    if plain is None:
        return None
    rows = mapping(mapping(plain, "tidegate").get("rows"), "tidegate.rows")
    if len(rows) > 100:
        raise FormatError("`tidegate.rows` has too many rows")
    return tuple((text(key, "a row's name"), text(value, "a row's outcome")) for key, value in rows.items())
