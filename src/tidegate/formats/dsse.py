"""A DSSE envelope carries one in-toto statement under exactly one signature (DSSE v1.0.2)."""

import base64
import binascii
from dataclasses import dataclass

from tidegate.errors import FormatError

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREFIX = b"DSSEv1 "
"""How everything begins that an envelope's signature covers."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope as signed; `keyid` is a hint of the signer and proves nothing."""

    payload_type: str
    payload: bytes
    signature: bytes
    keyid: str = ""

    @property
    def signed(self) -> bytes:
        """The bytes the signature covers."""
        return pae(self.payload_type, self.payload)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Pre-authentication encoding (DSSE "SIGNATURE DEFINITION"): both lengths are part of what is signed."""
    kind = payload_type.encode()
    return PREFIX + b"%d %b %d %b" % (len(kind), kind, len(payload), payload)


def parse(plain: object) -> Envelope:
    """Read an envelope from plain JSON data. Raises FormatError for another payload type or signature count."""
    fields = members(plain, {"payload", "payloadType", "signatures"}, "the envelope")
    if fields.get("payloadType") != PAYLOAD_TYPE:
        raise FormatError(f"the envelope's payload type is not `{PAYLOAD_TYPE}`")
    signatures = fields.get("signatures")
    if not isinstance(signatures, list) or len(signatures) != 1:
        count = len(signatures) if isinstance(signatures, list) else 0
        raise FormatError(f"the envelope must have exactly one signature, it has {count}")
    signature = members(signatures[0], {"sig", "keyid"}, "the envelope's signature")
    keyid = signature.get("keyid", "")
    if not isinstance(keyid, str):
        raise FormatError("the envelope's keyid is not text")
    payload = decode(fields.get("payload"), "the envelope's payload")
    return Envelope(PAYLOAD_TYPE, payload, decode(signature.get("sig"), "the envelope's signature"), keyid)


def plain(envelope: Envelope) -> dict[str, object]:
    """The envelope as JSON data."""
    signature = {"sig": encode(envelope.signature)} | ({"keyid": envelope.keyid} if envelope.keyid else {})
    return {
        "payload": encode(envelope.payload),
        "payloadType": envelope.payload_type,
        "signatures": [signature],
    }


def members(plain: object, known: set[str], what: str) -> dict[str, object]:
    """A JSON object with no keys but `known`: a field nobody reads could say something else to another reader."""
    if not isinstance(plain, dict):
        raise FormatError(f"{what} is not an object")
    unknown = sorted(set(plain) - known)
    if unknown:
        raise FormatError(f"{what} has the unknown field {unknown[0][:80]!a}")
    return plain


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def decode(text: object, what: str) -> bytes:
    """Standard base64 in its one canonical spelling, not empty."""
    if not isinstance(text, str) or not text:
        raise FormatError(f"{what} is missing")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise FormatError(f"{what} is not base64") from None
    if encode(data) != text:
        raise FormatError(f"{what} is not canonical base64")
    return data
