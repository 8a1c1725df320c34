"""Attacks on what surrounds a signature: files that are more than files, images of images, names spelt twice, slow
registries, logs that everybody reads.
"""

import base64
import contextlib
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from support.sealed import BUILDER, artifact, honest, pem, policy, rules_of, signer
from tidegate.acts import Ask
from tidegate.adapters.ci.github import GitHubCI
from tidegate.adapters.registry.credentials import Credentials
from tidegate.adapters.registry.registry import OciRegistry
from tidegate.adapters.signing import ambient
from tidegate.adapters.signing.ambient import Ambient, Token
from tidegate.adapters.signing.keyless import KeylessSigner
from tidegate.adapters.signing.sigstore_signing import Timed
from tidegate.adapters.store import RunFolder
from tidegate.adapters.taking import TakenFolder, take
from tidegate.domain.claims import approvals, build, signable
from tidegate.domain.claims.build_types import Built
from tidegate.domain.claims.proof import Proof, TrustedIdentity
from tidegate.domain.claims.sentence import Origin
from tidegate.errors import UnavailableError, UnsealedError
from tidegate.formats import bundle, dsse, intoto, oci, slsa
from tidegate.formats.dsse import Envelope
from tidegate.formats.slsa import Provenance
from tidegate.model.control import Scope
from tidegate.model.digest import Digest
from tidegate.model.inventory import Inventory, Source
from tidegate.model.release import Artifact, ArtifactKind, Release
from tidegate.policy.load import load
from tidegate.ports import CIFacts, Deploying, Done, Job
from tidegate.sealing import Sealer

FORGED = b'{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://x.example","subject":[]}'
PAYLOAD = json.dumps(
    {
        "critical": {
            "identity": {"docker-reference": ""},
            "image": {"docker-manifest-digest": "sha256:" + "ab" * 32},
            "type": "cosign container image signature",
        },
        "optional": None,
    }
).encode()
IMAGE_TYPE = "application/vnd.oci.image.manifest.v1+json"
CHILD = Digest.of(b"a platform's manifest")
INDEX = oci.index((oci.Descriptor(IMAGE_TYPE, CHILD, 21),))


class Clean:
    """Workers that find no secret."""

    def run(self, jobs: list[Job], _deadline: float) -> Iterator[Done]:
        for job in jobs:
            yield Done(job.id, text="[]")


class Stopped:
    def now(self) -> datetime:
        return datetime(2026, 5, 1, tzinfo=UTC)


def sealed(root: Path, data: bytes, *, image: bool = False, denied: tuple[str, ...] = ()) -> tuple[RunFolder, Sealer]:
    """Seal a release of one file of these bytes."""
    (root / "taken").mkdir()
    (root / "app").write_bytes(data)
    taken = take(root, "app", root / "taken")
    if image:
        taken = replace(taken, kind=ArtifactKind.IMAGE)
    rules = policy(controls={"deployment": {"denied": list(denied)}})
    ask = Ask(scope=Scope.CHECK, policy=rules, releases=(Release("app", ".", (taken,)),), means="{}")
    store = RunFolder(root / "evidence", "r1")
    by = signer(BUILDER)
    sealer = Sealer(Clean(), Stopped(), (by, by), store, TakenFolder(root / "taken"), CIFacts("local", ()))  # type: ignore[arg-type]
    sealer.seal(ask, Inventory(Source(commit="a" * 40, ref="refs/heads/main")), {}, {})
    return store, sealer


def test_the_signature_of_a_file_can_be_that_of_an_attestation() -> None:
    """Why such files are refused: without it the key that signs files would sign any statement."""
    data = dsse.pae(dsse.PAYLOAD_TYPE, FORGED)
    made = bundle.parse(signer(BUILDER).sign_digest(artifact(data=data), io.BytesIO(data)).encode())
    assert made.message is not None
    assert made.hint is not None
    moved = bundle.build(made.hint, Envelope(dsse.PAYLOAD_TYPE, FORGED, made.message.signature))
    scene = honest()
    assert scene.verifier.verify_statement(moved.encode(), {BUILDER: scene.policy.files[BUILDER].encode()}).key


