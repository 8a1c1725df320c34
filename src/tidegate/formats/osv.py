"""OSV 1.x records as frozen values: strict where a version's fate is decided, tolerant of everything else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tidegate.errors import FormatError
from tidegate.formats.strict_json import loads

MAX_RECORD = 16 * 2**20
MAX_ALIASES = 2_000
MAX_AFFECTED = 20_000
MAX_RANGES = 10_000
MAX_EVENTS = 20_000
MAX_VERSIONS = 200_000
MAX_TEXT = 300
EVENTS = ("introduced", "fixed", "last_affected", "limit")

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}")
TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,12})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_SCHEMA = re.compile(r"1(\.\d{1,6}){1,2}", re.ASCII)
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Range:
    """One range of versions. `events` are (kind, version) pairs in the record's order; unknown kinds are kept."""

    type: str
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """One affected package. `ecosystem` and `name` are "" for entries that only know a source repository.

    `severity` holds (type, score) pairs, `grade` the database's own word for it.
    """

    ecosystem: str
    name: str
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()
    severity: tuple[tuple[str, str], ...] = ()
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One advisory as a database publishes it.

    `withdrawn` is "" for advisories that stand. `malicious` says that the database files it as malware.
    `unevaluable` says why no package can be compared with it, "" when one can.
    """

    id: str
    modified: str
    aliases: tuple[str, ...] = ()
    withdrawn: str = ""
    summary: str = ""
    severity: tuple[tuple[str, str], ...] = ()
    grade: str = ""
    malicious: bool = False
    affected: tuple[Affected, ...] = ()
    unevaluable: str = ""


def parse(raw: bytes | object) -> Record:
    """Read one OSV record (OSV schema 1.x), from bytes or from JSON already read.

    Foreign members are left alone. Raises FormatError when the schema's major version is not 1 or when anything that
    decides about versions has the wrong shape. A record without `affected` is read and marked `unevaluable`.
    """
    plain = loads(raw, limit=MAX_RECORD, what="the advisory") if isinstance(raw, bytes) else raw
    if not isinstance(plain, dict):
        raise FormatError("an advisory is a JSON object")
    identifier = _identifier(plain)
    try:
        return _record(plain, identifier)
    except RecursionError:
        raise FormatError(f"{identifier}: nested too deeply") from None


def _identifier(plain: Mapping[str, object]) -> str:
    identifier = plain.get("id")
    if not isinstance(identifier, str) or not IDENTIFIER.fullmatch(identifier):
        raise FormatError("an advisory without a usable `id`")
    return identifier


def _record(plain: Mapping[str, object], identifier: str) -> Record:
    version = plain.get("schema_version", "1.0.0")
    if not isinstance(version, str) or not _SCHEMA.fullmatch(version):
        raise FormatError(f"{identifier}: unknown schema_version {str(version)[:40]!r}", hint="update tidegate")
    affected = tuple(_affected(entry, identifier) for entry in _list(plain, "affected", MAX_AFFECTED, identifier))
    extra = plain.get("database_specific")
    return Record(
        id=identifier,
        modified=_timestamp(plain.get("modified"), "modified", identifier),
        aliases=_aliases(plain, identifier),
        withdrawn=_withdrawn(plain, identifier),
        summary=_summary(plain),
        severity=_severity(plain),
        grade=_grade(extra),
        malicious=isinstance(extra, dict) and bool(extra.get("malicious-packages-origins")),
        affected=affected,
        unevaluable="" if affected else "it names no affected package",
    )


def _affected(entry: object, identifier: str) -> Affected:
    if not isinstance(entry, dict):
        raise FormatError(f"{identifier}: an `affected` entry is not an object")
    package = entry.get("package")
    if package is None:
        package = {}
    if not isinstance(package, dict):
        raise FormatError(f"{identifier}: `package` is not an object")
    ecosystem, name = package.get("ecosystem", ""), package.get("name", "")
    if not isinstance(ecosystem, str) or not isinstance(name, str) or (package and not (ecosystem and name)):
        raise FormatError(f"{identifier}: `package` has no ecosystem or no name")
    return Affected(
        ecosystem=ecosystem,
        name=name,
        ranges=tuple(_range(item, identifier) for item in _list(entry, "ranges", MAX_RANGES, identifier)),
        versions=tuple(
            _text(item, "versions", identifier) for item in _list(entry, "versions", MAX_VERSIONS, identifier)
        ),
        severity=_severity(entry),
        grade=_grade(entry.get("database_specific")),
    )


def _range(item: object, identifier: str) -> Range:
    if not isinstance(item, dict):
        raise FormatError(f"{identifier}: a range is not an object")
    events = tuple(
        pair for event in _list(item, "events", MAX_EVENTS, identifier) for pair in _event(event, identifier)
    )
    return Range(type=_text(item.get("type"), "type", identifier), events=events)


def _event(event: object, identifier: str) -> Iterator[tuple[str, str]]:
    if not isinstance(event, dict) or not event:
        raise FormatError(f"{identifier}: an event is not an object with one member")
    for kind, version in event.items():
        yield kind, _text(version, "events", identifier)


def _list(plain: Mapping[str, object], key: str, limit: int, identifier: str) -> list[object]:
    """The member as a list; missing and null are empty (OSV schema: absent, empty and null mean the same)."""
    items = plain.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        raise FormatError(f"{identifier}: `{key}` is not a list")
    if len(items) > limit:
        raise FormatError(f"{identifier}: `{key}` has more than {limit} entries")
    return items


def _text(value: object, key: str, identifier: str) -> str:
    if not isinstance(value, str) or len(value) > 1024:
        raise FormatError(f"{identifier}: `{key}` holds something that is not a short text")
    return value


def _timestamp(value: object, key: str, identifier: str) -> str:
    if not isinstance(value, str) or not TIMESTAMP.fullmatch(value):
        raise FormatError(f"{identifier}: `{key}` is not a timestamp")
    return value


def _withdrawn(plain: Mapping[str, object], identifier: str) -> str:
    value = plain.get("withdrawn")
    # An advisory is only set aside by a plain date, never by `""`, `false` or a typing error.
    return "" if value is None else _timestamp(value, "withdrawn", identifier)


def _aliases(plain: Mapping[str, object], identifier: str) -> tuple[str, ...]:
    aliases = [_text(item, "aliases", identifier) for item in _list(plain, "aliases", MAX_ALIASES, identifier)]
    return tuple(dict.fromkeys(alias for alias in aliases if IDENTIFIER.fullmatch(alias) and alias != identifier))


def _severity(plain: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """(type, score) pairs; what does not fit is left out, which leaves the severity unknown rather than low."""
    items = plain.get("severity")
    pairs = [
        (item["type"], item["score"])
        for item in (items[:50] if isinstance(items, list) else ())
        if isinstance(item, dict) and isinstance(item.get("type"), str) and isinstance(item.get("score"), str)
    ]
    return tuple((kind, score) for kind, score in pairs if len(kind) <= 40 and len(score) <= 512)


def _grade(extra: object) -> str:
    word = extra.get("severity") if isinstance(extra, dict) else None
    return word.strip().lower() if isinstance(word, str) and len(word) <= 40 else ""


def _summary(plain: Mapping[str, object]) -> str:
    for key in ("summary", "details"):
        text = plain.get(key)
        if isinstance(text, str) and text.strip():
            line = next(line for line in text[:10_000].strip().splitlines() if line.strip())
            told = " ".join(_HIDDEN.sub(" ", line).split())
            return told if len(told) <= MAX_TEXT else told[: MAX_TEXT - 1] + "…"
    return ""
