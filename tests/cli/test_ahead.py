"""A worker starts before the command line is read; whatever was guessed, the answer is the job's."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.command import environment
from support.repositories import Repository
from tidegate.cli import commands, main, wire
from tidegate.cli.ahead import ahead
from tidegate.cli.wire import waiting
from tidegate.errors import UserError


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write("tidegate.yaml", b"version: 1\n")
    made.write("requirements.txt", f"bar==1.0 --hash=sha256:{'b' * 64}\n".encode())
    made.commit()
    monkeypatch.chdir(made.root)
    return made


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("lockfiles", "read:lockfiles"),
        ("--debug secrets", "read:secrets"),
        ("ci --format json", "read:ci-tokens"),
        ("deps audit --database x", "read:dependencies"),
        ("deps review --base main", "read:dependencies"),
        ("review", "read:"),
        ("sbom --pre-build --write x.cdx.json", "read:sbom"),
    ],
)
def test_what_reads_the_source_alone_has_it_read_ahead(words: str, read: str) -> None:
    told = ahead(words.split())
    assert [each for each in told if each.startswith("read:")] == [read]


@pytest.mark.parametrize("words", ["sbom --write x.cdx.json", "sbom", "check", "verify x", "deps", "", "nonsense"])
def test_nothing_is_read_ahead_where_artifacts_or_no_source_are_looked_at(words: str) -> None:
    assert not any(each.startswith("read:") for each in ahead(words.split()))


@pytest.mark.parametrize(
    "words",
    ["secrets src", "secrets --format json a.py", "secrets --staged", "secrets --range=a..b", "secrets --history"],
)
def test_a_search_of_what_is_named_reads_no_inventory_ahead(words: str) -> None:
    told = ahead(words.split())
    assert told[0] == "stages.searching"
    assert told[-1] == "domain.secrets.ready"
    assert not [each for each in told if each.startswith("read:") or "inventory" in each]


@pytest.mark.parametrize("words", ["secrets --format json", "secrets --policy p.yaml --output sarif=x --color never"])
def test_a_value_of_an_option_is_no_path_to_search(words: str) -> None:
    assert "read:secrets" in ahead(words.split())


@pytest.mark.parametrize("words", ["lockfiles --help", "deps audit -h", "--version", "--help"])
def test_help_starts_no_worker(words: str) -> None:
    assert ahead(words.split()) == ()


def test_the_database_is_what_the_worker_gets_ready_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIDEGATE_DATABASE", raising=False)
    assert "adapters.vulns.osv_api" in ahead(["deps", "audit"])
    assert "adapters.vulns.offline" in ahead(["deps", "audit", "--database=x"])
    monkeypatch.setenv("TIDEGATE_DATABASE", "x")
    assert "adapters.vulns.offline" in ahead(["deps", "audit"])


@pytest.mark.parametrize("guess", [("read:secrets",), ("stages.secrets", "read:")])
def test_a_wrong_guess_never_changes_an_answer(
    guess: tuple[str, ...], repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["lockfiles", "--format", "json"]) == 0
    right = capsys.readouterr().out
    monkeypatch.setattr(main, "ahead", lambda _words: guess)
    assert main.run(["lockfiles", "--format", "json"]) == 0
    told = capsys.readouterr().out
    assert told.count('"pass"') == right.count('"pass"') > 0


def test_a_worker_without_a_job_is_killed_with_the_command(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def refuse(_words: object) -> int:
        seen.extend(process.pid for process in waiting._waiting)
        raise UserError("no", hint="none")

    monkeypatch.setattr(commands, "run", refuse)
    with pytest.raises(UserError):
        main.run(["lockfiles"])
    (pid,) = seen
    assert waiting._waiting == []
    assert not Path(f"/proc/{pid}").exists()


def test_what_waits_is_handed_over_once(repository: Repository) -> None:
    wire.begin_worker(("stages.lockfiles",))
    (process,) = waiting.waiting_workers()
    assert waiting.waiting_workers() == ()
    process.communicate()
    assert process.returncode == 0


def test_starting_ahead_imports_nothing_that_could_wait() -> None:
    code = (
        "import sys\n"
        "from tidegate.cli import main, wire\n"
        "from tidegate.cli.wire import waiting\n"
        "heavy = {'click', 'pydantic', 'dataclasses', 'inspect', 'pathlib', 'typing_extensions', 'tidegate.ports'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment(), check=False)
    assert done.returncode == 0, done.stderr.decode()
