"""Rules made of data become detectors."""

import re
from collections.abc import Callable
from functools import cache

from tidegate.domain.secrets import checks
from tidegate.domain.secrets.catalog import RULES
from tidegate.domain.secrets.detector import IN_ADDRESS, Detector, Patterns, Span
from tidegate.domain.secrets.rule import SecretRule

COMMON = frozenset({b"pat", b"re_", b"cio"})
"""Literals that stand in words of every other file."""
TAIL = 6
BELOW = 320
"""Room for some white space, a word and a value."""
_RUN = re.compile(r"(\[[\w-]+\])\{(\d{1,3})")


@cache
def detectors() -> tuple[Detector, ...]:
    return tuple(detector(rule) for rule in RULES)


def detector(rule: SecretRule) -> Detector:
    """What the engine asks of a rule."""
    return Detector(
        rule.id,
        rule.title,
        Patterns.of(rule.regex),
        _value(rule),
        rule.literals,
        rule.fold,
        tail=_tail(rule),
        spans_lines=rule.spans_lines,
        below=BELOW if rule.spans_lines else 0,
        tier=rule.tier.value,
        mend=rule.mend,
        near=rule.near,
    )


def _tail(rule: SecretRule) -> str:
    """What a vector engine looks for behind a literal that is common: characters in brackets, as the rule has them."""
    if rule.literals == (b"://",):
        return rule.tail or IN_ADDRESS
    if rule.tail or rule.fold or rule.literals[0] not in COMMON or len(rule.literals) > 1:
        return rule.tail
    (literal,) = rule.literals
    _, *after = rule.regex.split(literal.decode())
    run = _RUN.match(after[0]) if len(after) == 1 else None
    return run[1] * min(int(run[2]), TAIL) if run else ""


def _value(rule: SecretRule) -> Callable[[re.Match[str]], Span | None]:
    asked = checks.TOKEN if rule.checks is None else rule.checks

    def value(match: re.Match[str]) -> Span | None:
        span = match.span(rule.group)
        if rule.judge is not None and not rule.judge(match):
            return None
        return span if span[0] >= 0 and all(check(match.string, span) for check in asked) else None

    return value
