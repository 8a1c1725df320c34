"""What every report shows of a run, in which order, and what it counts as; no report decides that for itself."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from shlex import quote

from tidegate.model.control import Control, Scope
from tidegate.model.evidence import Coverage
from tidegate.model.exemption import Exemption, Origin
from tidegate.model.finding import Finding, Level, Rule
from tidegate.model.verdict import ExitCode, Judged, Outcome, Run, Standed, Standing, Verdict


class Kind(StrEnum):
    """What a finding does to the gate, gravest first."""

    ERROR = "error"
    WOULD_SHUT = "would shut"
    WARNING = "warning"
    ALLOWED = "allowed"


KINDS = tuple(Kind)
_ORDER = tuple(Control)
_VERDICTS = {ExitCode.OPEN: "open", ExitCode.SHUT: "shut", ExitCode.UNDECIDED: "undecided"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding, once, whatever number of releases it counts against. `why` is why it does not shut the gate yet."""

    control: Control
    judged: Judged
    kind: Kind
    why: str = ""

    @property
    def finding(self) -> Finding:
        return self.judged.finding


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of one release; `verdict` None where the run owes one."""

    control: Control
    release: str
    verdict: Verdict | None

    @property
    def outcome(self) -> Outcome:
        return Outcome.UNDECIDED if self.verdict is None else self.verdict.outcome

    @property
    def reasons(self) -> tuple[str, ...]:
        return ("the run holds no verdict on this row",) if self.verdict is None else self.verdict.reasons


def verdict_of(run: Run) -> str:
    """`open`, `shut` or `undecided`: the exit code as a word."""
    return _VERDICTS[run.exit_code]


def gate_of(run: Run) -> tuple[str, str]:
    """The verdict as a word and what it means for the gate. One row by itself never opens it."""
    word = {"open": "pass", "shut": "FAIL", "undecided": "UNDECIDED"}[verdict_of(run)]
    if _is_alone(run):
        return word, "this row alone" if word == "pass" else "this row shuts the gate"
    if run.scope is Scope.EXAMINE:
        return word, "what was examined" if word == "pass" else "the gate is shut"
    if run.scope is Scope.STAGED:
        return word, "what is staged" if word == "pass" else "this commit would shut the gate"
    return word, "the gate is open" if word == "pass" else "the gate is shut"


def _is_alone(run: Run) -> bool:
    return run.scope is Scope.EXAMINE and len(run.rows) == 1


def standing(run: Run) -> tuple[Standed, ...]:
    """What became of the exceptions; where one row alone was asked, only of those that speak of it."""
    alone = _is_alone(run) or run.scope is Scope.STAGED
    return tuple(each for each in run.exemptions if not alone or each.standing is not Standing.UNUSED)


def shown(run: Run) -> tuple[Shown, ...]:
    """Every finding once: fails first, then in the order of the baseline table, by rule and place."""
    seen: dict[Shown, None] = {}
    for verdict in run.verdicts:
        for judged in verdict.findings:
            seen.setdefault(_shown(verdict, judged))
    return tuple(sorted(seen, key=_order))


def _shown(verdict: Verdict, judged: Judged) -> Shown:
    if judged.exemption is not None:
        return Shown(verdict.control, judged, Kind.ALLOWED)
    if judged.level is Level.WARN:
        return Shown(verdict.control, judged, Kind.WARNING)
    if verdict.outcome is Outcome.WOULD_SHUT:
        return Shown(verdict.control, judged, Kind.WOULD_SHUT, "; ".join(verdict.reasons))
    return Shown(verdict.control, judged, Kind.ERROR)


def _order(item: Shown) -> tuple[int, int, str, str, int, int, str, str]:
    place, found = item.finding.place, item.finding
    spot = ("", 0, 0) if place is None else (place.path, place.line or 0, place.column or 0)
    return (KINDS.index(item.kind), _ORDER.index(item.control), found.rule, *spot, found.about, found.message)


def releases(run: Run) -> tuple[str, ...]:
    """The names of the releases, then names that only verdicts know: what does not fit together is shown too."""
    return tuple(dict.fromkeys([r.name for r in run.releases] + [v.release for v in run.verdicts]))


def cells(run: Run) -> Iterator[Cell]:
    """Every cell of the table, release by release, in baseline order; owed ones without a verdict included.

    Where one row alone was asked, the others are not shown.
    """
    alone = _is_alone(run)
    held: dict[tuple[Control, str], list[Verdict]] = {}
    for verdict in run.verdicts:
        if alone and verdict.outcome is Outcome.LATER:
            continue
        held.setdefault((verdict.control, verdict.release), []).append(verdict)
    owed = {(row, release.name) for row in run.rows for release in run.releases}
    for name in releases(run):
        for control in _ORDER:
            verdicts = held.get((control, name), [])
            yield from (Cell(control, name, verdict) for verdict in verdicts)
            if not verdicts and (control, name) in owed:
                yield Cell(control, name, None)


def tally(run: Run) -> str:
    """`2 of 8 rows failed, 1 undecided, 5 pass`: every cell is in exactly one of the counts."""
    count = Counter(cell.outcome for cell in cells(run))
    total = count.total()
    parts = [f"{count[Outcome.FAIL]} of {total} rows failed"] if count[Outcome.FAIL] else []
    for outcome in (Outcome.UNDECIDED, Outcome.WOULD_SHUT, Outcome.PASS, Outcome.NOT_REQUIRED, Outcome.LATER):
        if count[outcome]:
            parts.append(f"{count[outcome]} {outcome}" if parts else f"{count[outcome]} of {total} rows {outcome}")
    return ", ".join(parts) or "no row was judged"


def result(cell: Cell) -> str:
    """The word of a cell; shouting where the gate is shut, so that it needs no colour."""
    if cell.verdict is None or cell.outcome is Outcome.UNDECIDED:
        return "UNDECIDED"
    shut = sum(judged.shuts for judged in cell.verdict.findings)
    if cell.outcome is Outcome.FAIL:
        return f"FAIL  {shut}"
    return f"would shut  {shut}" if cell.outcome is Outcome.WOULD_SHUT else str(cell.outcome)


def evidence(cell: Cell) -> str:
    """What a cell rests on: how much was looked at, out of how much, and what was let pass."""
    if cell.verdict is None or cell.outcome in (Outcome.NOT_REQUIRED, Outcome.LATER):
        return "; ".join(cell.reasons)
    parts = [reach(coverage) for coverage in cell.verdict.coverage] or ["nothing says what was examined"]
    warned = sum(j.level is Level.WARN and j.exemption is None for j in cell.verdict.findings)
    allowed = sum(j.exemption is not None for j in cell.verdict.findings)
    parts += [f"{warned} {'warning' if warned == 1 else 'warnings'}"] if warned else []
    parts += [f"{allowed} allowed"] if allowed else []
    return ", ".join(parts)


def reach(coverage: Coverage) -> str:
    """`42 of 42 packages (a remark)`."""
    remark = f" ({coverage.detail})" if coverage.detail else ""
    return f"{coverage.examined} of {coverage.expected} {coverage.what}{remark}"


def until(exemption: Exemption) -> str:
    """When an exemption ends."""
    if exemption.expires is not None:
        return f"until {exemption.expires}"
    if exemption.origin is Origin.GRANT:
        return "while the job holds it"
    return "for this version" if exemption.origin is Origin.VEX else "until fixed"


def seconds(run: Run) -> str:
    """How long the run took (`3.8 s`), "" when its times do not say."""
    try:
        took = (datetime.fromisoformat(run.finished) - datetime.fromisoformat(run.started)).total_seconds()
    except (ValueError, TypeError):
        return ""
    return f"{took:.1f} s" if took >= 0 else ""


def rules(run: Run) -> dict[str, Rule]:
    """Rules by id; the first of an id counts."""
    known: dict[str, Rule] = {}
    for rule in run.rules:
        known.setdefault(rule.id, rule)
    return known


def remarks(run: Run) -> tuple[str, ...]:
    """Standing warnings, the run's own first."""
    if not run.policy.first_adoption:
        return run.notes
    return ("first adoption: there is no policy at the base, the built-in `baseline` is in force", *run.notes)


def explaining(rule: str) -> str:
    """The command that explains a rule, safe to paste into a shell."""
    return f"tidegate explain {quote(rule)}" if rule else "tidegate explain"


def _verifying(run: Run) -> str:
    """The command that verifies the first artifact with this run's evidence; production has a policy of its own."""
    first = next((artifact.path for release in run.releases for artifact in release.artifacts), "")
    if not first or not run.evidence:
        return "tidegate verify"
    return f"tidegate verify {quote(first)} --evidence {quote(run.evidence)} --policy {quote(run.policy.path)}"


def next_step(run: Run) -> str:
    """What to type or do now, "" when there is nothing."""
    if run.exit_code is ExitCode.OPEN:
        return {Scope.CHECK: _verifying(run), Scope.EXAMINE: "tidegate check", Scope.STAGED: "tidegate review"}.get(
            run.scope, ""
        )
    if run.exit_code is ExitCode.SHUT:
        errors = (item.finding.rule for item in shown(run) if item.kind is Kind.ERROR)
        return explaining(next(errors, ""))
    hints = (v.hint for v in run.verdicts if v.outcome is Outcome.UNDECIDED and v.hint)
    return next(hints, "mend what is undecided, then run it again")
