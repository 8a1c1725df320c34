"""The one place that calls sigstore-python: an in-memory trusted root that checks evidence without network or cache.

sigstore's own offline mode trusts an unsigned copy in the user's cache; here the root comes from the installed package
or from the policy. tests/contracts/test_sigstore_names.py holds the private names used.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import decode_timestamp_response
from sigstore._internal.rekor.checkpoint import SignedCheckpoint
from sigstore._internal.sct import verify_sct
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult
from sigstore._internal.trust import Keyring, KeyringPurpose, RekorKeyring
from sigstore._internal.tuf import DEFAULT_TUF_URL
from sigstore._utils import read_embedded
from sigstore.hashes import Hashed
from sigstore.models import Bundle, TransparencyLogEntry
from sigstore_models.common.v1 import HashAlgorithm, TimeRange
from sigstore_models.rekor.v1 import TransparencyLogEntry as PlainEntry
from sigstore_models.trustroot import v1 as trustroot

from tidegate.adapters.signing.offline import Offline, Pinned
from tidegate.formats.bundle import LogEntry, SignatureRefused

Times = tuple[tuple[str, str], ...]
_ABSENT: Mapping[str, object] = {"tlogs": [], "certificateAuthorities": [], "ctlogs": []}
"""Lists that protobuf's JSON leaves out when they are empty."""
_TIMELESS = frozenset({("hashedrekord", "0.0.2"), ("dsse", "0.0.2")})
"""Kinds of Rekor v2, whose logs never say a time."""
_WORDS = {TimestampSource.TIMESTAMP_AUTHORITY: "tsa", TimestampSource.TRANSPARENCY_SERVICE: "log"}


class _AnyIdentity:
    """Cryptography only: who may sign is judged from the claims, by the policy, afterwards."""

    def verify(self, cert: x509.Certificate) -> None:
        """Accept every certificate."""


