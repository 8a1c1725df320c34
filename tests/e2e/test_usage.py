"""The command line itself: exit codes, hints, help, and nothing imported that is not used."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.command import environment, script, tidegate
from tidegate.cli.commands import COMMANDS
from tidegate.cli.demo.sample import Sample


def test_version_and_help_are_0_and_anything_else_asked_wrongly_is_2(tmp_path: Path) -> None:
    assert tidegate("--version", cwd=tmp_path).out.startswith("tidegate 0.")
    assert tidegate("--help", cwd=tmp_path).code == 0
    for words in (
        ["nothing"],
        ["check", "--nothing"],
        ["check", "--format", "xml"],
        ["verify"],
        ["explain", "nothing"],
    ):
        ended = tidegate(*words, cwd=tmp_path)
        assert (ended.code, ended.out) == (2, ""), words
        assert ended.err


def test_a_misspelt_command_and_rule_get_a_suggestion(tmp_path: Path) -> None:
    assert "did you mean `check`?" in tidegate("chek", cwd=tmp_path).err
    assert "did you mean `lock-missing`?" in tidegate("explain", "lock-mising", cwd=tmp_path).err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_what_it_does(command: str, tmp_path: Path) -> None:
    ended = tidegate(command, "--help", cwd=tmp_path)
    assert ended.code == 0
    assert len(ended.out.splitlines()) > 3


def test_explain_lists_and_explains_every_rule(tmp_path: Path) -> None:
    listed = tidegate("explain", cwd=tmp_path)
    names = [line.split()[0] for line in listed.out.splitlines()]
    assert len(names) > 40
    assert tidegate("explain", names[0], cwd=tmp_path).code == 0


def test_a_policy_with_faults_is_2_and_tells_them_all_with_their_lines(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    made.write(
        "tidegate.yaml",
        "version: 1\n"
        "controls:\n"
        "  lockfile: {}\n"
        "  secrets: {required: 'no'}\n"
        "  dependencies: {fial_on: high}\n"
        "trust:\n"
        "  builders:\n"
        "    - issuer: https://token.actions.githubusercontent.com\n",
    )
    made.commit("faults")
    for words in (["check"], ["policy", "check"], ["policy", "check", "--committed"]):
        ended = tidegate(*words, cwd=made.root)
        assert ended.code == 2
        for line in ("tidegate.yaml:3:", "tidegate.yaml:4:", "tidegate.yaml:5:", "tidegate.yaml:8:"):
            assert line in ended.err, ended.err
        assert "did you mean `fail_on`?" in ended.err


def test_a_policy_outside_the_repository_is_refused(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    made.commit("x")
    assert tidegate("check", "--policy", "../p.yaml", cwd=made.root).code == 2
    assert tidegate("check", "--policy", "/p.yaml", cwd=made.root).code == 2
    assert tidegate("check", "--policy", "none.yaml", cwd=made.root).code == 2


def test_an_uncommitted_policy_is_not_used_and_that_is_said(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    made.commit("x")
    made.write("tidegate.yaml", "version: 1\ncontrols: {secrets: {required: false, reason: loosened here}}\n")
    ended = tidegate("secrets", cwd=made.root)
    assert "differs from the commit" in ended.out
    assert "not required" not in ended.out


def test_no_artifact_is_2_with_a_hint(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    made.commit("x")
    for path in (made.root / "dist").iterdir():
        path.unlink()
    ended = tidegate("check", cwd=made.root)
    assert ended.code == 2
    assert "hint:" in ended.err


def test_policy_show_and_schema_print_data(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    made.commit("x")
    assert "fail_on: high" in tidegate("policy", "show", cwd=made.root).out
    assert '"additionalProperties": false' in tidegate("policy", "schema", cwd=made.root).out


def test_keys_are_never_replaced_and_not_unencrypted_by_accident(tmp_path: Path) -> None:
    assert tidegate("keys", "generate", "k", cwd=tmp_path).code == 2
    assert not (tmp_path / "k.key").exists()
    assert tidegate("keys", "generate", "k", "--unencrypted", cwd=tmp_path).code == 0
    assert (tmp_path / "k.key").stat().st_mode & 0o777 == 0o600
    assert tidegate("keys", "generate", "k", "--unencrypted", cwd=tmp_path).code == 2
    assert tidegate("keys", "show", "k.pub", cwd=tmp_path).code == 0


def test_a_reader_that_leaves_does_not_change_the_code(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    made.write("pyproject.toml", "[project]\nname='x'\nversion='1'\ndependencies=['nothing-locked']\n")
    made.commit("x")
    command = f"{script()} lockfiles --format json | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=made.root, env=environment(), check=False)
    assert done.returncode == 1


def test_start_up_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from tidegate.cli.main import run\n"
        "for words in (['--version'], ['check', '--help'], ['--help']):\n"
        "    assert run(words) == 0\n"
        "heavy = {'sigstore', 'cyclonedx', 'detect_secrets', 'requests', 'rich', 'pydantic', 'yaml', 'jsonschema_rs'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_help_is_readable_without_a_repository_and_check_needs_artifacts(tmp_path: Path) -> None:
    ended = tidegate("check", cwd=tmp_path)
    assert ended.code == 2
