"""A loopback service that speaks OSV, well or badly.

with OsvServer(records, mode="ok") as server:
    OsvApi(server.url, ...)
    server.requests      # what it was asked, in order
    server.kill()        # gone, with every open connection
"""

import contextlib
import gzip
import json
import re
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from support.loopback import Handler, Serving, trickle

Json = dict[str, Any]

MODES = (
    "ok",
    "latency",  # 50 ms before every answer
    "pages",  # one advisory a page
    "token-only",  # a page token and nothing else, for ever
    "short",  # one result less than queries
    "long",  # one result more than queries
    "empty",  # {}
    "error-json",  # an error object with status 200
    "error-results",  # error objects in the place of results
    "html",
    "redirect",
    "429",  # once, with Retry-After
    "429-always",
    "500-once",
    "500",
    "404",
    "hang",
    "slow",  # one byte at a time
    "truncated",
    "huge",
    "gzip-bomb",
    "duplicate-keys",
    "schema-2",
    "no-affected",
    "git-only",
    "withdrawn",
    "404-vuln",
    "wrong-id",
    "killed",  # dies after its first answer
    "blind",  # knows no package at all
    "overreach",  # names every advisory of a package, whatever the version
    "reversed",  # the answers in another order than the questions
    "reordered",  # the same, but for the last
    "vuln-error-json",  # an error object with status 200 in the place of an advisory
    "html-as-json",  # HTML that calls itself JSON
    "older",  # advisories as they were before the change it names
    "case",  # ecosystems in lower case, names in upper
)


def advisory(
    identifier: str, ecosystem: str, name: str, introduced: str = "0", fixed: str = "", **members: Any
) -> Json:
    """A minimal OSV record with one range."""
    events = [{"introduced": introduced}, *([{"fixed": fixed}] if fixed else [])]
    kind = "SEMVER" if ecosystem in ("npm", "Go", "crates.io") else "ECOSYSTEM"
    return {
        "schema_version": "1.7.0",
        "id": identifier,
        "modified": "2026-01-02T03:04:05Z",
        "affected": [
            {
                "package": {"ecosystem": ecosystem, "name": name},
                "ranges": [{"type": kind, "events": events}],
            }
        ],
        **members,
    }


CANARIES = (
    advisory("GHSA-462w-v97r-4m45", "PyPI", "jinja2", fixed="2.10.1"),
    advisory("GHSA-jf85-cpcp-j695", "npm", "lodash", fixed="4.17.12"),
    advisory("GO-2021-0113", "Go", "golang.org/x/text", fixed="0.3.7"),
    advisory("RUSTSEC-2019-0009", "crates.io", "smallvec", introduced="0.6.5", fixed="0.6.10"),
    advisory("GHSA-5r2p-j47h-mhpg", "RubyGems", "rack", introduced="2.0.0", fixed="2.0.6"),
    advisory("GHSA-25mq-v84q-4j7r", "Packagist", "guzzlehttp/guzzle", fixed="6.5.8"),
    advisory("GHSA-jfh8-c2jp-5v3q", "Maven", "org.apache.logging.log4j:log4j-core", fixed="2.15.0"),
    advisory("GHSA-5crp-9r3c-p9vr", "NuGet", "Newtonsoft.Json", fixed="13.0.1"),
    advisory("GHSA-p8f7-22gq-m7j9", "Hex", "phoenix", fixed="1.6.14"),
)
"""What a real service knows about the packages a client may use to see whether it knows anything."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class OsvServer(Serving):
    """Serves `records` and the canaries' on a free loopback port until left or killed."""

    def __init__(self, records: Sequence[Json] = (), mode: str = "ok", latency: float = 0.0) -> None:
        """`latency` in seconds before every answer, whatever the mode."""
        self.latency = latency
        if mode not in MODES:
            raise ValueError(f"unknown mode {mode!r}")
        self.mode = mode
        self.records: dict[str, Json] = {record["id"]: record for record in (*CANARIES, *records)}
        self.requests: list[Request] = []
        self.lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.listen(_Handler)

    def stop(self) -> None:
        self.kill()

    def kill(self) -> None:
        """Stop listening and break every open connection; may be called more than once, from any thread."""
        if self.stopped.is_set():
            return
        super().stop()
        with self.lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    @property
    def names_asked(self) -> set[str]:
        """Package names that reached the server, canaries too."""
        return {query["package"]["name"] for query in self.queries}

    @property
    def queries(self) -> list[Json]:
        bodies = [request.body for request in self.requests if request.method == "POST"]
        return [query for body in bodies for query in body.get("queries", [body])]

    def named(self, query: Json) -> list[Json]:
        """The records this server names for one query, by its own plain reading of numbers."""
        if self.mode == "blind":
            return []
        package, version = query["package"], query.get("version", "")
        return [
            record
            for record in self.records.values()
            if any(_concerns(entry, package, version, self.mode == "overreach") for entry in record["affected"])
        ]

    def remember(self, connection: socket.socket) -> None:
        with self.lock:
            self._open.add(connection)

    def forget(self, connection: socket.socket) -> None:
        with self.lock:
            self._open.discard(connection)


