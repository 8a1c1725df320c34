"""One pass over a database: every record counts for its age, only those that name a wanted package are read whole."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tidegate.adapters.vulns.audit import canary
from tidegate.domain.matching.affected import State, evaluate
from tidegate.domain.matching.names import ecosystem_key, name_key, same_release
from tidegate.errors import FormatError
from tidegate.formats.osv import TIMESTAMP, Record, parse
from tidegate.model.package import Locked

_NAME = re.compile(rb'"name"\s*:\s*"((?:[^"\\]|\\.)*)"')
_MODIFIED = re.compile(rb'"modified"\s*:\s*"([^"\\]*)"')
_AFFECTED = re.compile(rb'"affected"\s*:\s*\[\s*\{')
# Letters, digits and `-./:@_~` written as escapes: a name or key could hide behind them.
_ESCAPED = re.compile(rb"\\u00(?:2[d-f]|3[0-9a]|4[0-9a-f]|5[0-9af]|6[0-9a-f]|7[0-9ae])", re.IGNORECASE)


@dataclass(slots=True)
class Scan:
    """What one pass found. `newest` is the newest `modified`; `canary` is affected by a record of this database."""

    ecosystem: str
    count: int = 0
    newest: str = ""
    records: list[Record] = field(default_factory=list)
    canary: Locked | None = None


def scan(members: Iterable[tuple[str, bytes]], ecosystem: str, wanted: Iterable[str]) -> Scan:
    """Read a database of one ecosystem for the packages `wanted`.

    Raises ValueError with the member's name for a record that cannot be read, and whatever `members` raises.
    """
    result = Scan(ecosystem)
    keys = {name_key(ecosystem, name) for name in wanted}
    for name, raw in members:
        result.count += 1
        modified = _MODIFIED.findall(raw)
        wants = _names(raw, ecosystem, keys)
        if wants or result.canary is None or _odd(raw, len(modified)):
            record = record_of(name, raw, ecosystem)
            stamp = record.modified
            if result.canary is None:
                result.canary = draw(record, ecosystem)
                wants = wants or result.canary is not None
            if wants or _concerns(record, ecosystem, keys):
                result.records.append(record)
        else:
            stamp = modified[0].decode("ascii", "replace")
        if stamp[:19] > result.newest[:19]:
            result.newest = stamp
    return result


def _names(raw: bytes, ecosystem: str, keys: set[str]) -> bool:
    return any(name_key(ecosystem, _plain(name)) in keys for name in _NAME.findall(raw))


def _plain(name: bytes) -> str:
    """A name as it is meant: letters outside ASCII are often written as escapes."""
    if b"\\" in name:
        try:
            return str(json.loads(b'"' + name + b'"'))
        except ValueError:
            pass  # damage of the record, which is seen when it is read
    return name.decode("utf-8", "replace")


def _odd(raw: bytes, stamps: int) -> bool:
    """Can a look at the bytes not be trusted to see the names and the date?"""
    if stamps != 1 or not raw.startswith(b"{") or not raw.rstrip().endswith(b"}") or not _AFFECTED.search(raw):
        return True
    return b"\\/" in raw or (b"\\u00" in raw and _ESCAPED.search(raw) is not None)


def glance(name: str, raw: bytes, ecosystem: str) -> tuple[set[str], str]:
    """The keys of all names in a record that cannot be read, and its date.

    Raises ValueError when a look at the bytes cannot be trusted to see both.
    """
    stamps = _MODIFIED.findall(raw)
    if _odd(raw, len(stamps)):
        raise ValueError(f"`{name[:80]}` cannot be read")
    keys = {name_key(ecosystem, _plain(found)) for found in _NAME.findall(raw)}
    return keys, stamps[0].decode("ascii", "replace")


def record_of(name: str, raw: bytes, ecosystem: str) -> Record:
    """One member as a record of this ecosystem. Raises ValueError with the member's name."""
    try:
        record = parse(json.loads(raw))
    except FormatError as error:
        raise ValueError(f"`{name[:80]}`: {error.message}") from None
    except (ValueError, RecursionError):
        raise ValueError(f"`{name[:80]}` is not JSON") from None
    kind = ecosystem_key(ecosystem)
    if not record.withdrawn and not any(ecosystem_key(entry.ecosystem) == kind for entry in record.affected):
        # Filed under an ecosystem and naming none of its packages: part of the record is missing.
        raise ValueError(f"`{name[:80]}` names no {ecosystem} package")
    return record


def _concerns(record: Record, ecosystem: str, keys: set[str]) -> bool:
    return any(name_key(ecosystem, entry.name) in keys for entry in record.affected)


def draw(record: Record, ecosystem: str) -> Locked | None:
    """A package version this record affects, None when the record cannot serve."""
    if record.withdrawn:
        return None
    kind = ecosystem_key(ecosystem)
    for entry in record.affected:
        if ecosystem_key(entry.ecosystem) != kind or not same_release(entry.ecosystem, ecosystem):
            continue
        events = [text for item in entry.ranges if item.type != "GIT" for what, text in item.events if text != "0"]
        for version in (*entry.versions[:2], *events[:8], "0.0.0", "0"):
            if evaluate(record, ecosystem, entry.name, version).state is State.HIT:
                return canary(ecosystem, entry.name, version)
    return None


def is_dated(newest: str) -> bool:
    return TIMESTAMP.fullmatch(newest) is not None
