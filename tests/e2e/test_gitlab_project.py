"""A GitLab repository through the installed command: a clean one passes row 4, a bad one fails with its lines."""

import json
from pathlib import Path

import pytest

from support.command import tidegate
from support.repositories import Repository

PIN = "@sha256:" + "a" * 64
CLEAN = f"""\
include: ci/deploy.yml
default:
  image: alpine:3.20{PIN}
test:
  script: [make test]
gate:
  script: [tidegate check]
"""
DEPLOY = """\
deploy:
  script: [kubectl apply -f x.yml]
  environment: {name: production}
  resource_group: production
  rules:
    - if: $CI_COMMIT_REF_PROTECTED == "true"
"""
BAD = """\
include:
  - project: group/templates
    ref: main
    file: ci.yml
sign:
  image: alpine
  id_tokens:
    SIGSTORE_ID_TOKEN: {aud: sigstore}
  script:
    - npm ci
    - eval "echo $CI_COMMIT_TITLE"
  rules:
    - if: $CI_MERGE_REQUEST_IID
gate:
  script:
    - tidegate check || true
"""
Found = set[tuple[str, str, str, int]]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write("tidegate.yaml", b"version: 1\n")
    made.write(".gitlab-ci.yml", CLEAN.encode())
    made.write("ci/deploy.yml", DEPLOY.encode())
    made.commit("base")
    return made


def run(made: Repository, *words: str) -> tuple[int, str, Found]:
    """The exit code, the outcome of row 4, and (rule, level, path, line) of each finding."""
    ended = tidegate(*words, "--format", "json", cwd=made.root)
    assert ended.out, ended.err
    report = json.loads(ended.out)
    outcome = next(row["outcome"] for row in report["rows"] if row["id"] == "ci-tokens")
    places = [(each, each["place"]) for each in report["findings"]]
    return ended.code, outcome, {(e["rule"], e["level"], at["path"], at["line"]) for e, at in places if at}


def test_a_clean_repository_passes(repository: Repository) -> None:
    assert run(repository, "ci") == (0, "pass", set())


def test_a_bad_repository_fails_and_says_where(repository: Repository) -> None:
    repository.write(".gitlab-ci.yml", BAD.encode())
    repository.commit("bad")
    code, outcome, found = run(repository, "ci")
    assert (code, outcome) == (1, "fail")
    root = ".gitlab-ci.yml"
    assert found == {
        ("include-unresolved", "fail", root, 2),
        ("include-unpinned", "fail", root, 2),
        ("image-unpinned", "fail", root, 6),
        ("signing-token-exposed", "fail", root, 8),
        ("signing-token-shared", "warn", root, 8),
        ("script-injection", "fail", root, 11),
        ("gate-toothless", "fail", root, 16),
    }


def test_a_staged_include_is_judged_with_the_pipeline_it_belongs_to(repository: Repository) -> None:
    repository.write("ci/deploy.yml", DEPLOY.replace("  resource_group: production\n", "").encode())
    repository.write("x.yml", b"a: b\n")
    repository.git("add", "-A")
    code, outcome, found = run(repository, "review", "--staged")
    assert (code, outcome) == (0, "pass")
    assert found == {("deploy-overlapping", "warn", "ci/deploy.yml", 1)}


def test_a_commit_that_takes_an_included_file_away_is_stopped(repository: Repository) -> None:
    repository.git("rm", "-q", "ci/deploy.yml")
    code, outcome, found = run(repository, "review", "--staged")
    assert (code, outcome) == (1, "fail")
    assert found == {("include-unresolved", "fail", ".gitlab-ci.yml", 1)}


def test_a_pipeline_that_is_a_link_is_not_followed(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "outside.yml").write_text(CLEAN, encoding="utf-8")
    (repository.root / ".gitlab-ci.yml").unlink()
    (repository.root / ".gitlab-ci.yml").symlink_to(tmp_path / "outside.yml")
    repository.commit("link")
    code, outcome, found = run(repository, "ci")
    assert (code, outcome) == (1, "fail")
    assert {rule for rule, *_ in found} == {"ci-config-malformed"}
