"""Row 2: every third-party package of every lockfile is compared with advisories, and none is passed over in silence.

The project's own packages (workspace members, folders inside the repository) are no third parties: they are listed in
`dependencies.json` with the state `own`, and neither asked about nor counted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tidegate.domain.matching.rules import LOCK_UNAUDITED, MALICIOUS, RULES, UNAUDITED, UNEVALUABLE, VULNERABLE
from tidegate.errors import UndecidedError
from tidegate.formats import dependency_list
from tidegate.formats.dependency_list import Entry
from tidegate.formats.repopath import folder, resolve
from tidegate.model.control import Control
from tidegate.model.evidence import Blind, Coverage, Produced, Report
from tidegate.model.finding import Finding, Place, found
from tidegate.model.inventory import Inventory
from tidegate.model.package import Locked, LockFile, SourceKind
from tidegate.model.release import Release
from tidegate.model.vulnerability import Advisory
from tidegate.ports import Audit, Clock, DatabaseFacts, World
from tidegate.stages.task import Task

UNREAD = frozenset({"lock-malformed", "lock-unsupported"})
"""Problems after which a lockfile's list of packages is not known to be whole."""
_ARCHIVES = (".whl", ".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".egg", ".crate", ".gem", ".jar")

Key = tuple[str, str, str, SourceKind, bool]


def examine(task: Task, world: World) -> Report:
    """Findings count against the releases whose root holds the lockfile (or a manifest the lockfile serves)."""
    desk = _Desk()
    desk.gather(task)
    unread = list(_unread(task))
    asked = [desk.packages[key] for key in desk.asked]
    try:
        audit = world.advisories.audit(asked) if asked else Audit((), (), (), 0)
        told = _Told(desk, audit)
    except UndecidedError as error:
        return _report(task, desk, unread, blind=(Blind(error.message, error.hint),))
    return _report(task, desk, unread, told, world.clock)


def _report(
    task: Task,
    desk: "_Desk",
    unread: list[Finding],
    told: "_Told | None" = None,
    clock: Clock | None = None,
    blind: tuple[Blind, ...] = (),
) -> Report:
    facts = told.audit.facts if told else ()
    detail = _detail(facts, clock.now()) if clock else ""
    return Report(
        control=Control.DEPENDENCIES,
        coverage=tuple(_coverage(release, desk, unread, told, detail) for release in task.releases),
        findings=(*unread, *(told.findings() if told else ())),
        produced=told.produced() if told else (),
        blind=blind,
        rules=RULES,
        notes=_notes(task),
        facts=tuple(sorted(_facts(facts, desk))),
    )


@dataclass(slots=True)
class _Desk:
    """Packages by what advisories can tell apart, and the places that lock them: (release, lockfile) to line."""

    packages: dict[Key, Locked] = field(default_factory=dict)
    places: dict[Key, dict[tuple[str, str], int | None]] = field(default_factory=dict)
    foreign: set[Key] = field(default_factory=set)
    """Third-party packages; what one lockfile calls its own and another does not is foreign."""

    def gather(self, task: Task) -> None:
        for release in task.releases:
            for lock in task.inventory.locks:
                if _serves(lock, release):
                    self._take(lock, release)

    def _take(self, lock: LockFile, release: Release) -> None:
        for package in lock.packages:
            key = _key(package)
            if not _is_own(package, lock):
                self.foreign.add(key)
            self.packages.setdefault(key, package)
            self.places.setdefault(key, {}).setdefault((release.name, lock.path), package.line)

    @property
    def asked(self) -> list[Key]:
        return sorted(self.foreign)

    @property
    def own(self) -> set[Key]:
        return self.packages.keys() - self.foreign

    def of(self, release: str) -> set[Key]:
        return {key for key in self.foreign if any(name == release for name, _ in self.places[key])}


class _Told:
    """An audit that accounts for every package asked about. Raises UndecidedError for one that does not."""

    def __init__(self, desk: _Desk, audit: Audit) -> None:
        self._desk = desk
        self.audit = audit
        self.unaudited = {_key(each.package): each.reason for each in audit.unaudited}
        self.hits: dict[Key, list[Advisory]] = {}
        for package, advisory in audit.hits:
            self.hits.setdefault(_key(package), []).append(advisory)
        asked = set(desk.asked)
        answered = {*self.unaudited, *self.hits, *(_key(each.package) for each in audit.unevaluable)}
        if audit.audited + len(self.unaudited) != len(asked) or not answered <= asked:
            raise UndecidedError(
                f"the audit answers for {audit.audited + len(self.unaudited)} of {len(asked)} packages",
                hint="report this as a bug in tidegate",
            )

    def findings(self) -> Iterator[Finding]:
        """In the order of packages, advisories and places, so that the same world gives the same report."""
        for key in self._desk.asked:
            package = self._desk.packages[key]
            for advisory in sorted(self.hits.get(key, ()), key=lambda each: each.ids):
                yield from (_hit(package, advisory, release, place) for release, place in self._places(key))
            if key in self.unaudited:
                message = f"{_name(package)} cannot be compared with advisories: {self.unaudited[key]}"
                for release, place in self._places(key):
                    yield found(UNAUDITED, package.purl, message, place=place, release=release)
        for each in sorted(self.audit.unevaluable, key=lambda each: (_key(each.package), each.advisory)):
            message = f"{each.advisory} names {_name(each.package)} and decides nothing: {each.reason}"
            for release, place in self._places(_key(each.package)):
                about = f"{each.package.purl}#{each.advisory}"
                yield found(UNEVALUABLE, about, message, place=place, release=release)

    def _places(self, key: Key) -> Iterator[tuple[str, Place]]:
        for (release, path), line in sorted(self._desk.places[key].items(), key=lambda item: item[0]):
            yield release, Place(path, line)

    def produced(self) -> tuple[Produced, ...]:
        text = dependency_list.render(self._entries(), self.audit.facts)
        return (Produced(dependency_list.NAME, "application/json", text),)

    def _entries(self) -> Iterator[Entry]:
        doubtful = {_key(each.package) for each in self.audit.unevaluable}
        own = self._desk.own
        for key in sorted(self._desk.packages):
            advisories = self.hits.get(key, [])
            state = "audited"
            if key in own:
                state = "own"
            elif any(each.malicious for each in advisories):
                state = "malicious"
            elif advisories:
                state = "vulnerable"
            elif key in self.unaudited or key in doubtful:
                state = "unaudited"
            yield Entry(
                self._desk.packages[key],
                state,
                tuple(sorted(each.id for each in advisories)),
                tuple(sorted({path for _, path in self._desk.places[key]})),
            )


def _key(package: Locked) -> Key:
    return package.ecosystem, package.name, package.version, package.source.kind, package.source.public


def _serves(lock: LockFile, release: Release) -> bool:
    """A workspace's lockfile lies above the members it serves."""
    return release.holds(lock.path) or any(release.holds(asked.folder) for asked in lock.asked)


def _is_own(package: Locked, lock: LockFile) -> bool:
    """A folder of this repository. A packed archive is somebody's release, wherever it lies."""
    source = package.source
    if source.kind not in (SourceKind.WORKSPACE, SourceKind.PATH):
        return False
    if source.url.lower().endswith(_ARCHIVES):
        return False
    return resolve(folder(lock.path), source.url or ".") is not None


def _unread(task: Task) -> Iterator[Finding]:
    for release in task.releases:
        for path, (message, line) in sorted(_unread_locks(task.inventory, release).items()):
            yield found(LOCK_UNAUDITED, path, message, place=Place(path, line), release=release.name)


def _unread_locks(inventory: Inventory, release: Release) -> dict[str, tuple[str, int | None]]:
    told: dict[str, tuple[str, int | None]] = {}
    for problem in inventory.problems:
        if problem.rule in UNREAD and release.holds(problem.about):
            told.setdefault(problem.about, (f"not audited: {problem.message}", problem.line))
    for lock in inventory.locks:
        for problem in lock.problems:
            if problem.rule in UNREAD and _serves(lock, release):
                told.setdefault(lock.path, (f"not audited: {problem.message}", problem.line))
    return told


def _hit(package: Locked, advisory: Advisory, release: str, place: Place) -> Finding:
    about = f"{package.purl}#{advisory.id}"
    summary = f": {advisory.summary}" if advisory.summary else ""
    if advisory.malicious:
        return found(
            MALICIOUS,
            about,
            f"{_name(package)} is malware ({advisory.id}){summary}",
            place=place,
            release=release,
            always=True,
        )
    grade = "unknown severity" if advisory.severity < 0 else advisory.severity.word
    return found(
        VULNERABLE,
        about,
        f"{_name(package)} has {advisory.id} ({grade}){summary}",
        place=place,
        release=release,
        fix=_fix(package, advisory),
        severity=advisory.severity,
        fix_known=bool(advisory.fixed),
    )


def _fix(package: Locked, advisory: Advisory) -> str:
    if not advisory.fixed:
        return f"no fixed version is known: replace `{package.name}`, or except this advisory with a reason and an end"
    return f"upgrade `{package.name}` to {' or '.join(advisory.fixed[:4])} and lock again"


def _name(package: Locked) -> str:
    return f"{package.name} {package.version}".rstrip()


def _coverage(release: Release, desk: _Desk, unread: list[Finding], told: _Told | None, detail: str) -> Coverage:
    """An unread lockfile counts as one thing that was expected: how many packages it holds, nobody knows."""
    keys = desk.of(release.name)
    missing = sum(finding.release == release.name for finding in unread)
    examined = len(keys - told.unaudited.keys()) if told else 0
    return Coverage("packages", examined, len(keys) + missing, release.name, detail)


def _detail(facts: Iterable[DatabaseFacts], now: datetime) -> str:
    """`1357 advisories, newest 2 days old`; of several databases the one that lags behind counts."""
    told = tuple(facts)
    if not told:
        return ""
    ages = [age for age in (_age(each.newest, now) for each in told) if age is not None]
    newest = f", newest {_days(max(ages))} old" if ages else ""
    return f"{sum(each.records for each in told)} advisories{newest}"


def _age(newest: str, now: datetime) -> timedelta | None:
    try:
        return now - datetime.fromisoformat(newest)
    except (ValueError, TypeError):
        return None


def _days(age: timedelta) -> str:
    return "1 day" if age.days == 1 else f"{max(age.days, 0)} days"


def _notes(task: Task) -> tuple[str, ...]:
    if task.policy.controls.dependencies.database.max_age != "unlimited":
        return ()
    return ("the age of advisories is not judged: `database.max_age` is `unlimited`",)


def _facts(facts: Iterable[DatabaseFacts], desk: _Desk) -> Iterator[tuple[str, str]]:
    yield "packages.asked", str(len(desk.asked))
    yield "packages.own", str(len(desk.own))
    for number, each in enumerate(facts, 1):
        yield f"advisories.{number}.name", each.name
        yield f"advisories.{number}.records", str(each.records)
        yield f"advisories.{number}.newest", each.newest
        yield f"advisories.{number}.digest", each.digest
