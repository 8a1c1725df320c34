"""Which way each field of a policy is tighter: one row a field, none left out (a test holds this to the schema)."""

from enum import Enum, auto


class Way(Enum):
    """How two values of a field are compared; what cannot be compared is weaker."""

    FREE = auto()
    """Says nothing about how tight a policy is: a name, a reason, an address of one's own."""
    SAME = auto()
    """No other value is comparable."""
    TRUE = auto()
    FALSE = auto()
    MORE = auto()
    """The larger number or the longer time is tighter; none is the least."""
    LESS = auto()
    """The smaller number or the shorter time is tighter; none, and `unlimited`, is the most."""
    HOLDS = auto()
    """At least all that the other holds."""
    WITHIN = auto()
    """Nothing the other does not hold."""
    NARROWS = auto()
    """Nothing the other does not hold, where the other holds any: an empty one leaves it to whoever comes after."""
    CHOSEN = auto()
    """As `NARROWS`, and an empty one allows all, so it is no narrower than anything."""
    FILE = auto()
    """A file: where the other names one, the same content; a further one only makes it tighter."""
    NO_FILE = auto()
    """A file that accepts something: the same content, or none."""
    LEVELS = auto()
    """Rule ids with their levels; what is not named has the rule's own."""
    UNTIL = auto()
    """The end of `enforce: report`; an earlier one is tighter, and it does not matter where a fail shuts."""


ORDERS: dict[str, tuple[str, ...]] = {
    "enforce": ("report", "shut"),
    "fail_on": ("critical", "high", "medium", "low"),
    "unknown_severity": ("warn", "fail"),
    "history": ("none", "since-base", "all"),
    "profile": ("tidegate", "detect-secrets"),
    "sign": ("never", "auto"),
    "explain": ("off", "warn", "fail"),
    "ledger": ("optional", "required"),
    "changes": ("warn", "fail"),
}
"""Words of a field, the loosest first."""

_EVERY: dict[str, Way | str] = {
    "required": Way.TRUE,
    "reason": Way.FREE,
    "enforce": "enforce",
    "until": Way.UNTIL,
    "report_days": Way.UNTIL,
    "owner": Way.FREE,
    "rules": Way.LEVELS,
}
_ROWS: dict[str, dict[str, Way | str]] = {
    "lockfiles": {"sources": Way.WITHIN, "public_registries": Way.FALSE, "internal": Way.HOLDS},
    "dependencies": {
        "fail_on": "fail_on",
        "unknown_severity": "unknown_severity",
        "database.max_age": Way.LESS,
        "service.url": Way.SAME,
        "service.timeout": Way.FREE,  # late is undecided, never a pass
        "engines": Way.HOLDS,
        "kev": Way.FILE,
        "epss": Way.FILE,
        "epss_threshold": Way.LESS,
        "review.cooldown": Way.MORE,
        "review.licences.allow": Way.CHOSEN,
        "review.licences.deny": Way.HOLDS,
        "review.popular": Way.SAME,
        "registry.ask": Way.TRUE,
        "registry.indexes": Way.SAME,
        "registry.timeout": Way.FREE,
        "registry.publishers": Way.FILE,
        "vex": Way.WITHIN,
    },
    "secrets": {
        "history": "history",
        "tiers": Way.HOLDS,
        "profile": "profile",
        "baseline": Way.NO_FILE,
        "detectors": Way.HOLDS,
    },
    "ci-tokens": {"grants": Way.WITHIN},
    "signing": {"sign": "sign", "accept": Way.WITHIN, "timestamp": Way.TRUE, "allow_public_log": Way.FALSE},
    "sbom": {
        "formats": Way.HOLDS,
        "spec": Way.FREE,
        "source": Way.SAME,
        "file": Way.FREE,
        "author": Way.FREE,
        "standards": Way.HOLDS,
        "generated": Way.WITHIN,
        "explain": "explain",
        "rebuild": Way.TRUE,
        "build": Way.FREE,
    },
    "provenance": {
        "hosted_builders": Way.TRUE,
        "external_parameters": Way.WITHIN,
        "max_age": Way.LESS,
        "approvals": Way.MORE,
    },
    "deployment": {
        "max_age": Way.LESS,
        "signer": Way.FILE,
        "min_level": Way.MORE,
        "policies": Way.CHOSEN,
        "denied": Way.HOLDS,
        "ledger": "ledger",
        "svr": Way.TRUE,
    },
}
_REST: dict[str, Way | str] = {
    "version": Way.SAME,
    "extends": Way.FREE,  # what it gives is compared, field by field
    "requires": Way.FREE,
    "releases": Way.FREE,
    "trust.builders": Way.NARROWS,
    "trust.verifiers": Way.NARROWS,
    "trust.approvers": Way.NARROWS,
    "trust.rebuilders": Way.NARROWS,
    "trust.vex_authors": Way.WITHIN,
    "trust.root": Way.SAME,
    "trust.root_max_age": Way.LESS,
    "trust.instance": Way.SAME,
    "trust.root_sha256": Way.CHOSEN,
    "exceptions": Way.WITHIN,
    "exclude": Way.WITHIN,
    "policy.protected": Way.CHOSEN,
    "policy.changes": "changes",
    "limits.deadline": Way.FREE,  # late is undecided, never a pass
    "limits.signing": Way.FREE,
}

DIRECTIONS: dict[str, Way | str] = _REST | {
    f"controls.{row}.{name}": way for row, fields in _ROWS.items() for name, way in (_EVERY | fields).items()
}
"""Field to direction; a text names an order of words."""
