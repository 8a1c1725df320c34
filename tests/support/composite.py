"""Runs the steps of a composite action as GitHub's runner does: environment files, expressions, a failing step ends it.

Of expressions, what our action uses is understood: `inputs.x` and `steps.x.outputs.y`, each alone in its `${{ }}`.
Anything else raises KeyError, so that the action cannot come to rely on what nobody ran.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{ *([a-z.A-Z_-]+) *\}\}")


@dataclass
class Ended:
    """How an action ended: `failed` names the step that did, and its exit code."""

    outputs: dict[str, str]
    log: str
    summary: str
    failed: tuple[str, int] | None = None
    commands: list[str] = field(default_factory=list)
    """Lines the runner would have obeyed."""


def run(action: Path, inputs: Mapping[str, str], workspace: Path, temp: Path, environment: Mapping[str, str]) -> Ended:
    """Run every step of `action`/action.yml in `workspace`, as a job of the runner does."""
    plain: dict[str, Any] = yaml.safe_load((action / "action.yml").read_text("utf-8"))
    known = {name: str(each.get("default", "")) for name, each in plain["inputs"].items()}
    if unknown := set(inputs) - set(known):
        raise KeyError(f"the action has no input {unknown}")
    context = {f"inputs.{name}": value for name, value in (known | dict(inputs)).items()}
    ended = Ended({}, "", "")
    for number, step in enumerate(plain["runs"]["steps"]):
        code, text = _step(step, number, context, action, workspace, temp, environment, ended)
        ended.log += text
        if code:
            ended.failed = (step["name"], code)
            break
    ended.outputs = {name: _told(each["value"], context) for name, each in plain["outputs"].items()}
    ended.commands = obeyed(ended.log)
    return ended


def _step(
    step: Mapping[str, Any],
    number: int,
    context: dict[str, str],
    action: Path,
    workspace: Path,
    temp: Path,
    environment: Mapping[str, str],
    ended: Ended,
) -> tuple[int, str]:
    if step["shell"] != "bash" or "${{" in step["run"]:
        raise KeyError("a step runs in bash, and an expression never stands in its script")
    script = temp / f"step-{number}.sh"
    script.write_text(step["run"])
    files = {name: temp / f"{name}-{number}" for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")}
    files["GITHUB_STEP_SUMMARY"] = temp / f"summary-{number}"
    for path in files.values():
        path.touch()
    given = {name: _filled(str(value), context) for name, value in step.get("env", {}).items()}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
        cwd=workspace,
        env={
            **environment,
            **{name: str(path) for name, path in files.items()},
            "GITHUB_ACTION_PATH": str(action),
            "RUNNER_TEMP": str(temp),
            **given,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    for name, value in pairs(files["GITHUB_OUTPUT"].read_text("utf-8")).items():
        context[f"steps.{step.get('id', number)}.outputs.{name}"] = value
    ended.summary += files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
    return done.returncode, done.stdout.decode("utf-8", "replace")


def _filled(text: str, context: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: context[found[1]], text)


def _told(text: str, context: Mapping[str, str]) -> str:
    """An output of a step that did not run is empty."""
    return _EXPRESSION.sub(lambda found: context.get(found[1], ""), text)


def pairs(text: str) -> dict[str, str]:
    """An environment file: `name=value`, or `name<<END`, lines, `END`."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, equals, value = line.partition("=")
        if "<<" in name or not equals:
            name, _, end = line.partition("<<")
            value = "\n".join(iter(lambda: next(lines), end))
        found[name] = value
    return found


def obeyed(log: str) -> list[str]:
    """The workflow commands of a log; between `::stop-commands::X` and `::X::` there are none."""
    found, stopped = [], ""
    for line in log.splitlines():
        if stopped:
            stopped = "" if line == f"::{stopped}::" else stopped
        elif line.startswith("::stop-commands::"):
            stopped = line.removeprefix("::stop-commands::")
        elif line.lstrip().startswith("::") or "##[" in line:
            found.append(line)
    return found


def staged(folder: Path, source: Path) -> Path:
    """A copy of the action whose installation is the interpreter of the tests, so that no index is asked."""
    (folder / "action").mkdir(parents=True)
    for name in ("action.yml", "action/gate.sh"):
        shutil.copy(source / name, folder / name)
    (folder / "action" / "install.sh").write_text(
        'mkdir -p "$RUNNER_TEMP/tidegate-venv/bin"\n'
        f'printf \'#!/bin/sh\\nexec "%s" "$@"\\n\' \'{sys.executable}\' > "$RUNNER_TEMP/tidegate-venv/bin/python"\n'
        'chmod +x "$RUNNER_TEMP/tidegate-venv/bin/python"\n'
    )
    return folder
