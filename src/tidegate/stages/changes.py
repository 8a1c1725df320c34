"""Part of row 2: what a change does to what is locked, compared with its base.

Advisories are told as new with the change or as older than it; both count alike.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tidegate.domain.changes import check, configs, cooldown, licences, lockfiles, pairing, rules
from tidegate.domain.changes.change import Change, Kind, named
from tidegate.domain.changes.cooldown import Cooldown
from tidegate.domain.changes.guards import Hosts
from tidegate.domain.changes.licences import Licences
from tidegate.domain.changes.lockfiles import Pair
from tidegate.domain.locks.check import bounded
from tidegate.domain.matching.gather import Gathered, Key, is_own, key_of, served, withheld
from tidegate.domain.matching.versions import order_of
from tidegate.errors import UndecidedError
from tidegate.formats import change_list, registries, repopath
from tidegate.formats.own_names import OwnNames
from tidegate.formats.text import shown
from tidegate.model.control import Scope
from tidegate.model.evidence import Blind, Coverage, Produced
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import Locked
from tidegate.model.vulnerability import Advisory
from tidegate.policy.durations import duration
from tidegate.ports import Audit, World
from tidegate.stages import before, newly_asked, registry
from tidegate.stages.before import Before
from tidegate.stages.reviewed import Ages, Reviewed
from tidegate.stages.task import Task

MANY = 200
"""More changed packages than this are nobody's review."""
LISTED = 60
"""Changes a look at this row alone names one by one."""


def review(task: Task, world: World, desk: Gathered, audit: Audit | None) -> Reviewed:
    """Compare with the base of the inventory's source. `audit` is that of head, None where there was none.

    There is a base: `without_base` speaks where there is none.
    """
    base = task.inventory.source.base
    try:
        return _Review(task, world, desk, audit, before.read(task.inventory, world, base)).reviewed(base)
    except UndecidedError as error:
        return Reviewed(blind=(Blind(error.message, error.hint),))


def publishers(task: Task, world: World, reviewed: Reviewed) -> Reviewed:
    """Without a base: what registries say of what is recorded about publishers, which needs no change."""
    heard = registry.hear(task, world, ())
    ours = {release.name: served(release, task.inventory) for release in task.releases}
    told = tuple(_placed(task, heard.findings, ours, set()))
    return replace(
        reviewed,
        findings=(*reviewed.findings, *told),
        blind=(*reviewed.blind, *heard.blind),
        facts=(*reviewed.facts, *heard.facts),
    )


def _placed(task: Task, findings: Iterable[Finding], ours: Mapping[str, set[str]], gone: set[str]) -> Iterator[Finding]:
    """Against each release whose lockfile it is about (`gone` are some, too); about any other file, against all."""
    locks = {lock.path for lock in task.inventory.locks} | gone
    for finding in findings:
        path = finding.place.path if finding.place else ""
        if path in locks:
            names = [one.name for one in task.releases if path in ours[one.name] or one.holds(path)]
            yield from (replace(finding, release=name) for name in names)
        else:
            yield finding


