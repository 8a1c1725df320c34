"""A CI job signs, proves and verifies a release with its own identity, through the installed command."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigstack.stack import SigStack
from support.command import ADVISORIES, Ended, tidegate
from tidegate.cli.demo.sample import SDIST, WHEEL, Sample, git
from tidegate.cli.wire import git as ask_git

GITHUB = """    - issuer: https://token.actions.githubusercontent.com
      source_repository: acme/tidal
      source_repository_id: "123456"
      signer_workflow: acme/tidal/.github/workflows/release.yml
      refs: [{pattern: 'refs/tags/v*'}]
      runner: github-hosted
"""
GITLAB = """    - issuer: https://gitlab.com
      source_repository: acme/tidal
      source_repository_id: "123456"
      signer_workflow: acme/tidal//.gitlab-ci.yml
      refs: [{pattern: 'refs/tags/v*'}]
      runner: gitlab-hosted
"""
POLICY = """version: 1
releases:
  - name: tidal
    artifacts: [dist/*.whl, dist/*.tar.gz]
trust:
  builders:
{who}  verifiers:
{who}  instance: sigstore.json
controls:
  dependencies:
    database: {{max_age: unlimited}}
limits: {{signing: {patience}}}
"""


class Job:
    """A sample release in a repository of its own, and the environment of a CI job that builds it from a tag."""

    def __init__(self, root: Path, stack: SigStack, who: str = GITHUB, rekor: int = 1, patience: str = "60s") -> None:
        self.root, self.stack = root, stack
        sample = Sample(root)
        sample.write("tidegate.yaml", POLICY.format(who=who, patience=patience))
        sample.write("sigstore.json", stack.client_trust_config(rekor=rekor))
        sample.commit("release")
        git(root, "tag", "v1.0.0")
        self.head = ask_git(root).resolve("HEAD") or ""

    def github(self, **claims: Any) -> dict[str, str]:
        return self.stack.github_env("acme/tidal", "refs/tags/v1.0.0", self.head, **claims)

    def gitlab(self) -> dict[str, str]:
        return self.stack.gitlab_env("acme/tidal", "v1.0.0", self.head)

    def check(self, env: dict[str, str], *words: str) -> Ended:
        return tidegate("check", "--database", ADVISORIES, *words, cwd=self.root, env=env)

    def rows(self) -> dict[str, str]:
        (run,) = (self.root / ".tidegate" / "runs").iterdir()
        return {row["id"]: row["outcome"] for row in json.loads((run / "run.json").read_text())["rows"]}


@pytest.fixture
def stack() -> Iterator[SigStack]:
    with SigStack() as running:
        yield running


@pytest.mark.parametrize(("system", "rekor"), [("github", 1), ("gitlab", 2)])
def test_a_job_signs_proves_and_verifies_a_release(tmp_path: Path, stack: SigStack, system: str, rekor: int) -> None:
    """Without a home to write to, and without the token in output or evidence."""
    job = Job(tmp_path / "release", stack, GITHUB if system == "github" else GITLAB, rekor)
    env = job.github() if system == "github" else job.gitlab()
    ended = job.check(env | {"HOME": "/dev/null"})
    assert ended.code == 0, ended.out + ended.err
    assert set(job.rows().values()) == {"pass"}
    assert stack.requests.count("POST /api/v2/signingCert") == 1
    asked = len(stack.requests)
    for artifact in (WHEEL, SDIST):
        verified = tidegate(
            "verify", f"dist/{artifact}", "--evidence", ".tidegate", "--policy", "tidegate.yaml", cwd=job.root
        )
        assert verified.code == 0, verified.out + verified.err
    assert len(stack.requests) == asked
    secret = env.get("SIGSTORE_ID_TOKEN", env.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "")).split(".")[-1]
    kept = [path.read_text(errors="replace") for path in (job.root / ".tidegate").rglob("*") if path.is_file()]
    assert len(kept) > 8
    assert not [text for text in (ended.out, ended.err, *kept) if secret in text]


@pytest.mark.parametrize("service", ["fulcio", "rekor"])
def test_a_service_that_hangs_ends_undecided_within_the_deadline(tmp_path: Path, stack: SigStack, service: str) -> None:
    job = Job(tmp_path / "release", stack, patience="3s")
    stack.misbehave(service, "hang")
    begun = time.monotonic()
    ended = job.check(job.github(), "--format", "json")
    assert ended.code == 3, ended.out + ended.err
    assert time.monotonic() - begun < 60
    rows = job.rows()
    assert {rows[row] for row in ("signing", "provenance", "deployment")} == {"undecided"}
    assert "fail" not in set(rows.values())
    assert not list((job.root / ".tidegate").rglob("*.vsa.sigstore.json"))


def test_a_timestamp_authority_that_is_down_ends_undecided_and_nothing_unstamped_is_kept(
    tmp_path: Path, stack: SigStack
) -> None:
    job = Job(tmp_path / "release", stack)
    stack.misbehave("tsa", "500")
    ended = job.check(job.github())
    assert ended.code == 3, ended.out + ended.err
    assert not list((job.root / ".tidegate").rglob("*.sigstore.json"))


def test_a_log_that_breaks_before_the_verdict_leaves_no_verdict_and_no_fail(tmp_path: Path, stack: SigStack) -> None:
    job = Job(tmp_path / "release", stack)
    kept = stack.parts.log1.append
    asked: list[int] = []

    def some(body: bytes, at: object) -> object:
        asked.append(1)
        if len(asked) > 6:
            raise ValueError("the log is full")
        return kept(body, at)  # type: ignore[arg-type]

    stack.parts.log1.append = some  # type: ignore[method-assign,assignment]
    ended = job.check(job.github())
    assert ended.code == 3, ended.out + ended.err
    rows = job.rows()
    assert (rows["signing"], rows["deployment"]) == ("pass", "undecided")
    assert not list((job.root / ".tidegate").rglob("*.vsa.sigstore.json"))


def test_a_job_without_the_permission_is_told_what_to_write(tmp_path: Path, stack: SigStack) -> None:
    job = Job(tmp_path / "release", stack)
    gone = {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"}
    ended = job.check({name: value for name, value in job.github().items() if name not in gone})
    assert ended.code == 1, ended.out + ended.err
    assert "permissions: {contents: read, id-token: write}" in ended.out
