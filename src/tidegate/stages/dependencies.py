"""Row 2: every third-party package of every lockfile is compared with advisories, and none is passed over in silence.

The project's own packages (workspace members, folders inside the repository) are no third parties: they are listed in
`dependencies.json` with the state `own`, and neither asked about nor counted. What pins a build besides packages
(images, providers, charts, hooks) is `outside`: no database names it, which is said once a file.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from tidegate.domain.changes.all_rules import RULES as REVIEW_RULES
from tidegate.domain.matching.gather import Gathered, Key, gather, key_of
from tidegate.domain.matching.inside import examined
from tidegate.domain.matching.rules import (
    ENGINES_DISAGREE,
    LOCK_UNAUDITED,
    MALICIOUS,
    PIN_UNAUDITED,
    RULES,
    UNAUDITED,
    UNEVALUABLE,
    VULNERABLE,
)
from tidegate.domain.matching.wording import sentence
from tidegate.errors import UndecidedError
from tidegate.formats import dependency_list
from tidegate.formats.dependency_list import Entry
from tidegate.formats.own_names import OwnNames
from tidegate.formats.text import shown, subject
from tidegate.model.control import Control, Scope
from tidegate.model.evidence import Blind, Coverage, Produced, Report
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import Locked
from tidegate.model.release import ArtifactKind, Release
from tidegate.model.vulnerability import Advisory
from tidegate.ports import Audit, Clock, DatabaseFacts, World
from tidegate.stages.exploits import read_lists
from tidegate.stages.reviewed import Reviewed, without_base
from tidegate.stages.task import Task


def examine(task: Task, world: World) -> Report:
    """Findings count against the releases whose root holds the lockfile (or a manifest the lockfile serves)."""
    desk = gather(task.releases, task.inventory, OwnNames.of(task.policy.controls.lockfiles.internal))
    lists = read_lists(task)
    unread = [*lists.findings, *_unread(desk)]
    asked = [desk.packages[key] for key in desk.asked]
    try:
        audit = lists.tighten(world.advisories.audit(asked)) if asked else Audit((), (), (), 0)
        told = _Told(desk, audit)
    except UndecidedError as error:
        reviewed = _reviewed(task, world, desk, None)
        return _report(task, desk, unread, reviewed, blind=(Blind(error.message, error.hint),), noted=lists.facts)
    return _report(task, desk, unread, _reviewed(task, world, desk, audit), told, world.clock, noted=lists.facts)


def _reviewed(task: Task, world: World, desk: Gathered, audit: Audit | None) -> Reviewed:
    """Without a base and a registry to ask there is nothing to import: a quick look stays one."""
    base, ask = task.inventory.source.base, task.policy.controls.dependencies.registry.ask
    reviewed = Reviewed() if base else without_base(task)
    if not (base or ask):
        return reviewed
    from tidegate.stages import changes

    return changes.review(task, world, desk, audit) if base else changes.publishers(task, world, reviewed)


def _report(
    task: Task,
    desk: Gathered,
    unread: list[Finding],
    reviewed: Reviewed,
    told: "_Told | None" = None,
    clock: Clock | None = None,
    blind: tuple[Blind, ...] = (),
    noted: Iterable[tuple[str, str]] = (),
) -> Report:
    facts = told.audit.facts if told else ()
    detail = _detail(facts, clock.now()) if clock else ""
    audited = tuple(_coverage(release, desk, unread, told, detail) for release in task.releases)
    kept = task.scope is not Scope.EXAMINE  # a quick look keeps no evidence, and this is the bulk of it
    return Report(
        control=Control.DEPENDENCIES,
        coverage=(*audited, *_images(task), *reviewed.coverage),
        findings=(
            *unread,
            *_outside(desk),
            *_missed(desk),
            *reviewed.dated(told.findings() if told else ()),
            *reviewed.findings,
        ),
        produced=(*(told.produced() if told and kept else ()), *reviewed.produced),
        blind=(*blind, *reviewed.blind),
        rules=(*RULES, *REVIEW_RULES),
        notes=(*_notes(task), *(told.audit.notes if told else ()), *reviewed.notes),
        facts=tuple(sorted((*_facts(facts, desk), *reviewed.facts, *noted))),
    )


class _Told:
    """An audit that accounts for every package asked about. Raises UndecidedError for one that does not."""

    def __init__(self, desk: Gathered, audit: Audit) -> None:
        self._desk = desk
        self.audit = audit
        self.unaudited = {key_of(each.package): each.reason for each in audit.unaudited}
        self.hits: dict[Key, list[Advisory]] = {}
        for package, advisory in audit.hits:
            self.hits.setdefault(key_of(package), []).append(advisory)
        asked = set(desk.asked)
        doubted = {*(each.package for each in audit.unevaluable), *(each.package for each in audit.disputes)}
        answered = {*self.unaudited, *self.hits, *map(key_of, doubted)}
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
                yield from (
                    _hit(package, advisory, release, place, self._desk.note(key, place.path))
                    for release, place in self._places(key)
                )
            if key in self.unaudited:
                message = f"{_name(package)} cannot be compared with advisories: {self.unaudited[key]}"
                for release, place in self._places(key):
                    yield found(UNAUDITED, package.purl, message, place=place, release=release)
        for dispute in sorted(self.audit.disputes, key=lambda each: (key_of(each.package), each.advisory)):
            message = (
                f"{dispute.seen_by} applies {shown(dispute.advisory)} to {_name(dispute.package)}, "
                f"{dispute.missed_by} does not"
            )
            for release, place in self._places(key_of(dispute.package)):
                about = f"{dispute.package.purl}#{dispute.advisory}"
                yield found(ENGINES_DISAGREE, about, message, place=place, release=release)
        for each in sorted(self.audit.unevaluable, key=lambda each: (key_of(each.package), each.advisory)):
            message = f"{each.advisory} names {_name(each.package)} and decides nothing: {each.reason}"
            for release, place in self._places(key_of(each.package)):
                about = f"{each.package.purl}#{each.advisory}"
                yield found(UNEVALUABLE, about, message, place=place, release=release)

    def _places(self, key: Key) -> Iterator[tuple[str, Place]]:
        for (release, path), line in sorted(self._desk.places[key].items(), key=lambda item: item[0]):
            yield release, Place(path, line)

    def produced(self) -> tuple[Produced, ...]:
        text = dependency_list.render(self._entries(), self.audit.facts)
        return (Produced(dependency_list.NAME, "application/json", text),)

    def _entries(self) -> Iterator[Entry]:
        doubtful = {key_of(each.package) for each in self.audit.unevaluable}
        own = self._desk.own
        for key in sorted(self._desk.packages):
            advisories = self.hits.get(key, [])
            state = "audited"
            if key in own:
                state = "own"
            elif key in self._desk.outside:
                state = "outside"
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


def _unread(desk: Gathered) -> Iterator[Finding]:
    for (release, path), (why, line) in sorted(desk.unread.items(), key=lambda item: item[0]):
        yield found(LOCK_UNAUDITED, path, f"not audited: {why}", place=Place(path, line), release=release)


def _outside(desk: Gathered) -> Iterator[Finding]:
    for (release, path), count in sorted(desk.pins.items()):
        many, them = (f"its {count} build pins", "them") if count > 1 else ("its build pin", "it")
        message = f"`{shown(path)}`: no advisory database names {many}, so nothing is known of {them}"
        yield found(PIN_UNAUDITED, path, message, place=Place(path), release=release)


def _missed(desk: Gathered) -> Iterator[Finding]:
    for (release, about), each in sorted(desk.missed.items(), key=lambda item: item[0]):
        where = about if each.unread else about.partition("#")[0]
        message = each.why if each.unread else f"`{shown(where)}`: {each.why}"
        yield found(each.rule, subject(about, 400), message, place=Place(where), release=release)


def _images(task: Task) -> Iterator[Coverage]:
    """Was the image scanned? So many of its layers, with so many packages in them."""
    for release in task.releases:
        names = {artifact.name for artifact in release.artifacts if artifact.kind is ArtifactKind.IMAGE}
        if names:
            contents = [content for content in task.inventory.contents if content.artifact in names]
            read, there, words = examined(contents)
            missing = len(names) - len(contents)
            yield Coverage("image layers", read, there + missing, release.name, words)


def _hit(package: Locked, advisory: Advisory, release: str, place: Place, note: str = "") -> Finding:
    about = f"{package.purl}#{advisory.id}"
    also = tuple(f"{package.purl}#{name}" for name in advisory.ids[1:])
    told = sentence(advisory.summary, package.name)
    summary = f": {told}" if told else ""
    name = f"{_name(package)} ({note})" if note else _name(package)
    if advisory.malicious:
        return found(
            MALICIOUS,
            about,
            f"{name} is malware ({advisory.id}){summary}",
            place=place,
            release=release,
            always=True,
        )
    exploited = f", {advisory.exploited}" if advisory.exploited else ""
    grade = "unknown severity" if advisory.severity < 0 else advisory.severity.word
    return found(
        VULNERABLE,
        about,
        f"{name} has {advisory.id} ({grade}{exploited}){summary}",
        place=place,
        release=release,
        fix=_fix(package, advisory, inside="!/" in place.path),
        severity=advisory.severity,
        fix_known=bool(advisory.fixed),
        also=also,
    )


def _fix(package: Locked, advisory: Advisory, *, inside: bool) -> str:
    name = shown(package.name)
    if not advisory.fixed:
        return f"no fixed version is known: replace `{name}`, or except this advisory with a reason and an end"
    then = "and build the artifact again" if inside else "and lock again"
    # Advisories on Go modules leave out the `v` that every version of one is written with.
    sign = "v" if package.ecosystem == "Go" else ""
    fixes = " or ".join(sign + shown(fix, 80).removeprefix(sign) for fix in advisory.fixed[:4])
    return f"upgrade `{name}` to {fixes} {then}"


def _name(package: Locked) -> str:
    return f"{shown(package.name)} {shown(package.version)}".rstrip()


def _coverage(release: Release, desk: Gathered, unread: list[Finding], told: _Told | None, detail: str) -> Coverage:
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


def _facts(facts: Iterable[DatabaseFacts], desk: Gathered) -> Iterator[tuple[str, str]]:
    yield "packages.asked", str(len(desk.asked))
    yield "packages.own", str(len(desk.own))
    for number, each in enumerate(facts, 1):
        yield f"advisories.{number}.name", each.name
        yield f"advisories.{number}.records", str(each.records)
        yield f"advisories.{number}.newest", each.newest
        yield f"advisories.{number}.digest", each.digest
        if each.index:
            yield f"advisories.{number}.index", each.index
