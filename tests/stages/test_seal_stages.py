"""Rows 5, 7 and 8 over a whole signed release: what honest evidence gives, and what each missing part costs."""

import io
import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from support.sealed import (
    BUILDER,
    COMMIT,
    DATA,
    JUDGE,
    NOW,
    SOURCE,
    STRANGER,
    Scene,
    artifact,
    honest,
    policy,
    reseal,
    rules_of,
    signer,
    verifier_id,
)
from tidegate.adapters.ci.github import GitHubCI
from tidegate.domain.claims import build
from tidegate.domain.claims.rules import RULES
from tidegate.domain.claims.vsa import ROWS
from tidegate.errors import UnavailableError
from tidegate.model.control import Control, Scope
from tidegate.model.digest import Digest
from tidegate.model.finding import Level
from tidegate.model.inventory import Source
from tidegate.model.package import Problem
from tidegate.model.release import Artifact, ArtifactKind
from tidegate.ports import Signed

BUNDLES = Path(__file__).parent.parent / "data" / "bundles"


@pytest.mark.parametrize("scope", [Scope.CHECK, Scope.VERIFY])
def test_honest_evidence_passes_every_sealing_row(scope: Scope) -> None:
    scene = honest()
    for report in (scene.signing(scope), scene.tracing(scope), scene.deploying(scope)):
        assert report.findings == ()
        assert report.blind == ()
        assert [(c.what, c.examined, c.expected, c.release) for c in report.coverage] == [("artifacts", 1, 1, "api")]
        assert set(rules_of(report)) <= {rule.id for rule in report.rules}


def test_the_reports_answer_for_their_rows() -> None:
    scene = honest()
    assert [r.control for r in (scene.signing(), scene.tracing(), scene.deploying())] == [
        Control.SIGNING,
        Control.PROVENANCE,
        Control.DEPLOYMENT,
    ]


def test_every_clause_of_the_sentence_is_there_and_honest_about_a_key() -> None:
    scene = honest()
    clauses = {c.topic: c for c in (*scene.signing().clauses, *scene.tracing().clauses)}
    assert set(clauses) == {"signed", "time", "source", "workflow", "dependencies"}
    assert [topic for topic, clause in clauses.items() if not clause.proven] == ["time", "source", "workflow"]


def test_a_release_without_artifacts_examines_nothing_and_says_so() -> None:
    scene = honest()
    task = replace(scene.task(Scope.CHECK), releases=(replace(scene.task(Scope.CHECK).releases[0], artifacts=()),))
    from tidegate.stages import deployment, provenance, signing

    for stage in (signing, provenance, deployment):
        assert [(c.examined, c.expected) for c in stage.examine(task, scene.world()).coverage] == [(0, 0)]


def test_every_artifact_needs_evidence_of_its_own() -> None:
    other = artifact("other-1.0.tar.gz")
    scene = honest()
    scene.artifacts = (scene.artifact, other)
    assert [(f.rule, f.about) for f in scene.signing().findings] == [("signature-missing", other.name)]
    assert [(f.rule, f.about) for f in scene.tracing().findings] == [("provenance-missing", other.name)]
    assert [(f.rule, f.about) for f in scene.deploying(Scope.CHECK).findings] == [("artifact-unknown", other.name)]
    assert rules_of(scene.deploying()) == {"artifact-unknown", "artifact-foreign"}
    assert scene.signing().coverage[0].examined == 2


def test_without_any_evidence_nothing_passes() -> None:
    scene = Scene()
    assert rules_of(scene.signing()) == {"signature-missing"}
    assert rules_of(scene.tracing()) == {"provenance-missing"}
    assert rules_of(scene.deploying()) == {"artifact-unknown", "evidence-missing"}


