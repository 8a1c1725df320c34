"""The files this project gives to CI systems are what their schemas allow, and clean to the strictest auditor."""

import json
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "tests" / "data" / "schemas"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
OURS = [ROOT / "action.yml", *WORKFLOWS, ROOT / ".pre-commit-hooks.yaml", ROOT / ".github" / "dependabot.yml"]
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


class Loader(yaml.SafeLoader):
    """`on` is a word to GitHub."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:bool" or first not in "oO"]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def faults(schema: str, plain: Any) -> list[str]:
    read = json.loads((SCHEMAS / schema).read_bytes())
    return [
        f"{list(error.instance_path)}: {error.message}"
        for error in jsonschema_rs.validator_for(read).iter_errors(plain)
    ]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_one(path: Path) -> None:
    assert faults("github-workflow.json", yaml.load(path.read_text("utf-8"), Loader)) == []


def test_the_action_is_one() -> None:
    assert faults("github-action.json", yaml.load((ROOT / "action.yml").read_text("utf-8"), Loader)) == []


def test_the_hooks_are_some() -> None:
    plain = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert faults("pre-commit-hooks.json", plain) == []
    assert {"tidegate", "tidegate-push", "tidegate-policy", "tidegate-secrets-staged"} <= {each["id"] for each in plain}


def test_the_auditor_finds_nothing() -> None:
    program = Path(sysconfig.get_path("scripts")) / "zizmor"
    words = "--offline --no-config --no-ignores --strict-collection --collect=all --persona=auditor --format=json-v1"
    done = subprocess.run(
        [program, *words.split(), "--no-progress", "--color=never", "--", *OURS],
        env={},
        capture_output=True,
        check=False,
    )
    assert json.loads(done.stdout) == []
    assert done.returncode == 0


@pytest.mark.parametrize("path", [ROOT / "action.yml", *WORKFLOWS], ids=lambda path: path.name)
def test_actions_are_pinned_and_no_expression_stands_in_a_script(path: Path) -> None:
    text = path.read_text("utf-8")
    for line in re.findall(r"uses: .*", re.sub(r"(?m)^#.*", "", text)):
        assert PINNED.fullmatch(line), line
    plain = yaml.safe_load(text)
    jobs = plain.get("jobs", {"action": plain.get("runs")}).values()
    assert not [step for job in jobs for step in job["steps"] if "${{" in step.get("run", "")]


def test_only_the_gate_may_sign_and_only_publishing_may_write() -> None:
    plain = yaml.safe_load((ROOT / ".github/workflows/tidegate.yml").read_text("utf-8"))
    assert plain["permissions"] == {}
    held = {name: {k: v for k, v in job["permissions"].items() if v == "write"} for name, job in plain["jobs"].items()}
    assert held == {"review": {}, "build": {}, "gate": {"id-token": "write"}, "publish": {"contents": "write"}}
    assert plain["jobs"]["publish"]["environment"]


@pytest.mark.parametrize("name", ["install.sh", "gate.sh"])
def test_a_script_is_one(name: str) -> None:
    subprocess.run(["bash", "-n", ROOT / "action" / name], check=True)
