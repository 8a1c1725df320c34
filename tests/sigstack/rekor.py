"""Rekor, both of them: v1 with a signed entry timestamp, v2 (tiles) with an Ed25519 checkpoint and no time."""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sigstack.ca import key_id, new_key, spki
from sigstack.merkle import Tree

Json = dict[str, Any]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def canonical(plain: object) -> bytes:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of a log with all that proves it; `entry` is its form in a bundle."""

    body: bytes
    index: int
    size: int
    root: bytes
    path: tuple[bytes, ...]
    checkpoint: str
    log_id: bytes
    time: int | None = None
    promise: bytes | None = None

    @property
    def entry(self) -> Json:
        said = json.loads(self.body)
        plain: Json = {
            "logIndex": str(self.index),
            "logId": {"keyId": b64(self.log_id)},
            "kindVersion": {"kind": said["kind"], "version": said["apiVersion"]},
            "inclusionProof": {
                "logIndex": str(self.index),
                "rootHash": b64(self.root),
                "treeSize": str(self.size),
                "hashes": [b64(node) for node in self.path],
                "checkpoint": {"envelope": self.checkpoint},
            },
            "canonicalizedBody": b64(self.body),
        }
        if self.time is not None and self.promise is not None:
            plain["integratedTime"] = str(self.time)
            plain["inclusionPromise"] = {"signedEntryTimestamp": b64(self.promise)}
        return plain

    @property
    def response(self) -> Json:
        """The answer of Rekor v1 to a new entry."""
        proof = {
            "checkpoint": self.checkpoint,
            "hashes": [node.hex() for node in self.path],
            "logIndex": self.index,
            "rootHash": self.root.hex(),
            "treeSize": self.size,
        }
        return {
            hashlib.sha256(b"\x00" + self.body).hexdigest(): {
                "body": b64(self.body),
                "integratedTime": self.time,
                "logID": self.log_id.hex(),
                "logIndex": self.index,
                "verification": {"inclusionProof": proof, "signedEntryTimestamp": b64(self.promise or b"")},
            }
        }


class LogV1:
    """ECDSA P-256; every entry carries a time the log promised it at."""

    version = 1
    name = "rekor-v1.sigstack.example"

    def __init__(self) -> None:
        self._key = new_key()
        self._tree = Tree()
        self._lock = threading.Lock()
        self.public = self._key.public_key()
        self.log_id = key_id(self.public)
        # sigstore-models wants fields that protobuf writers leave out when they are zero.
        self._tree.append(b'{"seed":1}')

    @property
    def spki(self) -> bytes:
        return spki(self.public)

    def append(self, body: bytes, at: datetime) -> Logged:
        with self._lock:
            index = self._tree.append(body)
            size, root, path = len(self._tree), self._tree.root(), tuple(self._tree.proof(index))
        time = int(at.timestamp())
        return Logged(
            body, index, size, root, path, self.note(size, root), self.log_id, time, self.promise(body, time, index)
        )

    def promise(self, body: bytes, time: int, index: int) -> bytes:
        """The signed entry timestamp."""
        plain = {"body": b64(body), "integratedTime": time, "logID": self.log_id.hex(), "logIndex": index}
        return self._key.sign(canonical(plain), ec.ECDSA(hashes.SHA256()))

    def note(self, size: int, root: bytes) -> str:
        """A signed checkpoint."""
        text = f"{self.name} - 1234567890\n{size}\n{b64(root)}\n"
        signature = self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
        return f"{text}\n— {self.name} {b64(self.log_id[:4] + signature)}\n"


class LogV2:
    """Ed25519; the log says nothing about time, a timestamp authority must."""

    version = 2
    name = "rekor-v2.sigstack.example"

    def __init__(self) -> None:
        self._key = ed25519.Ed25519PrivateKey.generate()
        self._tree = Tree()
        self._lock = threading.Lock()
        raw = self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.log_id = hashlib.sha256(self.name.encode() + b"\n\x01" + raw).digest()
        self._tree.append(b'{"seed":2}')

    @property
    def spki(self) -> bytes:
        return self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def append(self, body: bytes, at: datetime) -> Logged:
        with self._lock:
            index = self._tree.append(body)
            size, root, path = len(self._tree), self._tree.root(), tuple(self._tree.proof(index))
        return Logged(body, index, size, root, path, self.note(size, root), self.log_id)

    def note(self, size: int, root: bytes) -> str:
        text = f"{self.name}\n{size}\n{b64(root)}\n"
        return f"{text}\n— {self.name} {b64(self.log_id[:4] + self._key.sign(text.encode()))}\n"


Log = LogV1 | LogV2


def hashedrekord_v1(digest: bytes, signature: bytes, verifier: bytes, algorithm: str = "sha256") -> bytes:
    """`verifier` is a PEM certificate or public key."""
    spec = {
        "data": {"hash": {"algorithm": algorithm, "value": digest.hex()}},
        "signature": {"content": b64(signature), "publicKey": {"content": b64(verifier)}},
    }
    return canonical({"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec})


def dsse_v1(envelope: bytes, payload: bytes, signatures: list[bytes], verifier: bytes) -> bytes:
    spec = {
        "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(envelope).hexdigest()},
        "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
        "signatures": [{"signature": b64(signature), "verifier": b64(verifier)} for signature in signatures],
    }
    return canonical({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})


def intoto_v2(envelope: bytes, payload_type: str, payload: bytes, signature: bytes, verifier: bytes) -> bytes:
    """`intoto/0.0.2`, as the npm registry and slsa-github-generator logged until 2024."""
    signed = {"publicKey": b64(verifier), "sig": b64(b64(signature).encode())}
    content = {
        "envelope": {"payloadType": payload_type, "signatures": [signed]},
        "hash": {"algorithm": "sha256", "value": hashlib.sha256(envelope).hexdigest()},
        "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
    }
    return canonical({"apiVersion": "0.0.2", "kind": "intoto", "spec": {"content": content}})


def _signature_v2(signature: bytes, certificate: bytes) -> Json:
    verifier = {"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": {"rawBytes": b64(certificate)}}
    return {"content": b64(signature), "verifier": verifier}


def hashedrekord_v2(digest: bytes, signature: bytes, certificate: bytes) -> bytes:
    """`certificate` is DER; for an envelope `digest` is that of its pre-authentication encoding."""
    data = {"algorithm": "SHA2_256", "digest": b64(digest)}
    spec = {"hashedRekordV002": {"data": data, "signature": _signature_v2(signature, certificate)}}
    return canonical({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": spec})


def dsse_v2(payload: bytes, signature: bytes, certificate: bytes) -> bytes:
    """`dsse/0.0.2`, as sigstore-js logs."""
    hashed = {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(payload).digest())}
    spec = {"dsseV002": {"payloadHash": hashed, "signatures": [_signature_v2(signature, certificate)]}}
    return canonical({"apiVersion": "0.0.2", "kind": "dsse", "spec": spec})


def body_of_v1(posted: Json) -> bytes:
    """The canonical entry Rekor v1 makes of a request. KeyError or ValueError when it is none it knows."""
    if posted["kind"] == "hashedrekord" and posted["apiVersion"] == "0.0.1":
        return canonical({name: posted[name] for name in ("apiVersion", "kind", "spec")})
    if posted["kind"] != "dsse":
        raise ValueError("only hashedrekord and dsse are logged here")
    proposed = posted["spec"]["proposedContent"]
    envelope = json.loads(proposed["envelope"])
    signatures = [base64.b64decode(signed["sig"]) for signed in envelope["signatures"]]
    (verifier,) = proposed["verifiers"]
    payload = base64.b64decode(envelope["payload"])
    return dsse_v1(proposed["envelope"].encode(), payload, signatures, base64.b64decode(verifier))


def body_of_v2(posted: Json) -> bytes:
    """The canonical entry Rekor v2 makes of a request."""
    if "hashedRekordRequestV002" in posted:
        asked = posted["hashedRekordRequestV002"]
        data = {"algorithm": "SHA2_256", "digest": asked["digest"]}
        spec: Json = {"hashedRekordV002": {"data": data, "signature": _kept(asked["signature"])}}
        return canonical({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": spec})
    asked = posted["dsseRequestV002"]
    envelope = asked["envelope"]
    (verifier,) = asked["verifiers"]
    (signed,) = envelope["signatures"]
    hashed = b64(hashlib.sha256(base64.b64decode(envelope["payload"])).digest())
    signature = {"content": signed["sig"], "verifier": verifier}
    spec = {"dsseV002": {"payloadHash": {"algorithm": "SHA2_256", "digest": hashed}, "signatures": [_kept(signature)]}}
    return canonical({"apiVersion": "0.0.2", "kind": "dsse", "spec": spec})


def _kept(signature: Json) -> Json:
    verifier = signature["verifier"]
    named = "x509Certificate" if "x509Certificate" in verifier else "publicKey"
    kept = {"keyDetails": verifier["keyDetails"], named: verifier[named]}
    return {"content": signature["content"], "verifier": kept}


def now() -> datetime:
    return datetime.now(UTC)
