"""What sigstore-python cannot check is checked as strictly: honest bundles pass, each tampered one is named."""

import base64
import io
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from sigstack import forge
from sigstack.ca import Authority, new_key
from sigstack.rekor import LogV1, LogV2
from sigstack.stack import SigStack
from sigstack.tsa import TimestampAuthority
from tidegate.adapters.signing import keys
from tidegate.adapters.signing.verifier import SigstoreVerifier
from tidegate.errors import FormatError
from tidegate.formats import evidence_files
from tidegate.formats.bundle import (
    LogProofMissing,
    SignatureRefused,
    TimeMissing,
    UnknownSigner,
    UnsupportedEvidence,
)
from tidegate.model.digest import Digest
from tidegate.ports import Signed

HERE = Path(__file__).parent.parent / "data" / "bundles"
SIGNER = "https://github.com/acme/api/.github/workflows/release.yml@refs/tags/v1.0"
STATEMENT = forge.statement("api.whl", "ab" * 32, "https://example.com/p", {"a": 1})
OTHER = forge.statement("other.whl", "cd" * 32, "https://example.com/p", {})
DATA = b"the bytes of a release"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def stack() -> SigStack:
    return SigStack()


@pytest.fixture(scope="module")
def verifier(stack: SigStack) -> SigstoreVerifier:
    return SigstoreVerifier(stack.trusted_root())


@pytest.fixture(scope="module")
def unlogged(stack: SigStack) -> SigstoreVerifier:
    """The same instance as GitHub's for private repositories is: no logs of any kind, only timestamps."""
    root = json.loads(stack.trusted_root())
    del root["tlogs"], root["ctlogs"]
    return SigstoreVerifier(json.dumps(root).encode())


def verified(verifier: SigstoreVerifier, bundle: str, trusted: Mapping[str, bytes] | None = None) -> Signed:
    if "messageSignature" in json.loads(bundle):
        return verifier.verify_artifact(bundle.encode(), io.BytesIO(DATA), Digest.of(DATA), trusted or {})
    return verifier.verify_statement(bundle.encode(), trusted or {})


def origins(signed: Signed) -> list[str]:
    return [origin for _, origin in signed.times]


KINDS = [("intoto/0.0.2", 1), ("dsse/0.0.2", 2), ("dsse/0.0.1", 1), ("hashedrekord/0.0.2", 2)]
"""Kind of entry, and the version of the log it lies in: two sigstore-python checks and two it does not."""


VERSIONS = [(*kind, version) for kind in KINDS for version in ("0.1", "0.2", "0.3") if (kind[1], version) != (2, "0.1")]
"""Version 0.1 is older than the second log, and needs a promise it never gives."""


@pytest.mark.parametrize(("kind", "rekor", "version"), VERSIONS)
def test_every_kind_of_entry_proves_signer_payload_and_time(
    stack: SigStack, verifier: SigstoreVerifier, kind: str, rekor: int, version: str
) -> None:
    signed = verified(verifier, forge.bundle(stack, STATEMENT, kind=kind, rekor=rekor, version=version))
    assert (signed.san, signed.payload, signed.kind) == (SIGNER, STATEMENT, "keyless")
    assert origins(signed) == (["tsa", "log"] if rekor == 1 else ["tsa"])
    assert dict(signed.claims)["source_repository_id"] == "123456"


def test_a_log_of_version_1_alone_proves_the_time(stack: SigStack, verifier: SigstoreVerifier) -> None:
    at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    signed = verified(verifier, forge.bundle(stack, STATEMENT, kind="intoto/0.0.2", tsa=False, at=at))
    assert signed.times == (("2026-03-01T12:00:00Z", "log"),)


