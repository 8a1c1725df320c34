"""Keys in tokens and key services sign what is theirs to sign, and never more than their holder can check."""

import importlib.util
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Self

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.signer._key import SSlibKey
from securesystemslib.signer._signer import SIGNER_FOR_URI_SCHEME

from sigstack import forge
from tidegate.adapters.signing import uris
from tidegate.adapters.signing.uris import UriSigner
from tidegate.adapters.signing.verifier import SigstoreVerifier
from tidegate.errors import TidegateError, UnavailableError, UnsealedError, UserError
from tidegate.model.digest import Digest
from tidegate.model.release import Artifact, ArtifactKind
from tidegate.ports import Signer

DATA = b"the released bytes"
ARTIFACT = Artifact("api-1.0.tar.gz", "dist/api-1.0.tar.gz", Digest.of(DATA), len(DATA), ArtifactKind.TAR)
STATEMENT = forge.statement(ARTIFACT.name, ARTIFACT.digest.value, "https://example.org/x", {"v": 1})
PIN = "2468-pin"
SOFTHSM = (Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/lib64/pkcs11/libsofthsm2.so"))


def signs(signer: Signer) -> None:
    """What it signs verifies with the public half it names, and with no other file."""
    signer.ready()
    trusted = {"keys/token.pub": signer.facts().public_key.encode()}
    verifier = SigstoreVerifier(None)
    file, attested = signer.sign_digest(ARTIFACT, io.BytesIO(DATA)), signer.sign_statement(STATEMENT)
    assert verifier.verify_artifact(file.encode(), io.BytesIO(DATA), ARTIFACT.digest, trusted).key == "keys/token.pub"
    assert verifier.verify_statement(attested.encode(), trusted).payload == STATEMENT
    with pytest.raises(TidegateError):
        verifier.verify_artifact(file.encode(), io.BytesIO(b"x"), Digest.of(b"x"), trusted)


class Service:
    """A key service as securesystemslib presents one, with real keys; `asked` is the URI it was given at last."""

    scheme: ClassVar[str] = "ecdsa-sha2-nistp256"
    key: ClassVar[ec.EllipticCurvePrivateKey | Ed25519PrivateKey]
    down: ClassVar[bool] = False
    lies: ClassVar[bool] = False
    asked: ClassVar[list[object]] = []

    @classmethod
    def import_(cls, *given: object) -> tuple[str, SSlibKey]:
        cls.asked.append(given)
        if cls.down:
            raise ConnectionError("no route to the service")
        if len(given) == 2 and str(given[1]).startswith("ecdsa") and given[1] != cls.scheme:
            raise ValueError("the key does not sign this way")
        return "newest", SSlibKey.from_crypto(cls.key.public_key(), scheme=cls.scheme)

    @classmethod
    def from_priv_key_uri(cls, uri: str, public: SSlibKey, secrets: Callable[[str], str]) -> Self:
        cls.asked.append(uri)
        return cls()

    def sign(self, payload: bytes) -> "Service":
        if self.lies:
            payload += b"!"
        if isinstance(self.key, Ed25519PrivateKey):
            self.signature = self.key.sign(payload).hex()
        else:
            chosen = hashes.SHA384() if self.scheme.endswith("384") else hashes.SHA256()
            self.signature = self.key.sign(payload, ec.ECDSA(chosen)).hex()
        return self


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> type[Service]:
    made = type("Made", (Service,), {"asked": [], "key": ec.generate_private_key(ec.SECP256R1())})
    for scheme in uris.EXTRAS:
        monkeypatch.setitem(SIGNER_FOR_URI_SCHEME, scheme, made)
    monkeypatch.setattr(uris, "EXTRAS", {scheme: (extra, "json") for scheme, (extra, _) in uris.EXTRAS.items()})
    return made


AZURE = "azurekms://acme.vault.azure.net/keys/release"
GCP = "gcpkms:projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"


@pytest.mark.parametrize(
    ("uri", "asked"),
    [
        ("awskms:alias/release", [("alias/release", "ecdsa-sha2-nistp256"), "newest"]),
        (GCP, [(GCP.removeprefix("gcpkms:"),), GCP]),
        (AZURE, [("acme", "release"), "newest"]),
        (AZURE + "/1a2b", [("acme", "release"), AZURE + "/1a2b"]),
        ("hv:release", [("release",), "newest"]),
        ("hv:release/3", [("release",), "hv:release/3"]),
    ],
)
def test_a_uri_finds_its_key_and_a_named_version_is_kept(service: type[Service], uri: str, asked: list[object]) -> None:
    signs(UriSigner(uri, ""))
    assert [tuple(a) if isinstance(a, tuple) else a for a in service.asked] == [
        uri if wanted == "newest" and uri.startswith("awskms") else wanted for wanted in asked
    ]


def test_an_ed25519_key_of_a_vault_signs(service: type[Service]) -> None:
    service.key, service.scheme = Ed25519PrivateKey.generate(), "ed25519"
    signs(UriSigner("hv:release", ""))


def test_a_p384_key_of_a_service_signs(service: type[Service]) -> None:
    service.key, service.scheme = ec.generate_private_key(ec.SECP384R1()), "ecdsa-sha2-nistp384"
    signs(UriSigner("awskms:alias/release", ""))


def test_a_service_that_does_not_answer_is_unavailable(service: type[Service]) -> None:
    service.down = True
    with pytest.raises(UnavailableError, match="no route"):
        UriSigner(GCP, "").ready()


def test_a_signature_the_public_half_does_not_verify_is_not_handed_out(service: type[Service]) -> None:
    service.lies = True
    with pytest.raises(UnsealedError, match="does not verify"):
        UriSigner(GCP, "").sign_statement(STATEMENT)


def test_other_bytes_than_were_taken_are_not_signed(service: type[Service]) -> None:
    with pytest.raises(UnsealedError, match="changed"):
        UriSigner(GCP, "").sign_digest(ARTIFACT, io.BytesIO(b"other"))
    assert service.asked == []


@pytest.mark.parametrize("scheme", ["awskms", "gcpkms", "azurekms", "hv", "hsm"])
def test_without_its_extra_a_uri_is_an_error_that_names_the_extra(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    extra, _ = uris.EXTRAS[scheme]
    monkeypatch.setattr(uris, "EXTRAS", {scheme: (extra, "no.such.module")})
    with pytest.raises(UserError) as refused:
        UriSigner(f"{scheme}:x", "")
    assert f"tidegate[{extra}]" in refused.value.hint


@pytest.mark.parametrize("text", ["release.key", "file:release.key", "./hsm", "keys/hv", "C:key", "https://x"])
def test_a_path_is_no_uri(text: str) -> None:
    assert not uris.is_uri(text)


def test_a_key_in_a_service_is_named_as_the_same_key_in_a_file(service: type[Service]) -> None:
    signer = UriSigner(GCP, "")
    assert signer.facts().identity == ""
    signer.ready()
    pem = service.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert signer.facts().public_key.encode() == pem


needs_softhsm = pytest.mark.skipif(
    shutil.which("softhsm2-util") is None
    or not any(path.exists() for path in SOFTHSM)
    or importlib.util.find_spec("pkcs11") is None,
    reason="softhsm2 or python-pkcs11 is not installed",
)


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A PKCS#11 token with one P-256 key; its URI."""
    import pkcs11
    from pkcs11.util.ec import encode_named_curve_parameters

    (tmp_path / "tokens").mkdir()
    config = tmp_path / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tmp_path}/tokens\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(config))
    library = next(str(path) for path in SOFTHSM if path.exists())
    monkeypatch.setenv("PYKCS11LIB", library)
    command = ["softhsm2-util", "--init-token", "--free", "--label", "release", "--pin", PIN, "--so-pin", PIN]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    opened = pkcs11.lib(library)
    opened.reinitialize()
    with opened.get_token(token_label="release").open(rw=True, user_pin=PIN) as session:
        curve = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
        parameters = session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True)
        parameters.generate_keypair(store=True, id=b"\x02", label="release")
    return "hsm:2?label=release"


@needs_softhsm
def test_a_key_in_a_token_signs(token: str) -> None:
    signs(UriSigner(token, PIN))


@needs_softhsm
@pytest.mark.parametrize(("uri", "pin"), [("hsm:2?label=release", "0000-wrong"), ("hsm:7?label=release", PIN)])
def test_a_token_that_cannot_sign_is_the_teams_to_mend_and_is_asked_once(token: str, uri: str, pin: str) -> None:
    signer = UriSigner(uri, pin)
    with pytest.raises(UnsealedError, match="the token did not sign") as first:
        signer.sign_statement(STATEMENT)
    assert pin not in str(first.value)
    with pytest.raises(UnsealedError) as second:
        signer.sign_statement(STATEMENT)
    assert second.value is first.value
