"""A made-up token that travels with the real input: a scanner that misses it has seen nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.secrets.engine import Hit
from tidegate.domain.secrets.fingerprint import Fingerprints

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LENGTH = 36
_STRIDE = 23
"""No two neighbours of the alphabet stand side by side: a run of it would be as weak as it looks."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A file's content with one token in it, and the name the scanner must give that token."""

    data: bytes
    fingerprint: str

    @classmethod
    def of(cls, commit: str, keys: Fingerprints) -> "Canary":
        """A token for this commit, assembled here so that no file holds it."""
        turn = hashlib.sha256(b"canary\0" + commit.encode("utf-8", "replace")).digest()[0] % len(_ALPHABET)
        chars = (_ALPHABET[(turn + _STRIDE * at) % len(_ALPHABET)] for at in range(_LENGTH))
        token = "gh" + "p_" + "".join(chars)
        return cls(f"canary = {token}\n".encode(), keys.of("github-token", token))

    def is_in(self, hits: Sequence[Hit]) -> bool:
        return [hit.fingerprint for hit in hits] == [self.fingerprint]
