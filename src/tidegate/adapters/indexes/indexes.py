"""Implements `ports.PackageIndex`: every question is answered, owed or left unasked, and which of the three is told."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from tidegate.adapters.indexes import addresses, npm, pypi
from tidegate.adapters.indexes.transport import THREADS, Transport
from tidegate.adapters.service import Exhausted
from tidegate.errors import UnavailableError
from tidegate.formats.publications import release
from tidegate.model.publication import Answer, Answers, Named, Project, Published, Publisher, Question

MAX_FAILURES = 3
"""After so many questions without an answer an index is not asked any more."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How one kind of index is asked."""

    project: Callable[[Transport, str], Project | None]
    publishers: Callable[[Transport, Published, str, Collection[str]], frozenset[Publisher] | str]


_WAYS = {
    "PyPI": _Way(pypi.project, pypi.publishers),
    "npm": _Way(npm.project, npm.publishers),
}


@dataclass(slots=True)
class _Told:
    answers: dict[Named, Answer] = field(default_factory=dict)
    unanswered: dict[Named, str] = field(default_factory=dict)
    unasked: dict[Named, str] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)


class Indexes:
    """The public indexes, or those the policy names instead; `timeout` is in seconds, of one request."""

    def __init__(self, timeout: float, instead: Mapping[str, str] | None = None) -> None:
        self._timeout = timeout
        self._instead = dict(instead or {})

    def ask(self, questions: Sequence[Question]) -> Answers:
        """Ask each index side by side. Nothing is raised for an index that fails: what it owes is in the answers."""
        told = _Told()
        requests = 0
        for ecosystem in sorted({question.ecosystem for question in questions}):
            mine = [question for question in questions if question.ecosystem == ecosystem]
            requests += self._ask_one(ecosystem, mine, told)
        return Answers(told.answers, told.unanswered, told.unasked, requests)

    def _ask_one(self, ecosystem: str, questions: Sequence[Question], told: _Told) -> int:
        address = self._instead.get(ecosystem) or addresses.public(ecosystem)
        way = _WAYS.get(ecosystem)
        if way is None:
            _all(questions, told.unasked, f"nobody here knows how to ask a registry of {ecosystem}")
            return 0
        if not address:
            _all(questions, told.unanswered, f"the address of the index of {ecosystem} is not known")
            return 0
        try:
            transport = Transport(address, self._timeout)
        except UnavailableError as error:
            _all(questions, told.unanswered, error.message)
            return 0
        try:
            with ThreadPoolExecutor(THREADS) as pool:
                list(pool.map(partial(_answer, transport, way, told), questions))
        finally:
            transport.close()
        return transport.requests


def _all(questions: Iterable[Question], where: dict[Named, str], why: str) -> None:
    where.update({(question.ecosystem, question.name): why for question in questions})


def _answer(transport: Transport, way: _Way, told: _Told, question: Question) -> None:
    named = (question.ecosystem, question.name)
    with told.lock:
        tired = told.failures[question.ecosystem] >= MAX_FAILURES
    if tired:
        told.unanswered[named] = f"the package index of {question.ecosystem} failed {MAX_FAILURES} times before"
        return
    try:
        told.answers[named] = _asked(transport, way, question)
    except Exhausted:
        told.unasked[named] = "the index was asked as often as it may be in one run"
    except UnavailableError as error:
        with told.lock:
            told.failures[question.ecosystem] += 1
        told.unanswered[named] = error.message


def _asked(transport: Transport, way: _Way, question: Question) -> Answer:
    project = way.project(transport, question.name)
    if project is None:
        return Answer(None)
    publishers: dict[str, frozenset[Publisher]] = {}
    unknown: dict[str, str] = {}
    for version, files in question.publishers.items():
        published = release(project, version)
        if published is None:
            continue
        if published.evidence is None:
            unknown[version] = "its index does not speak of attestations"
            continue
        told = way.publishers(transport, published, question.name, files)
        if isinstance(told, str):
            unknown[version] = told
        else:
            publishers[version] = told
    return Answer(project, publishers, unknown)
