"""What registries say of the releases a change locks: declared by them, compared with what they said before."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from tidegate.domain.changes import rules
from tidegate.domain.changes.change import named
from tidegate.domain.changes.metadata_rules import (
    GONE,
    PROVENANCE_LOST,
    PUBLISHER_CHANGED,
    QUARANTINED,
    RETIRED,
    UNKNOWN,
)
from tidegate.domain.changes.subjects import Reach, Subject, file_names, unreached
from tidegate.formats.publications import release
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, found
from tidegate.model.package import Locked
from tidegate.model.publication import Answer, Answers, Evidence, IndexFile, Project, Published, Publisher

_ALIVE = "active"
_RETIRED = frozenset({"archived", "deprecated"})
_QUARANTINED = "quarantined"
_SHOWN = 4


def check(subjects: Iterable[Subject], answers: Answers, reach: Reach) -> Iterator[Finding]:
    """Findings about every subject that was answered for, and one for whatever nobody was asked about.

    What a registry owes an answer is not here: that is blindness, and the caller's to tell.
    """
    of = tuple(subjects)
    yield from unreached(of, reach)
    for subject in of:
        if not reach.covers(subject.package):
            continue
        if why := answers.unasked.get(subject.named):
            yield _unknown(subject, "metadata", f"nothing is known about {named(subject.package)}: {why}")
        elif answer := answers.answers.get(subject.named):
            yield from _answered(subject, answer)


def uploaded(subjects: Iterable[Subject], answers: Answers) -> Mapping[str, str]:
    """When each subject was published (RFC 3339), by purl; those its registry says nothing of are left out."""
    times = {}
    for subject in subjects:
        answer = answers.answers.get(subject.named)
        published = release(answer.project, subject.package.version) if answer and answer.project else None
        if published is not None and (time := _time(published, subject.package)):
            times[subject.package.purl] = time
    return times


def _answered(subject: Subject, answer: Answer) -> Iterator[Finding]:
    package, project = subject.package, answer.project
    if project is None:
        yield found(GONE, package.purl, f"the registry knows no `{shown(package.name)}`", place=subject.place)
        return
    yield from _status(subject, project)
    published = release(project, package.version)
    if published is None:
        if project.status != _QUARANTINED:
            yield found(GONE, package.purl, f"the registry has no {named(package)}", place=subject.place)
        return
    yield from _release(subject, published)
    if subject.changed:
        yield from _evidence(subject, project, published)
        yield from _publisher(subject, answer)


def _status(subject: Subject, project: Project) -> Iterator[Finding]:
    package = subject.package
    more = f": {shown(project.reason, 200)}" if project.reason else ""
    if project.status == _QUARANTINED:
        message = f"the registry has put `{shown(package.name)}` in quarantine{more}"
        yield found(QUARANTINED, package.purl, message, place=subject.place)
    elif project.status in _RETIRED:
        message = f"`{shown(package.name)}` is {project.status}{more}"
        yield found(RETIRED, package.purl, message, place=subject.place)
    elif project.status != _ALIVE:
        message = f"the registry says `{shown(package.name)}` is `{shown(project.status, 60)}`, which nobody here knows"
        yield _unknown(subject, "status", message)


def _release(subject: Subject, published: Published) -> Iterator[Finding]:
    package = subject.package
    locked = file_names(package)
    have = {file.name for file in published.files}
    missing = [name for name in locked if name not in have] if published.files else []
    if missing:
        names = ", ".join(f"`{shown(name)}`" for name in missing[:_SHOWN])
        message = f"the registry has {named(package)} without {len(missing)} of the files locked: {names}"
        yield found(GONE, package.purl, message, place=subject.place)
    yanked = published.yanked or any(file.yanked for file in _locked(published, package))
    if yanked and not package.yanked:
        why = f": {shown(published.reason, 200)}" if published.reason else ""
        message = f"{named(package)} was withdrawn by its maintainers{why}"
        yield found(rules.YANKED, package.purl, message, place=subject.place)
    if published.deprecated and not package.deprecated:
        message = f"{named(package)} is deprecated: {shown(published.deprecated, 200)}"
        yield found(rules.DEPRECATED, package.purl, message, place=subject.place)
    if not _time(published, package) and not package.uploaded:
        yield _unknown(subject, "time", f"the registry does not say when {named(package)} was published")


def _evidence(subject: Subject, project: Project, published: Published) -> Iterator[Finding]:
    """Is there less evidence than any release published before it had? (As pnpm's `trustPolicy: no-downgrade`.)"""
    package = subject.package
    if published.evidence is None:
        yield _unknown(subject, "attestations", f"the registry does not speak of attestations of {named(package)}")
        return
    mine = _weight(published, package)
    better = [one for one in _earlier(project, published, subject.before) if (one.evidence or Evidence.NONE) > mine]
    if better:
        last = max(better, key=lambda one: one.time)
        message = (
            f"{named(package)} has {mine.says}; {shown(last.version, 60)}, published before it, has "
            f"{(last.evidence or Evidence.NONE).says}"
        )
        yield found(PROVENANCE_LOST, package.purl, message, place=subject.place)


def _weight(published: Published, package: Locked) -> Evidence:
    """The evidence of the files that are locked, where an index tells file by file."""
    files = _locked(published, package)
    if not files:
        return published.evidence or Evidence.NONE
    attested = sum(bool(file.provenance) for file in files)
    if attested == len(files):
        return Evidence.PROVENANCE
    return Evidence.PARTLY if attested else Evidence.NONE


def _earlier(project: Project, published: Published, before: Locked | None) -> Iterator[Published]:
    """Releases published earlier, previews among previews only; what it replaces counts where no time is known."""
    moment = _moment(published.time)
    for one in project.releases:
        if one is published or (one.prerelease and not published.prerelease):
            continue
        time = _moment(one.time)
        if moment is not None and time is not None and time < moment:
            yield one
    replaced = release(project, before.version) if before else None
    if replaced is not None and replaced is not published and (moment is None or _moment(replaced.time) is None):
        yield replaced


def _publisher(subject: Subject, answer: Answer) -> Iterator[Finding]:
    package, before = subject.package, subject.before
    if before is None:
        return
    if why := answer.unknown.get(package.version) or answer.unknown.get(before.version):
        yield _unknown(subject, "publisher", f"whether {named(package)} has another publisher is not known: {why}")
    now, then = answer.publishers.get(package.version), answer.publishers.get(before.version)
    if now and then and (new := strangers(now, then)):
        message = (
            f"{named(package)} was published by {told(new)}, {shown(before.version, 60)} by {told(then)} "
            "(declared by the registry)"
        )
        yield found(PUBLISHER_CHANGED, package.purl, message, place=subject.place)


def strangers(now: Iterable[Publisher], known: Iterable[Publisher]) -> list[Publisher]:
    """Publishers that are none of the known ones."""
    keys = {one.key for one in known}
    return sorted(one for one in now if one.key not in keys)


def told(publishers: Iterable[Publisher]) -> str:
    return " and ".join(f"`{shown(str(one), 200)}`" for one in sorted(publishers)[:_SHOWN])


def _unknown(subject: Subject, what: str, message: str) -> Finding:
    return found(UNKNOWN, f"{subject.package.purl}#{what}", message, place=subject.place)


def _locked(published: Published, package: Locked) -> list[IndexFile]:
    """The files of a release that are locked; all of them where the lock names none of them."""
    names = set(file_names(package))
    return [file for file in published.files if file.name in names] or list(published.files)


def _time(published: Published, package: Locked) -> str:
    times = [file.uploaded for file in _locked(published, package)]
    return max(times) if times and all(times) else published.time


def _moment(written: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        return None
    return when if when.tzinfo else None
