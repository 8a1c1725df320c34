"""Buildkite, CircleCI, Azure Pipelines and Jenkins say what they document, and whose change they run for."""

import base64
import json
import time

import pytest

from tidegate.adapters.ci import token
from tidegate.adapters.ci.detect import detect
from tidegate.adapters.signing import ambient
from tidegate.adapters.signing.ambient import Token
from tidegate.domain.claims.context import contradictions
from tidegate.errors import UnavailableError
from tidegate.model.inventory import Source
from tidegate.ports import CIFacts, Fact

GIT, OTHER, MERGE = "1f" * 20, "2e" * 20, "3d" * 20
SOURCE = Source(commit=GIT, remote="https://github.com/acme/api.git")
SYSTEMS: dict[str, dict[str, str]] = {
    "buildkite": {
        "BUILDKITE": "true",
        "BUILDKITE_REPO": "git@github.com:acme/api.git",
        "BUILDKITE_COMMIT": GIT,
        "BUILDKITE_TAG": "v1",
        "BUILDKITE_PULL_REQUEST": "false",
        "BUILDKITE_BUILD_URL": "https://ci.example/1",
        "BUILDKITE_BUILD_CREATOR": "octo",
    },
    "circleci": {
        "CIRCLECI": "true",
        "CIRCLE_REPOSITORY_URL": "https://github.com/acme/api",
        "CIRCLE_SHA1": GIT,
        "CIRCLE_TAG": "v1",
        "CIRCLE_BUILD_URL": "https://ci.example/1",
        "CIRCLE_USERNAME": "octo",
    },
    "azure": {
        "TF_BUILD": "True",
        "BUILD_REPOSITORY_URI": "https://github.com/acme/api",
        "BUILD_SOURCEVERSION": GIT,
        "BUILD_SOURCEBRANCH": "refs/tags/v1",
        "BUILD_REASON": "Manual",
        "SYSTEM_COLLECTIONURI": "https://ci.example/org/",
        "SYSTEM_TEAMPROJECT": "a b",
        "BUILD_BUILDID": "1",
        "BUILD_REQUESTEDFOR": "octo",
    },
    "jenkins": {
        "JENKINS_URL": "https://ci.example/",
        "BUILD_URL": "https://ci.example/1",
        "GIT_URL": "https://user:word@github.com/acme/api.git",
        "GIT_COMMIT": GIT,
        "TAG_NAME": "v1",
        "BUILD_USER": "octo",
    },
}
CHANGES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "buildkite": (
        {"BUILDKITE_PULL_REQUEST": "7", "BUILDKITE_PULL_REQUEST_REPO": "https://github.com/acme/api"},
        {"BUILDKITE_PULL_REQUEST": "7", "BUILDKITE_PULL_REQUEST_REPO": "https://github.com/evil/api"},
    ),
    "circleci": ({"CIRCLE_BRANCH": "topic"}, {"CIRCLE_BRANCH": "pull/7"}),
    "azure": (
        {"BUILD_REASON": "PullRequest", "SYSTEM_PULLREQUEST_ISFORK": "False"},
        {"BUILD_REASON": "PullRequest", "SYSTEM_PULLREQUEST_ISFORK": "True"},
    ),
    "jenkins": ({"CHANGE_ID": "7", "CHANGE_BRANCH": "topic"}, {"CHANGE_ID": "7", "CHANGE_FORK": "evil"}),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_says_repository_commit_tag_run_and_who(system: str) -> None:
    facts = detect(SYSTEMS[system]).facts(SOURCE)
    assert facts.system == system
    assert facts.get("repository") == "https://github.com/acme/api"
    assert facts.get("ref") == "refs/tags/v1"
    assert facts.get("actor") == "octo"
    assert facts.get("run_url").startswith("https://ci.example/")
    assert [(fact.value, fact.source) for fact in facts.facts if fact.name == "commit"] == [(GIT, "git"), (GIT, "env")]
    assert not any(fact.verified for fact in facts.facts if fact.source == "env")
    assert not facts.fork
    assert "word" not in repr(facts)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_change_is_known_to_come_from_a_fork_or_not(system: str) -> None:
    own, foreign = CHANGES[system]
    assert not detect(SYSTEMS[system] | own).facts(SOURCE).fork
    assert detect(SYSTEMS[system] | foreign).facts(SOURCE).fork


@pytest.mark.parametrize(
    ("system", "unsaid"),
    [
        ("buildkite", {"BUILDKITE_PULL_REQUEST": "7"}),
        ("azure", {"BUILD_REASON": "PullRequest"}),
        ("jenkins", {"CHANGE_ID": "7"}),
        ("circleci", {"CIRCLE_PR_NUMBER": "7"}),
    ],
)
def test_a_change_whose_origin_is_not_said_is_a_forks(system: str, unsaid: dict[str, str]) -> None:
    assert detect(SYSTEMS[system] | unsaid).facts(SOURCE).fork


