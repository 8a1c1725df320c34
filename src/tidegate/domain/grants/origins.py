"""Where a text of a workflow comes from: does somebody outside choose it, through however many names it has gone?"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tidegate.domain.grants.following import Repository, Worked
from tidegate.domain.grants.reach import plain
from tidegate.domain.grants.sites import Site
from tidegate.model.workflow import Job, Step

MAX_STEPS = 6
"""Names in names that are followed."""
MAX_TEXT = 4_000
MAX_ATOMS = 300
"""Names that are looked up for one job; past them everything is taken to come from outside."""
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
    left: list[int] = field(default_factory=lambda: [MAX_ATOMS])
    known: dict[str, Chosen] = field(default_factory=dict)

    def chosen(self, text: str, depth: int = 0) -> Chosen:
        """Who chooses what a text with expressions says?"""
        if text not in self.known:
            # What leads back to itself says nothing more.
            self.known[text] = None
            self.known[text] = self._chosen(text, depth)
        return self.known[text]

    def _chosen(self, text: str, depth: int) -> Chosen:
        if _PULLED.search(text[:MAX_TEXT]):
            return True
        answers = [
            self._atom(atom, self.site.job, depth)
            for expression in _EXPRESSION.findall(text[:MAX_TEXT])
            for atom in _ATOM.findall(plain(expression))[:MAX_ATOMS]
        ]
        return either(answers)

    def _atom(self, atom: str, job: Job, depth: int) -> Chosen:
        self.left[0] -= 1
        if self.left[0] < 0:
            return True
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
        return _of_step(rest, job) if root == "steps" else None

    def _environment(self, name: str) -> Iterator[str]:
        around = (*self.site.flow.env, *self.site.job.env)
        for key, value in (*around, *(pair for worked in self.site.steps for pair in worked.step.env)):
            if key.lower() == name:
                yield value

    def _inputs(self, name: str, depth: int) -> Chosen:
        given = [worked.step.given(name) for worked in self.site.steps if worked.step.uses.startswith(("./", "$/"))]
        calls = self.repository.given.get((self.site.flow.path, name), [])
        answers = [self._values((each for each in given if each), depth)] if any(given) else []
        for flow, job, value in calls:
            outer = Names(Site(flow, job, None, frozenset(), ()), self.repository, self.left)
            answers.append(outer.chosen(value, depth + 1))
            if True in answers:
                break
        return either(answers) if answers else None if "workflow_call" in self.site.flow.triggers else False

    def _needed(self, rest: list[str], depth: int) -> Chosen:
        job = self.repository.jobs.get(self.site.flow.path, {}).get(rest[0])
        if job is None or len(rest) < 3:
            return None
        value = next((value for key, value in job.outputs if key.lower() == rest[2]), "")
        if not value or depth > MAX_STEPS:
            return None
        site = Site(
            self.site.flow, job, None, frozenset(), tuple(Worked(step, self.site.flow.path) for step in job.steps)
        )
        other = Names(site, self.repository, self.left)
        return other.chosen(value, depth + 1)

    def _values(self, values: Iterable[str], depth: int) -> Chosen:
        answers = [self.chosen(value, depth + 1) for value in values]
        return either(answers) if answers else None


def either(answers: Iterable[Chosen]) -> Chosen:
    """One choice of an outsider is enough."""
    every = set(answers)
    return True if True in every else None if None in every else False


def _of_step(rest: list[str], job: Job) -> Chosen:
    if rest[-1].startswith(("base", "default")):
        return None
    step = next((step for step in job.steps if step.id.lower() == rest[0]), None)
    return True if step is not None and _ASKS.search(_text(step)) else None


def _text(step: Step) -> str:
    return "\n".join((step.uses, step.run[:MAX_TEXT], *(value[:MAX_TEXT] for _, value in (*step.with_, *step.env))))
