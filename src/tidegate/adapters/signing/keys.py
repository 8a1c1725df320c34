"""Keys a team holds itself: made, read, named by the hash of their public half, and used to check signatures."""

import base64
import hashlib
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from tidegate.errors import FormatError, UserError

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

MAX_PEM = 64 * 1024
MAX_WHOLE = 256 * 1024 * 1024
"""Ed25519 signs the whole message, which must then fit into memory."""
_CURVES: dict[str, type[hashes.SHA256] | type[hashes.SHA384]] = {"secp256r1": hashes.SHA256, "secp384r1": hashes.SHA384}
_BLOCK = 1024 * 1024


def generate(passphrase: bytes | None) -> tuple[bytes, bytes]:
    """A new ECDSA P-256 pair as PEM: PKCS#8 (encrypted when there is a passphrase) and SPKI."""
    key = ec.generate_private_key(ec.SECP256R1())
    locked: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        locked = serialization.BestAvailableEncryption(passphrase)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    return private, public_pem(key.public_key())


def load_private(pem: bytes, passphrase: bytes | None) -> tuple[PrivateKey, bool]:
    """Read a private key; the second value says whether it was encrypted. Raises UserError."""
    if len(pem) > MAX_PEM:
        raise UserError("the private key file is too large", hint="`tidegate keys generate` makes a fitting key")
    encrypted = b"ENCRYPTED" in pem
    if encrypted and not passphrase:
        raise UserError("the private key is encrypted and no passphrase was given", hint="set its passphrase variable")
    try:
        key = serialization.load_pem_private_key(pem, passphrase if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UserError(
            "the private key cannot be read: wrong passphrase or not a PKCS#8 PEM file",
            hint="`tidegate keys generate` makes a fitting key",
        ) from error
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key, encrypted
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return key, encrypted
    raise UserError("only ECDSA P-256, P-384 and Ed25519 keys are used", hint="`tidegate keys generate` makes one")


def load_public(pem: bytes) -> PublicKey:
    """Read an SPKI PEM. Raises FormatError."""
    if len(pem) > MAX_PEM:
        raise FormatError("the public key file is too large")
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise FormatError("the public key is not a PEM file of a known key type") from None
    return usable(key)


def usable(key: object) -> PublicKey:
    """The key itself, when it is of a kind that is used here. Raises FormatError."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    raise FormatError("the public key is not ECDSA P-256, P-384 or Ed25519")


def public_pem(key: PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hint(key: PublicKey) -> str:
    """The key's name in a bundle: base64 of the sha256 of its DER SPKI, as cosign and sigstore-go write it."""
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode("ascii")


def hint_of(pem: bytes) -> str:
    """The hint of an SPKI PEM. Raises FormatError."""
    return hint(load_public(pem))


def algorithm(key: PrivateKey | PublicKey) -> str:
    """The digest a key signs, named as in a bundle's `messageDigest`; Ed25519 signs the message itself."""
    return "SHA2_384" if getattr(getattr(key, "curve", None), "name", "") == "secp384r1" else "SHA2_256"


def sign(key: PrivateKey, data: BinaryIO) -> bytes:
    """Sign a stream, DER for ECDSA. Raises UserError when an Ed25519 message is too large."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(_whole(data, lambda text: UserError(text, hint="sign large files with an ECDSA key")))
    chosen = _CURVES[key.curve.name]()
    return key.sign(_digest(chosen, data), ec.ECDSA(Prehashed(chosen)))


def verifies(key: PublicKey, signature: bytes, data: BinaryIO) -> bool:
    """Is this the key's signature over the stream? ECDSA signatures may be DER or r‖s (IEEE P1363)."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        message = _whole(data, FormatError)
        return _holds(partial(key.verify, signature, message))
    chosen = _CURVES[key.curve.name]()
    digest, scheme = _digest(chosen, data), ec.ECDSA(Prehashed(chosen))
    spelled = [signature, _der(signature)] if len(signature) == 2 * (key.curve.key_size // 8) else [signature]
    return any(_holds(partial(key.verify, spelling, digest, scheme)) for spelling in spelled)


def _holds(check: Callable[[], None]) -> bool:
    try:
        check()
    except InvalidSignature:
        return False
    return True


def _der(raw: bytes) -> bytes:
    half = len(raw) // 2
    return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))


def _digest(chosen: hashes.SHA256 | hashes.SHA384, data: BinaryIO) -> bytes:
    running = hashes.Hash(chosen)
    while block := data.read(_BLOCK):
        running.update(block)
    return running.finalize()


def _whole(data: BinaryIO, complaint: Callable[[str], Exception]) -> bytes:
    message = data.read(MAX_WHOLE + 1)
    if len(message) > MAX_WHOLE:
        raise complaint(f"an Ed25519 key signs at most {MAX_WHOLE} bytes")
    return message
