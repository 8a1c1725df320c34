"""Bundles are checked offline: key signatures here, certificates by sigstore-python from a root held in memory."""

import io
from collections.abc import Callable, Mapping
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from tidegate.adapters.signing import certificates, entries, keys
from tidegate.errors import FormatError, TidegateError
from tidegate.formats import bundle as bundles
from tidegate.formats.bundle import (
    Bundle,
    LogProofMissing,
    SignatureRefused,
    TimeMissing,
    UnknownSigner,
    UnsupportedEvidence,
)
from tidegate.model.digest import Digest
from tidegate.ports import Signed

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from tidegate.adapters.signing.sigstore_root import Root, Times
    from tidegate.adapters.signing.wide import Moments

T = TypeVar("T")
BY_SIGSTORE = frozenset({("hashedrekord", "0.0.1"), ("hashedrekord", "0.0.2"), ("dsse", "0.0.1")})
"""Kinds of log entry sigstore-python checks; for the others see `wide`."""
MAX_KEYS = 100


class SigstoreVerifier:
    """Implements ports.Verifier.

    `trusted_root` is a Sigstore `trusted_root.json`; None takes the public-good root shipped with sigstore-python.
    Raises UnsupportedEvidence (cannot be checked here; LogProofMissing: not without asking the log), SignatureRefused
    (does not verify; TimeMissing: nothing says when), UnknownSigner (none of the keys) and plain FormatError
    (malformed), all of them FormatErrors.
    """

    def __init__(self, trusted_root: bytes | None = None) -> None:
        self._raw = trusted_root
        self._loaded: Root | None = None

    def verify_statement(self, bundle: bytes, keys: Mapping[str, bytes]) -> Signed:
        parsed = bundles.parse(bundle)
        if parsed.envelope is None:
            raise FormatError("the bundle holds a file signature where an attestation is expected")
        if parsed.hint is not None:
            return self._by_key(parsed, io.BytesIO(parsed.envelope.signed), keys)
        _checkable(parsed)
        root = self._root()
        if not _by_sigstore(parsed):
            return self._widely(parsed, io.BytesIO(parsed.envelope.signed))
        payload, certificate, times = _folded(partial(root.statement, bundle))
        if payload != parsed.envelope.payload:
            raise SignatureRefused("the bundle reads differently to two readers")
        return _certified(parsed, certificate, times)

    def verify_artifact(self, bundle: bytes, data: BinaryIO, digest: Digest, keys: Mapping[str, bytes]) -> Signed:
        parsed = bundles.parse(bundle)
        if parsed.message is None:
            raise FormatError("the bundle holds an attestation where a file signature is expected")
        if digest.algorithm != "sha256":
            raise FormatError("files are known by their sha256")
        sha256 = bytes.fromhex(digest.value)
        if parsed.message.algorithm == "SHA2_256" and parsed.message.digest != sha256:
            raise SignatureRefused("the bundle was made for a file with another digest")
        if parsed.hint is not None:
            return self._by_key(parsed, data, keys)
        _checkable(parsed)
        root = self._root()
        if not _by_sigstore(parsed):
            return self._widely(parsed, data)
        certificate, times = _folded(partial(root.artifact, bundle, sha256))
        return _certified(parsed, certificate, times)

    def _widely(self, parsed: Bundle, data: BinaryIO) -> Signed:
        from tidegate.adapters.signing import wide

        root = self._root()
        certificate, moments = _folded(partial(wide.certified, root, parsed, data))
        return _certified(parsed, certificate, _spelled(moments))

    def _by_key(self, parsed: Bundle, data: BinaryIO, trusted: Mapping[str, bytes]) -> Signed:
        if len(trusted) > MAX_KEYS:
            raise FormatError(f"more than {MAX_KEYS} keys are trusted")
        public = {path: _public(path, pem) for path, pem in trusted.items()}
        named = {path: key for path, key in public.items() if keys.hint(key) == parsed.hint}
        for path, key in (named or public).items():
            data.seek(0)
            if keys.verifies(key, parsed.signature, data):
                return _held(parsed, path, self._times(parsed, key, data))
        if named:
            raise SignatureRefused(f"the signature does not verify with the key it names, `{next(iter(named))}`")
        raise UnknownSigner("the signature is by none of the trusted keys")

    def _times(self, parsed: Bundle, key: keys.PublicKey, data: BinaryIO) -> "Times":
        """Trusted times of a key's signature; what an unknown authority or log says gives none."""
        if not parsed.timestamps and not parsed.entries:
            return ()
        from tidegate.adapters.signing import wide

        return _spelled(_folded(partial(wide.times_of_key, self._root(), parsed, key, data)))

    def _root(self) -> "Root":
        """Loaded when first needed: importing sigstore takes longer than most runs."""
        if self._loaded is None:
            from tidegate.adapters.signing.sigstore_root import Root

            try:
                self._loaded = Root(self._raw)
            except Exception as error:
                raise FormatError(f"the Sigstore trusted root cannot be used: {_said(error)}") from error
        return self._loaded


