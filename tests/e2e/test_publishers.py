"""`tidegate deps publishers` proposes and never decides; what it wrote holds the next release to it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.command import Ended, tidegate
from support.index_service import GITHUB, OTHER, IndexService, Release
from support.locks import npm_entry, npm_lock
from support.osv_server import advisory
from tidegate.cli.demo import sample
from tidegate.formats import publishers_file

NAMES = ("left", "right")


@dataclass
class Project:
    root: Path
    service: IndexService

    def run(self, *words: str | Path) -> Ended:
        return tidegate("deps", *words, cwd=self.root)

    def commit(self, **registry: object) -> None:
        asked = {"indexes": self.service.addresses, "timeout": "1s", **registry}
        dependencies = {"registry": asked, "database": {"max_age": "unlimited"}}
        policy = {"version": 1, "controls": {"dependencies": dependencies}}
        (self.root / "tidegate.yaml").write_text(json.dumps(policy))
        sample.git(self.root, "add", "--all")
        sample.git(self.root, "commit", "--quiet", "--message", "change")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    tree: dict[str, dict[str, object]] = {"": {"name": "root", "dependencies": dict.fromkeys(NAMES, "*")}}
    for number, name in enumerate(NAMES, 1):
        tree[f"node_modules/{name}"] = npm_entry(name, "1.0.0", number)
    (tmp_path / "package-lock.json").write_bytes(npm_lock(tree))
    (tmp_path / "package.json").write_text(json.dumps(tree[""]))
    sample.git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    with IndexService() as service:
        service.npm("left", {"1.0.0": Release(publisher=GITHUB)})
        service.npm("right", {"1.0.0": Release()})
        made = Project(tmp_path, service)
        made.commit()
        yield made


def test_a_proposal_is_printed_and_can_be_read(project: Project) -> None:
    ended = project.run("publishers")
    assert ended.code == 0, ended.err
    record = publishers_file.parse(ended.out.encode())
    assert [str(one) for one in record["pkg:npm/left"]] == ["github acme/demo (release.yml)"]
    assert record["pkg:npm/right"] == ()
    assert "2 added" in ended.err
    assert "not proven" in ended.err


def test_entries_a_file_has_stay_and_what_it_lacks_is_added(project: Project) -> None:
    text = "version: 1\npublishers:\n  pkg:npm/left: [{kind: github, repository: ours/left}]\n"
    (project.root / "publishers.yaml").write_text(text)
    ended = project.run("publishers", "--output", "publishers.yaml")
    assert (ended.code, ended.out) == (0, ""), ended.err
    record = publishers_file.parse((project.root / "publishers.yaml").read_bytes())
    assert [str(one) for one in record["pkg:npm/left"]] == ["github ours/left"]
    assert record["pkg:npm/right"] == ()
    assert not any("left" in path for path in project.service.requests)


def test_a_file_that_is_no_record_is_never_written_over(project: Project) -> None:
    (project.root / "notes.txt").write_text("my notes\n")
    ended = project.run("publishers", "--output", "notes.txt")
    assert ended.code == 2
    assert (project.root / "notes.txt").read_text() == "my notes\n"


def test_a_registry_that_does_not_answer_is_undecided_and_named(project: Project) -> None:
    project.service.mode = "html"
    ended = project.run("publishers")
    assert ended.code == 3
    assert publishers_file.parse(ended.out.encode()) == {}
    assert "no answer" in ended.err


def test_what_was_recorded_holds_the_next_audit_to_it(project: Project) -> None:
    assert project.run("publishers", "--output", "publishers.yaml").code == 0
    project.commit(ask=True, publishers="publishers.yaml")
    assert "publisher-changed" not in audited(project)
    project.service.npm("left", {"1.0.0": Release(publisher=OTHER)})
    assert "publisher-changed" in audited(project)


def audited(project: Project) -> set[str]:
    """The rules whose findings shut the row."""
    advisories = project.root / ".git" / "advisories" / "npm"
    advisories.mkdir(parents=True, exist_ok=True)
    (advisories / "GHSA-0.json").write_text(json.dumps(advisory("GHSA-0", "npm", "nobody")))
    ended = project.run("audit", "--database", advisories.parent, "--format", "json")
    told = [one for one in json.loads(ended.out)["findings"] if one["level"] == "fail"]
    assert (ended.code == 0) == (told == []), ended.out
    return {one["rule"] for one in told}
