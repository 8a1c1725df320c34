"""Rows 5 and 7 over evidence other tools made: what is good passes, what cannot be proven is called by its own name."""

import io
import json
import tarfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sigstack import forge
from sigstack.claims import github
from sigstack.stack import SigStack
from support.sealed import BUILDER, JUDGE, NOW, Scene, honest, policy, rules_of
from tidegate.adapters.signing.verifier import SigstoreVerifier
from tidegate.domain.claims import foreign_builds
from tidegate.domain.claims.signing_rules import CERTIFICATE_TIME_MISSING, LOG_PROOF_MISSING, TRUSTED_ROOT_STALE
from tidegate.formats import endings, intoto, slsa
from tidegate.model.control import Scope
from tidegate.model.digest import Digest
from tidegate.model.inventory import Source
from tidegate.model.release import Artifact, ArtifactKind
from tidegate.ports import World
from tidegate.stages import deployment, signing

BUNDLES = Path(__file__).parent.parent / "data" / "bundles"
Json = dict[str, Any]
CLAIMS = github()
IDENTITY: Json = {
    "issuer": CLAIMS["iss"],
    "source_repository": "acme/api",
    "source_repository_id": "123456",
    "signer_workflow": "acme/api/.github/workflows/release.yml",
    "refs": ["refs/tags/v1.0"],
}


@pytest.fixture(scope="module")
def stack() -> SigStack:
    return SigStack()


def keyless(stack: SigStack, data: bytes = b"bytes", **changes: Any) -> Scene:
    trust: Json = {"builders": [IDENTITY], "verifiers": [{"key": JUDGE}]}
    source = Source(commit=CLAIMS["sha"], ref=CLAIMS["ref"], remote="https://github.com/acme/api")
    given: Json = {"policy": policy(trust=trust), "now": datetime.now(UTC), "source": source, "data": data}
    return Scene(verifier=SigstoreVerifier(stack.trusted_root()), **(given | changes))


def provenance(scene: Scene, predicate: Json | None = None, **members: object) -> bytes:
    made = predicate if predicate is not None else forge.github_provenance(CLAIMS)
    return forge.statement(scene.artifact.name, scene.artifact.digest.value, slsa.PROVENANCE_V1, made, **members)


def put(scene: Scene, bundle: str, ending: str = ".attestations.jsonl") -> Scene:
    scene.evidence[scene.artifact.name + ending] = bundle.encode() + b"\n"
    return scene


@pytest.mark.parametrize("kind", ["intoto/0.0.2", "dsse/0.0.2"])
def test_provenance_in_an_entry_of_any_kind_is_provenance(stack: SigStack, kind: str) -> None:
    scene = keyless(stack)
    rekor = 1 if kind.startswith("intoto") else 2
    report = put(scene, forge.bundle(stack, provenance(scene), CLAIMS, kind=kind, rekor=rekor)).tracing()
    assert report.findings == ()
    assert {c.topic: c.proven for c in report.clauses} == {"source": True, "workflow": True, "dependencies": False}


@pytest.mark.parametrize("ending", endings.ATTESTED)
def test_evidence_is_found_under_every_name_tools_give_it(stack: SigStack, ending: str) -> None:
    scene = keyless(stack)
    assert put(scene, forge.bundle(stack, provenance(scene), CLAIMS), ending).tracing().findings == ()
    wrapped = json.dumps({"attestations": [{"bundle": json.loads(forge.bundle(stack, provenance(scene), CLAIMS))}]})
    assert put(scene, wrapped, ending).tracing().findings == ()
    assert "artifact-unknown" not in rules_of(scene.deploying())
    assert "evidence-unbound" in {f.rule for f in honest_with(scene, ending).findings}


def honest_with(foreign: Scene, ending: str) -> Any:
    """A sealed release beside which somebody lays another file of evidence."""
    scene = honest()
    scene.evidence[scene.artifact.name + ending + "x"] = b"not evidence"
    scene.evidence["other" + ending] = foreign.evidence[foreign.artifact.name + ending]
    return scene.deploying()


UNPROVEN: list[tuple[Json, str]] = [
    ({"proof": "none"}, LOG_PROOF_MISSING.id),
    ({"entries": 0}, LOG_PROOF_MISSING.id),
    ({"tsa": False, "promise": False}, CERTIFICATE_TIME_MISSING.id),
]


