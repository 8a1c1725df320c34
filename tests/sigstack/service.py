"""One loopback server that is Fulcio, both Rekors, the timestamp authority, the token issuer and the TUF repository.

Fulcio sits at the host's root, because clients drop any path before its endpoint.
"""

import base64
import binascii
import contextlib
import json
import socket
import struct
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sigstack import claims as claim_sets
from sigstack.ca import Authority, TransparencyLog, pem
from sigstack.claims import Claims
from sigstack.oidc import REQUEST_TOKEN, Issuer
from sigstack.rekor import LogV1, LogV2, body_of_v1, body_of_v2
from sigstack.tsa import TimestampAuthority
from support.loopback import Handler, Http

SERVICES = ("fulcio", "rekor", "tsa", "oidc")
MODES = ("good", "hang", "429", "500", "wrong-proof", "expired", "other-instance", "refuse", "garbage", "none")


class Refused(Exception):
    """A request the service answers with a status of its own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Parts:
    """What the services of one instance hold; `modes` says how each one behaves."""

    authority: Authority
    log1: LogV1
    log2: LogV2
    tsa: TimestampAuthority
    issuer: Issuer
    claims: Claims = field(default_factory=claim_sets.github)
    modes: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SERVICES, "good"))
    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)
    """Bodies posted, in order."""
    foreign: "Parts | None" = None
    """The parts of another instance, for `other-instance` and `wrong-proof`."""

    @classmethod
    def new(cls) -> "Parts":
        return cls(Authority(), LogV1(), LogV2(), TimestampAuthority(), Issuer())

    def other(self) -> "Parts":
        if self.foreign is None:
            self.foreign = Parts.new()
        return self.foreign


Answer = tuple[int, str, bytes]


def _json(plain: object, status: int = 201) -> Answer:
    return status, "application/json", json.dumps(plain).encode()


class Services:
    """Routes a request to its service, which answers well or as its mode says."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.stopped = threading.Event()

    def route(self, path: str) -> tuple[str, Callable[[dict[str, str], bytes, str], Answer]] | None:
        table = {
            "/api/v2/signingCert": ("fulcio", self.fulcio),
            "/rekor1/api/v1/log/entries": ("rekor", self.rekor1),
            "/rekor2/api/v2/log/entries": ("rekor", self.rekor2),
            "/tsa/api/v1/timestamp": ("tsa", self.timestamp),
            "/oidc/github": ("oidc", self.github),
            "/oidc/keys": ("oidc", lambda *_: _json(self.parts.issuer.jwks(), 200)),
        }
        return table.get(path)

    def mode(self, service: str) -> str:
        return self.parts.modes[service]

    def fulcio(self, headers: dict[str, str], body: bytes, query: str) -> Answer:
        try:
            asked = json.loads(body)
            token = headers.get("authorization", "").removeprefix("Bearer ")
            token = token or asked["credentials"]["oidcIdentityToken"]
            claims = self.parts.issuer.read(token)
            key = _requested_key(asked, claims)
            subject = claim_sets.subject(claims)
        except jwt.PyJWTError as error:
            raise Refused(401, f"the token is not valid: {error}") from None
        except (KeyError, ValueError, TypeError, binascii.Error, InvalidSignature) as error:
            raise Refused(400, f"the request cannot be read: {type(error).__name__}") from None
        mode, authority, at = self.mode("fulcio"), self.parts.authority, _now() - timedelta(seconds=2)
        authority = self.parts.other().authority if mode == "other-instance" else authority
        at = at - timedelta(hours=1) if mode == "expired" else at
        log = TransparencyLog() if mode == "wrong-proof" else None
        chain = [authority.issue(subject, key, at, log=log), *authority.chain]
        return _json({"signedCertificateEmbeddedSct": {"chain": {"certificates": [pem(one) for one in chain]}}}, 200)

    def rekor1(self, headers: dict[str, str], body: bytes, query: str) -> Answer:
        mode = self.mode("rekor")
        log = self.parts.other().log1 if mode == "other-instance" else self.parts.log1
        at = _now() + (timedelta(hours=1) if mode == "expired" else timedelta())
        try:
            response = log.append(body_of_v1(json.loads(body)), at).response
        except (KeyError, ValueError, TypeError) as error:
            raise Refused(400, f"not an entry: {type(error).__name__}") from None
        if mode == "wrong-proof":
            (answer,) = response.values()
            hashed = answer["verification"]["inclusionProof"]["hashes"]
            hashed[0] = bytes(32).hex()
        return _json(response)

    def rekor2(self, headers: dict[str, str], body: bytes, query: str) -> Answer:
        mode = self.mode("rekor")
        log = self.parts.other().log2 if mode == "other-instance" else self.parts.log2
        try:
            entry = log.append(body_of_v2(json.loads(body)), _now()).entry
        except (KeyError, ValueError, TypeError) as error:
            raise Refused(400, f"not an entry: {type(error).__name__}") from None
        if mode == "wrong-proof":
            entry["inclusionProof"]["hashes"][0] = base64.b64encode(bytes(32)).decode()
        return _json(entry)

    def timestamp(self, headers: dict[str, str], body: bytes, query: str) -> Answer:
        mode = self.mode("tsa")
        tsa = self.parts.other().tsa if mode == "other-instance" else self.parts.tsa
        at = _now() + (timedelta(hours=1) if mode == "expired" else timedelta())
        try:
            if "json" in headers.get("content-type", ""):
                digest = base64.b64decode(json.loads(body)["artifactHash"])
                stamp = tsa.stamp(bytes(32) if mode == "wrong-proof" else digest, at)
            else:
                stamp = tsa.stamp(bytes(32), at) if mode == "wrong-proof" else tsa.answer(body, at)
        except (KeyError, ValueError, TypeError) as error:
            raise Refused(400, f"not a timestamp request: {type(error).__name__}") from None
        return 201, "application/timestamp-reply", stamp

    def github(self, headers: dict[str, str], body: bytes, query: str) -> Answer:
        """The endpoint a GitHub job asks for its token."""
        if headers.get("authorization", "").lower() != f"bearer {REQUEST_TOKEN}":
            raise Refused(401, "no")
        audience = dict(urllib.parse.parse_qsl(query)).get("audience", "")
        return _json({"value": self.token(self.parts.claims | {"aud": audience})}, 200)

    def token(self, claims: Claims) -> str:
        mode = self.mode("oidc")
        issuer = self.parts.other().issuer if mode in ("other-instance", "wrong-proof") else self.parts.issuer
        return issuer.token(claims, life=-300 if mode == "expired" else 600)


