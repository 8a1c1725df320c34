"""Every rule we wrote, in order of precedence: of two that match the same text, the first names it."""

from tidegate.domain.secrets.catalog import example
from tidegate.domain.secrets.rule import SecretRule

RULES: tuple[SecretRule, ...] = (*example.RULES,)
