"""A signer without a key: the CI job's identity, certified for ten minutes, logged and timestamped.

What was signed is verified again with the instance's trusted root before it is handed out. Whatever the services or
sigstore-python do wrong ends in one of two errors: UnsealedError, which the team can mend, and UnavailableError.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from tidegate.adapters.signing import ambient, certificates, instance
from tidegate.adapters.signing.ambient import Ambient, Token
from tidegate.adapters.signing.verifier import SigstoreVerifier
from tidegate.domain.claims import permissions
from tidegate.errors import FormatError, TidegateError, UnavailableError, UnsealedError
from tidegate.formats import intoto
from tidegate.model.release import Artifact
from tidegate.ports import Signed, SignerFacts

if TYPE_CHECKING:
    from tidegate.adapters.signing.sigstore_signing import Holder, Service

T = TypeVar("T")
PATIENCE = 30.0
_MARGIN = timedelta(seconds=60)
"""A certificate that ends sooner is replaced before anything more is signed."""
_BLOCK = 1 << 20
_VISIBILITY = ("repository_visibility", "project_visibility")
_AGAIN = "run the job again when the service answers"


class KeylessSigner:
    """Implements ports.Signer. `config` is a ClientTrustConfig, None for the public-good instance.

    `private` is what CI says about the repository; a public log is then refused unless `public_log`.
    """

    def __init__(
        self,
        around: Ambient,
        config: str | None = None,
        *,
        private: bool | None = None,
        public_log: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        self._around = around
        self._config = config
        self._private = private
        self._public_log = public_log or config is not None
        self._patience = patience
        self._service: Service | None = None
        self._holder: Holder | None = None
        root = instance.trusted_root(config.encode()) if config is not None else None
        self._verifier = SigstoreVerifier(root)

    def ready(self) -> None:
        """Get a certificate, unless the one at hand still lives."""
        self._hold()

    def facts(self) -> SignerFacts:
        """`identity` and `claims` are the certificate's; empty before there is one. Asks nobody."""
        if self._holder is None:
            return SignerFacts(kind="keyless", identity="")
        certificate = self._holder.certificate
        return SignerFacts("keyless", certificates.subject(certificate), claims=certificates.claims(certificate))

    def sign_statement(self, statement: bytes) -> str:
        """A bundle around a statement. Raises FormatError when the bytes are not a statement."""
        intoto.parse(statement)
        holder = self._hold()
        bundle = self._signed(partial(holder.statement, statement))
        signed = self._checked(partial(self._verifier.verify_statement, bundle.encode(), {}))
        if signed.payload != statement:
            raise UnavailableError("the signed statement reads differently", hint=_AGAIN)
        return bundle

    def sign_digest(self, artifact: Artifact, data: BinaryIO) -> str:
        """A bundle over an artifact's bytes. Raises UnsealedError when they are not the bytes that were taken."""
        measured = hashlib.sha256()
        while block := data.read(_BLOCK):
            measured.update(block)
        if measured.hexdigest() != artifact.digest.value:
            raise UnsealedError(f"`{artifact.name}` changed since it was taken", hint="run `tidegate check` again")
        holder = self._hold()
        bundle = self._signed(partial(holder.digest, measured.digest()))
        data.seek(0)
        self._checked(partial(self._verifier.verify_artifact, bundle.encode(), data, artifact.digest, {}))
        return bundle

    def _hold(self) -> "Holder":
        if self._holder is None or self._holder.ends - datetime.now(UTC) < _MARGIN:
            self._holder = self._certified(self._token())
        return self._holder

    def _token(self) -> Token:
        """A token that may be used: the job is allowed to ask for it, and its repository may be named in the log."""
        system = self._around.system
        if not self._around.ready:
            raise UnsealedError("the job may not ask for an identity token", hint=permissions.fix(system))
        self._discreet(self._private)
        token = ambient.ask(system)
        said = next((token.said(name) for name in _VISIBILITY if token.said(name)), "")
        # A repository nobody says is public is not named to everybody.
        self._discreet(said != "public" if said else self._private is None)
        return token

    def _discreet(self, private: bool | None) -> None:
        if private and not self._public_log:
            raise UnsealedError(
                "the repository is private, or nobody says that it is not, and a public log would name it to everybody",
                hint="sign with a key or a private instance (`trust.instance`), or set "
                "`controls.signing.allow_public_log: true`",
            )

    def _certified(self, token: Token) -> "Holder":
        if self._service is None:
            from tidegate.adapters.signing.sigstore_signing import Service

            try:
                self._service = Service(self._config, self._patience)
            except Exception as error:  # noqa: BLE001 - pydantic, sigstore and cryptography raise what they like
                raise FormatError(
                    f"the Sigstore instance cannot be used: {_said(error, '')}", hint="mend the file `trust.instance`"
                ) from None
        holder = _asked(partial(self._service.holder, token.text), "no certificate was given", token.text)
        if holder.ends < datetime.now(UTC):
            raise UnavailableError("the certificate given was over already", hint="check the clock, then run again")
        return holder

    def _signed(self, sign: Callable[[], str]) -> str:
        if self._service is None:
            raise UnsealedError("there is no certificate to sign with", hint=_AGAIN)
        self._service.bound()
        return _asked(sign, "the signature could not be logged")

    def _checked(self, verify: Callable[[], Signed]) -> Signed:
        """What was written is verified as anybody would, and must carry a timestamp where the instance gives them."""
        try:
            signed = verify()
        except FormatError as error:
            raise UnavailableError(f"the instance's answer does not verify: {error.message}", hint=_AGAIN) from None
        if self._service is not None and self._service.stamps and not any(by == "tsa" for _, by in signed.times):
            raise UnavailableError("the timestamp authority gave no timestamp", hint=_AGAIN)
        if signed.san != self.facts().identity:
            raise UnavailableError("the signature is by another identity than was certified", hint=_AGAIN)
        return signed


def _asked(call: Callable[[], T], what: str, secret: str = "") -> T:
    """The one seam to sigstore-python's clients: any exception means that a service did not do its part."""
    try:
        return call()
    except TidegateError:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        said = _said(error, secret)
    # Raised outside the handler: the exception, whose request holds the token, must not hang on to this one.
    raise UnavailableError(f"{what}: {said}", hint=_AGAIN)


def _said(error: Exception, secret: str) -> str:
    whole = str(error).replace(secret, "…") if secret else str(error)
    text = "".join(c if c.isprintable() else " " for c in whole[:2000])
    # Whatever else looks like a token or names one.
    text = re.sub(r"[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{12,}|(?i:bearer)\s+\S+", "…", text)[:300]
    return f"{type(error).__name__}: {text}" if text.strip() else type(error).__name__
