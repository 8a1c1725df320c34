"""Tokens and secrets that more code, more events or more jobs can reach than need them."""

from collections.abc import Iterator
from dataclasses import replace

from tidegate.domain.grants import foreign_code, publishing
from tidegate.domain.grants.following import Repository
from tidegate.domain.grants.reach import OUTSIDE, OWN_BRANCHES
from tidegate.domain.grants.rules import (
    CREDENTIAL_LONG_LIVED,
    PUBLISH_UNGUARDED,
    SECRET_HANDED_OUT,
    SECRET_IN_WORKFLOW_ENV,
    SIGNING_EXPOSED,
    SIGNING_SHARED,
)
from tidegate.domain.grants.sites import Site
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Level, Place, found
from tidegate.model.workflow import Job, Workflow

IDENTITY = "id-token"
MOST_NAMED = 5


def check(site: Site, repository: Repository) -> Iterator[Finding]:
    """Findings about one job."""
    publishes = next((what for worked in site.steps if (what := publishing.publishes(worked))), "")
    yield from _shared(site, repository, publishes)
    yield from _exposed(site)
    yield from _unguarded(site, publishes)
    yield from _long_lived(site)
    yield from _handed_out(site, repository)


def in_environment(job: Job) -> bool:
    """Has a job an environment whatever happens? An expression may come out empty, or as the word `false`."""
    name = job.environment.strip()
    empty = "''" in name or ("&&" in name and "||" not in name)
    return bool(name) and not ("${{" in name and empty)


def check_environment(flow: Workflow) -> Iterator[Finding]:
    """Secrets in the environment of a whole workflow."""
    for name, value in flow.env:
        for secret in publishing.secrets(value):
            message = f"the secret `{shown(secret, 80)}` is in the environment of every job, as `{shown(name, 80)}`"
            place = Place(flow.path, flow.env_line)
            yield found(SECRET_IN_WORKFLOW_ENV, f"{flow.path}##{secret}", message, place=place)


def _shared(site: Site, repository: Repository, publishes: str) -> Iterator[Finding]:
    """A job that can sign or publish and runs code that is not its own."""
    stolen = next((name for name, _ in _credentials(site)), "") if publishes else ""
    if not site.may(IDENTITY) and not stolen:
        return
    for worked in site.steps:
        foreign = foreign_code.runs(worked, repository)
        if foreign:
            what = f"`{IDENTITY}: write`" if site.may(IDENTITY) else f"the publishing credential `{shown(stolen, 80)}`"
            at = f" (line {worked.step.line})" if worked.path == site.flow.path and worked.step.line else ""
            message = f"the job `{site.job.id}` has {what} and runs {foreign}{at}"
            yield found(SIGNING_SHARED, site.about, message, place=site.at(IDENTITY))
            return


def _exposed(site: Site) -> Iterator[Finding]:
    if not site.may(IDENTITY) or in_environment(site.job):
        return
    outside, own = sorted(site.events & OUTSIDE), sorted(site.events & OWN_BRANCHES)
    if not outside and not own:
        return
    events = ", ".join(f"`{event}`" for event in outside or own)
    message = f"the job `{site.job.id}` has `{IDENTITY}: write`, no `environment`, and is started by {events}"
    finding = found(SIGNING_EXPOSED, site.about, message, place=site.at(IDENTITY))
    if outside:
        yield finding
        return
    message += " (a fail only when people from outside can cause the event)"
    yield replace(finding, level=Level.WARN, message=message)


def _unguarded(site: Site, publishes: str) -> Iterator[Finding]:
    if publishes and not in_environment(site.job):
        message = f"the job `{site.job.id}` publishes with `{publishes}` and has no `environment`"
        yield found(PUBLISH_UNGUARDED, site.about, message, place=site.place)


def _long_lived(site: Site) -> Iterator[Finding]:
    for name, secret in dict(_credentials(site)).items():
        message = f"`{shown(name, 80)}` of job `{site.job.id}` is the secret `{shown(secret, 80)}`"
        yield found(CREDENTIAL_LONG_LIVED, f"{site.about}#{secret}", message, place=site.place)


def _credentials(site: Site) -> Iterator[tuple[str, str]]:
    around = (*site.flow.env, *site.job.env)
    for worked in site.steps:
        yield from publishing.long_lived(worked.step, around)


def _handed_out(site: Site, repository: Repository) -> Iterator[Finding]:
    given: dict[str, list[str]] = {}
    places: dict[str, Place] = {}
    for worked in site.steps:
        step = worked.step
        if step.uses and not foreign_code.trusted(step, repository):
            action = step.uses.partition("@")[0]
            secrets = [each for _, value in step.with_ for each in publishing.secrets(value)]
            if secrets:
                given.setdefault(action, []).extend(secrets)
                places.setdefault(action, Place(worked.path, step.line))
    for action, secrets in given.items():
        named = ", ".join(f"`{shown(each, 80)}`" for each in list(dict.fromkeys(secrets))[:MOST_NAMED])
        message = f"`{shown(action, 120)}` in job `{site.job.id}` is given {named}"
        yield found(SECRET_HANDED_OUT, f"{site.about}#{action}", message, place=places[action])