def test_a_policy_that_trusts_nobody_accepts_nobody() -> None:
    scene = honest(policy=policy(trust={}))
    assert rules_of(scene.signing()) == {"signature-untrusted"}
    assert rules_of(scene.tracing()) == {"provenance-untrusted", "provenance-missing"}
    assert "vsa-untrusted" in rules_of(scene.deploying())


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ({"accept": ["keyless"]}, {"signature-kind-not-accepted"}),
        ({"accept": ["key"]}, set()),
        ({"timestamp": True}, {"timestamp-missing"}),
    ],
)
def test_a_signature_must_be_of_the_kind_the_policy_asks_for(rules: dict[str, Any], found: set[str]) -> None:
    assert rules_of(honest(policy=policy(controls={"signing": rules})).signing()) == found


def test_a_key_is_no_hosted_builder() -> None:
    scene = honest(policy=policy(controls={"provenance": {"hosted_builders": True}}))
    assert rules_of(scene.tracing()) == {"builder-not-hosted", "provenance-missing"}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (replace(SOURCE, commit="2e" * 20), {"provenance-commit-mismatch"}),
        (replace(SOURCE, remote="https://github.com/acme/other"), {"provenance-source-mismatch"}),
        (replace(SOURCE, ref="refs/heads/main"), set()),
        (replace(SOURCE, ref=""), set()),
        (replace(SOURCE, remote=""), set()),
        (replace(SOURCE, remote="git@github.com:Acme/API.git"), set()),
        (replace(SOURCE, dirty=("src/a.py", "b")), {"source-dirty"}),
        (Source(), {"source-unknown"}),
    ],
)
def test_a_check_compares_with_the_checkout(source: Source, found: set[str]) -> None:
    scene = honest()
    scene.source = source
    assert rules_of(scene.tracing(Scope.CHECK)) == found


def test_production_compares_with_a_commit_only_when_it_is_told_one() -> None:
    scene = honest()
    scene.source = replace(SOURCE, remote="https://github.com/elsewhere/clone", ref="refs/heads/x", dirty=("a",))
    assert rules_of(scene.tracing(Scope.VERIFY)) == set()
    scene.source = Source(commit="2e" * 20)
    assert rules_of(scene.tracing(Scope.VERIFY)) == {"provenance-commit-mismatch"}
    assert rules_of(scene.deploying(Scope.VERIFY)) == {"provenance-commit-mismatch"}


def test_dirty_files_are_named_one_by_one_up_to_a_bound() -> None:
    scene = honest()
    scene.source = replace(SOURCE, dirty=tuple(f"f{n}" for n in range(150)))
    findings = scene.tracing().findings
    assert len(findings) == 101
    assert findings[0].about == "f0"
    assert "50 more" in findings[-1].message


def test_ci_and_checkout_must_agree_on_the_commit() -> None:
    environment = {"GITHUB_SHA": "2e" * 20, "GITHUB_REPOSITORY": "acme/api"}
    scene = honest(ci=GitHubCI(environment))
    assert rules_of(scene.tracing()) == {"ci-context-contradicted"}
    assert rules_of(scene.tracing(Scope.VERIFY)) == set()
    assert rules_of(honest(ci=GitHubCI({"GITHUB_SHA": COMMIT})).tracing()) == set()


def test_the_ref_of_the_ci_run_is_the_one_to_be_built() -> None:
    same = GitHubCI({"GITHUB_SHA": COMMIT, "GITHUB_REF": SOURCE.ref})
    assert rules_of(honest(ci=same).tracing()) == set()
    other = GitHubCI({"GITHUB_SHA": COMMIT, "GITHUB_REF": "refs/heads/main"})
    assert rules_of(honest(ci=other).tracing()) == {"provenance-ref-mismatch"}
    assert rules_of(honest(ci=other).tracing(Scope.VERIFY)) == set()


def test_an_unreviewed_policy_is_a_finding_of_row_seven() -> None:
    scene = honest()
    scene.problems = (Problem("policy-unreviewed", "tidegate.yaml", "not part of main"), Problem("other", "x", "y"))
    assert [(f.rule, f.about, f.release) for f in scene.tracing().findings] == [
        ("policy-unreviewed", "tidegate.yaml", None)
    ]


