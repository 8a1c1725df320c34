"""Provenance is believed where the certificate says the same, and compared with what was expected."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.sealed import COMMIT, DATA, SOURCE, artifact
from tidegate.adapters.ci.github import GitHubCI
from tidegate.adapters.ci.gitlab import GitLabCI
from tidegate.adapters.ci.local import LocalCI
from tidegate.domain.claims import build, build_types, provenance
from tidegate.domain.claims.proof import Entry, Proof, RefRule, TrustedIdentity, TrustedKey
from tidegate.domain.claims.provenance import Expected
from tidegate.errors import FormatError
from tidegate.formats import intoto
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding
from tidegate.model.inventory import Source

REF = "refs/tags/v1.0"
WORKFLOW = f"https://github.com/acme/api/.github/workflows/release.yml@{REF}"
RUN = "https://github.com/acme/api/actions/runs/77/attempts/1"
ENVIRONMENT = {
    "GITHUB_REPOSITORY": "acme/api",
    "GITHUB_REPOSITORY_ID": "123",
    "GITHUB_REPOSITORY_OWNER_ID": "9",
    "GITHUB_REF": REF,
    "GITHUB_SHA": COMMIT,
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_WORKFLOW_REF": f"acme/api/.github/workflows/release.yml@{REF}",
    "GITHUB_RUN_ID": "77",
    "RUNNER_ENVIRONMENT": "github-hosted",
}
CLAIMS = {
    "build_signer_uri": WORKFLOW,
    "build_config_uri": WORKFLOW,
    "build_trigger": "push",
    "runner_environment": "github-hosted",
    "run_invocation_uri": RUN,
    "source_repository_uri": "https://github.com/acme/api",
    "source_repository_digest": COMMIT,
    "source_repository_ref": REF,
    "source_repository_id": "123",
    "source_repository_owner_id": "9",
}
IDENTITY = TrustedIdentity("https://token.actions.githubusercontent.com", "acme/api", "w")
KEY = TrustedKey("k.pub", "ab" * 32)
EXPECTED = Expected("api-1.0.tar.gz", Digest.of(DATA), "api", "https://github.com/acme/api", COMMIT, REF)


def certified(**claims: str) -> Proof:
    return Proof(san=WORKFLOW, claims=tuple((CLAIMS | claims).items()))


def github() -> dict[str, Any]:
    facts = GitHubCI(ENVIRONMENT).facts(SOURCE)
    plain: dict[str, Any] = json.loads(build.provenance_statement(artifact(), facts, SOURCE))
    return plain


def local() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(build.provenance_statement(artifact(), LocalCI().facts(SOURCE), SOURCE))
    return plain


def check(
    plain: dict[str, Any], proof: Proof | None = None, entry: Entry = IDENTITY, expected: Expected = EXPECTED
) -> set[str]:
    signed = proof or (certified() if isinstance(entry, TrustedIdentity) else Proof(key="k.pub"))
    statement = intoto.parse(json.dumps(plain).encode())
    return {finding.rule for finding in provenance.check(statement, signed, entry, expected)}


def test_true_provenance_has_nothing_to_complain_about() -> None:
    assert check(github()) == set()
    assert check(github(), entry=KEY) == set()
    assert check(local(), entry=KEY) == set()


Change = Callable[[dict[str, Any]], Any]


def definition(plain: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = plain["predicate"]["buildDefinition"]
    return found


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda p: p.update(predicateType="https://slsa.dev/provenance/v0.2"), "provenance-invalid"),
        (lambda p: p.update(predicateType="https://slsa.dev/provenance/v1 "), "provenance-predicate-unknown"),
        (lambda p: p.update(predicate={}), "provenance-invalid"),
        (lambda p: p["subject"][0].update(name="other.tar.gz"), "provenance-subject-mismatch"),
        (lambda p: p["subject"][0]["digest"].update(sha256="00" * 32), "provenance-subject-mismatch"),
        (lambda p: definition(p).update(buildType="https://example.com/b"), "provenance-build-type-unknown"),
        (lambda p: definition(p)["externalParameters"].update(inputs={}), "provenance-parameters-unknown"),
        (lambda p: definition(p)["externalParameters"]["workflow"].update(x=1), "provenance-parameters-unknown"),
        (lambda p: definition(p)["externalParameters"].pop("workflow"), "provenance-invalid"),
        (lambda p: definition(p)["externalParameters"]["workflow"].update(ref=1), "provenance-invalid"),
        (lambda p: definition(p).update(resolvedDependencies=[]), "provenance-invalid"),
        (lambda p: definition(p)["resolvedDependencies"][0].update(digest={"gitCommit": "x"}), "provenance-invalid"),
        (lambda p: definition(p)["resolvedDependencies"].append(
            {"uri": "git+https://github.com/acme/api@refs/heads/x", "digest": {"gitCommit": "2e" * 20}}),
         "provenance-invalid"),
        (lambda p: definition(p)["resolvedDependencies"][0]["digest"].update(gitCommit="2e" * 20),
         "provenance-commit-mismatch"),
        (lambda p: p["predicate"]["runDetails"]["builder"].update(id="https://github.com/evil/w"),
         "provenance-builder-mismatch"),
        (lambda p: p["predicate"]["runDetails"]["builder"].update(id=build_types.LOCAL_BUILDER),
         "provenance-builder-mismatch"),
    ],
)  # fmt: skip
def test_provenance_that_says_something_else_is_told_apart(change: Change, rule: str) -> None:
    plain = github()
    change(plain)
    assert rule in check(plain)


@pytest.mark.parametrize("name", sorted(set(CLAIMS) - {"build_signer_uri"}))
def test_whatever_the_certificate_denies_or_is_silent_on_is_not_believed(name: str) -> None:
    assert "provenance-claim-mismatch" in check(github(), certified(**{name: "something else"}))
    assert "provenance-claim-mismatch" in check(github(), certified(**{name: ""}))


def test_the_builder_is_the_signer() -> None:
    assert "provenance-builder-mismatch" in check(github(), certified(build_signer_uri=WORKFLOW + "x"))
    assert "provenance-builder-mismatch" in check(github(), replace(certified(), san=WORKFLOW + "x"))


def test_further_parameters_count_only_when_the_policy_names_them() -> None:
    plain = github()
    definition(plain)["externalParameters"]["inputs"] = {"debug": True}
    assert check(plain) == {"provenance-parameters-unknown"}
    assert check(plain, expected=replace(EXPECTED, parameters=frozenset({"inputs"}))) == set()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"repository": "https://github.com/acme/other"}, "provenance-source-mismatch"),
        ({"commit": "2e" * 20}, "provenance-commit-mismatch"),
        ({"ref": "refs/heads/main"}, "provenance-ref-mismatch"),
    ],
)
def test_true_provenance_of_another_source_is_not_this_release(change: dict[str, str], rule: str) -> None:
    assert check(github(), expected=replace(EXPECTED, **change)) == {rule}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"source_repository": "acme/api"}, set()),
        ({"source_repository": "https://github.com/acme/api"}, set()),
        ({"source_repository": "acme/other"}, {"provenance-source-mismatch"}),
        ({"builder_id": WORKFLOW.rpartition("@")[0]}, set()),
        ({"builder_id": WORKFLOW}, set()),
        ({"builder_id": WORKFLOW[:-3]}, {"provenance-builder-mismatch"}),
        ({"builder_id": build_types.LOCAL_BUILDER}, {"provenance-builder-mismatch"}),
        ({"refs": (RefRule("refs/tags/v*", True),)}, set()),
        ({"refs": (RefRule("refs/heads/main"),)}, {"provenance-ref-mismatch"}),
    ],
)
def test_what_a_key_declares_is_held_to_the_limits_of_the_policy(change: dict[str, Any], rules: set[str]) -> None:
    assert check(github(), entry=replace(KEY, **change)) == rules


def test_a_laptop_without_remote_still_names_its_commit() -> None:
    bare = Source(commit=COMMIT)
    plain = json.loads(build.provenance_statement(artifact(), LocalCI().facts(bare), bare))
    expected = replace(EXPECTED, repository="", ref="")
    assert check(plain, entry=KEY, expected=expected) == set()
    assert check(plain, entry=KEY, expected=replace(expected, commit="2e" * 20)) == {"provenance-commit-mismatch"}
    assert check(plain, entry=KEY) == {"provenance-source-mismatch"}


def test_a_laptops_provenance_does_not_pass_as_a_workflows() -> None:
    plain = local()
    assert "provenance-builder-mismatch" in check(plain)


def test_gitlab_provenance_equals_its_certificate() -> None:
    environment = {
        "CI_PROJECT_URL": "https://gitlab.example/acme/api",
        "CI_PROJECT_ID": "5",
        "CI_COMMIT_SHA": COMMIT,
        "CI_COMMIT_BRANCH": "main",
        "CI_PIPELINE_SOURCE": "push",
        "CI_JOB_URL": "https://gitlab.example/acme/api/-/jobs/8",
    }
    plain = json.loads(build.provenance_statement(artifact(), GitLabCI(environment).facts(SOURCE), SOURCE))
    san = "https://gitlab.example/acme/api//.gitlab-ci.yml@refs/heads/main"
    claims = {
        "build_signer_uri": san,
        "build_config_uri": san,
        "build_trigger": "push",
        "run_invocation_uri": "https://gitlab.example/acme/api/-/jobs/8",
        "source_repository_uri": "https://gitlab.example/acme/api",
        "source_repository_digest": COMMIT,
        "source_repository_ref": "refs/heads/main",
        "source_repository_id": "5",
    }
    proof = Proof(san=san, claims=tuple(claims.items()))
    expected = replace(EXPECTED, repository="https://gitlab.example/acme/api", ref="refs/heads/main")
    assert check(plain, proof, expected=expected) == set()


@pytest.mark.parametrize("missing", ["GITHUB_REPOSITORY", "GITHUB_REF", "GITHUB_WORKFLOW_REF"])
def test_provenance_is_not_made_up_where_the_ci_is_silent(missing: str) -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != missing}
    with pytest.raises(FormatError):
        build.provenance_statement(artifact(), GitHubCI(environment).facts(SOURCE), SOURCE)


def test_provenance_is_not_made_up_without_a_commit_or_of_facts_that_do_not_fit() -> None:
    with pytest.raises(FormatError):
        build.provenance_statement(artifact(), LocalCI().facts(Source()), Source())
    odd = ENVIRONMENT | {"GITHUB_WORKFLOW_REF": "evil/x/.github/workflows/release.yml@refs/tags/v1.0"}
    with pytest.raises(FormatError):
        build.provenance_statement(artifact(), GitHubCI(odd).facts(SOURCE), SOURCE)


def test_a_workflow_file_with_an_at_sign_keeps_its_name() -> None:
    odd = ENVIRONMENT | {"GITHUB_WORKFLOW_REF": f"acme/api/.github/workflows/re@lease.yml@{REF}"}
    plain = json.loads(build.provenance_statement(artifact(), GitHubCI(odd).facts(SOURCE), SOURCE))
    assert definition(plain)["externalParameters"]["workflow"]["path"] == ".github/workflows/re@lease.yml"


def test_statements_are_deterministic_and_an_sbom_is_a_cyclonedx_document() -> None:
    facts = LocalCI().facts(SOURCE)
    assert build.provenance_statement(artifact(), facts, SOURCE) == build.provenance_statement(
        artifact(), facts, SOURCE
    )
    for kind, text in (
        ("https://cyclonedx.org/bom", '{"bomFormat":"CycloneDX"}'),
        ("https://spdx.dev/Document", '{"spdxVersion":"SPDX-2.3"}'),
    ):
        assert json.loads(build.sbom_statement(artifact(), text))["predicateType"] == kind
    twice = '{"bomFormat":"CycloneDX","bomFormat":"CycloneDX"}'
    both = '{"bomFormat":"CycloneDX","spdxVersion":"SPDX-2.3"}'
    for text in ("", "[]", "{}", '{"bomFormat":"SPDX"}', twice, both, '{"spdxVersion":"SPDX-9"}', "<bom/>"):
        with pytest.raises(FormatError):
            build.sbom_statement(artifact(), text)


def aged(signed: str | None, max_age: int | None, origin: str = "tsa") -> set[str]:
    """The rules for provenance signed at this time (UTC), at noon of 2026-05-31, with so many days allowed."""
    proof = replace(certified(), times=((signed, origin),) if signed else ())
    limit = timedelta(days=max_age) if max_age is not None else None
    expected = replace(EXPECTED, max_age=limit, now=datetime(2026, 5, 31, 12, tzinfo=UTC))
    return check(github(), proof, expected=expected)


def test_age_is_judged_by_a_trusted_time_and_by_nothing_else() -> None:
    assert aged("2026-05-01T12:00:00Z", 30) == set()
    assert aged("2026-05-01T11:59:59Z", 30, "log") == {"provenance-stale"}
    assert aged("2020-01-01T00:00:00Z", None) == set()
    assert aged("2026-05-31T12:05:00Z", None) == set()
    assert aged("2026-05-31T12:05:01Z", None) == {"provenance-stale"}
    assert aged(None, 30) == {"provenance-age-unproven"}
    assert aged(None, None) == set()


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("2026-05-01T12:00:00Z", True),
        ("2026-05-01T12:05:00+00:00", True),
        ("2026-05-01T12:05:01Z", False),
        ("2026-05-01T13:00:00+02:00", True),
        ("2026-05-01T12:00:00", False),
        ("yesterday", False),
        ("0001-01-01T00:00:00+23:59", False),
    ],
)
@pytest.mark.parametrize("name", ["startedOn", "finishedOn"])
def test_a_build_does_not_begin_or_end_after_it_was_attested(name: str, text: str, fits: bool) -> None:
    plain = github()
    plain["predicate"]["runDetails"].setdefault("metadata", {})[name] = text
    signed = replace(certified(), times=(("2026-05-01T12:00:00Z", "log"),))
    assert check(plain, signed) == (set() if fits else {"provenance-claim-mismatch"})


def test_only_what_is_said_of_another_artifact_or_day_contradicts_nothing() -> None:
    def faults(**change: Any) -> list[Finding]:
        statement = intoto.parse(json.dumps(github()).encode())
        return list(provenance.check(statement, certified(), IDENTITY, replace(EXPECTED, **change)))

    assert provenance.elsewhere(faults(artifact="other.whl"))
    assert not provenance.elsewhere(faults(commit="2e" * 20))
    assert not provenance.elsewhere([])
