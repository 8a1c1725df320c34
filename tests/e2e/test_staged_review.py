"""`tidegate review --staged` judges what would be committed, nothing else, and git's own hook can call it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from support.command import environment, script, tidegate
from support.repositories import Repository
from support.tokens import github

SAFE = b"on: push\npermissions: {}\njobs:\n  a:\n    name: a\n    runs-on: ubuntu-24.04\n    steps: [{run: echo}]\n"
WILD = SAFE.replace(b"permissions: {}", b"permissions: write-all")
WORKFLOWS = ".github/workflows"
PINNED = b"left==1.0.0 --hash=sha256:" + b"a" * 64 + b"\n"
PROJECT = b'[project]\nname = "p"\nversion = "1"\ndependencies = ["left"]\n'

Findings = list[tuple[str, str]]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write("tidegate.yaml", b"version: 1\n")
    made.write("src/clean.py", b"x = 1\n")
    made.write("lib/pyproject.toml", PROJECT)
    made.write("lib/requirements.txt", PINNED)
    made.write(f"{WORKFLOWS}/old.yml", WILD)
    made.commit("base")
    return made


def staged(made: Repository, *words: str, env: dict[str, str] | None = None) -> tuple[int, dict[str, str], Findings]:
    """The exit code, the outcome of each row, and (rule, path) of each finding."""
    ended = tidegate("review", "--staged", *words, "--format", "json", cwd=made.root, env=env)
    assert ended.out, ended.err
    report = json.loads(ended.out)
    found = [(each["rule"], (each["place"] or {"path": ""})["path"]) for each in report["findings"]]
    return ended.code, {row["id"]: row["outcome"] for row in report["rows"]}, sorted(found)


def test_three_rows_are_judged_and_the_others_come_later(repository: Repository) -> None:
    repository.write("src/clean.py", b"x = 2\n")
    repository.git("add", "-A")
    code, rows, found = staged(repository)
    assert (code, found) == (0, [])
    assert [row for row, outcome in rows.items() if outcome == "pass"] == ["lockfiles", "secrets", "ci-tokens"]
    assert {rows[row] for row in ("dependencies", "signing", "sbom", "provenance", "deployment")} == {"later"}


def test_nothing_staged_is_nothing_to_judge(repository: Repository) -> None:
    assert staged(repository)[0] == 0


def test_the_index_is_judged_and_not_the_working_tree(repository: Repository) -> None:
    path = f"{WORKFLOWS}/new.yml"
    repository.write(path, WILD)
    repository.write("src/clean.py", f'key = "{github("a")}"\n'.encode())
    repository.git("add", "-A")
    repository.write(path, SAFE)
    repository.write("src/clean.py", b"x = 1\n")
    code, rows, found = staged(repository)
    assert code == 1
    assert (rows["secrets"], rows["ci-tokens"], rows["lockfiles"]) == ("fail", "fail", "pass")
    assert {path for _, path in found} == {path, "src/clean.py"}


def test_what_only_lies_in_the_working_tree_is_not_judged(repository: Repository) -> None:
    path = f"{WORKFLOWS}/new.yml"
    repository.write(path, SAFE)
    repository.git("add", "-A")
    repository.write(path, WILD)
    repository.write("src/clean.py", f'key = "{github("b")}"\n'.encode())
    code, rows, _ = staged(repository)
    assert (code, rows["ci-tokens"]) == (0, "pass")


def test_a_part_of_a_file_is_judged_as_it_was_staged(repository: Repository) -> None:
    """What `git add -p` leaves: a blob in the index that no file holds."""
    oid = repository.git("hash-object", "-w", "--stdin", feed=WILD)
    repository.git("update-index", "--add", "--cacheinfo", f"100644,{oid},{WORKFLOWS}/new.yml")
    code, rows, _ = staged(repository)
    assert (code, rows["ci-tokens"]) == (1, "fail")


def test_what_is_only_intended_to_be_added_is_not_part_of_the_commit(repository: Repository) -> None:
    repository.write(f"{WORKFLOWS}/new.yml", WILD)
    repository.git("add", "-N", f"{WORKFLOWS}/new.yml")
    assert staged(repository)[0] == 0


def test_old_findings_elsewhere_do_not_stop_a_commit_and_those_of_a_called_file_do(repository: Repository) -> None:
    caller = b"on: push\npermissions: {}\njobs:\n  a:\n    name: a\n    uses: ./.github/workflows/old.yml\n"
    repository.write(f"{WORKFLOWS}/new.yml", SAFE)
    repository.git("add", "-A")
    assert staged(repository)[0] == 0
    repository.write(f"{WORKFLOWS}/new.yml", caller)
    repository.git("add", "-A")
    code, _, found = staged(repository)
    assert code == 1
    assert f"{WORKFLOWS}/old.yml" in {path for _, path in found}


def test_a_renamed_workflow_is_judged_under_its_new_name(repository: Repository) -> None:
    repository.git("mv", f"{WORKFLOWS}/old.yml", f"{WORKFLOWS}/new.yml")
    code, _, found = staged(repository)
    assert code == 1
    assert {path for _, path in found} == {f"{WORKFLOWS}/new.yml"}


def test_a_lock_that_is_taken_away_is_missing(repository: Repository) -> None:
    repository.git("rm", "-q", "lib/requirements.txt")
    code, rows, found = staged(repository)
    assert (code, rows["lockfiles"]) == (1, "fail")
    assert ("lock-missing", "lib/pyproject.toml") in found


def test_a_lock_taken_away_with_its_manifest_is_no_loss(repository: Repository) -> None:
    repository.git("rm", "-q", "-r", "lib")
    assert staged(repository)[0] == 0


def test_a_lock_that_became_a_link_is_not_followed(repository: Repository) -> None:
    (repository.root / "lib/requirements.txt").unlink()
    (repository.root / "lib/requirements.txt").symlink_to("../locked.txt")
    repository.write("locked.txt", PINNED)
    repository.git("add", "-A")
    code, _, found = staged(repository)
    assert code == 1
    assert ("lock-malformed", "lib/requirements.txt") in found


def test_an_executable_lock_is_still_the_lock(repository: Repository) -> None:
    repository.git("update-index", "--chmod=+x", "lib/requirements.txt")
    code, rows, found = staged(repository)
    assert (code, rows["lockfiles"], found) == (0, "pass", [])


def test_an_unpinned_lock_is_found_through_the_file_it_includes(repository: Repository) -> None:
    repository.write("lib/requirements.txt", b"-r more/base.in\n" + PINNED)
    repository.write("lib/more/base.in", PINNED.replace(b"left", b"right"))
    repository.commit("included")
    repository.write("lib/more/base.in", b"right==1.0.0\n")
    repository.git("add", "-A")
    code, _, found = staged(repository)
    assert code == 1
    assert ("package-unhashed", "lib/more/base.in") in found


def test_the_first_commit_is_judged_whole(tmp_path: Path) -> None:
    made = Repository(tmp_path / "first")
    made.write(f"{WORKFLOWS}/new.yml", WILD)
    made.git("add", "-A")
    code, rows, _ = staged(made)
    assert (code, rows["ci-tokens"]) == (1, "fail")


def test_the_policy_of_the_last_commit_judges_and_a_staged_one_is_told(repository: Repository) -> None:
    loose = b"version: 1\ncontrols:\n  secrets: {required: false, reason: I say so}\n"
    repository.write("tidegate.yaml", loose)
    repository.write("src/clean.py", f'key = "{github("c")}"\n'.encode())
    repository.git("add", "-A")
    ended = tidegate("review", "--staged", cwd=repository.root)
    assert ended.code == 1
    assert "is staged: this commit is still judged by the policy of HEAD" in ended.out


def test_options_of_the_whole_review_are_refused(repository: Repository) -> None:
    ended = tidegate("review", "--staged", "--base", "main", cwd=repository.root)
    assert ended.code == 2
    assert "exclude each other" in ended.err


def hooked(made: Repository, *words: str) -> "subprocess.CompletedProcess[bytes]":
    author = {
        f"GIT_{who}_{what}": f"{who}@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    return subprocess.run(
        ["git", *words], cwd=made.root, env=environment(author), capture_output=True, check=False, timeout=120
    )


def test_git_itself_calls_it_before_a_commit(repository: Repository) -> None:
    hook = repository.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec '{script()}' review --staged\n")
    os.chmod(hook, 0o755)
    before = repository.git("rev-parse", "HEAD")
    repository.write(f"{WORKFLOWS}/new.yml", WILD)
    repository.write("src/clean.py", b"x = 3\n")
    repository.git("add", "-A")
    refused = hooked(repository, "commit", "-q", "-m", "wild")
    assert refused.returncode != 0
    assert b"this commit would shut the gate" in refused.stdout + refused.stderr
    assert repository.git("rev-parse", "HEAD") == before
    # A commit of some files alone has an index of its own, and leaves the workflow out.
    allowed = hooked(repository, "commit", "-q", "-m", "some", "--", "src/clean.py")
    assert allowed.returncode == 0, allowed.stderr
    assert repository.git("rev-parse", "HEAD") != before
