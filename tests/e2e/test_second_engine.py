"""`controls.dependencies.engines`: pip-audit beside us, through the installed command."""

from pathlib import Path

import pytest

from support.command import tidegate
from support.databases import records, write
from support.osv_server import OsvServer, advisory
from support.repositories import Repository

KNOWN = [
    advisory("PYSEC-2026-1", "PyPI", "foo", fixed="2.0"),
    advisory("GHSA-aaaa-bbbb-cccc", "PyPI", "foo", fixed="2.0"),
]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """One whose own `pip` would like to be run: importing pip-audit starts `python -m pip`."""
    made = Repository(tmp_path / "repository")
    trap = f"import pathlib\npathlib.Path({str(tmp_path / 'sprung')!r}).touch()\n".encode()
    for path in ("pip.py", "pip_audit.py", "requests.py"):
        made.write(path, trap)
    made.write("requirements.txt", f"foo==1.0 --hash=sha256:{'a' * 64}\n".encode())
    return made


def commit(repository: Repository, url: str) -> None:
    rules = f"{{engines: [tidegate, pip-audit], service: {{url: '{url}', timeout: 5s}}}}"
    repository.write("tidegate.yaml", f"version: 1\ncontrols:\n  dependencies: {rules}\n".encode())
    repository.commit()


def test_what_pip_audit_passes_over_is_a_finding_with_both_answers(repository: Repository, tmp_path: Path) -> None:
    with OsvServer(KNOWN, "pages") as server:  # it reads the first page only
        commit(repository, server.url)
        ended = tidegate("deps", "audit", cwd=repository.root)
    assert ended.code == 1, ended.err
    assert "engines-disagree" in ended.out
    assert "tidegate applies GHSA-aaaa-bbbb-cccc to foo 1.0, pip-audit 2." in ended.out
    assert "was asked too, about 1 packages" in ended.out
    assert not (tmp_path / "sprung").exists()


def test_over_a_database_both_are_asked_and_agree(repository: Repository, tmp_path: Path) -> None:
    write(tmp_path / "osv", records())
    commit(repository, "https://osv.example")
    ended = tidegate("deps", "audit", "--database", tmp_path / "osv", cwd=repository.root)
    assert ended.code == 1, ended.err
    assert "engines-disagree" not in ended.out
    assert "was asked too, about 1 packages" in ended.out
    assert not (tmp_path / "sprung").exists()
