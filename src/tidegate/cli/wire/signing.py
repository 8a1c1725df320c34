"""Signers and their keys; only the parent of the workers asks for them."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import FormatError, UserError
from tidegate.ports import CIFacts, Signer

if TYPE_CHECKING:  # adapters and pydantic are imported where they are used: `--help` must not pay for them
    from tidegate.policy.schema import Policy
    from tidegate.policy.trust import IdentityTrust, KeyTrust


def key_signer(key: bytes, passphrase: bytes | None) -> Signer:
    """A signer from a private key. Raises FormatError when it cannot be used."""
    from tidegate.adapters.signing.local import KeySigner

    return KeySigner(key, passphrase)


def is_key_uri(text: str) -> bool:
    """See `adapters.signing.uris.is_uri`."""
    from tidegate.adapters.signing import uris

    return uris.is_uri(text)


def uri_signer(uri: str, pin: str) -> Signer:
    """A signer whose key is in a token or a key service. Raises UserError when it cannot be used."""
    from tidegate.adapters.signing.uris import UriSigner

    return UriSigner(uri, pin)


def keyless_signer(
    policy: "Policy",
    facts: CIFacts,
    environment: Mapping[str, str] = os.environ,
    entries: "Sequence[KeyTrust | IdentityTrust] | None" = None,
) -> Signer | None:
    """The job's own identity as a signer; None where there is none or the policy trusts no identity.

    `entries` are who may sign what is to be signed, the builders unless others are named.
    Raises FormatError when `trust.instance` is no ClientTrustConfig.
    """
    from tidegate.adapters.signing import ambient
    from tidegate.policy.trust import IdentityTrust
    from tidegate.policy.values import duration

    model = policy.model
    listed = model.trust.builders if entries is None else entries
    named = any(isinstance(entry, IdentityTrust) for entry in listed)
    here = ambient.around(environment)
    if not here.system or not named or "keyless" not in model.controls.signing.accept:
        return None
    from tidegate.adapters.signing.keyless import PATIENCE, KeylessSigner

    return KeylessSigner(
        here,
        policy.files[model.trust.instance] if model.trust.instance else None,
        private=facts.private,
        public_log=model.controls.signing.allow_public_log,
        patience=min(PATIENCE, duration(model.limits.signing).total_seconds() / 3),
    )


def private_key(path: Path) -> bytes:
    """The bytes of a private key file. Raises UserError for one that cannot be read, FormatError for one too large."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"cannot read the key `{path}`: {error.strerror}", hint="make one with `tidegate keys generate`"
        ) from None
    if len(raw) > 1 << 16:
        raise FormatError(f"`{path}` is too large for a key")
    return raw


def generate_key(passphrase: bytes | None) -> tuple[bytes, bytes]:
    """A new key pair as PEM: private (PKCS#8), public (SPKI)."""
    from tidegate.adapters.signing import keys

    return keys.generate(passphrase)


def key_hint(public: bytes) -> str:
    """base64 of the SHA-256 of a public key's SPKI. Raises FormatError for anything else."""
    from tidegate.adapters.signing import keys

    return keys.hint_of(public)
