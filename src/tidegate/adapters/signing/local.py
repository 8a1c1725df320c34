"""A signer whose key lies in a file: it proves who holds the key, and neither time, source nor workflow."""

import hashlib
import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from tidegate.adapters.signing import keys
from tidegate.errors import UnsealedError, UserError
from tidegate.formats import bundle, dsse, intoto
from tidegate.formats.bundle import Message
from tidegate.formats.dsse import Envelope
from tidegate.model.release import Artifact
from tidegate.ports import SignerFacts

_HINT = "keep the key encrypted: `tidegate keys generate` asks for a passphrase"


class KeySigner:
    """Implements ports.Signer. Every signature is checked with the public half before it is handed out."""

    def __init__(self, private_pem: bytes, passphrase: bytes | None, warnings: tuple[str, ...] = ()) -> None:
        self._key, encrypted = keys.load_private(private_pem, passphrase)
        self._public = self._key.public_key()
        self._hint = keys.hint(self._public)
        self._warnings = warnings if encrypted else (*warnings, "the signing key's file is not encrypted; " + _HINT)

    @classmethod
    def read(cls, path: Path, passphrase: bytes | None) -> "KeySigner":
        """Read the key from a regular file. Raises UserError when it cannot be read."""
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
            with os.fdopen(descriptor, "rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                pem = file.read(keys.MAX_PEM + 1) if stat.S_ISREG(mode) else b""
        except OSError as error:
            raise UserError(f"the key file cannot be read: {error.strerror}", hint="check its path and mode") from error
        exposed = ("the signing key's file can be read by others; run `chmod 600` on it",) if mode & 0o077 else ()
        return cls(pem, passphrase, exposed)

    def ready(self) -> None:
        """The key is at hand."""

    def facts(self) -> SignerFacts:
        pem = keys.public_pem(self._public).decode("ascii")
        return SignerFacts(kind="key", identity=self._hint, public_key=pem, warnings=self._warnings)

    def sign_statement(self, statement: bytes) -> str:
        """A bundle around a statement. Raises FormatError when the bytes are not a statement."""
        intoto.parse(statement)
        signature = self._sign(io.BytesIO(dsse.pae(dsse.PAYLOAD_TYPE, statement)))
        return bundle.build(self._hint, Envelope(dsse.PAYLOAD_TYPE, statement, signature))

    def sign_digest(self, artifact: Artifact, data: BinaryIO) -> str:
        """A bundle over an artifact's bytes. Raises UnsealedError when they are not the bytes that were taken."""
        measured = hashlib.sha256()
        other = hashlib.sha384()
        while block := data.read(1024 * 1024):
            measured.update(block)
            other.update(block)
        if measured.hexdigest() != artifact.digest.value:
            raise UnsealedError(f"`{artifact.name}` changed since it was taken", hint="run `tidegate check` again")
        data.seek(0)
        signature = self._sign(data)
        algorithm = keys.algorithm(self._public)
        digest = other.digest() if algorithm == "SHA2_384" else measured.digest()
        return bundle.build(self._hint, Message(signature, algorithm, digest))

    def _sign(self, data: BinaryIO) -> bytes:
        signature = keys.sign(self._key, data)
        data.seek(0)
        if not keys.verifies(self._public, signature, data):
            raise UnsealedError("the key made a signature that does not verify", hint="make a new key")
        return signature
