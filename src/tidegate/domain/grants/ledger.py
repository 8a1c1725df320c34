"""The grant ledger: each job's token, each scope it may write, and the reason found for it, or that none was."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tidegate.domain.grants import known_actions, scopes
from tidegate.domain.grants.following import Repository, described, local
from tidegate.domain.grants.permissions import Permissions, effective
from tidegate.domain.grants.reasons import Reason, reasons
from tidegate.domain.grants.rules import LOST_CALL, UNEXPLAINED
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Level, Place, found
from tidegate.model.workflow import Job, Workflow

Reasons = Mapping[str, Reason]
MOST_CALLERS = 100


@dataclass(frozen=True, slots=True)
class Grant:
    """One scope a job's token may write; `scope` is `*` where a shorthand grants all of them at once."""

    path: str
    job: str
    scope: str
    line: int | None
    from_: str
    """`job` or `workflow`: whose block grants it."""
    reason: Reason | None = None

    @property
    def about(self) -> str:
        return f"{self.path}#{self.job}#{self.scope}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One job. `held` is None where neither job nor workflow says anything; `wants` is what its steps show."""

    path: str
    job: str
    line: int | None
    held: Permissions | None
    from_: str
    grants: tuple[Grant, ...]
    wants: tuple[str, ...]
    calls: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """`called_by` names for each called workflow the jobs that call it (`path#job`), whose grants are its ceiling."""

    entries: tuple[Entry, ...] = ()
    called_by: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def grants(self) -> tuple[Grant, ...]:
        return tuple(grant for entry in self.entries for grant in entry.grants)

    @property
    def explained(self) -> int:
        return sum(grant.reason is not None for grant in self.grants)


@dataclass(slots=True)
class _Books:
    repository: Repository
    demands: dict[str, dict[str, Reason]] = field(default_factory=dict)
    """What a called workflow asks its caller for."""


def keep(repository: Repository) -> Ledger:
    """The ledger of every workflow, by path, jobs in the file's order."""
    books = _Books(repository)
    for path in (*repository.order, *sorted(repository.recursive)):
        books.demands[path] = _demands(repository.flows[path], books)
    entries = (_entry(flow, job, books) for _, flow in sorted(repository.flows.items()) for job in flow.jobs)
    return Ledger(tuple(entries), _callers(repository))


def unexplained(ledger: Ledger) -> Iterator[Finding]:
    """Each grant without a reason, at its line, with the block to write; shorthands are told by their own rule."""
    for entry in ledger.entries:
        without = [grant.scope for grant in entry.grants if grant.reason is None]
        for grant in entry.grants:
            if grant.reason is None and grant.scope != scopes.EVERYTHING:
                block = narrower(entry, without)
                fix = f"write `{block}` for the job, or say what needs it in `controls.ci-tokens.grants` of the policy"
                place = Place(grant.path, grant.line)
                yield found(UNEXPLAINED, grant.about, _why_not(entry, grant), place=place, fix=fix)


def lost(repository: Repository) -> Iterator[Finding]:
    """References that cannot be followed; one that only exists while the job runs is a warning."""
    for each in repository.lost():
        about = f"{each.path}#{each.job}#{each.reference}"
        finding = found(LOST_CALL, about, described(each), place=Place(each.path, each.line))
        yield finding if each.certain else replace(finding, level=Level.WARN)


def _why_not(entry: Entry, grant: Grant) -> str:
    what = f"`{grant.scope}: write` in job `{shown(grant.job, 80)}`"
    if grant.from_ == "workflow":
        what += ", given by the whole workflow's block,"
    if not entry.calls:
        return f"{what} is needed by none of its steps, as far as is known"
    called = shown(entry.calls.partition("@")[0], 120)
    if local(entry.calls) is None:
        return f"{what} is handed to `{called}`, which is not in this repository and cannot be looked into"
    return f"{what} is handed to `{called}`, which asks for no such thing"


def narrower(entry: Entry, without: Sequence[str]) -> str:
    """The block to write instead: what was granted, but `without` lowered to what can be read."""
    block = {}
    for scope, level in entry.held or ():
        if scope == scopes.EVERYTHING:
            block.update({"contents": "read"} | dict.fromkeys(sorted(entry.wants), "write"))
        elif scope not in without or level != "write":
            block[scope] = level
        elif scope == "contents":
            block[scope] = "read"
    inside = ", ".join(f"{scope}: {level}" for scope, level in sorted(block.items()) if level != "none")
    return "permissions: {" + inside + "}"


def _entry(flow: Workflow, job: Job, books: _Books) -> Entry:
    held = effective(flow, job)
    wants = _wants(flow, job, books)
    from_ = "job" if job.permissions is not None else "workflow" if held is not None else "default"
    lines = dict(job.scope_lines if from_ == "job" else flow.scope_lines)
    block = job.permissions_line if from_ == "job" else flow.permissions_line
    grants = tuple(
        Grant(flow.path, job.id, scope, lines.get(scope, block), from_, _of(wants, scope))
        for scope, level in held or ()
        if level == "write"
    )
    return Entry(flow.path, job.id, job.line, held, from_, grants, tuple(sorted(wants)), job.calls)


def _of(wants: Reasons, scope: str) -> Reason | None:
    """Nothing needs everything: a shorthand is never explained, however much its job does."""
    return None if scope == scopes.EVERYTHING else wants.get(scope)


def _wants(flow: Workflow, job: Job, books: _Books) -> dict[str, Reason]:
    found: dict[str, Reason] = {}
    if job.calls:
        callee = books.repository.callee(job)
        if callee is not None:
            return dict(books.demands.get(callee.path, {}))
        for row in known_actions.known(job.calls):
            for scope in row.scopes:
                found.setdefault(scope, Reason("workflow", row.action, row.source, flow.path, job.line))
        return found
    for worked in books.repository.steps(flow, job):
        for scope, reason in reasons(worked, books.repository).items():
            found.setdefault(scope, reason)
    return found


def _demands(flow: Workflow, books: _Books) -> dict[str, Reason]:
    """What the jobs of a called workflow declare; those without a block get the caller's, and show what they need."""
    found: dict[str, Reason] = {}
    for job in flow.jobs:
        held = effective(flow, job)
        if held is None:
            for scope, reason in _wants(flow, job, books).items():
                found.setdefault(scope, reason)
        for scope, level in held or ():
            if level == "write":
                asked = scopes.WRITABLE if scope == scopes.EVERYTHING else (scope,)
                for each in sorted(asked):
                    found.setdefault(each, Reason("workflow", f"{flow.path}#{job.id}", "", flow.path, job.line))
    return found


def _callers(repository: Repository) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for path, called in _calls(repository):
        found.setdefault(called, []).append(path)
    return {called: tuple(sorted(paths)[:MOST_CALLERS]) for called, paths in found.items()}


def _calls(repository: Repository) -> Iterator[tuple[str, str]]:
    for path, flow in repository.flows.items():
        for job in flow.jobs:
            callee = repository.callee(job)
            if callee is not None:
                yield f"{path}#{job.id}", callee.path
