"""CI facts: each says where it comes from, and only git's commit counts as proven."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tidegate.adapters.ci.detect import detect
from tidegate.adapters.ci.github import GitHubCI
from tidegate.adapters.ci.gitlab import GitLabCI
from tidegate.adapters.ci.local import LocalCI
from tidegate.model.inventory import Source
from tidegate.ports import Fact

GIT, OTHER = "1f" * 20, "2e" * 20
SOURCE = Source(commit=GIT, ref="refs/heads/main", remote="https://" + "user:word@" + "github.com/acme/api.git")
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/api",
    "GITHUB_REPOSITORY_ID": "123",
    "GITHUB_REPOSITORY_OWNER_ID": "9",
    "GITHUB_SHA": GIT,
    "GITHUB_REF": "refs/tags/v1",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_WORKFLOW_REF": "acme/api/.github/workflows/release.yml@refs/tags/v1",
    "GITHUB_RUN_ID": "77",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_ACTOR": "octo",
    "RUNNER_ENVIRONMENT": "github-hosted",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_PROJECT_URL": "https://gitlab.example/acme/api",
    "CI_PROJECT_ID": "5",
    "CI_COMMIT_SHA": GIT,
    "CI_COMMIT_TAG": "v1",
    "CI_PIPELINE_SOURCE": "push",
    "CI_JOB_URL": "https://gitlab.example/acme/api/-/jobs/8",
    "CI_PROJECT_VISIBILITY": "private",
}


def test_the_system_is_the_one_that_says_it_is_here() -> None:
    assert isinstance(detect(GITHUB), GitHubCI)
    assert isinstance(detect(GITLAB), GitLabCI)
    for environment in ({}, {"CI": "true"}, {"GITHUB_ACTIONS": "1"}, {"GITLAB_CI": ""}):
        assert isinstance(detect(environment), LocalCI)


def test_github_states_repository_run_and_workflow() -> None:
    facts = GitHubCI(GITHUB).facts(SOURCE)
    assert facts.system == "github"
    assert facts.get("repository") == "https://github.com/acme/api"
    assert facts.get("run_url") == "https://github.com/acme/api/actions/runs/77/attempts/2"
    assert facts.get("workflow_ref").endswith("release.yml@refs/tags/v1")
    assert facts.get("actor") == "octo"


@pytest.mark.parametrize("ci", [GitHubCI(GITHUB), GitLabCI(GITLAB), LocalCI()])
def test_only_the_commit_git_names_is_proven(ci: GitHubCI | GitLabCI | LocalCI) -> None:
    proven = [fact for fact in ci.facts(SOURCE).facts if fact.verified]
    assert proven == [Fact("commit", GIT, "git", True)]
    assert not any(fact.verified for fact in ci.facts(Source()).facts)


@pytest.mark.parametrize("ci", [GitHubCI(GITHUB | {"GITHUB_SHA": OTHER}), GitLabCI(GITLAB | {"CI_COMMIT_SHA": OTHER})])
def test_a_commit_that_differs_from_the_checkout_is_shown_beside_it(ci: GitHubCI | GitLabCI) -> None:
    commits = [(fact.value, fact.source) for fact in ci.facts(SOURCE).facts if fact.name == "commit"]
    assert commits == [(GIT, "git"), (OTHER, "env")]


@pytest.mark.parametrize(
    "value", ["refs/heads/a\nGITHUB_SHA=x", "refs/heads/\x1b[2J", "x" * 1001, "refs/heads/\u202ex"]
)
def test_a_value_that_could_fool_a_reader_is_no_fact(value: str) -> None:
    assert GitHubCI(GITHUB | {"GITHUB_REF": value}).facts(SOURCE).get("ref") == ""


def test_a_laptop_takes_no_variable_for_a_fact_and_shows_no_password() -> None:
    facts = LocalCI().facts(SOURCE)
    assert facts.get("repository") == "https://github.com/acme/api"
    assert "word" not in str(facts)
    assert {fact.source for fact in facts.facts} == {"git"}


def github(tmp_path: Path, name: str, event: object) -> GitHubCI:
    path = tmp_path / "event.json"
    path.write_text(event if isinstance(event, str) else json.dumps(event))
    return GitHubCI(GITHUB | {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)})


BASE: Mapping[str, object] = {"repository": {"id": 1, "private": True}}


@pytest.mark.parametrize(
    ("name", "event", "fork"),
    [
        ("push", BASE, False),
        ("pull_request", {**BASE, "pull_request": {"head": {"repo": {"id": 1}}}}, False),
        ("pull_request", {**BASE, "pull_request": {"head": {"repo": {"id": 2}}}}, True),
        ("pull_request_target", {**BASE, "pull_request": {"head": {"repo": {"id": 2}}}}, True),
        ("pull_request", {**BASE, "pull_request": {"head": {"repo": None}}}, True),
        ("pull_request", {}, True),
        ("pull_request", [], True),
        ("pull_request", "{", True),
        ("pull_request", '{"repository":{"id":2},"repository":{"id":1}}', True),
        ("workflow_run", {**BASE, "workflow_run": {"head_repository": {"id": 1}}}, False),
        ("workflow_run", {**BASE, "workflow_run": {"head_repository": {"id": 2}}}, True),
    ],
)
def test_a_foreign_change_is_known_and_an_unreadable_event_taken_for_one(
    tmp_path: Path, name: str, event: object, fork: bool
) -> None:
    assert github(tmp_path, name, event).facts(SOURCE).fork is fork


def test_private_is_said_only_where_the_event_says_it(tmp_path: Path) -> None:
    assert github(tmp_path, "push", BASE).facts(SOURCE).private is True
    assert github(tmp_path, "push", {"repository": {"private": "no"}}).facts(SOURCE).private is None
    assert GitHubCI(GITHUB | {"GITHUB_EVENT_PATH": str(tmp_path)}).facts(SOURCE).private is None
    assert GitHubCI(GITHUB | {"GITHUB_EVENT_PATH": "/dev/zero"}).facts(SOURCE).private is None


def test_gitlab_states_tag_branch_visibility_and_forks() -> None:
    facts = GitLabCI(GITLAB).facts(SOURCE)
    assert facts.get("ref") == "refs/tags/v1"
    assert facts.get("workflow_ref") == "https://gitlab.example/acme/api//.gitlab-ci.yml@refs/tags/v1"
    assert facts.private is True
    assert not facts.fork
    change = {**GITLAB, "CI_COMMIT_TAG": "", "CI_PIPELINE_SOURCE": "merge_request_event"}
    assert GitLabCI(change).facts(SOURCE).fork
    assert GitLabCI({**change, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "6"}).facts(SOURCE).fork
    assert not GitLabCI({**change, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "5"}).facts(SOURCE).fork
    branch = GitLabCI({**GITLAB, "CI_COMMIT_TAG": "", "CI_COMMIT_BRANCH": "main"}).facts(SOURCE)
    assert branch.get("ref") == "refs/heads/main"
