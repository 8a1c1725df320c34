"""One author's word on one vulnerability of one package version; the dialects are read into it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from tidegate.errors import FormatError

LIMIT = 16 << 20
MAX_STATEMENTS = 50_000
MAX_TEXT = 2000


class Status(StrEnum):
    """OpenVEX 0.2.0, "Status Labels"."""

    NOT_AFFECTED = "not_affected"
    AFFECTED = "affected"
    FIXED = "fixed"
    UNDER_INVESTIGATION = "under_investigation"

    @property
    def clears(self) -> bool:
        """Does it say that the package can be used as it is? A fault under investigation may be real."""
        return self in (Status.NOT_AFFECTED, Status.FIXED)


@dataclass(frozen=True, slots=True)
class Statement:
    """`names` are all ids of the vulnerability, `purl` is canonical and has a version, `when` is in UTC."""

    names: tuple[str, ...]
    purl: str
    status: Status
    author: str
    when: datetime
    reason: str


def exact_purl(written: object) -> str | None:
    """A canonical purl with a version and nothing that narrows it to one file; None for every other text."""
    if not isinstance(written, str) or not written.startswith("pkg:") or len(written) > MAX_TEXT:
        return None
    from packageurl import PackageURL  # 22 ms, and few policies name a document

    try:
        purl = PackageURL.from_string(written)
    except ValueError:
        return None
    return str(purl.to_string()) if purl.version and not purl.qualifiers and not purl.subpath else None


def moment(written: object) -> datetime:
    """RFC 3339 with an offset, as UTC. Raises FormatError: without a time nobody can say which word is the newest."""
    try:
        when = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        raise FormatError("a statement has no time, so it cannot be told which one is the newest")
    try:
        return when.astimezone(UTC)
    except (OverflowError, ValueError):
        raise FormatError("a statement has a time out of range") from None


def objects(value: object, what: str) -> list[dict[str, object]]:
    """A list of objects, [] when absent. Raises FormatError."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise FormatError(f"{what} is not a list of objects")
    if len(value) > MAX_STATEMENTS:
        raise FormatError(f"{what} has more than {MAX_STATEMENTS} entries")
    return value


def text(value: object, what: str) -> str:
    """A text, "" when absent. Raises FormatError."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FormatError(f"{what} is not a text")
    return value[:MAX_TEXT]
