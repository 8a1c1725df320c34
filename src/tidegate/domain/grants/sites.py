"""Each job as the rules look at it: what its token may do, what can start it, and every step it runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tidegate.domain.grants.following import Repository, Worked
from tidegate.domain.grants.permissions import Permissions, effective
from tidegate.domain.grants.reach import reached
from tidegate.model.finding import Place
from tidegate.model.workflow import Job, Workflow

CALL = "workflow_call"


@dataclass(frozen=True, slots=True)
class Site:
    """`events` are those that can start the job, through the workflows that call it too."""

    flow: Workflow
    job: Job
    held: Permissions | None
    events: frozenset[str]
    steps: tuple[Worked, ...]

    @property
    def about(self) -> str:
        return f"{self.flow.path}#{self.job.id}"

    @property
    def place(self) -> Place:
        return Place(self.flow.path, self.job.line)

    def may(self, scope: str) -> bool:
        """Is this scope, or everything, granted for writing?"""
        return any(level == "write" and name in (scope, "*") for name, level in self.held or ())

    def writes(self) -> tuple[str, ...]:
        return tuple(name for name, level in self.held or () if level == "write")

    def at(self, scope: str) -> Place:
        """Where the scope is granted, else where the job is."""
        own = self.job.permissions is not None
        lines = dict(self.job.scope_lines if own else self.flow.scope_lines)
        block = self.job.permissions_line if own else self.flow.permissions_line
        return Place(self.flow.path, lines.get(scope) or block or self.job.line)


def sites(repository: Repository) -> Iterator[Site]:
    """Every job; callers come before the workflows they call, so that those know who starts them."""
    started: dict[str, frozenset[str]] = {}
    lent: dict[str, list[Permissions | None]] = {}
    for path in (*sorted(repository.recursive), *reversed(repository.order)):
        flow = repository.flows[path]
        events = reached(flow)
        for job in flow.jobs:
            held = _held(flow, job, lent.get(path, ()))
            every = events[job.id] - {CALL}
            if CALL in events[job.id]:
                every |= started.get(path, frozenset())
            callee = repository.callee(job)
            if callee is not None:
                started[callee.path] = started.get(callee.path, frozenset()) | every
                lent.setdefault(callee.path, []).append(held)
            yield Site(flow, job, held, every, repository.steps(flow, job))


def _held(flow: Workflow, job: Job, lent: Sequence[Permissions | None]) -> Permissions | None:
    """The job's token; a called workflow without a block gets what its callers have, all of it together."""
    held = effective(flow, job)
    if held is not None or set(flow.triggers) != {CALL} or not lent or any(each is None for each in lent):
        return held
    return tuple(sorted({pair for each in lent for pair in each or ()}))
