"""A whole Sigstore on loopback: real certificates, real logs, real timestamps, up in milliseconds.

with SigStack() as stack:
    os.environ.update(stack.github_env(repository="acme/api", sha=head))   # the process runs in GitHub Actions now
    config = stack.client_trust_config(rekor=2)                            # a ClientTrustConfig, JSON
    stack.misbehave("tsa", "500")
stack.trusted_root()                                                       # verifies for ever, the stack may be gone
"""

import json
import socket
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from cryptography import x509

from sigstack import claims as claim_sets
from sigstack import tuf
from sigstack.ca import AGES, encoded, spki
from sigstack.claims import Claims
from sigstack.oidc import REQUEST_TOKEN
from sigstack.rekor import b64
from sigstack.service import MODES, SERVICES, Parts, Server, Services

Json = dict[str, Any]


class SigStack:
    """`modes` set how services behave from the start: SigStack(tsa="none"), SigStack(rekor="hang").

    Without `with`, nothing listens: enough for `forge` and `trusted_root`.
    """

    def __init__(self, **modes: str) -> None:
        self.parts = Parts.new()
        self.started = datetime.now(UTC)
        self._services = Services(self.parts)
        self._http: Server | None = None
        for service, mode in modes.items():
            self.misbehave(service, mode)

    def __enter__(self) -> Self:
        self._http = Server(self._services)
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._services.stopped.set()
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()

    @property
    def url(self) -> str:
        if self._http is None:
            return "http://127.0.0.1:9"
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def requests(self) -> list[str]:
        """`METHOD /path` of everything asked, in order."""
        return self.parts.requests

    def misbehave(self, service: str, mode: str = "good") -> None:
        """How a service behaves from now on.

        hang, 429, 500, refuse (the connection is reset; a trust configuration made afterwards names a closed port),
        garbage, wrong-proof, expired, other-instance, and `none` for an instance without the service (TSA only).
        """
        if service not in SERVICES or mode not in MODES or (mode == "none" and service != "tsa"):
            raise ValueError(f"{service} cannot be {mode!r}")
        self.parts.modes[service] = mode

    def trusted_root(self) -> bytes:
        """`trusted_root.json`."""
        return json.dumps(self._root()).encode()

    def client_trust_config(self, rekor: int = 1) -> str:
        """A ClientTrustConfig that signs into the log of this version."""
        config = {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": self._root(),
            "signingConfig": self._signing(rekor),
        }
        return json.dumps(config)

    def serve_tuf(self, rekor: int = 1) -> bytes:
        """Serve the instance as a TUF repository at `{url}/tuf`; the root to start from."""
        targets = {
            "trusted_root.json": self.trusted_root(),
            "signing_config.v0.2.json": json.dumps(self._signing(rekor)).encode(),
        }
        files = tuf.repository(targets, self.started)
        self.parts.files.update({f"/tuf/{name}": data for name, data in files.items()})
        return files["1.root.json"]

    def token(self, claims: Claims) -> str:
        """An identity token with these claims (see `sigstack.claims`), as the token issuer's mode makes it."""
        return self._services.token(claims)

    def github_env(
        self,
        repository: str = "acme/api",
        ref: str = "refs/tags/v1.0",
        sha: str = claim_sets.SHA,
        workflow: str = ".github/workflows/release.yml",
        event: str = "push",
        **claims: Any,
    ) -> dict[str, str]:
        """The environment of a GitHub Actions job with `id-token: write`; its token will carry these claims."""
        said = self.parts.claims = claim_sets.github(repository, ref, sha, workflow, event, **claims)
        owner = str(said["repository_owner"])
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_SERVER_URL": claim_sets.SERVER,
            "GITHUB_REPOSITORY": repository,
            "GITHUB_REPOSITORY_ID": str(said["repository_id"]),
            "GITHUB_REPOSITORY_OWNER": owner,
            "GITHUB_REPOSITORY_OWNER_ID": str(said["repository_owner_id"]),
            "GITHUB_SHA": sha,
            "GITHUB_REF": ref,
            "GITHUB_REF_TYPE": str(said["ref_type"]),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_WORKFLOW": str(said["workflow"]),
            "GITHUB_WORKFLOW_REF": str(said["workflow_ref"]),
            "GITHUB_WORKFLOW_SHA": str(said["workflow_sha"]),
            "GITHUB_RUN_ID": str(said["run_id"]),
            "GITHUB_RUN_ATTEMPT": str(said["run_attempt"]),
            "GITHUB_ACTOR": str(said.get("actor", "")),
            "GITHUB_ACTOR_ID": str(said.get("actor_id", "")),
            "RUNNER_ENVIRONMENT": str(said["runner_environment"]),
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/oidc/github?job=1",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
        }

    def gitlab_env(
        self,
        project: str = "acme/api",
        ref: str = "v1.0",
        sha: str = claim_sets.SHA,
        ref_type: str = "tag",
        **claims: Any,
    ) -> dict[str, str]:
        """The environment of a GitLab CI job with `id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}`."""
        said = claim_sets.gitlab(project, ref, sha, ref_type, **claims)
        server = str(said["iss"])
        return {
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_SERVER_URL": server,
            "CI_PROJECT_URL": f"{server}/{project}",
            "CI_PROJECT_PATH": project,
            "CI_PROJECT_ID": str(said["project_id"]),
            "CI_PROJECT_NAMESPACE": str(said["namespace_path"]),
            "CI_PROJECT_NAMESPACE_ID": str(said["namespace_id"]),
            "CI_PROJECT_VISIBILITY": str(said["project_visibility"]),
            "CI_COMMIT_SHA": sha,
            "CI_COMMIT_TAG" if ref_type == "tag" else "CI_COMMIT_BRANCH": ref,
            "CI_CONFIG_PATH": ".gitlab-ci.yml",
            "CI_PIPELINE_SOURCE": str(said["pipeline_source"]),
            "CI_JOB_ID": str(said["job_id"]),
            "CI_JOB_URL": f"{server}/{project}/-/jobs/{said['job_id']}",
            "GITLAB_USER_LOGIN": str(said["user_login"]),
            "GITLAB_USER_ID": str(said["user_id"]),
            "SIGSTORE_ID_TOKEN": self.token(said),
        }

    def _root(self) -> Json:
        since = _stamp(self.started - AGES)
        stamped = self.parts.modes["tsa"] != "none"
        logs = (self.parts.log1, "PKIX_ECDSA_P256_SHA_256"), (self.parts.log2, "PKIX_ED25519")
        ct = self.parts.authority.log
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [_log(f"https://{log.name}", log.spki, kind, log.log_id, since) for log, kind in logs],
            "certificateAuthorities": [
                _authority("https://fulcio.sigstack.example", self.parts.authority.chain, since),
            ],
            "ctlogs": [
                _log("https://ct.sigstack.example", spki(ct.public), "PKIX_ECDSA_P256_SHA_256", ct.log_id, since),
            ],
            "timestampAuthorities": [
                _authority("https://timestamp.sigstack.example", self.parts.tsa.chain, since),
            ]
            if stamped
            else [],
        }

    def _signing(self, rekor: int) -> Json:
        """A signing configuration; a service that refuses is named at a port nobody listens on."""
        refused = {name: mode == "refuse" for name, mode in self.parts.modes.items()}
        closed = f"http://127.0.0.1:{_closed_port()}" if any(refused.values()) else ""

        def service(name: str, path: str, version: int = 1) -> list[Json]:
            address = (closed if refused[name] else self.url) + path
            since = {"start": _stamp(self.started - AGES)}
            return [{"url": address, "majorApiVersion": version, "validFor": since, "operator": "sigstack.example"}]

        stamped = self.parts.modes["tsa"] != "none"
        config: Json = {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": service("fulcio", ""),
            "oidcUrls": service("oidc", "/oidc"),
            "rekorTlogUrls": service("rekor", f"/rekor{rekor}", rekor),
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaUrls": service("tsa", "/tsa/api/v1/timestamp") if stamped else [],
        }
        if stamped:
            config["tsaConfig"] = {"selector": "ANY"}
        return config


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _log(url: str, key: bytes, kind: str, ident: bytes, since: str) -> Json:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {"rawBytes": b64(key), "keyDetails": kind, "validFor": {"start": since}},
        "logId": {"keyId": b64(ident)},
    }


def _authority(uri: str, chain: tuple[x509.Certificate, ...], since: str) -> Json:
    return {
        "subject": {"organization": "sigstack.example", "commonName": "sigstack"},
        "uri": uri,
        "certChain": {"certificates": [{"rawBytes": b64(encoded(one))} for one in chain]},
        "validFor": {"start": since},
    }


def _closed_port() -> int:
    """A port that was free a moment ago and that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port
