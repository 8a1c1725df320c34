"""Code and people from outside in jobs that run with the repository's own token."""

import re
from collections.abc import Iterator

from tidegate.domain.grants import foreign_code, known_actions, shell
from tidegate.domain.grants.following import Worked, local
from tidegate.domain.grants.permissions import PULL_REQUEST_EVENTS, may_write
from tidegate.domain.grants.publishing import named
from tidegate.domain.grants.reach import OUTSIDE, condition
from tidegate.domain.grants.rules import GUARD_ON_ACTOR, UNTRUSTED_EXECUTED
from tidegate.domain.grants.sites import Site
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.workflow import Step

CHECKOUT = "actions/checkout"
_HEAD = re.compile(
    r"github\.head_ref\b|github\.event\.pull_request\.(?:head\b|merge_commit_sha)|github\.event\.workflow_run\.head_"
    r"|refs/pull/|github\.event\.workflow_run\.pull_requests|github\.event\.(?:issue\.)?number\b"
    r"|steps\.[\w-]{1,80}\.outputs\.[\w-]{0,40}(?:sha|head|branch|commit)|github\.event\.pull_request\.number|github\.event\.client_payload\.",
    re.IGNORECASE,
)
_ACTOR = re.compile(r"github\.(?:triggering_)?actor\b")


def check(site: Site) -> Iterator[Finding]:
    """Findings about one job."""
    yield from _executed(site)
    yield from _guarded_by_actor(site)


def _executed(site: Site) -> Iterator[Finding]:
    """After a checkout of outside code, the first step that runs what was checked out."""
    events = sorted(site.events & OUTSIDE)
    if not events:
        return
    fetched: Worked | None = None
    for worked in site.steps:
        if fetched is None:
            fetched = worked if fetches(worked.step) else None
            continue
        what = _executes(worked.step, fetched.step.given("path").strip("./ "))
        if what:
            message = (
                f"the job `{site.job.id}`, started by `{events[0]}`, checks out code from outside"
                f" and runs {what}{_at(fetched, site)}"
            )
            yield found(UNTRUSTED_EXECUTED, site.about, message, place=Place(worked.path, worked.step.line))
            return


def fetches(step: Step) -> bool:
    """Does a step check out code that a pull request, or whoever caused the event, chose?"""
    if known_actions.named(step.uses) == CHECKOUT:
        return _HEAD.search(f"{step.given('ref')} {step.given('repository')}") is not None
    for words in shell.commands(step.run) if step.run else ():
        if words[:3] == ("gh", "pr", "checkout"):
            return True
        if words[0] == "git" and {"fetch", "checkout", "pull", "switch"} & set(words[1:3]):
            if any("pull/" in word for word in words) or _HEAD.search(step.run):
                return True
            if any("$" in word for word in words) and any(_HEAD.search(value) for _, value in step.env):
                return True
    return False


def _executes(step: Step, folder: str) -> str:
    """What runs files of the working tree: builds, tests, scripts, and actions that are taken from it.

    Where the outside code has a folder of its own, only what is done there counts.
    """
    if step.uses.startswith("./") or step.uses == ".":
        path = local(step.uses) or ""
        inside = path == folder or path.startswith(folder + "/") or "../" in step.uses
        return f"`{shown(step.uses, 120)}`" if not folder or inside else ""
    if folder and folder not in step.folder and folder not in step.run:
        return ""
    return foreign_code.command(step.run)


def _at(fetched: Worked, site: Site) -> str:
    return f" (checked out in line {fetched.step.line})" if fetched.path == site.flow.path else ""


def _guarded_by_actor(site: Site) -> Iterator[Finding]:
    """A condition on who acted last, where what runs was written by somebody else."""
    if not site.events & (PULL_REQUEST_EVENTS | OUTSIDE):
        return
    if not may_write(site.held) and not any(named(worked.step) for worked in site.steps):
        return
    guards = [
        (site.job.if_, site.job.line),
        *((w.step.if_, w.step.line) for w in site.steps if w.path == site.flow.path),
    ]
    for text, line in guards:
        if _ACTOR.search(condition(text)):
            yield found(GUARD_ON_ACTOR, site.about, place=Place(site.flow.path, line))
            return
