"""Honest keyless releases pass every row at the level they deserve; what lies beside them is listed, never needed."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sigstack.claims import SERVER, Claims, github, gitlab
from support.keyless import (
    CALLED,
    DAY,
    LAB,
    NOW,
    OTHER,
    OURS,
    PLAIN,
    WORKFLOW,
    attested,
    changed,
    fails,
    furnished,
    refused,
    said,
    scene,
    shared,
    signed,
    stack,
)
from support.sealed import SOURCE, Scene, artifact
from tidegate.adapters.ci.github import GitHubCI
from tidegate.adapters.ci.gitlab import GitLabCI
from tidegate.domain.claims import build
from tidegate.model.control import Scope
from tidegate.model.finding import Level


# Honest releases: the identity trusted, what was signed, and how.
def _environment(kind: str) -> bytes:
    """The statement tidegate itself writes in a job of this CI system."""
    facts = {
        "github": lambda: GitHubCI(stack().github_env()).facts(SOURCE),
        "gitlab": lambda: GitLabCI(stack().gitlab_env()).facts(SOURCE),
    }[kind]()
    return build.provenance_statement(artifact(), facts, SOURCE)


HONEST: dict[str, tuple[dict[str, Any], Claims, str, dict[str, Any]]] = {
    "GitHub, a tag, both times": (PLAIN, github(), "", {}),
    "GitHub, a tag, the log's time": (PLAIN, github(), "", {"tsa": False}),
    "GitHub, a tag, the second log": (PLAIN, github(), "", {"rekor": 2}),
    "GitHub, a tag, only a timestamp proves the time": (PLAIN, github(), "", {"promise": False}),
    "GitHub, a tag, two timestamps": (PLAIN, github(), "", {"stamps": 2}),
    "GitHub, a tag, a bundle of version 0.2": (PLAIN, github(), "", {"version": "0.2"}),
    "GitHub, what tidegate writes there": (PLAIN, github(), "github", {}),
    "GitHub, a release event": (PLAIN, github(event="release"), "", {}),
    "GitHub, other letters in the policy": (
        PLAIN | {"source_repository": "Acme/API", "signer_workflow": WORKFLOW.replace("acme", "ACME")},
        github(),
        "",
        {},
    ),
    "GitHub, the repository renamed, the policy with it": (
        PLAIN | {"source_repository": "acme/new", "signer_workflow": WORKFLOW.replace("api", "new")},
        github("acme/new"),
        "",
        {},
    ),
    "GitHub, the shared workflow and its caller": (CALLED, shared(), "", {}),
    "GitHub, the shared workflow at a commit the policy names": (
        CALLED | {"signer_refs": ["2e" * 20]},
        shared("2e" * 20),
        "",
        {"rekor": 2},
    ),
    "GitHub, an event the policy names": (PLAIN | {"triggers": ["workflow_run"]}, github(event="workflow_run"), "", {}),
    "GitHub, a branch the policy names": (
        PLAIN | {"refs": [{"kind": "branch", "pattern": "main"}]},
        github(ref="refs/heads/main"),
        "",
        {},
    ),
    "GitLab, a tag, both times": (LAB, gitlab(), "gitlab", {}),
    "GitLab, a tag, the second log": (LAB, gitlab(), "gitlab", {"rekor": 2}),
    "GitLab, by hand": (LAB, gitlab(source="web"), "gitlab-web", {}),
}


def honest(name: str) -> Scene:
    trusted, claims, ci, knobs = HONEST[name]
    statement = said(claims) if not ci else _environment(ci.partition("-")[0])
    if ci == "gitlab-web":
        statement = statement.replace(b'"pipeline_source":"push"', b'"pipeline_source":"web"')
    server = "https://gitlab.com/acme/api" if ci.startswith("gitlab") else f"{SERVER}/{claims['repository']}"
    here = scene(trusted, source=replace(SOURCE, remote=server))
    return furnished(here, attested(claims, statement, **knobs), signed(claims, **knobs))


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_release_passes_every_row(name: str) -> None:
    here = honest(name)
    reports = [here.signing(), here.tracing(Scope.CHECK), here.tracing(Scope.VERIFY), here.deploying()]
    assert [(report.findings, report.blind) for report in reports] == [((), ())] * 4
    clauses = [*here.signing().clauses, *here.tracing().clauses]
    assert {clause.topic for clause in clauses if clause.proven} == {"signed", "time", "source", "workflow"}


def test_one_attestation_may_speak_for_all_files_of_a_release() -> None:
    subjects = [*json.loads(OURS), *OTHER]
    here = furnished(scene(), attested(statement=changed(("subject",), subjects)))
    assert [report.findings for report in (here.tracing(), here.deploying())] == [(), ()]


def levels(here: Scene) -> list[str]:
    return [value for key, value in here.tracing().facts if key.startswith("build-level")]


@pytest.mark.parametrize(
    ("trusted", "claims", "level"),
    [
        (PLAIN, github(), "2"),
        (PLAIN | {"max_level": 1}, github(), "1"),
        (PLAIN | {"max_level": 3}, github(), "2"),
        (CALLED, shared(), "2"),
        (CALLED | {"max_level": 3}, shared(), "3"),
        (CALLED | {"max_level": 1}, shared(), "1"),
        (CALLED | {"max_level": 3, "runner": "self-hosted"}, shared(runner_environment="self-hosted"), "1"),
    ],
)
def test_no_evidence_claims_a_higher_level_than_its_job_deserves_and_its_entry_allows(
    trusted: dict[str, Any], claims: Claims, level: str
) -> None:
    here = furnished(scene(trusted), attested(claims), signed(claims))
    assert here.tracing().findings == ()
    assert levels(here) == [f"SLSA_BUILD_LEVEL_{level}"]


def test_another_commit_than_the_checkouts_is_refused() -> None:
    here = scene(source=replace(SOURCE, commit="2e" * 20))
    refused(furnished(here, attested()), {"provenance-commit-mismatch"})


def test_evidence_of_forty_days_ago_brings_nothing_back() -> None:
    old = attested(at=NOW - 40 * DAY)
    refused(furnished(scene(), old), {"provenance-stale"})
    assert fails(furnished(scene(now=NOW - 20 * DAY), old, signed(at=NOW - 40 * DAY)).tracing()) == set()
    refused(furnished(scene(now=NOW - DAY), attested(at=NOW)), {"provenance-stale"})


def test_a_fresh_attestation_stands_beside_an_old_one_that_is_listed() -> None:
    here = furnished(scene(), attested(at=NOW - 40 * DAY) + b"\n" + attested())
    report = here.tracing()
    assert [(finding.rule, finding.level) for finding in report.findings] == [("attestation-ignored", Level.WARN)]
    assert "provenance-stale: the provenance is 40 days old, at most 30 days accepted" in report.findings[0].message


ASIDE = {
    "signer-workflow-mismatch": github(workflow=".github/workflows/test.yml"),
    "signer-trigger-refused": github(event="pull_request_target"),
}


@pytest.mark.parametrize("rule", ASIDE)
@pytest.mark.parametrize("first", [True, False])
def test_one_accepted_provenance_is_enough_and_what_does_not_count_is_listed(rule: str, first: bool) -> None:
    bad = attested(ASIDE[rule])
    lines = [bad, attested()] if first else [attested(), bad]
    here = furnished(scene(), b"\n".join(lines))
    for report in (here.tracing(), here.deploying()):
        assert fails(report) == set()
        assert [(f.rule, f.message.partition(":")[0]) for f in report.findings] == [("attestation-ignored", rule)]
    assert fails(furnished(scene(), b"\n".join([bad, bad])).tracing()) == {rule}


def test_a_trusted_builder_that_contradicts_itself_about_the_artifact_is_not_listed_but_refused() -> None:
    other = github(sha="2e" * 20)
    here = furnished(scene(source=SOURCE), attested() + b"\n" + attested(other))
    refused(here, {"provenance-commit-mismatch"})


def test_both_values_are_shown_and_neither_can_write_to_the_terminal() -> None:
    claims = github(extensions=None)
    here = furnished(scene(), attested(claims, extensions={11: "\x1b[2Jgithub-hosted\u202e"}))
    (finding,) = [f for f in here.tracing().findings if f.rule == "signer-runner-mismatch"]
    assert finding.message == r"the runner is '\x1b[2Jgithub-hosted\u202e', not 'github-hosted'"
