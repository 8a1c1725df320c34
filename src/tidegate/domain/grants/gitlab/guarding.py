"""Checks that stop nothing, deployments nothing holds back, and what jobs hand over."""

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tidegate.domain.grants import gate_scripts, gate_steps
from tidegate.domain.grants.gitlab import starting
from tidegate.domain.grants.gitlab.deploying import is_named_so
from tidegate.domain.grants.gitlab.look import Look, place
from tidegate.domain.grants.gitlab.reading import read
from tidegate.domain.grants.gitlab.rules import (
    DEBUG_ON,
    DEPLOY_OVERLAPS,
    DOTENV_OUTSIDE,
    FIELD_UNTRUSTED,
    SECURITY_TOOTHLESS,
    TRIGGER_UNAWAITED,
    UNTRACKED_KEPT,
    VARIABLES_FORWARDED,
)
from tidegate.domain.grants.gitlab.variables import named_untrusted
from tidegate.domain.grants.rules import GATE_TOOTHLESS, PUBLISH_UNGUARDED
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, found
from tidegate.model.pipeline import At, Pipeline
from tidegate.model.workflow import Step

# Jobs of GitLab's own templates.
_SECURITY_JOB = re.compile(
    r"(?:.{0,80}[-_:. ])?(?:sast|dast|secret[-_]detection|dependency[-_]scanning|container[-_]scanning|semgrep-sast"
    r"|gemnasium[a-z-]{0,40}|api[-_]fuzzing|license[-_]scanning|iac-sast|kics-iac-sast)(?:[-_:. ].{0,80})?",
    re.IGNORECASE,
)
# GitLab's runner starts a script with `set -eo pipefail`, as this name stands for.
_SHELL = "bash"
_OFF = ("", "false")
_DEBUG = frozenset({"CI_DEBUG_TRACE", "CI_DEBUG_SERVICES"})


def check(look: Look) -> Iterator[Finding]:
    """Findings about one job."""
    yield from _toothless(look)
    yield from _deployment(look)
    yield from _artifacts(look)
    yield from _trigger(look)


def _toothless(look: Look) -> Iterator[Finding]:
    job = look.job
    gate = gate_steps.is_named(job.name) or any(read(command.text).gate for command in job.commands)
    if not gate and not _is_security(look):
        return
    for fault, at in (*_of_job(look), *_of_commands(look, gate)):
        if gate:
            message = f"the gate in job `{look.title}` does not hold: {fault}"
            yield found(GATE_TOOTHLESS, look.about, message, place=place(at))
        else:
            message = f"the security job `{look.title}` stops nothing: {fault}"
            yield found(SECURITY_TOOTHLESS, look.about, message, place=place(at))
        return


def _is_security(look: Look) -> bool:
    if any(_SECURITY_JOB.fullmatch(name) for name in (look.job.name, *look.job.parents)):
        return True
    return any(read(command.text).scans for command in look.job.commands)


def _of_job(look: Look) -> Iterator[tuple[str, At]]:
    job = look.job
    if job.allow_failure.lower() not in (*_OFF, "no", "off"):
        yield f"`allow_failure: {shown(job.allow_failure, 40)}`", job.at
    if starting.never(job):
        yield "its rules keep it out of every pipeline", job.at
    elif job.when == "manual" and not job.rules:
        yield "`when: manual`", job.at
    for rule in job.rules or ():
        if rule.allow_failure.lower() not in (*_OFF, "no", "off"):
            yield "`allow_failure` in its rules", rule.at
        elif (rule.when or job.when) == "manual":
            yield "`when: manual` in its rules", rule.at


def _of_commands(look: Look, gate: bool) -> Iterator[tuple[str, At]]:
    if gate:
        yield from _of_gate(look)
        return
    for command in look.job.commands:
        if read(command.text).shrugs:
            yield f"`{shown(read(command.text).shrugs, 80)}` swallows an exit code", command.at


def _of_gate(look: Look) -> Iterator[tuple[str, At]]:
    """`before_script` and `script` are one script of one shell; what is after them counts for nothing."""
    every = [command for command in look.job.commands if read(command.text).gate]
    gates = [command for command in every if not read(command.text).writes] or every
    one = [
        command
        for command in look.job.commands
        if command.section in ("before_script", "script") and (command in gates or not read(command.text).writes)
    ]
    lost = _lost("\n".join(command.text for command in one))
    if lost and gates:
        yield lost, gates[0].at
    if gates and not any(command in one for command in gates):
        yield f"the exit code of `{gates[0].section}` counts for nothing", gates[0].at


