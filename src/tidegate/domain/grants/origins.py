"""Where a text of a workflow comes from: does somebody outside choose it, through however many names it has gone?"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tidegate.domain.grants.following import Repository
from tidegate.domain.grants.reach import plain
from tidegate.domain.grants.sites import Site
from tidegate.model.workflow import Job, Step

MAX_STEPS = 6
"""Names in names that are followed."""
MAX_TEXT = 4_000
MAX_ATOMS = 200
Chosen = bool | None
"""True: somebody outside chooses it; False: nobody outside does; None: it cannot be told."""

_EXPRESSION = re.compile(r"\$\{\{(.{0,4000}?)\}\}", re.DOTALL)
_ATOM = re.compile(r"\b(?:github|env|inputs|needs|steps|matrix|jobs|event)(?:\.[\w*-]{1,100}){0,8}")
_TRUSTED = re.compile(
    r"github\.(?:sha|ref|ref_name|ref_type|base_ref|repository|repository_owner|repository_id|workflow_sha|workflow_ref"
    r"|workflow|event_name|run_id|run_number|run_attempt|server_url|api_url|token|job|workspace|action|actor"
    r"|triggering_actor|event\.repository\.[\w.]+|event\.pull_request\.base\.[\w.]+|event\.action"
    r"|event\.workflow_run\.(?:id|url|conclusion|event|name|workflow_id)"
    r"|event\.inputs\.[\w-]+|event\.release\.[\w.]+|event\.organization\.[\w.]+)"
)
_PULLED = re.compile(r"refs/pull/|(?:^|[^\w])pull/[^\s]*(?:head|merge)", re.IGNORECASE)
_ASKS = re.compile(r"pulls?\b|pull[-_]?request|\bpr\b|head", re.IGNORECASE)
"""How a step that finds a pull request's commit shows it."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that can be used in one job."""

    site: Site
    repository: Repository

    def chosen(self, text: str, depth: int = 0) -> Chosen:
        """Who chooses what a text with expressions says?"""
        if _PULLED.search(text[:MAX_TEXT]):
            return True
        answers = [
            self._atom(atom, self.site.job, depth)
            for expression in _EXPRESSION.findall(text[:MAX_TEXT])
            for atom in _ATOM.findall(plain(expression))[:MAX_ATOMS]
        ]
        return either(answers)

    def _atom(self, atom: str, job: Job, depth: int) -> Chosen:
        root, *rest = atom.split(".")
        if depth > MAX_STEPS or not rest:
            return None if root != "github" or depth > MAX_STEPS else True
        if root == "github":
            return False if _TRUSTED.fullmatch(atom) else True if rest[0] in ("event", "head_ref") else None
        if root == "env":
            return self._values(self._environment(rest[0]), depth)
        if root == "inputs":
            return self._inputs(rest[0], depth)
        if root == "needs":
            return self._needed(rest, depth)
        return _of_step(rest[0], job) if root == "steps" else None

    def _environment(self, name: str) -> Iterator[str]:
        around = (*self.site.flow.env, *self.site.job.env)
        for key, value in (*around, *(pair for worked in self.site.steps for pair in worked.step.env)):
            if key.lower() == name:
                yield value

    def _inputs(self, name: str, depth: int) -> Chosen:
        given = [worked.step.given(name) for worked in self.site.steps if worked.step.uses.startswith(("./", "$/"))]
        calls = [
            (flow, job)
            for flow in self.repository.flows.values()
            for job in flow.jobs
            if job.calls and self.repository.callee(job) is self.site.flow
        ][:MAX_ATOMS]
        answers = [self._values((each for each in given if each), depth)] if any(given) else []
        for flow, job in calls:
            outer = Names(Site(flow, job, None, frozenset(), ()), self.repository)
            values = (value for key, value in job.with_ if key.lower() == name)
            answers.extend(outer.chosen(value, depth + 1) for value in values)
        return either(answers) if answers else None if "workflow_call" in self.site.flow.triggers else False

    def _needed(self, rest: list[str], depth: int) -> Chosen:
        job = next((job for job in self.site.flow.jobs if job.id.lower() == rest[0]), None)
        if job is None or len(rest) < 3:
            return None
        value = next((value for key, value in job.outputs if key.lower() == rest[2]), "")
        if not value or depth > MAX_STEPS:
            return None
        other = Names(Site(self.site.flow, job, None, frozenset(), self.repository.steps(self.site.flow, job)), self.repository)
        return other.chosen(value, depth + 1)

    def _values(self, values: Iterable[str], depth: int) -> Chosen:
        answers = [self.chosen(value, depth + 1) for value in values]
        return either(answers) if answers else None


def either(answers: Iterable[Chosen]) -> Chosen:
    """One choice of an outsider is enough."""
    every = set(answers)
    return True if True in every else None if None in every else False


def _of_step(id_: str, job: Job) -> Chosen:
    step = next((step for step in job.steps if step.id.lower() == id_), None)
    return True if step is not None and _ASKS.search(_text(step)) else None


def _text(step: Step) -> str:
    return "\n".join((step.uses, step.run[:MAX_TEXT], *(value[:MAX_TEXT] for _, value in (*step.with_, *step.env))))