def _by_sigstore(parsed: Bundle) -> bool:
    return bool(parsed.entries) and (parsed.entries[0].kind, parsed.entries[0].version) in BY_SIGSTORE


def _checkable(parsed: Bundle) -> None:
    """Say what is missing or unknown before anybody calls it a bad signature."""
    if not parsed.entries:
        return
    if len(parsed.entries) != 1:
        raise FormatError("the bundle must have exactly one transparency log entry")
    entry = parsed.entries[0]
    if (entry.kind, entry.version) not in entries.KINDS:
        raise UnsupportedEvidence(f"log entries of kind {f'{entry.kind}/{entry.version}'[:40]!a} cannot be checked")
    if parsed.envelope is not None and (entry.kind, entry.version) == ("hashedrekord", "0.0.1"):
        raise UnsupportedEvidence("attestations logged as `hashedrekord/0.0.1` cannot be checked")
    if not entry.proof:
        raise LogProofMissing("the log entry has no proof of inclusion, and without one it cannot be checked offline")
    if parsed.version == "0.1" and not entry.promise:
        raise FormatError("a bundle of version 0.1 must hold the log's promise")
    if not parsed.timestamps and (entry.time is None or not entry.promise):
        raise TimeMissing("no timestamp and no log's promise says when the signature was made")


def _folded(check: Callable[[], T]) -> T:
    """The one seam to sigstore-python, which raises a dozen unrelated exceptions: any of them means no."""
    try:
        return check()
    except TidegateError:
        raise
    except Exception as error:
        raise SignatureRefused(f"the signature does not verify: {_said(error)}") from error


def _said(error: Exception) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(error)[:300])
    return f"{type(error).__name__}: {text}" if text.strip() else type(error).__name__


def _spelled(moments: "Moments") -> "Times":
    return tuple((f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", origin) for time, origin in moments)


def _certified(parsed: Bundle, certificate: "Certificate", times: "Times") -> Signed:
    claims, san = _folded(lambda: (certificates.claims(certificate), certificates.subject(certificate)))
    return Signed(
        key="",
        san=san,
        issuer=dict(claims).get("issuer", ""),
        claims=claims,
        times=times,
        payload_type=parsed.envelope.payload_type if parsed.envelope else "",
        payload=parsed.envelope.payload if parsed.envelope else b"",
        kind="keyless",
    )


def _held(parsed: Bundle, path: str, times: "Times") -> Signed:
    return Signed(
        key=path,
        san="",
        issuer="",
        claims=(),
        times=times,
        payload_type=parsed.envelope.payload_type if parsed.envelope else "",
        payload=parsed.envelope.payload if parsed.envelope else b"",
        kind="key",
    )


def _public(path: str, pem: bytes) -> keys.PublicKey:
    try:
        return keys.load_public(pem)
    except FormatError as error:
        raise FormatError(f"the trusted key `{path}`: {error.message}") from None
