"""A release signed by workflows: identities, evidence of a Sigstore that is trusted here, and what must refuse it."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sigstack import forge
from sigstack.claims import GITHUB, SERVER, Claims, github
from sigstack.stack import SigStack
from support.sealed import DATA, JUDGE, Scene, artifact, policy
from tidegate.adapters.signing.verifier import SigstoreVerifier
from tidegate.model.control import Scope
from tidegate.model.digest import Digest
from tidegate.model.finding import Level

NAME = artifact().name
HEX = Digest.of(DATA).value
ATTESTATIONS, SIGNATURE = NAME + ".attestations.jsonl", NAME + ".sigstore.json"
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
WORKFLOW = "acme/api/.github/workflows/release.yml"
SHARED = "builders/ci/.github/workflows/build.yml"
TAG = "refs/tags/v1.0"
SLSA = "https://slsa.dev/provenance/v1"

PLAIN: dict[str, Any] = {
    "issuer": GITHUB,
    "source_repository": "acme/api",
    "source_repository_id": "123456",
    "signer_workflow": WORKFLOW,
    "refs": [{"kind": "tag", "pattern": "v*"}],
    "runner": "github-hosted",
}
CALLED: dict[str, Any] = PLAIN | {"signer_workflow": SHARED, "caller_workflow": WORKFLOW}
LAB: dict[str, Any] = {
    "issuer": "https://gitlab.com",
    "source_repository": "acme/api",
    "source_repository_id": "123456",
    "signer_workflow": "acme/api//.gitlab-ci.yml",
    "refs": [{"kind": "tag", "pattern": "v*"}],
    "runner": "gitlab-hosted",
}
CONTROLS: dict[str, Any] = {"provenance": {"max_age": "30d"}, "signing": {"accept": ["keyless"], "timestamp": True}}
SAN = f"{SERVER}/{WORKFLOW}@{TAG}"
OURS = json.dumps([{"name": NAME, "digest": {"sha256": HEX}}]).encode()
OTHER = [{"name": "other.tar.gz", "digest": {"sha256": "00" * 32}}]
GIT = f"git+{SERVER}/acme/api@{TAG}"


@cache
def stack() -> SigStack:
    """One instance for all cases; nothing listens, everything is real."""
    return SigStack()


@cache
def verifier() -> SigstoreVerifier:
    return SigstoreVerifier(stack().trusted_root())


def scene(*trusted: dict[str, Any], **changes: Any) -> Scene:
    """A release without evidence, under a policy that trusts these identities to build and JUDGE to judge."""
    trust = {"builders": list(trusted or (PLAIN,)), "verifiers": [{"key": JUDGE}]}
    given: dict[str, Any] = {"policy": policy(trust=trust, controls=CONTROLS), "verifier": verifier(), "now": NOW}
    return Scene(**(given | changes))


def shared(at: str = "refs/tags/v3", **claims: Any) -> Claims:
    """A build by the shared workflow, called by the release workflow."""
    return github(**({"job_workflow_ref": f"{SHARED}@{at}"} | claims))


def said(claims: Claims) -> bytes:
    """The honest statement of a GitHub build with these claims."""
    return forge.statement(NAME, HEX, SLSA, forge.github_provenance(claims))


def attested(claims: Claims | None = None, statement: bytes | None = None, **knobs: Any) -> bytes:
    claims = claims or github()
    return forge.bundle(stack(), said(claims) if statement is None else statement, claims, **knobs).encode()


def signed(claims: Claims | None = None, **knobs: Any) -> bytes:
    return forge.artifact_bundle(stack(), DATA, claims or github(), **knobs).encode()


def furnished(here: Scene, attestations: bytes, signature: bytes | None = None) -> Scene:
    """With this evidence, listed and judged as if all were well."""
    here.evidence[ATTESTATIONS] = attestations
    here.evidence[SIGNATURE] = signed() if signature is None else signature
    here.list_evidence()
    here.judge(here.verdict())
    return here


def fails(report: Any) -> set[str]:
    """The rules that shut the gate; that refused provenance is then missing is no second cause."""
    found = {finding.rule for finding in report.findings if finding.level is Level.FAIL}
    return found - {"provenance-missing"} or found


def refused(here: Scene, rules: set[str]) -> None:
    """Row 7 says exactly this, before a release and before deployment, and row 8 says nothing else."""
    for scope in (Scope.CHECK, Scope.VERIFY):
        report = here.tracing(scope)
        assert fails(report) == rules
        assert report.blind == ()
        assert not any(clause.proven for clause in report.clauses if clause.topic in ("source", "workflow"))
    report = here.deploying()
    assert fails(report) == rules
    assert report.blind == ()


def changed(path: tuple[str | int, ...], value: object) -> bytes:
    plain = json.loads(said(github()))
    inner = plain
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return json.dumps(plain).encode()
