"""The service-fault table: whatever an advisory service or database does instead of answering, no gate opens by it.

The same lock, which holds a package with a known vulnerability, is audited against every fault. Peers' columns beside
ours are printed by `benchmarks/dependencies.py`.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.command import environment, script, tidegate
from support.databases import FAULTS, records, write
from support.inline_workers import InlineWorkers
from support.osv_server import OsvServer, advisory
from support.repositories import Repository
from tidegate.adapters.vulns import osv_api
from tidegate.cli import main, wire

LOCK = f"foo==1.0 --hash=sha256:{'a' * 64}\nbar==1.0 --hash=sha256:{'b' * 64}\n"
KNOWN = [advisory("PYSEC-2026-1", "PyPI", "foo", fixed="2.0")]

ONLINE = {
    "short": 3,
    "long": 3,
    "reversed": 3,
    "reordered": 1,
    "empty": 3,
    "error-json": 3,
    "error-results": 3,
    "html": 3,
    "html-as-json": 3,
    "redirect": 3,
    "404": 3,
    "500": 3,
    "429-always": 3,
    "hang": 3,
    "slow": 3,
    "truncated": 3,
    "gzip-bomb": 3,
    "duplicate-keys": 3,
    "token-only": 3,
    "killed": 3,
    "blind": 3,
    "404-vuln": 3,
    "vuln-error-json": 3,
    "wrong-id": 3,
    "older": 3,
    "schema-2": 3,
    "no-affected": 1,
    "git-only": 1,
}
"""Mode of the service to exit code: 1 where a finding says it, 3 where nothing could be decided."""

FOR_REAL = ("short", "html", "truncated", "schema-2")
FOR_REAL_OFFLINE = ("zip truncated", "stale", "a member is no JSON")
"""Also through the installed command and its worker processes; each of these costs half a second."""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def commit(repository: Repository, url: str, timeout: str = "1s") -> None:
    service = f"{{url: '{url}', timeout: {timeout}}}"
    policy = f"version: 1\ncontrols:\n  dependencies:\n    service: {service}\n"
    repository.write("tidegate.yaml", policy.encode())
    repository.write("requirements.txt", LOCK.encode())
    repository.commit()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs in this process, pauses that cost nothing, and a bound that is reached sooner."""
    monkeypatch.setattr(wire, "workers", lambda **_: InlineWorkers())
    monkeypatch.setattr("tidegate.adapters.service.time.sleep", lambda seconds: None)
    monkeypatch.setattr("tidegate.adapters.vulns.transport.TOTAL", 1)
    monkeypatch.setattr(osv_api, "MAX_ANSWER", 1 << 20)
    monkeypatch.setenv("CI", "true")


def audit(repository: Repository, capsys: pytest.CaptureFixture[str], *words: str) -> Ended:
    here = os.getcwd()
    os.chdir(repository.root)
    try:
        code = main.run(["deps", "audit", *words])
    finally:
        os.chdir(here)
    return Ended(code, capsys.readouterr().out)


@pytest.mark.parametrize(("mode", "code"), ONLINE.items(), ids=list(ONLINE))
def test_no_fault_of_a_service_opens_the_gate(
    mode: str, code: int, repository: Repository, quick: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with OsvServer(KNOWN, mode) as server:
        commit(repository, server.url)
        ended = audit(repository, capsys)
    assert ended.code == code, ended.out
    assert "the gate is open" not in ended.out


@pytest.mark.parametrize("make", FAULTS.values(), ids=list(FAULTS))
def test_no_fault_of_a_database_opens_the_gate(
    make: Callable[[Path], None],
    repository: Repository,
    tmp_path: Path,
    quick: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "osv"
    folder.mkdir()
    make(folder)
    commit(repository, "https://osv.example")
    ended = audit(repository, capsys, "--database", str(folder))
    assert ended.code == 3, ended.out
    assert "the gate is open" not in ended.out


def test_a_database_that_lost_half_its_advisories_is_no_answer(
    repository: Repository, tmp_path: Path, quick: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one that stood there before is remembered by its index."""
    whole, folder = write(tmp_path / "whole", records()), tmp_path / "osv"
    assert main.run(["db", "import", str(whole), "--ecosystem", "PyPI", "--database", str(folder)]) == 0
    commit(repository, "https://osv.example")
    assert audit(repository, capsys, "--database", str(folder)).code == 1
    write(folder, records()[5:])
    ended = audit(repository, capsys, "--database", str(folder))
    assert ended.code == 3
    assert "the one before it held 11" in ended.out


def test_a_sound_service_and_a_sound_database_say_the_same(
    repository: Repository, tmp_path: Path, quick: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with OsvServer(KNOWN) as server:
        commit(repository, server.url)
        online = audit(repository, capsys)
    write(tmp_path / "osv", records())
    offline = audit(repository, capsys, "--database", str(tmp_path / "osv"))
    assert online.code == offline.code == 1
    assert "pkg:pypi/foo@1.0#PYSEC-2026-1" in online.out
    assert "pkg:pypi/foo@1.0#PYSEC-2026-1" in offline.out


def test_without_a_known_case_of_trouble_the_gate_does_open(
    repository: Repository, tmp_path: Path, quick: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table would prove nothing if the command never ended with 0."""
    with OsvServer() as server:
        commit(repository, server.url)
        assert audit(repository, capsys).code == 0
    write(tmp_path / "osv", records()[1:])
    assert audit(repository, capsys, "--database", str(tmp_path / "osv")).code == 0


@pytest.mark.parametrize("mode", FOR_REAL)
def test_the_installed_command_stays_shut_against_a_service(mode: str, repository: Repository) -> None:
    with OsvServer(KNOWN, mode) as server:
        commit(repository, server.url)
        ended = tidegate("deps", "audit", cwd=repository.root)
    assert ended.code == ONLINE[mode], ended.out + ended.err
    assert "the gate is open" not in ended.out


@pytest.mark.parametrize("fault", FOR_REAL_OFFLINE)
def test_the_installed_command_stays_shut_against_a_database(
    fault: str, repository: Repository, tmp_path: Path
) -> None:
    folder = tmp_path / "osv"
    folder.mkdir()
    FAULTS[fault](folder)
    commit(repository, "https://osv.example")
    ended = tidegate("deps", "audit", "--database", folder, cwd=repository.root)
    assert ended.code == 3, ended.out + ended.err
    assert "the gate is open" not in ended.out


def test_an_interrupted_audit_says_so_and_leaves_no_worker_behind(repository: Repository) -> None:
    with OsvServer(KNOWN, "hang") as server:
        commit(repository, server.url, timeout="30s")
        command = [script(), "deps", "audit"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=repository.root, env=environment(), stdout=pipe, stderr=pipe) as running:
            until = time.monotonic() + 30
            while not server.requests and time.monotonic() < until:
                time.sleep(0.01)
            (worker,) = children(running.pid)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert out == b""
    assert b"interrupted: no verdict" in err
    assert not alive(worker)


def children(pid: int) -> list[int]:
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
