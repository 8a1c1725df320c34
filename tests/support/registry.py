"""Registries on loopback: Debian's real one, and a stand-in with the referrers API and, when told, bad manners."""

import contextlib
import ctypes
import hashlib
import json
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.loopback import Handler, Serving

BINARY = shutil.which("docker-registry")
ABSENT = "there is no `docker-registry` here (apt-get install docker-registry)"
IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"

MODES = (
    "ok",
    "hang",
    "wrong-digest",
    "other-bytes",
    "huge-blob",
    "huge-manifest",
    "redirect-away",
    "redirect-manifest",
    "redirect-plain",
    "redirect-loop",
    "endless",
    "elsewhere-page",
    "401-loop",
    "403",
    "truncated",
    "500",
    "500-once",
    "html",
    "no-referrers",
    "both",
    "upload-elsewhere",
    "packed",
    "bad-realm",
)


@contextlib.contextmanager
def docker_registry(folder: Path) -> Iterator[str]:
    """Debian's `docker-registry` on a free loopback port, storing in `folder`; gives `host:port`."""
    assert BINARY is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "registry.yml"
    config.write_text(
        "version: 0.1\n"
        "log: {level: error, accesslog: {disabled: true}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder / 'storage'}}}, delete: {{enabled: true}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    running = subprocess.Popen(
        [BINARY, "serve", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_die_with_parent,
    )
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            assert running.poll() is None, "the registry ended before it answered"
            time.sleep(0.02)
        yield f"127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(10)


def _die_with_parent() -> None:
    """A killed test run leaves no registry behind (prctl(2), PR_SET_PDEATHSIG; Linux only)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@dataclass
class Seen:
    method: str
    path: str
    headers: Mapping[str, str]


@dataclass
class Stored:
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Media type and bytes by digest or tag."""


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


class StandIn(Serving):
    """One repository's registry in memory; `token` makes it ask for a bearer token, `login` for that login first."""

    def __init__(self, mode: str = "ok", *, token: str = "", login: str = "") -> None:
        assert mode in MODES, mode
        self.mode = mode
        self.token = token
        self.login = login
        self.stored = Stored()
        self.seen: list[Seen] = []
        self.elsewhere = ""
        self.listen(_Handler)

    def put(self, raw: bytes, tag: str = "", kind: str = IMAGE) -> str:
        """Store a manifest as a push would."""
        self.stored.manifests[digest(raw)] = (kind, raw)
        if tag:
            self.stored.manifests[tag] = (kind, raw)
        return digest(raw)

    def blob(self, data: bytes) -> dict[str, Any]:
        """Store a blob; gives its descriptor without a type."""
        self.stored.blobs[digest(data)] = data
        return {"digest": digest(data), "size": len(data)}

    def authorizations(self) -> list[str]:
        return [seen.headers["Authorization"] for seen in self.seen if "Authorization" in seen.headers]

    def referring(self, to: str) -> list[dict[str, Any]]:
        """Descriptors of every manifest whose subject is `to`."""
        found: dict[str, dict[str, Any]] = {}
        for kind, raw in self.stored.manifests.values():
            plain = json.loads(raw)
            if (plain.get("subject") or {}).get("digest") == to:
                found[digest(raw)] = {
                    "mediaType": kind,
                    "digest": digest(raw),
                    "size": len(raw),
                    "artifactType": plain.get("artifactType", ""),
                }
        return list(found.values())


class _Handler(Handler):
    owner: StandIn

    def do_GET(self) -> None:
        self._serve()

    do_HEAD = do_POST = do_PUT = do_GET

    def _serve(self) -> None:
        owner = self.owner
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        owner.seen.append(Seen(self.command, self.path, dict(self.headers)))
        path = self.path.partition("?")[0]
        try:
            if path == "/token":
                self._token()
            elif self._misbehave(path):
                return
            elif owner.token and self.headers.get("Authorization") != f"Bearer {owner.token}":
                self._challenge()
            else:
                self._answer(path, body)
        except OSError:
            self.close_connection = True

    def _token(self) -> None:
        wanted = f"Basic {self.owner.login}" if self.owner.login else None
        if wanted and self.headers.get("Authorization") != wanted:
            self._send(401, b"{}")
        else:
            self._send(200, json.dumps({"token": self.owner.token or "anything"}).encode())

    def _challenge(self) -> None:
        realm = f"http://{self.owner.host}/token"
        if self.owner.mode == "bad-realm":
            realm = "http://login.example/token"
        challenge = f'Bearer realm="{realm}",service="stand-in",scope="repository:everything:*"'
        self._send(401, b"{}", {"WWW-Authenticate": challenge})

    def _misbehave(self, path: str) -> bool:
        mode, at_blob = self.owner.mode, "/blobs/sha256:" in path
        if mode == "hang":
            self.owner.stopped.wait(30)
            self.close_connection = True
        elif mode == "401-loop":
            self._challenge()
        elif mode == "403":
            self._send(403, b"{}")
        elif mode == "500" or (mode == "500-once" and len(self.owner.seen) == 1):
            self._send(500, b"{}")
        elif mode == "html":
            self._send(200, b"<html>welcome to the hotel</html>", {"Content-Type": "text/html"})
        elif self._led_away(mode, path, at_blob):
            self._send(307, b"", {"Location": f"http://{self.owner.elsewhere}{self.path}"})
        elif mode == "redirect-plain" and at_blob:
            self._send(307, b"", {"Location": "http://blobs.example/x"})
        elif mode == "redirect-loop" and at_blob:
            self._send(307, b"", {"Location": self.path})
        else:
            return False
        return True

    def _led_away(self, mode: str, path: str, at_blob: bool) -> bool:
        return (mode == "redirect-manifest" and "/manifests/" in path) or (
            mode == "redirect-away" and at_blob and self.command == "GET"
        )

    def _answer(self, path: str, body: bytes) -> None:
        match = re.fullmatch(r"/v2/[a-z0-9/._-]+?/(manifests|blobs|referrers)/(.+)", path)
        if match is None:
            self._send(404, b"{}")
        elif match[1] == "manifests":
            self._manifest(match[2], body)
        elif match[1] == "referrers":
            self._referrers(match[2])
        else:
            self._blob(match[2], body)

    def _manifest(self, wanted: str, body: bytes) -> None:
        if self.command == "PUT":
            kind = self.headers["Content-Type"]
            self.owner.put(body, "" if wanted.startswith("sha256:") else wanted, kind)
            subject = (json.loads(body).get("subject") or {}).get("digest", "")
            api = self.owner.mode not in ("no-referrers",)
            self._send(201, b"", {"OCI-Subject": subject} if subject and api else {})
            return
        kind, raw = self.owner.stored.manifests.get(wanted, ("", b""))
        if not kind:
            self._send(404, b"{}")
            return
        told = digest(raw)
        if self.owner.mode == "wrong-digest":
            told = digest(b"another")
        if self.owner.mode == "other-bytes":
            raw = raw.replace(b"{", b"{ ", 1)
        if self.owner.mode == "huge-manifest":
            raw = raw + b" " * (8 << 20)
        self._send(200, raw, {"Content-Type": kind, "Docker-Content-Digest": told})

    def _referrers(self, to: str) -> None:
        mode = self.owner.mode
        if mode == "no-referrers":
            self._send(404, b"404 page not found")
            return
        more = {}
        if mode == "endless":
            more = {"Link": f'<{self.path.partition("?")[0]}?page={len(self.owner.seen)}>; rel="next"'}
        if mode == "elsewhere-page":
            more = {"Link": '<http://pages.example/next>; rel="next"'}
        items = self.owner.referring(to)
        plain = {"schemaVersion": 2, "mediaType": INDEX, "manifests": items}
        self._send(200, json.dumps(plain).encode(), {"Content-Type": INDEX, **more})

    def _blob(self, wanted: str, body: bytes) -> None:
        if self.command == "POST":
            host = "uploads.example" if self.owner.mode == "upload-elsewhere" else self.owner.host
            self._send(202, b"", {"Location": f"http://{host}/v2/x/blobs/upload-1?state=1"})
        elif self.command == "PUT":
            self.owner.blob(body)
            self._send(201, b"")
        elif wanted not in self.owner.stored.blobs:
            self._send(404, b"{}")
        else:
            data = self.owner.stored.blobs[wanted]
            if self.owner.mode == "other-bytes":
                data = bytes(len(data))
            if self.owner.mode == "huge-blob":
                data = data + bytes(8 << 20)
            self._send(200, data, {"Content-Encoding": "gzip"} if self.owner.mode == "packed" else {})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.owner.mode == "truncated":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)
        self.wfile.flush()


def image(registry: StandIn, tag: str = "1.0", content: bytes = b"an image") -> str:
    """A small image in a stand-in; gives its digest."""
    config, layer = registry.blob(b"{}"), registry.blob(content)
    plain = {
        "schemaVersion": 2,
        "mediaType": IMAGE,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **layer}],
    }
    return registry.put(json.dumps(plain).encode(), tag)
