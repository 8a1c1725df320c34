"""How long a newly locked release has been public, against the age the policy asks for."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tidegate.domain.changes import rules
from tidegate.domain.changes.change import Change, named
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import PINS, Locked, SourceKind

_DATED = frozenset({SourceKind.REGISTRY})
"""Sources whose releases have a day of publication."""


@dataclass(frozen=True, slots=True)
class Cooldown:
    """`minimum` is the youngest acceptable age at `now`; `uploaded` gives upload times by purl where the lock has none;
    `mending` are purls of releases that end an advisory the version before them suffers from."""

    minimum: timedelta
    now: datetime
    uploaded: Mapping[str, str] = field(default_factory=dict)
    mending: Collection[str] = ()

    def age(self, package: Locked) -> timedelta | None:
        """None where nobody says. The youngest of what is said counts: a lockfile is written by whoever changes it."""
        told = [_age(time, self.now) for time in (package.uploaded, self.uploaded.get(package.purl, "")) if time]
        known = [age for age in told if age is not None]
        return min(known) if known and len(known) == len(told) else None


def young(changes: Iterable[Change], cooldown: Cooldown) -> Iterator[Change]:
    """Newly locked releases that are younger than the policy accepts."""
    for change, package in _dated(changes):
        age = cooldown.age(package)
        if age is not None and age < cooldown.minimum:
            yield change


def check(changes: Iterable[Change], cooldown: Cooldown) -> Iterator[Finding]:
    """Findings about releases that are too young, or of an age nobody knows; none about those that mend."""
    for change, package in _dated(changes):
        age = cooldown.age(package)
        at = Place(change.path, package.line)
        if age is None:
            message = f"nothing says when {named(package)} was published"
            yield found(rules.COOLDOWN_UNKNOWN, package.purl, message, place=at)
        elif age < cooldown.minimum and package.purl not in cooldown.mending:
            when = shown(package.uploaded or cooldown.uploaded.get(package.purl, ""), 40)
            message = (
                f"{named(package)} was published {when}, {words(age)} ago; {words(cooldown.minimum)} are asked for"
            )
            yield found(rules.COOLDOWN, package.purl, message, place=at)


def _dated(changes: Iterable[Change]) -> Iterator[tuple[Change, Locked]]:
    for change in changes:
        package = change.after
        if package is None or change.same_version or package.ecosystem in PINS or package.source.kind not in _DATED:
            continue
        yield change, package


def _age(written: str, now: datetime) -> timedelta | None:
    try:
        when = datetime.fromisoformat(written)
        return now - (when if when.tzinfo else when.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def words(span: timedelta) -> str:
    """`3 days`, `5 hours`; what lies in the future is 0 hours old."""
    hours = max(int(span.total_seconds() // 3600), 0)
    return f"{hours // 24} days" if hours >= 48 else "1 hour" if hours == 1 else f"{hours} hours"
