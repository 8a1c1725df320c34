"""Which Sigstore trusted root a run used, and whether the policy finds it too old; rows 5 and 8 ask."""

from collections.abc import Iterator
from datetime import UTC, datetime

from tidegate.domain.claims import signing_rules
from tidegate.errors import FormatError
from tidegate.formats import trusted_root
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, found
from tidegate.policy.schema import Policy
from tidegate.policy.values import duration
from tidegate.ports import World


def age(policy: Policy, world: World) -> Iterator[Finding]:
    """A root older than the policy allows, or of no known age, is told; without a limit any age will do."""
    limit = policy.model.trust.root_max_age
    if limit is None:
        return
    since = _since(world)
    if since is None:
        yield found(signing_rules.TRUSTED_ROOT_STALE, "trusted-root", "the trusted root does not say since when it is")
    elif _now(world) - since > duration(limit):
        days = (_now(world) - since).days
        message = f"the newest key of the trusted root is of {since:%Y-%m-%d}, {days} days ago; {limit} is accepted"
        yield found(signing_rules.TRUSTED_ROOT_STALE, "trusted-root", message)


def facts(world: World) -> tuple[tuple[str, str], ...]:
    """Which trusted root was used, for the record."""
    if not world.trusted_root:
        return ()
    since = _since(world)
    return (
        ("trusted-root", str(Digest.of(world.trusted_root))),
        ("trusted-root-since", f"{since:%Y-%m-%d}" if since else "unknown"),
    )


def _since(world: World) -> datetime | None:
    """The day the trusted root in use may be of (see `trusted_root.newest`); None where it does not say."""
    try:
        return trusted_root.newest(world.trusted_root, _now(world)) if world.trusted_root else None
    except FormatError:
        return None


def _now(world: World) -> datetime:
    return world.clock.now().astimezone(UTC)
