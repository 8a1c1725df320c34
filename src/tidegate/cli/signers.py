"""Who signs a run: the key that was named, else the job's own identity where the policy trusts identities."""

import os
from pathlib import Path

from tidegate.cli import wire
from tidegate.cli.gate import Gate
from tidegate.errors import FormatError, UserError
from tidegate.ports import Signer

Signers = tuple[Signer | None, Signer | None]


def choose(made: Gate, key: str | None, verdict_key: str | None) -> Signers:
    """The signer of artifacts and provenance, and that of the verdict. Asks nobody, starts no browser."""
    identity: Signer | None = None
    if key is None or verdict_key is None:
        identity = _identity(made)
    signer = named(key) if key is not None else identity
    return signer, (named(verdict_key) if verdict_key is not None else signer)


def _identity(made: Gate) -> Signer | None:
    try:
        return wire.keyless_signer(made.policy, made.facts)
    except FormatError as error:
        raise UserError(
            f"cannot sign with `trust.instance`: {error.message}", hint="name a ClientTrustConfig"
        ) from None


def named(key: str) -> Signer:
    """A signer from a path or a key URI (`file:`, `hsm:`, `awskms:`, …). Raises UserError."""
    from tidegate.cli.keys import PASSPHRASE, passphrase

    if wire.is_key_uri(key):
        return wire.uri_signer(key, os.environ.get(PASSPHRASE, ""))
    path = Path(key.removeprefix("file:"))
    raw = wire.private_key(path)
    word = os.environ.get(PASSPHRASE, "").encode() or None
    if word is None and b"ENCRYPTED" in raw[:4096]:
        word = passphrase(confirm=False)
    try:
        return wire.key_signer(raw, word)
    except FormatError as error:
        raise UserError(f"cannot use the key `{path}`: {error.message}", hint=f"set {PASSPHRASE}") from None