def moved(plain: Any, *path: str | int) -> None:
    """Flip a bit in the middle of a base64 member."""
    for key in path[:-1]:
        plain = plain[key]
    raw = bytearray(base64.b64decode(plain[path[-1]]))
    raw[len(raw) // 2] ^= 1
    plain[path[-1]] = base64.b64encode(raw).decode()


ENTRY = ("verificationMaterial", "tlogEntries", 0)
SOON = datetime.now(UTC) + timedelta(hours=1)


def entry(change: Callable[[Json], object]) -> Callable[[Json], object]:
    return lambda plain: change(plain["verificationMaterial"]["tlogEntries"][0])


TAMPERED: dict[str, tuple[dict[str, Any], type[FormatError]]] = {
    "another payload": ({"payload_after": OTHER}, SignatureRefused),
    "signature changed": ({"change": lambda p: moved(p, "dsseEnvelope", "signatures", 0, "sig")}, SignatureRefused),
    "another key signed": ({"signed_by": new_key()}, SignatureRefused),
    "two signatures": ({"signatures": 2}, FormatError),
    "entry of another payload": ({"logged": OTHER}, SignatureRefused),
    "entry of anything": ({"body": b'{"apiVersion":"0.0.2","kind":"intoto","spec":{}}'}, SignatureRefused),
    "entry with a foreign kind": (
        {"change": entry(lambda e: e["kindVersion"].update(kind="hashedrekord", version="0.0.9"))},
        UnsupportedEvidence,
    ),
    "proof changed": ({"proof": "wrong"}, SignatureRefused),
    "no proof": ({"proof": "none"}, LogProofMissing),
    "checkpoint of another tree": ({"checkpoint": "wrong"}, SignatureRefused),
    "checkpoint by another log": ({"checkpoint": "foreign"}, SignatureRefused),
    "no checkpoint": ({"checkpoint": "none"}, LogProofMissing),
    "tree size changed": (
        {"change": entry(lambda e: e["inclusionProof"].update(treeSize="99999"))},
        SignatureRefused,
    ),
    "index changed": ({"change": entry(lambda e: e["inclusionProof"].update(logIndex="0"))}, SignatureRefused),
    "body changed": ({"change": lambda p: moved(p, *ENTRY, "canonicalizedBody")}, SignatureRefused),
    "log id of nobody": ({"change": lambda p: moved(p, *ENTRY, "logId", "keyId")}, SignatureRefused),
    "no entry": ({"entries": 0}, LogProofMissing),
    "two entries": ({"entries": 2}, FormatError),
    "another authority": ({"authority": Authority()}, SignatureRefused),
    "another transparency log": ({"ct": "foreign"}, SignatureRefused),
    "not in a transparency log": ({"ct": "none"}, SignatureRefused),
    "not for signing code": ({"purposes": [ExtendedKeyUsageOID.CLIENT_AUTH]}, SignatureRefused),
    "stamped after the certificate": ({"tsa_time": SOON}, SignatureRefused),
    "stamped before the certificate": ({"tsa_time": datetime.now(UTC) - timedelta(hours=1)}, SignatureRefused),
    "no signed certificate": (
        {"change": lambda p: moved(p, "verificationMaterial", "certificate", "rawBytes")},
        SignatureRefused,
    ),
}


@pytest.mark.parametrize(("kind", "rekor"), KINDS)
@pytest.mark.parametrize("name", TAMPERED)
def test_every_tampered_bundle_of_every_kind_is_refused_by_its_name(
    stack: SigStack, verifier: SigstoreVerifier, kind: str, rekor: int, name: str
) -> None:
    knobs, error = TAMPERED[name]
    with pytest.raises(FormatError) as caught:
        verified(verifier, forge.bundle(stack, STATEMENT, kind=kind, rekor=rekor, **knobs))
    assert type(caught.value) is error, caught.value.message


@pytest.mark.parametrize(("kind", "rekor"), KINDS)
@pytest.mark.parametrize("log", [LogV1, LogV2])
def test_a_log_the_root_does_not_name_proves_nothing(
    stack: SigStack, verifier: SigstoreVerifier, kind: str, rekor: int, log: type[LogV1] | type[LogV2]
) -> None:
    with pytest.raises(SignatureRefused):
        verified(verifier, forge.bundle(stack, STATEMENT, kind=kind, rekor=rekor, log=log()))


@pytest.mark.parametrize("kind", ["intoto/0.0.2", "dsse/0.0.1"])
def test_a_time_the_log_did_not_promise_is_no_time(stack: SigStack, verifier: SigstoreVerifier, kind: str) -> None:
    later = datetime.now(UTC) + timedelta(seconds=5)
    with pytest.raises(SignatureRefused) as moved_time:
        verified(verifier, forge.bundle(stack, STATEMENT, kind=kind, tsa=False, moved_time=later))
    assert type(moved_time.value) is SignatureRefused
    with pytest.raises(TimeMissing):
        verified(verifier, forge.bundle(stack, STATEMENT, kind=kind, tsa=False, promise=False))
    with pytest.raises(SignatureRefused) as expired:
        verified(verifier, forge.bundle(stack, STATEMENT, kind=kind, tsa=False, log_time=SOON))
    assert type(expired.value) is SignatureRefused
    change = entry(lambda e: moved(e, "inclusionPromise", "signedEntryTimestamp"))
    with pytest.raises(SignatureRefused) as changed:
        verified(verifier, forge.bundle(stack, STATEMENT, kind=kind, change=change))
    assert type(changed.value) is SignatureRefused


@pytest.mark.parametrize("kind", ["dsse/0.0.2", "hashedrekord/0.0.2"])
def test_a_log_of_version_2_proves_no_time(stack: SigStack, verifier: SigstoreVerifier, kind: str) -> None:
    with pytest.raises(TimeMissing):
        verified(verifier, forge.bundle(stack, STATEMENT, kind=kind, rekor=2, tsa=False))
    for knobs in ({"authority_of_time": TimestampAuthority()}, {"stamp_over": b"another signature"}):
        with pytest.raises(SignatureRefused) as caught:
            verified(verifier, forge.bundle(stack, STATEMENT, kind=kind, rekor=2, **knobs))
        assert type(caught.value) is SignatureRefused


@pytest.mark.parametrize("kind", ["intoto/0.0.2", "dsse/0.0.2"])
def test_a_bundle_of_version_1_must_hold_the_logs_promise(
    stack: SigStack, verifier: SigstoreVerifier, kind: str
) -> None:
    rekor = 1 if kind.startswith("intoto") else 2
    with pytest.raises(FormatError, match="promise"):
        verified(verifier, forge.bundle(stack, STATEMENT, kind=kind, rekor=rekor, version="0.1", promise=False))


def test_signatures_of_old_tools_are_two_numbers_in_a_row(stack: SigStack, verifier: SigstoreVerifier) -> None:
    raw = forge.bundle(stack, STATEMENT, kind="intoto/0.0.2", raw_signature=True)
    assert verified(verifier, raw).san == SIGNER


def test_the_first_entry_of_a_log_is_sound(stack: SigStack, verifier: SigstoreVerifier) -> None:
    """Its index is 0, which protobuf's JSON leaves out, as it does an empty list of hashes."""

    def left_out(plain: Json) -> None:
        del plain["inclusionProof"]["logIndex"], plain["logIndex"]

    root = json.loads(stack.trusted_root())
    log = LogV1()
    log._tree = type(log._tree)()
    key = {"rawBytes": base64.b64encode(log.spki).decode(), "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
    root["tlogs"][0] = {**root["tlogs"][0], "logId": {"keyId": base64.b64encode(log.log_id).decode()}}
    root["tlogs"][0]["publicKey"] = {**root["tlogs"][0]["publicKey"], **key}
    bundle = forge.bundle(stack, STATEMENT, kind="intoto/0.0.2", log=log, change=entry(left_out))
    assert origins(verified(SigstoreVerifier(json.dumps(root).encode()), bundle)) == ["tsa", "log"]


def ended(root: bytes, name: str, end: datetime) -> SigstoreVerifier:
    """The same root, with the key or authority of that list given up at `end`."""
    plain = json.loads(root)
    for item in plain[name]:
        period = item["publicKey"]["validFor"] if "publicKey" in item else item["validFor"]
        period["end"] = f"{end:%Y-%m-%dT%H:%M:%SZ}"
    return SigstoreVerifier(json.dumps(plain).encode())


@pytest.mark.parametrize(("kind", "rekor"), KINDS)
@pytest.mark.parametrize("name", ["certificateAuthorities", "timestampAuthorities", "tlogs"])
def test_an_authority_counts_to_the_last_second_of_its_time_and_no_longer(
    stack: SigStack, kind: str, rekor: int, name: str
) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    bundle = forge.bundle(stack, STATEMENT, kind=kind, rekor=rekor, at=at)
    assert verified(ended(stack.trusted_root(), name, at), bundle).san == SIGNER
    early = ended(stack.trusted_root(), name, at - timedelta(seconds=1))
    if name == "timestampAuthorities" and rekor == 1:
        assert origins(verified(early, bundle)) == ["log"]
    else:
        with pytest.raises(SignatureRefused):
            verified(early, bundle)


def test_an_instance_without_logs_is_verified_by_its_timestamps(stack: SigStack, unlogged: SigstoreVerifier) -> None:
    signed = verified(unlogged, forge.bundle(stack, STATEMENT, entries=0, ct="none"))
    assert (signed.san, signed.payload, origins(signed)) == (SIGNER, STATEMENT, ["tsa"])
    assert verified(unlogged, forge.artifact_bundle(stack, DATA, entries=0, ct="none")).san == SIGNER


UNLOGGED: dict[str, tuple[dict[str, Any], type[FormatError]]] = {
    "another payload": ({"payload_after": OTHER}, SignatureRefused),
    "signature changed": (TAMPERED["signature changed"][0], SignatureRefused),
    "another key signed": ({"signed_by": new_key()}, SignatureRefused),
    "no timestamp": ({"tsa": False}, TimeMissing),
    "timestamp of another signature": ({"stamp_over": b"another signature"}, SignatureRefused),
    "timestamp of a stranger": ({"authority_of_time": TimestampAuthority()}, SignatureRefused),
    "stamped after the certificate": ({"tsa_time": SOON}, SignatureRefused),
    "another authority": ({"authority": Authority()}, SignatureRefused),
    "not for signing code": (TAMPERED["not for signing code"][0], SignatureRefused),
    "an entry of a log it does not have": ({"entries": 1, "kind": "intoto/0.0.2"}, SignatureRefused),
    "an entry for sigstore-python": ({"entries": 1}, SignatureRefused),
}


@pytest.mark.parametrize("name", UNLOGGED)
def test_every_tampered_bundle_of_an_instance_without_logs_is_refused(
    stack: SigStack, unlogged: SigstoreVerifier, name: str
) -> None:
    knobs, error = UNLOGGED[name]
    with pytest.raises(FormatError) as caught:
        verified(unlogged, forge.bundle(stack, STATEMENT, **{"entries": 0, "ct": "none", **knobs}))
    assert type(caught.value) is error, caught.value.message


def test_an_instance_with_logs_never_accepts_a_bundle_without_an_entry(
    stack: SigStack, verifier: SigstoreVerifier
) -> None:
    with pytest.raises(LogProofMissing):
        verified(verifier, forge.artifact_bundle(stack, DATA, entries=0))


def test_an_attestation_logged_as_a_file_is_unsupported_not_bad(stack: SigStack, verifier: SigstoreVerifier) -> None:
    with pytest.raises(UnsupportedEvidence):
        verified(verifier, forge.bundle(stack, STATEMENT, kind="hashedrekord/0.0.1"))


def test_a_log_of_version_2_is_not_asked_for_a_time_it_could_be_made_to_state(
    stack: SigStack, verifier: SigstoreVerifier
) -> None:
    """Its body in a log of version 1, which promises times for anything."""
    bundle = forge.bundle(stack, STATEMENT, kind="dsse/0.0.2", rekor=1)
    assert origins(verified(verifier, bundle)) == ["tsa"]


def test_verdicts_do_not_mix_when_many_are_asked_for_at_once(stack: SigStack, verifier: SigstoreVerifier) -> None:
    at = [datetime(2026, 3, day, 12, 0, tzinfo=UTC) for day in range(1, 21)]
    made = [forge.bundle(stack, STATEMENT, rekor=2, at=moment) for moment in at]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda raw: verified(verifier, raw).times[0][0], made))
    assert found == [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in at]


