"""Attacks on evidence by somebody who may write every file but holds none of the right keys, or only one of them."""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from support.sealed import (
    BUILDER,
    DATA,
    JUDGE,
    NOW,
    STRANGER,
    Scene,
    artifact,
    honest,
    lines,
    policy,
    raw_bundle,
    reseal,
    rules_of,
    signer,
    statement,
    verifier_id,
)
from tidegate.domain.claims import build
from tidegate.domain.claims.vsa import ROWS
from tidegate.formats import dsse
from tidegate.model.digest import Digest
from tidegate.model.finding import Level

NAME = artifact().name
HEX = Digest.of(DATA).value
ATTESTATIONS, SIGNATURE, VERDICT = NAME + ".attestations.jsonl", NAME + ".sigstore.json", NAME + ".vsa.sigstore.json"


def with_provenance(*bundles: Mapping[str, Any]) -> Scene:
    """A release whose only attestations are these, listed and judged as if all were well."""
    scene = honest()
    scene.evidence[ATTESTATIONS] = lines(bundles)
    return reseal(scene)


def plain() -> dict[str, Any]:
    good: dict[str, Any] = json.loads(honest().provenance())
    return good


def test_the_stage_for_the_attacks_lets_the_honest_release_through() -> None:
    assert honest().refusals() == set()
    assert with_provenance(raw_bundle(statement(plain()))).refusals() == set()


def changed(path: tuple[str | int, ...], value: object) -> bytes:
    good = plain()
    inner: Any = good
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return json.dumps(good).encode()


PAYLOADS: dict[str, tuple[bytes, str]] = {
    "duplicate key with the same value": (
        json.dumps(plain())[:-1].encode() + b',"predicateType":"https://slsa.dev/provenance/v1"}',
        "provenance-invalid",
    ),
    "our digest smuggled in as a second subject list": (
        changed(("subject",), [{"name": "evil", "digest": {"sha256": "00" * 32}}])[:-1]
        + b","
        + json.dumps({"subject": plain()["subject"]}).encode()[1:],
        "provenance-invalid",
    ),
    "statement of version 0.1": (changed(("_type",), "https://in-toto.io/Statement/v0.1"), "provenance-invalid"),
    "payload is a list": (json.dumps([plain()]).encode(), "provenance-invalid"),
    "payload is a number that is none": (json.dumps(plain())[:-1].encode() + b',"x":NaN}', "provenance-invalid"),
    "nested two hundred thousand deep": (
        json.dumps(plain())[:-1].encode() + b',"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        "provenance-invalid",
    ),
    "payload is empty JSON": (b"{}", "provenance-invalid"),
    "payload is not UTF-8": (b"\xff\xfe", "provenance-invalid"),
    "digest only as sha1": (changed(("subject", 0, "digest"), {"sha1": "ab" * 20}), "provenance-invalid"),
    "digest in the slot of another algorithm": (
        changed(("subject", 0, "digest"), {"sha512": HEX}),
        "provenance-invalid",
    ),
    "digest under a made-up algorithm": (changed(("subject", 0, "digest"), {"sha256sum": HEX}), "provenance-invalid"),
    "digest as a list": (changed(("subject", 0, "digest"), {"sha256": [HEX]}), "provenance-invalid"),
    "no subject": (changed(("subject",), []), "provenance-invalid"),
    "another digest": (changed(("subject", 0, "digest"), {"sha256": "00" * 32}), "provenance-subject-mismatch"),
    "another file name": (changed(("subject", 0, "name"), "other.tar.gz"), "provenance-subject-mismatch"),
    "right name and right digest, but of two subjects": (
        changed(
            ("subject",),
            [{"name": NAME, "digest": {"sha256": "00" * 32}}, {"name": "other", "digest": {"sha256": HEX}}],
        ),
        "provenance-subject-mismatch",
    ),
    "empty predicate": (changed(("predicate",), {}), "provenance-invalid"),
    "predicate is a list": (changed(("predicate",), []), "provenance-invalid"),
    "unknown external parameter": (
        changed(("predicate", "buildDefinition", "externalParameters", "flags"), "--unsafe"),
        "provenance-parameters-unknown",
    ),
    "unknown parameter inside a known one": (
        changed(("predicate", "buildDefinition", "externalParameters", "source", "flags"), "--unsafe"),
        "provenance-parameters-unknown",
    ),
    "unknown build type": (
        changed(("predicate", "buildDefinition", "buildType"), "https://example.com/b"),
        "provenance-build-type-unknown",
    ),
    "build type of another system": (
        changed(("predicate", "buildDefinition", "buildType"), "https://actions.github.io/buildtypes/workflow/v1"),
        "provenance-parameters-unknown",
    ),
    "predicate of an older version": (
        changed(("predicateType",), "https://slsa.dev/provenance/v0.2"),
        "provenance-invalid",
    ),
    "predicate of a newer version": (
        changed(("predicateType",), "https://slsa.dev/provenance/v2"),
        "provenance-predicate-unknown",
    ),
    "a type that begins like provenance": (
        changed(("predicateType",), "https://slsa.dev/provenance/v1/x"),
        "provenance-predicate-unknown",
    ),
    "an SBOM in place of provenance": (changed(("predicateType",), build.SBOM_TYPE), "provenance-missing"),
    "a verdict in place of provenance": (
        changed(("predicateType",), "https://slsa.dev/verification_summary/v1"),
        "provenance-missing",
    ),
    "another commit than the one expected": (
        changed(("predicate", "buildDefinition", "resolvedDependencies", 0, "digest"), {"gitCommit": "2e" * 20}),
        "provenance-commit-mismatch",
    ),
    "builder of another platform": (
        changed(("predicate", "runDetails", "builder", "id"), "https://github.com/actions/runner"),
        "provenance-builder-mismatch",
    ),
}


