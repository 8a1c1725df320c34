"""Advisories from a folder: complete, young enough and proven to answer, or no answer at all."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tidegate.adapters.vulns import shelf
from tidegate.adapters.vulns.audit import answer, askable
from tidegate.adapters.vulns.scan import is_dated, scan
from tidegate.adapters.vulns.shelf import Built, Shelf, refuse_smaller, tried
from tidegate.adapters.vulns.snapshot import GET_ONE, Snapshot, opened
from tidegate.domain.matching.match import Index, match
from tidegate.errors import StaleDatabase
from tidegate.formats.osv import Record
from tidegate.model.package import Locked
from tidegate.ports import Audit, Clock, DatabaseFacts

CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Looked:
    """What one ecosystem's database said: the advisories of the packages asked about, its facts and its canary."""

    records: Sequence[Record]
    facts: DatabaseFacts
    bird: Locked


class OfflineDatabase:
    """Implements `ports.VulnSource` over a folder of OSV exports; no name leaves the machine.

    `max_age` is measured at the newest `modified` inside, never at file times, which a copy renews; None judges no age.
    Every registry package is matched by name, private ones too; git, URL and path packages come back unaudited.
    """

    def __init__(
        self,
        folder: Path,
        max_age: timedelta | None,
        clock: Clock,
        cache: Path | None = None,
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """`cache` is a folder of the user's own where an index may be made; None where nobody's cache is trusted.

        `say` hears of work that takes a while.
        """
        self._say = say
        self._folder = folder
        self._max_age = max_age
        self._clock = clock
        self._beside = shelf.beside(folder)
        self._cached = shelf.cached(cache, folder) if cache is not None else None

    def audit(self, packages: Sequence[Locked]) -> Audit:
        """Raises StaleDatabase when an ecosystem's database is missing, damaged, too old, or misses its canary."""
        asked = askable(packages, leaves_house=False)
        looks: list[Looked] = []
        for ecosystem in sorted({package.ecosystem for package in asked.packages}):
            wanted = sorted({package.name for package in asked.packages if package.ecosystem == ecosystem})
            with _database(self._folder, ecosystem) as snapshot:
                looks.append(self._look(snapshot, ecosystem, wanted))
        birds = [each.bird for each in looks]
        matched = match([*asked.packages, *birds], Index.of(record for each in looks for record in each.records))
        caught = {id(package) for package, _ in matched.hits}
        for bird in birds:
            if id(bird) not in caught:
                raise StaleDatabase(
                    f"the {bird.ecosystem} database did not report `{bird.name}`, which it lists itself",
                    hint=GET_ONE.format(bird.ecosystem),
                )
        return answer(asked, matched, birds, [each.facts for each in looks])

    def _look(self, snapshot: Snapshot, ecosystem: str, wanted: Sequence[str]) -> Looked:
        hint = GET_ONE.format(ecosystem)
        try:
            found = self._indexed(snapshot, ecosystem, wanted) or self._scanned(snapshot, ecosystem, wanted)
        except ValueError as error:
            raise StaleDatabase(f"the advisories in `{snapshot.name}` are damaged: {error}", hint=hint) from None
        except OSError as error:
            raise StaleDatabase(f"`{snapshot.name}` cannot be read: {error.strerror}", hint=hint) from None
        records, facts, canary = found
        bird = tried(facts.records, canary, snapshot.name, ecosystem)
        self._judge_age(facts.newest, snapshot.name, hint)
        refuse_smaller(self._before(ecosystem), facts.digest, facts.records, snapshot.name)
        return Looked(records, facts, bird)

    def _before(self, ecosystem: str) -> Built | None:
        """The database that stood here when it was last indexed, as far as anybody remembers."""
        return self._beside.known(ecosystem) or (self._cached.known(ecosystem) if self._cached is not None else None)

    def _indexed(self, snapshot: Snapshot, ecosystem: str, wanted: Sequence[str]) -> "_Found | None":
        """From an index of exactly this database: the one beside it, else the user's own, made when it is missing."""
        source = snapshot.digest()
        found = _ask(self._beside, snapshot, ecosystem, source, wanted)
        if found is not None or self._cached is None:
            return found
        found = _ask(self._cached, snapshot, ecosystem, source, wanted)
        if found is not None:
            return found
        self._say(f"advisories: the {ecosystem} database is new here and is indexed once")
        try:
            self._cached.note(self._cached.make(ecosystem, snapshot, self._before(ecosystem)))
        except (OSError, sqlite3.Error):
            return None  # no room, no right: the database itself is read
        return _ask(self._cached, snapshot, ecosystem, source, wanted)

    def _scanned(self, snapshot: Snapshot, ecosystem: str, wanted: Sequence[str]) -> "_Found":
        result = scan(snapshot.members(), ecosystem, wanted)
        facts = DatabaseFacts(snapshot.name, result.count, result.newest, snapshot.digest())
        return result.records, facts, result.canary

    def _judge_age(self, newest: str, name: str, hint: str) -> None:
        if self._max_age is None:
            return
        if not is_dated(newest):
            raise StaleDatabase(f"the newest advisory in `{name}` has no date", hint=hint)
        try:
            age = self._clock.now() - datetime.fromisoformat(newest)
        except ValueError:
            raise StaleDatabase(f"the newest advisory in `{name}` has no real date", hint=hint) from None
        if age < -CLOCKS_DIFFER:
            raise StaleDatabase(f"the newest advisory in `{name}` is from the future: {newest}", hint=hint)
        if age > self._max_age:
            raise StaleDatabase(
                f"the newest advisory in `{name}` is {age.days} days old, older than `database.max_age`", hint=hint
            )


@contextmanager
def _database(folder: Path, ecosystem: str) -> Iterator[Snapshot]:
    """That of a distribution's release (`Debian:12`), else the one of all its releases, from which it is read."""
    family, colon, _ = ecosystem.partition(":")
    with ExitStack() as stack:
        try:
            found = stack.enter_context(opened(folder, ecosystem))
        except StaleDatabase:
            if not colon:
                raise
            found = stack.enter_context(opened(folder, family))
        yield found


_Found = tuple[Sequence[Record], DatabaseFacts, Locked | None]


def _ask(place: Shelf, snapshot: Snapshot, ecosystem: str, source: str, wanted: Sequence[str]) -> _Found | None:
    with place.open(ecosystem, source) as found:
        if found is None:
            return None
        bird = found.facts.bird
        records = found.about([*wanted, bird.name] if bird is not None else wanted)
        facts = DatabaseFacts(snapshot.name, found.facts.records, found.facts.newest, source, index=found.digest)
        return records, facts, bird
