"""Names hold credentials, too: those of files are searched like their bytes, and no name is told with one in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tidegate.domain.secrets.engine import Hit, Scanner

MAX_TEXT = 4000
MAX_KNOWN = 10_000
_LEFT = 8
"""Digits of the fingerprint that tell one hidden name from another."""


@dataclass(slots=True)
class Names:
    """What is told of names; `scanner` is the one their files are searched with."""

    scanner: Scanner
    _told: dict[str, str] = field(default_factory=dict)

    def hits(self, paths: Sequence[str]) -> list[tuple[int, Hit]]:
        """The credentials in some paths, each with the number of its path."""
        plain = [path.replace("\n", " ") for path in paths]
        data = "\n".join(plain).encode("utf-8", "backslashreplace")
        return [(hit.line - 1, hit) for hit in self.scanner.scan(data) if hit.line <= len(paths)]

    def told(self, text: str) -> str:
        """A path, or words that hold one, without the credentials in it."""
        if not text or text in self._told:
            return self._told.get(text, text)
        if len(self._told) >= MAX_KNOWN:
            self._told.clear()
        known = self._told[text] = self._masked(text)
        return known

    def _masked(self, text: str) -> str:
        hits = self.scanner.scan(text.replace("\n", " ").encode("utf-8", "backslashreplace"))
        if not hits:
            return text
        if len(text) > MAX_TEXT:
            return "(a name with a credential in it)"
        for hit in sorted(hits, key=lambda hit: hit.column, reverse=True):
            start = hit.column - 1
            # Its width is in bytes, of which a character has one or more.
            text = f"{text[:start]}(secret {hit.fingerprint[:_LEFT]}){text[start + hit.width :]}"
        return text
