"""A Sigstore bundle holds one signature and names its signer, by certificate or by key (bundle v0.1 to v0.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats import dsse, records, strict_json
from tidegate.formats.dsse import Envelope

LIMIT = 24 * 1024 * 1024
MAX_LINES = 200
V03 = "application/vnd.dev.sigstore.bundle.v0.3+json"
MEDIA_TYPES = {
    "application/vnd.dev.sigstore.bundle+json;version=0.1": "0.1",
    "application/vnd.dev.sigstore.bundle+json;version=0.2": "0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3": "0.3",
    V03: "0.3",
}
_MATERIAL = {"publicKey", "certificate", "x509CertificateChain", "tlogEntries", "timestampVerificationData"}
_MAX_STAMPS = 32


class UnsupportedEvidence(FormatError):
    """A bundle that may be sound, in a shape this version cannot check; it is never taken for a bad signature."""


class LogProofMissing(UnsupportedEvidence):
    """A certificate's bundle that does not prove, offline, that its log holds the signature."""


class SignatureRefused(FormatError):
    """A well-formed bundle whose signature, certificate or log proof does not verify."""


class TimeMissing(SignatureRefused):
    """A certificate's bundle in which nothing says when it was signed: the certificate lived for minutes."""


class UnknownSigner(FormatError):
    """A well-formed bundle signed by none of the keys it may be signed with."""


@dataclass(frozen=True, slots=True)
class Message:
    """A signature over a file's digest. `digest` is the digest the signer wrote down, b"" when there is none."""

    signature: bytes
    algorithm: str = ""
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A log entry nobody has checked yet. `time` (Unix seconds) counts only where `promise`, the log's signature, does.

    `proof` says whether a proof of inclusion with a checkpoint is there; `plain` is the entry as JSON data.
    """

    kind: str
    version: str
    proof: bool
    log: bytes = b""
    body: bytes = b""
    time: int | None = None
    promise: bool = False
    plain: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A parsed bundle. One of `hint` (a key) and `certificate` (DER) is set, and one of `envelope` and `message`."""

    version: str
    hint: str | None
    certificate: bytes | None
    envelope: Envelope | None
    message: Message | None
    entries: tuple[LogEntry, ...] = ()
    timestamps: tuple[bytes, ...] = ()

    @property
    def signature(self) -> bytes:
        if self.envelope is not None:
            return self.envelope.signature
        return self.message.signature if self.message is not None else b""


def parse(raw: bytes) -> Bundle:
    """Read one bundle. Raises FormatError, UnsupportedEvidence for a media type of another version."""
    plain = strict_json.loads(raw, limit=LIMIT, what="the bundle")
    if isinstance(plain, dict) and "mediaType" not in plain and "payloadType" in plain:
        raise LogProofMissing("a bare envelope carries no certificate and no log proof, and cannot be checked offline")
    fields = dsse.members(
        plain, {"mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature"}, "the bundle"
    )
    version = MEDIA_TYPES.get(str(fields.get("mediaType")))
    if version is None:
        raise UnsupportedEvidence(f"the bundle's media type {str(fields.get('mediaType'))[:80]!a} is not known")
    material = dsse.members(fields.get("verificationMaterial"), _MATERIAL, "the verification material")
    hint, certificate = _signer(material)
    if ("dsseEnvelope" in fields) == ("messageSignature" in fields):
        raise FormatError("the bundle must hold either an envelope or a message signature")
    return Bundle(
        version=version,
        hint=hint,
        certificate=certificate,
        envelope=dsse.parse(fields["dsseEnvelope"]) if "dsseEnvelope" in fields else None,
        message=_message(fields["messageSignature"]) if "messageSignature" in fields else None,
        entries=tuple(_entry(item) for item in _list(material.get("tlogEntries", []), "tlogEntries")),
        timestamps=_timestamps(material.get("timestampVerificationData")),
    )


def lines(raw: bytes) -> list[bytes]:
    """The bundles of a JSON Lines file, blank lines left out. Raises FormatError when there are too many."""
    found = [line for line in raw.split(b"\n") if line.strip()]
    if len(found) > MAX_LINES:
        raise FormatError(f"there are more than {MAX_LINES} bundles in one file")
    return found


