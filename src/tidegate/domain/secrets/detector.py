"""One kind of credential: where to look, what it looks like, and what makes a match a value."""

import re
from collections.abc import Callable
from dataclasses import dataclass

Span = tuple[int, int]


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
    normal: Callable[[str, Span], str] = itself
    """What is fingerprinted, so that the same key is the same key however its lines are broken."""