class Root:
    """A Sigstore trusted root. Raises whatever sigstore, pydantic or cryptography raise; the caller folds it."""

    def __init__(self, raw: bytes | None) -> None:
        chosen = raw if raw is not None else read_embedded("trusted_root.json", DEFAULT_TUF_URL)
        plain = json.loads(chosen)
        self._root = Pinned(trustroot.TrustedRoot.from_json(json.dumps({**_ABSENT, **plain})))
        self._verifier = Offline(self._root)
        self._logs = {log.log_id.key_id: log for log in self._root._inner.tlogs}
        self._ct_logs = {log.log_id.key_id: log for log in self._root._inner.ctlogs}
        self._keyrings = {ident: RekorKeyring(Keyring([log.public_key])) for ident, log in self._logs.items()}

    @property
    def has_logs(self) -> bool:
        """Does this instance promise that everything signed is in a log?"""
        return bool(self._logs)

    def knows(self, log: bytes) -> bool:
        return log in self._logs

    def statement(self, raw: bytes) -> tuple[bytes, x509.Certificate, Times]:
        """Verify a DSSE bundle: its payload, its certificate, its trusted times."""
        bundle = Bundle.from_json(raw)
        _, payload = self._verifier.verify_dsse(bundle, _AnyIdentity())
        self._witnessed(bundle.signing_certificate)
        return payload, bundle.signing_certificate, self._times(bundle)

    def artifact(self, raw: bytes, sha256: bytes) -> tuple[x509.Certificate, Times]:
        """Verify a message signature over a file of this sha256."""
        bundle = Bundle.from_json(raw)
        hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=sha256)
        self._verifier.verify_artifact(hashed, bundle, _AnyIdentity())
        self._witnessed(bundle.signing_certificate)
        return bundle.signing_certificate, self._times(bundle)

    def stamped(self, stamp: bytes, signature: bytes) -> datetime | None:
        """The time a trusted authority put on a signature; None when no authority of this root did."""
        result = self._verifier._verify_signed_timestamp(decode_timestamp_response(stamp), signature)
        return result.time if result is not None else None

    def logged(self, entry: LogEntry) -> datetime | None:
        """Verify an entry's proof of inclusion, its checkpoint and its promise: the time promised, None without one.

        Its body is compared with the bundle elsewhere (`entries.bind`).
        """
        log = self._logs.get(entry.log)
        if log is None:
            raise SignatureRefused("the log entry is of a log the trusted root does not name")
        read = TransparencyLogEntry(PlainEntry.from_json(json.dumps(_filled(entry.plain))))
        read._verify(self._keyrings[entry.log])
        same_size(read)
        if entry.time is None or not entry.promise or (entry.kind, entry.version) in _TIMELESS:
            return None
        time = datetime.fromtimestamp(entry.time, UTC)
        if not _within(log.public_key.valid_for, time):
            raise SignatureRefused("the log entry is of a time when its log's key was not valid")
        return time

    def certified(self, certificate: x509.Certificate, times: Sequence[datetime]) -> None:
        """Verify that a certificate is this instance's, for signing code, logged where it has CT logs, at all times."""
        if not times:
            raise SignatureRefused("nothing proves a time at which the certificate was valid")
        chain: list[x509.Certificate] = []
        for time in times:
            result = TimestampVerificationResult(TimestampSource.TIMESTAMP_AUTHORITY, time)
            chain = self._verifier._verify_chain_at_time(certificate, result)
            if not certificate.not_valid_before_utc <= time <= certificate.not_valid_after_utc:
                raise SignatureRefused("the certificate was not valid at the trusted time")
        if self._root._inner.ctlogs:
            verify_sct(certificate, chain, self._root.ct_keyring(KeyringPurpose.VERIFY))
            self._witnessed(certificate)
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if not usage.digital_signature or ExtendedKeyUsageOID.CODE_SIGNING not in extended:
            raise SignatureRefused("the certificate is not for signing code")

    def lived(self, ident: bytes, times: Iterable[tuple[datetime, str]]) -> None:
        """A log counts while its key is valid: at the time it states, else (Rekor v2 states none) at the stamps'."""
        known = tuple(times)
        log = self._logs[ident]
        for time in [time for time, origin in known if origin == "log"] or [time for time, _ in known]:
            if not _within(log.public_key.valid_for, time):
                raise SignatureRefused("the log entry is of a time when its log's key was not valid")

    def _witnessed(self, certificate: x509.Certificate) -> None:
        """A CT log counts while its key is valid; sigstore-python takes a retired key's word at any time."""
        stamps = certificate.extensions.get_extension_for_class(x509.PrecertificateSignedCertificateTimestamps).value
        for stamp in stamps:
            log = self._ct_logs.get(stamp.log_id)
            if log is None or not _within(log.public_key.valid_for, stamp.timestamp.replace(tzinfo=UTC)):
                raise SignatureRefused("the certificate is of a time when its CT log's key was not valid")

    def _times(self, bundle: Bundle) -> Times:
        entry = bundle.log_entry
        same_size(entry)
        found = [(item.time, _WORDS[item.source]) for item in self._verifier._establish_time(bundle)]
        log = self._logs.get(entry._inner.log_id.key_id)
        if log is None:
            # sigstore-python takes the id for a hint and then tries every key it has.
            raise SignatureRefused("the log entry is of a log the trusted root does not name")
        self.lived(entry._inner.log_id.key_id, found)
        return tuple((rfc3339(time), origin) for time, origin in found)


def same_size(entry: TransparencyLogEntry) -> None:
    """The proof must be of the very tree the checkpoint signs; sigstore-python compares the root hash only."""
    proof = entry._inner.inclusion_proof
    signed = SignedCheckpoint.from_text(proof.checkpoint.envelope if proof.checkpoint else "")
    if signed.checkpoint.log_size != proof.tree_size:
        raise SignatureRefused("the log's checkpoint and the proof of inclusion are of trees of different size")


def rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _filled(plain: Mapping[str, object]) -> Mapping[str, object]:
    """An entry with the zeros and empty lists that protobuf's JSON leaves out: the first entry of a log is sound."""
    proof = plain.get("inclusionProof")
    filled = {"logIndex": "0", "hashes": [], **proof} if isinstance(proof, dict) else proof
    return {"logIndex": "0", **plain, "inclusionProof": filled}


def _within(period: TimeRange | None, time: datetime) -> bool:
    """Is a time in a closed range (protobuf-specs `TimeRange`)? No range is no limit."""
    return period is None or (period.start <= time and (period.end is None or time <= period.end))
