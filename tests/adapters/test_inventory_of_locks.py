"""The inventory reads the files a lock includes or is completed by, and reports those it cannot read."""

from pathlib import Path

import pytest

from support.locks import DATA
from support.repositories import Repository
from tidegate.adapters.files import LocalFiles
from tidegate.adapters.inventory import read_inventory
from tidegate.adapters.taking import TakenFolder
from tidegate.model.inventory import Inventory


def seen(tmp_path: Path, files: dict[str, bytes]) -> Inventory:
    repo = Repository(tmp_path / "repo")
    for path, data in files.items():
        repo.write(path, data)
    repo.git("add", "-A")
    repo.git("commit", "-qm", "x")
    return read_inventory(LocalFiles(repo.root), repo.ask(), TakenFolder(tmp_path), (), "", ())


def test_included_files_are_locks_whatever_their_name(tmp_path: Path) -> None:
    files = {
        "requirements.txt": b"-i https://index.example/simple\n-r deps/base.list\n-c limits\n",
        "deps/base.list": b"x==1\n",
        "limits": b"z @ https://files.example/z-1.0.tar.gz\ny==1\n",
        "deps/other.list": b"v==1\n",
    }
    inventory = seen(tmp_path, files)
    assert [lock.path for lock in inventory.locks] == ["deps/base.list", "limits", "requirements.txt"]
    told = {package.name: package.source.host for lock in inventory.locks for package in lock.packages}
    assert told == {"x": "index.example", "z": "files.example"}
    assert inventory.problems == ()


@pytest.mark.parametrize("data", [b"\xff\n", b"x==1\0\n", b"<<<<<<< ours\nx==1\n"])
def test_an_included_file_that_cannot_be_read_is_a_problem(tmp_path: Path, data: bytes) -> None:
    inventory = seen(tmp_path, {"requirements.txt": b"-r base.list\n", "base.list": data})
    assert [(one.rule, one.about) for one in inventory.problems] == [("lock-malformed", "base.list")]


def test_an_included_link_is_never_followed(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    (tmp_path / "secret").write_text("x==1\n")
    (repo / "base.list").symlink_to("../secret")
    inventory = seen(tmp_path, {"requirements.txt": b"-r base.list\n"})
    assert [(one.rule, one.about) for one in inventory.problems] == [("lock-malformed", "base.list")]


def test_a_lock_is_read_beside_its_manifest(tmp_path: Path) -> None:
    inventory = seen(
        tmp_path,
        {
            "a/Pipfile": (DATA / "pipenv/Pipfile.toml").read_bytes(),
            "a/Pipfile.lock": (DATA / "pipenv/categories.json").read_bytes(),
            "b/pyproject.toml": (DATA / "pdm/manifest.toml").read_bytes(),
            "b/pdm.lock": (DATA / "pdm/extras.lock").read_bytes(),
        },
    )
    direct = {lock.path: sum(package.direct for package in lock.packages) for lock in inventory.locks}
    assert direct == {"a/Pipfile.lock": 4, "b/pdm.lock": 5}
    assert inventory.problems == ()