GITHUB = "https://github.com/"
GENERATOR = GITHUB + "slsa-framework/slsa-github-generator/.github/workflows/"
REAL = {
    "intoto-with-custom-trust-root.json": ("custom", GITHUB + "sigstore-conformance/", "log"),
    "github-private.json": ("github", GITHUB + "actions/attest-demo/.github/workflows/build-python.yml@", "tsa"),
    "gradle-v14.json": ("", GENERATOR + "delegator_lowperms-generic_slsa3.yml@refs/tags/v2.1.0", "log"),
    "tsa-validity-end-inclusive.json": ("tsa-end", GITHUB + "sigstore-conformance/", "tsa"),
}


def checked(name: str, root: str) -> Signed:
    raw = (HERE / name).read_bytes()
    checker = SigstoreVerifier((HERE / f"{root}.root.json").read_bytes() if root else None)
    if b'"dsseEnvelope"' in raw:
        return checker.verify_statement(raw, {})
    data = (HERE / "a.txt").read_bytes()
    return checker.verify_artifact(raw, io.BytesIO(data), Digest.of(data), {})


@pytest.mark.parametrize("name", REAL)
def test_real_bundles_sigstore_python_refuses_are_verified_offline(name: str) -> None:
    root, san, origin = REAL[name]
    signed = checked(name, root)
    assert signed.san.startswith(san)
    assert origin in origins(signed)