def test_one_good_attestation_is_enough_and_the_others_are_listed() -> None:
    scene = honest()
    scene.attest(scene.provenance(), by=STRANGER)
    name = scene.artifact.name + ".attestations.jsonl"
    scene.evidence[name] += b"not a bundle\n"
    findings = scene.tracing().findings
    assert {(f.rule, f.level, f.message.partition(":")[0]) for f in findings} == {
        ("attestation-ignored", Level.WARN, "provenance-untrusted"),
        ("attestation-ignored", Level.WARN, "provenance-invalid"),
    }


def test_provenance_older_than_the_policy_allows_or_of_no_proven_age_is_refused() -> None:
    limited = policy(controls={"provenance": {"max_age": "30d"}})
    assert rules_of(honest(policy=limited).tracing()) == {"provenance-age-unproven"}
    told = policy(controls={"provenance": {"max_age": "30d", "rules": {"provenance-age-unproven": "warn"}}})
    assert rules_of(honest(policy=told).tracing()) == {"provenance-age-unproven"}
    hosted = github_release()
    builders = [entry.model_dump(exclude_unset=True) for entry in hosted.policy.model.trust.builders]
    for age, found in (("9999d", set()), ("1h", {"provenance-stale", "provenance-missing"})):
        hosted.policy = policy(trust={"builders": builders}, controls={"provenance": {"max_age": age}})
        assert rules_of(hosted.tracing()) <= found
    hosted.now = datetime(2020, 1, 1, tzinfo=UTC)
    assert rules_of(hosted.tracing()) == {"provenance-stale"}


def test_attestations_of_other_kinds_are_allowed_and_prove_no_build() -> None:
    scene = Scene()
    scene.attest(scene.sbom())
    report = scene.tracing()
    assert rules_of(report) == {"provenance-missing"}
    assert {c.topic: c.proven for c in report.clauses}["dependencies"]


def test_an_sbom_of_another_file_proves_no_dependencies() -> None:
    scene = honest()
    name = scene.artifact.name + ".attestations.jsonl"
    scene.evidence[name] = b""
    scene.attest(scene.provenance(), build.sbom_statement(artifact(data=b"other"), '{"bomFormat": "CycloneDX"}'))
    assert not {c.topic: c.proven for c in scene.tracing().clauses}["dependencies"]


def test_a_verdict_key_named_by_the_policy_is_the_only_one() -> None:
    only = policy(controls={"deployment": {"signer": STRANGER}})
    scene = honest(policy=only)
    assert rules_of(scene.deploying()) == {"vsa-untrusted"}
    scene.judge(scene.verdict(verifier=verifier_id(STRANGER)), by=STRANGER)
    assert rules_of(scene.deploying()) == set()


def test_the_windows_of_a_verifier_hold_for_the_named_key_too() -> None:
    parts = {"builders": [{"key": BUILDER}], "verifiers": [{"key": JUDGE, "revoked_at": date(2026, 1, 1)}]}
    scene = honest(policy=policy(trust=parts, controls={"deployment": {"signer": JUDGE}}))
    assert rules_of(scene.deploying()) == {"key-revoked"}


def test_a_key_in_both_roles_is_pointed_out() -> None:
    assert honest().deploying().notes == ()
    both = honest(policy=policy(trust={"builders": [{"key": BUILDER}], "verifiers": [{"key": BUILDER}]}))
    assert "independent" in both.deploying().notes[0]


def test_rows_that_are_not_required_are_not_asked_for_again() -> None:
    off = {"required": False, "reason": "not released from here"}
    scene = Scene(policy=policy(controls={"signing": off, "provenance": off}))
    scene.evidence["x.json"] = b"{}"
    scene.list_evidence()
    outcomes = dict.fromkeys(ROWS, "pass") | {"signing": "not required", "provenance": "not required"}
    scene.judge(scene.verdict(rows=outcomes, levels=[]))
    assert rules_of(scene.deploying()) == set()


