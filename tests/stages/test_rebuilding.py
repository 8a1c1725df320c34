"""Where the policy asks for it, an artifact opens the gate only when somebody trusted rebuilt these very bytes."""

import io
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sigstack.claims import github
from support import keyless
from support.sealed import (
    ALICE,
    BOB,
    BUILDER,
    COMMIT,
    JUDGE,
    STRANGER,
    Scene,
    artifact,
    lines,
    policy,
    raw_bundle,
    reseal,
    rules_of,
    signer,
)
from tidegate import papers
from tidegate.acts import LACKING
from tidegate.domain.claims import rebuild_rules
from tidegate.formats import rebuild
from tidegate.formats.rebuild import REBUILD_V1, Cause, Difference, Rebuild, Rebuilt, Result
from tidegate.model.control import Scope
from tidegate.model.digest import Digest
from tidegate.model.finding import Level
from tidegate.policy.schema import Policy

OTHER = Digest.of(b"other bytes")
SCOPES = (Scope.CHECK, Scope.VERIFY)


def asking(*rebuilders: dict[str, Any], needed: bool = True, **more: Any) -> Policy:
    listed = list(rebuilders) or [{"key": ALICE}]
    trust = {"builders": [{"key": BUILDER}], "verifiers": [{"key": JUDGE}], "rebuilders": listed}
    return policy(trust=trust, controls={"sbom": {"rebuild": needed}, **more})


def scene(of: Policy | None = None) -> Scene:
    made = Scene(policy=of or asking())
    made.sign()
    made.attest(made.provenance(), made.sbom())
    return made


def statement(of: Scene, **changes: Any) -> bytes:
    """A rebuild of the scene's artifact from its commit; `changes` replace fields."""
    same = Rebuilt(of.artifact.name, of.artifact.digest, Result.REPRODUCED, of.artifact.digest)
    made = Rebuild(
        commit=COMMIT,
        tree="2e" * 20,
        command=("python", "-m", "build"),
        epoch=1700000000,
        artifacts=(same,),
        time=of.now - timedelta(hours=2),
        tool="tidegate 1",
        python="3.11.7",
        platform="linux x86_64",
    )
    return rebuild.build(replace(made, **changes))


def different(of: Scene, *members: Difference) -> bytes:
    made = Rebuilt(of.artifact.name, of.artifact.digest, Result.DIFFERENT, OTHER, members)
    return statement(of, artifacts=(made,))


def rebuilt(*statements: bytes, by: str = ALICE, of: Policy | None = None) -> Scene:
    made = scene(of)
    made.attest(*(statements or (statement(made),)), by=by)
    return reseal(made)


def both(of: Scene) -> set[str]:
    """The rules of rows 7 and 8, in a check and in production; they must agree."""
    seen = [rules_of(report) for scope in SCOPES for report in (of.tracing(scope), of.deploying(scope))]
    assert seen[0] == seen[1] == seen[2] == seen[3]
    return seen[0]


def test_a_trusted_rebuild_of_these_bytes_and_this_commit_opens_rows_seven_and_eight() -> None:
    made = rebuilt()
    assert both(made) == set()
    said = {c.topic: c for c in made.tracing().clauses}["rebuilt"]
    assert (said.proven, said.says) == (True, f"rebuilt byte for byte by `{ALICE}`")


def test_a_workflow_the_policy_names_may_rebuild_and_no_other() -> None:
    named = keyless.PLAIN | {"signer_workflow": "acme/api/.github/workflows/rebuild.yml"}
    other = {"signer-workflow-mismatch"}
    for workflow, rules in (("rebuild", set()), ("release", other), ("build", other)):
        made = scene(asking(named))
        made.verifier, made.now = keyless.verifier(), keyless.NOW
        claims = github(job_workflow_ref=f"acme/api/.github/workflows/{workflow}.yml@{keyless.TAG}")
        line = keyless.attested(claims, statement(made))
        made.evidence[made.artifact.name + ".attestations.jsonl"] += line + b"\n"
        assert both(reseal(made)) == rules


