"""One kind of credential: where to look, what it looks like, and what makes a match a value."""

import re
from collections.abc import Callable
from dataclasses import dataclass

Span = tuple[int, int]


class Needs:
    """What is found in every text a detector's patterns match in; compiled when it is first asked."""

    __slots__ = ("_made", "_pattern")

    def __init__(self, pattern: bytes) -> None:
        self._pattern = pattern
        self._made: re.Pattern[bytes] | None = None

    def search(self, text: bytes) -> re.Match[bytes] | None:
        return self._compiled().search(text)

    def spans(self, text: bytes) -> list[tuple[int, int]]:
        return [match.span() for match in self._compiled().finditer(text)]

    def _compiled(self) -> re.Pattern[bytes]:
        if self._made is None:
            self._made = re.compile(self._pattern)
        return self._made


RUN_20 = Needs(rb"[0-9A-Za-z_-]{20}")
RUN_40 = Needs(rb"[0-9A-Za-z+/=_-]{40}")


def itself(text: str, span: Span) -> str:
    return text[span[0] : span[1]]


class Patterns:
    """Regular expressions made when they are first needed: most scans need few of them. `names` tell which they are."""

    __slots__ = ("_made", "_make", "names")

    def __init__(self, make: Callable[[], tuple[re.Pattern[str], ...]], names: tuple[str, ...]) -> None:
        self._make = make
        self._made: tuple[re.Pattern[str], ...] | None = None
        self.names = names

    @classmethod
    def of(cls, *patterns: str, flags: re.RegexFlag = re.ASCII) -> "Patterns":
        return cls(lambda: tuple(re.compile(pattern, flags) for pattern in patterns), patterns)

    def __call__(self) -> tuple[re.Pattern[str], ...]:
        if self._made is None:
            self._made = self._make()
        return self._made


IN_ADDRESS = r"""[^\s/?#"'<>]*:[^\s/"'<>]+@"""
"""Behind the `://` of an address with a password."""


@dataclass(frozen=True, slots=True)
class Detector:
    """`id` names the kind in findings and exceptions.

    A piece of text is judged only where one of `literals` hits (in any case when `fold`), each of 3 bytes or more, and
    `needs` is found in it. `value` gives the span of the credential in the matched text, or None when the match is a
    placeholder or no credential.
    """

    id: str
    says: str
    patterns: Patterns
    value: Callable[[re.Match[str]], Span | None]
    literals: tuple[bytes, ...]
    fold: bool = False
    needs: Needs | None = None
    """Found in every text in which a pattern matches."""
    tail: str = ""
    """What follows each of the literals in every match, where these are words of every file: a regular expression,
    which a vector engine is fast to compile when it is short and bounds no repetition."""
    spans_lines: bool = False
    normal: Callable[[str, Span], str] = itself
    """What is fingerprinted, so that the same key is the same key however its lines are broken."""
    tier: str = "block"
    mend: str = ""
    """How it is revoked and rotated."""
    near: int = 0
    """Every match begins at most so many bytes before the end of a literal, and not behind it; 0: anywhere."""
    below: int = 0
    """So many bytes behind a literal are judged with it, whatever lines they are on; 0: its line, or with
    `spans_lines` a window."""
    exact: bool = False
    """Is what it `needs` inside every match? Then it is not asked where all of that lies in values found before."""
