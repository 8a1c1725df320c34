"""The one place that signs through sigstore-python: every wait bounded, nothing read from or written to the disk.

sigstore's clients for Fulcio and Rekor wait for ever, follow redirects and read answers of any size; the adapter
mounted here does not. tests/contracts/test_sigstore_signing_names.py holds the private names used.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography import x509
from requests.adapters import HTTPAdapter
from sigstore._internal.tuf import DEFAULT_TUF_URL
from sigstore._utils import read_embedded
from sigstore.dsse import Statement
from sigstore.hashes import Hashed
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import Signer, SigningContext
from sigstore_models.common.v1 import HashAlgorithm
from sigstore_models.trustroot import v1 as trustroot
from urllib3.util.retry import Retry

from tidegate.adapters.registry.transport import is_loopback

MAX_ANSWER = 4 << 20
CONNECT, READ = 10.0, 30.0
RETRIES = 2


class Timed(HTTPAdapter):
    """Gives every request a time to connect and to answer, and every answer a size."""

    def __init__(self, patience: float) -> None:
        # An entry that was posted and not answered may be in the log: posting it twice would be refused.
        retry = Retry(
            total=RETRIES,
            connect=RETRIES,
            read=0,
            redirect=0,
            status=RETRIES,
            other=0,
            backoff_factor=0.2,
            status_forcelist=(429, 502, 503, 504),
            allowed_methods=None,
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        super().__init__(max_retries=retry)
        self._patience = patience

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        if parts.scheme != "https" and not is_loopback(parts.netloc):
            raise requests.exceptions.InvalidSchema("a token is sent over https only")
        kwargs["timeout"] = (min(CONNECT, self._patience), min(READ, self._patience))
        kwargs["stream"] = True
        response = super().send(request, *args, **kwargs)
        data = response.raw.read(MAX_ANSWER + 1, decode_content=True)
        if len(data) > MAX_ANSWER:
            response.close()
            raise requests.exceptions.ContentDecodingError("the answer is too large")
        response._content = data
        response._content_consumed = True  # type: ignore[attr-defined]
        return response


class Holder:
    """A certificate and its key, for some minutes."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.certificate: x509.Certificate = signer._signing_cert()

    @property
    def ends(self) -> datetime:
        return self.certificate.not_valid_after_utc

    def statement(self, statement: bytes) -> str:
        return self._signer.sign_dsse(Statement(statement)).to_json()

    def digest(self, sha256: bytes) -> str:
        return self._signer.sign_artifact(Hashed(algorithm=HashAlgorithm.SHA2_256, digest=sha256)).to_json()


class Service:
    """A Sigstore instance that signs; None is the public-good one as shipped with sigstore-python.

    Raises whatever sigstore, pydantic, requests or cryptography raise; the caller folds it.
    """

    def __init__(self, config: str | None, patience: float) -> None:
        read = ClientTrustConfig.from_json(config) if config is not None else _public_good()
        self._context = SigningContext.from_trust_config(read)
        self._patience = patience
        self.stamps = bool(self._context._tsa_clients)

    def holder(self, token: str) -> Holder:
        """Ask for a certificate. To be called in the thread that signs, as every method of the holder."""
        self.bound()
        with self._context.signer(IdentityToken(token), cache=True) as signer:
            return Holder(signer)

    def bound(self) -> None:
        """Bound the waits of this thread: the clients keep a session for each."""
        sessions = [self._context._fulcio.session, self._context._rekor._session]  # type: ignore[attr-defined]
        sessions += [client._session for client in self._context._tsa_clients]
        for session in sessions:
            session.max_redirects = 0
            for scheme in ("https://", "http://"):
                session.mount(scheme, Timed(self._patience))


def _public_good() -> ClientTrustConfig:
    return ClientTrustConfig(
        trustroot.ClientTrustConfig(
            media_type=ClientTrustConfig.ClientTrustConfigType.CONFIG_0_1.value,
            trusted_root=trustroot.TrustedRoot.from_json(read_embedded("trusted_root.json", DEFAULT_TUF_URL)),
            signing_config=trustroot.SigningConfig.from_json(
                read_embedded("signing_config.v0.2.json", DEFAULT_TUF_URL)
            ),
        )
    )
