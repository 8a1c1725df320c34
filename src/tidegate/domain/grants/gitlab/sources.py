"""Images and includes: are they read, and are they the ones somebody looked at?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tidegate.domain.grants.gitlab.look import Look, place
from tidegate.domain.grants.gitlab.reading import read
from tidegate.domain.grants.gitlab.rules import (
    FIELD_UNTRUSTED,
    IMAGE_UNPINNED,
    INCLUDE_UNPINNED,
    INCLUDE_UNRESOLVED,
    INCLUDE_UNVERIFIED,
    JOB_UNRESOLVED,
    PRIVILEGED,
)
from tidegate.domain.grants.gitlab.variables import named_untrusted
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Level, found
from tidegate.model.pipeline import At, Container, Included, Pipeline

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_VERSION = re.compile(r"v?\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][0-9A-Za-z.+-]{1,80})?")
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}\Z")
_OWN = re.compile(r"\$\{?CI_PROJECT_PATH\b")
_INTEGRITY = re.compile(r"sha256-[A-Za-z0-9+/]{43}=")
_DIND = re.compile(r"(?:.*/)?docker:[^@/]*dind.*", re.DOTALL)


def check_pipeline(pipeline: Pipeline, looks: Sequence[Look]) -> Iterator[Finding]:
    """Findings about includes, images and jobs that are not known whole."""
    triggered = [each for look in looks if look.job.trigger for each in look.job.trigger.includes]
    known = any(not look.job.lost for look in looks)
    for each in (*pipeline.includes, *triggered):
        yield from _included(each, known)
    for look in looks:
        if look.job.lost:
            message = f"the job `{look.title}` is not known whole: {look.job.lost}"
            yield found(JOB_UNRESOLVED, look.about, message, place=place(look.job.at))
    yield from _images(pipeline, looks)


def _included(each: Included, known: bool) -> Iterator[Finding]:
    """`known` says that some of the pipeline's jobs could be looked at."""
    subject = f"{each.at.path}#include#{each.reference}" + (f"@{each.ref}" if each.ref else "")
    named = f"the {each.kind} include `{shown(each.reference, 120)}`"
    source = named_untrusted(f"{each.reference} {each.ref}")
    if source:
        yield found(FIELD_UNTRUSTED, subject, f"{named} is chosen by `{source}`", place=place(each.at))
    fault = _unpinned(each)
    if fault:
        rule = INCLUDE_UNVERIFIED if each.kind == "remote" else INCLUDE_UNPINNED
        yield found(rule, subject, f"{named} {fault}", place=place(each.at))
    if not each.why:
        return
    finding = found(INCLUDE_UNRESOLVED, subject, f"{named} cannot be read here: {each.why}", place=place(each.at))
    # What is pinned stays what somebody accepted; a template comes with the server that runs the pipeline anyway.
    elsewhere = each.kind in ("remote", "project", "component") and not _OWN.search(each.reference)
    softer = known and (each.kind == "template" or (elsewhere and not fault))
    yield replace(finding, level=Level.WARN) if softer else finding


def _unpinned(each: Included) -> str:
    if each.kind == "remote":
        if not each.reference.lower().startswith("https://"):
            return "is fetched without TLS"
        return "" if _INTEGRITY.fullmatch(each.integrity) else "has no `integrity`"
    own = each.ref in ("$CI_COMMIT_SHA", "${CI_COMMIT_SHA}") and _OWN.search(each.reference) is not None
    if each.kind in ("project", "component") and each.why and not own:
        if not each.ref:
            return "names no version"
        if not _SHA.fullmatch(each.ref) and not _VERSION.fullmatch(each.ref):
            return f"is at `{shown(each.ref, 80)}`, which can move"
    return ""


def _images(pipeline: Pipeline, looks: Sequence[Look]) -> Iterator[Finding]:
    """One finding a place where an image is written, whoever uses it."""
    users: dict[tuple[At, str], tuple[Container, list[Look]]] = {}
    for look in looks:
        for container in look.job.containers:
            users.setdefault((container.at, container.name), (container, []))[1].append(look)
    for container in pipeline.containers:
        users.setdefault((container.at, container.name), (container, []))
    for container, several in users.values():
        yield from _image(container, several)


def _image(container: Container, users: Sequence[Look]) -> Iterator[Finding]:
    owner = users[0].job.name if len(users) == 1 else ""
    subject = f"{container.at.path}#{owner}#{container.name}"
    what = "service" if container.service else "image"
    named = f"the {what} `{shown(container.name, 120)}`"
    source = named_untrusted(container.name)
    if source:
        yield found(FIELD_UNTRUSTED, subject, f"{named} is chosen by `{source}`", place=place(container.at))
    if _DIND.fullmatch(container.name):
        yield found(PRIVILEGED, subject, f"{named} needs a privileged runner", place=place(container.at))
    if _DIGEST.search(container.name):
        return
    weighty = next((look for look in users if look.matters), None)
    computed = "$" in container.name
    tag = container.name.partition("@")[0].rpartition("/")[2].partition(":")[2]
    for_ = f", and the job `{weighty.title}` holds more than a build" if weighty else ""
    how = "is known only when the job runs" if computed else f"has {'the tag' if tag else 'no tag'} and no digest"
    finding = found(IMAGE_UNPINNED, subject, f"{named} {how}{for_}", place=place(container.at))
    fails = weighty is not None or (not computed and tag in ("", "latest"))
    yield finding if fails else replace(finding, level=Level.WARN)


def check(look: Look) -> Iterator[Finding]:
    """Findings about one job: the runner's Docker, however it is reached."""
    for command in look.job.commands:
        what = read(command.text).privileged
        if what:
            message = f"the job `{look.title}` uses `{shown(what, 60)}`"
            yield found(PRIVILEGED, look.about, message, place=place(command.at))
            return
    if not any(_DIND.fullmatch(each.name) for each in look.job.containers):
        return
    for variable in (*look.job.variables, *look.pipeline.variables):
        plain = variable.name == "DOCKER_HOST" and ":2375" in variable.value
        if plain or (variable.name == "DOCKER_TLS_CERTDIR" and variable.value == ""):
            message = f"the job `{look.title}` reaches Docker without TLS (`{variable.name}`)"
            yield found(PRIVILEGED, look.about, message, place=place(variable.at))
            return