def test_a_failed_verdict_of_a_reported_row_is_the_only_complaint() -> None:
    scene = honest()
    scene.judge(scene.verdict(passed=False, rows=dict.fromkeys(ROWS, "pass") | {"ci-tokens": "would shut"}))
    findings = scene.deploying().findings
    assert [f.rule for f in findings] == ["vsa-failed"]
    assert "ci-tokens would shut" in findings[0].message


@pytest.mark.parametrize("name", ["api-1.0.tar.gz.sigstore.json", "api-1.0.tar.gz.attestations.jsonl", "MANIFEST"])
def test_evidence_that_is_gone_or_changed_after_the_verdict_is_noticed(name: str) -> None:
    scene = honest()
    del scene.evidence[name]
    assert "evidence-missing" in rules_of(scene.deploying())
    scene = honest()
    scene.evidence[name] += b"\n"
    assert "evidence-changed" in rules_of(scene.deploying())


def test_an_artifact_that_is_not_the_one_taken_is_never_read_as_signed() -> None:
    scene = honest()
    scene.data = b"changed after release"
    assert rules_of(scene.signing()) == {"signature-invalid"}
    assert rules_of(scene.deploying()) >= {"artifact-changed", "signature-invalid", "provenance-subject-mismatch"}


@dataclass(frozen=True, slots=True)
class Deaf:
    """A verifier whose service does not answer."""

    def verify_statement(self, bundle: bytes, keys: object) -> Signed:
        raise UnavailableError("no answer", hint="try again")

    def verify_artifact(self, bundle: bytes, data: BinaryIO, digest: Digest, keys: object) -> Signed:
        raise UnavailableError("no answer", hint="try again")


def test_what_could_not_be_asked_is_blindness_and_not_counted_as_examined() -> None:
    scene = honest(verifier=Deaf())
    for report in (scene.signing(), scene.tracing(), scene.deploying()):
        assert report.blind[0].release == "api"
        assert (report.coverage[0].examined, report.coverage[0].expected) == (0, 1)


def github_release() -> Scene:
    """A real attestation by a real reusable workflow, verified against the public-good root."""
    trusted = {
        "issuer": "https://token.actions.githubusercontent.com",
        "source_repository": "aspect-build/rules_lint",
        "source_repository_id": "631710741",
        "signer_workflow": "bazel-contrib/publish-to-bcr/.github/workflows/publish.yaml",
        "refs": ["refs/heads/publish-to-bcr"],
        "runner": "github-hosted",
    }
    scene = Scene(policy=policy(trust={"builders": [trusted], "verifiers": [{"key": JUDGE}]}))
    digest = Digest("sha256", "06ce330900a7d6403bc8d88e5dfad6aeeb8ae40179f66bb89e69c8bf6f6b1a0b")
    scene.artifacts = (Artifact("MODULE.bazel", "MODULE.bazel", digest, 1, ArtifactKind.FILE),)
    scene.source = Source(
        commit="8f70009fde0c94ade6ce2a054b94718c819126ec",
        ref="refs/heads/publish-to-bcr",
        remote="git@github.com:aspect-build/rules_lint.git",
    )
    scene.evidence["MODULE.bazel.attestations.jsonl"] = (BUNDLES / "reusable-workflow.intoto.jsonl").read_bytes()
    return scene