ROOTS = {
    "rekor2-dsse-happy-path": "staging-2026",
    "rekor2-dsse-mismatch-sig_fail": "staging-2026",
    "rekor2": "staging-2025",
    "intoto-": "custom",
    "managed-key-and": "managed-key",
    "github-private": "github",
    "tsa-validity": "tsa-end",
}
"""The trusted root of a copied bundle, by the beginning of its name; the first that fits."""
REFUSED = {"npm-unproven.json"}
"""Sound ones that do not prove their log's entry."""


def every_copied_file() -> list[Path]:
    return sorted(
        path for path in HERE.iterdir() if path.suffix not in {".md", ".txt", ".pub"} and ".root." not in path.name
    )


@pytest.mark.parametrize("path", every_copied_file(), ids=lambda path: path.name)
def test_every_copied_bundle_gets_the_verdict_its_origin_states(path: Path) -> None:
    root = next((root for start, root in ROOTS.items() if path.name.startswith(start)), "")
    checker = SigstoreVerifier((HERE / f"{root}.root.json").read_bytes() if root else None)
    key = path.with_suffix(".pub")
    trusted = {key.name: key.read_bytes()} if key.exists() else {}
    data = (HERE / "a.txt").read_bytes()
    sound = 0
    for raw in evidence_files.split(path.read_bytes()):
        try:
            if b'"dsseEnvelope"' in raw:
                sound += checker.verify_statement(raw, trusted).kind != ""
            else:
                sound += checker.verify_artifact(raw, io.BytesIO(data), Digest.of(data), trusted).kind != ""
        except FormatError:
            continue
    assert bool(sound) == ("_fail" not in path.name and path.name not in REFUSED)


