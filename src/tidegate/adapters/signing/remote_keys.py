"""The one place that calls securesystemslib's signers: a key URI becomes a public half and a way to sign."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.signer._signer import SIGNER_FOR_URI_SCHEME

_AWS_SCHEMES = ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384")


@dataclass(frozen=True, slots=True)
class RemoteKey:
    """`sign` takes the whole message; ECDSA signatures are DER."""

    public_pem: bytes
    sign: Callable[[bytes], bytes]


def opened(uri: str, pin: str) -> RemoteKey:
    """Find the key. Raises whatever the token's or service's library raises."""
    parts = urlsplit(uri)
    signer_class: Any = SIGNER_FOR_URI_SCHEME[parts.scheme]
    found, public = _imported(signer_class, uri, lambda _name: pin)
    # A version named in the URI is kept; `import_` gives that of the newest key.
    named = found if parts.scheme == "hsm" or not _versioned(uri) else uri
    signer = signer_class.from_priv_key_uri(named, public, lambda _name: pin)
    pem: str = public.keyval["public"]
    return RemoteKey(_pem(pem), lambda message: bytes.fromhex(signer.sign(message).signature))


def _imported(signer_class: Any, uri: str, secrets: Callable[[str], str]) -> tuple[str, Any]:
    parts = urlsplit(uri)
    if parts.scheme == "hsm":
        label = dict(parse_qsl(parts.query)).get("label")
        return _tuple(signer_class.import_(int(parts.path) if parts.path else None, label, secrets))
    if parts.scheme == "awskms":
        return _first_scheme(signer_class, parts.path)
    if parts.scheme == "azurekms":
        return _tuple(signer_class.import_(parts.netloc.partition(".")[0], parts.path.split("/")[2]))
    name = parts.path.partition("/")[0] if parts.scheme == "hv" else parts.path
    return _tuple(signer_class.import_(name))


def _first_scheme(signer_class: Any, name: str) -> tuple[str, Any]:
    """AWS wants to be told the algorithm; the wrong one is refused before anything is signed."""
    try:
        return _tuple(signer_class.import_(name, _AWS_SCHEMES[0]))
    except ValueError:
        return _tuple(signer_class.import_(name, _AWS_SCHEMES[1]))


def _tuple(made: tuple[str, Any]) -> tuple[str, Any]:
    return made


def _versioned(uri: str) -> bool:
    parts = urlsplit(uri)
    if parts.scheme == "azurekms":
        return len(parts.path.strip("/").split("/")) == 3
    return parts.scheme != "hv" or "/" in parts.path


def _pem(text: str) -> bytes:
    """SPKI PEM; an Ed25519 key is kept as bare hexadecimal bytes there."""
    if text.startswith("-----BEGIN"):
        return text.encode()
    raw = Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    return raw.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
