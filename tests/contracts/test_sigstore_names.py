"""The private names of sigstore-python this project leans on are there; an upgrade that moves them fails here."""

import inspect
from importlib.metadata import version

from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult
from sigstore._internal.tuf import DEFAULT_TUF_URL
from sigstore._utils import read_embedded
from sigstore.hashes import Hashed
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore_models.common.v1 import HashAlgorithm
from sigstore_models.trustroot import v1 as trustroot


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def test_the_release_is_one_that_was_examined() -> None:
    assert version("sigstore").split(".")[:2] == ["4", "5"]


def test_the_embedded_root_is_readable_without_a_cache() -> None:
    raw = read_embedded("trusted_root.json", DEFAULT_TUF_URL)
    assert TrustedRoot(trustroot.TrustedRoot.from_json(raw)).get_fulcio_certs()


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