@pytest.mark.parametrize("name", ["log-entry-mismatch", "set-outside-signing-cert-validity"])
def test_real_tampered_intoto_entries_are_refused(name: str) -> None:
    with pytest.raises(SignatureRefused):
        checked(f"intoto-{name}_fail.json", "custom")


def test_github_private_evidence_is_nothing_to_the_public_instance() -> None:
    with pytest.raises(LogProofMissing):
        checked("github-private.json", "")


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("npm-attestations.json", (1, 1)),
        ("npm-two.jsonl", (2, 0)),
        ("pep740.provenance", (1, 0)),
        ("pep740.slsa.attestation", (1, 0)),
    ],
)
def test_evidence_of_registries_verifies_and_their_own_word_is_nobodys(name: str, counts: tuple[int, int]) -> None:
    """npm adds an attestation by the registry's key, which no policy here trusts."""
    checker = SigstoreVerifier()
    good = unknown = 0
    for raw in evidence_files.split((HERE / name).read_bytes()):
        try:
            good += checker.verify_statement(raw, {}).kind == "keyless"
        except UnknownSigner:
            unknown += 1
    assert (good, unknown) == counts


def test_a_promise_of_the_log_without_its_proof_is_not_enough() -> None:
    raws = evidence_files.split((HERE / "npm-unproven.json").read_bytes())
    with pytest.raises(LogProofMissing):
        SigstoreVerifier().verify_statement(raws[1], {})


KEY = new_key()
HELD = {"release.pub": keys.public_pem(KEY.public_key())}


