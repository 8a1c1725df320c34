"""sigstore-python's verifier with its edges filed: no HTTP client, keys read once, every authority held to its time.

Only `sigstore_root` uses it; tests/contracts/test_sigstore_names.py holds the private names overridden here.
"""

from datetime import datetime

from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError
from rfc3161_client import TimeStampResponse, VerifierBuilder
from rfc3161_client import VerificationError as StampRefused
from rfc3161_client.verify import Verifier as StampVerifier
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult
from sigstore._internal.trust import CertificateAuthority, CTKeyring, KeyringPurpose, RekorKeyring
from sigstore.errors import CertValidationError
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore_models.trustroot import v1 as trustroot


class Pinned(TrustedRoot):
    """A trusted root that does not change while it is used: its keys are read once."""

    def __init__(self, inner: trustroot.TrustedRoot) -> None:
        super().__init__(inner)
        self._rekor = super().rekor_keyring(KeyringPurpose.VERIFY) if inner.tlogs else None
        self._ct = super().ct_keyring(KeyringPurpose.VERIFY) if inner.ctlogs else None
        self._stampers = super().get_timestamp_authorities()

    def rekor_keyring(self, purpose: KeyringPurpose) -> RekorKeyring:
        return self._rekor if self._rekor is not None else super().rekor_keyring(purpose)

    def ct_keyring(self, purpose: KeyringPurpose) -> CTKeyring:
        return self._ct if self._ct is not None else super().ct_keyring(purpose)

    def get_timestamp_authorities(self) -> list[CertificateAuthority]:
        return self._stampers


class Offline(Verifier):
    """`Verifier` for a root with or without logs.

    Stricter than its parent: a certificate counts only while its authority is valid by the root. As the specification
    says, and unlike its parent, the last second of an authority belongs to it.
    """

    def __init__(self, trusted_root: Pinned) -> None:
        # The parent's constructor makes an HTTP client and refuses roots without a log; it is left out on purpose.
        self._fulcio_certificate_chain = trusted_root.get_fulcio_certs()
        self._trusted_root = trusted_root
        self._issuers = [
            (authority, Store(authority.certificates(allow_expired=True)))
            for authority in map(CertificateAuthority, trusted_root._inner.certificate_authorities)
            if authority.certificates(allow_expired=True)
        ]
        self._stampers = [
            (authority, _stamp_verifier(authority.certificates(allow_expired=True)))
            for authority in trusted_root.get_timestamp_authorities()
            if len(authority.certificates(allow_expired=True)) > 1
        ]
        self._established: tuple[Bundle, list[TimestampVerificationResult]] | None = None

    def _establish_time(self, bundle: Bundle) -> list[TimestampVerificationResult]:
        """Asked twice for one bundle, before and after the check; timestamps are dear, so the first answer stays."""
        known = self._established
        if known is None or known[0] is not bundle:
            known = self._established = (bundle, super()._establish_time(bundle))
        return known[1]

    def _verify_signed_timestamp(
        self, timestamp_response: TimeStampResponse, message: bytes
    ) -> TimestampVerificationResult | None:
        time = timestamp_response.tst_info.gen_time
        for authority, verifier in self._stampers:
            if not _covers(authority, time):
                continue
            try:
                verifier.verify_message(timestamp_response, message)
            except StampRefused:
                continue
            return TimestampVerificationResult(TimestampSource.TIMESTAMP_AUTHORITY, time)
        return None

    def _verify_chain_at_time(
        self, certificate: x509.Certificate, timestamp_result: TimestampVerificationResult
    ) -> list[x509.Certificate]:
        # Fulcio's certificates are for signing code, not for clients of a server; that use is checked elsewhere.
        any_use = (x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None)
        reason = "no authority of the trusted root was valid at the trusted time"
        for authority, store in self._issuers:
            if not _covers(authority, timestamp_result.time):
                continue
            verifier = (
                PolicyBuilder()
                .store(store)
                .time(timestamp_result.time)
                .extension_policies(
                    ca_policy=ExtensionPolicy.webpki_defaults_ca().may_be_present(*any_use),
                    ee_policy=ExtensionPolicy.webpki_defaults_ee().may_be_present(*any_use),
                )
                .build_client_verifier()
            )
            try:
                return verifier.verify(certificate, []).chain[1:]
            except (VerificationError, x509.UnsupportedGeneralNameType) as error:
                reason = str(error)
        raise CertValidationError(f"the certificate has no chain to the trusted root: {reason}")


def _covers(authority: CertificateAuthority, time: datetime) -> bool:
    """Is the time within the authority's closed range (protobuf-specs `TimeRange`)?"""
    end = authority.validity_period_end
    return authority.validity_period_start <= time and (end is None or time <= end)


def _stamp_verifier(certificates: list[x509.Certificate]) -> StampVerifier:
    builder = VerifierBuilder().tsa_certificate(certificates[0]).add_root_certificate(certificates[-1])
    for certificate in certificates[1:-1]:
        builder = builder.add_intermediate_certificate(certificate)
    return builder.build()
