"""How old a Sigstore trusted root is, as far as it says: it has no date of its own, only the days its keys began."""

from collections.abc import Iterator
from datetime import UTC, datetime

from tidegate.errors import FormatError
from tidegate.formats import strict_json

LIMIT = 4 * 1024 * 1024
_LISTS = ("tlogs", "ctlogs", "certificateAuthorities", "timestampAuthorities")


def newest(raw: bytes, now: datetime) -> datetime | None:
    """The latest day, not after `now`, on which one of its keys began: the root cannot be older, it may be younger.

    Authorities announced for the future do not make a root younger. None when no key says. Raises FormatError.
    """
    plain = strict_json.loads(raw, limit=LIMIT, what="the trusted root")
    if not isinstance(plain, dict):
        raise FormatError("the trusted root is not an object")
    begun = [start for item in _members(plain) if (start := _start(item)) is not None and start <= now]
    return max(begun, default=None)


def _members(plain: dict[str, object]) -> Iterator[dict[str, object]]:
    for name in _LISTS:
        listed = plain.get(name)
        for item in listed if isinstance(listed, list) else []:
            if isinstance(item, dict):
                yield item


def _start(item: dict[str, object]) -> datetime | None:
    """`validFor.start`, of an authority itself or of a log's key (protobuf-specs `sigstore_trustroot.proto`)."""
    key = item.get("publicKey")
    period = item.get("validFor") or (key.get("validFor") if isinstance(key, dict) else None)
    start = period.get("start") if isinstance(period, dict) else None
    try:
        time = datetime.fromisoformat(start) if isinstance(start, str) else None
        return time.astimezone(UTC) if time is not None and time.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