def test_without_a_rebuild_the_rule_says_so_and_signing_goes_on() -> None:
    made = reseal(scene())
    assert both(made) == {"rebuild-missing"}
    assert rebuild_rules.REBUILD_MISSING.id.endswith(LACKING)
    said = {c.topic: c for c in made.tracing().clauses}["rebuilt"]
    assert not said.proven


def test_where_nobody_asks_nothing_is_needed_and_a_bad_one_does_not_hurt() -> None:
    silent = asking(needed=False)
    assert both(reseal(scene(silent))) == set()
    assert both(rebuilt(different(scene()), of=silent)) == set()
    assert both(rebuilt(by=STRANGER, of=silent)) == set()
    assert "rebuilt" not in {c.topic for c in reseal(Scene()).tracing().clauses}


@pytest.mark.parametrize("by", [STRANGER, BOB, JUDGE])
def test_a_rebuild_by_anybody_else_is_untrusted(by: str) -> None:
    assert both(rebuilt(by=by)) == {"rebuild-untrusted"}


def test_a_builder_is_no_rebuilder_unless_the_policy_says_so_and_then_it_is_told() -> None:
    assert both(rebuilt(by=BUILDER)) == {"rebuild-untrusted"}
    allowed = asking({"key": BUILDER})
    made = rebuilt(by=BUILDER, of=allowed)
    assert both(made) == {"rebuild-by-builder"}
    assert {finding.level for finding in made.tracing().findings} == {Level.WARN}


def test_an_independent_rebuild_beside_the_builders_own_is_enough() -> None:
    made = scene(asking({"key": BUILDER}, {"key": ALICE}))
    made.attest(statement(made), by=BUILDER)
    made.attest(statement(made), by=ALICE)
    assert both(reseal(made)) == set()


def test_the_builders_key_under_another_path_is_still_the_builder() -> None:
    of = asking({"key": ALICE})
    files = {**of.files, ALICE: of.files[BUILDER]}
    made = rebuilt(by=BUILDER, of=of.model_copy(update={"files": files}))
    assert "rebuild-by-builder" in rules_of(made.tracing())


def test_a_rebuild_that_came_out_different_names_members_and_causes() -> None:
    of = scene()
    odd = Difference("demo/\\x1bmod.py", (Cause.TIMESTAMP, Cause.BUILD_PATH))
    made = rebuilt(different(of, odd, Difference("", (Cause.ORDER,))))
    assert both(made) == {"rebuild-different"}
    (finding,) = made.tracing().findings
    assert "timestamp, build-path" in finding.message
    assert "the archive (order)" in finding.message
    gone = statement(of, artifacts=(Rebuilt(of.artifact.name, of.artifact.digest, Result.MISSING),))
    assert both(rebuilt(gone)) == {"rebuild-different"}


def test_one_that_counts_is_enough_and_the_others_are_listed() -> None:
    made = scene()
    made.attest(different(made), statement(made), by=ALICE)
    made.attest(statement(made), by=STRANGER)
    made = reseal(made)
    assert both(made) == {"attestation-ignored"}
    assert len(made.tracing().findings) == 2


def test_a_rebuild_of_another_commit_is_not_the_one_asked_for() -> None:
    made = rebuilt(statement(scene(), commit="ab" * 20))
    assert both(made) == {"rebuild-missing"}
    assert "ab" * 20 in made.tracing().findings[0].message


@pytest.mark.parametrize(
    ("name", "digest"), [("api-1.0.tar.gz", OTHER), ("api-1.1.tar.gz", artifact().digest)], ids=["digest", "name"]
)
def test_a_rebuild_of_another_file_is_not_the_one_asked_for(name: str, digest: Digest) -> None:
    said = statement(scene(), artifacts=(Rebuilt(name, digest, Result.REPRODUCED, digest),))
    made = rebuilt(said)
    assert both(made) == {"rebuild-missing"}
    assert "another file" in made.tracing().findings[0].message


