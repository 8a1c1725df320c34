"""One kind of credential: where to look, what it looks like, and what makes a match a value."""

import re
from collections.abc import Callable
from dataclasses import dataclass

Span = tuple[int, int]
RUN_20 = re.compile(rb"[0-9A-Za-z_-]{20}")
RUN_40 = re.compile(rb"[0-9A-Za-z+/=_-]{40}")


def itself(text: str, span: Span) -> str:
    return text[span[0] : span[1]]


@dataclass(frozen=True, slots=True)
class Detector:
    """`id` names the kind in findings and exceptions.

    A piece of text is judged only where one of `literals` (in lower-cased data when `fold`) or `probe` hits. `value`
    gives the span of the credential in the matched text, or None when the match is a placeholder or no credential.
    """

    id: str
    says: str
    patterns: tuple[re.Pattern[str], ...]
    value: Callable[[re.Match[str]], Span | None]
    literals: tuple[bytes, ...] = ()
    fold: bool = False
    probe: re.Pattern[bytes] | None = None
    spans_lines: bool = False
    apart: re.Pattern[bytes] | None = None
    """Set when the hit may lie apart from the credential: a word of the data like this is then needed too. Otherwise
    the hit is part of an unbroken word of at least `words.SHORTEST` characters."""
    normal: Callable[[str, Span], str] = itself
    """What is fingerprinted, so that the same key is the same key however its lines are broken."""
