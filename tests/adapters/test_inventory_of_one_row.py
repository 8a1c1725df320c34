"""What a single row's inventory leaves out, its stage never looks at: the report is the same."""

from pathlib import Path

import pytest

from support.repositories import Repository
from tidegate.adapters.files import LocalFiles
from tidegate.adapters.inventory import read_inventory
from tidegate.adapters.taking import TakenFolder
from tidegate.all_stages import ROWS
from tidegate.cli import wire
from tidegate.cli.wire.means import FixedCI, NotGiven
from tidegate.model.control import Control, Scope
from tidegate.model.inventory import Inventory
from tidegate.model.release import Release
from tidegate.policy.schema import Policy
from tidegate.ports import CIFacts, World
from tidegate.stages.task import Task

FILES = {
    "pyproject.toml": b"[project]\nname = 'x'\nversion = '1'\ndependencies = ['bar']\n",
    "requirements.txt": b"bar==1.0\nfoo @ git+https://forge.example/foo@main\n",
    "broken/package-lock.json": b"{",
    ".github/workflows/ci.yml": b"on: push\npermissions: {}\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n",
    ".github/workflows/broken.yml": b"on: [push\n",
    ".gitlab-ci.yml": b"stages: []\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    for path, data in FILES.items():
        made.write(path, data)
    made.commit()
    made.write("untracked/uv.lock", b"version = 1\n")
    return made


def read(repository: Repository, tmp_path: Path, row: Control | None) -> Inventory:
    files, git = LocalFiles(repository.root), repository.ask()
    return read_inventory(files, git, TakenFolder(tmp_path), (Release("app", "."),), "", (), row)


def world(repository: Repository, tmp_path: Path) -> World:
    nobody = NotGiven()
    return World(
        files=LocalFiles(repository.root),
        git=repository.ask(),
        clock=wire.clock(),
        ci=FixedCI(CIFacts("local", ())),
        taken=TakenFolder(tmp_path),
        evidence={},
        advisories=nobody,
        workflow_sensor=nobody,
        verifier=nobody,
    )


@pytest.mark.parametrize("row", [Control.LOCKFILES, Control.DEPENDENCIES, Control.SECRETS])
def test_a_row_reports_the_same_of_its_own_inventory(row: Control, repository: Repository, tmp_path: Path) -> None:
    whole, own = read(repository, tmp_path, None), read(repository, tmp_path, row)
    assert (len(whole.workflows), len(own.workflows)) == (1, 0)
    assert (own.source, own.files, own.locks, own.manifests) == (
        whole.source,
        whole.files,
        whole.locks,
        whole.manifests,
    )
    policy = Policy.model_validate(
        {"model": {"version": 1}, "files": {}, "digest": "sha256:0", "path": "tidegate.yaml"}
    )
    examine = next(each.examine for each in ROWS if each.control is row)
    reports = [
        examine(Task((Release("app", "."),), inventory, policy, Scope.EXAMINE), world(repository, tmp_path))
        for inventory in (whole, own)
    ]
    assert reports[0] == reports[1]
    assert reports[0].coverage


def test_the_row_about_workflows_reads_them(repository: Repository, tmp_path: Path) -> None:
    assert read(repository, tmp_path, Control.CI_TOKENS) == read(repository, tmp_path, None)
