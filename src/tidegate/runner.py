"""Every row gets a verdict, whatever happens: acts in order, stages in worker processes, the judge after each act."""

import json
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tidegate import __version__, judge
from tidegate.acts import ECHOES, LACKING, OPEN, SIGNING_REFUSED, Ask, Seal, policy_facts
from tidegate.all_stages import ROWS, Row
from tidegate.errors import FormatError
from tidegate.formats import endings
from tidegate.formats.records import dump, from_plain
from tidegate.model.control import Act, Control, Scope
from tidegate.model.evidence import TOPICS, Blind, Clause, Report
from tidegate.model.finding import Level, Rule, found
from tidegate.model.inventory import Inventory, Source
from tidegate.model.verdict import Outcome, Run, Verdict
from tidegate.policy import baseline, vex
from tidegate.policy.values import duration
from tidegate.ports import Clock, Done, Job, Store, Workers
from tidegate.stages.task import Alone

Say = Callable[[str], None]


@dataclass(slots=True)
class _Bench:
    """The state of one run while it runs."""

    ask: Ask
    bench: judge.Bench
    seal: Seal
    inventory: Inventory | None = None
    inventory_text: str = "null"
    reports: dict[Control, Report] = field(default_factory=dict)
    failures: dict[Control, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unsure: dict[str, Blind] = field(default_factory=dict)
    """Refused releases that nothing but blindness keeps from being signed."""
    verdicts: dict[Control, list[Verdict]] = field(default_factory=dict)


class Runner:
    """Runs the rows of a scope and answers for every one of them."""

    def __init__(self, workers: Workers, clock: Clock, say: Say, rows: Sequence[Row] = ROWS) -> None:
        self._workers = workers
        self._clock = clock
        self._say = say
        self._rows = rows

    def run(self, ask: Ask, store: Store | None = None, seal: Seal | None = None) -> Run:
        """Examine, seal, prove; the Run holds a verdict for every row and release."""
        started = self._clock.now()
        bench = judge.Bench(
            policy=ask.policy.model,
            exemptions=judge.exemptions_of(ask.policy.model),
            today=started.date(),
            adopted=ask.policy.adopted,
            roots=tuple(release.root for release in ask.releases),
            vex=vex.of(ask.policy),
            accepted=baseline.of(ask.policy),
            lenient=ask.scope is not Scope.VERIFY,
        )
        seal = seal or Seal()
        state = _Bench(ask, bench, seal)
        self._examine(state, store)
        if ask.scope in (Scope.CHECK, Scope.VERIFY):
            if ask.scope is Scope.CHECK and state.inventory is not None:
                state.refused = self._broken_evidence(state, store) | _refused(state)
                self._say("sealing")
                seal.seal(ask, state.inventory, state.reports, state.refused)
                _unsigned(state)
            self._act(state, Act.SEAL, duration(ask.policy.model.limits.deadline).total_seconds())
            if ask.scope is Scope.CHECK and state.inventory is not None:
                seal.prove(ask, _cells(state), state.reports)
                _unsigned(state)
            self._act(state, Act.PROVE, duration(ask.policy.model.limits.deadline).total_seconds())
        return self._finish(state, started, seal)

    def _examine(self, state: _Bench, store: Store | None) -> None:
        deadline = duration(state.ask.policy.model.limits.deadline).total_seconds()
        begun = time.monotonic()
        failed = "" if self._is_alone(state) else self._read_inventory(state, deadline)
        if failed:
            for row in self._wanted(state):
                state.failures[row.control] = failed
        left = max(0.1, deadline - (time.monotonic() - begun))
        self._act(state, Act.EXAMINE, left)
        if store is not None:
            for report in state.reports.values():
                for produced in report.produced:
                    store.write(produced.name, produced.text)

    def _broken_evidence(self, state: _Bench, store: Store | None) -> dict[str, str]:
        """Evidence that is there already is verified before anything is signed; what does not verify stops signing."""
        if store is None or not any(name.endswith((endings.SIGNATURE, *endings.ATTESTED)) for name in store.names()):
            return {}
        rows = [row.control for row in self._wanted(state) if row.act is Act.SEAL]
        self._ask(state, rows, duration(state.ask.policy.model.limits.deadline).total_seconds())
        reasons: dict[str, str] = {}
        for release in state.ask.releases:
            for control in rows:
                report = state.reports.get(control)
                mine = [f for f in report.findings if f.release in (None, release.name)] if report else []
                # What is not there yet can still be made; approvals are counted against provenance that is.
                broken = [f.message for f in mine if f.level is Level.FAIL and not f.rule.endswith(LACKING)]
                if broken:
                    reasons[release.name] = broken[0]
                    state.unsure.pop(release.name, None)
                elif (report is None or report.blind) and release.name not in reasons:
                    reasons[release.name] = f"what is there already could not be verified: {control}"
                    state.unsure[release.name] = Blind(reasons[release.name], "run the gate again", release.name)
        for control in rows:
            state.reports.pop(control, None)
        return reasons

    def _is_alone(self, state: _Bench) -> bool:
        """Do workers read what they look at themselves? One row alone, so that nothing travels twice, and a commit."""
        if state.ask.scope is Scope.STAGED:
            return True
        rows = self._wanted(state)
        required = [state.ask.policy.controls.of(row.control).required for row in rows]
        return state.ask.scope is Scope.EXAMINE and required == [True]

    def _read_inventory(self, state: _Bench, deadline: float) -> str:
        self._say("reading the inventory")
        if state.ask.scope is Scope.VERIFY:
            # Production has the artifact and its evidence, nothing else; there is no source tree to read.
            state.inventory = Inventory(Source())
            state.inventory_text = dump(state.inventory)
            return ""
        payload = f'{{"means":{state.ask.means},"releases":{dump(state.ask.releases)}}}'
        done = next(iter(self._workers.run([Job("inventory", "inventory", payload)], deadline)), Done("inventory"))
        if done.failed or not done.text:
            return f"the inventory could not be read: {done.failed or 'no answer'}"
        try:
            plain = json.loads(done.text)
            state.inventory = from_plain(Inventory, plain)
        except (FormatError, ValueError, RecursionError) as error:
            return f"the inventory could not be read: {error}"
        state.inventory_text = done.text
        return ""

    def _wanted(self, state: _Bench) -> list[Row]:
        ask = state.ask
        # Only a look at single rows may leave rows out; a gate never does.
        only = ask.only if ask.scope is Scope.EXAMINE else frozenset(Control)
        return [row for row in self._rows if ask.scope in row.scopes and row.control in only]

    def _act(self, state: _Bench, act: Act, deadline: float) -> None:
        rows = [row for row in self._wanted(state) if row.act is act]
        asked = [
            row.control
            for row in rows
            if row.control not in state.failures and state.ask.policy.controls.of(row.control).required
        ]
        if asked:
            self._say(f"{act.value}: {', '.join(asked)}")
        self._ask(state, asked, deadline)
        for row in rows:
            report = state.reports.get(row.control)
            if report is not None:
                report = state.reports[row.control] = self._completed(state, row, report)
            failure = state.failures.get(row.control, "")
            cells = [judge.judge(row.control, r.name, report, failure, state.bench) for r in state.ask.releases]
            if act is Act.PROVE and state.bench.lenient:
                cells = [judge.followed(cell, _cells(state)) for cell in cells]
            state.verdicts[row.control] = cells

    def _completed(self, state: _Bench, row: Row, report: Report) -> Report:
        """A report with what the parent knows and a stage cannot: bytes that moved, what was not signed and why."""
        if row.act is Act.EXAMINE:
            more = state.ask.findings if row.control is self._told_in(state) else ()
            return replace(report, findings=(*report.findings, *more))
        kept = tuple(f for f in report.findings if f.rule not in ECHOES or f.release not in state.refused)
        waiting = tuple(
            found(SIGNING_REFUSED, f"{name}#{row.control}", f"not signed: {why}", release=name)
            for name, why in state.refused.items()
            if name not in state.unsure
        )
        # Nothing the team can mend kept this release from being signed: the rows are as undecided as act 1.
        dark = tuple(state.unsure.values())
        findings = (*kept, *state.ask.changed(), *state.seal.findings, *waiting)
        return replace(report, findings=findings, blind=(*report.blind, *dark))

    def _told_in(self, state: _Bench) -> Control:
        """The row the parent's own findings count in: row 2, or where that cannot shut the first that can."""
        rows = [row.control for row in self._wanted(state) if row.act is Act.EXAMINE]
        rows.sort(key=lambda control: control is not Control.DEPENDENCIES)
        able = (control for control in rows if judge.decides(state.ask.policy.controls.of(control), state.bench))
        return next(able, Control.DEPENDENCIES)

    def _ask(self, state: _Bench, controls: Sequence[Control], deadline: float) -> None:
        jobs = [_job(state, control) for control in controls]
        waiting = set(controls)
        for done in self._workers.run(jobs, deadline):
            control = Control(done.id)
            waiting.discard(control)
            if done.failed:
                state.failures[control] = done.failed + (f" (hint: {done.hint})" if done.hint else "")
                continue
            try:
                report = _answered(state, done.text)
            except (FormatError, ValueError, RecursionError) as error:
                state.failures[control] = f"its report cannot be read: {error}"
                continue
            if report.control is not control:
                state.failures[control] = f"its report speaks of {report.control}"
                continue
            state.reports[control] = report
            self._say(f"{control}: done")
        for control in waiting:
            state.failures.setdefault(control, "its worker gave no answer")

    def _finish(self, state: _Bench, started: datetime, seal: Seal) -> Run:
        ask = state.ask
        seal.concluded(state.reports)
        cells = _cells(state)
        wanted = {row.control for row in self._wanted(state)}
        later = [
            Verdict(control, release.name, Outcome.LATER)
            for control in Control
            if control not in wanted
            for release in ask.releases
        ]
        inventory = state.inventory
        # In table order, not in the order workers ended: the same input gives the same report.
        reports = [state.reports[control] for control in Control if control in state.reports]
        return Run(
            id=ask.run_id or f"{started:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}",
            tool=f"tidegate {__version__}",
            scope=ask.scope,
            started=started.isoformat(timespec="milliseconds"),
            finished=self._clock.now().isoformat(timespec="milliseconds"),
            policy=policy_facts(ask.policy),
            source=inventory.source if inventory else Source(),
            releases=ask.releases,
            rows=tuple(control for control in Control if control in wanted),
            verdicts=tuple(sorted((*cells, *later), key=lambda v: (list(Control).index(v.control), v.release))),
            exemptions=judge.standing(state.bench, cells, reports),
            rules=_rules(reports),
            clauses=_sentence(reports),
            notes=tuple(
                dict.fromkeys(
                    (
                        *ask.policy.warnings,
                        *ask.notes,
                        *_beside(state),
                        *(n for r in reports for n in r.notes),
                        *seal.notes,
                    )
                )
            ),
            evidence=ask.evidence,
        )


def _beside(state: _Bench) -> tuple[str, ...]:
    """Where the proposed policy would judge the same reports otherwise."""
    proposed = state.ask.beside
    if proposed is None:
        return ()
    bench = replace(
        state.bench,
        policy=proposed.model,
        exemptions=judge.exemptions_of(proposed.model),
        adopted=proposed.adopted,
        vex=vex.of(proposed),
        accepted=baseline.of(proposed),
    )
    notes = []
    for cell in _cells(state):
        report, failure = state.reports.get(cell.control), state.failures.get(cell.control, "")
        other = judge.judge(cell.control, cell.release, report, failure, bench).outcome
        if other is not cell.outcome:
            notes.append(f"under the proposed policy `{cell.control}` ({cell.release}) would be: {other.value}")
    return tuple(notes)


def _job(state: _Bench, control: Control) -> Job:
    """A row's job; without an inventory it is the only one, and reads that itself."""
    ask = state.ask
    if ask.scope is Scope.STAGED:
        policy, releases = ask.policy.model_dump_json(by_alias=True), dump(ask.releases)
        text = f'{{"means":{ask.means},"policy":{policy},"releases":{releases},"row":"{control}"}}'
        return Job(control.value, "staged", text)
    if ask.question and state.inventory is None:
        policy = ask.policy.model_dump_json(by_alias=True)
        return Job(control.value, "search", f'{{"means":{ask.means},"policy":{policy},"search":{ask.question}}}')
    what = f'"row":"{control}"' if state.inventory is None else f'"inventory":{state.inventory_text}'
    payload = (
        f'{{"means":{ask.means},"releases":{dump(ask.releases)},{what},'
        f'"policy":{ask.policy.model_dump_json(by_alias=True)},"scope":"{ask.scope.value}"}}'
    )
    return Job(control.value, "alone" if state.inventory is None else control.value, payload)


def _answered(state: _Bench, text: str) -> Report:
    """The report in a worker's answer. Raises FormatError, ValueError or RecursionError."""
    if state.inventory is not None and state.ask.scope is not Scope.STAGED:
        return from_plain(Report, json.loads(text))
    alone = from_plain(Alone, json.loads(text))
    state.inventory = Inventory(alone.source)
    return alone.report


def _cells(state: _Bench) -> list[Verdict]:
    return [verdict for verdicts in state.verdicts.values() for verdict in verdicts]


def _unsigned(state: _Bench) -> None:
    """Releases that a service kept from being signed: what their rows lack is not the team's to mend."""
    for name, blind in state.seal.undecided.items():
        state.refused.setdefault(name, blind.reason)
        state.unsure.setdefault(name, blind)


def _refused(state: _Bench) -> dict[str, str]:
    """Releases that must not be signed, each with its reason: a cell of act 1 that is not open, or bytes that moved."""
    reasons: dict[str, str] = {}
    cells = _cells(state)
    for release in state.ask.releases:
        mine = [cell for cell in cells if cell.release == release.name]
        shut = [cell for cell in mine if cell.outcome not in OPEN]
        # A fail speaks before what is undecided, as it does in the exit code.
        shut.sort(key=lambda cell: cell.outcome is Outcome.UNDECIDED)
        denied = state.ask.policy.controls.deployment.denied
        moved = [f"the policy denies `{a.name}`" for a in release.artifacts if a.digest.value in denied]
        moved += [f.message for f in state.ask.changed() if f.release in (None, release.name)]
        if moved:
            reasons[release.name] = moved[0]
            state.unsure.pop(release.name, None)
        elif shut or not mine:
            reasons[release.name] = f"{shut[0].control} is {shut[0].outcome.value}" if shut else "act 1 gave no verdict"
            state.unsure.pop(release.name, None)
            if shut and shut[0].outcome is Outcome.UNDECIDED:
                why = f"not signed: {reasons[release.name]}"
                state.unsure[release.name] = Blind(why, "see the row that is undecided", release.name)
    return reasons


def _sentence(reports: Iterable[Report]) -> tuple[Clause, ...]:
    clauses = [clause for report in reports for clause in report.clauses]
    order = {topic: number for number, topic in enumerate(TOPICS)}
    return tuple(sorted(clauses, key=lambda clause: (clause.artifact, order.get(clause.topic, len(order)))))


def _rules(reports: Iterable[Report]) -> tuple[Rule, ...]:
    rules = {rule.id: rule for report in reports for rule in report.rules}
    rules |= {rule.id: rule for rule in (judge.NOTHING_EXAMINED, judge.POLICY_CHANGED, SIGNING_REFUSED)}
    return tuple(rules[name] for name in sorted(rules))
