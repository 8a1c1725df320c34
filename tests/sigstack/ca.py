"""Fulcio: ten-minute certificates with an embedded timestamp of a certificate transparency log."""

import hashlib
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sigstack import der
from sigstack.claims import Subject

ARC = "1.3.6.1.4.1.57264.1."
_SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_RAW = range(1, 7)
"""Extensions .1 to .6 hold bare text, the later ones DER strings."""
LIFE = timedelta(minutes=10)
AGES = timedelta(days=5 * 365)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def spki(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_id(key: ec.EllipticCurvePublicKey) -> bytes:
    return hashlib.sha256(spki(key)).digest()


def encoded(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "sigstack.example"), _common(common)])


def _common(text: str) -> x509.NameAttribute[str]:
    return x509.NameAttribute(NameOID.COMMON_NAME, text)


def usage(*, signs: bool = False, certifies: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(signs, False, False, False, False, certifies, certifies, False, False)


def certified(
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer: tuple[x509.Name, ec.EllipticCurvePrivateKey],
    now: datetime,
    depth: int | None,
    purposes: list[x509.ObjectIdentifier] | None = None,
) -> x509.Certificate:
    """A long-lived certificate: an authority's when `depth` is a number, else a leaf's with critical `purposes`."""
    by, signing = issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - AGES)
        .not_valid_after(now + AGES)
        .add_extension(usage(signs=depth is None, certifies=depth is not None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    if depth is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=depth is None)
    return builder.sign(signing, hashes.SHA256())


class TransparencyLog:
    """A certificate transparency log as far as its signed timestamps go (RFC 6962 section 3.2)."""

    def __init__(self) -> None:
        self._key = new_key()
        self.public = self._key.public_key()
        self.log_id = key_id(self.public)

    def stamp(self, precertificate: bytes, issuer: ec.EllipticCurvePublicKey, at: datetime) -> bytes:
        """The extension's value: a DER octet string around a list of one timestamp."""
        when = struct.pack("!Q", int(at.timestamp() * 1000))
        size = len(precertificate).to_bytes(3, "big")
        signed = b"\x00\x00" + when + b"\x00\x01" + key_id(issuer) + size + precertificate + b"\x00\x00"
        signature = self._key.sign(signed, ec.ECDSA(hashes.SHA256()))
        head = b"\x00" + self.log_id + when + b"\x00\x00" + b"\x04\x03"
        sct = head + struct.pack("!H", len(signature)) + signature
        return der.octets(struct.pack("!HH", len(sct) + 2, len(sct)) + sct)


class Authority:
    """A root, an intermediate and a transparency log; `chain` is [intermediate, root]."""

    def __init__(self, now: datetime | None = None) -> None:
        now = now or datetime.now(UTC)
        root, self._key = new_key(), new_key()
        top, mine = name("root"), name("intermediate")
        self.log = TransparencyLog()
        self.chain = (
            certified(
                mine, self._key.public_key(), (top, root), now, depth=0, purposes=[ExtendedKeyUsageOID.CODE_SIGNING]
            ),
            certified(top, root.public_key(), (top, root), now, depth=1),
        )

    def issue(
        self,
        subject: Subject,
        key: ec.EllipticCurvePublicKey,
        at: datetime,
        *,
        log: TransparencyLog | None = None,
        stamped: bool = True,
        life: timedelta = LIFE,
        replaced: Mapping[int, str | bytes | None] | None = None,
        names: list[x509.GeneralName] | None = None,
        purposes: list[x509.ObjectIdentifier] | None = None,
    ) -> x509.Certificate:
        """A leaf certificate.

        For hostile ones: another `log`, no timestamp, other Fulcio extensions (`replaced`: text as Fulcio encodes it,
        bytes as they are, None for none), other subject `names`, other `purposes`.
        """
        extensions: dict[int, str | bytes | None] = {**subject.extensions, **(replaced or {})}
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.chain[0].subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(at)
            .not_valid_after(at + life)
            .add_extension(usage(signs=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes or [ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName(names or [subject.name]), critical=True)
        )
        for number, value in sorted(extensions.items()):
            if value is not None:
                oid = x509.ObjectIdentifier(f"{ARC}{number}")
                builder = builder.add_extension(
                    x509.UnrecognizedExtension(oid, _extension(number, value)), critical=False
                )
        if stamped:
            precertificate = builder.sign(self._key, hashes.SHA256()).tbs_certificate_bytes
            sct = (log or self.log).stamp(precertificate, self._key.public_key(), at)
            builder = builder.add_extension(x509.UnrecognizedExtension(_SCT_LIST, sct), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _extension(number: int, value: str | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    return value.encode() if number in _RAW else der.utf8(value)
