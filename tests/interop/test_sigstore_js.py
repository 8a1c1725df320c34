"""What we sign, sigstore-js verifies; what it signs, we verify; neither takes the wrong file."""

import base64
import io
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigstack import forge
from sigstack.claims import github
from sigstack.stack import SigStack
from tidegate.adapters.signing import keys
from tidegate.adapters.signing.ambient import around
from tidegate.adapters.signing.keyless import KeylessSigner
from tidegate.adapters.signing.local import KeySigner
from tidegate.adapters.signing.verifier import SigstoreVerifier
from tidegate.formats import dsse
from tidegate.model.digest import Digest
from tidegate.model.release import Artifact, ArtifactKind

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", "sigstore.mjs")
DATA = b"the released bytes"
ARTIFACT = Artifact("api-1.0.tar.gz", "dist/api-1.0.tar.gz", Digest.of(DATA), len(DATA), ArtifactKind.TAR)
STATEMENT = forge.statement(ARTIFACT.name, ARTIFACT.digest.value, "https://example.org/x", {"v": 1})
SAN = "https://github.com/acme/api/.github/workflows/release.yml@refs/tags/v1.0"
ISSUER = "https://token.actions.githubusercontent.com"

pytestmark = pytest.mark.skipif(shutil.which("node") is None or shutil.which("npm") is None, reason="Node is absent")


class Node:
    """sigstore-js as locked, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in FILES:
            shutil.copy(HERE / name, folder / name)
        command = ["npm", "ci", "--ignore-scripts", "--engine-strict", "--no-audit", "--no-fund", "--prefer-offline"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def ask(self, *jobs: dict[str, Any]) -> list[dict[str, Any]]:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "ACTIONS_"))}
        done = subprocess.run(
            ["node", "sigstore.mjs"],
            cwd=self.folder,
            env=env,
            input=json.dumps(jobs),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        return answers


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    return Node(tmp_path_factory.mktemp("sigstore-js"))


@pytest.fixture(scope="module")
def stack() -> Iterator[SigStack]:
    with SigStack() as running:
        yield running


def verifying(stack: SigStack, bundle: str, artifact: bytes | None = None, **more: Any) -> dict[str, Any]:
    job = {"op": "verify", "bundle": json.loads(bundle), "root": json.loads(stack.trusted_root()), **more}
    return job if artifact is None else job | {"artifact": base64.b64encode(artifact).decode()}


def test_it_verifies_what_a_job_signs(node: Node, stack: SigStack, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = stack.github_env()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made = []
    for rekor in (1, 2):
        signer = KeylessSigner(around(environment), stack.client_trust_config(rekor=rekor))
        made.append((signer.sign_digest(ARTIFACT, io.BytesIO(DATA)), signer.sign_statement(STATEMENT)))
    (file1, attested1), (file2, attested2) = made
    good = node.ask(*(verifying(stack, file, DATA) for file in (file1, file2)), verifying(stack, attested1))
    assert good == [{"san": SAN, "issuer": ISSUER}] * 3
    bad = node.ask(
        *(verifying(stack, file, b"other") for file in (file1, file2)),
        *(verifying(SigStack(), attested) for attested in (attested1, attested2)),
    )
    assert all("error" in answer for answer in bad)
    # Rekor v2 logs an envelope by the digest of what was signed; releases of sigstore-js that run on Node 20 compare
    # the payload's. When this fails, they have learned it, and the statement belongs to the good ones above.
    (answer,) = node.ask(verifying(stack, attested2))
    assert answer["error"].startswith("TLOG_BODY_ERROR: digest mismatch")


def test_it_verifies_what_a_key_signs(node: Node, stack: SigStack) -> None:
    none = {"tlogThreshold": 0, "ctlogThreshold": 0, "timestampThreshold": 0}
    pem, other = keys.generate(None), keys.generate(None)
    signer = KeySigner(pem[0], None)
    file, attested = signer.sign_digest(ARTIFACT, io.BytesIO(DATA)), signer.sign_statement(STATEMENT)
    good = node.ask(
        verifying(stack, file, DATA, key=pem[1].decode(), thresholds=none),
        verifying(stack, attested, key=pem[1].decode(), thresholds=none),
    )
    assert not [answer for answer in good if "error" in answer], good
    bad = node.ask(
        verifying(stack, file, b"other", key=pem[1].decode(), thresholds=none),
        verifying(stack, attested, key=other[1].decode(), thresholds=none),
    )
    assert all("error" in answer for answer in bad)


def test_we_verify_what_it_signs(node: Node, stack: SigStack) -> None:
    jobs = [
        {
            "op": "sign",
            "fulcio": stack.url,
            "rekor": f"{stack.url}/rekor{version}",
            "tsa": f"{stack.url}/tsa/api/v1/timestamp",
            "version": version,
            "token": stack.token(github()),
            "data": base64.b64encode(DATA if kind is None else STATEMENT).decode(),
            **({} if kind is None else {"payloadType": kind}),
        }
        for version in (1, 2)
        for kind in (None, dsse.PAYLOAD_TYPE)
    ]
    answers = node.ask(*jobs)
    assert not [answer for answer in answers if "error" in answer], answers
    bundles = [json.dumps(answer["bundle"]).encode() for answer in answers]
    verifier = SigstoreVerifier(stack.trusted_root())
    for file, attested in ((bundles[0], bundles[1]), (bundles[2], bundles[3])):
        signed = verifier.verify_artifact(file, io.BytesIO(DATA), ARTIFACT.digest, {})
        assert (signed.san, signed.issuer) == (SAN, ISSUER)
        assert "tsa" in {by for _, by in signed.times}
        assert verifier.verify_statement(attested, {}).payload == STATEMENT
        with pytest.raises(Exception, match=r".+"):
            verifier.verify_artifact(file, io.BytesIO(b"other"), Digest.of(b"other"), {})