@pytest.mark.parametrize("data", [dsse.pae(dsse.PAYLOAD_TYPE, FORGED), PAYLOAD])
def test_a_file_that_would_be_more_than_a_file_when_signed_is_never_signed(tmp_path: Path, data: bytes) -> None:
    store, sealer = sealed(tmp_path, data)
    assert store.names() == ()
    assert [finding.rule for finding in sealer.findings] == ["signing-refused"]
    assert "would also be" in sealer.findings[0].message


def test_an_ordinary_file_is_signed(tmp_path: Path) -> None:
    store, sealer = sealed(tmp_path, b"DSSEv2, or JSON: {}")
    assert "app.sigstore.json" in store.names()
    assert sealer.findings == ()


def test_an_image_that_runs_what_is_denied_is_neither_signed_nor_run(tmp_path: Path) -> None:
    store, sealer = sealed(tmp_path, INDEX, image=True, denied=(CHILD.value,))
    assert store.names() == ()
    assert "denies" in sealer.findings[0].message
    (tmp_path / "other").mkdir()
    assert "app.sigstore.json" in sealed(tmp_path / "other", INDEX, image=True, denied=("cd" * 32,))[0].names()
    scene = honest(data=INDEX, policy=policy(controls={"deployment": {"denied": [CHILD.value]}}))
    scene.artifacts = (replace(scene.artifact, kind=ArtifactKind.IMAGE),)
    for scope in (Scope.CHECK, Scope.VERIFY):
        told = next(each for each in scene.deploying(scope).findings if each.rule == "artifact-denied")
        assert (told.about, told.always) == (str(CHILD), True)


def test_only_images_stand_for_what_they_name() -> None:
    file = Artifact("index.json", "index.json", Digest.of(INDEX), len(INDEX), ArtifactKind.FILE)
    assert signable.denied(file, INDEX, {CHILD.value}) is None
    assert signable.denied(file, INDEX, {file.digest.value}) == file.digest
    assert signable.denied(replace(file, kind=ArtifactKind.IMAGE), b"no manifest", {CHILD.value}) is None


def test_who_starts_verify_cannot_name_a_release_the_policy_does_not() -> None:
    named = policy(releases=[{"name": "web", "artifacts": ["dist/*"]}])
    scene = honest(policy=named)
    scene.told = Deploying(release="api")
    assert rules_of(scene.deploying()) == {"artifact-foreign"}
    known = honest(policy=policy(releases=[{"name": "web", "artifacts": ["a"]}, {"name": "api", "artifacts": ["b"]}]))
    known.told = Deploying(release="api")
    assert rules_of(known.deploying()) == set()


@pytest.mark.parametrize(
    ("repository", "workflow"),
    [
        ("https://github.com/acme/app", "acme/app/.github/workflows/release.yml"),
        ("https://github.com/Acme/app.git", "https://github.com/acme/app/.github/workflows/release.yml"),
        ("acme/app/", "acme/app/.github/workflows/release.yml"),
    ],
)
def test_one_identity_is_one_approver_however_it_is_spelt(repository: str, workflow: str) -> None:
    issuer = "https://token.actions.githubusercontent.com"
    short = TrustedIdentity(issuer, "acme/app", "acme/app/.github/workflows/release.yml")
    assert approvals.signer(TrustedIdentity(issuer, repository, workflow)) == approvals.signer(short)
    assert approvals.signer(replace(short, source_repository="acme/web")) != approvals.signer(short)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"actor": "bob", "triggering_actor": "alice"}, "bob alice"),
        ({"actor": "bob", "triggering_actor": "bob"}, "bob"),
        ({"actor": "bob", "triggering_actor": None}, ""),
        ({"actor": "bob carol"}, ""),
        ({"triggering_actor": "alice"}, ""),
    ],
)
def test_who_runs_a_build_again_has_started_it_too(said: dict[str, object], found: str) -> None:
    assert approvals.actor(Provenance("t", "b", {}, {"github": said})) == found


