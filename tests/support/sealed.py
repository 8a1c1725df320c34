"""A signed release in memory: three keys, one artifact, all its evidence, and the world a sealing stage is given."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, BinaryIO, cast

from tidegate.adapters.ci.local import LocalCI
from tidegate.adapters.signing import keys
from tidegate.adapters.signing.local import KeySigner
from tidegate.adapters.signing.verifier import SigstoreVerifier
from tidegate.domain.claims import build, levels, manifest, resource
from tidegate.domain.claims.vsa import ROWS
from tidegate.errors import FormatError
from tidegate.formats import records
from tidegate.formats.approval import Approval
from tidegate.model.control import Scope
from tidegate.model.digest import Digest
from tidegate.model.evidence import Report
from tidegate.model.inventory import Content, Inventory, Source
from tidegate.model.package import Problem
from tidegate.model.release import Artifact, ArtifactKind, Release
from tidegate.model.verdict import PolicyFacts
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import CI, Deploying, Verifier, World
from tidegate.stages import deployment, provenance, signing
from tidegate.stages.task import Task

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
COMMIT = "1f" * 20
SOURCE = Source(commit=COMMIT, ref="refs/tags/v1.0", remote="https://github.com/acme/api")
DATA = b"the released bytes"
BUILDER, JUDGE, STRANGER = "keys/build.pub", "keys/gate.pub", "keys/stranger.pub"
ALICE, BOB = "keys/alice.pub", "keys/bob.pub"


def artifact(name: str = "api-1.0.tar.gz", data: bytes = DATA) -> Artifact:
    return Artifact(name, f"dist/{name}", Digest.of(data), len(data), ArtifactKind.TAR)


@cache
def signer(path: str) -> KeySigner:
    """One key a path for the whole test run."""
    return KeySigner(keys.generate(None)[0], None)


def pem(path: str) -> str:
    return signer(path).facts().public_key


def verifier_id(path: str) -> str:
    return build.verifier_id("key", signer(path).facts().identity)


def policy(**changes: Any) -> Policy:
    """A policy that trusts BUILDER to build and JUDGE to judge; `changes` replace whole parts."""
    parts: dict[str, Any] = {
        "version": 1,
        "trust": {"builders": [{"key": BUILDER}], "verifiers": [{"key": JUDGE}]},
    }
    model = PolicyModel.model_validate(parts | changes)
    files = {path: pem(path) for path in (BUILDER, JUDGE, STRANGER, ALICE, BOB)}
    return Policy(model=model, files=files, digest="ab" * 32, path="tidegate.yaml")


@dataclass(frozen=True, slots=True)
class StoppedClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class Copies:
    """The private copies, checked as they are opened."""

    held: Mapping[str, bytes]

    def open(self, artifact: Artifact) -> BinaryIO:
        data = self.held[artifact.name]
        if not Digest.of(data).matches(artifact.digest):
            raise FormatError(f"`{artifact.name}` is not the file that was taken")
        return io.BytesIO(data)

    def layers(self, artifact: Artifact) -> None:
        return None


class Absent:
    """A port these stages must not touch."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"a sealing stage asked for `{name}`")


class Refs(Absent):
    """A clone without tags, and without a merge at its commit."""

    def resolve(self, ref: str) -> str | None:
        return COMMIT if ref == "HEAD" else None


@cache
def verifier() -> SigstoreVerifier:
    return SigstoreVerifier(None)


