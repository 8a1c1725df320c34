"""Content digests: an algorithm and lower-case hexadecimal of exactly the right length."""

import hashlib
import hmac
from typing import Self

from tidegate.late import dataclass

LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128, "sha1": 40, "md5": 32, "h1": 64}
"""`h1` is Go's: the sha256 of a listing of a module's files and their digests, never of one file."""
STRONG = frozenset({"sha256", "sha384", "sha512", "h1"})


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """`algorithm:hex`. Raises ValueError when the hex does not fit the algorithm."""

    algorithm: str
    value: str

    def __post_init__(self) -> None:
        length = LENGTHS.get(self.algorithm)
        if length is None:
            raise ValueError(f"unknown digest algorithm {self.algorithm!r}")
        if len(self.value) != length or self.value.strip("0123456789abcdef"):
            raise ValueError(f"not a {self.algorithm} digest: {self.value[:80]!r}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `sha256:…`; upper-case hex is folded."""
        algorithm, colon, value = text.partition(":")
        if not colon:
            raise ValueError(f"not a digest: {text[:80]!r}")
        return cls(algorithm.lower(), value.lower())

    @classmethod
    def of(cls, data: bytes) -> Self:
        """The sha256 of some bytes."""
        return cls("sha256", hashlib.sha256(data).hexdigest())

    @property
    def strong(self) -> bool:
        return self.algorithm in STRONG

    @property
    def short(self) -> str:
        return f"{self.algorithm}:{self.value[:12]}…"

    def matches(self, other: "Digest") -> bool:
        return self.algorithm == other.algorithm and hmac.compare_digest(self.value, other.value)

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"
