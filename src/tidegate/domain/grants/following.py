"""What a job runs besides its own steps: composite actions of the repository opened, called workflows found.

Nothing is followed twice and nothing for ever: circles and references that lead nowhere are told as such.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tidegate.formats.text import shown
from tidegate.model.workflow import Job, Step, Workflow

WORKFLOW, ACTION = "github-workflow", "github-action"
_REMOTE = re.compile(
    r"(?:(?:https|ssh|git)://)?(?:[^@/\s]{1,100}@)?github\.com[:/]([A-Za-z0-9-]{1,60})/([A-Za-z0-9._-]{1,120}?)(?:\.git)?/?"
)
MAX_OPENED = 200_000
"""Steps of composite actions that are followed, all jobs together."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A step and the file it stands in, which is an action's where the step is not the job's own."""

    step: Step
    path: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A reference that cannot be followed. `certain` says that it cannot run either."""

    path: str
    job: str
    line: int | None
    reference: str
    why: str
    certain: bool


def local(reference: str) -> str | None:
    """The repository path of a local reference (`./x`, `$/x`), None when it is none or leads out of the tree."""
    if not reference.startswith(("./", "$/")) and reference not in (".", "$"):
        return None
    path = posixpath.normpath(reference[2:].strip() or ".")
    return None if path.startswith(("..", "/")) else path


class Repository:
    """The workflows and actions of one repository, and who uses whom. `name` is its `owner/name`, "" when unknown."""

    def __init__(self, workflows: Sequence[Workflow], name: str = "") -> None:
        self.name = name
        self.flows = {each.path: each for each in workflows if each.dialect == WORKFLOW}
        self.actions = {each.path: each for each in workflows if each.dialect == ACTION}
        self._left = MAX_OPENED
        self._cut: set[str] = set()
        self._opened: dict[str, tuple[Worked, ...]] = {}
        nested = {path: self._used(_own(action)) for path, action in self.actions.items()}
        inner, self.circling = leaves_first(nested)
        for path in inner:
            self._opened[path] = self._unique(self._worked(self.actions[path]), path)
        for path in self.circling:
            self._opened[path] = self._worked(self.actions[path])
        calls = {path: self._called(flow) for path, flow in self.flows.items()}
        self.order, self.recursive = leaves_first(calls)
        self.jobs = {path: {job.id.lower(): job for job in flow.jobs} for path, flow in self.flows.items()}
        self.given = self._given()
        """For a called workflow and the name of one of its inputs, who gives it what."""

    def _given(self) -> dict[tuple[str, str], list[tuple[Workflow, Job, str]]]:
        given: dict[tuple[str, str], list[tuple[Workflow, Job, str]]] = {}
        for flow in self.flows.values():
            for job in flow.jobs:
                callee = self.callee(job)
                for name, value in job.with_ if callee is not None else ():
                    given.setdefault((callee.path if callee else "", name.lower()), []).append((flow, job, value))
        return given

    def steps(self, flow: Workflow, job: Job) -> tuple[Worked, ...]:
        """The job's steps, each followed by those of the composite action it uses; each once."""
        return self._unique(tuple(Worked(step, flow.path) for step in job.steps), flow.path)

    def callee(self, job: Job) -> Workflow | None:
        """The workflow of this repository that a job calls."""
        path = self._inside(job.calls) if job.calls else None
        return self.flows.get(path) if path else None

    def action_of(self, uses: str) -> str | None:
        """Where the definition of a local action is, None when the tree has none."""
        path = self._inside(uses)
        if path is None:
            return None
        folder = "" if path == "." else path + "/"
        return next((folder + name for name in ("action.yml", "action.yaml") if folder + name in self.actions), None)

    def published(self, uses: str) -> str:
        """What a local action is called from outside, where the repository's name is known."""
        path = local(uses)
        if path is None or not self.name:
            return uses
        return self.name if path == "." else f"{self.name}/{path}"

    def _inside(self, reference: str) -> str | None:
        """A path of this repository that a reference names, be it `./x` or `owner/name/x@ref`."""
        named = reference.partition("@")[0]
        if self.name and (named + "/").lower().startswith(self.name.lower() + "/"):
            return local("./" + named[len(self.name) + 1 :])
        return local(reference)

    def lost(self) -> Iterator[Lost]:
        """References that lead nowhere, in circles, or further than is followed; each once for its job."""
        yield from {(each.path, each.job, each.reference): each for each in reversed(list(self._lost()))}.values()

    def _lost(self) -> Iterator[Lost]:
        for path, flow in self.flows.items():
            for job in flow.jobs:
                yield from self._lost_call(path, job)
                for step in job.steps:
                    yield from self._lost_use(path, job.id, step)
        for path, action in self.actions.items():
            for step in _own(action):
                yield from self._lost_use(path, "", step)

    def _lost_call(self, path: str, job: Job) -> Iterator[Lost]:
        target = local(job.calls)
        if target is None:
            if job.calls.startswith(("./", "$/")):
                yield Lost(path, job.id, job.line, job.calls, "leads out of the repository", certain=True)
            return
        if target not in self.flows:
            yield Lost(path, job.id, job.line, job.calls, "is not among the workflows that were read", certain=True)
        elif target in self.recursive and path in self.recursive:
            yield Lost(path, job.id, job.line, job.calls, "leads back to the workflow that calls it", certain=True)

    def _lost_use(self, path: str, job: str, step: Step) -> Iterator[Lost]:
        if not step.uses.startswith(("./", "$/")):
            return
        target = self.action_of(step.uses)
        if target is None:
            yield Lost(path, job, step.line, step.uses, "is not in the tree before the job runs", certain=False)
        elif target in self.circling and path in self.circling:
            yield Lost(path, job, step.line, step.uses, "leads back to the action that uses it", certain=True)
        elif target in self._cut or path in self._cut:
            yield Lost(path, job, step.line, step.uses, f"is one of more than {MAX_OPENED} steps", certain=True)

    def _called(self, flow: Workflow) -> tuple[str, ...]:
        called = (self.callee(job) for job in flow.jobs)
        return tuple(dict.fromkeys(each.path for each in called if each is not None))

    def _used(self, steps: Iterable[Step]) -> tuple[str, ...]:
        used = (self.action_of(step.uses) for step in steps if step.uses)
        return tuple(dict.fromkeys(path for path in used if path is not None))

    def _worked(self, action: Workflow) -> tuple[Worked, ...]:
        return tuple(Worked(step, action.path) for step in _own(action))

    def _unique(self, own: tuple[Worked, ...], path: str) -> tuple[Worked, ...]:
        if not self._used(each.step for each in own):
            return own
        found: dict[Worked, None] = {}
        for each in own:
            found[each] = None
            target = self.action_of(each.step.uses) if each.step.uses else None
            if target is None:
                continue
            more = self._opened.get(target, ())
            self._left -= len(more)
            if self._left < 0:
                self._cut.update((path, target))
                found.update(dict.fromkeys(own))
                break
            found.update(dict.fromkeys(more))
        return tuple(found)


