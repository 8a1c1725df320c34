"""Where indexes stand, and which of them are believed: those whose bytes are the ones written down at their birth.

A shelf is a folder that serves one database folder. For each ecosystem it holds `E.<digest>.sqlite`, named by the
digest of the database it was made of, and `E.json`, which writes down that digest, the index's own and the counts.
Whoever may write to the shelf may write both, so nothing here is proof against them: a shelf is used only where that
is nobody who could not have written the database itself. See docs/adr/0007-advisory-index.md.
"""

import hashlib
import os
import re
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from tidegate.adapters.vulns.index import FORMAT, Index, build
from tidegate.adapters.vulns.snapshot import GET_ONE, Snapshot
from tidegate.errors import FormatError, StaleDatabase
from tidegate.formats.records import dump, load
from tidegate.model.package import Locked

NAME = ".tidegate-index"
SHRINKS = 5
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_ECOSYSTEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .:_-]{0,63}")
_NEW = ".new-"
_DAY = 86_400
_LEDGER = 64 * 2**10


@dataclass(frozen=True, slots=True)
class Built:
    """What a shelf knows of one ecosystem. `source` is the database's digest, `digest` the index's (`sha256:…`).

    `smaller` is the reason somebody gave for taking a database with fewer advisories than the one before.
    """

    ecosystem: str
    source: str
    digest: str
    records: int
    newest: str
    format: int = FORMAT
    smaller: str = ""
    tag: str = ""
    """What the server called this version (`ETag`), "" when it was not fetched."""


def refuse_smaller(before: Built | None, source: str, records: int, name: str) -> None:
    """StaleDatabase where a database lost more than `SHRINKS` percent of its advisories since it was last indexed."""
    if before is None or before.source == source or records * 100 >= before.records * (100 - SHRINKS):
        return
    raise StaleDatabase(
        f"`{name}` holds {records} advisories, the one before it held {before.records}",
        hint="fetch it again; where it shrank for good, `tidegate db import … --accept-smaller REASON`",
    )


def tried(records: int, bird: Locked | None, name: str, ecosystem: str) -> Locked:
    """The canary. StaleDatabase for a database without advisories, or with none that shows whether it answers."""
    if records == 0:
        raise StaleDatabase(f"`{name}` holds no advisory", hint=GET_ONE.format(ecosystem))
    if bird is None:
        raise StaleDatabase(f"no advisory in `{name}` can be tried", hint=GET_ONE.format(ecosystem))
    return bird


def is_ecosystem(name: str) -> bool:
    """Is this a name that can be part of a path and an address?"""
    return _ECOSYSTEM.fullmatch(name) is not None


class Shelf:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def known(self, ecosystem: str) -> Built | None:
        """What was built last for this ecosystem; None when nothing is known that can be believed."""
        try:
            with _opened(self.folder, f"{ecosystem}.json") as stream:
                built = load(Built, stream.read(_LEDGER))
        except (OSError, FormatError):
            return None
        return built if built.ecosystem == ecosystem else None

    @contextmanager
    def open(self, ecosystem: str, source: str) -> Iterator[Index | None]:
        """The index made of exactly this database; None when it is not there, damaged, foreign or of another format."""
        found = self._find(ecosystem, source)
        try:
            yield found
        finally:
            if found is not None:
                found.close()

    def _find(self, ecosystem: str, source: str) -> Index | None:
        built = self.known(ecosystem)
        if built is None or built.source != source or built.format != FORMAT:
            return None
        path = self.folder / file_name(ecosystem, source)
        try:
            with _opened(self.folder, path.name) as stream:
                if f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}" != built.digest:
                    return None
            found = Index(path, ecosystem, built.digest)
        except (OSError, sqlite3.Error, ValueError, LookupError, TypeError):
            return None
        if (found.facts.records, found.facts.newest) != (built.records, built.newest):
            found.close()
            return None
        return found

    def make(
        self, ecosystem: str, snapshot: Snapshot, before: Built | None, *, smaller: str = "", tag: str = ""
    ) -> Built:
        """Put the index of a database on the shelf; it is not believed before `note` wrote it down.

        `smaller` says why a database with fewer advisories than `before` is taken all the same. Raises ValueError for
        a damaged database, StaleDatabase for one that shrank or is empty, OSError, sqlite3.Error.
        """
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        source = snapshot.digest()
        with temporary(self.folder) as path:
            facts = build(path, ecosystem, snapshot.members())
            if snapshot.digest() != source:
                raise ValueError("the database changed while it was read")
            tried(facts.records, facts.bird, snapshot.name, ecosystem)
            if not smaller:
                refuse_smaller(before, source, facts.records, snapshot.name)
            with path.open("rb") as stream:
                digest = f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
            keep(path, self.folder / file_name(ecosystem, source))
        return Built(ecosystem, source, digest, facts.records, facts.newest, smaller=smaller, tag=tag)

    def note(self, built: Built) -> None:
        """Write down what was made, and take away the indexes of earlier databases; a reader that has one keeps it."""
        with temporary(self.folder) as path:
            path.write_text(dump(built) + "\n", encoding="utf-8")
            keep(path, self.folder / f"{built.ecosystem}.json")
        kept = file_name(built.ecosystem, built.source)
        for old in self.folder.glob(f"{built.ecosystem}.*.sqlite"):
            if old.name != kept:
                with suppress(OSError):
                    old.unlink()


def beside(database: Path) -> Shelf:
    """The shelf inside a database folder, filled by `tidegate db`."""
    return Shelf(database / NAME)


def cached(cache: Path, database: Path) -> Shelf:
    """The shelf of a database folder in the user's own cache."""
    key = hashlib.sha256(os.fsencode(database.resolve())).hexdigest()[:32]
    return Shelf(cache / "index" / key)


def file_name(ecosystem: str, source: str) -> str:
    return f"{ecosystem}.{source.removeprefix('sha256:')}.sqlite"


@contextmanager
def _opened(folder: Path, name: str) -> Iterator[BufferedReader]:
    """A plain file of the shelf. OSError where somebody else could have written it: only its owner may write shelf and
    file, and that owner is root, who runs this, or who owns the database the shelf stands in."""
    here = os.open(folder, _FLAGS | os.O_DIRECTORY)
    try:
        owners = {0, os.geteuid(), os.stat(folder.parent).st_uid}
        number = os.open(name, _FLAGS, dir_fd=here)
        with open(number, "rb") as stream:
            status = os.fstat(number)
            for each in (os.fstat(here), status):
                if each.st_uid not in owners or each.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                    raise OSError("others can write there")
            if not stat.S_ISREG(status.st_mode):
                raise OSError("not a plain file")
            yield stream
    finally:
        os.close(here)


def _sweep(folder: Path) -> None:
    """Take away what a killed process left long ago."""
    for left in folder.glob(f"{_NEW}*"):
        with suppress(OSError):
            if time.time() - left.lstat().st_mtime > _DAY:
                left.unlink()


@contextmanager
def temporary(folder: Path) -> Iterator[Path]:
    """An empty file of ours in a folder, gone at the end unless it was kept."""
    _sweep(folder)
    number, name = tempfile.mkstemp(dir=folder, prefix=_NEW)
    os.close(number)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def keep(path: Path, target: Path) -> None:
    """Put a finished file in its place: whole on the disk first, readable by all, writable by its owner."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    path.chmod(0o644)
    path.replace(target)
