"""A quick look at one row pays for that row: neither the command nor its worker imports what others need."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from support import listing_worker
from support.command import environment
from support.databases import records, write
from support.repositories import Repository
from tidegate.adapters.starting import start
from tidegate.adapters.workers import ProcessWorkers
from tidegate.cli import main, wire
from tidegate.cli.ahead import ahead
from tidegate.formats.all_locks import READERS as LOCKS
from tidegate.formats.all_manifests import READERS as MANIFESTS
from tidegate.ports import Done, Job

HEAVY = {
    "requests",
    "urllib3",
    "cyclonedx",
    "pip_audit",
    "sigstore",
    "detect_secrets",
    "zizmor",
    "jsonschema_rs",
    "rich",
}
# What a look at requirements.txt has no use for: readers of other formats, and what only artifacts and proofs need.
OTHERS = {
    "importlib.metadata",
    "tidegate.cli.images",
    "tidegate.cli.wire.building",
    "tidegate.cli.wire.image_sources",
    "tidegate.formats.attached",
    "tidegate.formats.bundle",
    "tidegate.formats.oci",
    "tidegate.formats.sbom_model",
    "tidegate.formats.vex.document",
    "tidegate.model.publication",
}
READERS = {f"tidegate.formats.{row.name}" for row in (*LOCKS, *MANIFESTS)} - {"tidegate.formats.locks.requirements"}
LOCK = f"bar==1.0 --hash=sha256:{'b' * 64}\n"

PARENT = """
import json, sys
from tidegate.cli.main import run
code = run({words})
sys.stderr.write(json.dumps([code, sorted(sys.modules)]))
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write("tidegate.yaml", b"version: 1\n")
    made.write("requirements.txt", LOCK.encode())
    made.write(".github/workflows/ci.yml", b"on: push\npermissions: {}\njobs: {}\n")
    made.commit()
    write(tmp_path / "osv", records())
    return made


def words_of(command: str, tmp_path: Path) -> list[str]:
    base = ["--base", "HEAD"] if command.endswith("review") else []
    return [*command.split(), *base, *(["--database", str(tmp_path / "osv")] if command != "lockfiles" else [])]


COMMANDS = ("lockfiles", "deps audit", "deps review")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_imports_nothing_of_other_rows(command: str, repository: Repository, tmp_path: Path) -> None:
    code = PARENT.format(words=words_of(command, tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=repository.root, env=environment(), check=False
    )
    ended, modules = json.loads(done.stderr.decode().splitlines()[-1])
    assert ended == 0, done.stdout.decode()
    assert (HEAVY | OTHERS | READERS) & set(modules) == set()


def modules_of_the_worker(words: list[str], root: Path, folder: Path, patch: pytest.MonkeyPatch) -> set[str]:
    """What the worker of a command has imported at its end; the command must have ended with 0."""
    listed = folder / "modules"
    started = [sys.executable, "-P", listing_worker.__file__, str(listed)]
    patch.chdir(root)
    patch.setenv("CI", "true")
    ready = [start([*started, *ahead(words)])]
    patch.setattr(wire, "workers", lambda say: ProcessWorkers(started, ready=ready, say=say))
    assert main.run(words) == 0
    return set(listed.read_text().splitlines())


@pytest.mark.parametrize("command", COMMANDS)
def test_its_worker_imports_nothing_of_other_rows(
    command: str, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = modules_of_the_worker(words_of(command, tmp_path), repository.root, tmp_path, monkeypatch)
    assert "tidegate.adapters.inventory" in modules
    idle = {"pydantic", "click", "tidegate.formats.workflows.github", "tidegate.model.verdict"}
    needed = {"tidegate.model.publication"} if command == "deps review" else set()
    assert ((HEAVY | OTHERS | READERS | idle) - needed) & modules == set()


def test_what_writes_an_sbom_of_an_npm_lock_imports_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Repository(tmp_path / "npm")
    lock = {"name": "a", "lockfileVersion": 3, "packages": {"": {"name": "a"}}}
    made.write("package-lock.json", json.dumps(lock).encode())
    made.write("package.json", b'{"name": "a"}')
    made.commit()
    target = tmp_path / "sbom.cdx.json"
    words = ["sbom", "--pre-build", "--write", str(target)]
    modules = modules_of_the_worker(words, made.root, tmp_path, monkeypatch)
    assert json.loads(target.read_text())["bomFormat"] == "CycloneDX"
    idle = {
        "asyncio",
        "click",
        "http.client",
        "importlib.metadata",
        "importlib.resources.readers",
        "logging",
        "packaging.requirements",
        "packaging.utils",
        "pydantic",
        "ssl",
        "tidegate.formats.sbom.reading",
        "tidegate.formats.sbom.spdx_json",
        "tidegate.formats.sbom.xml_validation",
        "tidegate.formats.yaml_documents",
        "urllib.request",
        "xml",
        "yaml",
    }
    assert idle & modules == set()


def test_one_worker_does_a_single_row_and_reads_the_inventory_itself(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[str] = []

    class Counting(ProcessWorkers):
        def run(self, jobs: Iterable[Job], deadline: float) -> Iterator[Done]:
            listed = list(jobs)
            seen.extend(job.task for job in listed)
            return super().run(listed, deadline)

    monkeypatch.setattr(wire, "workers", lambda say: Counting(say=say))
    monkeypatch.chdir(repository.root)
    assert main.run(["lockfiles"]) == 0
    assert seen == ["alone"]
