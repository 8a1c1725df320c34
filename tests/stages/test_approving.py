"""A release is approved by enough people, each counted once, none of them its builder."""

from dataclasses import replace
from typing import Any

import pytest

from support.sealed import ALICE, BOB, BUILDER, JUDGE, Scene, policy, reseal, rules_of
from tidegate.domain.claims import approvals
from tidegate.domain.claims.approvals import Asked, Given
from tidegate.domain.claims.build_types import Built
from tidegate.domain.claims.proof import Proof, TrustedIdentity, TrustedKey
from tidegate.domain.claims.sentence import Origin
from tidegate.formats import intoto, slsa
from tidegate.formats.slsa import Provenance
from tidegate.model.control import Scope


def asking(count: int = 2, approvers: Any = ({"key": ALICE}, {"key": BOB})) -> Any:
    trust = {"builders": [{"key": BUILDER}], "verifiers": [{"key": JUDGE}], "approvers": list(approvers)}
    return policy(trust=trust, controls={"provenance": {"approvals": count}})


def approved(*by: str, count: int = 2, **changes: Any) -> Scene:
    scene = Scene(policy=asking(count))
    scene.sign()
    for who in by:
        scene.approve(who, **changes)
    scene.attest(scene.provenance(), scene.sbom())
    return reseal(scene)


def test_enough_approvals_open_rows_seven_and_eight_in_both_scopes() -> None:
    scene = approved(ALICE, BOB)
    for scope in (Scope.CHECK, Scope.VERIFY):
        assert scene.tracing(scope).findings == ()
        assert scene.deploying(scope).findings == ()


def test_who_approved_is_a_clause_of_the_sentence() -> None:
    clauses = {c.topic: c for c in approved(ALICE, BOB).tracing().clauses}
    assert clauses["approved"].says == f"approved by `{ALICE}` and `{BOB}`"
    assert clauses["approved"].proven
    nobody = {c.topic: c for c in approved(count=0).tracing().clauses}
    assert not nobody["approved"].proven
    silent = Scene()
    assert "approved" not in {c.topic for c in silent.tracing().clauses}


def test_too_few_approvals_are_a_finding_that_counts_them() -> None:
    scene = approved(ALICE)
    for report in (scene.tracing(), scene.deploying()):
        assert [f.rule for f in report.findings] == ["release-unapproved"]
        assert "1 of 2" in report.findings[0].message
    assert rules_of(approved(count=1).tracing()) == {"release-unapproved"}


def test_where_none_is_asked_for_none_is_needed_and_a_bad_one_does_not_hurt() -> None:
    assert rules_of(approved(count=0).tracing()) == set()
    assert rules_of(approved(JUDGE, count=0).tracing()) == set()


def test_before_provenance_is_made_approvals_alone_are_nothing_to_refuse() -> None:
    scene = Scene(policy=asking(2))
    scene.approve(ALICE)
    scene.approve(BOB)
    assert rules_of(scene.tracing()) == {"provenance-missing", "release-unapproved"}


GITHUB = "https://actions.github.io/buildtypes/workflow/v1"
KEY = TrustedKey(ALICE, "aa" * 32, actor="Alice")
CI = TrustedIdentity("https://i.example", "acme/api", "acme/api/.github/workflows/approve.yml")


def counted(*given: Given, **origin: str) -> approvals.Counted:
    scene = Scene()
    asked = Asked(scene.artifact.name, scene.artifact.digest, "api", "ab" * 32, 1, scene.now)
    base = Origin(Proof(san="w"), "https://github.com/acme/api/w", Built("", "", ""), 2, "someone", "carol")
    return approvals.count(given, asked, replace(base, **origin))  # type: ignore[arg-type]


def given(entry: TrustedKey | TrustedIdentity, **changes: Any) -> Given:
    scene = Scene()
    scene.approve(ALICE, **changes)
    raw = scene.evidence[scene.artifact.name + ".attestations.jsonl"]
    proof = scene.verifier.verify_statement(raw, {ALICE: scene.policy.files[ALICE].encode()})
    return Given(intoto.parse(proof.payload), Proof(key=ALICE, san="the workflow"), entry)


def test_a_ci_build_is_approved_by_those_known_to_be_other_accounts() -> None:
    assert counted(given(KEY)).names == (ALICE,)
    assert counted(given(KEY), actor="alice").reasons == (f"`{ALICE}`: started the build",)
    assert "does not say whose account started" in counted(given(KEY), actor="").reasons[0]
    assert "whose account it is" in counted(given(replace(KEY, actor=""))).reasons[0]
    assert counted(given(KEY), signer=approvals.signer(KEY)).reasons == (f"`{ALICE}`: signed the provenance as well",)


def test_one_person_with_two_keys_is_one_person() -> None:
    other = replace(KEY, key=BOB, fingerprint="bb" * 32, actor="ALICE")
    assert counted(given(KEY), given(other)).names == (ALICE,)
    assert counted(given(KEY), given(replace(other, actor="bob"))).names == (ALICE, BOB)
    assert counted(given(replace(KEY, fingerprint=""))).names == ()


def test_a_workflow_that_approves_is_known_by_whom_its_ci_names() -> None:
    assert counted(given(CI, actor="dave")).names == ("the workflow",)
    assert counted(given(CI, actor="Carol")).names == ()
    assert counted(given(CI)).names == ()
    twice = replace(CI, source_repository="ACME/api")
    assert len(counted(given(CI, actor="dave"), given(twice, actor="erin")).names) == 1


@pytest.mark.parametrize(
    ("internal", "found"),
    [
        ({"github": {"actor": "carol"}}, "carol"),
        ({"gitlab": {"actor": "carol"}}, "carol"),
        ({"github": {"actor": 7}}, ""),
        ({"github": {"actor": "a\nb"}}, ""),
        ({"github": []}, ""),
        ({}, ""),
    ],
)
def test_the_account_is_read_where_builds_write_it(internal: dict[str, object], found: str) -> None:
    assert approvals.actor(Provenance(GITHUB, "b", {}, internal)) == found
    assert slsa.parse(slsa.build(Provenance(GITHUB, "b", {}, internal))).internal == internal
