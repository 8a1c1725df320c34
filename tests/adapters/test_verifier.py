"""The verifier says yes to real, sound bundles and keeps apart: unsupported, malformed, refused, by nobody known."""

import base64
import io
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from support.sealed import BUILDER, DATA, JUDGE, STRANGER, artifact, pem, raw_bundle, signer
from tidegate.adapters.signing import certificates, keys
from tidegate.adapters.signing.verifier import SigstoreVerifier
from tidegate.errors import FormatError
from tidegate.formats.bundle import (
    LogProofMissing,
    SignatureRefused,
    TimeMissing,
    UnknownSigner,
    UnsupportedEvidence,
)
from tidegate.formats.intoto import parse
from tidegate.model.digest import Digest
from tidegate.ports import Signed

HERE = Path(__file__).parent.parent / "data" / "bundles"
A = (HERE / "a.txt").read_bytes()
BEACON = (
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/"
    ".github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"
)


@cache
def verifier(root: str = "") -> SigstoreVerifier:
    return SigstoreVerifier((HERE / f"{root}.root.json").read_bytes() if root else None)


def check(name: str, root: str = "", trusted: Mapping[str, bytes] | None = None, data: bytes = A) -> Signed:
    raw = (HERE / name).read_bytes()
    if b'"dsseEnvelope"' in raw:
        return verifier(root).verify_statement(raw, trusted or {})
    return verifier(root).verify_artifact(raw, io.BytesIO(data), Digest.of(data), trusted or {})


@pytest.mark.parametrize(
    ("name", "root", "origin"),
    [
        ("happy-path-v0.2.json", "", "log"),
        ("happy-path-v0.3-new-mediaType.json", "", "log"),
        ("happy-path-intoto-in-dsse-v3.json", "", "log"),
        ("rekor2-dsse-happy-path.json", "staging-2026", "tsa"),
        ("rekor2-timestamp-with-embedded-cert.json", "staging-2025", "tsa"),
    ],
)
def test_sound_public_bundles_verify_offline_with_identity_and_time(name: str, root: str, origin: str) -> None:
    signed = check(name, root)
    assert signed.san == BEACON
    assert signed.issuer == "https://token.actions.githubusercontent.com"
    assert [where for _, where in signed.times] == [origin]
    assert signed.kind == "keyless"
    assert signed.key == ""


@pytest.mark.parametrize(
    ("name", "root", "kind"),
    [
        ("signature-mismatch_fail.json", "", SignatureRefused),
        ("message-digest-mismatch_fail.json", "", SignatureRefused),
        ("wrong-hashedrekord-artifact_fail.json", "", SignatureRefused),
        ("invalid-checkpoint-signature_fail.json", "", SignatureRefused),
        ("dsse-mismatch-envelope_fail.json", "", SignatureRefused),
        ("checkpoint-wrong-roothash_fail.json", "", SignatureRefused),
        ("inclusion-proof-corrupted-hash_fail.json", "", SignatureRefused),
        ("bundle-from-wrong-instance_fail.json", "", SignatureRefused),
        ("rekor2-no-timestamp_fail.json", "staging-2025", TimeMissing),
        ("rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail.json", "staging-2025", SignatureRefused),
        ("rekor2-dsse-mismatch-sig_fail.json", "staging-2026", SignatureRefused),
        ("rekor2-timestamp-with-incorrect-time_fail.json", "staging-2025", FormatError),
        ("bundle-malformed-json_fail.json", "", FormatError),
        ("bundle-unknown-version_fail.json", "", UnsupportedEvidence),
        ("intoto-with-custom-trust-root.json", "", SignatureRefused),
        ("github-private.json", "", LogProofMissing),
    ],
)
def test_unsound_bundles_are_refused_and_unsupported_ones_called_so(
    name: str, root: str, kind: type[FormatError]
) -> None:
    with pytest.raises(FormatError) as caught:
        check(name, root)
    assert type(caught.value) is kind


def test_a_bundle_proves_nothing_about_another_file() -> None:
    with pytest.raises(SignatureRefused):
        check("happy-path-v0.3-new-mediaType.json", data=b"another file")


