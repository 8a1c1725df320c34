"""One rule is data: where its credential is looked for, how it is written, what is asked of it, and made-up samples."""

import random
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tidegate.domain.secrets.detector import Span

Check = Callable[[str, Span], bool]
"""Asked of the text around a match and the span of the value in it: is this a credential?"""
Shape = str | Callable[[random.Random], str]
"""`ghp_<36:alnum>`: literal text with runs of random characters of a class in `CLASSES`. Or what makes one, where a
checksum or structure must fit."""

CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "word": string.ascii_letters + string.digits + "_-",
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "letters": string.ascii_letters,
    "small": string.ascii_lowercase,
    "digits": string.digits,
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "base32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "base64": string.ascii_letters + string.digits + "+/",
}
_RUN = re.compile(r"<(\d{1,4}):(\w+)>")


class Tier(StrEnum):
    """How sure a finding is, and so what it does by default."""

    BLOCK = "block"
    WARN = "warn"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class SecretRule:
    """A match of `regex` in a line that holds one of `literals`, whose `group` passes all `checks`.

    `literals` are ASCII, 3 bytes or longer, one of them in (or on the line of) every match; with `fold`, lower case,
    and found in any case. `regex` is matched with `re.ASCII` on one line or on at most 2 kB of it, bytes as Latin-1,
    so it has no nested quantifiers and bounds every repetition.
    """

    id: str
    title: str
    """What a finding says: `a GitHub token`."""
    source: str
    """Where the vendor says what it looks like."""
    literals: tuple[bytes, ...]
    regex: str
    positives: tuple[Shape, ...]
    negatives: tuple[Shape, ...]
    group: int | str = 0
    checks: tuple[Check, ...] | None = None
    """None: not made up, and no stretch of a digest (`checks.TOKEN`)."""
    tier: Tier = Tier.BLOCK
    fold: bool = False
    mend: str = ""
    """Where it is revoked, and how it is rotated."""
    judge: Callable[[re.Match[str]], bool] | None = None
    """Asked of the match before the checks, where more than its value decides."""
    tail: str = ""
    """What follows each literal in every match, without bounded repetition; where literals stand in every file."""
    spans_lines: bool = False
    """A match begins with a literal, and may go on in the next lines: it is looked for in the 96 characters there."""
    near: int = 0
    """Every match begins at most so many characters before the end of a literal, where that is known: it is looked for
    only there, which is faster in lines that are no match."""


def sample(shape: Shape, seed: int = 0) -> str:
    """One credential of this shape: the same for the same seed, never two of one character side by side."""
    rng = random.Random(seed)  # noqa: S311 - made-up samples, no keys
    if callable(shape):
        return shape(rng)
    return _RUN.sub(lambda run: _some(rng, int(run[1]), CLASSES[run[2]]), shape)


def _some(rng: random.Random, length: int, alphabet: str) -> str:
    text = ""
    while len(text) < length:
        char = rng.choice(alphabet)
        text += char if not text.endswith(char) else ""
    return text
