"""Advisories as rows of an index: for each package name only what decides about that package, and back again."""

import json
from collections.abc import Iterator

from tidegate.domain.matching.names import ecosystem_key, name_key
from tidegate.formats.osv import Affected, Range, Record

# [id, modified, aliases, summary, severity, grade, malicious, entries], an entry being
# [ecosystem, name, ranges, versions, severity, grade] and a range [type, kind, version, kind, version, …].
Plain = list["Plain"] | str | bool


def rows(record: Record, ecosystem: str) -> Iterator[tuple[str, str]]:
    """(name key, row) for every package of `ecosystem` that the record names; none for a withdrawn record."""
    if record.withdrawn:
        return
    kind = ecosystem_key(ecosystem)
    by_name: dict[str, list[Affected]] = {}
    for entry in record.affected:
        if entry.name and ecosystem_key(entry.ecosystem) == kind:
            by_name.setdefault(name_key(ecosystem, entry.name), []).append(entry)
    for name, entries in by_name.items():
        yield name, _text(_record(record, entries))


def damaged(why: str) -> str:
    """The row of an advisory that cannot be read: whoever asks for its packages must be told."""
    return _text(why)


def read(row: str) -> Record:
    """The record of a row. Raises ValueError with the reason for one that could not be read when it was stored."""
    plain = json.loads(row)
    if isinstance(plain, str):
        raise ValueError(plain)
    identifier, modified, aliases, summary, severity, grade, malicious, entries = plain
    return Record(
        id=identifier,
        modified=modified,
        aliases=tuple(aliases),
        summary=summary,
        severity=tuple((kind, score) for kind, score in severity),
        grade=grade,
        malicious=malicious,
        affected=tuple(_read_entry(*entry) for entry in entries),
    )


def _record(record: Record, entries: list[Affected]) -> Plain:
    return [
        record.id,
        record.modified,
        list(record.aliases),
        record.summary,
        [list(pair) for pair in record.severity],
        record.grade,
        record.malicious,
        [_entry(entry) for entry in entries],
    ]


def _entry(entry: Affected) -> Plain:
    return [
        entry.ecosystem,
        entry.name,
        [_range(each) for each in entry.ranges],
        list(entry.versions),
        [list(pair) for pair in entry.severity],
        entry.grade,
    ]


def _range(each: Range) -> Plain:
    # Commits decide nothing here; that there was such a range is told apart from there being none.
    events = () if each.type == "GIT" else each.events
    return [each.type, *(text for event in events for text in event)]


def _read_entry(
    ecosystem: str, name: str, ranges: list[list[str]], versions: list[str], severity: list[list[str]], grade: str
) -> Affected:
    return Affected(
        ecosystem=ecosystem,
        name=name,
        ranges=tuple(
            Range(type=kind, events=tuple(zip(events[::2], events[1::2], strict=True))) for kind, *events in ranges
        ),
        versions=tuple(versions),
        severity=tuple((kind, score) for kind, score in severity),
        grade=grade,
    )


def _text(plain: Plain) -> str:
    return json.dumps(plain, ensure_ascii=True, separators=(",", ":"))
