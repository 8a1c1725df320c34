"""One job of a pipeline as the rules look at it."""

from dataclasses import dataclass
from functools import cached_property

from tidegate.domain.grants import publishing
from tidegate.domain.grants.following import Worked
from tidegate.domain.grants.gitlab import starting
from tidegate.domain.grants.gitlab.deploying import deploys
from tidegate.domain.grants.gitlab.expressions import Truth
from tidegate.formats.text import shown
from tidegate.model.finding import Place
from tidegate.model.pipeline import At, Command, Pipeline, PipelineJob, Variable
from tidegate.model.workflow import Step


@dataclass(frozen=True)
class Look:
    """A job and the pipeline it is in. `title` is its name as messages may show it."""

    pipeline: Pipeline
    job: PipelineJob

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
            what = publishing.publishes(Worked(Step(run=command.text), command.at.path))
            if what:
                return what, command
        return None

    @cached_property
    def deploys(self) -> tuple[str, Command] | None:
        for command in self.job.commands:
            what = deploys(command.text)
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

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The job's own, then the pipeline's."""
        return (*self.job.variables, *self.pipeline.variables)


def place(at: At) -> Place:
    return Place(at.path, at.line)
