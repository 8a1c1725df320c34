"""Values of our findings compared with SHA-1 hashes of another baseline: in a worker, where the values are."""

import hashlib
import re
from collections.abc import Mapping

from tidegate.cli.accepting import Match
from tidegate.domain.secrets.engine import Hit

_PASSWORD = re.compile(rb"://[^/\s:@]{0,300}:([^\s@]{1,500})@")


class Watch:
    """Told of every hit and its value; keeps which hashes matched, and nothing of the value."""

    def __init__(self, wanted: tuple[str, ...]) -> None:
        self._numbers: Mapping[str, tuple[int, ...]] = {
            sha1: tuple(n for n, each in enumerate(wanted) if each == sha1) for sha1 in dict.fromkeys(wanted)
        }
        self._matched: dict[tuple[str, str], set[int]] = {}
        self._others: set[tuple[str, str]] = set()

    def __call__(self, hit: Hit, value: bytes) -> None:
        name = (hit.id, hit.fingerprint)
        numbers = {number for form in _forms(value) for number in self._numbers.get(_sha1(form), ())}
        if numbers:
            self._matched.setdefault(name, set()).update(numbers)
        else:
            self._others.add(name)

    def matches(self) -> tuple[Match, ...]:
        return tuple(
            Match(*name, tuple(sorted(numbers)), name in self._others)
            for name, numbers in sorted(self._matched.items())
        )


def _forms(value: bytes) -> set[bytes]:
    """The value as ours and as another tool delimits it: without quotes, and an address's password alone."""
    address = _PASSWORD.search(value)
    return {value, value.strip(b"\"'`"), *([address[1]] if address else [])}


def _sha1(value: bytes) -> str:
    return hashlib.sha1(value, usedforsecurity=False).hexdigest()