@pytest.mark.parametrize(("knobs", "rule"), UNPROVEN)
def test_what_the_evidence_does_not_prove_is_called_by_its_name(stack: SigStack, knobs: Json, rule: str) -> None:
    scene = keyless(stack)
    report = put(scene, forge.bundle(stack, provenance(scene), CLAIMS, **knobs)).tracing()
    assert rules_of(report) == {rule, "provenance-missing"}
    assert rule in {known.id for known in report.rules}
    signed = put(keyless(stack), forge.artifact_bundle(stack, b"bytes", CLAIMS, **knobs), ".sigstore.json").signing()
    assert rules_of(signed) == {rule}
    assert rule in {known.id for known in signed.rules}


def test_a_signature_with_all_its_proofs_is_one(stack: SigStack) -> None:
    bundle = forge.artifact_bundle(stack, b"bytes", CLAIMS)
    assert put(keyless(stack), bundle, ".sigstore.json").signing().findings == ()


def test_a_key_of_an_unknown_kind_of_entry_is_unsupported_not_bad(stack: SigStack) -> None:
    def alien(plain: Json) -> None:
        plain["verificationMaterial"]["tlogEntries"][0]["kindVersion"]["version"] = "0.0.9"

    scene = keyless(stack)
    report = put(scene, forge.bundle(stack, provenance(scene), CLAIMS, change=alien)).tracing()
    assert rules_of(report) == {"provenance-unsupported", "provenance-missing"}
    signed = put(scene, forge.artifact_bundle(stack, b"bytes", CLAIMS, change=alien), ".sigstore.json").signing()
    assert rules_of(signed) == {"signature-unsupported"}


def npm(name: str = "@acme/api", version: str = "1.0.0") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        raw = json.dumps({"name": name, "version": version}).encode()
        member = tarfile.TarInfo("package/package.json")
        member.size = len(raw)
        archive.addfile(member, io.BytesIO(raw))
    return out.getvalue()


RUNNER = "https://github.com/actions/runner/github-hosted"
TARBALL = "acme-api-1.0.0.tgz"


def npm_scene(stack: SigStack, data: bytes, subject: str, sha512: str, builder: str = RUNNER) -> Scene:
    scene = keyless(stack, data)
    scene.artifacts = (Artifact(TARBALL, TARBALL, Digest.of(data), len(data), ArtifactKind.NPM),)
    made = forge.github_provenance(CLAIMS)
    made["buildDefinition"]["buildType"] = foreign_builds.NPM
    made["runDetails"]["builder"]["id"] = builder
    named = [{"name": subject, "digest": {"sha512": sha512}}]
    raw = forge.bundle(stack, provenance(scene, made, subject=named), CLAIMS, kind="intoto/0.0.2")
    listed = {"attestations": [{"predicateType": slsa.PROVENANCE_V1, "bundle": json.loads(raw)}]}
    scene.evidence[TARBALL + ".attestations.json"] = json.dumps(listed).encode()
    return scene


def sha512(data: bytes) -> str:
    import hashlib

    return hashlib.sha512(data).hexdigest()


@pytest.mark.parametrize("scope", [Scope.CHECK, Scope.VERIFY])
def test_npm_provenance_names_the_package_and_its_sha512(stack: SigStack, scope: Scope) -> None:
    data = npm()
    report = npm_scene(stack, data, "pkg:npm/%40acme/api@1.0.0", sha512(data)).tracing(scope)
    assert report.findings == ()
    plain = npm("api")
    assert npm_scene(stack, plain, "pkg:npm/api@1.0.0", sha512(plain)).tracing(scope).findings == ()
    assert npm_scene(stack, data, "acme-api-1.0.0.tgz", sha512(data)).tracing(scope).findings == ()


@pytest.mark.parametrize(
    "subject", ["pkg:npm/%40acme/api@1.0.1", "pkg:npm/@acme/api@1.0.0", "pkg:npm/api@1.0.0", "pkg:npm/%40acme/api", "x"]
)
def test_npm_provenance_of_another_package_is_not_this_ones(stack: SigStack, subject: str) -> None:
    data = npm()
    found = npm_scene(stack, data, subject, sha512(data)).tracing().findings
    assert "provenance-subject-mismatch" in {finding.rule for finding in found}


