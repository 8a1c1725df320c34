"""What cosign kept under `sha256-….sig` and `.att` before there were bundles, in shapes the rest of the house reads."""

import base64
import hashlib
from collections.abc import Mapping

from tidegate.errors import FormatError
from tidegate.formats import records, strict_json

SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
DSSE = "application/vnd.dsse.envelope.v1+json"
_SIGNATURE = "dev.cosignproject.cosign/signature"
_CERTIFICATE = "dev.sigstore.cosign/certificate"
_LOG = "dev.sigstore.cosign/bundle"
_V01 = "application/vnd.dev.sigstore.bundle+json;version=0.1"
_LIMIT = 1 << 20
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
MAX_CHAIN = 10
MAX_LINES = 200


def line(payload: bytes, annotations: Mapping[str, str]) -> bytes:
    """A simple-signing payload beside a bundle of its signature, as one line of JSON; `signatures` reads it."""
    try:
        signature = base64.b64decode(annotations.get(_SIGNATURE, ""), validate=True)
        digest = {"algorithm": "SHA2_256", "digest": _text(hashlib.sha256(payload).digest())}
        message = {"messageDigest": digest, "signature": _text(signature)}
        bundle: object = {**_bundle(annotations), "messageSignature": message}
    except (FormatError, ValueError):
        bundle = {}
    return records.canonical({"payload": _text(payload), "bundle": bundle})


def signatures(raw: bytes) -> list[tuple[bytes, bytes]]:
    """(payload, bundle over the payload's bytes) of every line. Raises FormatError."""
    lines = [each for each in raw.split(b"\n") if each.strip()]
    if len(lines) > MAX_LINES:
        raise FormatError(f"there are more than {MAX_LINES} signatures in one file")
    return [_line(each) for each in lines]


def _line(raw: bytes) -> tuple[bytes, bytes]:
    plain = strict_json.loads(raw, limit=_LIMIT, what="the image signature")
    if not isinstance(plain, dict) or set(plain) != {"payload", "bundle"}:
        raise FormatError("the image signature is no payload with a bundle")
    try:
        payload = base64.b64decode(str(plain["payload"]), validate=True)
    except ValueError:
        raise FormatError("the image signature's payload is not base64") from None
    return payload, records.canonical(plain["bundle"])


def bundled(envelope: bytes, annotations: Mapping[str, str]) -> bytes:
    """An attestation under `.att` as a v0.1 bundle; as it is when it cannot be one, to be found wrong by its reader."""
    try:
        plain = strict_json.loads(envelope, limit=24 << 20, what="the envelope")
        return records.canonical({**_bundle(annotations), "dsseEnvelope": plain})
    except FormatError:
        return envelope


def _bundle(annotations: Mapping[str, str]) -> dict[str, object]:
    """The part of a bundle that says who signed, and what the log promised."""
    chain = _certificates(annotations.get(_CERTIFICATE, ""))
    material: dict[str, object] = {"tlogEntries": _entries(annotations.get(_LOG, ""))}
    if chain:
        material["x509CertificateChain"] = {"certificates": [{"rawBytes": raw} for raw in chain]}
    else:
        material["publicKey"] = {"hint": ""}
    return {"mediaType": _V01, "verificationMaterial": material}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _certificates(pem: str) -> list[str]:
    found = ["".join(part.partition(_END)[0].split()) for part in pem.split(_BEGIN)[1:]]
    if len(found) > MAX_CHAIN or (pem.strip() and not found):
        raise FormatError("the certificate is not PEM")
    return found


def _entries(text: str) -> list[object]:
    """The one log entry, with the log's promise to include it; these tags never held a proof of inclusion."""
    if not text:
        return []
    plain = strict_json.loads(text.encode(), limit=_LIMIT, what="the log entry")
    payload = plain.get("Payload") if isinstance(plain, dict) else None
    if not isinstance(plain, dict) or not isinstance(payload, dict):
        raise FormatError("the log entry is not an object")
    try:
        body = base64.b64decode(str(payload.get("body")), validate=True)
        log = base64.b64encode(bytes.fromhex(str(payload.get("logID")))).decode()
    except ValueError:
        raise FormatError("the log entry cannot be read") from None
    kind = strict_json.loads(body, limit=_LIMIT, what="the log entry")
    if not isinstance(kind, dict):
        raise FormatError("the log entry cannot be read")
    return [
        {
            "logIndex": str(payload.get("logIndex")),
            "logId": {"keyId": log},
            "kindVersion": {"kind": str(kind.get("kind")), "version": str(kind.get("apiVersion"))},
            "integratedTime": str(payload.get("integratedTime")),
            "inclusionPromise": {"signedEntryTimestamp": plain.get("SignedEntryTimestamp")},
            "canonicalizedBody": payload.get("body"),
        }
    ]
