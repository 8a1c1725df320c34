"""Every rule we wrote, in order of precedence: of two that match the same text, the first names it."""

from tidegate.domain.secrets.catalog import (
    azure,
    clouds,
    commands,
    forges,
    generic,
    messages,
    models,
    monitors,
    packages,
    passwords,
    payments,
    services,
    stores,
)
from tidegate.domain.secrets.rule import SecretRule

RULES: tuple[SecretRule, ...] = (
    *forges.RULES,
    *packages.RULES,
    *clouds.RULES,
    *azure.RULES,
    *models.RULES,
    *payments.RULES,
    *messages.RULES,
    *monitors.RULES,
    *services.RULES,
    *stores.RULES,
    *passwords.RULES,
    *commands.RULES,
    *generic.RULES,
)