def test_npm_provenance_of_other_bytes_is_not_these(stack: SigStack) -> None:
    data = npm()
    found = npm_scene(stack, data, "pkg:npm/%40acme/api@1.0.0", sha512(npm(version="1.0.1"))).tracing()
    assert "provenance-subject-mismatch" in rules_of(found)
    raw = npm_scene(stack, b"no package", "pkg:npm/%40acme/api@1.0.0", sha512(b"no package"))
    assert "provenance-subject-mismatch" in rules_of(raw.tracing())


@pytest.mark.parametrize(
    ("ident", "rule"),
    [
        ("https://github.com/actions/runner/self-hosted", "provenance-builder-mismatch"),
        ("https://github.com/acme/api/.github/workflows/other.yml@refs/tags/v1.0", "provenance-builder-mismatch"),
    ],
)
def test_npms_name_for_a_runner_must_be_the_certificates(stack: SigStack, ident: str, rule: str) -> None:
    data = npm()
    scene = npm_scene(stack, data, "pkg:npm/%40acme/api@1.0.0", sha512(data), ident)
    assert rules_of(scene.tracing()) == {rule}
    ours = keyless(stack)
    runner = forge.github_provenance(CLAIMS)
    runner["runDetails"]["builder"]["id"] = RUNNER
    report = put(ours, forge.bundle(stack, provenance(ours, runner), CLAIMS)).tracing()
    assert rules_of(report) == {"provenance-builder-mismatch"}


def generic(**change: Any) -> Scene:
    """A real release of slsa-github-generator, provenance version 0.2; `change` is for its trust entry."""
    trusted: Json = {
        "issuer": "https://token.actions.githubusercontent.com",
        "source_repository": "slsa-framework/example-package",
        "source_repository_id": "486325809",
        "signer_workflow": "slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml",
        "refs": [{"pattern": "refs/tags/v*"}],
        "runner": "github-hosted",
    }
    scene = Scene(policy=policy(trust={"builders": [trusted | change], "verifiers": [{"key": JUDGE}]}))
    name = "gha_generic-binary-linux-amd64-v14"
    digest = Digest("sha256", "376e7e01348585b6e6643bc6663146b9d525d9b41228bf180eaeb4d4a3706caa")
    scene.artifacts = (Artifact(name, name, digest, 1, ArtifactKind.FILE),)
    scene.source = Source(
        commit="4d329c75e7ec1725f7c9ce917a8799d408d06be3", remote="https://github.com/slsa-framework/example-package"
    )
    scene.evidence[name + ".intoto.jsonl"] = (BUNDLES / "generic-v14.intoto.jsonl").read_bytes()
    return scene


def test_real_provenance_of_version_0_2_proves_source_and_workflow() -> None:
    report = generic().tracing()
    assert report.findings == ()
    assert [(c.topic, c.basis) for c in report.clauses if c.proven] == [
        ("source", "certificate"),
        ("workflow", "certificate"),
    ]
    assert "signer-source-mismatch" in rules_of(generic(source_repository="slsa-framework/other").tracing())


GENERIC: Json = {
    "builder": {"id": "https://github.com/acme/api/.github/workflows/release.yml@refs/tags/v1.0"},
    "buildType": foreign_builds.GENERIC_OLD,
    "invocation": {
        "configSource": {
            "uri": "git+https://github.com/acme/api@refs/tags/v1.0",
            "digest": {"sha1": CLAIMS["sha"]},
            "entryPoint": ".github/workflows/release.yml",
        },
        "parameters": {},
        "environment": {"github_event_name": "push", "github_repository_id": "123456", "github_actor": "octo"},
    },
    "metadata": {"buildInvocationID": "777-1"},
    "materials": [{"uri": "git+https://github.com/acme/api@refs/tags/v1.0", "digest": {"sha1": CLAIMS["sha"]}}],
}


def old(stack: SigStack, predicate: Json) -> set[str]:
    scene = keyless(stack)
    kind, sha256 = slsa.PROVENANCE_V02, scene.artifact.digest.value
    made = forge.statement(scene.artifact.name, sha256, kind, predicate, _type=intoto.STATEMENT_OLD)
    return rules_of(put(scene, forge.bundle(stack, made, CLAIMS)).tracing())


