"""Every rule of the room."""

from tidegate.domain.changes import metadata_rules, name_rules, rules

RULES = (*rules.RULES, *name_rules.RULES, *metadata_rules.RULES)
