"""A credential is named by a keyed hash: the same value always gets the same name, and the name never the value."""

import hashlib
import hmac

LENGTH = 32
"""Hexadecimal characters: 128 bits."""

_CONTEXT = b"tidegate secret fingerprint 1\0"


class Fingerprints:
    """Names values with HMAC-SHA-256. A key derived from a `salt` is no secret: long random tokens stay safe, a weak
    password could be guessed from its name."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(_CONTEXT + key).digest()

    @classmethod
    def derived(cls, salt: str = "") -> "Fingerprints":
        """The key everyone can derive; the same in every clone, so that exceptions keep their subject."""
        return cls(b"derived\0" + salt.encode("utf-8", "surrogatepass"))

    def of(self, detector: str, value: str) -> str:
        """The name of one value found by one detector."""
        message = detector.encode() + b"\0" + value.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:LENGTH]
