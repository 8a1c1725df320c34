"""The baseline of secret scanning: accepted findings, each with owner, reason and end, and not one value.

A file of strict JSON. It holds no line numbers and no times, and its writer always gives the same bytes for the same
entries, so that two people who add to it rarely meet.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from tidegate.errors import FormatError
from tidegate.formats import strict_json

VERSION = 1
MAX_BYTES = 4 << 20
MAX_ENTRIES = 10_000
KEYS = ("path", "rule", "detector", "fingerprint", "owner", "reason", "expires")

_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]\n]')
_LENGTHS = {"path": (1, 500), "rule": (3, 60), "detector": (3, 60), "owner": (1, 200), "reason": (10, 2000)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted finding. `path` is spelt as its subject spells it; `line` is where the entry stood when read."""

    path: str
    rule: str
    detector: str
    fingerprint: str
    owner: str
    reason: str
    expires: date
    line: int | None = field(default=None, compare=False)

    @property
    def about(self) -> str:
        """The subject of the finding it accepts."""
        return f"{self.path}#{self.detector}#{self.fingerprint}"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it another entry, and the order of entries."""
        return (self.path, self.rule, self.detector, self.fingerprint)


@dataclass(frozen=True, slots=True)
class Baseline:
    """Its `salt` goes into every fingerprint: a value's name in one repository says nothing of it in another."""

    salt: str
    entries: tuple[Entry, ...] = ()


class BaselineFault(FormatError):
    """What is wrong with a baseline, all of it: `faults` are (line or None, message)."""

    def __init__(self, faults: Iterable[tuple[int | None, str]]) -> None:
        self.faults = tuple(faults)
        line, message = self.faults[0]
        super().__init__(message, hint="mend the entry, or remove it and adopt the finding again", line=line)


def subject(about: str) -> tuple[str, str, str]:
    """The path, detector and fingerprint of a finding's subject; a path may hold `#`, the others cannot."""
    path, _, rest = about.rpartition("#")
    path, _, detector = path.rpartition("#")
    return path, detector, rest


def parse(raw: bytes) -> Baseline:
    """Read a baseline. Raises BaselineFault with every fault, FormatError for what is no JSON at all."""
    document = strict_json.loads(raw, limit=MAX_BYTES, what="the baseline")
    if not isinstance(document, dict):
        raise BaselineFault([(1, "a baseline is an object with `version`, `salt` and `entries`")])
    if document.get("version") != VERSION or type(document.get("version")) is not int:
        told = repr(document["version"])[:40] if "version" in document else "missing"
        raise BaselineFault([(1, f"the baseline's `version` is {told}, not {VERSION}")])
    faults: list[tuple[int | None, str]] = []
    unknown = sorted(set(document) - {"version", "salt", "entries"})
    faults += [(None, f"the baseline has the unknown key {name[:60]!a}") for name in unknown[:20]]
    salt, listed = document.get("salt"), document.get("entries")
    if not isinstance(salt, str) or not _FINGERPRINT.fullmatch(salt):
        faults.append((None, "the baseline's `salt` is not 32 hexadecimal digits in lower case"))
    if not isinstance(listed, list):
        faults.append((None, "the baseline's `entries` are not a list"))
    elif len(listed) > MAX_ENTRIES:
        faults.append((None, f"the baseline has {len(listed)} entries, more than {MAX_ENTRIES}"))
    if faults or not isinstance(salt, str) or not isinstance(listed, list):
        raise BaselineFault(faults)
    return Baseline(salt, _entries(listed, _lines(raw.decode())))


def render(baseline: Baseline) -> str:
    """The file: entries in order, in ASCII, with one line feed at the end."""
    entries = [plain(entry) for entry in sorted(baseline.entries, key=lambda entry: entry.key)]
    document = {"version": VERSION, "salt": baseline.salt, "entries": entries}
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def salt_of(text: str) -> str:
    """The salt of a baseline that was checked before; "" without one."""
    return parse(text.encode()).salt if text else ""


def fault_of(entry: Entry) -> str:
    """What a reader would refuse in an entry about to be written, "" when nothing is."""
    return next((told for told in _told(plain(entry))), "")


def plain(entry: Entry) -> dict[str, str]:
    """An entry as the file holds it."""
    return {key: str(getattr(entry, key)) for key in KEYS}


def _entries(listed: list[object], lines: list[int]) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    faults: list[tuple[int | None, str]] = []
    seen: dict[tuple[str, str, str, str], int] = {}
    for number, item in enumerate(listed, 1):
        line = lines[number - 1] if len(lines) == len(listed) else None
        if not isinstance(item, dict):
            faults.append((line, f"entry {number} is no object"))
            continue
        wrong = _told(item)
        if wrong:
            faults += [(line, f"entry {number}: {told}") for told in wrong]
            continue
        texts = {key: item[key] for key in KEYS if key != "expires"}
        entry = Entry(**texts, expires=date.fromisoformat(item["expires"]), line=line)
        if seen.setdefault(entry.key, number) != number:
            faults.append((line, f"entry {number} accepts what entry {seen[entry.key]} accepts"))
        entries.append(entry)
    if faults:
        raise BaselineFault(faults[:200])
    return tuple(sorted(entries, key=lambda entry: entry.key))


def _told(plain: Mapping[str, object]) -> list[str]:
    """Every fault of one entry."""
    told = [f"unknown key {name[:60]!a}" for name in sorted(set(plain) - set(KEYS))[:5]]
    for key in KEYS:
        value = plain.get(key)
        if not isinstance(value, str):
            told.append(f"`{key}` is missing" if key not in plain else f"`{key}` is no text")
        elif wrong := _wrong(key, value):
            told.append(f"`{key}` {wrong}")
    return told


def _wrong(key: str, value: str) -> str:
    least, most = _LENGTHS.get(key, (0, 64))
    if not least <= len(value.strip()) <= len(value) <= most:
        return f"is not {least} to {most} characters long"
    if any(not char.isprintable() for char in value):
        return "holds a character that is not printable"
    if key in ("rule", "detector") and not _NAME.fullmatch(value):
        return "is no name such as `secret-in-tree`"
    if key == "fingerprint" and not _FINGERPRINT.fullmatch(value):
        return "is not 32 hexadecimal digits in lower case"
    return "is no date such as 2027-02-01" if key == "expires" and not _is_day(value) else ""


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _lines(text: str) -> list[int]:
    """The line each object two levels deep begins in: a baseline has no others than its entries."""
    depth, line, found = 0, 1, []
    for match in _TOKENS.finditer(text):
        sign = match[0]
        if sign == "\n":
            line += 1
        elif sign in "{[":
            if sign == "{" and depth == 2:
                found.append(line)
            depth += 1
        elif sign in "}]":
            depth -= 1
    return found
