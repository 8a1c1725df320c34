"""A signer counts when it is exactly one the policy names, at a time the policy allows."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.claims import provenance_rules, signing_rules, source
from tidegate.domain.claims.proof import Proof, RefRule, TrustedIdentity, TrustedKey
from tidegate.domain.claims.trust import Refusal, identify

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ISSUER = "https://token.actions.githubusercontent.com"
SAN = "https://github.com/acme/api/.github/workflows/release.yml@refs/tags/v1.0"
CLAIMS = {
    "issuer": ISSUER,
    "build_signer_uri": SAN,
    "runner_environment": "github-hosted",
    "source_repository_uri": "https://github.com/acme/api",
    "source_repository_digest": "1f" * 20,
    "source_repository_ref": "refs/tags/v1.0",
    "source_repository_id": "123",
    "build_trigger": "push",
}
ENTRY = TrustedIdentity(
    issuer=ISSUER,
    source_repository="acme/api",
    signer_workflow="acme/api/.github/workflows/release.yml",
    source_repository_id="123",
    refs=(RefRule("refs/tags/v*", True),),
    runner="github-hosted",
)


def proof(san: str = SAN, issuer: str = ISSUER, **claims: str) -> Proof:
    return Proof(san=san, issuer=issuer, claims=tuple((CLAIMS | claims).items()))


def test_a_workflow_the_policy_names_is_accepted() -> None:
    assert identify(proof(), [ENTRY], NOW) is ENTRY
    assert identify(proof(), [ENTRY], NOW, hosted=True) is ENTRY


@pytest.mark.parametrize(
    ("issuer", "claims", "rule"),
    [
        ("https://token.actions.githubusercontent.com/evil", {}, "signer-issuer-mismatch"),
        ("https://token.actions.githubusercontent.com.evil.example", {}, "signer-issuer-mismatch"),
        ("", {}, "signer-issuer-mismatch"),
        (ISSUER, {"source_repository_uri": "https://github.com/acme/api2"}, "signer-source-mismatch"),
        (ISSUER, {"source_repository_uri": "https://github.com/evil/acme/api"}, "signer-source-mismatch"),
        (ISSUER, {"source_repository_uri": "https://github.example/acme/api"}, "signer-source-mismatch"),
        (ISSUER, {"source_repository_uri": ""}, "signer-source-mismatch"),
        (ISSUER, {"source_repository_id": "124"}, "signer-repository-recreated"),
        (ISSUER, {"source_repository_id": ""}, "signer-repository-recreated"),
        (ISSUER, {"source_repository_ref": "refs/heads/main"}, "signer-workflow-ref-mismatch"),
        (ISSUER, {"runner_environment": "self-hosted"}, "signer-runner-mismatch"),
        (ISSUER, {"build_trigger": "pull_request_target"}, "signer-trigger-refused"),
        (ISSUER, {"build_trigger": "pull_request"}, "signer-trigger-refused"),
        (ISSUER, {"build_trigger": ""}, "signer-trigger-refused"),
        (ISSUER, {"build_signer_uri": SAN.replace("release", "other")}, "signer-contradicted"),
        (ISSUER, {"build_signer_uri": ""}, "signer-contradicted"),
    ],
)
def test_a_signer_that_differs_in_one_claim_is_refused_by_its_name(
    issuer: str, claims: Mapping[str, str], rule: str
) -> None:
    refusal = identify(proof(SAN, issuer, **claims), [ENTRY], NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.rule.id == rule
    shown = next(iter(claims.values()), issuer)
    assert ascii(shown) in refusal.reason


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/tags/v1/evil", "refs/tags/v1\n", "xrefs/tags/v1", ""])
def test_a_ref_the_policy_does_not_accept_is_refused_and_shown_escaped(ref: str) -> None:
    san = SAN.replace("refs/tags/v1.0", ref)
    open_to_all = replace(ENTRY, signer_refs=(RefRule("**", True),))
    signed = proof(BUILDERS, build_signer_uri=BUILDERS, source_repository_ref=ref)
    shared = replace(open_to_all, signer_workflow="builders/ci/.github/workflows/build.yml")
    refusal = identify(signed, [shared], NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.rule.id == "signer-ref-mismatch"
    assert f"the ref is {ref!a}, not 'refs/tags/v*'" == refusal.reason
    assert isinstance(identify(proof(san, build_signer_uri=san, source_repository_ref=ref), [ENTRY], NOW), Refusal)


@pytest.mark.parametrize(
    "san",
    [
        "https://github.com/acme/api/.github/workflows/release.yml2@refs/tags/v1.0",
        "https://github.com/acme/api/.github/workflows/Release.yml@refs/tags/v1.0",
        "https://github.com/acme/api-x/.github/workflows/release.yml@refs/tags/v1.0",
        "https://github.com/evil/api/.github/workflows/release.yml@refs/tags/v1.0",
        "https://github.com/acme/api/.github/workflows/release.yml@evil.yml@refs/tags/v1.0",
        "https://github.com/acme/api/.github/workflows/release.yml@main",
        "https://github.com/acme/api/.github/workflows/release.yml@",
        "https://github.com/acme/api/.github/workflows/release.yml",
        "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/x@refs/tags/v1.0",
        "http://github.com/acme/api/.github/workflows/release.yml@refs/tags/v1.0",
        "email:release@example.com",
        "",
    ],
)
def test_a_workflow_that_only_looks_alike_is_refused(san: str) -> None:
    assert isinstance(identify(proof(san, build_signer_uri=san), [ENTRY], NOW), Refusal)


def test_github_names_ignore_case_and_paths_do_not() -> None:
    entry = replace(ENTRY, source_repository="ACME/Api", signer_workflow="Acme/API/.github/workflows/release.yml")
    assert identify(proof(), [entry], NOW) is entry
    shouted = replace(ENTRY, signer_workflow="acme/api/.github/workflows/RELEASE.yml")
    assert isinstance(identify(proof(), [shouted], NOW), Refusal)


BUILDERS = "https://github.com/builders/ci/.github/workflows/build.yml@refs/tags/v3"
SHARED = replace(ENTRY, signer_workflow="builders/ci/.github/workflows/build.yml")


def test_a_reusable_workflow_signs_for_the_source_the_policy_names() -> None:
    assert identify(proof(BUILDERS, build_signer_uri=BUILDERS), [SHARED], NOW) is SHARED
    hostile = proof(BUILDERS, build_signer_uri=BUILDERS, source_repository_uri="https://github.com/evil/api")
    assert isinstance(identify(hostile, [SHARED], NOW), Refusal)


@pytest.mark.parametrize(
    ("at", "accepted", "fits"),
    [
        ("refs/tags/v3", (), True),
        ("refs/heads/main", (), True),
        ("refs/pull/7/merge", (), False),
        ("2e" * 20, (), False),
        ("2e" * 20, (RefRule("2e" * 20),), True),
        ("3f" * 20, (RefRule("2e" * 20),), False),
        ("refs/tags/v3", (RefRule("v*", True, "tag"),), True),
        ("refs/tags/v3", (RefRule("v*", True, "branch"),), False),
        ("refs/heads/v3", (RefRule("v*", True, "tag"),), False),
        ("refs/tags/v4", (RefRule("refs/tags/v3"),), False),
        ("refs/tags/v3@refs/tags/v3", (), False),
    ],
)
def test_a_shared_workflow_counts_at_accepted_refs_of_its_own_only(
    at: str, accepted: tuple[RefRule, ...], fits: bool
) -> None:
    san = BUILDERS.replace("refs/tags/v3", at)
    answer = identify(proof(san, build_signer_uri=san), [replace(SHARED, signer_refs=accepted)], NOW)
    assert isinstance(answer, Refusal) is not fits
    if isinstance(answer, Refusal):
        assert answer.rule.id == "signer-workflow-ref-mismatch"


@pytest.mark.parametrize(
    ("called", "fits"),
    [
        (SAN, True),
        (SAN.replace("release.yml", "test.yml"), False),
        (SAN.replace("acme/api", "evil/api"), False),
        (SAN.replace("refs/tags/v1.0", "refs/heads/main"), False),
        (BUILDERS, False),
        ("", False),
    ],
)
def test_who_may_call_a_shared_workflow_is_a_question_of_its_own(called: str, fits: bool) -> None:
    entry = replace(SHARED, caller_workflow="acme/api/.github/workflows/release.yml")
    answer = identify(proof(BUILDERS, build_signer_uri=BUILDERS, build_config_uri=called), [entry], NOW)
    assert isinstance(answer, Refusal) is not fits
    if isinstance(answer, Refusal):
        assert answer.rule.id == "signer-caller-mismatch"


def test_without_refs_proposed_changes_still_do_not_count() -> None:
    entry = replace(SHARED, refs=())
    assert identify(proof(BUILDERS, build_signer_uri=BUILDERS), [entry], NOW) is entry
    for ref in ("refs/pull/3/merge", "refs/merge-requests/3/head", "main", ""):
        refusal = identify(proof(BUILDERS, build_signer_uri=BUILDERS, source_repository_ref=ref), [entry], NOW)
        assert isinstance(refusal, Refusal)
        assert refusal.rule.id == "signer-ref-mismatch"


def test_a_trigger_counts_only_when_named_or_harmless() -> None:
    entry = replace(ENTRY, triggers=("pull_request_target",))
    assert identify(proof(build_trigger="pull_request_target"), [entry], NOW) is entry
    assert isinstance(identify(proof(build_trigger="push"), [entry], NOW), Refusal)


def test_gitlab_is_its_own_server() -> None:
    san = "https://gitlab.example/acme/api//.gitlab-ci.yml@refs/heads/main"
    entry = TrustedIdentity("https://gitlab.example", "acme/api", "acme/api//.gitlab-ci.yml")
    claims = {
        "build_signer_uri": san,
        "source_repository_uri": "https://gitlab.example/acme/api",
        "source_repository_ref": "refs/heads/main",
    }
    assert identify(proof(san, "https://gitlab.example", **claims), [entry], NOW) is entry
    other = {**claims, "source_repository_uri": "https://gitlab.example/Acme/api"}
    assert isinstance(identify(proof(san, "https://gitlab.example", **other), [entry], NOW), Refusal)


def test_a_signature_by_nobody_named_is_refused() -> None:
    for signed in (proof(), Proof(key="k.pub"), Proof()):
        assert isinstance(identify(signed, [], NOW), Refusal)
    assert isinstance(identify(Proof(key="k.pub"), [ENTRY], NOW), Refusal)
    assert isinstance(identify(proof(), [TrustedKey("k.pub")], NOW), Refusal)


def test_the_reason_is_that_of_the_entry_that_came_closest() -> None:
    far = replace(ENTRY, issuer="https://other.example")
    refusal = identify(proof(runner_environment="self-hosted"), [far, ENTRY, far], NOW)
    assert isinstance(refusal, Refusal)
    assert "self-hosted" in refusal.reason


KEY = TrustedKey("k.pub", "ab" * 32)


def when(*times: str) -> Proof:
    return Proof(key="k.pub", times=tuple((time, "tsa") for time in times))


@pytest.mark.parametrize(
    ("limits", "signed", "rule"),
    [
        ({}, when(), None),
        ({"not_before": date(2026, 5, 1)}, when(), None),
        ({"not_before": date(2026, 5, 2)}, when(), signing_rules.KEY_OUT_OF_TIME),
        ({"not_after": date(2026, 5, 1)}, when(), None),
        ({"not_after": date(2026, 4, 30)}, when(), signing_rules.KEY_OUT_OF_TIME),
        ({"not_after": date(2026, 4, 30)}, when("2026-04-30T23:59:59Z"), None),
        ({"revoked_at": date(2026, 5, 2)}, when(), None),
        ({"revoked_at": date(2026, 5, 1)}, when(), signing_rules.KEY_REVOKED),
        ({"revoked_at": date(2026, 1, 1)}, when("2025-12-31T23:59:59Z"), None),
        ({"revoked_at": date(2026, 1, 1)}, when("2026-01-01T00:00:00Z"), signing_rules.KEY_REVOKED),
        ({"revoked_at": date(2026, 1, 1)}, when("2026-02-01T00:00:00Z", "2025-12-01T00:00:00Z"), None),
    ],
)
def test_a_key_is_judged_at_a_trusted_time_or_today(limits: dict[str, Any], signed: Proof, rule: object) -> None:
    entry = replace(KEY, **limits)
    answer = identify(signed, [entry], NOW)
    assert answer is entry if rule is None else isinstance(answer, Refusal) and answer.rule is rule


def test_a_revoked_key_does_not_live_on_under_another_name() -> None:
    revoked = replace(KEY, key="old.pub", revoked_at=date(2026, 1, 1))
    answer = identify(when(), [KEY, revoked], NOW)
    assert isinstance(answer, Refusal)
    assert answer.rule is signing_rules.KEY_REVOKED
    assert identify(when(), [KEY, replace(revoked, fingerprint="cd" * 32)], NOW) is KEY


def test_a_key_is_never_a_hosted_builder() -> None:
    answer = identify(when(), [KEY], NOW, hosted=True)
    assert isinstance(answer, Refusal)
    assert answer.rule is provenance_rules.BUILDER_NOT_HOSTED


@pytest.mark.parametrize(
    ("pattern", "ref", "matches"),
    [
        ("refs/tags/v*", "refs/tags/v1.0", True),
        ("refs/tags/v*", "refs/tags/v1/x", False),
        ("refs/tags/**", "refs/tags/v1/x", True),
        ("refs/tags/v*", "refs/tags/v", True),
        ("refs/tags/v1.0", "refs/tags/v1x0", False),
        ("refs/*/main", "refs/heads/main", True),
        ("refs/*/main", "refs/heads/main\n", False),
        ("*", "refs/heads/main", False),
        ("refs/tags/[v]*", "refs/tags/v1", False),
        ("refs/tags/v.*", "refs/tags/v1.0", False),
        ("refs/tags/v1|refs/heads/main", "refs/heads/main", False),
    ],
)
def test_patterns_match_whole_refs(pattern: str, ref: str, matches: bool) -> None:
    assert RefRule(pattern, True).matches(ref) is matches


def test_a_kind_stands_for_its_folder_of_refs() -> None:
    tag = RefRule("v*", True, "tag")
    assert tag.matches("refs/tags/v1")
    for other in ("refs/heads/v1", "v1", "refs/tags/x/v1", "refs/tags/v1/x", "refs/heads/refs/tags/v1"):
        assert not tag.matches(other)
    assert RefRule("main", kind="branch").matches("refs/heads/main")
    assert not RefRule("main", kind="branch").matches("refs/tags/main")


def test_an_exact_ref_is_no_pattern() -> None:
    assert RefRule("refs/tags/v*").matches("refs/tags/v*")
    assert not RefRule("refs/tags/v*").matches("refs/tags/v1")


@pytest.mark.parametrize(
    ("remote", "plain"),
    [
        ("https://github.com/acme/api.git", "https://github.com/acme/api"),
        ("https://" + "user:word@" + "github.com/acme/api", "https://github.com/acme/api"),
        ("git@github.com:acme/api.git", "https://github.com/acme/api"),
        ("github.com:acme/api", "https://github.com/acme/api"),
        ("ssh://git@github.com:22/acme/api", "https://github.com/acme/api"),
        ("git+https://github.com/acme/api", "https://github.com/acme/api"),
        ("https://git.example:8443/acme/api/", "https://git.example:8443/acme/api"),
        ("git://GitHub.com/acme/api", "https://github.com/acme/api"),
        ("/srv/git/api.git", ""),
        ("file:///srv/git/api.git", ""),
        ("../api", ""),
        ("https://", ""),
        ("https://github.com/acme/api?x=1", ""),
        ("https://[bad/acme", ""),
        ("", ""),
    ],
)
def test_a_remote_is_read_without_its_password(remote: str, plain: str) -> None:
    assert source.repository(remote) == plain


def test_repositories_that_cannot_be_read_are_never_the_same() -> None:
    assert source.same("git@github.com:Acme/API.git", "https://github.com/acme/api")
    assert not source.same("https://git.example/Acme/api", "https://git.example/acme/api")
    for unreadable in ("", "/srv/api", "api"):
        assert not source.same(unreadable, unreadable)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_the_reading_of_addresses(left: str, right: str) -> None:
    assert source.same(left, right) in (True, False)
    assert source.signer_ref(left, right) is None or left.startswith(right[:0])
    assert source.repository(left) == "" or source.repository(left).startswith("https://")
