"""One job of a pipeline as the rules look at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tidegate.domain.grants.gitlab import starting
from tidegate.domain.grants.gitlab.expressions import Truth
from tidegate.domain.grants.gitlab.reading import read
from tidegate.formats.text import shown
from tidegate.model.finding import Place
from tidegate.model.pipeline import At, Command, Pipeline, PipelineJob


@dataclass(frozen=True)
class Look:
    """A job and the pipeline it is in. `title` is its name as messages may show it.

    `carried` are the pipeline's variables that are made of text others write, each with the one it is made of.
    """

    pipeline: Pipeline
    job: PipelineJob
    carried: Mapping[str, str] = field(default_factory=dict)

    @property
    def about(self) -> str:
        return f"{self.job.at.path}#{self.job.name}"

    @property
    def title(self) -> str:
        return shown(self.job.name, 80)

    @cached_property
    def merge_requests(self) -> Truth:
        return starting.by_merge_requests(self.job, self.pipeline)

    @cached_property
    def branches(self) -> Truth:
        return starting.by_any_branch(self.job, self.pipeline)

    @cached_property
    def publishes(self) -> tuple[str, Command] | None:
        """What it publishes with, and where."""
        for command in self.job.commands:
            what = read(command.text).publishes
            if what:
                return what, command
        return None

    @cached_property
    def deploys(self) -> tuple[str, Command] | None:
        for command in self.job.commands:
            what = read(command.text).deploys
            if what:
                return what, command
        return None

    @property
    def holds(self) -> str:
        """The kind of credential the job asks for, "" when it asks for none."""
        if self.job.id_tokens:
            return f"id token `{shown(self.job.id_tokens[0].name, 80)}`"
        return f"secret `{shown(self.job.secrets[0], 80)}`" if self.job.secrets else ""

    @property
    def matters(self) -> bool:
        """Would foreign code in this job get at more than a build?"""
        return bool(self.holds or self.job.environment or self.publishes or self.deploys)


def place(at: At) -> Place:
    return Place(at.path, at.line)