def test_old_provenance_is_believed_where_the_certificate_says_the_same(stack: SigStack) -> None:
    assert old(stack, GENERIC) == set()
    npms = GENERIC | {"buildType": foreign_builds.NPM_OLD, "builder": {"id": "https://github.com/actions/runner"}}
    assert old(stack, npms) == set()


def invocation(**change: object) -> Json:
    return GENERIC | {"invocation": GENERIC["invocation"] | change}


CONFIG = GENERIC["invocation"]["configSource"]
MATERIAL = GENERIC["materials"][0]


@pytest.mark.parametrize(
    ("predicate", "rule"),
    [
        (GENERIC | {"builder": {"id": "https://github.com/actions/runner"}}, "provenance-builder-mismatch"),
        (GENERIC | {"buildType": "https://example.com/x"}, "provenance-build-type-unknown"),
        (GENERIC | {"metadata": {"buildInvocationID": "778-1"}}, "provenance-claim-mismatch"),
        (GENERIC | {"metadata": {"buildInvocationID": "x"}}, "provenance-claim-mismatch"),
        (GENERIC | {"materials": []}, "provenance-invalid"),
        (GENERIC | {"materials": [MATERIAL, MATERIAL]}, "provenance-invalid"),
        (GENERIC | {"materials": [MATERIAL | {"digest": {"sha1": "ab" * 20}}]}, "provenance-invalid"),
        (invocation(parameters={"x": "1"}), "provenance-parameters-unknown"),
        (invocation(configSource=CONFIG | {"more": "1"}), "provenance-parameters-unknown"),
        (invocation(configSource=CONFIG | {"digest": {"sha1": "ab" * 20}}), "provenance-invalid"),
        (invocation(configSource=CONFIG | {"uri": "git+https://github.com/acme/api"}), "provenance-invalid"),
        (invocation(configSource=CONFIG | {"entryPoint": ".github/workflows/x.yml"}), "provenance-claim-mismatch"),
        (invocation(environment={"github_event_name": "pull_request_target"}), "provenance-claim-mismatch"),
        (invocation(environment={"github_repository_id": "1"}), "provenance-claim-mismatch"),
        (invocation(configSource=None), "provenance-invalid"),
    ],
)
def test_old_provenance_that_says_something_else_is_refused(stack: SigStack, predicate: Json, rule: str) -> None:
    assert rule in old(stack, predicate)


def aged(scene: Scene, root: bytes) -> World:
    return replace(scene.world(), trusted_root=root)


def since(day: datetime) -> bytes:
    start = f"{day:%Y-%m-%dT%H:%M:%SZ}"
    return json.dumps({"certificateAuthorities": [{"validFor": {"start": start}}]}).encode()


def test_a_trusted_root_is_too_old_only_where_the_policy_says_so() -> None:
    builders = {"builders": [{"key": BUILDER}], "verifiers": [{"key": JUDGE}]}
    scene = honest(policy=policy(trust=builders | {"root_max_age": "30d"}))
    cases = [
        (since(NOW - timedelta(days=30)), False),
        (since(NOW - timedelta(days=31)), True),
        (b"{}", True),
        (since(NOW + timedelta(days=1)), True),
        (b"nonsense", True),
        (b"", True),
    ]
    for root, stale in cases:
        for stage in (signing, deployment):
            report = stage.examine(scene.task(Scope.VERIFY), aged(scene, root))
            found = [finding for finding in report.findings if finding.rule == TRUSTED_ROOT_STALE.id]
            assert [finding.about for finding in found] == (["trusted-root"] if stale else [])
            assert TRUSTED_ROOT_STALE in report.rules
    free = honest()
    assert TRUSTED_ROOT_STALE.id not in rules_of(signing.examine(free.task(Scope.CHECK), aged(free, b"{}")))


def test_the_record_says_which_root_was_used_and_of_which_day() -> None:
    scene = honest()
    root = since(datetime(2025, 9, 23, tzinfo=UTC))
    facts = dict(signing.examine(scene.task(Scope.CHECK), aged(scene, root)).facts)
    assert facts["trusted-root"] == str(Digest.of(root))
    assert facts["trusted-root-since"] == "2025-09-23"
