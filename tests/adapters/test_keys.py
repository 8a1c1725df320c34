"""Keys: made encrypted, named by their public half, used for what they are good for."""

import base64
import hashlib
import io
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from support.sealed import artifact
from tidegate.adapters.signing import keys
from tidegate.adapters.signing.local import KeySigner
from tidegate.errors import FormatError, UnsealedError, UserError
from tidegate.formats import bundle, dsse, intoto
from tidegate.model.digest import Digest

WORD = b"correct horse"
STATEMENT = intoto.build([("a", Digest.of(b"a"))], "https://example.com/p", {})


def pkcs8(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_a_generated_key_is_encrypted_p256_and_opens_with_its_passphrase_only() -> None:
    private, public = keys.generate(WORD)
    assert private.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    key, encrypted = keys.load_private(private, WORD)
    assert encrypted
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"
    assert keys.public_pem(key.public_key()) == public
    for word in (b"wrong", None, b""):
        with pytest.raises(UserError):
            keys.load_private(private, word)


def test_the_hint_is_the_hash_of_the_public_key_as_other_tools_write_it() -> None:
    _, public = keys.generate(None)
    der = base64.b64decode(b"".join(public.split(b"\n")[1:-2]))
    assert keys.hint_of(public) == base64.b64encode(hashlib.sha256(der).digest()).decode()


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\xff" * 100, b"x" * 70_000])
def test_what_is_no_key_is_refused(pem: bytes) -> None:
    with pytest.raises(UserError):
        keys.load_private(pem, None)
    with pytest.raises(FormatError):
        keys.load_public(pem)


def test_key_types_that_cannot_be_used_are_refused() -> None:
    unfit: list[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP521R1()),
    ]
    for key in unfit:
        with pytest.raises(UserError):
            keys.load_private(pkcs8(key), None)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        with pytest.raises(FormatError):
            keys.load_public(public)


KINDS: list[keys.PrivateKey] = [
    ec.generate_private_key(ec.SECP256R1()),
    ec.generate_private_key(ec.SECP384R1()),
    ed25519.Ed25519PrivateKey.generate(),
]


@pytest.mark.parametrize("key", KINDS)
def test_a_signature_verifies_over_its_bytes_and_no_others(key: keys.PrivateKey) -> None:
    signature = keys.sign(key, io.BytesIO(b"message"))
    assert keys.verifies(key.public_key(), signature, io.BytesIO(b"message"))
    assert not keys.verifies(key.public_key(), signature, io.BytesIO(b"massage"))
    assert not keys.verifies(KINDS[0].public_key(), bytes(len(signature)), io.BytesIO(b"message"))
    assert not keys.verifies(key.public_key(), b"", io.BytesIO(b"message"))


@pytest.mark.parametrize("key", KINDS[:2])
def test_ecdsa_signatures_may_be_written_as_plain_numbers(key: ec.EllipticCurvePrivateKey) -> None:
    half = key.curve.key_size // 8
    r, s = decode_dss_signature(keys.sign(key, io.BytesIO(b"message")))
    raw = r.to_bytes(half, "big") + s.to_bytes(half, "big")
    assert keys.verifies(key.public_key(), raw, io.BytesIO(b"message"))
    assert not keys.verifies(key.public_key(), raw[::-1], io.BytesIO(b"message"))
    assert not keys.verifies(key.public_key(), bytes(2 * half), io.BytesIO(b"message"))


def test_a_signer_warns_of_an_open_key_and_is_silent_on_a_locked_one() -> None:
    assert KeySigner(keys.generate(WORD)[0], WORD).facts().warnings == ()
    facts = KeySigner(keys.generate(None)[0], None).facts()
    assert "not encrypted" in facts.warnings[0]
    assert facts.kind == "key"
    assert facts.identity == keys.hint_of(facts.public_key.encode())


def test_a_key_file_others_can_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "k.pem"
    path.write_bytes(keys.generate(WORD)[0])
    path.chmod(0o644)
    assert "chmod 600" in KeySigner.read(path, WORD).facts().warnings[0]
    path.chmod(0o600)
    assert KeySigner.read(path, WORD).facts().warnings == ()


def test_a_key_path_that_is_no_file_is_an_error_to_the_user(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "pipe", "."):
        with pytest.raises(UserError):
            KeySigner.read(tmp_path / name, None)


def test_a_statement_is_sealed_byte_for_byte() -> None:
    signer = KeySigner(keys.generate(None)[0], None)
    read = bundle.parse(signer.sign_statement(STATEMENT).encode())
    assert read.envelope is not None
    assert read.envelope.payload == STATEMENT
    assert read.envelope.payload_type == dsse.PAYLOAD_TYPE
    assert read.hint == signer.facts().identity


def test_only_statements_are_signed_as_statements() -> None:
    with pytest.raises(FormatError):
        KeySigner(keys.generate(None)[0], None).sign_statement(b'{"_type": "something else"}')


@pytest.mark.parametrize("key", KINDS)
def test_a_file_that_changed_since_it_was_taken_is_not_signed(key: keys.PrivateKey) -> None:
    signer = KeySigner(pkcs8(key), None)
    taken = artifact(data=b"taken")
    assert bundle.parse(signer.sign_digest(taken, io.BytesIO(b"taken")).encode()).message is not None
    with pytest.raises(UnsealedError):
        signer.sign_digest(taken, io.BytesIO(b"changed"))
