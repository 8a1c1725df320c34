"""Registries are asked within bounds, and every question is answered, owed or left unasked."""

from collections.abc import Iterator

import pytest

from support.index_service import GITHUB, OTHER, IndexService, Release
from tidegate.adapters.indexes import addresses
from tidegate.adapters.indexes import transport as line
from tidegate.adapters.indexes.indexes import Indexes
from tidegate.adapters.indexes.transport import Transport
from tidegate.errors import UnavailableError
from tidegate.formats import registries, urls
from tidegate.formats.publications import release
from tidegate.model.publication import Answer, Answers, Evidence, Publisher, Question

ACME = Publisher("github", "acme/demo", "release.yml")
DEMO = ("PyPI", "demo")
LEFT = ("npm", "left")
BAD = (
    "500",
    "429",
    "html",
    "redirect",
    "short",
    "other-name",
    "wrong-schema",
    "wrong-version",
    "duplicate-keys",
    "not-json",
)


@pytest.fixture
def service() -> Iterator[IndexService]:
    with IndexService() as running:
        running.pypi("demo", {"1.0": Release(publisher=GITHUB), "2.0": Release("2026-02-01T00:00:00.000000Z")})
        running.npm("left", {"1.0.0": Release(publisher=GITHUB, trusted=True), "1.1.0": Release(deprecated="no")})
        running.npm("@acme/left", {"1.0.0": Release(publisher=GITHUB)})
        yield running


def ask(service: IndexService, *questions: Question, timeout: float = 5.0) -> Answers:
    return Indexes(timeout, service.addresses).ask(questions)


def test_a_python_index_tells_times_evidence_and_publishers(service: IndexService) -> None:
    answers = ask(service, Question(*DEMO, {"1.0": (), "2.0": ()}))
    answer = answers.answers[DEMO]
    assert (dict(answers.unanswered), dict(answers.unasked)) == ({}, {})
    assert answer.project is not None
    first, second = release(answer.project, "1.0"), release(answer.project, "2.0.0")
    assert first is not None
    assert second is not None
    assert (first.evidence, second.evidence) == (Evidence.PROVENANCE, Evidence.NONE)
    assert second.time == "2026-02-01T00:00:00.000000Z"
    assert answer.publishers == {"1.0": {ACME}, "2.0": frozenset()}
    assert answers.requests == 3


def test_an_npm_registry_tells_levels_deprecation_and_publishers(service: IndexService) -> None:
    answer = ask(service, Question(*LEFT, {"1.0.0": (), "1.1.0": ()})).answers[LEFT]
    assert answer.project is not None
    first, second = answer.project.releases
    assert (first.evidence, second.evidence) == (Evidence.TRUSTED, Evidence.NONE)
    assert (first.deprecated, second.deprecated) == ("", "no")
    assert answer.publishers == {"1.0.0": {ACME}, "1.1.0": frozenset()}


def test_a_scoped_name_is_one_path_segment(service: IndexService) -> None:
    answer = ask(service, Question("npm", "@acme/left", {"1.0.0": ()})).answers[("npm", "@acme/left")]
    assert answer.publishers == {"1.0.0": {ACME}}
    assert "/@acme%2Fleft" in service.requests


def test_what_is_not_there_is_an_answer(service: IndexService) -> None:
    answers = ask(service, Question("PyPI", "nobody"), Question("npm", "nobody"))
    assert answers.answers == {("PyPI", "nobody"): Answer(None), ("npm", "nobody"): Answer(None)}


@pytest.mark.parametrize("mode", BAD)
def test_a_bad_answer_is_owed_and_never_taken_for_a_good_word(service: IndexService, mode: str) -> None:
    service.mode = mode
    answers = ask(service, Question(*DEMO), Question(*LEFT))
    assert answers.answers == {}
    assert answers.unanswered.keys() == {DEMO, LEFT}
    assert all("did not answer as it should" in why for why in answers.unanswered.values())


@pytest.mark.parametrize("mode", ["huge", "gzip-bomb"])
def test_an_answer_beyond_its_bound_is_owed(service: IndexService, mode: str) -> None:
    service.mode = mode
    answers = ask(service, Question(*LEFT))
    assert "more than" in answers.unanswered[LEFT]


@pytest.mark.parametrize("mode", ["slow", "hang"])
def test_an_index_that_does_not_hurry_is_owed_an_answer_on_time(service: IndexService, mode: str) -> None:
    service.mode = mode
    answers = ask(service, Question(*DEMO), timeout=0.1)
    assert DEMO in answers.unanswered


