"""The private names of sigstore-python this project leans on are there; an upgrade that moves them fails here."""

import inspect
from importlib.metadata import version

from rfc3161_client import VerifierBuilder
from sigstore._internal.rekor.checkpoint import LogCheckpoint, SignedCheckpoint
from sigstore._internal.sct import verify_sct
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult
from sigstore._internal.trust import CertificateAuthority, Keyring, KeyringPurpose
from sigstore._internal.tuf import DEFAULT_TUF_URL
from sigstore._utils import read_embedded
from sigstore.hashes import Hashed
from sigstore.models import Bundle, TransparencyLogEntry, TrustedRoot
from sigstore.verify import Verifier
from sigstore_models.common.v1 import HashAlgorithm
from sigstore_models.rekor.v1 import TransparencyLogEntry as PlainEntry
from sigstore_models.trustroot import v1 as trustroot

from tidegate.adapters.signing import embedded_root


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def test_the_release_is_one_that_was_examined() -> None:
    assert version("sigstore").split(".")[:2] == ["4", "5"]


def test_the_embedded_root_is_readable_without_a_cache() -> None:
    raw = read_embedded("trusted_root.json", DEFAULT_TUF_URL)
    assert TrustedRoot(trustroot.TrustedRoot.from_json(raw)).get_fulcio_certs()
    assert embedded_root.read() == raw


def test_the_verifier_keeps_its_shape() -> None:
    assert parameters(Verifier.__init__) == ["self", "trusted_root"]
    assert parameters(Verifier.verify_dsse) == ["self", "bundle", "policy"]
    assert parameters(Verifier.verify_artifact) == ["self", "input_", "bundle", "policy"]
    assert parameters(Verifier._establish_time) == ["self", "bundle"]
    assert parameters(Verifier._verify_signed_timestamp) == ["self", "timestamp_response", "message"]
    assert parameters(Bundle.from_json) == ["raw"]
    assert isinstance(Bundle.signing_certificate, property)


def test_times_and_digests_keep_their_names() -> None:
    assert {source.name for source in TimestampSource} == {"TIMESTAMP_AUTHORITY", "TRANSPARENCY_SERVICE"}
    assert parameters(TimestampVerificationResult) == ["source", "time"]
    assert Hashed(algorithm=HashAlgorithm.SHA2_256, digest=bytes(32)).digest == bytes(32)


def test_what_the_offline_verifier_replaces_is_still_what_is_called() -> None:
    assert parameters(Verifier._verify_chain_at_time) == ["self", "certificate", "timestamp_result"]
    source = inspect.getsource(Verifier)
    for name in ("_establish_time(bundle)", "_verify_chain_at_time(cert, vts)", "_verify_signed_timestamp(tsr"):
        assert f"self.{name}" in source
    made = inspect.getsource(Verifier.__init__)
    assert set(made.split()) >= {"self._fulcio_certificate_chain", "self._trusted_root"}
    assert made.count("self._") == 3, "the parent holds something more than the offline verifier sets"
    for name in ("rekor_keyring", "ct_keyring"):
        assert parameters(getattr(TrustedRoot, name)) == ["self", "purpose"]
    assert parameters(TrustedRoot.get_timestamp_authorities) == ["self"]


def test_log_entries_and_their_proofs_keep_their_shape() -> None:
    assert parameters(TransparencyLogEntry.__init__) == ["self", "inner"]
    assert parameters(TransparencyLogEntry._verify) == ["self", "keyring"]
    assert {"verify_merkle_inclusion", "verify_checkpoint", "_verify_set"} <= set(
        TransparencyLogEntry._verify.__code__.co_names
    )
    assert {"log_index", "log_id", "inclusion_proof", "integrated_time"} <= set(PlainEntry.model_fields)
    assert {"log_size", "log_hash"} <= set(LogCheckpoint.model_fields)
    assert parameters(SignedCheckpoint.from_text) == ["text"]
    assert parameters(Keyring) == ["public_keys"]
    assert KeyringPurpose.VERIFY.value == "verify"


def test_authorities_and_transparency_stamps_keep_their_shape() -> None:
    assert parameters(verify_sct) == ["cert", "chain", "ct_keyring"]
    assert parameters(CertificateAuthority.certificates) == ["self", "allow_expired"]
    assert isinstance(CertificateAuthority.validity_period_start, property)
    assert isinstance(CertificateAuthority.validity_period_end, property)
    for name in ("tsa_certificate", "add_root_certificate", "add_intermediate_certificate", "build"):
        assert callable(getattr(VerifierBuilder, name))
