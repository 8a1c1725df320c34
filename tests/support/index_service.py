"""A loopback service that speaks for a Python index and an npm registry, well or badly.

with IndexService() as service:
    service.pypi("demo", {"1.0": Release(publisher=GITHUB)})
    service.npm("left", {"1.0.0": Release(publisher=GITHUB)})
    Indexes(5.0, service.addresses)
    service.requests      # paths asked for, in order
"""

import base64
import contextlib
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from support.loopback import Handler, Serving, trickle

Json = dict[str, Any]

SIMPLE = "application/vnd.pypi.simple.v1+json"
INTEGRITY = "application/vnd.pypi.integrity.v1+json"
MODES = (
    "ok",
    "404",
    "500",
    "500-once",
    "429",
    "html",
    "redirect",
    "slow",  # one byte at a time
    "hang",
    "short",  # half of what it promised
    "huge",  # 10 MB and more than anybody reads
    "gzip-bomb",
    "other-name",
    "wrong-schema",
    "wrong-version",  # of the interface
    "duplicate-keys",
    "not-json",
)
GITHUB: Json = {"kind": "GitHub", "repository": "acme/demo", "workflow": "release.yml", "environment": None}
OTHER: Json = {"kind": "GitHub", "repository": "mallory/demo", "workflow": "release.yml", "environment": None}


@dataclass(frozen=True)
class Release:
    """One release. `publisher` None publishes without attestations; `trusted` and `approver` are npm's."""

    time: str = "2026-01-01T00:00:00.000000Z"
    publisher: Json | None = None
    yanked: bool | str = False
    deprecated: str | bool = ""
    trusted: bool = False
    approver: str = ""
    wheels: int = 1
    attested: int | None = None
    """How many of its files are attested; all when there is a publisher and this is None."""


@dataclass
class IndexService(Serving):
    """Serves on a free loopback port until left. `mode` is how it behaves, `status` what projects are under PEP 792."""

    mode: str = "ok"
    api: str = "1.4"
    status: Json | None = None
    elsewhere: str = ""
    """Another origin that attestations are said to lie at."""
    pages: dict[str, tuple[str, Json]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"unknown mode {self.mode!r}")
        self.listen(_Handler)
        self.addresses = {"PyPI": f"{self.url}/simple", "npm": self.url}

    def pypi(self, name: str, releases: Mapping[str, Release]) -> None:
        files = []
        for version, release in releases.items():
            names = [f"{name}-{version}.tar.gz"]
            names += [
                f"{name.replace('-', '_')}-{version}-py{number + 3}-none-any.whl" for number in range(release.wheels)
            ]
            attested = len(names) if release.attested is None else release.attested
            for number, file in enumerate(names):
                provenance = None
                if release.publisher is not None and number < attested:
                    path = f"/integrity/{name}/{version}/{file}/provenance"
                    provenance = (self.elsewhere or self.url) + path
                    self.pages[path] = (INTEGRITY, provenance_object(release.publisher))
                files.append(
                    {
                        "filename": file,
                        "url": f"{self.url}/files/{file}",
                        "hashes": {"sha256": "0" * 64},
                        "yanked": release.yanked,
                        "upload-time": release.time,
                        "provenance": provenance,
                    }
                )
        page: Json = {"meta": {"api-version": self.api}, "name": name, "versions": list(releases), "files": files}
        if self.status is not None:
            page["project-status"] = self.status
        self.pages[f"/simple/{name}/"] = (SIMPLE, page)

    def npm(self, name: str, releases: Mapping[str, Release]) -> None:
        versions: Json = {}
        for version, release in releases.items():
            user: Json = {"name": "somebody", "email": "somebody@mail.example"}
            if release.trusted:
                user["trustedPublisher"] = {"id": "github", "oidcConfigId": "oidc:1"}
            if release.approver:
                user["approver"] = {"name": release.approver}
            dist: Json = {"tarball": f"{self.url}/{name}.tgz"}
            if release.publisher is not None:
                path = f"/-/npm/v1/attestations/{quote(name, safe='@')}@{version}"
                url = (self.elsewhere or self.url) + path
                dist["attestations"] = {"url": url, "provenance": {"predicateType": "https://slsa.dev/provenance/v1"}}
                self.pages[unquote(path)] = ("application/json", npm_attestations(name, version, release.publisher))
            versions[version] = {"name": name, "version": version, "dist": dist, "_npmUser": user}
            if release.deprecated:
                versions[version]["deprecated"] = release.deprecated
        times = {version: release.time for version, release in releases.items()}
        page = {"name": name, "versions": versions, "time": {"created": "2020-01-01T00:00:00Z", **times}}
        self.pages[f"/{name}"] = ("application/json", page)