def test_a_passing_failure_is_tried_again(service: IndexService) -> None:
    service.mode = "500-once"
    assert DEMO in ask(service, Question(*DEMO)).answers


def test_an_index_that_fails_and_fails_is_left_alone(service: IndexService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.adapters.indexes.indexes.THREADS", 1)
    service.mode = "html"
    answers = ask(service, *(Question("PyPI", f"p{number}") for number in range(20)))
    assert len(answers.unanswered) == 20
    assert len(service.requests) == 3


def test_questions_beyond_the_bound_are_told_as_unasked(service: IndexService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "MAX_REQUESTS", 2)
    monkeypatch.setattr("tidegate.adapters.indexes.indexes.THREADS", 1)
    answers = ask(service, *(Question("PyPI", f"p{number}") for number in range(5)))
    assert (len(answers.answers), len(answers.unasked)) == (2, 3)
    assert len(service.requests) == 2


def test_attestations_at_another_host_are_not_fetched(service: IndexService) -> None:
    service.elsewhere = "https://elsewhere.example"
    service.pypi("demo", {"1.0": Release(publisher=GITHUB)})
    service.npm("left", {"1.0.0": Release(publisher=GITHUB)})
    answers = ask(service, Question(*DEMO, {"1.0": ()}), Question(*LEFT, {"1.0.0": ()}))
    assert answers.answers[DEMO].unknown == {"1.0": "its attestations lie at another host"}
    assert answers.answers[LEFT].unknown == {"1.0.0": "its attestations lie at another host"}


def test_promised_attestations_that_are_not_there_are_owed(service: IndexService) -> None:
    for path in [path for path in service.pages if "integrity" in path or "attestations" in path]:
        del service.pages[path]
    answers = ask(service, Question(*DEMO, {"1.0": ()}), Question(*LEFT, {"1.0.0": ()}))
    assert answers.unanswered.keys() == {DEMO, LEFT}


def test_a_release_of_many_files_is_asked_about_three_of_them(service: IndexService) -> None:
    service.pypi("demo", {"1.0": Release(publisher=GITHUB, wheels=40)})
    answers = ask(service, Question(*DEMO, {"1.0": ()}))
    assert answers.requests == 4
    assert answers.answers[DEMO].publishers == {"1.0": {ACME}}


def test_only_the_locked_files_of_a_release_count(service: IndexService) -> None:
    service.pypi("demo", {"1.0": Release(publisher=GITHUB, attested=1)})
    answers = ask(service, Question(*DEMO, {"1.0": ("demo-1.0-py3-none-any.whl",)}))
    assert answers.answers[DEMO].publishers == {"1.0": frozenset()}


def test_another_publisher_is_another(service: IndexService) -> None:
    service.pypi("demo", {"1.0": Release(publisher=GITHUB), "1.1": Release(publisher=OTHER)})
    publishers = ask(service, Question(*DEMO, {"1.0": (), "1.1": ()})).answers[DEMO].publishers
    assert publishers["1.0"] != publishers["1.1"]


def test_an_index_that_does_not_speak_of_attestations_leaves_publishers_unknown(service: IndexService) -> None:
    service.api = "1.1"
    service.pypi("demo", {"1.0": Release()})
    for file in service.pages["/simple/demo/"][1]["files"]:
        del file["provenance"]
    answer = ask(service, Question(*DEMO, {"1.0": ()})).answers[DEMO]
    assert answer.unknown == {"1.0": "its index does not speak of attestations"}


def test_an_ecosystem_nobody_can_ask_is_told_as_unasked(service: IndexService) -> None:
    answers = ask(service, Question("crates.io", "serde"))
    assert list(answers.unasked) == [("crates.io", "serde")]


@pytest.mark.parametrize(
    "url", ["http://index.example/simple", "https://user@index.example", "ftp://index.example", "https://", "nonsense"]
)
def test_an_address_that_is_not_encrypted_or_plain_is_not_asked(url: str) -> None:
    with pytest.raises(UnavailableError):
        Transport(url, 1.0)
    answers = Indexes(1.0, {"PyPI": url}).ask([Question(*DEMO)])
    assert DEMO in answers.unanswered


@pytest.mark.parametrize("ecosystem", ["PyPI", "npm"])
def test_the_public_addresses_come_from_libraries_and_are_the_registries(ecosystem: str) -> None:
    url = urls.parse(addresses.public(ecosystem))
    assert registries.is_public(ecosystem, url.host)
    assert not urls.faults(url)
    assert addresses.public("Maven") == ""
