"""Every rule of the room."""

from tidegate.domain.changes import name_rules, rules

RULES = (*rules.RULES, *name_rules.RULES)