def test_the_claims_of_a_reusable_workflow_name_signer_and_source_apart() -> None:
    signed = check("reusable-workflow.intoto.jsonl")
    claims = dict(signed.claims)
    assert signed.san.startswith("https://github.com/bazel-contrib/publish-to-bcr/.github/workflows/publish.yaml@")
    assert claims["build_signer_uri"] == signed.san
    assert claims["source_repository_uri"] == "https://github.com/aspect-build/rules_lint"
    assert claims["source_repository_id"] == "631710741"
    assert claims["source_repository_digest"] == "8f70009fde0c94ade6ce2a054b94718c819126ec"
    assert claims["runner_environment"] == "github-hosted"
    assert claims["build_trigger"] == "workflow_dispatch"
    assert claims["visibility"] == "public"
    assert parse(signed.payload).predicate_type == "https://slsa.dev/provenance/v1"


def test_an_issuer_of_its_own_is_not_the_public_one() -> None:
    assert check("custom-issuer.json").issuer == "https://token.actions.githubusercontent.com/hammer-time"


def test_a_changed_payload_is_refused() -> None:
    plain: dict[str, Any] = json.loads((HERE / "reusable-workflow.intoto.jsonl").read_text())
    payload = base64.b64decode(plain["dsseEnvelope"]["payload"]).replace(b"MODULE", b"MODULF")
    plain["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()
    with pytest.raises(SignatureRefused):
        verifier().verify_statement(json.dumps(plain).encode(), {})


def test_a_certificate_bundle_without_its_log_entry_is_not_a_key_bundle() -> None:
    plain: dict[str, Any] = json.loads((HERE / "reusable-workflow.intoto.jsonl").read_text())
    plain["verificationMaterial"]["tlogEntries"] = []
    with pytest.raises(UnsupportedEvidence):
        verifier().verify_statement(json.dumps(plain).encode(), {BUILDER: pem(BUILDER).encode()})


def test_another_trusted_root_does_not_accept_public_bundles() -> None:
    with pytest.raises(SignatureRefused):
        check("reusable-workflow.intoto.jsonl", "staging-2026")


@pytest.mark.parametrize("root", [b"", b"{}", b"[1]", b"\xff"])
def test_a_root_that_cannot_be_read_accepts_nothing(root: bytes) -> None:
    with pytest.raises(FormatError, match="trusted root"):
        SigstoreVerifier(root).verify_statement((HERE / "reusable-workflow.intoto.jsonl").read_bytes(), {})


def test_the_root_comes_from_the_package_not_from_the_home_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    raw = (HERE / "happy-path-v0.2.json").read_bytes()
    assert SigstoreVerifier(None).verify_artifact(raw, io.BytesIO(A), Digest.of(A), {}).san == BEACON
    assert list(tmp_path.iterdir()) == []


def test_a_real_managed_key_bundle_verifies_with_its_key_only() -> None:
    key = (HERE / "managed-key-and-trusted-root.pub").read_bytes()
    signed = check("managed-key-and-trusted-root.json", trusted={"k.pub": key})
    assert (signed.key, signed.san, signed.claims, signed.times) == ("k.pub", "", (), ())
    with pytest.raises(UnknownSigner):
        check("managed-key-and-trusted-root.json", trusted={"other.pub": pem(BUILDER).encode()})
    with pytest.raises(UnknownSigner):
        check("managed-key-and-trusted-root.json")
    with pytest.raises(FormatError):
        check("managed-key-wrong-key_fail.json", trusted={"k": (HERE / "managed-key-wrong-key_fail.pub").read_bytes()})


def ours(by: str = BUILDER) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(signer(by).sign_digest(artifact(), io.BytesIO(DATA)))
    return plain


def verify(plain: Mapping[str, Any], *trusted: str) -> Signed:
    raw = json.dumps(plain).encode()
    return verifier().verify_artifact(
        raw, io.BytesIO(DATA), Digest.of(DATA), {path: pem(path).encode() for path in trusted}
    )


def test_the_signature_decides_and_a_lying_hint_does_not_help() -> None:
    assert verify(ours(), JUDGE, BUILDER).key == BUILDER
    foreign = ours()
    foreign["verificationMaterial"]["publicKey"]["hint"] = "a name of another tool"
    assert verify(foreign, JUDGE, BUILDER).key == BUILDER
    lying = ours(STRANGER)
    lying["verificationMaterial"]["publicKey"]["hint"] = signer(BUILDER).facts().identity
    with pytest.raises(SignatureRefused):
        verify(lying, JUDGE, BUILDER)
    with pytest.raises(UnknownSigner):
        verify(ours(STRANGER), JUDGE, BUILDER)


def test_the_kinds_of_signature_do_not_stand_in_for_each_other() -> None:
    trusted = {BUILDER: pem(BUILDER).encode()}
    with pytest.raises(FormatError, match="attestation is expected"):
        verifier().verify_statement(json.dumps(ours()).encode(), trusted)
    attestation = json.dumps(raw_bundle(b"{}")).encode()
    with pytest.raises(FormatError, match="file signature is expected"):
        verifier().verify_artifact(attestation, io.BytesIO(DATA), Digest.of(DATA), trusted)


def test_a_digest_written_beside_a_signature_must_be_the_files() -> None:
    plain = ours()
    plain["messageSignature"]["messageDigest"]["digest"] = base64.b64encode(b"\x01" * 32).decode()
    with pytest.raises(SignatureRefused):
        verify(plain, BUILDER)


def test_a_timestamp_nobody_trusted_made_gives_no_time() -> None:
    stamp = json.loads((HERE / "rekor2-timestamp-with-embedded-cert.json").read_text())
    plain = ours()
    plain["verificationMaterial"]["timestampVerificationData"] = stamp["verificationMaterial"][
        "timestampVerificationData"
    ]
    assert verify(plain, BUILDER).times == ()


def test_a_policy_key_that_is_no_key_is_named() -> None:
    with pytest.raises(FormatError, match=r"keys/x\.pub"):
        verifier().verify_statement(json.dumps(raw_bundle(b"{}")).encode(), {"keys/x.pub": b"not a key"})


def certificate(extensions: Mapping[int, bytes], names: list[x509.GeneralName]) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    signed = check("happy-path-v0.2.json").times[0][0]
    from datetime import datetime

    at = datetime.fromisoformat(signed)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at)
        .not_valid_after(at)
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
    )
    for number, value in extensions.items():
        oid = x509.ObjectIdentifier(certificates.ARC + str(number))
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    return builder.sign(key, hashes.SHA256())


