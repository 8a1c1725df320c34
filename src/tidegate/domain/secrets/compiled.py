"""Rules made of data become detectors."""

import re
from collections.abc import Callable
from functools import cache

from tidegate.domain.secrets import checks
from tidegate.domain.secrets.catalog import RULES
from tidegate.domain.secrets.detector import Detector, Patterns, Span
from tidegate.domain.secrets.rule import SecretRule


@cache
def detectors() -> tuple[Detector, ...]:
    return tuple(detector(rule) for rule in RULES)


def detector(rule: SecretRule) -> Detector:
    """What the engine asks of a rule."""
    return Detector(
        rule.id, rule.title, Patterns.of(rule.regex), _value(rule), rule.literals, rule.fold, tier=rule.tier.value
    )


def _value(rule: SecretRule) -> Callable[[re.Match[str]], Span | None]:
    asked = checks.TOKEN if rule.checks is None else rule.checks

    def value(match: re.Match[str]) -> Span | None:
        span = match.span(rule.group)
        return span if span[0] >= 0 and all(check(match.string, span) for check in asked) else None

    return value
