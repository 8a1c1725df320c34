"""What a finding is called: a strong value by its keyed hash, a weak one by its place and what it is given to."""

import re

from tidegate.domain.secrets.detector import Detector, Span
from tidegate.domain.secrets.fingerprint import WEAK, Fingerprints, bits

MAX_KEY = 60
_BEFORE = 120

_KEY = re.compile(
    rf"([A-Za-z_][\w.-]{{0,{MAX_KEY - 1}}})\\?[\"'`]?[\])]?\s{{0,8}}(?:=>|:=|={{1,3}}|[:,(>]|\svalue\s{{0,4}}=|(?<=\s))"
    r"\s{0,8}\\?[rbuf]?@?\\?[\"'`]?\Z",
    re.ASCII,
)
_PASSWORD = re.compile(r"://([^\s/?#]{0,300}?):(.{1,500})@([^@]{0,260})\Z", re.ASCII | re.DOTALL)

Name = tuple[str, str]
"""(fingerprint, key): of a strong value its fingerprint, and ""; of a weak one "", and what it is given to."""


def name(detector: Detector, text: str, span: Span, keys: Fingerprints) -> Name:
    """How the value at `span` is named; a weak one still has to be `placed`."""
    value = detector.normal(text, span)
    if _is_strong(detector, value):
        return keys.of(detector.id, value), ""
    address = _PASSWORD.search(value)
    if address is not None:
        return "", address[3]
    return "", key_before(text, span[0])


def key_before(text: str, at: int) -> str:
    """What a value that begins at `at` is given to, "" when that is not seen."""
    before = _KEY.search(text, max(0, at - _BEFORE), at)
    return before[1] if before else ""


def shown(key: str, value: str) -> str:
    """A key as it may be told: "" when it holds the value, or is as random as a credential itself."""
    return "" if not key or (value and value in key) or bits(key) >= WEAK else key


def _is_strong(detector: Detector, value: str) -> bool:
    """What follows a vendor's own prefix is made by a machine; an address has a password somebody chose."""
    if not detector.fold:
        for literal in detector.literals:
            prefix = literal.decode()
            if value.startswith(prefix):
                return bits(value[len(prefix) :], made=True) >= WEAK
    address = _PASSWORD.search(value)
    if address is None:
        return bits(value) >= WEAK
    # Its user may be a token: then it is not named by its host.
    return max(bits(address[1]), bits(address[2])) >= WEAK
