"""A sensor's observations become findings: mapped, graded by context, and never saying twice what we say ourselves."""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tidegate.domain.grants.audits import BY_IDENT, HYGIENE, When
from tidegate.domain.grants.permissions import effective, from_pull_requests, may_write
from tidegate.domain.grants.rules import (
    BROAD,
    CREDENTIAL_LONG_LIVED,
    GUARD_ON_ACTOR,
    MISSING,
    READ_ALL,
    UNMAPPED,
    WORKFLOW_LEVEL,
)
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Level, Place, found
from tidegate.model.workflow import Workflow

# The sensor's own default, which no user has written.
_BLANKET = " (required by blanket policy)"
# What stands for a passage that is no name.
_DIGEST = re.compile(r"[0-9a-f]{12}|")


# Rules of ours that say less than an audit says of the same job.
_ECHOED = {
    CREDENTIAL_LONG_LIVED.id: BY_IDENT["use-trusted-publishing"].rule.id,
    GUARD_ON_ACTOR.id: BY_IDENT["bot-conditions"].rule.id,
}


@dataclass(frozen=True, slots=True)
class Observation:
    """What a sensor saw, as this room needs it; `line` and `column` are 1-based.

    `persona` is whom the sensor would tell: "pedantic" where it knows that no outsider controls what it saw.
    """

    ident: str
    confidence: str
    message: str
    path: str
    line: int | None
    column: int | None
    job: str
    subject: str
    ignored: bool
    persona: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Findings, and how many observations were hygiene, unmapped or suppressed in the file."""

    findings: tuple[Finding, ...]
    hygiene: int
    unmapped: int
    suppressed: int


def tell(observations: Iterable[Observation], workflows: Sequence[Workflow]) -> Told:
    """Every observation becomes a finding, except hygiene, which is counted."""
    by_path = {workflow.path: workflow for workflow in workflows}
    findings: list[Finding] = []
    hygiene = unmapped = suppressed = 0
    for seen in observations:
        if seen.ident in HYGIENE:
            hygiene += 1
            continue
        unmapped += seen.ident not in BY_IDENT
        suppressed += seen.ignored
        findings.append(_finding(seen, by_path.get(seen.path)))
    return Told(tuple(findings), hygiene, unmapped, suppressed)


def _finding(seen: Observation, workflow: Workflow | None) -> Finding:
    audit = BY_IDENT.get(seen.ident)
    rule = audit.rule if audit else UNMAPPED
    message = _worded(seen) if audit else f"`{seen.ident}`: {seen.message}"
    if seen.ignored:
        message += " (suppressed by a comment in the file, which tidegate does not follow)"
    about = "#".join((seen.path, seen.job, seen.subject)) if audit else f"{seen.path}#{seen.job}#{seen.ident}"
    finding = found(rule, about, message, place=Place(seen.path, seen.line, seen.column))
    if audit and rule.level is Level.FAIL and not _holds(audit.when, seen, workflow):
        return dataclasses.replace(finding, level=Level.WARN, message=f"{message} (a fail only when {audit.when})")
    return finding


def _worded(seen: Observation) -> str:
    """The sensor's words, and what and where it means, since many of its messages name neither."""
    named = not _DIGEST.fullmatch(seen.subject) and seen.subject not in seen.message and seen.job
    what = f": `{seen.subject}`" if named else ""
    return seen.message.removesuffix(_BLANKET) + what + (f" in job `{shown(seen.job, 80)}`" if seen.job else "")


def _holds(when: When, seen: Observation, workflow: Workflow | None) -> bool:
    """Does the condition of a `fail` row hold? What is not known counts as if it did."""
    if when is When.CONTROLLED:
        return seen.confidence != "low" and seen.persona != "pedantic"
    if workflow is None:
        return True
    if when is When.DEFAULTED and not seen.job and workflow.permissions is None:
        return not workflow.jobs or any(job.permissions is None for job in workflow.jobs)
    if when is When.WRITES:
        jobs = [job for job in workflow.jobs if job.id == seen.job] or list(workflow.jobs)
        return any(may_write(effective(workflow, job)) for job in jobs)
    if when is When.FROM_PULL_REQUESTS:
        return from_pull_requests(workflow)
    return True


def without_echoes(own: Sequence[Finding], told: Sequence[Finding]) -> tuple[Finding, ...]:
    """Both lists as one, where the sensor and our own rules say the same thing once.

    Our word stands for missing and shorthand permissions; the sensor's stands for scopes at workflow level, which it
    grades higher, and where it knows a long-lived credential or a guard on an actor more exactly.
    """
    excessive = BY_IDENT["excessive-permissions"].rule.id
    spoken = {_holder(finding) for finding in own if finding.rule in {MISSING.id, BROAD.id, READ_ALL.id}}
    spoken |= {(path, "") for path, _ in {_holder(f) for f in own if f.rule == MISSING.id}}
    kept = [f for f in told if f.rule != excessive or _holder(f) not in spoken]
    scopes = {(*_holder(f), _scope(f)) for f in kept if f.rule == excessive}
    theirs = {(f.rule, *_holder(f)) for f in kept}
    ours = [f for f in own if f.rule != WORKFLOW_LEVEL.id or (*_holder(f), _scope(f)) not in scopes]
    return (*(f for f in ours if (_ECHOED.get(f.rule, ""), *_holder(f)) not in theirs), *kept)


def _holder(finding: Finding) -> tuple[str, str]:
    """(path, job) of an `about`; the path comes from the place, since it may hold `#` itself."""
    path = finding.place.path if finding.place else ""
    job = finding.about.removeprefix(path).removeprefix("#").partition("#")[0]
    return path, job


def _scope(finding: Finding) -> str:
    return finding.about.rpartition("#")[2].partition(":")[0].strip()