def test_a_rebuild_of_the_future_is_malformed() -> None:
    made = scene()
    made.attest(statement(made, time=made.now + timedelta(hours=1)), by=ALICE)
    assert both(reseal(made)) == {"rebuild-malformed"}


def test_a_signed_statement_that_contradicts_itself_is_malformed() -> None:
    made = scene()
    plain = json.loads(statement(made))
    plain["predicate"]["artifacts"][0]["rebuilt"] = {"sha256": "00" * 32}
    bundle = lines([raw_bundle(json.dumps(plain).encode(), by=ALICE)])
    made.evidence[made.artifact.name + ".attestations.jsonl"] += bundle
    assert both(reseal(made)) == {"rebuild-malformed"}


def test_a_broken_signature_is_malformed() -> None:
    made = scene()
    bundle = raw_bundle(statement(made), by=ALICE)
    plain = json.loads(statement(made, platform="plan 9"))
    changed = raw_bundle(json.dumps(plain).encode(), by=ALICE)
    bundle["dsseEnvelope"]["payload"] = changed["dsseEnvelope"]["payload"]
    made.evidence[made.artifact.name + ".attestations.jsonl"] += lines([bundle])
    assert both(reseal(made)) == {"rebuild-malformed"}


def test_a_revoked_rebuilder_does_not_count() -> None:
    made = rebuilt(of=asking({"key": ALICE, "revoked_at": date(2026, 4, 1)}))
    assert both(made) == {"key-revoked"}


def test_production_compares_with_the_commit_the_provenance_proves() -> None:
    made = rebuilt()
    made.source = replace(made.source, commit="")
    assert rules_of(made.deploying()) == set()
    other = rebuilt(statement(scene(), commit="ab" * 20))
    other.source = replace(other.source, commit="")
    assert rules_of(other.deploying()) == {"rebuild-missing"}


def test_without_accepted_provenance_production_knows_no_commit_to_compare() -> None:
    made = Scene(policy=asking())
    made.sign()
    made.attest(statement(made), by=ALICE)
    made.source = replace(made.source, commit="")
    found = {f.rule: f.message for f in reseal(made).deploying().findings}
    assert {"provenance-missing", "rebuild-missing"} <= found.keys()
    assert "no accepted provenance" in found["rebuild-missing"]


def test_production_may_ask_for_what_the_release_did_not() -> None:
    made = reseal(scene(asking(needed=False)))
    made.policy = asking()
    assert rules_of(made.deploying()) == {"rebuild-missing"}


def test_provenance_that_calls_itself_a_rebuild_is_neither() -> None:
    made = Scene(policy=asking())
    made.sign()
    plain = json.loads(made.provenance()) | {"predicateType": REBUILD_V1}
    made.evidence[made.artifact.name + ".attestations.jsonl"] = lines([raw_bundle(json.dumps(plain).encode(), ALICE)])
    assert rules_of(made.tracing()) == {"provenance-missing", "rebuild-malformed"}


def test_a_file_that_holds_only_rebuilds_and_approvals_still_lacks_provenance() -> None:
    made = Scene(policy=asking())
    made.attest(statement(made), by=ALICE)
    made.approve(BOB)
    text = made.evidence[made.artifact.name + ".attestations.jsonl"].decode()
    assert papers.only_approved(text)
    made.attest(made.provenance())
    assert not papers.only_approved(made.evidence[made.artifact.name + ".attestations.jsonl"].decode())
    signed = signer(BUILDER).sign_digest(made.artifact, io.BytesIO(made.data))
    assert not papers.only_approved(signed)


def test_every_rule_is_of_row_seven_and_shuts_the_gate_but_the_one_about_independence() -> None:
    levels = {rule.id: rule.level for rule in rebuild_rules.REBUILD_RULES}
    assert [name for name, level in levels.items() if level is Level.WARN] == ["rebuild-by-builder"]
    assert {rule.control.value for rule in rebuild_rules.REBUILD_RULES} == {"provenance"}
