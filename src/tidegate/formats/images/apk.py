"""Alpine's database of installed packages, and the checksums of the files they brought."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats.images.installed import Installed, installed

LIMIT = 64 << 20
MAX_PACKAGES = 20_000
MAX_LINES = 2_000_000

_NAME = re.compile(r"[A-Za-z0-9@._+-]{1,128}")
_VERSION = re.compile(r"[A-Za-z0-9._+~-]{1,128}")
_WISH = re.compile(r"!?([^<>=~\s]+)")


@dataclass(frozen=True, slots=True)
class Database:
    """`brought` are, for each package, (path, sha1 in hex) of its files."""

    packages: tuple[Installed, ...] = ()
    brought: tuple[tuple[tuple[str, str], ...], ...] = ()

    @property
    def files(self) -> Iterator[tuple[str, str]]:
        return (pair for files in self.brought for pair in files)


@dataclass(slots=True)
class _Entry:
    values: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, str]] = field(default_factory=list)


def parse(raw: bytes, ecosystem: str) -> Database:
    """`lib/apk/db/installed` (apk-tools, "installed database"): one letter, a colon and a value a line.

    Raises FormatError.
    """
    if len(raw) > LIMIT:
        raise FormatError("is larger than 64 MiB")
    entries = _entries(raw)
    provided: dict[str, str] = {}
    for entry in entries:
        name = entry.values.get("P", "")
        provided[name] = name
        for word in entry.values.get("p", "").split():
            provided.setdefault(word.partition("=")[0], name)
    return Database(
        tuple(_package(entry, ecosystem, provided) for entry in entries),
        tuple(tuple(entry.files) for entry in entries),
    )


def _package(entry: _Entry, ecosystem: str, provided: dict[str, str]) -> Installed:
    values = entry.values
    name, version, origin = values.get("P", ""), values.get("V", ""), values.get("o", "")
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version) or (origin and not _NAME.fullmatch(origin)):
        raise FormatError("holds a package without a readable name or version")
    wishes = [match[1] for word in values.get("D", "").split() if (match := _WISH.match(word)) and word[0] != "!"]
    requires = [provided[wish] for wish in wishes if wish in provided]
    return installed(ecosystem, name, version, origin, version, requires, " ".join(values.get("L", "").split())[:200])


def _entries(raw: bytes) -> list[_Entry]:
    if raw.count(b"\n") > MAX_LINES:
        raise FormatError(f"has more than {MAX_LINES} lines")
    found: list[_Entry] = []
    entry, folder, path = _Entry(), "", ""
    for line in [*raw.decode("utf-8", "replace").split("\n"), ""]:
        if not line:
            if entry.values:
                found.append(entry)
            if len(found) > MAX_PACKAGES:
                raise FormatError(f"lists more than {MAX_PACKAGES} packages")
            entry, folder, path = _Entry(), "", ""
            continue
        if line[1:2] != ":":
            raise FormatError("holds a line that is no field")
        key, value = line[0], line[2:]
        if key == "F":
            folder = value
        elif key == "R":
            path = f"{folder}/{value}" if folder else value
        elif key == "Z":
            entry.files.append((path, _sha1(value)))
        elif key in "PVoDpL":
            if key in entry.values:
                raise FormatError(f"gives the field `{key}` of a package twice")
            entry.values[key] = value
    return found


def _sha1(text: str) -> str:
    """`Q1` and base64; "" for anything else, which no file has."""
    try:
        return base64.b64decode(text[2:], validate=True).hex() if text.startswith("Q1") else ""
    except ValueError:
        return ""
