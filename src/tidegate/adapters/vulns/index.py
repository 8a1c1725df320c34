"""One ecosystem's advisories in one SQLite file, made of a whole database and never changed afterwards.

The same records and the same SQLite give the same bytes. The file is believed only when its digest is the one written
down when it was built (`shelf.py`), so nothing here looks for damage.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tidegate.adapters.vulns import rows
from tidegate.adapters.vulns.audit import canary
from tidegate.adapters.vulns.scan import draw, glance, record_of
from tidegate.domain.matching.names import name_key
from tidegate.formats.osv import Record
from tidegate.model.package import Locked

FORMAT = 2
"""Raised whenever what is stored, or how names are keyed, changes: older files are built again."""
APPLICATION = 0x74696465


@dataclass(frozen=True, slots=True)
class Facts:
    """What a build saw: every record counts, withdrawn ones too. `newest` is the newest `modified`."""

    records: int
    newest: str
    bird: Locked | None
    """A package version that one of the records affects (see `audit.canary`)."""


def build(path: Path, ecosystem: str, members: Iterable[tuple[str, bytes]]) -> Facts:
    """Write a new index. Raises ValueError for a database that is damaged as a whole, OSError, sqlite3.Error.

    A record that cannot be read, but whose names can be seen, is kept as damage of the packages it names.
    """
    tally = _Tally(ecosystem)
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=MEMORY", "locking_mode=EXCLUSIVE"):
            base.execute(f"PRAGMA {pragma}")
        base.execute(f"PRAGMA application_id={APPLICATION}")
        base.execute(f"PRAGMA user_version={FORMAT}")
        base.execute("CREATE TABLE adv (name BLOB NOT NULL, record TEXT NOT NULL)")
        base.execute("CREATE TABLE meta (facts TEXT NOT NULL)")
        base.execute("BEGIN")
        base.executemany("INSERT INTO adv VALUES (?, ?)", ((_key(name), row) for name, row in tally.rows(members)))
        base.execute("CREATE INDEX by_name ON adv (name)")
        facts = Facts(tally.records, tally.newest, tally.bird)
        base.execute("INSERT INTO meta VALUES (?)", (_written(ecosystem, facts),))
        base.execute("COMMIT")
    return facts


class _Tally:
    """Rows of all members, counted while they pass."""

    def __init__(self, ecosystem: str) -> None:
        self._ecosystem = ecosystem
        self.records = 0
        self.newest = ""
        self.bird: Locked | None = None

    def rows(self, members: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, str]]:
        for name, raw in members:
            self.records += 1
            try:
                record = record_of(name, raw, self._ecosystem)
            except ValueError as error:
                # Without names to hang it on, the fault spoils the whole database: `glance` raises.
                keys, stamp = glance(name, raw, self._ecosystem)
                self._dated(stamp)
                yield from ((key, rows.damaged(str(error))) for key in sorted(keys))
                continue
            self._dated(record.modified)
            if self.bird is None:
                self.bird = draw(record, self._ecosystem)
            yield from rows.rows(record, self._ecosystem)

    def _dated(self, stamp: str) -> None:
        if stamp[:19] > self.newest[:19]:
            self.newest = stamp


def _written(ecosystem: str, facts: Facts) -> str:
    bird = [facts.bird.name, facts.bird.version] if facts.bird else []
    return json.dumps({"ecosystem": ecosystem, "records": facts.records, "newest": facts.newest, "canary": bird})


def _key(name: str) -> bytes:
    """Names come from lockfiles too, which may hold what is no text."""
    return name.encode("utf-8", "surrogatepass")


class Index:
    """An index that is read only."""

    def __init__(self, path: Path, ecosystem: str, digest: str) -> None:
        """Raises sqlite3.Error, and ValueError for a file that is no index of this ecosystem and format."""
        self._base = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
        try:
            self._ecosystem = ecosystem
            self.digest = digest
            self.facts = self._facts()
        except BaseException:
            self._base.close()
            raise

    def close(self) -> None:
        self._base.close()

    def about(self, names: Sequence[str]) -> list[Record]:
        """Every advisory that names one of the packages. Raises ValueError for one that could not be read."""
        found = []
        for key in sorted({name_key(self._ecosystem, name) for name in names}):
            for (row,) in self._base.execute("SELECT record FROM adv WHERE name = ?", (_key(key),)):
                found.append(rows.read(row))
        return found

    def _facts(self) -> Facts:
        kinds = [self._base.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        if kinds != [APPLICATION, FORMAT]:
            raise ValueError("not an index of this version")
        plain = json.loads(self._base.execute("SELECT facts FROM meta").fetchone()[0])
        if plain["ecosystem"] != self._ecosystem:
            raise ValueError("the index of another ecosystem")
        bird = canary(self._ecosystem, *plain["canary"]) if plain["canary"] else None
        return Facts(plain["records"], plain["newest"], bird)
