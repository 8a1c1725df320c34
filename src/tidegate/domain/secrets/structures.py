"""What a vendor builds into its tokens: checksums, encoded parts, and where such a token may begin and end."""

import base64
import binascii
import itertools
import random
import re
import string
import zlib
from collections.abc import Callable

from tidegate.domain.secrets.checks import shannon
from tidegate.domain.secrets.detector import Span
from tidegate.domain.secrets.guesses import is_key, is_password
from tidegate.domain.secrets.placeholders import is_common_password, is_placeholder
from tidegate.domain.secrets.rule import Check

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ESCAPE = re.compile(r"(?:\\[abefnrtv0]|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|%[0-9a-fA-F]{2}|\x1b\[[0-9;]{0,8}m)\Z")

_PREFIX = re.compile(r"[A-Za-z]{3,20}[0-9]?[_-]")
_FILLED = re.compile(r"(.)\1{15}")


def apart(text: str, span: Span) -> bool:
    """Not inside a longer word; an escape before it (`\\n`, `%3D`, `\\u0022`) is no letter, and before a prefix of
    three letters or more `_` and `-` are none either."""
    if text[span[0] - 1 : span[0]] in {"_", "-"} and _PREFIX.match(text, span[0]):
        return not _joined(" " + text[span[0] : span[1] + 1], (1, 1 + span[1] - span[0]), "_-")
    return not _joined(text, span, "_-")


def solid(text: str, span: Span) -> bool:
    """Like `apart`, for tokens whose prefix may turn up in base64: nothing of base64 goes on at either end."""
    return not _joined(text, span, "_-+/")


def _joined(text: str, span: Span, also: str) -> bool:
    start, end = span
    after = text[end : end + 1]
    if after and ((after.isascii() and after.isalnum()) or after in also):
        return True
    before = text[start - 1 : start] if start else ""
    if not before or not ((before.isascii() and before.isalnum()) or before in also):
        return False
    return _ESCAPE.search(text[max(0, start - 12) : start]) is None


def base62_crc(body: str) -> str:
    """The six characters GitHub and npm end a token with: the CRC-32 of its random part in base62."""
    rest, text = zlib.crc32(body.encode("latin-1", "replace")), ""
    while rest:
        rest, digit = divmod(rest, 62)
        text = BASE62[digit] + text
    return text.rjust(6, "0")


def has_base62_crc(value: str) -> bool:
    """Does the part behind the last `_` end with the checksum of what is before it?"""
    body = value.rpartition("_")[2]
    return len(body) == 36 and base62_crc(body[:-6]) == body[-6:]


def issued(text: str, span: Span) -> bool:
    """Its checksum fits, whatever it looks like; else it is at least not made up. A wrong checksum excuses nothing:
    the vendor may change it without a word."""
    value = text[span[0] : span[1]]
    return has_base62_crc(value) or not is_placeholder(value)


def crc_token(prefix: str) -> Callable[[random.Random], str]:
    """A made-up token of GitHub's and npm's form."""

    def make(rng: random.Random) -> str:
        body = "".join(rng.choice(BASE62) for _ in range(30))
        return prefix + body + base62_crc(body)

    return make


def nats_crc(text: str, span: Span) -> bool:
    """A NATS seed ends with the CRC-16 (XMODEM) of its bytes, little-endian."""
    try:
        raw = base64.b32decode(text[span[0] : span[1]] + "======")
    except (binascii.Error, ValueError):
        return False
    return binascii.crc_hqx(raw[:-2], 0).to_bytes(2, "little") == raw[-2:]


def nats_seed(rng: random.Random) -> str:
    raw = bytes([18 << 3 | 20 >> 2, (20 & 3) << 6]) + rng.randbytes(32)
    return base64.b32encode(raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")).decode().rstrip("=")


def decoded(value: str) -> bytes:
    """Base64 of either alphabet, padded or not; empty if it is none."""
    plain = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return b""


def holds(part: bytes) -> Check:
    """Base64 of something that has this in it."""

    def check(text: str, span: Span) -> bool:
        return part in decoded(text[span[0] : span[1]])

    return check


def user_and_password(text: str, span: Span) -> bool:
    """Base64 of `user:password` in printable characters, the password none that stands for one."""
    raw = decoded(text[span[0] : span[1]])
    user, colon, password = raw.decode("latin-1").partition(":")
    readable = raw.isascii() and bool(raw) and raw.decode("ascii").isprintable()
    return readable and bool(colon) and bool(user) and not is_common_password(password)


def used_pair(text: str, span: Span) -> bool:
    """The same with a password that may be in use."""
    password = decoded(text[span[0] : span[1]]).decode("latin-1").partition(":")[2]
    return user_and_password(text, span) and (is_password(password, True) or is_key(password, True))


def no_common(text: str, span: Span) -> bool:
    """No word that only says what belongs there."""
    return not is_common_password(text[span[0] : span[1]])


def no_sequence(text: str, span: Span) -> bool:
    """No stretch of the alphabet or of the digits in their order, as only a person types them."""
    value = text[span[0] : span[1]].lower()
    steps = [ord(b) - ord(a) for a, b in itertools.pairwise(value)]
    return not any(all(step == 1 for step in steps[at : at + 5]) for at in range(len(steps) - 4))


def no_alphabet(text: str, span: Span) -> bool:
    """No eight letters of the alphabet in their order."""
    value = text[span[0] : span[1]].lower()
    return not any(value[at : at + 8] in string.ascii_lowercase for at in range(len(value) - 7))


def unfilled(text: str, span: Span) -> bool:
    """Not filled up with one character."""
    return _FILLED.search(text[span[0] : span[1]]) is None


def no_hello(text: str, span: Span) -> bool:
    """Not the secret every tutorial shows (`Hello!` and four bytes)."""
    return text[span[0] : span[1]].upper() != "JBSWY3DPEHPK3PXP"


def random_looking(text: str, span: Span) -> bool:
    """Digits among letters, and as varied as a random value is."""
    value = text[span[0] : span[1]]
    return any(char.isdigit() for char in value) and any(char.isalpha() for char in value) and shannon(value) >= 3.3


def _encoded(kind: str, rng: random.Random) -> str:
    body = base64.b64encode(rng.randbytes(96)).decode()
    return base64.b64encode(f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n".encode()).decode().rstrip("=")


def encoded_key(rng: random.Random) -> str:
    return _encoded("RSA PRIVATE" + " KEY", rng)


def encoded_certificate(rng: random.Random) -> str:
    return _encoded("CERTIFICATE", rng)


def encoded_pair(rng: random.Random) -> str:
    pair = "deploy:" + "".join(rng.choice(BASE62) for _ in range(16))
    return base64.b64encode(pair.encode()).decode()
