"""Production's ledger: a line a deployment, each with the sha256 of the line before it; only ever appended to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tidegate.errors import FormatError
from tidegate.formats import records, strict_json
from tidegate.model.digest import Digest

LIMIT = 64 * 1024 * 1024
MAX_LINE = 16 * 1024
MAX_TEXT = 2000
KINDS = frozenset({"init", "deploy", "rollback"})
_TEXTS = ("release", "subject", "artifact", "version", "reason", "owner", "name")
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """What came to run, or `init`, the first line, which names the ledger.

    `subject` is what versions are compared of (`pkg:pypi/app`, `release:app`), `digest` the artifact's as
    `sha256:hex`, `built` the trusted time of its provenance, `run` and `verdict` the sha256 of the run's MANIFEST and
    of the verdict. `reason` and `owner` stand in a `rollback` only. Times are RFC 3339, "" where not known.
    """

    kind: str
    time: str
    release: str = ""
    subject: str = ""
    artifact: str = ""
    version: str = ""
    digest: str = ""
    built: str = ""
    run: str = ""
    verdict: str = ""
    reason: str = ""
    owner: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is written."""

    previous: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger whose chain holds. `heads` are the sha256 of its lines, in order."""

    entries: tuple[Entry, ...]
    heads: tuple[str, ...]

    @property
    def head(self) -> str:
        return self.heads[-1]


def begin(name: str, time: datetime) -> bytes:
    """The first line of a new ledger."""
    return _render("", (Entry("init", _utc(time), name=name),))


def extend(raw: bytes, entries: Iterable[Entry]) -> bytes:
    """The lines to append to a ledger. Raises FormatError when its chain is broken or an entry cannot be written."""
    lines = _render(parse(raw).head, entries)
    parse(raw + lines)
    return lines


def parse(raw: bytes) -> Ledger:
    """Read a ledger and check its chain. Raises FormatError, with the line, where it was changed or cut off.

    What is cut off at the end of a line leaves no trace here; who remembers a head finds it missing.
    """
    if len(raw) > LIMIT:
        raise FormatError(f"the ledger is larger than {LIMIT >> 20} MiB")
    if not raw.endswith(b"\n"):
        raise FormatError("the ledger is empty or its last line is cut off")
    entries: list[Entry] = []
    heads: list[str] = []
    for number, text in enumerate(raw[:-1].split(b"\n"), 1):
        try:
            line = _line(text)
        except FormatError as error:
            raise FormatError(f"line {number}: {error.message}", line=number) from None
        if line.previous != (heads[-1] if heads else ""):
            raise FormatError(f"line {number} does not continue the line before it", line=number)
        if (line.entry.kind == "init") != (number == 1):
            raise FormatError(f"line {number} begins a ledger, or line 1 does not", line=number)
        entries.append(line.entry)
        heads.append(Digest.of(text).value)
    return Ledger(tuple(entries), tuple(heads))


def _render(head: str, entries: Iterable[Entry]) -> bytes:
    lines = []
    for entry in entries:
        text = records.canonical(Line(head, entry))
        _line(text)
        lines.append(text + b"\n")
        head = Digest.of(text).value
    return b"".join(lines)


def _line(text: bytes) -> Line:
    line = records.from_plain(Line, strict_json.loads(text, limit=MAX_LINE, what="the line"))
    entry = line.entry
    if records.canonical(line) != text:
        raise FormatError("is not written as a ledger writes")
    if entry.kind not in KINDS:
        raise FormatError("is of no known kind")
    for name in _TEXTS:
        value = getattr(entry, name)
        if len(value) > MAX_TEXT or not value.isprintable():
            raise FormatError(f"`{name}` is not a plain text")
    for value in (entry.time, *([entry.built] if entry.built else [])):
        moment(value)
    if entry.kind != "init":
        _deployed(entry)
    return line


def _deployed(entry: Entry) -> None:
    shaped = entry.digest.startswith("sha256:") and _HEX.fullmatch(entry.digest[7:])
    if not shaped or not _HEX.fullmatch(entry.run) or not _HEX.fullmatch(entry.verdict):
        raise FormatError("has a digest of the wrong shape")
    if not (entry.release and entry.subject and entry.artifact):
        raise FormatError("does not say what was deployed")
    if (entry.kind == "rollback") != bool(entry.reason and entry.owner):
        raise FormatError("a rollback, and only a rollback, has a reason and an owner")


def moment(text: str) -> datetime:
    """An RFC 3339 time in UTC. Raises FormatError."""
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise FormatError("has a time without a zone")
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise FormatError("has a time that is none") from None


def stamped(entry: Entry, time: datetime) -> Entry:
    """The entry as of a moment."""
    return replace(entry, time=_utc(time))


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
