"""The OSV service: asked about public packages alone, believed only when its answer is whole and in form."""

import gzip
import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.osv_server import CANARIES, OsvServer, advisory
from tidegate.adapters.vulns import osv_api, transport
from tidegate.adapters.vulns.cache import RecordCache
from tidegate.adapters.vulns.osv_api import OsvApi
from tidegate.errors import UnavailableError
from tidegate.model.package import Locked, Source, SourceKind
from tidegate.ports import Audit

RECORDS = [
    advisory("PYSEC-2026-1", "PyPI", "foo", fixed="2.0", aliases=["CVE-2026-1"]),
    advisory("PYSEC-2026-2", "PyPI", "foo", fixed="1.5"),
    advisory("GHSA-xxxx-yyyy-zzzz", "npm", "@scope/foo", fixed="1.0.1"),
]


@dataclass
class StoppedClock:
    time: datetime = datetime(2026, 1, 3, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def locked(
    name: str,
    version: str = "1.0",
    ecosystem: str = "PyPI",
    kind: SourceKind = SourceKind.REGISTRY,
    public: bool = True,
) -> Locked:
    return Locked(ecosystem, name, name, version, Source(kind, public=public))


def ask(url: str, *packages: Locked, timeout: float = 5.0, cache: Path | None = None) -> Audit:
    return OsvApi(url, timeout, StoppedClock(), cache).audit(packages or [locked("foo"), locked("bar")])


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between attempts cost nothing here."""
    monkeypatch.setattr("tidegate.adapters.service.time.sleep", lambda seconds: None)


@pytest.fixture
def server() -> Iterator[OsvServer]:
    with OsvServer(RECORDS) as running:
        yield running


def test_a_whole_answer_is_matched_here(server: OsvServer) -> None:
    answer = ask(server.url, locked("foo"), locked("bar"), locked("@scope/foo", "1.0.0", "npm"))
    assert [(package.name, hit.id, hit.fixed) for package, hit in answer.hits] == [
        ("foo", "CVE-2026-1", ("2.0",)),
        ("foo", "PYSEC-2026-2", ("1.5",)),
        ("@scope/foo", "GHSA-xxxx-yyyy-zzzz", ("1.0.1",)),
    ]
    assert (answer.audited, answer.unaudited, answer.unevaluable) == (3, (), ())
    (facts,) = answer.facts
    assert (facts.name, facts.offline, facts.newest) == (server.url, False, "")
    assert answer.queries == len(server.requests) == 1 + 3 + 2


@pytest.mark.parametrize("mode", ["latency", "pages", "429", "500-once", "overreach"])
def test_a_slow_paged_or_stumbling_service_gives_the_same_answer(mode: str) -> None:
    with OsvServer(RECORDS, mode) as stumbling:
        answer = ask(stumbling.url)
    assert [hit.id for _, hit in answer.hits] == ["CVE-2026-1", "PYSEC-2026-2"]
    assert answer.audited == 2


def test_an_advisory_named_too_freely_is_dropped_after_being_read() -> None:
    with OsvServer(RECORDS, "overreach") as server:
        answer = ask(server.url, locked("foo", "1.7"))
        assert [hit.id for _, hit in answer.hits] == ["CVE-2026-1"]
        assert any(request.path.endswith("PYSEC-2026-2") for request in server.requests)


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("token-only", "pages"),
        ("short", "2 results for 3 queries"),
        ("long", "4 results for 3 queries"),
        ("empty", "results"),
        ("error-json", "results"),
        ("error-results", "shape"),
        ("html", "text/html"),
        ("redirect", "302"),
        ("429-always", "429"),
        ("500", "500"),
        ("404", "404"),
        ("truncated", "broke off"),
        ("huge", "bytes"),
        ("gzip-bomb", "bytes"),
        ("duplicate-keys", "twice"),
        ("schema-2", "schema_version"),
        ("404-vuln", "404"),
        ("wrong-id", "instead of"),
        ("killed", "no connection|broke off"),
        ("blind", "known case"),
        ("reversed", "known case"),
        ("vuln-error-json", "usable `id`"),
        ("html-as-json", "JSON"),
        ("older", "an older one"),
    ],
)
def test_anything_but_a_whole_answer_is_no_answer(mode: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osv_api, "MAX_ANSWER", 1 << 20)
    with OsvServer(RECORDS, mode) as server, pytest.raises(UnavailableError, match=why) as caught:
        ask(server.url)
    assert caught.value.hint


@pytest.mark.parametrize("mode", ["hang", "slow"])
def test_a_service_that_takes_its_time_is_given_up(mode: str) -> None:
    started = time.monotonic()
    with OsvServer(RECORDS, mode) as server, pytest.raises(UnavailableError):
        ask(server.url, timeout=0.2)
    assert time.monotonic() - started < 0.2 * transport.TOTAL + 1


def test_a_service_that_is_not_there_is_no_answer() -> None:
    with OsvServer(RECORDS) as server:
        url = server.url
    with pytest.raises(UnavailableError, match="no connection"):
        ask(url)


@pytest.mark.parametrize(("mode", "reason"), [("no-affected", "names no"), ("git-only", "git")])
def test_an_advisory_that_decides_nothing_is_told_not_dropped(mode: str, reason: str) -> None:
    with OsvServer(RECORDS[:1], mode) as server:
        answer = ask(server.url)
    ((each),) = answer.unevaluable
    assert (each.package.name, each.advisory) == ("foo", "CVE-2026-1")
    assert reason in each.reason
    assert answer.hits == ()


def test_a_withdrawn_advisory_is_set_aside() -> None:
    with OsvServer(RECORDS, "withdrawn") as server:
        answer = ask(server.url)
    assert (answer.hits, answer.unevaluable, answer.audited) == ((), (), 2)


def test_answers_in_another_order_hide_nothing() -> None:
    """Every record is compared with every package that it names, wherever the service put it."""
    with OsvServer(RECORDS, "reordered") as server:
        answer = ask(server.url, locked("bar"), locked("baz"), locked("foo"))
    assert [(package.name, hit.id) for package, hit in answer.hits] == [("foo", "CVE-2026-1"), ("foo", "PYSEC-2026-2")]
    assert {each.package.name for each in answer.unevaluable} <= {"bar", "baz"}
    assert answer.unevaluable


def test_an_ecosystem_or_name_in_another_case_is_the_same_package() -> None:
    with OsvServer(RECORDS[:1], "case") as server:
        assert [hit.id for _, hit in ask(server.url).hits] == ["CVE-2026-1"]


@pytest.mark.parametrize("bird", osv_api.CANARIES.values(), ids=lambda bird: bird.ecosystem)
def test_every_ecosystem_asked_about_has_a_known_case_the_matcher_knows(bird: Locked, server: OsvServer) -> None:
    clean = locked("name", "99.0.0", bird.ecosystem)
    answer = ask(server.url, clean)
    assert (answer.audited, answer.hits, answer.unaudited) == (1, (), ())
    assert server.names_asked == {*osv_api._spellings(bird), "name"}
    assert [hit.id for _, hit in ask(server.url, locked(bird.name, bird.version, bird.ecosystem)).hits] == [
        record["id"] for record in CANARIES if record["affected"][0]["package"]["name"] == bird.name
    ]


@pytest.mark.parametrize("bird", osv_api.CANARIES.values(), ids=lambda bird: bird.ecosystem)
def test_a_service_that_knows_nothing_of_one_ecosystem_is_no_answer(bird: Locked) -> None:
    with OsvServer(RECORDS) as server:
        server.records = {
            name: record
            for name, record in server.records.items()
            if record["affected"][0]["package"]["ecosystem"] != bird.ecosystem
        }
        with pytest.raises(UnavailableError, match="known case"):
            ask(server.url, locked("name", "1.0.0", bird.ecosystem))


def test_a_go_module_is_asked_about_as_advisories_write_versions(server: OsvServer) -> None:
    ask(server.url, locked("golang.org/x/net", "v1.2.3", "Go"))
    assert {query["version"] for query in server.queries} == {"1.2.3", "0.3.0"}


def test_whoever_waits_is_told_how_far_it_is(server: OsvServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osv_api, "MAX_QUERIES", 5)
    said: list[str] = []
    OsvApi(server.url, 5.0, StoppedClock(), None, said.append).audit([locked(f"p{n}") for n in range(6)])
    assert said == [
        "advisories: 4 of 6 packages asked about",
        "advisories: 6 of 6 packages asked about",
        "advisories: reading 1",
    ]


SECRET = [
    (locked("secret-private", public=False), "not come from a public registry"),
    (locked("secret-git", kind=SourceKind.GIT), "git"),
    (locked("secret-git-public", kind=SourceKind.GIT, public=True), "git"),
    (locked("secret-url", kind=SourceKind.URL), "address"),
    (locked("secret-path", kind=SourceKind.PATH), "file"),
    (locked("secret-workspace", kind=SourceKind.WORKSPACE), "workspace"),
    (locked("secret-unknown", kind=SourceKind.UNKNOWN), "does not say"),
    (locked("secret-bundled", kind=SourceKind.BUNDLED, public=False), "not come from a public registry"),
    (locked("secret-no-version", ""), "no version"),
    (locked("secret-conan", ecosystem="ConanCenter"), "version order"),
    (locked("secret-pub", ecosystem="Pub"), "known case"),
    (locked("secret-version", "one"), "no PyPI version"),
    (locked("secret-version-2", "1.0\n"), "no PyPI version"),
    (locked("secret name"), "no PyPI name"),
    (locked("secret\ud800"), "no PyPI name"),
]


@pytest.mark.parametrize(("package", "reason"), SECRET, ids=lambda value: getattr(value, "name", ""))
def test_only_public_readable_packages_are_sent(server: OsvServer, package: Locked, reason: str) -> None:
    answer = ask(server.url, locked("foo"), package)
    assert server.names_asked == {"foo", "jinja2"}
    ((each),) = answer.unaudited
    assert each.package == package
    assert reason in each.reason
    assert (answer.audited, len(answer.hits)) == (1, 2)
    assert not any("secret" in json.dumps([request.path, request.body]) for request in server.requests)


def test_with_nothing_to_ask_the_service_hears_nothing(server: OsvServer) -> None:
    answer = ask(server.url, *(package for package, _ in SECRET))
    assert (answer.audited, len(answer.unaudited)) == (0, len(SECRET))
    assert server.requests == []


def test_a_local_build_is_asked_about_as_its_release(server: OsvServer) -> None:
    assert len(ask(server.url, locked("foo", "1.0+cu118")).hits) == 2
    assert {query["version"] for query in server.queries} == {"1.0", "2.4.1"}


def test_batches_stay_within_the_limit_and_each_carries_its_canaries(
    server: OsvServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(osv_api, "MAX_QUERIES", 5)
    answer = ask(server.url, *(locked(f"p{n}") for n in range(8)), locked("foo"))
    batches = [request.body["queries"] for request in server.requests if request.method == "POST"]
    assert [len(batch) for batch in batches] == [5, 5, 2]
    assert all(batch[-1]["package"]["name"] == "jinja2" for batch in batches)
    assert (answer.audited, len(answer.hits)) == (9, 2)


def test_a_canary_that_dies_in_a_later_batch_is_missed(server: OsvServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osv_api, "MAX_QUERIES", 5)
    seen = server.named

    def fading(query: dict[str, object]) -> list[dict[str, object]]:
        return [] if sum(request.method == "POST" for request in server.requests) > 1 else seen(query)

    monkeypatch.setattr(server, "named", fading)
    with pytest.raises(UnavailableError, match="known case"):
        ask(server.url, *(locked(f"p{n}") for n in range(8)))


def test_canaries_leave_no_trace_in_the_answer(server: OsvServer) -> None:
    answer = ask(server.url, locked("jinja2", "3.1.4"), locked("bar", "1.0.0", "npm"))
    assert (answer.hits, answer.audited) == ((), 2)
    hit = ask(server.url, locked("jinja2", "2.4.1"))
    assert [advisory.id for _, advisory in hit.hits] == ["GHSA-462w-v97r-4m45"]
    assert hit.audited == 1


@pytest.mark.parametrize("record", CANARIES[:2], ids=lambda record: record["id"])
def test_a_canary_whose_advisory_no_longer_covers_it_is_missed(record: dict[str, object]) -> None:
    package = record["affected"][0]["package"]  # type: ignore[index]
    emptied = advisory(str(record["id"]), package["ecosystem"], package["name"], fixed="0.0.1")
    with OsvServer([emptied], "overreach") as server, pytest.raises(UnavailableError, match="known case"):
        ask(server.url, locked("bar", "1.0.0", package["ecosystem"]))


@pytest.mark.parametrize(
    "url",
    [
        "http://osv.example",
        "ftp://osv.example",
        "https://user:word@osv.example",
        "https://osv.example?x=1",
        "https://",
        "http://127.0.0.1.example",
        "http://[::1",
        "https://osv.example:port",
        "",
    ],
)
def test_an_address_that_is_not_plain_and_encrypted_is_not_used(url: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        ask(url)
    assert "https" in caught.value.hint


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("3", 3, 3), ("0", 0, 0), ("Sat, 03 Jan 2026 00:00:07 GMT", 7, 7), ("yesterday", 0, 0), ("-1", 0, 0), ("", 0, 0)],
)
def test_retry_after_is_understood_in_both_forms(header: str, least: float, most: float) -> None:
    line = transport.Transport("https://osv.example", 1.0, StoppedClock())
    assert least <= line._after(header) <= most
    line.close()


def test_a_fetched_advisory_is_not_fetched_again(server: OsvServer, tmp_path: Path) -> None:
    first = ask(server.url, cache=tmp_path)
    before = len(server.requests)
    again = ask(server.url, cache=tmp_path)
    assert [request.method for request in server.requests[before:]] == ["POST"]
    assert (again.hits, again.audited) == (first.hits, first.audited)


def test_a_changed_advisory_is_fetched_again(server: OsvServer, tmp_path: Path) -> None:
    ask(server.url, cache=tmp_path)
    server.records["PYSEC-2026-2"] = advisory(
        "PYSEC-2026-2", "PyPI", "foo", fixed="3.0", modified="2026-01-03T00:00:00Z"
    )
    assert [hit.fixed for _, hit in ask(server.url, cache=tmp_path).hits] == [("2.0",), ("3.0",)]


@pytest.mark.parametrize("damage", [b"", b"x", b"\n{}", b"cut", b"flip", b"link", b"folder"])
def test_a_cache_entry_that_is_not_what_was_stored_is_fetched_again(
    server: OsvServer, tmp_path: Path, damage: bytes
) -> None:
    ask(server.url, cache=tmp_path)
    before = len(server.requests)
    entries = sorted((tmp_path / "osv").iterdir())
    assert len(entries) == 3
    for path in entries:
        raw = path.read_bytes()
        path.unlink()
        if damage == b"link":
            (tmp_path / path.name).write_bytes(raw)
            path.symlink_to(tmp_path / path.name)
        elif damage == b"folder":
            path.mkdir()
        else:
            path.write_bytes({b"cut": raw[:-1], b"flip": raw.replace(b"fixed", b"fixer")}.get(damage, damage))
    answer = ask(server.url, cache=tmp_path)
    assert len(answer.hits) == 2
    assert len(server.requests) - before == 4


def test_a_cache_that_cannot_be_written_does_no_harm(server: OsvServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert len(ask(server.url, cache=tmp_path / "file").hits) == 2


def test_the_cache_holds_only_what_it_was_asked_to_hold(tmp_path: Path) -> None:
    cache = RecordCache(tmp_path)
    cache.put("X-1", "2026-01-01T00:00:00Z", {"id": "X-2", "modified": "2026-01-01T00:00:00Z"})
    cache.put("X-1", "2026-01-01T00:00:00Z", {"id": "X-1", "modified": "2025-01-01T00:00:00Z"})
    assert cache.get("X-1", "2026-01-01T00:00:00Z") is None
    plain = {"id": "X-1", "modified": "2026-01-01T00:00:00Z", "summary": "ü"}
    cache.put("X-1", "2026-01-01T00:00:00Z", plain)
    assert cache.get("X-1", "2026-01-01T00:00:00Z") == plain
    assert RecordCache(None).get("X-1", "2026-01-01T00:00:00Z") is None


def test_a_compressed_answer_is_read() -> None:
    class Zipping(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = gzip.compress(b'{"a": [1, 2, 3]}')
            self.send_response(200)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Zipping) as running:
        threading.Thread(target=running.handle_request, daemon=True).start()
        line = transport.Transport(f"http://127.0.0.1:{running.server_address[1]}", 5.0, StoppedClock())
        assert line.get("/x", 100) == {"a": [1, 2, 3]}
        line.close()


def test_stored_passwords_and_proxies_stay_out_of_a_loopback_talk(
    server: OsvServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("default login me password " + "word\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert len(ask(server.url).hits) == 2
    assert not any("Authorization" in request.headers for request in server.requests)


def test_a_name_whose_case_the_code_host_ignores_is_asked_about_in_both_spellings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(osv_api, "MAX_QUERIES", 5)
    record = advisory("GO-2020-0017", "Go", "github.com/dgrijalva/jwt-go", fixed="9.0.0")
    with OsvServer([record]) as server:
        answer = ask(
            server.url,
            *(locked(f"example.com/Mod{n}", "v1.0.0", "Go") for n in range(3)),
            locked("github.com/Dgrijalva/jwt-go", "v3.2.0", "Go"),
        )
        assert [advisory.id for _, advisory in answer.hits] == ["GO-2020-0017"]
        assert (answer.audited, len(answer.unaudited)) == (4, 0)
        batches = [request.body["queries"] for request in server.requests if request.method == "POST"]
        assert all(len(batch) <= 5 for batch in batches)
