"""Advisories from a folder: complete, young enough and proven to answer, or no answer at all."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tidegate.adapters.vulns.audit import answer, askable
from tidegate.adapters.vulns.scan import Scan, is_dated, scan
from tidegate.adapters.vulns.snapshot import GET_ONE, Snapshot, opened
from tidegate.domain.matching.match import Index, match
from tidegate.errors import StaleDatabase
from tidegate.model.package import Locked
from tidegate.ports import Audit, Clock, DatabaseFacts

CLOCKS_DIFFER = timedelta(hours=1)


class OfflineDatabase:
    """Implements `ports.VulnSource` over a folder of OSV exports; no name leaves the machine.

    `max_age` is measured at the newest `modified` inside, never at file times, which a copy renews; None judges no age.
    Every registry package is matched by name, private ones too; git, URL and path packages come back unaudited.
    """

    def __init__(self, folder: Path, max_age: timedelta | None, clock: Clock) -> None:
        self._folder = folder
        self._max_age = max_age
        self._clock = clock

    def audit(self, packages: Sequence[Locked]) -> Audit:
        """Raises StaleDatabase when an ecosystem's database is missing, damaged, too old, or misses its canary."""
        asked = askable(packages, leaves_house=False)
        scans: list[Scan] = []
        facts: list[DatabaseFacts] = []
        for ecosystem in sorted({package.ecosystem for package in asked.packages}):
            with opened(self._folder, ecosystem) as snapshot:
                wanted = {package.name for package in asked.packages if package.ecosystem == ecosystem}
                scans.append(self._scan(snapshot, ecosystem, wanted))
                facts.append(DatabaseFacts(snapshot.name, scans[-1].count, scans[-1].newest, snapshot.digest()))
        canaries = [each.canary for each in scans if each.canary is not None]
        index = Index.of(record for each in scans for record in each.records)
        matched = match([*asked.packages, *canaries], index)
        caught = {package for package, _ in matched.hits}
        for bird in canaries:
            if bird not in caught:
                raise StaleDatabase(
                    f"the {bird.ecosystem} database did not report `{bird.name}`, which it lists itself",
                    hint=GET_ONE.format(bird.ecosystem),
                )
        return answer(asked, matched, canaries, facts)

    def _scan(self, snapshot: Snapshot, ecosystem: str, wanted: set[str]) -> Scan:
        hint = GET_ONE.format(ecosystem)
        try:
            result = scan(snapshot.members(), ecosystem, wanted)
        except ValueError as error:
            raise StaleDatabase(f"the advisories in `{snapshot.name}` are damaged: {error}", hint=hint) from None
        except OSError as error:
            raise StaleDatabase(f"`{snapshot.name}` cannot be read: {error.strerror}", hint=hint) from None
        if result.count == 0:
            raise StaleDatabase(f"`{snapshot.name}` holds no advisory", hint=hint)
        if result.canary is None:
            raise StaleDatabase(f"no advisory in `{snapshot.name}` can be tried", hint=hint)
        self._judge_age(result.newest, snapshot.name, hint)
        return result

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