class _Review:
    def __init__(self, task: Task, world: World, desk: Gathered, audit: Audit | None, known: Before) -> None:
        self._task = task
        self._world = world
        self._desk = desk
        self._rules = task.policy.controls.dependencies.review
        self._known = known
        self._before = check.elsewhere(known.locks)
        self._pairs = lockfiles.pair(known.locks, known.now)
        self._changes = {pair.path: _compared(pair) for pair in self._pairs}
        self._heard = registry.hear(task, world, self._all)
        self._cooldown = Cooldown(duration(self._rules.cooldown or "0s"), world.clock.now(), self._heard.uploaded)
        self._served = {release.name: served(release, task.inventory) for release in task.releases}
        self._hits = _by_key(audit.hits) if audit is not None else {}
        self._audited = audit is not None
        self._old_hits: dict[Key, list[Advisory]] | None = None
        self._aside: list[str] = []

    @property
    def _all(self) -> tuple[Change, ...]:
        return tuple(change for changes in self._changes.values() for change in changes)

    def reviewed(self, base: str) -> Reviewed:
        self._old_hits = self._ask_before()
        findings = tuple(self._findings())
        everything = self._all
        return Reviewed(
            findings=findings,
            coverage=tuple(self._coverage()),
            produced=(Produced(change_list.NAME, "application/json", change_list.render(base, everything)),),
            notes=(*self._summary(), *self._aside),
            facts=(*self._facts(base, everything), *self._heard.facts),
            blind=self._heard.blind,
            changes=everything,
            ages=self._ages(),
        )

    def _ask_before(self) -> dict[Key, list[Advisory]] | None:
        """Advisories of versions before: of what is vulnerable now, and of what is younger than the policy accepts."""
        doubtful = {id(change) for change in cooldown.young(self._all, self._cooldown)}
        wanted: dict[Key, Locked] = {}
        for change in self._all:
            old, new = change.before, change.after
            if old is None or new is None or change.same_version or is_own(old, change.path):
                continue
            if key_of(new) in self._hits or id(change) in doubtful:
                wanted[key_of(old)] = withheld(old, OwnNames.of(self._task.policy.controls.lockfiles.internal))
        if not self._audited:
            return None
        try:
            audit = self._world.advisories.audit([wanted[key] for key in sorted(wanted)]) if wanted else None
        except UndecidedError:
            return None  # nothing is let through by it: ages are told as not known, a cooldown stays
        return _by_key(audit.hits) if audit is not None else {}

    def _findings(self) -> Iterator[Finding]:
        for problem in self._known.unread:
            message = f"`{shown(problem.about)}` cannot be read as it was before: {problem.message}"
            at = Place(problem.about)
            yield from self._against(problem.about, [found(rules.BASE_UNREADABLE, problem.about, message, place=at)])
        wishes = self._new_wishes()
        here = {lock.path for lock in self._task.inventory.locks}
        for pair in self._pairs:
            yield from self._against(pair.path, bounded(self._of_pair(pair, wishes, here)))
        written = frozenset(pair.path for pair in self._pairs if pair.rewritten)
        known = self._known.manifests
        for finding in lockfiles.check_alone(self._really(), self._task.inventory.manifests, known, written):
            yield from self._against(finding.about, [finding])
        for config in self._known.configs:
            yield from self._configured(config)
        told = bounded((*newly_asked.check(self._task, self._all, self._cooldown), *self._heard.findings))
        yield from _placed(self._task, told, self._served, {pair.path for pair in self._pairs})

    def _of_pair(self, pair: Pair, wishes: frozenset[str], here: set[str]) -> Iterator[Finding]:
        changes = self._changes[pair.path]
        yield from lockfiles.check_pair(pair, self._task.inventory.manifests, here)
        yield from check.check(changes, wishes, self._before)
        if pair.before is not None and pair.after is not None:
            yield from check.check_aliases(pair.before, pair.after)
        yield from licences.check(changes, Licences.of(self._rules.licences.allow, self._rules.licences.deny))
        if self._rules.cooldown:
            yield from cooldown.check(changes, replace(self._cooldown, mending=self._mending(changes)))

    def _mending(self, changes: Sequence[Change]) -> frozenset[str]:
        """Young releases that end an advisory the version before them has, by the advisories and by nobody's word."""
        mending = set()
        for change in cooldown.young(changes, self._cooldown):
            old, new = change.before, change.after
            if old is None or new is None or self._old_hits is None or not self._asked(new):
                continue
            still = {name for advisory in self._hits.get(key_of(new), ()) for name in advisory.ids}
            ended = [one.id for one in self._old_hits.get(key_of(old), ()) if not still & set(one.ids)]
            if ended and not any(one.malicious for one in self._hits.get(key_of(new), ())):
                mending.add(new.purl)
                self._aside.append(f"the cooldown is set aside for {named(new)}: it ends {shown(ended[0], 60)}")
        return frozenset(mending)

    def _asked(self, package: Locked) -> bool:
        return key_of(package) in self._desk.foreign

    def _configured(self, config: before.Config) -> Iterator[Finding]:
        if config.fault is not None:
            fault = config.fault
            told = [configs.unreadable(config.path, fault.rule, fault.message, fault.line)]
        else:
            hosts = Hosts(frozenset(self._task.policy.controls.lockfiles.sources).__contains__, _is_public)
            told = list(configs.check(config.path, config.kind, config.before, config.after, hosts))
        folder = repopath.folder(config.path)
        names: list[str | None] = [
            release.name
            for release in self._task.releases
            if release.holds(config.path) or folder == "." or f"{release.root}/".startswith(f"{folder}/")
        ]
        for finding in told:
            yield from (replace(finding, release=name) for name in names or [None])

    def _against(self, path: str, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Against every release that answers for the file; what no release answers for is row 1's to tell."""
        names = [release.name for release in self._task.releases if self._answers(release.name, path)]
        for finding in findings:
            yield from (replace(finding, release=name) for name in names)

    def _answers(self, release: str, path: str) -> bool:
        roots = {one.name: one for one in self._task.releases}
        return path in self._served[release] or roots[release].holds(path)

    def _new_wishes(self) -> frozenset[str]:
        wishes: set[str] = set()
        for manifest in self._task.inventory.manifests:
            if manifest.path in self._known.manifests:
                old = self._known.manifests[manifest.path]
                known = {*old.requires, *old.optional} if old is not None else set()
                wishes |= {*manifest.requires, *manifest.optional} - known
        return frozenset(wishes)

    def _really(self) -> frozenset[str]:
        """Lockfiles that hold something else than before."""
        return frozenset(path for path, changes in self._changes.items() if changes)

    def _coverage(self) -> Iterator[Coverage]:
        """Counted beside packages, never instead of them: a review alone is no audit."""
        for release in self._task.releases:
            if not self._desk.of(release.name):
                continue
            looked = sum(self._answers(release.name, pair.path) for pair in self._pairs)
            missed = sum(self._answers(release.name, problem.about) for problem in self._known.unread)
            count = sum(len(c) for path, c in self._changes.items() if self._answers(release.name, path))
            detail = f"{count} {'change' if count == 1 else 'changes'}"
            yield Coverage("changed lockfiles", looked, looked + missed, release.name, detail)

    def _summary(self) -> Iterator[str]:
        alone = self._task.scope is Scope.EXAMINE
        left = LISTED
        for path, changes in self._changes.items():
            if not changes:
                continue
            counts = Counter(change.kind for change in changes)
            told = ", ".join(f"{counts[kind]} {kind.value}" for kind in Kind if counts[kind])
            yield f"{shown(path)}: {told}"
            if alone:
                yield from (f"{shown(path)}: {change}" for change in changes[:left])
                left = max(left - len(changes), 0)
        total = len(self._all)
        if alone and total > LISTED:
            yield f"and {total - LISTED} more changes"
        if total > MANY:
            yield f"{total} packages changed at once: more than anybody reviews; smaller steps show more"

    def _facts(self, base: str, changes: Sequence[Change]) -> Iterator[tuple[str, str]]:
        yield "review.base", base
        yield "review.lockfiles", str(len(self._pairs))
        for kind, count in Counter(change.kind.value for change in changes).items():
            yield f"review.{kind.replace(' ', '-')}", str(count)

    def _ages(self) -> Ages:
        changed = {(change.path, change.after.purl): change for change in self._all if change.after is not None}
        touched = {lock.path for lock in self._known.now}
        still = [lock for lock in self._task.inventory.locks if lock.path not in touched]
        # What was unread before is not known to have been locked, so its advisories are told as new.
        lost = {problem.about for problem in self._known.unread}
        locked = (*self._known.locks, *(lock for lock in still if lock.path not in lost))
        old = frozenset(package.purl for lock in locked for package in lock.packages) if self._hits else frozenset()
        return Ages(changed, old, self._old_hits)


def _compared(pair: Pair) -> tuple[Change, ...]:
    """Changes of third-party packages; what is the project's own on both sides is none."""
    before_ = pair.before.packages if pair.before else ()
    after = pair.after.packages if pair.after else ()
    changes = pairing.compare(before_, after, pair.path, order_of)
    return tuple(
        change
        for change in changes
        if any(one is not None and not is_own(one, pair.path) for one in (change.before, change.after))
    )


def _by_key(hits: Iterable[tuple[Locked, Advisory]]) -> dict[Key, list[Advisory]]:
    found_: dict[Key, list[Advisory]] = {}
    for package, advisory in hits:
        found_.setdefault(key_of(package), []).append(advisory)
    return found_


def _is_public(host: str) -> bool:
    return any(registries.is_public(ecosystem, host) for ecosystem in ("PyPI", "npm"))
