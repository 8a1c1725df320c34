"""The action's steps, run as the runner runs them: its outputs, summary, annotations and exit code for each verdict."""

import json
import shutil
from pathlib import Path

import pytest

from support.command import ADVISORIES, environment
from support.composite import Ended, run, staged
from support.repositories import Repository
from support.tokens import github

SOURCE = Path(__file__).parents[2]
WORKFLOW = b"""on: push
permissions: {}
jobs:
  a:
    name: a
    runs-on: ubuntu-24.04
    steps: [{run: echo}]
"""
BASE = b"version: 1\ncontrols:\n  dependencies: {database: {max_age: unlimited}}\n"


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return staged(tmp_path_factory.mktemp("action") / "tidegate", SOURCE)


@pytest.fixture
def change(tmp_path: Path) -> Repository:
    """A change to a project with one locked package, on a branch."""
    made = Repository(tmp_path / "workspace")
    made.write("tidegate.yaml", BASE)
    made.write("pyproject.toml", b'[project]\nname = "p"\nversion = "1"\ndependencies = ["left"]\n')
    made.write("requirements.txt", b"left==1.0.0 --hash=sha256:" + b"a" * 64 + b"\n")
    made.write(".github/workflows/ci.yml", WORKFLOW)
    made.commit("base")
    made.git("checkout", "-q", "-b", "change")
    return made


def ask(action: Path, made: Repository, env: dict[str, str] | None = None, **inputs: str) -> Ended:
    temp = made.root.parent / "temp"
    shutil.rmtree(temp, ignore_errors=True)
    temp.mkdir()
    said = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/api", "GITHUB_EVENT_NAME": "pull_request"}
    # The outer job's own base is none of the inner one's.
    given = {"args": f"--base\nmain\n--database\n{ADVISORIES}"} | {k.replace("_", "-"): v for k, v in inputs.items()}
    return run(action, given, made.root, temp, environment(said | (env or {})))


def test_a_harmless_change_passes_and_says_so_everywhere(action: Path, change: Repository) -> None:
    change.write("README.md", b"hello\n")
    change.commit("harmless")
    ended = ask(action, change)
    assert ended.failed is None, ended.log
    assert (ended.outputs["verdict"], ended.outputs["exit-code"]) == ("pass", "0")
    assert json.loads(Path(ended.outputs["json"]).read_text())["verdict"] == "open"
    assert json.loads(Path(ended.outputs["sarif"]).read_text())["version"] == "2.1.0"
    assert ended.summary == Path(ended.outputs["report"]).read_text()
    assert [line.split("::")[1].split(" ")[0] for line in ended.commands] == ["notice"]
    assert ended.outputs["evidence"] == ""


def test_a_finding_fails_the_step_with_the_gates_own_code(action: Path, change: Repository) -> None:
    change.write("src/settings.py", f'key = "{github("a")}"\n'.encode())
    change.commit("leak")
    ended = ask(action, change)
    assert ended.failed == ("ask the gate", 1)
    assert (ended.outputs["verdict"], ended.outputs["exit-code"]) == ("fail", "1")
    assert any(line.startswith("::error ") and "src/settings.py" in line for line in ended.commands)
    assert "secret-in-tree" in ended.summary
    assert github("a") not in ended.log + ended.summary


def test_what_cannot_be_decided_fails_the_step_too(action: Path, change: Repository, tmp_path: Path) -> None:
    change.write("README.md", b"hello\n")
    change.commit("harmless")
    empty = tmp_path / "empty"
    empty.mkdir()
    ended = ask(action, change, args=f"--base\nmain\n--database\n{empty}")
    assert ended.failed == ("ask the gate", 3)
    assert ended.outputs["verdict"] == "undecided"


def test_a_fork_is_reviewed_without_any_right(action: Path, change: Repository, tmp_path: Path) -> None:
    change.write("README.md", b"hello\n")
    change.commit("theirs")
    event = {"repository": {"id": 1}, "pull_request": {"head": {"repo": {"id": 2}, "sha": "a" * 40}}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    fork = {"GITHUB_EVENT_PATH": str(tmp_path / "event.json"), "GITHUB_REF": "refs/pull/7/merge"}
    ended = ask(action, change, env=fork)
    assert ended.failed is None, ended.log
    assert ended.outputs["verdict"] == "pass"


@pytest.mark.parametrize(
    "inputs", [{"command": "review; id"}, {"command": "demo"}, {"policy": "../x"}, {"working_directory": "nowhere"}]
)
def test_what_cannot_be_asked_is_no_verdict(action: Path, change: Repository, inputs: dict[str, str]) -> None:
    ended = ask(action, change, None, **inputs)
    assert ended.failed is not None
    assert ended.failed[1] in (2, 3)
    assert ended.outputs["verdict"] in ("", "error", "undecided")
    assert ended.outputs["verdict"] != "pass"


def test_words_of_an_input_stay_words(action: Path, change: Repository) -> None:
    ended = ask(action, change, args="--base\nmain; touch pwned $(touch pwned) `touch pwned`")
    assert ended.failed is not None
    assert not (change.root / "pwned").exists()


def test_a_name_from_the_change_is_no_command_of_the_runner(action: Path, change: Repository) -> None:
    hostile = "::error::pwned\n::set-output name=verdict::pass\n##[command]x"
    change.write(f"a{hostile}".replace("/", "_"), f'key = "{github("b")}"\n'.encode())
    change.commit(hostile)
    ended = ask(action, change)
    assert ended.failed == ("ask the gate", 1)
    assert ended.outputs["verdict"] == "fail"
    kinds = {line.split("::")[1].split(" ")[0] for line in ended.commands if line.startswith("::")}
    assert kinds <= {"error", "warning", "notice"}
    assert not any(line.startswith("::error::pwned") for line in ended.commands)
    assert not any(line.startswith("::") for line in ended.summary.splitlines())


def test_summary_and_annotations_can_be_left_out(action: Path, change: Repository) -> None:
    change.write("README.md", b"hello\n")
    change.commit("harmless")
    ended = ask(action, change, summary="false", annotations="false")
    assert (ended.summary, ended.commands) == ("", [])


@pytest.mark.slow
def test_the_action_installs_itself_from_hashes_alone(tmp_path: Path, change: Repository) -> None:
    """Asks the package index the machine is set up for."""
    change.write("README.md", b"hello\n")
    change.commit("harmless")
    ended = ask(SOURCE, change)
    assert ended.failed is None, ended.log
    assert ended.outputs["verdict"] == "pass"
