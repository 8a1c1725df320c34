"""A credential is named by a keyed hash: the same value always gets the same name, and the name never the value.

A value that could be guessed is not hashed: it is named by where it lies, so that a published name says nothing of it.
"""

import hashlib
import hmac
import math
import re

LENGTH = 32
"""Hexadecimal characters: 128 bits."""

WEAK = 64.0
"""A value of fewer bits is named by its place."""

_CONTEXT = b"tidegate secret fingerprint 1\0"
_ENOUGH = 256
_TWICE = re.compile(r"(.{3,64}?)\1+", re.DOTALL)
_HEX = re.compile(r"[0-9a-f]{8,}|[0-9A-F]{8,}")
_LETTERS = re.compile(r"[A-Za-z]{3,}")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_LEET = str.maketrans("@4301$57!", "aaeolsstl")
_KINDS = (("[0-9]", 10), ("[A-Z]", 26), ("[a-z]", 26), ("[^0-9A-Za-z]", 32))
_A_LETTER = 1.5
"""Bits a letter of English text has at most."""


def bits(value: str, *, made: bool = False) -> float:
    """How many guesses, as a power of two, a value takes at most: an estimate that rather errs to the low side.

    Every character counts as drawn from the kinds of character that occur (from 16 where all are hexadecimal), but as
    one bit where it repeats or continues the one before (`aaa`, `123`), and not at all where a stretch comes again.
    Unless a machine `made` it, letters that may be words, `@` for a too, count as English does, and what stands beside
    words as drawn from its own kind. It sees only the value: a word of another spelling, or a random-looking password
    that leaked long ago, counts as random.
    """
    value = _TWICE.sub(r"\1", value[:_ENOUGH])
    each = math.log2(_alphabet(value) or 1)
    worth = [each] * len(value)
    made = made or _HEX.fullmatch(value) is not None
    words = () if made else tuple(run for run in _LETTERS.finditer(value.translate(_LEET)) if _may_be_words(run[0]))
    if words:
        worth = [math.log2(_alphabet(char)) for char in value]
    for run in words:
        worth[run.start() : run.end()] = [_A_LETTER] * len(run[0])
    for at in range(1, len(value)):
        if -1 <= ord(value[at]) - ord(value[at - 1]) <= 1:
            worth[at] = min(worth[at], 1.0)
    return sum(worth)


def _alphabet(value: str) -> int:
    if _HEX.fullmatch(value):
        return 10 if value.isdecimal() else 16
    return sum(size for kind, size in _KINDS if re.search(kind, value))


def _may_be_words(letters: str) -> bool:
    """Are its words, told by their capitals, long enough on average, and one in five letters a vowel?"""
    if len(_WORDS.findall(letters)) * 7 > 2 * len(letters) + 2:
        return False
    return sum(char in "aeiouyAEIOUY" for char in letters) * 5 >= len(letters)


class Fingerprints:
    """Names values with HMAC-SHA-256. A key derived from a `salt` is no secret: long random tokens stay safe, a value
    that could be guessed is to be `placed`."""

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

    def placed(self, path: str, detector: str, key: str) -> str:
        """The name of whatever weak value one detector finds under one key in one file."""
        message = b"\0".join((b"", detector.encode(), *(part.encode("utf-8", "surrogatepass") for part in (path, key))))
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:LENGTH]