def named_by(remote: str) -> str:
    """`owner/name` of a GitHub remote, "" when it is another's or odd."""
    match = _REMOTE.fullmatch(remote)
    return f"{match[1]}/{match[2]}" if match else ""


def leaves_first(edges: Mapping[str, Iterable[str]]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Nodes in an order where everything a node leads to comes before it, and the nodes in or between circles."""
    pending = {node: set(targets) & edges.keys() for node, targets in edges.items()}
    ordered = _peel(pending)
    back: dict[str, set[str]] = {node: set() for node in edges if node not in ordered}
    for node in back:
        for target in edges[node]:
            if target in back:
                back[target].add(node)
    above = _peel({node: set(sources) for node, sources in back.items()})
    circles = frozenset(back) - above.keys()
    # What only leads into a circle comes last, nearest to it first.
    return (*ordered, *reversed(above)), circles


def _peel(pending: dict[str, set[str]]) -> dict[str, None]:
    """Take out, again and again, what waits for nothing."""
    waiting: dict[str, list[str]] = {node: [] for node in pending}
    for node, targets in pending.items():
        for target in targets:
            waiting[target].append(node)
    ready = [node for node, targets in pending.items() if not targets]
    ordered: dict[str, None] = {}
    while ready:
        node = ready.pop()
        ordered[node] = None
        for other in waiting[node]:
            pending[other].discard(node)
            if not pending[other]:
                ready.append(other)
    return ordered


def described(lost: Lost) -> str:
    return f"`{shown(lost.reference, 160)}` {lost.why}"


def _own(action: Workflow) -> tuple[Step, ...]:
    return tuple(step for job in action.jobs for step in job.steps)