@lru_cache(maxsize=1024)
def _lost(script: str) -> str:
    return gate_scripts.fault(Step(run=script, shell=_SHELL))


def _deployment(look: Look) -> Iterator[Finding]:
    job = look.job
    doing = look.publishes or look.deploys
    named = (is_named_so(job.name) or is_named_so(job.stage)) and not any(read(each.text).gate for each in job.commands)
    starts = job.environment_action in ("", "start")
    if not job.environment and (doing or named) and job.name != "pages" and not job.trigger:
        what, at = (f"runs `{doing[0]}`", doing[1].at) if doing else ("is made to deploy", job.at)
        message = f"the job `{look.title}` {what} and has no `environment`"
        fix = "give the job an `environment`, protect it in the project's settings, and say who may deploy"
        yield found(PUBLISH_UNGUARDED, look.about, message, place=place(at), fix=fix)
    if not job.environment:
        return
    # Behind a fixed beginning (`review/…`) a branch name reaches no environment but those that are meant.
    source = named_untrusted(job.environment) if job.environment.startswith("$") else ""
    if source and (doing or look.holds):
        message = f"the environment of job `{look.title}` is chosen by `{source}`"
        yield found(FIELD_UNTRUSTED, look.about, message, place=place(job.at))
    if starts and not job.resource_group and "$" not in job.environment and doing:
        message = f"the job `{look.title}` deploys to `{shown(job.environment, 80)}` without a `resource_group`"
        yield found(DEPLOY_OVERLAPS, look.about, message, place=place(job.at))


def _artifacts(look: Look) -> Iterator[Finding]:
    kept = look.job.artifacts
    if kept is not None and kept.untracked:
        message = f"the job `{look.title}` keeps every untracked file"
        yield found(UNTRACKED_KEPT, look.about, message, place=place(kept.at))


def _trigger(look: Look) -> Iterator[Finding]:
    trigger = look.job.trigger
    if trigger is None:
        return
    if trigger.forwards_variables:
        message = f"the job `{look.title}` forwards `pipeline_variables`"
        yield found(VARIABLES_FORWARDED, look.about, message, place=place(trigger.at))
    if trigger.strategy not in ("depend", "mirror"):
        message = f"the job `{look.title}` does not wait for the pipeline it starts"
        yield found(TRIGGER_UNAWAITED, look.about, message, place=place(trigger.at))
    source = named_untrusted(f"{trigger.project} {trigger.branch}")
    if source and not (trigger.branch and not named_untrusted(trigger.project) and trigger.files):
        message = f"what the job `{look.title}` starts is chosen by `{source}`"
        yield found(FIELD_UNTRUSTED, look.about, message, place=place(trigger.at))


def check_pipeline(pipeline: Pipeline, looks: Sequence[Look]) -> Iterator[Finding]:
    """Debug switches wherever they stand, and variables that flow from merge requests into deployments."""
    seen = set()
    for variable in (*pipeline.variables, *(each for look in looks for each in look.job.variables)):
        if variable.name in _DEBUG and variable.value.lower() in ("true", "1", "yes", "on") and variable not in seen:
            seen.add(variable)
            message = f"`{variable.name}` is switched on"
            about = f"{variable.at.path}##{variable.name}"
            yield found(DEBUG_ON, about, message, place=place(variable.at))
    yield from _dotenv(looks)


def _dotenv(looks: Sequence[Look]) -> Iterator[Finding]:
    """A merge request's variables flow to deployments that can run in the same pipeline."""
    givers = [look for look in looks if look.job.artifacts and look.job.artifacts.dotenv]
    if not givers:
        return
    takers = (look for look in looks if look.deploys or look.publishes or look.holds)
    reached = list(itertools.islice((look for look in takers if look.merge_requests is not False), 2))
    for look in givers:
        other = next((each for each in reached if each is not look), None)
        if other is not None and look.merge_requests is True and look.job.artifacts is not None:
            message = f"the `dotenv` report of job `{look.title}` sets variables of `{other.title}`"
            yield found(DOTENV_OUTSIDE, look.about, message, place=place(look.job.artifacts.at))