@pytest.mark.parametrize("attack", PAYLOADS)
def test_a_payload_is_refused_although_its_signature_is_right(attack: str) -> None:
    payload, rule = PAYLOADS[attack]
    scene = with_provenance(raw_bundle(payload))
    assert rule in rules_of(scene.tracing())
    assert rule in rules_of(scene.deploying())


def _envelope(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    bundle = raw_bundle(statement(plain()))
    change(bundle["dsseEnvelope"])
    return bundle


def _material(**change: object) -> dict[str, Any]:
    bundle = raw_bundle(statement(plain()))
    bundle["verificationMaterial"] = bundle["verificationMaterial"] | change
    return bundle


def _second(envelope: dict[str, Any]) -> None:
    foreign = raw_bundle(statement(plain()), STRANGER)["dsseEnvelope"]["signatures"]
    envelope["signatures"] = envelope["signatures"] + foreign


BUNDLES: dict[str, tuple[dict[str, Any], str]] = {
    "payload type text": (raw_bundle(statement(plain()), payload_type="text/plain"), "provenance-invalid"),
    "payload type with a parameter": (
        raw_bundle(statement(plain()), payload_type="application/vnd.in-toto+json;v=2"),
        "provenance-invalid",
    ),
    "payload type changed after signing": (
        _envelope(lambda e: e.update(payloadType="application/vnd.in-toto+xml")),
        "provenance-invalid",
    ),
    "no signature": (_envelope(lambda e: e.update(signatures=[])), "provenance-invalid"),
    "two signatures": (_envelope(_second), "provenance-invalid"),
    "empty signature": (_envelope(lambda e: e.update(signatures=[{"sig": ""}])), "provenance-invalid"),
    "zero signature": (
        _envelope(lambda e: e.update(signatures=[{"sig": dsse.encode(bytes(64))}])),
        "provenance-invalid",
    ),
    "payload changed after signing": (
        _envelope(lambda e: e.update(payload=dsse.encode(statement(plain() | {"x": 1})))),
        "provenance-invalid",
    ),
    "payload in another alphabet": (
        _envelope(lambda e: e.update(payload=e["payload"].replace("=", "") + "\n")),
        "provenance-invalid",
    ),
    "a field under its other name": (
        raw_bundle(statement(plain())) | {"dsse_envelope": raw_bundle(b"{}")["dsseEnvelope"]},
        "provenance-invalid",
    ),
    "an envelope and a file signature": (
        raw_bundle(statement(plain())) | {"messageSignature": {"signature": dsse.encode(b"x")}},
        "provenance-invalid",
    ),
    "wrong key": (raw_bundle(statement(plain()), STRANGER), "provenance-untrusted"),
    "wrong key under a hint that lies": (
        raw_bundle(statement(plain()), STRANGER)
        | {"verificationMaterial": raw_bundle(b"{}", BUILDER)["verificationMaterial"]},
        "provenance-invalid",
    ),
    "key of the verifier": (raw_bundle(statement(plain()), JUDGE), "provenance-untrusted"),
    "no signer": ({**raw_bundle(statement(plain())), "verificationMaterial": {}}, "provenance-invalid"),
    "a key and a certificate": (_material(certificate={"rawBytes": dsse.encode(b"x")}), "provenance-invalid"),
    "a certificate that is none": (
        {
            **raw_bundle(statement(plain())),
            "verificationMaterial": {
                "certificate": {"rawBytes": dsse.encode(b"x")},
                "tlogEntries": [
                    {
                        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
                        "inclusionProof": {"checkpoint": {"envelope": "x"}},
                    }
                ],
            },
        },
        "certificate-time-missing",
    ),
    "bundle of a coming version": (
        raw_bundle(statement(plain())) | {"mediaType": "application/vnd.dev.sigstore.bundle.v0.4+json"},
        "provenance-unsupported",
    ),
}


@pytest.mark.parametrize("attack", BUNDLES)
def test_a_bundle_is_refused_and_the_reason_kept_apart(attack: str) -> None:
    bundle, rule = BUNDLES[attack]
    scene = with_provenance(bundle)
    assert rule in rules_of(scene.tracing())
    assert rule in rules_of(scene.deploying())


@pytest.mark.parametrize("attack", BUNDLES)
def test_a_bad_bundle_is_listed_beside_a_good_one_under_its_own_name(attack: str) -> None:
    bundle, rule = BUNDLES[attack]
    scene = with_provenance(raw_bundle(statement(plain())), bundle)
    (finding,) = scene.tracing().findings
    assert (finding.rule, finding.level) == ("attestation-ignored", Level.WARN)
    assert finding.message.startswith(f"{rule}: ")


def test_a_bundle_of_thirty_megabytes_is_refused() -> None:
    scene = honest()
    scene.evidence[ATTESTATIONS] = b'{"mediaType":"' + b"x" * 30_000_000 + b'"}'
    assert rules_of(scene.tracing()) == {"provenance-invalid", "provenance-missing"}


def test_ten_thousand_bundles_are_refused_unverified() -> None:
    scene = honest()
    scene.evidence[ATTESTATIONS] = scene.evidence[ATTESTATIONS] * 5_000
    assert rules_of(scene.tracing()) == {"provenance-invalid"}


def test_signatures_of_two_artifacts_cannot_be_swapped() -> None:
    scene, other = honest(), honest(data=b"another release")
    scene.evidence[SIGNATURE] = other.evidence[SIGNATURE]
    assert rules_of(reseal(scene).signing()) == {"signature-invalid"}
    scene = honest()
    scene.evidence[ATTESTATIONS] = other.evidence[ATTESTATIONS]
    assert "provenance-subject-mismatch" in rules_of(reseal(scene).tracing())
    scene = honest()
    scene.evidence[VERDICT] = other.evidence[VERDICT]
    assert rules_of(scene.deploying()) >= {"artifact-changed", "vsa-resource-mismatch"}


def test_an_attestation_is_no_signature_and_a_verdict_no_provenance() -> None:
    scene = honest()
    scene.evidence[SIGNATURE] = scene.evidence[ATTESTATIONS].split(b"\n")[0]
    assert rules_of(reseal(scene).signing()) == {"signature-invalid"}
    scene = honest()
    scene.evidence[ATTESTATIONS] = scene.evidence[VERDICT] + b"\n"
    assert rules_of(reseal(scene).tracing()) == {"provenance-untrusted", "provenance-missing"}
    scene = honest()
    scene.evidence[VERDICT] = signer(JUDGE).sign_statement(scene.provenance()).encode()
    assert "vsa-predicate-unknown" in rules_of(scene.deploying())


VERDICTS: dict[str, tuple[dict[str, Any], str]] = {
    "of another artifact": ({"artifact": artifact("other.tar.gz")}, "vsa-subject-mismatch"),
    "of other bytes under this name": ({"artifact": artifact(data=b"x")}, "artifact-changed"),
    "that failed": ({"passed": False}, "vsa-failed"),
    "that is old": ({"time": NOW - timedelta(days=31)}, "vsa-stale"),
    "from the future": ({"time": NOW + timedelta(hours=1)}, "vsa-stale"),
    "in the name of the builder": ({"verifier": verifier_id(BUILDER)}, "vsa-verifier-mismatch"),
    "over some rows": ({"rows": {"signing": "pass"}}, "vsa-rows-missing"),
    "passed with a failed row": (
        {"rows": dict.fromkeys(ROWS, "fail")},
        "vsa-invalid",
    ),
    "without a level": ({"levels": []}, "vsa-level-missing"),
    "that names no evidence": ({"inputs": []}, "evidence-unbound"),
}


@pytest.mark.parametrize("attack", VERDICTS)
def test_a_verdict_is_refused_although_its_signature_is_right(attack: str) -> None:
    change, rule = VERDICTS[attack]
    scene = honest()
    scene.judge(scene.verdict(**change))
    assert rule in rules_of(scene.deploying())


@pytest.mark.parametrize("key", [BUILDER, STRANGER])
def test_only_a_verifier_may_judge(key: str) -> None:
    scene = honest()
    scene.judge(scene.verdict(verifier=verifier_id(key)), by=key)
    assert rules_of(scene.deploying()) == {"vsa-untrusted"}


def test_a_verdict_that_does_not_verify_is_invalid() -> None:
    scene = honest()
    bundle = json.loads(scene.evidence[VERDICT])
    bundle["dsseEnvelope"]["payload"] = dsse.encode(scene.verdict(time=NOW))
    scene.evidence[VERDICT] = json.dumps(bundle).encode()
    assert rules_of(scene.deploying()) == {"vsa-invalid"}
    del scene.evidence[VERDICT]
    assert rules_of(scene.deploying()) == {"vsa-missing"}


@pytest.mark.parametrize(("role", "rule"), [("builders", "key-revoked"), ("verifiers", "key-revoked")])
def test_a_revoked_key_signs_nothing_more(role: str, rule: str) -> None:
    trust: dict[str, list[dict[str, Any]]] = {"builders": [{"key": BUILDER}], "verifiers": [{"key": JUDGE}]}
    trust[role][0]["revoked_at"] = date(2026, 4, 30)
    assert rule in honest(policy=policy(trust=trust)).refusals()


def test_the_key_of_a_builder_is_limited_to_its_source() -> None:
    trust = {
        "builders": [{"key": BUILDER, "source_repository": "acme/other", "refs": ["refs/heads/main"]}],
        "verifiers": [{"key": JUDGE}],
    }
    assert rules_of(honest(policy=policy(trust=trust)).tracing()) == {
        "provenance-source-mismatch",
        "provenance-ref-mismatch",
    }


def test_evidence_cannot_be_added_exchanged_or_taken_away_under_a_verdict() -> None:
    scene = honest()
    scene.evidence["extra.attestations.jsonl"] = b""
    assert rules_of(scene.deploying()) == {"evidence-unbound"}
    scene = honest()
    scene.evidence[ATTESTATIONS] = lines([raw_bundle(statement(plain()))])
    scene.list_evidence()
    assert rules_of(scene.deploying()) == {"evidence-changed"}


def test_a_file_name_in_the_manifest_reaches_nothing_outside() -> None:
    scene = honest()
    scene.evidence["MANIFEST"] += f"{'00' * 32}  ../../etc/passwd\n".encode()
    assert "evidence-changed" in rules_of(scene.deploying())
