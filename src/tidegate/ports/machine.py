"""The machine we run on: its clock, its CI, and the processes that share the work."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from tidegate.late import dataclass
from tidegate.model.inventory import Source

T = TypeVar("T")


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time in UTC. No flag or variable sets it."""
        ...


@dataclass(frozen=True, slots=True)
class Fact:
    """One CI fact: `source` is oidc, api, env or git; `verified` only when a signature or git itself proves it."""

    name: str
    value: str
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class CIFacts:
    """The CI we run in; `private` is None when it does not say.

    `system` is github, gitlab, buildkite, circleci, azure, jenkins or local.
    """

    system: str
    facts: tuple[Fact, ...]
    private: bool | None = None
    fork: bool = False

    def get(self, name: str) -> str:
        return next((fact.value for fact in self.facts if fact.name == name), "")


class CI(Protocol):
    def facts(self, source: Source) -> CIFacts:
        """Facts from the environment, each with its source; names as in docs/ci-facts.md."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """Work for a worker process: `task` names it (a row id, `inventory`, `payloads`), `payload` is JSON."""

    id: str
    task: str
    payload: str


@dataclass(frozen=True, slots=True)
class Done:
    """How a job ended: `text` is its result, or `failed` says why there is none (crash, deadline, too much output)."""

    id: str
    text: str = ""
    failed: str = ""
    hint: str = ""


class Workers(Protocol):
    def run(self, jobs: Iterable[Job], deadline: float) -> Iterator[Done]:
        """Run jobs side by side without tokens in their environment; at `deadline` seconds every unfinished one is
        killed with its process group. Exactly one Done a job, in the order they end."""
        ...


class Crew(Protocol):
    """Processes that share one piece of work. They hold no token, and end with the one that asks."""

    @property
    def hands(self) -> int:
        """How many work at a time; 1 where there is nobody to share with."""
        ...

    def map(self, work: Callable[[T], bytes], parts: Sequence[T]) -> Iterator[bytes]:
        """What `work` answers to each part, in their order. One process keeps what `work` remembers from part to part.

        Raises the UserError, FormatError or UndecidedError that `work` raised; UndecidedError when a process was lost.
        """
        ...


class NoCrew:
    """Implements `Crew` without anyone else."""

    hands = 1

    def map(self, work: Callable[[T], bytes], parts: Sequence[T]) -> Iterator[bytes]:
        return map(work, parts)
