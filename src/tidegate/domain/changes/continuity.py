"""Who published each dependency, against what a reviewed file records."""

from collections.abc import Iterable, Iterator

from tidegate.domain.changes.change import named
from tidegate.domain.changes.metadata import strangers, told
from tidegate.domain.changes.metadata_rules import MALFORMED, PUBLISHER_CHANGED, UNKNOWN, UNRECORDED
from tidegate.domain.changes.subjects import Reach, Subject
from tidegate.errors import FormatError
from tidegate.formats.publishers_file import Record, parse
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.publication import Answers, Publisher


def check(subjects: Iterable[Subject], answers: Answers, reach: Reach, path: str, text: str) -> Iterator[Finding]:
    """Findings against the record at `path`. A project the registry owes an answer is the caller's to tell."""
    try:
        record = parse(text.encode("utf-8", "surrogateescape"))
    except FormatError as error:
        yield found(MALFORMED, path, error.message, place=Place(path, error.line))
        return
    for subject in subjects:
        if reach.covers(subject.package):
            yield from _compare(subject, answers, record)


def _compare(subject: Subject, answers: Answers, record: Record) -> Iterator[Finding]:
    package = subject.package
    answer = answers.answers.get(subject.named)
    known = record.get(package.project)
    if known is None:
        message = f"`{shown(package.name)}` is not in the file of publishers"
        yield found(UNRECORDED, package.project, message, place=subject.place)
    elif answer is None:
        return
    elif why := answer.unknown.get(package.version):
        if known:
            message = f"whether {named(package)} was published by {told(known)} is not known: {why}"
            yield found(UNKNOWN, f"{package.purl}#continuity", message, place=subject.place)
    elif (now := answer.publishers.get(package.version)) is not None:
        yield from _differs(subject, now, known)


def _differs(subject: Subject, now: frozenset[Publisher], known: tuple[Publisher, ...]) -> Iterator[Finding]:
    package = subject.package
    if known and not now:
        message = f"{named(package)} has no attestation; {told(known)} published it before"
        yield found(PUBLISHER_CHANGED, package.purl, message, place=subject.place)
    elif known and (new := strangers(now, known)):
        message = f"{named(package)} was published by {told(new)}, not by {told(known)} (declared by the registry)"
        yield found(PUBLISHER_CHANGED, package.purl, message, place=subject.place)
    elif now and not known:
        message = f"{named(package)} is attested by {told(now)} now, and recorded as attested by nobody"
        yield found(UNRECORDED, package.project, message, place=subject.place)


def proposal(subjects: Iterable[Subject], answers: Answers, record: Record) -> Record:
    """The record with an entry for each subject it lacks, as the registry declares it now; known entries stay."""
    new = dict(record)
    for subject in subjects:
        answer = answers.answers.get(subject.named)
        publishers = answer.publishers.get(subject.package.version) if answer else None
        purl = subject.package.project
        if publishers is not None and purl not in record:
            new[purl] = tuple(sorted({*new.get(purl, ()), *publishers}))
    return new
