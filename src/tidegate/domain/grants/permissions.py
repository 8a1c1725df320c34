"""Which permissions a workflow's jobs hold, and which of them are missing, broad or granted too high up."""

from collections.abc import Iterator

from tidegate.domain.grants.rules import BROAD, MISSING, READ_ALL, UNKNOWN_SCOPE, WORKFLOW_LEVEL
from tidegate.domain.grants.scopes import EVERYTHING, KNOWN
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.workflow import Job, Workflow

Permissions = tuple[tuple[str, str], ...]
WORKFLOW = "github-workflow"
PULL_REQUEST_EVENTS = frozenset(
    {"pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment", "issue_comment"}
)


def effective(workflow: Workflow, job: Job) -> Permissions | None:
    """The job's own block, else the workflow's; None when neither says anything."""
    return job.permissions if job.permissions is not None else workflow.permissions


def may_write(permissions: Permissions | None) -> bool:
    """Can a token with these permissions change anything? Without a block nothing says that it cannot."""
    return permissions is None or any(level == "write" for _, level in permissions)


def from_pull_requests(workflow: Workflow) -> bool:
    """Can a pull request or a comment on it start the workflow? Reusable ones are started by whoever calls them."""
    return bool(PULL_REQUEST_EVENTS & set(workflow.triggers)) or "workflow_call" in workflow.triggers


def check(workflow: Workflow) -> Iterator[Finding]:
    """Findings of one workflow; action definitions hold no permissions."""
    if workflow.dialect != WORKFLOW:
        return
    yield from _shorthand(workflow, workflow.permissions, "", workflow.permissions_line)
    yield from _unknown(workflow, workflow.permissions, "", workflow.scope_lines)
    yield from _workflow_level(workflow)
    for job in workflow.jobs:
        if effective(workflow, job) is None:
            message = f"the job `{job.id}` has no `permissions`, neither its own nor its workflow's"
            yield found(MISSING, f"{workflow.path}#{job.id}", message, place=Place(workflow.path, job.line))
        yield from _shorthand(workflow, job.permissions, job.id, job.permissions_line)
        yield from _unknown(workflow, job.permissions, job.id, job.scope_lines)


def _shorthand(workflow: Workflow, permissions: Permissions | None, job: str, line: int | None) -> Iterator[Finding]:
    for scope, level in permissions or ():
        if scope == "*":
            rule = BROAD if level == "write" else READ_ALL
            yield found(rule, f"{workflow.path}#{job}#{level}-all", place=Place(workflow.path, line))


def _unknown(
    workflow: Workflow, permissions: Permissions | None, job: str, lines: tuple[tuple[str, int], ...]
) -> Iterator[Finding]:
    for scope, _ in permissions or ():
        if scope != EVERYTHING and scope not in KNOWN:
            place = Place(workflow.path, dict(lines).get(scope))
            yield found(
                UNKNOWN_SCOPE, f"{workflow.path}#{job}#{scope}", f"`{shown(scope, 80)}` is no permission", place=place
            )


def _workflow_level(workflow: Workflow) -> Iterator[Finding]:
    for scope, level in workflow.permissions or ():
        if level == "write" and scope != "*":
            message = f"`{scope}: write` is granted to the whole workflow"
            place = Place(workflow.path, workflow.permissions_line)
            yield found(WORKFLOW_LEVEL, f"{workflow.path}##{scope}", message, place=place)