def build(hint: str, signed: Envelope | Message) -> str:
    """A v0.3 bundle of a key's signature, without log entry or timestamp, on one line."""
    content: Mapping[str, object]
    if isinstance(signed, Envelope):
        content = {"dsseEnvelope": dsse.plain(signed)}
    else:
        digest = {"algorithm": signed.algorithm, "digest": dsse.encode(signed.digest)}
        content = {"messageSignature": {"messageDigest": digest, "signature": dsse.encode(signed.signature)}}
    material = {"publicKey": {"hint": hint}, "tlogEntries": []}
    return records.canonical({"mediaType": V03, "verificationMaterial": material, **content}).decode()


def _signer(material: Mapping[str, object]) -> tuple[str | None, bytes | None]:
    present = [key for key in ("publicKey", "certificate", "x509CertificateChain") if key in material]
    if len(present) != 1:
        raise FormatError("the bundle must name exactly one signer, by key or by certificate")
    if present == ["publicKey"]:
        hint = dsse.members(material["publicKey"], {"hint"}, "the public key").get("hint", "")
        if not isinstance(hint, str) or len(hint) > 1000:
            raise FormatError("the public key's hint is not a text")
        return hint, None
    if present == ["certificate"]:
        return None, _certificate(material["certificate"])
    chain = dsse.members(material["x509CertificateChain"], {"certificates"}, "the certificate chain")
    certificates = _list(chain.get("certificates"), "certificates")
    if not certificates:
        raise FormatError("the certificate chain is empty")
    return None, _certificate(certificates[0])


def _certificate(plain: object) -> bytes:
    return dsse.decode(dsse.members(plain, {"rawBytes"}, "the certificate").get("rawBytes"), "the certificate")


def _message(plain: object) -> Message:
    fields = dsse.members(plain, {"messageDigest", "signature"}, "the message signature")
    signature = dsse.decode(fields.get("signature"), "the signature")
    if "messageDigest" not in fields:
        return Message(signature)
    digest = dsse.members(fields["messageDigest"], {"algorithm", "digest"}, "the message digest")
    algorithm = digest.get("algorithm")
    if not isinstance(algorithm, str):
        raise FormatError("the message digest's algorithm is not a text")
    return Message(signature, algorithm, dsse.decode(digest.get("digest"), "the message digest"))


def _entry(plain: object) -> LogEntry:
    if not isinstance(plain, dict):
        raise FormatError("a log entry is not an object")
    kind = plain.get("kindVersion")
    name, version = (kind.get("kind"), kind.get("version")) if isinstance(kind, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(version, str):
        raise FormatError("a log entry does not say its kind")
    proof, log = plain.get("inclusionProof"), plain.get("logId")
    return LogEntry(
        kind=name,
        version=version,
        proof=isinstance(proof, dict) and bool(proof.get("checkpoint")),
        log=dsse.decode(log["keyId"], "the log's id") if isinstance(log, dict) and log.get("keyId") else b"",
        body=dsse.decode(plain["canonicalizedBody"], "the log entry") if plain.get("canonicalizedBody") else b"",
        time=_seconds(plain.get("integratedTime")),
        promise=bool(plain.get("inclusionPromise")),
        plain=plain,
    )


def _seconds(plain: object) -> int | None:
    """A time as protobuf's JSON writes it, a text of digits; 0 and an absent one mean that there is none."""
    text = str(plain) if isinstance(plain, int) and not isinstance(plain, bool) else plain
    if text is None or text == "0":
        return None
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > 11:
        raise FormatError("a log entry's time is not a number")
    return int(text)


def _timestamps(plain: object) -> tuple[bytes, ...]:
    if plain is None:
        return ()
    stamps = dsse.members(plain, {"rfc3161Timestamps"}, "the timestamp data").get("rfc3161Timestamps", [])
    read = tuple(
        dsse.decode(dsse.members(item, {"signedTimestamp"}, "a timestamp").get("signedTimestamp"), "a timestamp")
        for item in _list(stamps, "rfc3161Timestamps")
    )
    if len(set(read)) != len(read):
        raise FormatError("the bundle holds one timestamp twice")
    return read


def _list(plain: object, what: str) -> list[object]:
    if not isinstance(plain, list) or len(plain) > _MAX_STAMPS:
        raise FormatError(f"`{what}` is not a list of bearable length")
    return plain
