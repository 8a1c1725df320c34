"""What `tidegate db import` takes: a zip, a folder or an array of records, made into one zip of one ecosystem.

A zip in the export's own form is copied byte for byte. Everything else is written anew, the same records always as the
same bytes: members by id, without dates.
"""

import json
import mmap
import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tidegate.adapters.vulns import zipped
from tidegate.adapters.vulns.plain import MAX_LIST, RECORDS, as_json, listed
from tidegate.adapters.vulns.shelf import is_ecosystem
from tidegate.adapters.vulns.snapshot import MAX_ARCHIVE, opened
from tidegate.domain.matching.names import ecosystem_key
from tidegate.errors import FormatError, UserError
from tidegate.formats.osv import Record, parse

_DATE = (1980, 1, 1, 0, 0, 0)


def ecosystems_in(folder: Path) -> list[str]:
    """The ecosystems a folder in the export's layout holds; [] for any other folder."""
    found = set()
    for top in (folder, folder / "osv-scanner"):
        try:
            entries = sorted(os.listdir(top))
        except OSError:
            continue
        found |= {name for name in entries if is_ecosystem(name) and (top / name / "all.zip").is_file()}
    return sorted(found)


def pack(source: Path, ecosystem: str, target: Path) -> tuple[str, int]:
    """Write the records of `source` about one ecosystem to the zip `target`: (ecosystem, how many were left out).

    With "" for an ecosystem it is the one that every record names. Raises UserError, ValueError with the name of what
    cannot be read, OSError.
    """
    if source.is_dir() and ecosystem in ecosystems_in(source):
        with opened(source, ecosystem) as snapshot:
            source = Path(snapshot.name)
    ecosystem = ecosystem or _only_one(source)
    if source.suffix == ".zip" and _is_export(source, ecosystem):
        shutil.copyfile(source, target)
        return ecosystem, 0
    kind, seen, left = ecosystem_key(ecosystem), set[str](), 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, raw in _records(source):
            record = _record(name, raw)
            if kind not in _named(record):
                left += 1
                continue
            if record.id in seen:
                raise ValueError(f"two records are called `{record.id}`")
            seen.add(record.id)
            archive.writestr(zipfile.ZipInfo(f"{record.id}.json", _DATE), raw, zipfile.ZIP_DEFLATED)
    return ecosystem, left


def _only_one(source: Path) -> str:
    common: set[str] | None = None
    spelt: dict[str, str] = {}
    for name, raw in _records(source):
        record = _record(name, raw)
        spelt |= {ecosystem_key(entry.ecosystem): entry.ecosystem.partition(":")[0] for entry in record.affected}
        if record.affected:
            common = _named(record) if common is None else common & _named(record)
    if common is None or len(common) != 1 or not is_ecosystem(spelt[min(common)]):
        raise UserError(
            f"`{source}` does not say which ecosystem it is about",
            hint="name it with `--ecosystem`, such as `--ecosystem PyPI`",
        )
    return spelt[common.pop()]


def _named(record: Record) -> set[str]:
    return {ecosystem_key(entry.ecosystem) for entry in record.affected if entry.ecosystem}


def _is_export(source: Path, ecosystem: str) -> bool:
    """Is every member a JSON file that speaks of the ecosystem? Then the zip can stay as it is."""
    word = b'"' + ecosystem.encode()
    return all(name.endswith(".json") and "/" not in name and word in raw for name, raw in _records(source, every=True))


def _record(name: str, raw: bytes) -> Record:
    try:
        return parse(json.loads(raw))
    except FormatError as error:
        raise ValueError(f"`{name[:80]}`: {error.message}") from None
    except (ValueError, RecursionError):
        raise ValueError(f"`{name[:80]}` is not JSON") from None


def _records(source: Path, *, every: bool = False) -> Iterator[tuple[str, bytes]]:
    """(name, JSON) of every record; with `every`, of other members of a zip too."""
    if source.is_dir():
        yield from _files(source)
        return
    with source.open("rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= MAX_ARCHIVE:
            raise ValueError("it is empty, too large, or no plain file")
        if source.suffix != ".zip":
            if status.st_size > MAX_LIST:
                raise ValueError("it is larger than the limit")
            yield from listed(stream.read())
            return
        with mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ) as data:
            for name, raw in zipped.members(data):
                if every or name.endswith(RECORDS):
                    yield name, as_json(name, raw) if name.endswith(RECORDS) else raw


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Plain files below a folder, in order; no link is followed, and what is hidden is passed over."""
    count = 0
    for here, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(here, name)
            if not name.endswith(RECORDS) or name.startswith("."):
                continue
            if path.is_symlink() or not path.is_file() or path.stat().st_size > zipped.MAX_MEMBER:
                raise ValueError(f"`{path}` is no plain file, or too large")
            count += 1
            if count > zipped.MAX_MEMBERS:
                raise ValueError(f"more than {zipped.MAX_MEMBERS} records")
            yield str(path.relative_to(folder)), as_json(name, path.read_bytes())
