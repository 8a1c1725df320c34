"""An RFC 3161 timestamp authority."""

import hashlib
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from sigstack import der
from sigstack.ca import certified, encoded, name, new_key

_SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
_SHA256_BYTES = der.oid("2.16.840.1.101.3.4.2.1")
_ECDSA = der.sequence(der.oid("1.2.840.10045.4.3.2"))
_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
_TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE = der.oid("1.2.840.113549.1.9.16.2.47")
_POLICY = der.oid("1.3.6.1.4.1.57264.2")


class TimestampAuthority:
    """Stamps digests; `chain` is [leaf, root]."""

    def __init__(self, now: datetime | None = None) -> None:
        now = now or datetime.now(UTC)
        root, self._key = new_key(), new_key()
        top = name("timestamp root")
        purposes = [ExtendedKeyUsageOID.TIME_STAMPING]
        self.chain = (
            certified(name("timestamp"), self._key.public_key(), (top, root), now, depth=None, purposes=purposes),
            certified(top, root.public_key(), (top, root), now, depth=0),
        )

    def stamp(self, digest: bytes, at: datetime, nonce: int | None = None) -> bytes:
        """A granted response over a SHA-256 digest."""
        info = der.sequence(
            der.integer(1),
            _POLICY,
            der.sequence(_SHA256, der.octets(digest)),
            der.integer(x509.random_serial_number() >> 8),
            der.generalized(at),
            *([] if nonce is None else [der.integer(nonce)]),
        )
        return der.sequence(der.sequence(der.integer(0)), self._token(info))

    def answer(self, request: bytes, at: datetime) -> bytes:
        """The response to a DER request. ValueError when it is none, or not about a SHA-256 digest."""
        ((_, body),) = der.elements(request)
        _, (_, imprint), *rest = der.elements(body)
        (_, algorithm), (_, digest) = der.elements(imprint)
        if not algorithm.startswith(_SHA256_BYTES) or len(digest) != 32:
            raise ValueError("only SHA-256 digests are stamped")
        nonce = next((int.from_bytes(value, "big") for tag, value in rest if tag == 0x02), None)
        return self.stamp(digest, at, nonce)

    def _token(self, info: bytes) -> bytes:
        leaf = self.chain[0]
        held = der.sequence(der.sequence(der.sequence(der.octets(hashlib.sha256(encoded(leaf)).digest()))))
        attributes = [
            der.sequence(_CONTENT_TYPE, der.set_of(_TST_INFO)),
            der.sequence(_MESSAGE_DIGEST, der.set_of(der.octets(hashlib.sha256(info).digest()))),
            der.sequence(_SIGNING_CERTIFICATE, der.set_of(held)),
        ]
        signed = der.set_of(*attributes)
        signer = der.sequence(
            der.integer(1),
            der.sequence(leaf.issuer.public_bytes(), der.integer(leaf.serial_number)),
            _SHA256,
            der.tlv(0xA0, *sorted(attributes)),
            _ECDSA,
            der.octets(self._key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        )
        data = der.sequence(
            der.integer(3),
            der.set_of(_SHA256),
            der.sequence(_TST_INFO, der.tlv(0xA0, der.octets(info))),
            der.tlv(0xA0, encoded(leaf)),
            der.set_of(signer),
        )
        return der.sequence(_SIGNED_DATA, der.tlv(0xA0, data))