def _concerns(entry: Json, package: Json, version: str, any_version: bool) -> bool:
    own = entry.get("package", {})
    if (own.get("ecosystem"), own.get("name")) != (package["ecosystem"], package["name"]):
        return False
    if any_version or version in entry.get("versions", ()):
        return True
    return any(_within(item["events"], version) for item in entry.get("ranges", ()) if item["type"] != "GIT")


def _within(events: Sequence[Json], version: str) -> bool:
    low = next(_numbers(event["introduced"]) for event in events if "introduced" in event)
    fixed = [_numbers(event["fixed"]) for event in events if "fixed" in event]
    last = [_numbers(event["last_affected"]) for event in events if "last_affected" in event]
    here = _numbers(version)
    return low <= here and all(here < each for each in fixed) and all(here <= each for each in last)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


class _Handler(Handler):
    owner: OsvServer

    def setup(self) -> None:
        super().setup()
        self.owner.remember(self.connection)

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.owner.forget(self.connection)

    def do_GET(self) -> None:
        self._serve(None)

    def do_POST(self) -> None:
        self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _serve(self, body: Any) -> None:
        owner = self.owner
        with owner.lock:
            owner.requests.append(Request(self.command, self.path, body, dict(self.headers)))
            number = len(owner.requests)
        try:
            if not self._misbehave(owner.mode, number):
                self._send(*self._answer(body))
        except OSError:
            self.close_connection = True

    def _misbehave(self, mode: str, number: int) -> bool:
        """Answer in the way of the mode; False when the answer itself is wanted."""
        time.sleep(0.05 if mode == "latency" else self.owner.latency)
        if mode == "html-as-json":
            self._send(200, b"<html>welcome to the hotel</html>")
            return True
        if mode in ("hang", "killed") and (mode == "hang" or number > 1):
            if mode == "killed":
                threading.Thread(target=self.owner.kill, daemon=True).start()
            self.owner.stopped.wait(30)
            self.close_connection = True
            return True
        elif mode == "html":
            self._send(200, b"<html>welcome to the hotel</html>", "text/html")
            return True
        elif mode == "redirect":
            self._send(302, b"", headers={"Location": "https://elsewhere.example/"})
            return True
        elif mode == "429-always" or (mode == "429" and number == 1):
            self._send(429, b"{}", headers={"Retry-After": "0" if mode == "429" else "3600"})
            return True
        elif mode in ("500", "404") or (mode == "500-once" and number == 1):
            self._send(500 if mode != "404" else 404, b"{}")
            return True
        return False

    def _answer(self, body: Any) -> tuple[int, bytes]:
        if self.command == "POST" and self.path == "/v1/querybatch":
            return 200, self._batch(body["queries"])
        if self.command == "POST" and self.path == "/v1/query":
            return 200, self._single(body)
        match = re.fullmatch(r"/v1/vulns/([^/]+)", self.path)
        record = self.owner.records.get(match[1]) if match else None
        if self.owner.mode == "vuln-error-json":
            return 200, b'{"code": 5, "message": "Bug not found."}'
        if record is None or self.owner.mode == "404-vuln":
            return 404, b'{"code": 5, "message": "Bug not found."}'
        return 200, json.dumps(_twisted(record, self.owner.mode)).encode()

    def _single(self, query: Json) -> bytes:
        """`POST /v1/query`, which answers whole records; its pages are told apart by a token as well."""
        mode = self.owner.mode
        found = [_twisted(record, mode) for record in self.owner.named(query)]
        if mode == "token-only":
            return b'{"vulns": [], "next_page_token": "again"}'
        if mode in ("error-json", "error-results", "vuln-error-json"):
            return b'{"code": 3, "message": "Invalid version."}'
        if mode == "pages" and found:
            page = int(query.get("page_token", "0"))
            more = {"next_page_token": str(page + 1)} if page + 1 < len(found) else {}
            return json.dumps({"vulns": found[page : page + 1], **more}).encode()
        return json.dumps({} if mode in ("empty", "short") or not found else {"vulns": found}).encode()

    def _batch(self, queries: Sequence[Json]) -> bytes:
        mode = self.owner.mode
        results = [self._result(query, mode) for query in queries]
        if mode == "short":
            results.pop()
        if mode == "reversed":
            results.reverse()
        if mode == "reordered":
            results = [*reversed(results[:-1]), results[-1]]
        if mode == "long":
            results.append({})
        whole: Any = {"results": results}
        if mode == "empty":
            whole = {}
        if mode == "error-json":
            whole = {"code": 3, "message": "Invalid version."}
        text = json.dumps(whole)
        if mode == "duplicate-keys":
            text = '{"results": [],' + text[1:]
        return text.encode()

    def _result(self, query: Json, mode: str) -> Json:
        pairs = [{"id": record["id"], "modified": record["modified"]} for record in self.owner.named(query)]
        if mode == "token-only":
            return {"next_page_token": "again"}
        if mode == "error-results":
            return {"code": 5, "message": "not found"}
        if mode == "pages" and pairs:
            page = int(query.get("page_token", "0"))
            more = {"next_page_token": str(page + 1)} if page + 1 < len(pairs) else {}
            return {"vulns": pairs[page : page + 1], **more}
        return {"vulns": pairs} if pairs else {}

    def _send(
        self, status: int, body: bytes, kind: str = "application/json", headers: Mapping[str, str] | None = None
    ) -> None:
        mode = self.owner.mode
        if mode == "huge":
            body = b'{"results": [' + b" " * (80 << 20) + b"]}"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if mode == "gzip-bomb":
            body = gzip.compress(b" " * (200 << 20), 9)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if mode == "truncated":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif mode == "slow":
            trickle(self, body, self.owner.stopped)
        else:
            self.wfile.write(body)
        self.wfile.flush()


def _twisted(record: Json, mode: str) -> Json:
    """The record as a service in this mode would have it; the canaries stay as they are."""
    if any(record["id"] == canary["id"] for canary in CANARIES):
        return {**record, "id": "GHSA-0000-0000-0000"} if mode == "wrong-id" else record
    match mode:
        case "schema-2":
            return {**record, "schema_version": "2.0.0"}
        case "no-affected":
            return {key: value for key, value in record.items() if key != "affected"}
        case "git-only":
            package = record["affected"][0]["package"]
            git = {"type": "GIT", "repo": "https://forge.example/x", "events": [{"introduced": "0"}]}
            return {**record, "affected": [{"package": package, "ranges": [git]}]}
        case "withdrawn":
            return {**record, "withdrawn": "2026-01-01T00:00:00Z"}
        case "older":
            return {**record, "modified": "2020-01-01T00:00:00Z"}
        case "case":
            (entry,) = record["affected"]
            named = {"ecosystem": entry["package"]["ecosystem"].lower(), "name": entry["package"]["name"].upper()}
            return {**record, "affected": [{**entry, "package": named}]}
    return record