def test_real_keyless_provenance_passes_and_proves_source_and_workflow() -> None:
    report = github_release().tracing()
    assert report.findings == ()
    assert {c.topic: (c.basis, c.proven) for c in report.clauses if c.topic != "dependencies"} == {
        "source": ("certificate", True),
        "workflow": ("certificate", True),
    }
    hosted = github_release()
    builders = [entry.model_dump(exclude_unset=True) for entry in hosted.policy.model.trust.builders]
    hosted.policy = policy(trust={"builders": builders}, controls={"provenance": {"hosted_builders": True}})
    assert hosted.tracing().findings == ()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"issuer": "https://token.actions.githubusercontent.com/hammer-time"}, "signer-issuer-mismatch"),
        ({"source_repository": "aspect-build/rules_link"}, "signer-source-mismatch"),
        ({"source_repository_id": "1"}, "signer-repository-recreated"),
        ({"signer_workflow": "aspect-build/rules_lint/.github/workflows/release.yml"}, "signer-workflow-mismatch"),
        ({"signer_refs": ["refs/heads/main"]}, "signer-workflow-ref-mismatch"),
        ({"caller_workflow": "aspect-build/rules_lint/.github/workflows/x.yml"}, "signer-caller-mismatch"),
        ({"refs": [{"pattern": "refs/tags/v*"}]}, "signer-ref-mismatch"),
        ({"runner": "self-hosted"}, "signer-runner-mismatch"),
        ({"triggers": ["push"]}, "signer-trigger-refused"),
    ],
)
def test_real_keyless_provenance_of_another_identity_is_refused_by_its_name(change: dict[str, Any], rule: str) -> None:
    scene = github_release()
    entry = scene.policy.model.trust.builders[0].model_dump(exclude_unset=True)
    scene.policy = policy(trust={"builders": [entry | change]})
    assert rules_of(scene.tracing()) == {rule, "provenance-missing"}


def test_real_keyless_provenance_of_another_commit_or_file_is_refused() -> None:
    scene = github_release()
    scene.source = replace(scene.source, commit="2e" * 20)
    assert rules_of(scene.tracing()) == {"provenance-commit-mismatch"}
    scene = github_release()
    scene.artifacts = (replace(scene.artifacts[0], digest=Digest.of(b"x")),)
    assert rules_of(scene.tracing()) == {"provenance-subject-mismatch"}


def test_unsupported_evidence_is_called_unsupported() -> None:
    scene = Scene()
    for kind, version in (("alpine", "0.0.1"), ("dsse", "0.0.3")):
        plain = json.loads((BUNDLES / "reusable-workflow.intoto.jsonl").read_text())
        plain["verificationMaterial"]["tlogEntries"][0]["kindVersion"] = {"kind": kind, "version": version}
        scene.evidence[scene.artifact.name + ".attestations.jsonl"] = json.dumps(plain).encode() + b"\n"
        assert rules_of(scene.tracing()) == {"provenance-unsupported", "provenance-missing"}


def test_no_bytes_raise_past_a_stage() -> None:
    spoiled = [b"", b"\xff", b"{}", b"[" * 100_000, b"null", b'{"a":1,"a":2}', b"\n" * 300_000]
    for raw in spoiled:
        scene = honest()
        for name in list(scene.evidence):
            scene.evidence[name] = raw
        assert scene.signing().findings
        assert scene.tracing().findings
        assert scene.deploying().findings


def test_every_sealing_rule_that_a_stage_can_yield_is_declared() -> None:
    declared = {rule.id for rule in RULES}
    assert {rule.id for rule in honest().deploying().rules} == declared


def test_a_verdict_ages() -> None:
    scene = honest()
    scene.now = NOW + timedelta(days=29)
    assert rules_of(scene.deploying()) == set()
    scene.now = NOW + timedelta(days=31)
    assert rules_of(scene.deploying()) == {"vsa-stale"}
    scene.now = datetime(2026, 4, 1, tzinfo=UTC)
    assert rules_of(scene.deploying()) == {"vsa-stale"}


def test_the_helper_that_reseals_changes_nothing_else() -> None:
    assert reseal(honest()).refusals() == set()
    assert signer(BUILDER).sign_digest(artifact(), io.BytesIO(DATA))
