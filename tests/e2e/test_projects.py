"""Projects that are wrong on purpose break exactly the rules they should, through the installed command."""

import json
import shutil
from pathlib import Path

import pytest

from support.command import ADVISORIES, tidegate
from tidegate.cli.demo import sample

PROJECTS = Path(__file__).parents[1] / "data" / "projects"
CASES = [
    (path.parent.name, row) for path in sorted(PROJECTS.glob("*/expected.json")) for row in json.loads(path.read_text())
]


@pytest.mark.parametrize(("project", "row"), CASES)
def test_each_wrong_project_breaks_the_rules_it_should(project: str, row: str, tmp_path: Path) -> None:
    root = tmp_path / project
    shutil.copytree(PROJECTS / project, root, ignore=shutil.ignore_patterns("expected.json"))
    (root / "tidegate.yaml").write_text(
        "version: 1\ncontrols: {dependencies: {database: {max_age: unlimited}}}\n", encoding="utf-8"
    )
    sample.git(root, "init", "--quiet", "--initial-branch=main")
    sample.git(root, "add", "--all")
    sample.git(root, "commit", "--quiet", "--message", "wrong")
    words: list[str | Path] = ["--database", ADVISORIES] if row == "deps" else []
    command = ["deps", "audit"] if row == "deps" else [row]
    ended = tidegate(*command, "--format", "json", *words, cwd=root)
    assert ended.code == 1, ended.out + ended.err
    report = json.loads(ended.out)
    fails = {item["rule"] for item in report["findings"] if item["level"] == "fail"}
    assert fails == set(json.loads((PROJECTS / project / "expected.json").read_text())[row])