@dataclass(slots=True)
class Scene:
    """One release and its evidence; tests spoil a part and ask a stage."""

    data: bytes = DATA
    policy: Policy = field(default_factory=policy)
    source: Source = SOURCE
    evidence: dict[str, bytes] = field(default_factory=dict)
    now: datetime = NOW
    problems: tuple[Problem, ...] = ()
    ci: CI = field(default_factory=LocalCI)
    artifacts: tuple[Artifact, ...] = ()
    release: str = "api"
    told: Deploying = field(default_factory=Deploying)
    contents: tuple[Content, ...] = ()
    verifier: Verifier = field(default_factory=verifier)

    @property
    def artifact(self) -> Artifact:
        return artifact(data=self.data)

    def sign(self, by: str = BUILDER) -> None:
        bundle = signer(by).sign_digest(self.artifact, io.BytesIO(self.data))
        self.evidence[self.artifact.name + ".sigstore.json"] = bundle.encode()

    def attest(self, *statements: bytes, by: str = BUILDER) -> None:
        """Append attestations, one a line."""
        name = self.artifact.name + ".attestations.jsonl"
        lines = [signer(by).sign_statement(statement).encode() + b"\n" for statement in statements]
        self.evidence[name] = self.evidence.get(name, b"") + b"".join(lines)

    def provenance(self) -> bytes:
        return build.provenance_statement(self.artifact, LocalCI().facts(self.source), self.source)

    def sbom(self) -> bytes:
        return build.sbom_statement(self.artifact, '{"bomFormat": "CycloneDX", "components": [{}, {}]}')

    def approve(self, by: str = ALICE, artifacts: tuple[Artifact, ...] = (), **changes: Any) -> None:
        """Append an approval; `changes` replace fields of it."""
        given = Approval(self.release, f"sha256:{self.policy.digest}", "read", self.now - timedelta(hours=2))
        chosen = artifacts or self.artifacts or (self.artifact,)
        self.attest(build.approval_statement(chosen, replace(given, **changes)), by=by)

    def list_evidence(self) -> None:
        """What `check` writes last: the release as it was examined, and the manifest."""
        released = Release(self.release, ".", self.artifacts or (self.artifact,))
        facts = PolicyFacts(self.policy.path, self.policy.digest)
        self.evidence["examined.json"] = records.canonical({"version": 1, "policy": facts, "releases": [released]})
        kept = {n: Digest.of(raw) for n, raw in self.evidence.items() if n != "MANIFEST" and not _judged(n)}
        self.evidence["MANIFEST"] = manifest.render(kept).encode()

    def verdict(self, **changes: Any) -> bytes:
        """The statement of the verdict; `changes` replace arguments of `build.vsa_statement`."""
        given: dict[str, Any] = {
            "artifact": self.artifact,
            "passed": True,
            "policy_digest": self.policy.digest,
            "policy_uri": "file:tidegate.yaml",
            "verifier": verifier_id(JUDGE),
            "inputs": [(n, Digest.of(raw)) for n, raw in self.evidence.items() if not _judged(n)],
            "time": self.now - timedelta(hours=1),
            "levels": [levels.name(1)],
            "rows": dict.fromkeys(ROWS, "pass"),
            "resource": resource.uri(self.artifact, next(iter(self.contents), None)),
        }
        return build.vsa_statement(**(given | changes))

    def judge(self, statement: bytes, by: str = JUDGE) -> None:
        name = self.artifact.name + ".vsa.sigstore.json"
        self.evidence[name] = signer(by).sign_statement(statement).encode()

    def world(self) -> World:
        absent = cast("Any", Absent())
        return World(
            files=absent,
            git=cast("Any", Refs()),
            clock=StoppedClock(self.now),
            ci=self.ci,
            taken=Copies({self.artifact.name: self.data} | {a.name: self.data for a in self.artifacts}),
            evidence=self.evidence,
            advisories=absent,
            workflow_sensor=absent,
            verifier=self.verifier,
            deploying=self.told,
        )

    def task(self, scope: Scope) -> Task:
        release = Release(self.release, ".", self.artifacts or (self.artifact,))
        inventory = Inventory(self.source, contents=self.contents, problems=self.problems)
        return Task((release,), inventory, self.policy, scope)

    def signing(self, scope: Scope = Scope.CHECK) -> Report:
        return signing.examine(self.task(scope), self.world())

    def tracing(self, scope: Scope = Scope.CHECK) -> Report:
        return provenance.examine(self.task(scope), self.world())

    def deploying(self, scope: Scope = Scope.VERIFY) -> Report:
        return deployment.examine(self.task(scope), self.world())

    def refusals(self) -> set[str]:
        """Rules of rows 5, 7 and 8 that shut the gate, as `verify` sees it, for a known commit."""
        reports = (self.signing(Scope.VERIFY), self.tracing(Scope.VERIFY), self.deploying(Scope.VERIFY))
        return {found for report in reports for found in rules_of(report)}


def _judged(name: str) -> bool:
    return name.endswith((".vsa.sigstore.json", ".svr.sigstore.json"))


def rules_of(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def honest(**changes: Any) -> Scene:
    """A scene with nothing to complain about."""
    scene = Scene(**changes)
    scene.sign()
    scene.attest(scene.provenance(), scene.sbom())
    scene.list_evidence()
    scene.judge(scene.verdict())
    return scene


def reseal(scene: Scene) -> Scene:
    """List and judge again after evidence was changed, so that only the change itself can be complained about."""
    scene.list_evidence()
    scene.judge(scene.verdict())
    return scene


def statement(plain: Mapping[str, object]) -> bytes:
    """Any JSON as payload, without the checks tidegate makes before it signs."""
    return records.canonical(plain)


def raw_bundle(payload: bytes, by: str = BUILDER, payload_type: str = "application/vnd.in-toto+json") -> dict[str, Any]:
    """A bundle around any bytes, really signed, as plain JSON data an attacker may go on changing."""
    held = signer(by)
    from tidegate.formats import dsse

    signature = held._sign(io.BytesIO(dsse.pae(payload_type, payload)))
    envelope = {
        "payload": dsse.encode(payload),
        "payloadType": payload_type,
        "signatures": [{"sig": dsse.encode(signature)}],
    }
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": held.facts().identity}, "tlogEntries": []},
        "dsseEnvelope": envelope,
    }


def lines(bundles: Sequence[Mapping[str, Any]]) -> bytes:
    return b"".join(records.canonical(bundle) + b"\n" for bundle in bundles)
