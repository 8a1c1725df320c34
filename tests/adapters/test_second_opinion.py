"""pip-audit beside our own engine: what one sees and the other does not is told, and its silence is no answer."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pip_audit._service.interface import SkippedDependency

from support.databases import records, write
from support.osv_server import OsvServer, advisory
from tidegate.adapters.vulns import pip_audit_engine
from tidegate.adapters.vulns.offline import OfflineDatabase
from tidegate.adapters.vulns.osv_api import OsvApi
from tidegate.adapters.vulns.second_opinion import Engine, Opinion, SecondOpinion
from tidegate.errors import StaleDatabase, UnavailableError
from tidegate.model.package import Locked, Source, SourceKind
from tidegate.model.vulnerability import Advisory, Severity
from tidegate.ports import Audit, Unaudited, Unevaluable

RECORDS = [
    advisory("PYSEC-2026-1", "PyPI", "foo", fixed="2.0", aliases=["CVE-2026-1"]),
    advisory("GHSA-aaaa-bbbb-cccc", "PyPI", "foo", fixed="1.5", aliases=["CVE-2026-2"]),
]


@dataclass
class Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


def locked(name: str, version: str = "1.0", ecosystem: str = "PyPI", public: bool = True) -> Locked:
    return Locked(ecosystem, name, name, version, Source(SourceKind.REGISTRY, public=public))


@dataclass
class Canned:
    """A first engine that says what it is told to say."""

    hits: dict[Locked, Sequence[Sequence[str]]] = field(default_factory=dict)
    unaudited: Sequence[Locked] = ()
    doubtful: Sequence[tuple[Locked, str]] = ()

    def audit(self, packages: Sequence[Locked]) -> Audit:
        hits = [
            (package, Advisory(tuple(ids), "", Severity.HIGH))
            for package in packages
            for ids in self.hits.get(package, ())
        ]
        unaudited = tuple(Unaudited(each, "a reason") for each in self.unaudited)
        doubts = tuple(Unevaluable(package, name, "a reason") for package, name in self.doubtful)
        return Audit((), tuple(hits), unaudited, len(packages) - len(unaudited), unevaluable=doubts)


@dataclass
class Second:
    """A second engine that says what it is told to say, and remembers what it was asked."""

    hits: dict[Locked, Sequence[Sequence[str]]] = field(default_factory=dict)
    skips: dict[Locked, str] = field(default_factory=dict)
    silent: Sequence[Locked] = ()
    asked: list[Locked] = field(default_factory=list)

    def __call__(self) -> Engine:
        return Engine("other 1.0", "PyPI", self._ask)

    def _ask(self, packages: Sequence[Locked]) -> Iterable[Opinion]:
        self.asked += packages
        return [
            Opinion(each, tuple(frozenset(ids) for ids in self.hits.get(each, ())), self.skips.get(each, ""))
            for each in packages
            if each not in self.silent
        ]


FOO, BAR = locked("foo"), locked("bar")


def told(audit: Audit) -> set[tuple[str, str, str]]:
    return {(each.package.name, each.advisory, each.missed_by) for each in audit.disputes}


def test_the_same_advisories_under_other_names_are_no_dispute() -> None:
    first = Canned({FOO: [("GHSA-1", "CVE-1"), ("PYSEC-2",)]})
    second = Second({FOO: [("cve-1", "PYSEC-1"), ("PYSEC-2", "CVE-2")]})
    answer = SecondOpinion(first, second).audit([FOO, BAR])
    assert told(answer) == set()
    assert (answer.audited, len(answer.hits)) == (2, 2)
    assert answer.notes == ("other 1.0 was asked too, about 2 packages",)


def test_what_only_one_of_them_sees_is_told_with_both_their_names() -> None:
    first = Canned({FOO: [("GHSA-1", "CVE-1")]})
    second = Second({FOO: [("GHSA-2", "CVE-2")], BAR: [("GHSA-3",)]})
    answer = SecondOpinion(first, second).audit([FOO, BAR])
    assert told(answer) == {
        ("foo", "GHSA-1", "other 1.0"),
        ("foo", "CVE-2", "tidegate"),
        ("bar", "GHSA-3", "tidegate"),
    }
    assert {each.seen_by for each in answer.disputes} == {"tidegate", "other 1.0"}


def test_an_advisory_the_first_one_doubts_is_a_finding_already() -> None:
    second = Second({FOO: [("GHSA-1", "CVE-1")]})
    assert told(SecondOpinion(Canned(doubtful=[(FOO, "GHSA-1")]), second).audit([FOO])) == set()
    assert told(SecondOpinion(Canned(doubtful=[(FOO, "GHSA-9")]), second).audit([FOO])) == {
        ("foo", "CVE-1", "tidegate")
    }


def test_what_the_second_one_skips_is_not_audited() -> None:
    answer = SecondOpinion(Canned(), Second(skips={FOO: "no wheel"})).audit([FOO, BAR, FOO])
    assert (answer.audited, [each.package for each in answer.unaudited]) == (1, [FOO, FOO])
    assert "other 1.0 skipped it: no wheel" in answer.unaudited[0].reason


def test_it_is_asked_only_about_its_own_ecosystem_and_what_the_first_one_audited() -> None:
    second = Second()
    npm, private = locked("left", ecosystem="npm"), locked("private", public=False)
    answer = SecondOpinion(Canned(unaudited=[private]), second).audit([FOO, npm, private, FOO])
    assert second.asked == [FOO]
    assert answer.audited == 3
    alone = SecondOpinion(Canned(), second).audit([npm])
    assert second.asked == [FOO]
    assert alone.notes == ("other 1.0 had nothing to audit",)


def test_an_engine_that_forgets_a_package_has_not_answered() -> None:
    with pytest.raises(UnavailableError, match="1 of 2"):
        SecondOpinion(Canned(), Second(silent=[BAR])).audit([FOO, BAR])


def both(url: str, *packages: Locked, timeout: float = 5.0) -> Audit:
    first = OsvApi(url, timeout, Now(), None)
    return SecondOpinion(first, lambda: pip_audit_engine.online(url, timeout)).audit(packages)


def test_over_one_service_the_two_agree_and_only_public_names_are_sent() -> None:
    with OsvServer(RECORDS) as server:
        private = locked("secret-private", public=False)
        answer = both(server.url, FOO, BAR, locked("foo", "1.7"), locked("foo", "1.0+local"), private)
        assert (answer.disputes, answer.audited, len(answer.hits)) == ((), 4, 5)
        assert server.names_asked == {"foo", "bar", "jinja2"}
    assert "pip-audit 2." in answer.notes[0]


def test_what_it_passes_over_is_a_dispute() -> None:
    """pip-audit reads one page and no more."""
    with OsvServer(RECORDS, "pages") as server:
        answer = both(server.url, FOO)
    (dispute,) = answer.disputes
    assert (dispute.advisory, dispute.missed_by.partition(" ")[0]) == ("GHSA-aaaa-bbbb-cccc", "pip-audit")


class Turned(OsvServer):
    """Sound for the first engine, and in another mode for who asks one package at a time."""

    def __init__(self, mode: str) -> None:
        super().__init__(RECORDS)
        self.later = mode

    def turn(self) -> None:
        self.mode = self.later


@pytest.mark.parametrize("mode", ["html", "error-json", "500", "404", "redirect", "truncated", "gzip-bomb", "killed"])
def test_whatever_breaks_it_is_no_answer(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pip_audit_engine, "MAX_ANSWER", 1 << 20)
    with Turned(mode) as server:
        first = OsvApi(server.url, 5.0, Now(), None)

        def second() -> Engine:
            server.turn()
            return pip_audit_engine.online(server.url, 1.0)

        with pytest.raises(UnavailableError, match="pip-audit") as caught:
            SecondOpinion(first, second).audit([FOO, BAR])
    assert caught.value.hint


def test_a_service_that_hangs_is_given_up() -> None:
    with OsvServer(RECORDS, "hang") as server:
        engine = pip_audit_engine.online(server.url, 1.0)
        with pytest.raises(UnavailableError, match="pip-audit"):
            list(engine.ask([FOO]))


def offline(folder: Path, *packages: Locked) -> Audit:
    first = OfflineDatabase(folder, timedelta(days=7), Now())
    return SecondOpinion(first, lambda: pip_audit_engine.offline(folder)).audit(packages)


def test_over_a_database_the_two_agree(tmp_path: Path) -> None:
    write(tmp_path, records(aliases=["CVE-1"]))
    answer = offline(tmp_path, FOO, BAR, locked("Foo", "1.9rc1"), locked("foo", "2.0rc1"), locked("foo", "2.0"))
    assert (answer.disputes, answer.audited, len(answer.hits)) == ((), 5, 3)


@pytest.mark.parametrize(
    "events",
    [
        [{"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "1.0"}, {"fixed": "1.2"}],
        [{"fixed": "1.2"}, {"introduced": "0.5"}],
        [{"introduced": "0"}, {"last_affected": "1.0"}],
        [{"introduced": "0"}, {"last_affected": "0.9"}],
        [{"introduced": "1.0"}],
        [{"introduced": "1.1"}],
        [{"introduced": "0"}, {"fixed": "not a version"}],
    ],
    ids=json.dumps,
)
def test_ranges_of_every_shape_are_read_alike(tmp_path: Path, events: list[dict[str, str]]) -> None:
    made = records()
    made[0]["affected"][0]["ranges"][0]["events"] = events
    write(tmp_path, made)
    assert offline(tmp_path, FOO, BAR).disputes == ()


def test_a_database_it_cannot_read_is_no_answer(tmp_path: Path) -> None:
    path = write(tmp_path, records())
    engine = pip_audit_engine.offline(tmp_path)
    path.write_bytes(b"PK")
    with pytest.raises(StaleDatabase, match="pip-audit"):
        list(engine.ask([FOO]))


def test_a_skip_of_its_own_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    class Skipping:
        def query(self, spec: object) -> tuple[object, list[object]]:
            return SkippedDependency("foo", "nobody knows"), []

    monkeypatch.setattr(pip_audit_engine, "_service", lambda url, timeout: Skipping())
    (opinion,) = pip_audit_engine.online("http://127.0.0.1:9", 1.0).ask([FOO])
    assert opinion.skipped == "nobody knows"
    (odd,) = pip_audit_engine.online("http://127.0.0.1:9", 1.0).ask([locked("foo", "one")])
    assert odd.skipped == "it reads no such version"
