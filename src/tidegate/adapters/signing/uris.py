"""Keys that never leave their place: a PKCS#11 token or a key service, reached through securesystemslib's signers.

Each kind needs an extra of this package. What comes back is checked with the key's public half before it is handed
out, like any other signature.
"""

import hashlib
import importlib.util
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from tidegate.adapters.signing import keys
from tidegate.errors import FormatError, TidegateError, UnavailableError, UnsealedError, UserError
from tidegate.formats import bundle, dsse, intoto
from tidegate.formats.bundle import Message
from tidegate.formats.dsse import Envelope
from tidegate.model.release import Artifact
from tidegate.ports import SignerFacts

if TYPE_CHECKING:
    from tidegate.adapters.signing.remote_keys import RemoteKey

EXTRAS = {
    "hsm": ("hsm", "pkcs11"),
    "awskms": ("aws", "boto3"),
    "gcpkms": ("gcp", "google.cloud.kms"),
    "azurekms": ("azure", "azure.keyvault.keys"),
    "hv": ("vault", "hvac"),
}
"""URI scheme to the extra it needs, and the module by which the extra is known."""

T = TypeVar("T")


def is_uri(text: str) -> bool:
    """Is this a key in a token or service? A path is none, nor is `file:PATH`."""
    scheme, colon, _ = text.partition(":")
    return bool(colon) and scheme in EXTRAS


class UriSigner:
    """Implements ports.Signer for a key URI. `pin` opens a PKCS#11 token; it is in no repr or message."""

    def __init__(self, uri: str, pin: str) -> None:
        """Look at the URI only. Raises UserError where the extra it needs is not installed."""
        self._scheme = uri.partition(":")[0]
        extra, module = EXTRAS[self._scheme]
        if not _installed(module):
            raise UserError(f"`{self._scheme}:` keys need an extra", hint=f"install `tidegate[{extra}]` and run again")
        self._uri, self._pin = uri, pin
        self._key: RemoteKey | None = None
        self._public: keys.PublicKey | None = None
        self._failed: TidegateError | None = None

    def ready(self) -> None:
        """Find the key and read its public half."""
        self._opened()

    def facts(self) -> SignerFacts:
        if self._public is None:
            return SignerFacts(kind="key", identity="")
        pem = keys.public_pem(self._public).decode("ascii")
        return SignerFacts(kind="key", identity=keys.hint(self._public), public_key=pem)

    def sign_statement(self, statement: bytes) -> str:
        """A bundle around a statement. Raises FormatError when the bytes are not a statement."""
        intoto.parse(statement)
        signature, public = self._sign(dsse.pae(dsse.PAYLOAD_TYPE, statement))
        return bundle.build(keys.hint(public), Envelope(dsse.PAYLOAD_TYPE, statement, signature))

    def sign_digest(self, artifact: Artifact, data: BinaryIO) -> str:
        """A bundle over an artifact's bytes. Raises UnsealedError when they are not the bytes that were taken."""
        whole = data.read(keys.MAX_WHOLE + 1)
        if len(whole) > keys.MAX_WHOLE:
            raise UnsealedError(
                f"a `{self._scheme}:` key signs at most {keys.MAX_WHOLE} bytes", hint="sign with a key file or keyless"
            )
        if hashlib.sha256(whole).hexdigest() != artifact.digest.value:
            raise UnsealedError(f"`{artifact.name}` changed since it was taken", hint="run `tidegate check` again")
        signature, public = self._sign(whole)
        algorithm = keys.algorithm(public)
        digest = hashlib.sha384(whole) if algorithm == "SHA2_384" else hashlib.sha256(whole)
        return bundle.build(keys.hint(public), Message(signature, algorithm, digest.digest()))

    def _sign(self, payload: bytes) -> tuple[bytes, keys.PublicKey]:
        key, public = self._opened()
        signature = self._asked(lambda: key.sign(payload))
        if not keys.verifies(public, signature, io.BytesIO(payload)):
            raise UnsealedError("the key made a signature that does not verify", hint=f"check `{self._uri}`")
        return signature, public

    def _opened(self) -> "tuple[RemoteKey, keys.PublicKey]":
        if self._failed is not None:
            raise self._failed
        if self._key is None or self._public is None:
            from tidegate.adapters.signing import remote_keys

            self._key = self._asked(lambda: remote_keys.opened(self._uri, self._pin))
            try:
                self._public = keys.load_public(self._key.public_pem)
            except FormatError as error:
                raise UnsealedError(f"the key `{self._uri}`: {error.message}", hint="use ECDSA P-256") from None
        return self._key, self._public

    def _asked(self, call: Callable[[], T]) -> T:
        """Whatever goes wrong with a token is the team's to mend; a key service that fails is somebody else's.

        A failure is kept: a token locks itself after a few wrong PINs.
        """
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - each library has exceptions of its own
            said = _said(error, self._pin)
        if self._scheme == "hsm":
            self._failed = UnsealedError(
                f"the token did not sign: {said}", hint="check PYKCS11LIB, the URI and the PIN in its variable"
            )
        else:
            self._failed = UnavailableError(f"the key service did not sign: {said}", hint="run again when it answers")
        raise self._failed


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _said(error: Exception, secret: str) -> str:
    text = str(error).replace(secret, "…") if secret else str(error)
    text = "".join(c if c.isprintable() else " " for c in text[:300])
    return f"{type(error).__name__}: {text}" if text.strip() else type(error).__name__
