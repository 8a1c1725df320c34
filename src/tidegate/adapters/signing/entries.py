"""A log entry speaks for a signature only when its body names that signature, that content and that signer.

Without this anybody could put a foreign entry, and its time, beside a signature of his own (CVE-2022-36056).
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.bundle import LogEntry, SignatureRefused, UnsupportedEvidence
from tidegate.formats.dsse import PAYLOAD_TYPE

BODY_LIMIT = 1024 * 1024
_PEM = re.compile(rb"\s*-----BEGIN (CERTIFICATE|PUBLIC KEY)-----\s([A-Za-z0-9+/=\s]{1,65536})-----END \1-----\s*")
_V1_HASHES = frozenset({"sha256", "sha384", "sha512"})
_V2_HASHES = {"SHA2_256": "sha256", "SHA2_384": "sha384", "SHA2_512": "sha512"}
Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Held:
    """What a bundle holds beside its log entry. `signer` is the DER of a certificate, or of a key (SPKI).

    `digest` gives the digest of what was signed (a file, or an envelope's pre-authentication encoding) by the name of
    an algorithm; `payload_digest` that of an envelope's payload, None where a file was signed.
    """

    signature: bytes
    signer: bytes
    certified: bool
    digest: Callable[[str], bytes]
    payload_digest: Callable[[str], bytes] | None = None


def bind(entry: LogEntry, held: Held) -> None:
    """Raises SignatureRefused unless the entry is about exactly this; UnsupportedEvidence for an unknown kind."""
    check = KINDS.get((entry.kind, entry.version))
    if check is None:
        raise UnsupportedEvidence(f"log entries of kind {f'{entry.kind}/{entry.version}'[:40]!a} cannot be checked")
    try:
        body = _object(strict_json.loads(entry.body, limit=BODY_LIMIT, what="the log entry"))
        _equal(_text(body.get("kind")).encode(), entry.kind.encode(), "is of another kind than it says")
        _equal(_text(body.get("apiVersion")).encode(), entry.version.encode(), "is of another version than it says")
        check(_object(body.get("spec")), held)
    except SignatureRefused:
        raise
    except FormatError as error:
        raise SignatureRefused(f"the log entry cannot be read: {error.message}") from None


def _hashedrekord_v1(spec: Body, held: Held) -> None:
    """rekor `hashedrekord_v0_0_1_schema.json`: the file's digest, the signature, the signer as PEM."""
    _v1_hash(_at(spec, "data", "hash"), held.digest)
    _equal(_base64(_at(spec, "signature").get("content")), held.signature, "holds another signature")
    _pem(_at(spec, "signature", "publicKey").get("content"), held)


def _dsse_v1(spec: Body, held: Held) -> None:
    """rekor `dsse_v0_0_1_schema.json`: the payload's digest, and one signature with its signer as PEM."""
    _v1_hash(_at(spec, "payloadHash"), _payload(held))
    signature = _only(spec.get("signatures"))
    _equal(_base64(signature.get("signature")), held.signature, "holds another signature")
    _pem(signature.get("verifier"), held)


def _intoto_v2(spec: Body, held: Held) -> None:
    """rekor `intoto_v0_0_2_schema.json`: the log keeps the envelope without its payload, and the payload's digest.

    Clients give `sig` as the base64 of the envelope's own base64.
    """
    _v1_hash(_at(spec, "content", "payloadHash"), _payload(held))
    envelope = _at(spec, "content", "envelope")
    _equal(_text(envelope.get("payloadType")).encode(), PAYLOAD_TYPE.encode(), "is about another payload type")
    signature = _only(envelope.get("signatures"))
    once = _base64(signature.get("sig"))
    spelled = once if once == held.signature else _base64(once.decode("ascii", "replace"))
    _equal(spelled, held.signature, "holds another signature")
    _pem(signature.get("publicKey"), held)


def _hashedrekord_v2(spec: Body, held: Held) -> None:
    """rekor-tiles `hashedrekord.proto`: as version 1, over an envelope's pre-authentication encoding too."""
    entry = _at(spec, "hashedRekordV002")
    _v2_hash(_at(entry, "data"), held.digest)
    _v2_signature(_at(entry, "signature"), held)


def _dsse_v2(spec: Body, held: Held) -> None:
    """rekor-tiles `dsse.proto`: the payload's digest, and one signature with its signer."""
    entry = _at(spec, "dsseV002")
    _v2_hash(_at(entry, "payloadHash"), _payload(held))
    _v2_signature(_only(entry.get("signatures")), held)


KINDS: Mapping[tuple[str, str], Callable[[Body, Held], None]] = {
    ("hashedrekord", "0.0.1"): _hashedrekord_v1,
    ("dsse", "0.0.1"): _dsse_v1,
    ("intoto", "0.0.2"): _intoto_v2,
    ("hashedrekord", "0.0.2"): _hashedrekord_v2,
    ("dsse", "0.0.2"): _dsse_v2,
}


def _v1_hash(plain: Body, digest: Callable[[str], bytes]) -> None:
    algorithm = _text(plain.get("algorithm"))
    if algorithm not in _V1_HASHES:
        raise FormatError(f"its digest is by {algorithm[:40]!a}")
    _equal(_text(plain.get("value")).encode(), digest(algorithm).hex().encode(), "is about other content")


def _v2_hash(plain: Body, digest: Callable[[str], bytes]) -> None:
    algorithm = _V2_HASHES.get(_text(plain.get("algorithm")))
    if algorithm is None:
        raise FormatError(f"its digest is by {_text(plain.get('algorithm'))[:40]!a}")
    _equal(_base64(plain.get("digest")), digest(algorithm), "is about other content")


def _v2_signature(plain: Body, held: Held) -> None:
    _equal(_base64(plain.get("content")), held.signature, "holds another signature")
    verifier = _at(plain, "verifier")
    ours, theirs = ("x509Certificate", "publicKey") if held.certified else ("publicKey", "x509Certificate")
    if theirs in verifier:
        raise SignatureRefused("the log entry names another kind of signer")
    _equal(_base64(_at(verifier, ours).get("rawBytes")), held.signer, "names another signer")


def _pem(plain: object, held: Held) -> None:
    match = _PEM.fullmatch(_base64(plain))
    if match is None:
        raise FormatError("its signer is not a certificate or key in PEM")
    _equal(match[1], b"CERTIFICATE" if held.certified else b"PUBLIC KEY", "names another kind of signer")
    _equal(_base64("".join(match[2].decode("ascii").split())), held.signer, "names another signer")


def _payload(held: Held) -> Callable[[str], bytes]:
    if held.payload_digest is None:
        raise SignatureRefused("the log entry is about an attestation, not about a file")
    return partial(held.payload_digest)


def _equal(left: bytes, right: bytes, otherwise: str) -> None:
    if not left or not hmac.compare_digest(left, right):
        raise SignatureRefused(f"the log entry {otherwise}")


def _at(plain: Body, *path: str) -> Body:
    for key in path:
        plain = _object(plain.get(key))
    return plain


def _only(plain: object) -> Body:
    if not isinstance(plain, list) or len(plain) != 1:
        raise FormatError("it does not have exactly one signature")
    return _object(plain[0])


def _object(plain: object) -> Body:
    if not isinstance(plain, dict):
        raise FormatError("a member is not an object")
    return plain


def _text(plain: object) -> str:
    if not isinstance(plain, str):
        raise FormatError("a member is not a text")
    return plain


def _base64(plain: object) -> bytes:
    try:
        return base64.b64decode(_text(plain), validate=True)
    except (binascii.Error, ValueError):
        raise FormatError("a member is not base64") from None