def _requested_key(asked: dict[str, Any], claims: Claims) -> ec.EllipticCurvePublicKey:
    """The key to certify, whose possession the request proves."""
    if "certificateSigningRequest" in asked:
        request = x509.load_pem_x509_csr(base64.b64decode(asked["certificateSigningRequest"]))
        if not request.is_signature_valid:
            raise ValueError("the request is not signed by its key")
        return _elliptic(request.public_key())
    wanted = asked["publicKeyRequest"]
    key = _elliptic(serialization.load_pem_public_key(wanted["publicKey"]["content"].encode()))
    proof = base64.b64decode(wanted["proofOfPossession"])
    key.verify(proof, str(claims.get("email") or claims["sub"]).encode(), ec.ECDSA(hashes.SHA256()))
    return key


def _elliptic(key: object) -> ec.EllipticCurvePublicKey:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("not an elliptic curve key")
    return key


def _now() -> datetime:
    return datetime.now(UTC)


class Server(Http):
    def __init__(self, services: Services) -> None:
        self.services = services
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(Handler):
    timeout = 20
    server: Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        services = self.server.services
        address = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        services.parts.requests.append(f"{self.command} {address.path}")
        services.parts.seen.append(body)
        found = services.route(address.path)
        if found is None:
            data = services.parts.files.get(address.path)
            self._send((200, "application/octet-stream", data) if data is not None else (404, "text/plain", b"no"))
            return
        service, answer = found
        mode = services.mode(service)
        if mode == "hang":
            services.stopped.wait()
            self.close_connection = True
        elif mode in ("refuse", "none"):
            self._reset()
        elif mode in ("429", "500"):
            self._send(_json({"code": int(mode), "message": f"status {mode}"}, int(mode)))
        elif mode == "garbage":
            self._send((200, "text/html", b"<html>it works</html>"))
        else:
            try:
                self._send(answer({k.lower(): v for k, v in self.headers.items()}, body, address.query))
            except Refused as refused:
                self._send(_json({"code": refused.status, "message": str(refused)}, refused.status))

    def _send(self, answer: Answer) -> None:
        status, kind, data = answer
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
