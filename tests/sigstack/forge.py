"""Any bundle an attacker could make, and honest ones, really signed and logged, in milliseconds and without HTTP.

forge.bundle(stack, statement)                                            # honest: Rekor v1 and a timestamp
forge.bundle(stack, statement, claims=github(event="pull_request_target"))
forge.bundle(stack, statement, rekor=2, tsa=False)                        # nothing proves a time
forge.bundle(stack, statement, at=NOW - timedelta(days=40))
forge.bundle(stack, statement, logged=other_statement)                    # another statement's log entry
"""

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from sigstack import claims as claim_sets
from sigstack import rekor as rekors
from sigstack.ca import LIFE, Authority, TransparencyLog, encoded, key_id, new_key, pem, spki
from sigstack.claims import Claims
from sigstack.rekor import Log, b64
from sigstack.stack import SigStack
from sigstack.tsa import TimestampAuthority

Json = dict[str, Any]

IN_TOTO = "application/vnd.in-toto+json"
MEDIA = {
    "0.1": "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "0.2": "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "0.3": "application/vnd.dev.sigstore.bundle.v0.3+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """What a forged bundle may have wrong; all defaults are honest."""

    extensions: Mapping[int, str | bytes | None] | None = None
    """Fulcio extensions by last number that replace what the claims give; bytes are written as they are."""
    names: list[x509.GeneralName] | None = None
    purposes: list[x509.ObjectIdentifier] | None = None
    ct: str = "own"
    """The certificate's transparency timestamp: own, foreign, none."""
    life: timedelta = LIFE
    authority: Authority | None = None
    """Another certificate authority."""
    signed_by: ec.EllipticCurvePrivateKey | None = None
    """Sign with a key that is not the certified one."""
    raw_signature: bool = False
    """r‖s instead of DER."""
    log: Log | None = None
    """Another log."""
    kind: str = ""
    """The entry's kind where it is not the usual one: intoto/0.0.2, dsse/0.0.2, hashedrekord/0.0.1."""
    logged: bytes | None = None
    """Log another payload (or file) than the one in the bundle."""
    body: bytes | None = None
    """Log exactly this body."""
    entries: int = 1
    log_time: datetime | None = None
    moved_time: datetime | None = None
    """Change the integrated time after the log signed it."""
    promise: bool = True
    proof: str = "good"
    """The inclusion proof: good, wrong, none."""
    checkpoint: str = "good"
    """good, wrong (another root), foreign (signed by another log), none."""
    stamps: int = 1
    tsa_time: datetime | None = None
    authority_of_time: TimestampAuthority | None = None
    stamp_over: bytes | None = None
    """Stamp other bytes than the signature."""
    signatures: int = 1
    payload_after: bytes | None = None
    """Replace the payload (or the digest's file) after it was signed and logged."""
    type_after: str | None = None
    version: str = "0.3"
    media_type: str | None = None
    change: Callable[[Json], object] | None = None
    """Does anything else to the finished bundle."""


def pae(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def bundle(
    stack: SigStack,
    statement: bytes,
    claims: Claims | None = None,
    rekor: int = 1,
    tsa: bool = True,
    at: datetime | None = None,
    payload_type: str = IN_TOTO,
    **knobs: Any,
) -> str:
    """A bundle around a DSSE envelope of any bytes. See Knobs for what else can be wrong with it."""
    made = _Made(stack, claims, rekor, tsa, at, Knobs(**knobs))
    signature = made.sign(pae(payload_type, statement))
    logged = statement if made.knobs.logged is None else made.knobs.logged
    signed = signature if made.knobs.logged is None else made.sign(pae(payload_type, logged))
    entries = made.entries(made.envelope_body(payload_type, logged, signed))
    knobs_ = made.knobs
    shown = statement if knobs_.payload_after is None else knobs_.payload_after
    kind = payload_type if knobs_.type_after is None else knobs_.type_after
    envelope = _envelope(kind, shown, [signature] * knobs_.signatures)
    return made.finish(signature, entries, {"dsseEnvelope": envelope})


def artifact_bundle(
    stack: SigStack,
    data: bytes,
    claims: Claims | None = None,
    rekor: int = 1,
    tsa: bool = True,
    at: datetime | None = None,
    **knobs: Any,
) -> str:
    """A bundle with a message signature over a file."""
    made = _Made(stack, claims, rekor, tsa, at, Knobs(**knobs))
    signature = made.sign(data)
    logged = data if made.knobs.logged is None else made.knobs.logged
    signed = signature if made.knobs.logged is None else made.sign(logged)
    entries = made.entries(made.file_body(logged, signed))
    shown = data if made.knobs.payload_after is None else made.knobs.payload_after
    digest = {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(shown).digest())}
    return made.finish(signature, entries, {"messageSignature": {"messageDigest": digest, "signature": b64(signature)}})


def key_bundle(
    stack: SigStack,
    statement: bytes,
    key: ec.EllipticCurvePrivateKey,
    rekor: int = 0,
    tsa: bool = True,
    at: datetime | None = None,
    payload_type: str = IN_TOTO,
) -> str:
    """A managed-key bundle, as cosign writes it: a hint instead of a certificate; `rekor=0` leaves the log out."""
    at = at or datetime.now(UTC)
    signature = key.sign(pae(payload_type, statement), ec.ECDSA(hashes.SHA256()))
    material: Json = {"publicKey": {"hint": b64(key_id(key.public_key()))}, "tlogEntries": []}
    if rekor == 1:
        verifier = key.public_key().public_bytes(serialization.Encoding.PEM, _SPKI)
        envelope = rekors.canonical(_envelope(payload_type, statement, [signature]))
        body = rekors.dsse_v1(envelope, statement, [signature], verifier)
        material["tlogEntries"] = [stack.parts.log1.append(body, at).entry]
    elif rekor == 2:
        digest = hashlib.sha256(pae(payload_type, statement)).digest()
        material["tlogEntries"] = [stack.parts.log2.append(_managed(digest, signature, key), at).entry]
    if tsa:
        material["timestampVerificationData"] = _stamped([stack.parts.tsa.stamp(_sha256(signature), at)])
    envelope_ = _envelope(payload_type, statement, [signature])
    return json.dumps({"mediaType": MEDIA["0.3"], "verificationMaterial": material, "dsseEnvelope": envelope_})


def statement(
    name: str,
    sha256: str,
    predicate_type: str,
    predicate: Mapping[str, object],
    **members: object,
) -> bytes:
    """An in-toto statement v1 about one file; `members` replace top-level members."""
    plain: Json = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": sha256}}],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    return rekors.canonical(plain | members)


def github_provenance(claims: Claims, **parts: object) -> Json:
    """The SLSA v1 predicate GitHub's own attest action writes for these claims; `parts` replace top-level members."""
    server = claim_sets.SERVER
    repository, ref = f"{server}/{claims['repository']}", claims["ref"]
    path = str(claims["workflow_ref"]).removeprefix(f"{claims['repository']}/").removesuffix(f"@{ref}")
    run = f"{repository}/actions/runs/{claims['run_id']}/attempts/{claims['run_attempt']}"
    internal = {
        "event_name": claims["event_name"],
        "repository_id": claims["repository_id"],
        "repository_owner_id": claims["repository_owner_id"],
        "runner_environment": claims["runner_environment"],
    }
    predicate: Json = {
        "buildDefinition": {
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": {"workflow": {"ref": ref, "repository": repository, "path": path}},
            "internalParameters": {"github": internal},
            "resolvedDependencies": [{"uri": f"git+{repository}@{ref}", "digest": {"gitCommit": claims["sha"]}}],
        },
        "runDetails": {
            "builder": {"id": f"{server}/{claims['job_workflow_ref']}"},
            "metadata": {"invocationId": run},
        },
    }
    return predicate | parts


_SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


class _Made:
    """The parts of one bundle while it is made."""

    def __init__(
        self, stack: SigStack, claims: Claims | None, rekor: int, tsa: bool, at: datetime | None, knobs: Knobs
    ) -> None:
        self.knobs = knobs
        self.at = at or datetime.now(UTC)
        parts = stack.parts
        self._tsa = knobs.authority_of_time or parts.tsa
        self._stamps = knobs.stamps if tsa else 0
        self._log = knobs.log or (parts.log1 if rekor == 1 else parts.log2)
        certified = new_key()
        self._key = knobs.signed_by or certified
        subject = claim_sets.subject(claims if claims is not None else claim_sets.github())
        authority = knobs.authority or parts.authority
        self._chain = authority.chain
        self._certificate = authority.issue(
            subject,
            certified.public_key(),
            self.at - timedelta(seconds=2),
            log=TransparencyLog() if knobs.ct == "foreign" else None,
            stamped=knobs.ct != "none",
            life=knobs.life,
            replaced=knobs.extensions,
            names=knobs.names,
            purposes=knobs.purposes,
        )

    def sign(self, data: bytes) -> bytes:
        signature = self._key.sign(data, ec.ECDSA(hashes.SHA256()))
        if self.knobs.raw_signature:
            r, s = decode_dss_signature(signature)
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return signature

    def envelope_body(self, payload_type: str, payload: bytes, signature: bytes) -> bytes:
        kind = self.knobs.kind or ("dsse/0.0.1" if self._log.version == 1 else "hashedrekord/0.0.2")
        verifier, certificate = pem(self._certificate).encode(), encoded(self._certificate)
        envelope = rekors.canonical(_envelope(payload_type, payload, [signature]))
        digest = hashlib.sha256(pae(payload_type, payload)).digest()
        bodies: dict[str, Callable[[], bytes]] = {
            "dsse/0.0.1": lambda: rekors.dsse_v1(envelope, payload, [signature], verifier),
            "intoto/0.0.2": lambda: rekors.intoto_v2(envelope, payload_type, payload, signature, verifier),
            "hashedrekord/0.0.1": lambda: rekors.hashedrekord_v1(digest, signature, verifier),
            "hashedrekord/0.0.2": lambda: rekors.hashedrekord_v2(digest, signature, certificate),
            "dsse/0.0.2": lambda: rekors.dsse_v2(payload, signature, certificate),
        }
        return bodies[kind]()

    def file_body(self, data: bytes, signature: bytes) -> bytes:
        digest = hashlib.sha256(data).digest()
        if (self.knobs.kind or f"hashedrekord/0.0.{self._log.version}") == "hashedrekord/0.0.1":
            return rekors.hashedrekord_v1(digest, signature, pem(self._certificate).encode())
        return rekors.hashedrekord_v2(digest, signature, encoded(self._certificate))

    def entries(self, body: bytes) -> list[Json]:
        knobs = self.knobs
        if knobs.entries == 0:
            return []
        logged = self._log.append(body if knobs.body is None else knobs.body, knobs.log_time or self.at)
        entry = logged.entry
        proof = entry["inclusionProof"]
        if knobs.proof == "wrong":
            proof["hashes"][0] = b64(bytes(32))
        if knobs.checkpoint == "wrong":
            proof["checkpoint"]["envelope"] = self._log.note(logged.size, bytes(32))
        elif knobs.checkpoint == "foreign":
            proof["checkpoint"]["envelope"] = type(self._log)().note(logged.size, logged.root)
        elif knobs.checkpoint == "none":
            del proof["checkpoint"]
        if knobs.proof == "none":
            del entry["inclusionProof"]
        if knobs.moved_time is not None:
            entry["integratedTime"] = str(int(knobs.moved_time.timestamp()))
        if not knobs.promise:
            entry.pop("inclusionPromise", None)
        return [copy.deepcopy(entry) for _ in range(knobs.entries)]

    def finish(self, signature: bytes, entries: list[Json], content: Json) -> str:
        knobs = self.knobs
        over = signature if knobs.stamp_over is None else knobs.stamp_over
        when = knobs.tsa_time or self.at
        stamps = [self._tsa.stamp(_sha256(over), when) for _ in range(self._stamps)]
        raw = {"rawBytes": b64(encoded(self._certificate))}
        material: Json = {"tlogEntries": entries}
        if knobs.version == "0.3":
            material["certificate"] = raw
        else:
            issuer = {"rawBytes": b64(encoded(self._chain[0]))}
            material["x509CertificateChain"] = {"certificates": [raw, issuer]}
        if stamps:
            material["timestampVerificationData"] = _stamped(stamps)
        media = MEDIA[knobs.version] if knobs.media_type is None else knobs.media_type
        plain: Json = {"mediaType": media, "verificationMaterial": material, **content}
        if knobs.change is not None:
            knobs.change(plain)
        return json.dumps(plain)


def _envelope(kind: str, payload: bytes, signatures: list[bytes]) -> Json:
    return {"payload": b64(payload), "payloadType": kind, "signatures": [{"sig": b64(one)} for one in signatures]}


def _stamped(stamps: list[bytes]) -> Json:
    return {"rfc3161Timestamps": [{"signedTimestamp": b64(stamp)} for stamp in stamps]}


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _managed(digest: bytes, signature: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    verifier = {"keyDetails": "PKIX_ECDSA_P256_SHA_256", "publicKey": {"rawBytes": b64(spki(key.public_key()))}}
    signed = {"content": b64(signature), "verifier": verifier}
    data = {"algorithm": "SHA2_256", "digest": b64(digest)}
    spec = {"hashedRekordV002": {"data": data, "signature": signed}}
    return rekors.canonical({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": spec})