def test_a_commit_that_is_only_a_name_is_none() -> None:
    facts = detect(SYSTEMS["buildkite"] | {"BUILDKITE_COMMIT": "HEAD"}).facts(SOURCE)
    assert [fact.source for fact in facts.facts if fact.name == "commit"] == ["git"]


def told(said: dict[str, str], at: dict[str, str], source: Source = SOURCE) -> list[str]:
    facts = CIFacts("github", tuple(Fact(name, value, "env", False) for name, value in said.items()))
    return [about for about, _ in contradictions(facts, source, at.get)]


@pytest.mark.parametrize(
    ("said", "at", "expected"),
    [
        ({"commit": GIT}, {}, []),
        ({}, {}, []),
        ({"commit": OTHER}, {}, ["commit"]),
        ({"commit": MERGE, "head_commit": GIT, "change": "7"}, {}, []),
        ({"commit": OTHER, "change": "7"}, {f"{GIT}^1": "aa" * 20, f"{GIT}^2": OTHER}, []),
        ({"commit": OTHER, "change": "7"}, {f"{GIT}^1": OTHER}, ["commit"]),
        ({"commit": OTHER}, {f"{GIT}^1": "aa" * 20, f"{GIT}^2": OTHER}, ["commit"]),
        ({"ref": "refs/tags/v1"}, {"refs/tags/v1": GIT}, []),
        ({"ref": "refs/tags/v1"}, {}, []),
        ({"ref": "refs/tags/v1"}, {"refs/tags/v1": OTHER}, ["ref"]),
        ({"ref": "refs/heads/main"}, {"refs/heads/main": OTHER}, []),
        ({"repository": "https://github.com/Acme/API"}, {}, []),
        ({"repository": "https://github.com/evil/api"}, {}, ["repository"]),
        ({"repository": "https://mirror.example/acme/api"}, {}, []),
    ],
)
def test_ci_and_git_may_not_say_different_things(said: dict[str, str], at: dict[str, str], expected: list[str]) -> None:
    assert told(said, at) == expected


def told_of(facts: CIFacts) -> list[str]:
    return [about for about, _ in contradictions(facts, SOURCE, lambda _name: None)]


RIGHT = {
    "GITHUB_ACTIONS": "true",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "r",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://ci.example/token",
}
CLAIMS = {
    "iss": "https://token.actions.githubusercontent.com",
    "aud": "tidegate",
    "exp": time.time() + 600,
    "repository": "acme/api",
    "sha": OTHER,
    "actor": "octo\x1b[2J",
    "event_name": "push",
}


def made(claims: dict[str, object]) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"a.{part}.c"


def test_claims_of_the_token_stand_before_variables_and_prove_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def ask(system: str, audience: str) -> Token:
        asked.append((system, audience))
        return Token(made(CLAIMS), CLAIMS)

    monkeypatch.setattr(ambient, "ask", ask)
    variables = RIGHT | {"GITHUB_SHA": GIT, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_REPOSITORY": "acme/api"}
    facts, why = token.with_token(detect(variables).facts(SOURCE), variables)
    assert (asked, why) == ([("github", "tidegate")], "")
    assert facts.get("event") == "push"
    assert facts.get("commit") == GIT  # git's word comes first
    assert [
        fact for fact in facts.facts if fact.source == "oidc" and (fact.verified or not fact.value.isprintable())
    ] == []
    assert told_of(facts) == ["commit"]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"::add-mask::{made(CLAIMS)}\n"
    assert made(CLAIMS) not in repr(facts)


@pytest.mark.parametrize(
    "environment", [{}, {"GITHUB_ACTIONS": "true"}, {"GITLAB_CI": "true", "SIGSTORE_ID_TOKEN": "x"}]
)
def test_without_the_right_nothing_is_asked(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ambient, "ask", lambda *_: pytest.fail("asked"))
    facts = detect(environment).facts(SOURCE)
    assert token.with_token(facts, environment) == (facts, "")


def test_a_ci_that_does_not_answer_leaves_the_variables_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(_system: str, _audience: str) -> Token:
        raise UnavailableError("github gave no identity token (status 500)", hint="run the job again")

    monkeypatch.setattr(ambient, "ask", ask)
    facts = detect(RIGHT).facts(SOURCE)
    same, why = token.with_token(facts, RIGHT)
    assert same == facts
    assert "status 500" in why
