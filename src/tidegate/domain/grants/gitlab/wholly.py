"""All that the rules say about a repository's GitLab pipelines, each fact once."""

import re
from collections.abc import Iterable, Iterator

from tidegate.domain.grants.gitlab import guarding, scripts, sources, tokens
from tidegate.domain.grants.gitlab.look import Look
from tidegate.domain.grants.gitlab.variables import carriers
from tidegate.domain.grants.rules import MALFORMED
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.inventory import Inventory
from tidegate.model.pipeline import Pipeline

_NAMED = re.compile(r"(?:.*[/.])?gitlab-ci\.ya?ml", re.DOTALL | re.IGNORECASE)
SETTINGS = (
    "not examined here, since only GitLab's settings say it: the pipeline file's path, protected branches, tags and "
    "environments, the job token's allowlist, who may set pipeline variables, whether pipelines of forks run here"
)


def notes(inventory: Inventory) -> Iterator[str]:
    """What no file says, and files that are named like a pipeline's and belong to none."""
    if not inventory.pipelines:
        return
    yield SETTINGS
    read = {path for pipeline in inventory.pipelines for path in (*pipeline.files, *pipeline.unread)}
    apart = [file.path for file in inventory.files if _NAMED.fullmatch(file.path) and file.path not in read]
    if apart:
        yield f"{len(apart)} files are named like pipelines and included by none, first `{shown(apart[0], 120)}`"


def findings(pipelines: Iterable[Pipeline]) -> Iterator[Finding]:
    """In the order of the files; files that several pipelines include are told of once."""
    told: set[tuple[str, str, str, Place | None]] = set()
    for finding in _all(pipelines):
        key = (finding.rule, finding.about, finding.message, finding.place)
        if key not in told:
            told.add(key)
            yield finding


def _all(pipelines: Iterable[Pipeline]) -> Iterator[Finding]:
    for pipeline in pipelines:
        for problem in pipeline.problems:
            yield found(MALFORMED, problem.about, problem.message, place=Place(problem.about, problem.line))
        carried = carriers(pipeline.variables, {})
        looks = [Look(pipeline, job, carried) for job in pipeline.jobs]
        yield from sources.check_pipeline(pipeline, looks)
        yield from tokens.check_pipeline(pipeline, looks)
        yield from guarding.check_pipeline(pipeline, looks)
        yield from scripts.check_splices(pipeline)
        for look in looks:
            yield from tokens.check(look)
            yield from scripts.check(look)
            yield from sources.check(look)
            yield from guarding.check(look)
