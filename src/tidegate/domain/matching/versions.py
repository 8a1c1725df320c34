"""Versions are ordered only where the ecosystem's own order is known; nothing else is ever called smaller."""

from tidegate.domain.matching.all_orders import ORDERS
from tidegate.domain.matching.names import ecosystem_key
from tidegate.domain.matching.orders.ordered import Order


def order_of(ecosystem: str) -> Order | None:
    """The ecosystem's version order, None when tidegate does not know it."""
    return ORDERS.get(ecosystem_key(ecosystem))


def readings(ecosystem: str, version: str) -> tuple[str, ...]:
    """The version as written, and for PyPI also without its local part.

    `2.0.1+cu118` is a build of `2.0.1`, yet PEP 440 orders it behind: `last_affected: 2.0.1` would miss it.
    """
    if ecosystem_key(ecosystem) == "pypi" and "+" in version:
        return version, version.partition("+")[0]
    return (version,)
