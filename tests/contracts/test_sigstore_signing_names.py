"""The private names that signing leans on are there; an upgrade that moves them fails here."""

import inspect

from id._internal.oidc import ambient
from requests.adapters import HTTPAdapter
from securesystemslib.signer._signer import SIGNER_FOR_URI_SCHEME
from sigstore._internal.fulcio import FulcioClient
from sigstore._internal.rekor.client import RekorClient
from sigstore._internal.rekor.client_v2 import RekorV2Client
from sigstore._internal.timestamp import TimestampAuthorityClient
from sigstore._internal.tuf import DEFAULT_TUF_URL
from sigstore._utils import read_embedded
from sigstore.models import ClientTrustConfig
from sigstore.sign import Signer, SigningContext

from tidegate.adapters.signing import uris


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def test_the_signer_keeps_its_shape() -> None:
    assert parameters(Signer._signing_cert) == ["self"]
    assert parameters(Signer.sign_dsse) == parameters(Signer.sign_artifact) == ["self", "input_"]
    assert parameters(SigningContext.from_trust_config) == ["trust_config"]
    assert parameters(SigningContext.signer)[:3] == ["self", "identity_token", "cache"]
    assert parameters(ClientTrustConfig.__init__) == ["self", "inner"]


def test_every_client_has_the_session_its_waits_are_bounded_by() -> None:
    assert hasattr(FulcioClient("http://127.0.0.1:9"), "session")
    for client in (RekorClient, RekorV2Client, TimestampAuthorityClient):
        assert isinstance(inspect.getattr_static(client, "_session"), property)
    assert "request" in parameters(HTTPAdapter.send)


def test_the_public_good_instance_is_shipped_with_its_signing_configuration() -> None:
    assert b"rekorTlogUrls" in read_embedded("signing_config.v0.2.json", DEFAULT_TUF_URL)


def test_each_ci_system_has_its_detector() -> None:
    for name in ("github", "gitlab", "buildkite", "circleci", "gcp"):
        assert parameters(getattr(ambient, f"detect_{name}"))[0] == "audience"


def test_every_key_uri_has_a_signer() -> None:
    for scheme in uris.EXTRAS:
        signer = SIGNER_FOR_URI_SCHEME[scheme]
        assert parameters(signer.from_priv_key_uri)[:2] == ["priv_key_uri", "public_key"]  # type: ignore[attr-defined]
        assert callable(signer.import_)  # type: ignore[attr-defined]
