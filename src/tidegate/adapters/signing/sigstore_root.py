"""The one place that calls sigstore-python: an in-memory trusted root that checks bundles without network or cache.

sigstore's own offline mode trusts an unsigned copy in the user's cache; here the root comes from the installed package
or from the policy. tests/contracts/test_sigstore_names.py holds the private names used.
"""

from datetime import UTC, datetime

from cryptography import x509
from rfc3161_client import decode_timestamp_response
from sigstore._internal.timestamp import TimestampSource
from sigstore._internal.tuf import DEFAULT_TUF_URL
from sigstore._utils import read_embedded
from sigstore.hashes import Hashed
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore_models.common.v1 import HashAlgorithm
from sigstore_models.trustroot import v1 as trustroot

Times = tuple[tuple[str, str], ...]


class _AnyIdentity:
    """Cryptography only: who may sign is judged from the claims, by the policy, afterwards."""

    def verify(self, cert: x509.Certificate) -> None:
        """Accept every certificate."""


class Root:
    """A Sigstore trusted root. Raises whatever sigstore, pydantic or cryptography raise; the caller folds it."""

    def __init__(self, raw: bytes | None) -> None:
        chosen = raw if raw is not None else read_embedded("trusted_root.json", DEFAULT_TUF_URL)
        self._verifier = Verifier(trusted_root=TrustedRoot(trustroot.TrustedRoot.from_json(chosen)))

    def statement(self, raw: bytes) -> tuple[bytes, x509.Certificate, Times]:
        """Verify a DSSE bundle: its payload, its certificate, its trusted times."""
        bundle = Bundle.from_json(raw)
        _, payload = self._verifier.verify_dsse(bundle, _AnyIdentity())
        return payload, bundle.signing_certificate, self._times(bundle)

    def artifact(self, raw: bytes, sha256: bytes) -> tuple[x509.Certificate, Times]:
        """Verify a message signature over a file of this sha256."""
        bundle = Bundle.from_json(raw)
        hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=sha256)
        self._verifier.verify_artifact(hashed, bundle, _AnyIdentity())
        return bundle.signing_certificate, self._times(bundle)

    def stamped(self, stamp: bytes, signature: bytes) -> str | None:
        """The time a trusted authority put on a signature; None when no authority of this root did."""
        result = self._verifier._verify_signed_timestamp(decode_timestamp_response(stamp), signature)
        return _rfc3339(result.time) if result is not None else None

    def _times(self, bundle: Bundle) -> Times:
        words = {TimestampSource.TIMESTAMP_AUTHORITY: "tsa", TimestampSource.TRANSPARENCY_SERVICE: "log"}
        return tuple((_rfc3339(item.time), words[item.source]) for item in self._verifier._establish_time(bundle))


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