def provenance_object(publisher: Json) -> Json:
    """A PEP 740 provenance object around an attestation nobody verifies here."""
    attestation = {"version": 1, "verification_material": {}, "envelope": {}}
    return {"version": 1, "attestation_bundles": [{"publisher": publisher, "attestations": [attestation]}]}


def npm_attestations(name: str, version: str, publisher: Json) -> Json:
    """What npm answers: its own publish attestation and the workflow's SLSA provenance."""
    workflow = {
        "ref": "refs/heads/main",
        "repository": f"https://github.com/{publisher['repository']}",
        "path": f".github/workflows/{publisher['workflow']}",
    }
    predicate = {
        "buildDefinition": {
            "buildType": "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
            "externalParameters": {"workflow": workflow},
        },
        "runDetails": {"builder": {"id": "https://github.com/actions/runner/github-hosted"}},
    }
    provenance = _attestation("https://slsa.dev/provenance/v1", name, version, predicate)
    publish = _attestation("https://github.com/npm/attestation/tree/main/specs/publish/v0.1", name, version, {})
    return {"attestations": [publish, provenance]}


def _attestation(kind: str, name: str, version: str, predicate: Json) -> Json:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": f"pkg:npm/{name.replace('@', '%40')}@{version}", "digest": {"sha512": "0" * 128}}],
        "predicateType": kind,
        "predicate": predicate,
    }
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    envelope = {
        "payload": payload,
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"sig": "AAAA", "keyid": ""}],
    }
    return {"predicateType": kind, "bundle": {"dsseEnvelope": envelope}}


class _Handler(Handler):
    owner: IndexService

    def do_GET(self) -> None:
        owner = self.owner
        owner.requests.append(self.path)
        with contextlib.suppress(OSError):
            self._serve(owner, owner.mode, len(owner.requests))

    def _serve(self, owner: IndexService, mode: str, number: int) -> None:
        kind, page = owner.pages.get(unquote(self.path), ("", {}))
        if mode in ("404", "500", "429") or (mode == "500-once" and number == 1):
            self._send(int(mode[:3]), b"{}", kind)
        elif mode == "html":
            self._send(200, b"<html>welcome to the hotel</html>", "text/html")
        elif mode == "redirect":
            self.send_response(302)
            self.send_header("Location", "https://elsewhere.example/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif mode == "hang":
            owner.stopped.wait(30)
            self.close_connection = True
        elif not kind:
            self._send(404, b'{"message": "Not Found"}', "application/json")
        else:
            self._send(200, _twisted(page, mode), kind)

    def _send(self, status: int, body: bytes, kind: str) -> None:
        mode = self.owner.mode
        self.send_response(status)
        self.send_header("Content-Type", kind or "application/json")
        if mode == "gzip-bomb":
            body = gzip.compress(b" " * (100 << 20), 9)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if mode == "short":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif mode == "slow":
            trickle(self, body, self.owner.stopped)
        else:
            self.wfile.write(body)
        self.wfile.flush()


def _twisted(page: Json, mode: str) -> bytes:
    match mode:
        case "other-name":
            page = {**page, "name": "other"}
        case "wrong-schema":
            page = {**page, "files": {}, "versions": []}
        case "wrong-version":
            page = {**page, "meta": {"api-version": "2.0"}, "versions": "2.0"}
        case "not-json":
            return b"\xff\xfe" + json.dumps(page).encode()
        case "duplicate-keys":
            return b'{"name": "demo",' + json.dumps(page).encode()[1:]
        case "huge":
            return b'{"name": "' + b"x" * (49 << 20) + b'"}'
    return json.dumps(page).encode()
