"""`tidegate sbom --write`: the same commit is the same bytes, wherever and however often it is written."""

import json
from pathlib import Path

import pytest

from support.command import Ended, tidegate
from support.repositories import Repository
from tidegate.formats.sbom.reading import recognise

DIGEST = "0123456789abcdef" * 4
LOCK = f"""\
version = 1
requires-python = ">=3.11"

[[package]]
name = "beta"
version = "2.0"
source = {{ registry = "https://packages.example/simple" }}
sdist = {{ url = "https://packages.example/beta-2.0.tar.gz", hash = "sha256:{DIGEST}", size = 3 }}

[[package]]
name = "demo"
version = "1.0"
source = {{ editable = "." }}
dependencies = [{{ name = "beta" }}]
"""
PROJECT = '[project]\nname = "demo"\nversion = "1.0"\ndependencies = ["beta"]\n'
FORMATS = {"sbom.cdx.json": "cyclonedx-json", "sbom.cdx.xml": "cyclonedx-xml", "sbom.spdx.json": "spdx-json"}


def project(folder: Path) -> Path:
    repository = Repository(folder)
    repository.write("pyproject.toml", PROJECT.encode())
    repository.write("uv.lock", LOCK.encode())
    repository.git("remote", "add", "origin", "https://code.example/acme/demo.git")
    repository.commit()
    return folder


def write(root: Path, name: str, *words: str, **env: str) -> bytes:
    target = root.parent / f"{root.name}-{name}"
    done = tidegate("sbom", "--write", target, "--pre-build", *words, cwd=root, env=env)
    assert done.code == 0, done.err
    return target.read_bytes()


@pytest.mark.parametrize(("name", "format_"), FORMATS.items())
def test_two_directories_and_two_runs_are_the_same_bytes(name: str, format_: str, tmp_path: Path) -> None:
    first = write(project(tmp_path / "one"), name, PYTHONHASHSEED="1")
    second = write(project(tmp_path / "elsewhere"), name, PYTHONHASHSEED="2", TZ="Asia/Tokyo")
    assert first == second
    found = recognise(first)
    assert found.format == format_
    assert found.bom.timestamp == "2023-11-14T22:13:20Z"
    assert [(each.name, each.version) for each in found.bom.components] == [("beta", "2.0")]
    assert found.bom.phases == ("pre-build",)


def test_source_date_epoch_is_the_time(tmp_path: Path) -> None:
    text = write(project(tmp_path / "one"), "sbom.cdx.json", "--spec", "1.7", SOURCE_DATE_EPOCH="0")
    plain = json.loads(text)
    assert plain["metadata"]["timestamp"] == "1970-01-01T00:00:00Z"
    assert plain["specVersion"] == "1.7"


def refused(root: Path, *words: str, **env: str) -> Ended:
    done = tidegate("sbom", *words, cwd=root, env=env)
    assert (done.code, done.out) == (2, "")
    return done


def test_what_cannot_be_written_is_said_with_what_to_do(tmp_path: Path) -> None:
    root = project(tmp_path / "one")
    assert "--pre-build" in refused(root, "--write", "x.json").err
    assert "no release is called `other`" in refused(root, "--write", "-", "--pre-build", "--release", "other").err
    assert "cannot write" in refused(root, "--write", "nowhere/x.json", "--pre-build").err
    assert "--write" in refused(root, "--spec", "1.7").err
    assert "SOURCE_DATE_EPOCH" in refused(root, "--write", "-", "--pre-build", SOURCE_DATE_EPOCH="soon").err


def test_standard_output_gets_the_document_alone(tmp_path: Path) -> None:
    root = project(tmp_path / "one")
    done = tidegate("sbom", "--write", "-", "--pre-build", "--as", "spdx-json", cwd=root)
    assert recognise(done.out.encode()).format == "spdx-json"
