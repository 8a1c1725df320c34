"""go.sum gives the digests Go checks a module's files and its go.mod against."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats.locks import pins
from tidegate.formats.text import decode
from tidegate.model.digest import Digest

Module = tuple[str, str]
"""Module path and version."""

MAX_LINES = 400_000
_H1 = re.compile(r"h1:([A-Za-z0-9+/]{43}=)")


@dataclass(slots=True)
class Sums:
    """What one or more go.sum files say. `bad` is what stands in a digest's place and is none."""

    files: dict[Module, list[Digest]] = field(default_factory=dict)
    mods: dict[Module, list[Digest]] = field(default_factory=dict)
    bad: dict[Module, list[str]] = field(default_factory=dict)

    def add(self, raw: bytes, what: str) -> None:
        """Read one file. Raises FormatError for lines Go would refuse (`malformed go.sum`)."""
        text = decode(raw, limit=pins.LIMIT, what=what)
        lines = text.split("\n")
        if len(lines) > MAX_LINES:
            raise FormatError(f"{what} has more than {MAX_LINES} lines")
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words:
                continue
            if len(words) != 3:
                raise FormatError(f"{what} has a malformed line {number}")
            self._take(*words)

    def _take(self, path: str, version: str, written: str) -> None:
        plain = version.removesuffix("/go.mod")
        digest = h1(written)
        if digest is None:
            self.bad.setdefault((path, plain), []).append(written[:200])
            return
        known = (self.files if plain == version else self.mods).setdefault((path, plain), [])
        if digest not in known:
            known.append(digest)


def h1(written: str) -> Digest | None:
    """`h1:` and base64 of a sha256; None for anything else, such as an algorithm Go does not know."""
    match = _H1.fullmatch(written)
    try:
        return Digest("h1", base64.b64decode(match[1], validate=True).hex()) if match else None
    except (ValueError, binascii.Error):
        return None