def test_neither_who_started_a_build_nor_who_ran_it_again_approves_it() -> None:
    environment = {
        "GITHUB_REPOSITORY": "acme/api",
        "GITHUB_ACTOR": "bob",
        "GITHUB_TRIGGERING_ACTOR": "Alice",
        "GITHUB_REF": "refs/tags/v1",
        "GITHUB_WORKFLOW_REF": "acme/api/.github/workflows/r.yml@refs/tags/v1",
    }
    source = Source(commit="1f" * 20, ref="refs/tags/v1", remote="https://github.com/acme/api")
    made = build.provenance_statement(artifact(), GitHubCI(environment).facts(source), source)
    started = approvals.actor(slsa.parse(intoto.parse(made).predicate))
    origin = Origin(Proof(san="w"), "https://github.com/acme/api/w", Built("", "", ""), 2, "someone", started)
    for person in ("alice", "BOB"):
        assert approvals._same("key x", person.casefold(), origin) == "started the build"
    assert approvals._same("key x", "carol", origin) == ""


@pytest.mark.parametrize(
    "twin",
    [
        "controls: {deployment: {signer: keys/build.pub}}",
        "  verifiers:\n    - {issuer: ISSUER, source_repository: 'https://github.com/acme/app',"
        " signer_workflow: acme/app/w.yml}",
    ],
)
def test_who_builds_and_judges_is_named_however_it_is_spelt(twin: str) -> None:
    issuer = "https://token.actions.githubusercontent.com"
    text = (
        "version: 1\ntrust:\n  builders:\n    - key: keys/build.pub\n"
        "    - {issuer: ISSUER, source_repository: acme/app, signer_workflow: acme/app/w.yml}\n" + twin + "\n"
    ).replace("ISSUER", issuer)
    files = {"tidegate.yaml": text, "keys/build.pub": pem(BUILDER)}
    loaded = load("tidegate.yaml", lambda path, _limit: files[path].encode() if path in files else None)
    assert any("both builder and verifier" in warning for warning in loaded.warnings)


def test_a_registry_that_drips_its_answer_is_given_up_in_time() -> None:
    over = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not over.wait(0.1):
                connection.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=drip, args=(server,), daemon=True)
        dripping.start()
        at = oci.reference(f"oci://127.0.0.1:{server.getsockname()[1]}/acme/app:1.0")
        begun = time.monotonic()
        with pytest.raises(UnavailableError, match="slowly"):
            OciRegistry(Credentials(), Stopped(), timeout=0.5, total=1.0).image(at)
        assert time.monotonic() - begun < 3
        over.set()
        dripping.join()


@pytest.mark.parametrize(
    ("private", "said", "may"),
    [
        (None, "", False),
        (None, "public", True),
        (False, "", True),
        (None, "internal", False),
        (False, "private", False),
    ],
)
def test_a_repository_nobody_says_is_public_is_not_named_in_a_public_log(
    monkeypatch: pytest.MonkeyPatch, private: bool | None, said: str, may: bool
) -> None:
    claims = {"repository_visibility": said} if said else {}
    monkeypatch.setattr("tidegate.adapters.signing.ambient.ask", lambda _system: Token("a.b.c", claims))
    made = KeylessSigner(Ambient("buildkite", True), private=private)
    if may:
        assert made._token().text == "a.b.c"
    else:
        with pytest.raises(UnsealedError, match="public log"):
            made._token()
    assert KeylessSigner(Ambient("buildkite", True), private=private, public_log=True)._token()


@pytest.mark.parametrize(
    "audience", [["sigstore", "vault"], ["vault", "sigstore"], [], "vault", ["sigstore", "sigstore"]]
)
def test_a_token_that_is_good_elsewhere_too_is_not_shown_to_sigstore(audience: object) -> None:
    def token(said: object) -> str:
        claims = json.dumps({"aud": said, "exp": time.time() + 600}).encode()
        return f"aa.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.bb"

    with pytest.raises(UnsealedError, match="not for"):
        ambient.read(token(audience), "gitlab")
    assert ambient.read(token("sigstore"), "gitlab")
    assert ambient.read(token(["sigstore"]), "gitlab")


def test_a_token_is_not_sent_in_the_clear() -> None:
    session = requests.Session()
    session.mount("http://", Timed(0.2))
    with pytest.raises(requests.exceptions.InvalidSchema, match="https"):
        session.get("http://fulcio.invalid/api/v2/signingCert")
    with pytest.raises(requests.exceptions.ConnectionError):
        session.get("http://127.0.0.1:9/")
