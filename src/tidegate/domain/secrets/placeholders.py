"""Values that stand for a credential and are none: documented examples, runs of x, template variables."""

import hashlib
import re
import unicodedata
from urllib.parse import unquote_to_bytes

_WORDS = re.compile(
    r"example|placeholder|changeme|change_me|redacted|dummy|replace_?me|your[_-]|insert[_-]"
    # AWS's documented pair, whatever people make of its end, and the subject of the token everyone copies.
    r"|AKIAIOSFODNN7|wJalrXUtnFEMI|IxMjM0NTY3ODkwIi",
    re.IGNORECASE,
)
_FILLED = re.compile(r"x{4,}|\*{3,}|\.{3,}|#{4,}|([0-9A-Za-z])\1{6,}", re.IGNORECASE)
_TEMPLATE = re.compile(r"\$.*|.*(?:\$\{|\{\{|\}\}).*|\{.*\}?|\[.*\]|%[sdv]|%\(.*|%\w+%|<.*", re.DOTALL)
_COMMON = re.compile(
    r"(?:my_?|some_?|user_?|the_?|an? )?(?:pass(?:word|wd|phrase)?|pwd?|secret|token|user(?:name)?|login|credentials"
    r"|creds|auth|(?:api_?)?key)|x+|(?:foo|bar|baz){1,3}\d{0,3}|test|tiger",
    re.IGNORECASE,
)
_LOCAL = re.compile(
    r"(?:localhost|127(?:\.\d+){1,3}|0\.0\.0\.0|host|hostname|server|domain|(?:.*\.)?example(?:\.(?:com|org|net))?"
    r"|.*\.(?:test|invalid|example|localhost)|foo|bar|foo\.bar|[a-z])",
    re.IGNORECASE,
)
# sha256 of values that vendors publish for everyone's use.
_PUBLISHED = frozenset(
    {
        "0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059",  # the storage emulator's account key
        "ca7459e2b26776de081b9a07e40227fd6cff232a1e3233ff6b6aa6d036ca9981",  # RFC 6749's client
        "cf4d418ed3de92d71f767db5391d5a2dacd40e1ce49e75d1137e2ecf4982d844",  # RFC 7617's user
        "73f71af093fdf1541b2c376f03436d71d1209d8a181f87d36e53a44b87ac4c4f",  # RFC 7617's user, without a blank
        "a71b359a87afde133e6d9731de69f8823d62b012072d43749f5dc976505403f5",  # RFC 6750's token
        "b8e148545b13c78bc74da2f1a7275dd71e56ddece129d7d2f7b3ecc06f7994da",  # RFC 6750's other token
        "08136314cc06d4f2e8e9bf82cb999595f0a3ef7f9ffc0e2960cf849e1f5c09d2",  # the WireGuard key of systemd.netdev(5)
        "ea1ca3e25b35a51ea7c8c9e5434d6faa6d49963d09845fb49028aaa4f6a2e709",  # the WireGuard key of wg(8)
    }
)


def is_placeholder(value: str) -> bool:
    """For tokens with a random part: is this one made up?"""
    return bool(_WORDS.search(value) or _FILLED.search(value)) or len(set(value[-16:])) < 4 or is_published(value)


def is_published(value: str) -> bool:
    """Is this a value its vendor documents as an example or as the key of an emulator?"""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest() in _PUBLISHED


def is_common_password(password: str) -> bool:
    """For passwords in addresses: a template variable, or a word that only says what belongs there."""
    return (
        len(password) < 3
        or _COMMON.fullmatch(_plain(password)) is not None
        or _TEMPLATE.fullmatch(password) is not None
        or is_placeholder(password)
    )


def is_stand_in(value: str) -> bool:
    """For values given to a name: a template, a word that only says what belongs there, or a value to be replaced."""
    return (
        _COMMON.fullmatch(value) is not None
        or _TEMPLATE.fullmatch(value) is not None
        or _WORDS.search(value) is not None
        or _FILLED.search(value) is not None
        or is_published(value)
    )


def _plain(password: str) -> str:
    """As a person reads it, without escapes and accents: `p%C3%A4ssword` is the word, too. Takes bytes as Latin-1."""
    try:
        text = unquote_to_bytes(password.encode("latin-1")).decode()
    except UnicodeError:
        return password
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def is_nowhere(host: str) -> bool:
    """A host that is reserved for documentation or is the machine itself."""
    return _LOCAL.fullmatch(host) is not None
