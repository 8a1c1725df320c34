"""Code and people from outside in jobs that run with the repository's own token."""

import re
from collections.abc import Iterator
from dataclasses import replace

from tidegate.domain.grants import executing, fetching
from tidegate.domain.grants.following import Repository, Worked
from tidegate.domain.grants.origins import Names
from tidegate.domain.grants.permissions import PULL_REQUEST_EVENTS, may_write
from tidegate.domain.grants.publishing import named
from tidegate.domain.grants.reach import OUTSIDE, condition, plain
from tidegate.domain.grants.rules import GUARD_ON_ACTOR, UNTRUSTED_EXECUTED
from tidegate.domain.grants.sites import Site
from tidegate.model.finding import Finding, Level, Place, found

MAX_FOLDERS = 20
_ACTOR = re.compile(r"github\.(?:(?:triggering_)?actor|event\.sender\.login)\b")


def check(site: Site, repository: Repository) -> Iterator[Finding]:
    """Findings about one job."""
    yield from _executed(site, repository)
    yield from _guarded_by_actor(site)


def _executed(site: Site, repository: Repository) -> Iterator[Finding]:
    """After outside code has come in, the first step that runs what came; a certain one before an uncertain one."""
    events = sorted(site.events & OUTSIDE)
    if not events:
        return
    doubtful: Finding | None = None
    for finding in _runs(site, repository, events[0]):
        if finding.level is Level.FAIL:
            yield finding
            return
        doubtful = doubtful or finding
    if doubtful:
        yield doubtful


def _runs(site: Site, repository: Repository, event: str) -> Iterator[Finding]:
    names = Names(site, repository)
    brought: dict[tuple[str, bool], fetching.Fetched] = {}
    for worked in site.steps:
        new = fetching.fetched(worked, names)
        for each in (*brought.values(), *([new] if new and new.rest else [])):
            what = executing.runs(worked, each, repository)
            if what.text:
                yield _told(site, event, each, what, worked)
        if new:
            # Past so many folders, everything that runs is taken to run there.
            brought[(new.folder if len(brought) < MAX_FOLDERS else "", new.certain)] = replace(
                new, folder=new.folder if len(brought) < MAX_FOLDERS else ""
            )


def _told(site: Site, event: str, each: fetching.Fetched, what: executing.Executed, worked: Worked) -> Finding:
    at = f" (line {each.worked.step.line})" if each.worked.path == site.flow.path else ""
    message = f"the job `{site.job.id}`, started by `{event}`, {each.how}{at} and runs {what.text}"
    finding = found(UNTRUSTED_EXECUTED, site.about, message, place=Place(worked.path, worked.step.line))
    if each.certain and what.certain:
        return finding
    doubt = "what it runs is what was brought in" if each.certain else "outsiders choose what is brought in"
    return replace(finding, level=Level.WARN, message=f"{message} (a fail only when {doubt})")


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
        if _ACTOR.search(plain(condition(text))):
            yield found(GUARD_ON_ACTOR, site.about, place=Place(site.flow.path, line))
            return