URI = x509.UniformResourceIdentifier("https://example.com/w@refs/heads/main")


def test_an_email_address_is_no_workflow() -> None:
    assert certificates.subject(certificate({}, [URI])) == URI.value
    assert certificates.subject(certificate({}, [x509.RFC822Name("me@example.com")])) == "email:me@example.com"
    assert certificates.subject(certificate({}, [x509.DNSName("example.com")])) == "other:"
    with pytest.raises(FormatError):
        certificates.subject(certificate({}, [URI, x509.RFC822Name("me@example.com")]))


def test_two_issuers_in_one_certificate_are_none() -> None:
    good = certificate({1: b"https://i.example", 8: b"\x0c\x11https://i.example"}, [URI])
    assert certificates.claims(good) == (("issuer", "https://i.example"),)
    with pytest.raises(FormatError):
        certificates.claims(certificate({1: b"https://j.example", 8: b"\x0c\x11https://i.example"}, [URI]))


@pytest.mark.parametrize("text", ["", "a", "x" * 127, "x" * 128, "x" * 300, "x" * 65_535, "é"])
def test_a_utf8_string_is_read_whole(text: str) -> None:
    data = text.encode()
    size = len(data)
    head = bytes([size]) if size < 128 else b"\x81" + bytes([size]) if size < 256 else b"\x82" + size.to_bytes(2, "big")
    assert certificates.utf8(b"\x0c" + head + data) == text


@pytest.mark.parametrize(
    "der", [b"", b"\x0c", b"\x13\x01a", b"\x0c\x02a", b"\x0c\x01ab", b"\x0c\x83\0\0\1a", b"\x0c\x81", b"\x0c\x01\xff"]
)
def test_anything_else_in_an_extension_is_refused(der: bytes) -> None:
    with pytest.raises(FormatError):
        certificates.utf8(der)


def test_more_keys_than_anybody_needs_are_refused() -> None:
    many = {f"{n}.pub": pem(BUILDER).encode() for n in range(101)}
    with pytest.raises(FormatError):
        verifier().verify_statement(json.dumps(raw_bundle(b"{}")).encode(), many)
    assert keys.hint_of(pem(BUILDER).encode()) == signer(BUILDER).facts().identity
