"""Names hold credentials, too: those of files are searched like their bytes, and no name is told with one in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tidegate.domain.secrets.engine import Hit, Scanner

MAX_BYTES = 4000
"""A longer name that holds a credential is not told at all: the engine counts columns in shorter lines only."""
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
        found = self.scanner.scan("\n".join(map(_line, paths)).encode())
        if self.scanner.more and len(paths) > 1:  # there may be more than the engine lists
            half = len(paths) // 2
            return self.hits(paths[:half]) + [(number + half, hit) for number, hit in self.hits(paths[half:])]
        return [(hit.line - 1, hit) for hit in found if hit.line <= len(paths)]

    def told(self, text: str) -> str:
        """A path, or words that hold one, without the credentials in it."""
        if not text or text in self._told:
            return self._told.get(text, text)
        if len(self._told) >= MAX_KNOWN:
            self._told.clear()
        known = self._told[text] = self._masked(text)
        return known

    def _masked(self, text: str) -> str:
        plain = _line(text)
        data = plain.encode()
        hits = self.scanner.scan(data)
        if not hits:
            return text
        if len(data) > MAX_BYTES or "\0" in plain:
            return "(a name with a credential in it)"
        for hit in sorted(hits, key=lambda hit: hit.column, reverse=True):
            start = hit.column - 1
            # Its width is in bytes, of which a character has one or more.
            plain = f"{plain[:start]}(secret {hit.fingerprint[:_LEFT]}){plain[start + hit.width :]}"
        return plain


def _line(text: str) -> str:
    """A name as the one line that is searched: places in it are places in what was found."""
    return text.replace("\n", " ").encode("utf-8", "backslashreplace").decode()
