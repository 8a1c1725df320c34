"""How a row of the catalog becomes a rule: what the rows have in common, and the samples that must not be found."""

import random
import re

from tidegate.domain.secrets import structures
from tidegate.domain.secrets.checks import no_digest, real
from tidegate.domain.secrets.rule import Check, SecretRule, Shape, Tier, sample

UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
A_UUID = "<8:hex>-<4:hex>-<4:hex>-<4:hex>-<12:hex>"
IS = r"[\"'`]?\s{0,8}(?::{0,3}=|=>|\?=|:)\s{0,8}[\"'`]?"
"""Between a name and its value in code, configuration and shell."""
START = r"(?:(?<![0-9A-Za-z])|(?<=\\[nrt]))"
"""Where a name begins; an escape before it is no letter."""

TOKEN: tuple[Check, ...] = (structures.apart, real, no_digest)
"""For tokens with a telling prefix that base64 has no characters for."""
SOLID: tuple[Check, ...] = (structures.solid, real, no_digest)
"""For tokens that look like any stretch of base64."""
TELLING: tuple[Check, ...] = (real, no_digest)
"""For tokens nothing else looks like, wherever they stand."""
LONG: tuple[Check, ...] = (structures.solid, structures.unfilled, no_digest)
"""For tokens so long that chance makes them look made up."""

_RUN = re.compile(r"<(\d{1,4}):(\w+)>")


def token(
    name: str,
    title: str,
    source: str,
    where: str,
    literals: str,
    regex: str,
    *positives: Shape,
    negatives: tuple[Shape, ...] = (),
    group: int = 0,
    inside: bool = False,
    checks: tuple[Check, ...] = TOKEN,
    fold: bool = False,
    tier: Tier = Tier.BLOCK,
    mend: str = "",
) -> SecretRule:
    """A rule for one kind of token. `literals` are parted by blanks; `where` is the place at the
    vendor it is revoked at. It may stand `inside` a longer word when it
    is an address, or so telling that strings packed without a gap, as in programs, must not hide it."""
    return SecretRule(
        name,
        title,
        source,
        tuple(literals.encode().split()),
        regex,
        positives,
        (*negatives, *(bad for good in positives for bad in _spoilt(good, group == 0 and not inside))),
        group,
        checks,
        tier,
        fold,
        mend=mend or f"revoke it at {where}, then make a new one",
    )


def named(
    name: str,
    title: str,
    source: str,
    where: str,
    names: str,
    value: str,
    shape: str,
    *,
    checks: tuple[Check, ...] = SOLID,
) -> SecretRule:
    """A rule for a value that tells nothing by itself, after one of the vendor's own `names` for it (lower case,
    parted by blanks, `_` for any of `_-.`, a blank or nothing)."""
    words = names.split()
    pattern = "|".join(word.replace("_", "[ _.-]?") for word in words)
    first = words[0]
    return SecretRule(
        name,
        title,
        source,
        tuple(sorted({start for word in words for start in _starts(word)})),
        rf"{START}(?i:{pattern}){IS}({value})",
        (f"{first.upper()}={shape}", f'"{first}": "{shape}"', f"export {first.upper()}='{shape}'"),
        (shape, *(f"{first.upper()}={bad}" for bad in (_shorter(shape), _filled(shape), "${SECRET}"))),
        1,
        checks,
        fold=True,
        mend=f"revoke it at {where}, then make a new one",
    )


def _starts(name: str) -> tuple[bytes, ...]:
    """What a name begins with in any of its spellings: its first word if that is long enough to be rare."""
    first, *rest = name.split("_")
    if len(first) >= 5 or not rest:
        return (first.encode(),)
    return tuple(f"{first}{between}{rest[0]}".encode() for between in ("", "_", "-", ".", " "))


def _spoilt(shape: Shape, whole: bool) -> tuple[Shape, ...]:
    """The same cut short, filled in, and (if it is a word by itself) inside a longer word."""
    glued: tuple[Shape, ...] = (_glued(shape),) if whole else ()
    return (*((_shorter(shape), _filled(shape)) if isinstance(shape, str) else ()), *glued)


def _shorter(shape: str) -> str:
    *_, last = _RUN.finditer(shape)
    return f"{shape[: last.start()]}<{min(3, int(last[1]) - 1)}:{last[2]}>" + shape[last.end() :]


def _filled(shape: str) -> str:
    return _RUN.sub(lambda run: "x" * int(run[1]), shape)


def _glued(shape: Shape) -> Shape:
    def make(rng: random.Random) -> str:
        return "Zq7" + sample(shape, rng.randrange(1000)) + "Zq7"

    return make
