"""Checks that stop nothing, deployments nothing holds back, and what jobs hand over."""

import re
from collections.abc import Iterator, Sequence

from tidegate.domain.grants import gate_steps, shell
from tidegate.domain.grants.gitlab import starting
from tidegate.domain.grants.gitlab.deploying import is_named_so
from tidegate.domain.grants.gitlab.look import Look, place
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

# Jobs of GitLab's own templates, and programs whose exit code is a verdict.
_SECURITY_JOB = re.compile(
    r"(?:.{0,80}[-_:. ])?(?:sast|dast|secret[-_]detection|dependency[-_]scanning|container[-_]scanning|semgrep-sast"
    r"|gemnasium[a-z-]{0,40}|api[-_]fuzzing|license[-_]scanning|iac-sast|kics-iac-sast)(?:[-_:. ].{0,80})?",
    re.IGNORECASE,
)
_SCANNERS = frozenset(
    {
        "bandit",
        "checkov",
        "detect-secrets-hook",
        "gitleaks",
        "gosec",
        "govulncheck",
        "grype",
        "osv-scanner",
        "pip-audit",
    }
    | {"safety", "semgrep", "snyk", "tfsec", "trivy", "trufflehog", "zizmor", "kics"}
)
_SUBCOMMANDS = frozenset(
    {("bundle", "audit"), ("cargo", "audit"), ("cargo", "deny"), ("composer", "audit"), ("cosign", "verify")}
    | {("npm", "audit"), ("pnpm", "audit"), ("yarn", "audit"), ("slsa-verifier", "verify-artifact")}
)
_SHRUG = re.compile(r"\|\|\s*(?:true|:|exit +0|echo\b)")
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
    gate = gate_steps.is_named(job.name) or any(
        gate_steps.is_gate(Step(run=command.text)) for command in job.commands if gate_steps.NAME in command.text
    )
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
    return any(
        words[0] in _SCANNERS or words[:2] in _SUBCOMMANDS
        for command in look.job.commands
        for words in shell.commands(command.text)
    )


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
    for command in look.job.commands:
        if gate:
            # GitLab's runner itself sets `pipefail`.
            lost = gate_steps.swallowed(Step(run=f"set -o pipefail\n{command.text}"))
            if lost:
                yield f"`{shown(lost, 80)}` swallows its exit code", command.at
            elif command.section == "after_script" and gate_steps.is_gate(Step(run=command.text)):
                yield "the exit code of an `after_script` counts for nothing", command.at
        elif _SHRUG.search(command.text):
            yield f"`{shown(' '.join(command.text.split())[-60:], 80)}` swallows an exit code", command.at


def _deployment(look: Look) -> Iterator[Finding]:
    job = look.job
    doing = look.publishes or look.deploys
    named = is_named_so(job.name) or is_named_so(job.stage)
    starts = job.environment_action in ("", "start")
    if not job.environment and (doing or named) and job.name != "pages" and not job.trigger:
        what, at = (f"runs `{doing[0]}`", doing[1].at) if doing else ("is made to deploy", job.at)
        message = f"the job `{look.title}` {what} and has no `environment`"
        fix = "give the job an `environment`, protect it in the project's settings, and say who may deploy"
        yield found(PUBLISH_UNGUARDED, look.about, message, place=place(at), fix=fix)
    if not job.environment:
        return
    source = named_untrusted(job.environment)
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
    for look in looks:
        kept = look.job.artifacts
        if kept is None or not kept.dotenv or look.merge_requests is not True:
            continue
        for other in looks:
            if (
                other is not look
                and (other.deploys or other.holds or other.publishes)
                and other.merge_requests is not False
            ):
                message = f"the `dotenv` report of job `{look.title}` sets variables of `{other.title}`"
                yield found(DOTENV_OUTSIDE, look.about, message, place=place(kept.at))
                break
