"""Workflows of public projects and of other checkers' tests: what we say of each, and what we leave unsaid."""

from pathlib import Path

import pytest

from tidegate.domain.grants.following import Repository
from tidegate.domain.grants.ledger import keep
from tidegate.domain.grants.wholly import findings
from tidegate.formats.workflows.github import parse

DATA = Path(__file__).parents[1] / "data" / "workflows"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "docker-py-pr-review.yml",
            ["agent-overpowered fail review:17", "signing-token-exposed fail review:24"],
        ),
        (
            "schemastore-codeowners-merge.yml",
            [
                "permissions-broad fail codeowners-merge#write-all:11",
                "signing-token-exposed fail codeowners-merge:11",
                "signing-token-shared warn codeowners-merge:11",
            ],
        ),
        (
            "scorecard-scdiff.yml",
            ["permissions-read-all warn #read-all:6", "untrusted-checkout-executed fail golden-test:111"],
        ),
        (
            "poutine-workflow-run.yml",
            ["permissions-missing fail pr:6", "untrusted-checkout-executed fail pr:13"],
        ),
        ("osv-snapshots.yml", ["grant-unexplained warn update#actions:20"]),
        ("harden-runner-publish.yml", []),
        ("scorecard-permissions-nones.yaml", []),
        (
            "scorecard-permissions-run-package-write.yaml",
            [
                "grant-unexplained warn Explore-GitHub-Actions#packages:22",
                "permissions-read-all warn #read-all:16",
            ],
        ),
        (
            "scorecard-permissions-run-writes-2.yaml",
            [
                "grant-unexplained warn Explore-GitHub-Actions#actions:26",
                "grant-unexplained warn Explore-GitHub-Actions#contents:24",
                "grant-unexplained warn Explore-GitHub-Actions#packages:25",
            ],
        ),
        (
            "scorecard-permissions-status-checks.yaml",
            [
                "grant-unexplained warn Explore-GitHub-Actions#checks:19",
                "grant-unexplained warn Explore-GitHub-Actions#issues:21",
                "grant-unexplained warn Explore-GitHub-Actions#statuses:17",
                "permissions-at-workflow-level warn #checks:16",
                "permissions-at-workflow-level warn #issues:16",
                "permissions-at-workflow-level warn #statuses:16",
            ],
        ),
    ],
)
def test_what_is_said_of_a_workflow(name: str, expected: list[str]) -> None:
    repository = Repository([parse(f".github/workflows/{name}", (DATA / name).read_bytes())])
    found = findings(repository, keep(repository))
    told = [(f.rule, f.level.value, f.about.partition("#")[2], f.place.line if f.place else None) for f in found]
    assert sorted(f"{rule} {level} {about}:{line}" for rule, level, about, line in told) == expected