def held(verifier: SigstoreVerifier, bundle: str, change: Callable[[Json], object] | None = None) -> Signed:
    plain = json.loads(bundle)
    if change is not None:
        change(plain)
    return verified(verifier, json.dumps(plain), HELD)


@pytest.mark.parametrize(
    ("rekor", "tsa", "proven"),
    [
        (0, False, []),
        (0, True, ["tsa"]),
        (1, False, ["log"]),
        (1, True, ["tsa", "log"]),
        (2, True, ["tsa"]),
        (2, False, []),
    ],
)
def test_a_log_that_promised_it_proves_the_time_of_a_keys_signature(
    stack: SigStack, verifier: SigstoreVerifier, rekor: int, tsa: bool, proven: list[str]
) -> None:
    signed = held(verifier, forge.key_bundle(stack, STATEMENT, KEY, rekor=rekor, tsa=tsa))
    assert (signed.key, signed.san, signed.kind) == ("release.pub", "", "key")
    assert origins(signed) == proven


@pytest.mark.parametrize(
    "change",
    [
        lambda p: moved(p, *ENTRY, "canonicalizedBody"),
        lambda p: moved(p, *ENTRY, "inclusionPromise", "signedEntryTimestamp"),
        lambda p: moved(p, *ENTRY, "inclusionProof", "rootHash"),
        entry(lambda e: e.update(integratedTime="1700000000")),
        entry(lambda e: e["inclusionProof"].update(treeSize="99999")),
        entry(lambda e: e["inclusionProof"]["checkpoint"].update(envelope="nothing")),
        entry(lambda e: e["kindVersion"].update(kind="intoto", version="0.0.2")),
    ],
)
def test_a_key_beside_a_false_log_entry_is_not_believed(
    stack: SigStack, verifier: SigstoreVerifier, change: Callable[[Json], object]
) -> None:
    with pytest.raises(SignatureRefused):
        held(verifier, forge.key_bundle(stack, STATEMENT, KEY, rekor=1, tsa=False), change)


def test_a_key_cannot_borrow_the_time_of_another_entry(stack: SigStack, verifier: SigstoreVerifier) -> None:
    foreign = json.loads(forge.key_bundle(stack, STATEMENT, new_key(), rekor=1, tsa=False))
    other = json.loads(forge.key_bundle(stack, OTHER, KEY, rekor=1, tsa=False))
    keyless = json.loads(forge.bundle(stack, STATEMENT, tsa=False))
    for lender in (foreign, other, keyless):
        borrower = json.loads(forge.key_bundle(stack, STATEMENT, KEY, tsa=False))
        borrower["verificationMaterial"]["tlogEntries"] = lender["verificationMaterial"]["tlogEntries"]
        with pytest.raises(SignatureRefused):
            held(verifier, json.dumps(borrower))


@pytest.mark.parametrize(
    "change",
    [
        lambda p: moved(p, *ENTRY, "logId", "keyId"),
        entry(lambda e: e.pop("inclusionProof")),
        entry(lambda e: e.pop("inclusionPromise")),
    ],
)
def test_what_a_key_cannot_prove_of_its_time_is_no_time(
    stack: SigStack, verifier: SigstoreVerifier, change: Callable[[Json], object]
) -> None:
    assert held(verifier, forge.key_bundle(stack, STATEMENT, KEY, rekor=1, tsa=False), change).times == ()


def test_a_key_nobody_trusts_gets_no_time_looked_up(stack: SigStack, verifier: SigstoreVerifier) -> None:
    with pytest.raises(UnknownSigner):
        held(verifier, forge.key_bundle(stack, STATEMENT, new_key(), rekor=1))


def test_a_real_logged_key_signature_has_the_logs_time() -> None:
    key = {"k.pub": (HERE / "managed-key-and-trusted-root.pub").read_bytes()}
    root = (HERE / "managed-key.root.json").read_bytes()
    raw, data = (HERE / "managed-key-and-trusted-root.json").read_bytes(), (HERE / "a.txt").read_bytes()
    signed = SigstoreVerifier(root).verify_artifact(raw, io.BytesIO(data), Digest.of(data), key)
    assert signed.times == (("2026-01-07T18:36:05Z", "log"),)
