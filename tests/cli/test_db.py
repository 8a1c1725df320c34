"""`tidegate db` says what is there and what it did, and its exit code tells whether anything can be asked."""

import json
from pathlib import Path

import pytest

from support.advisories import RECORDS, write_zip
from tidegate.cli.db import EXPORT
from tidegate.cli.main import run


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "tidegate" / "advisories"


def test_nothing_there_is_undecided(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["db", "status"]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert "hint: `tidegate db update" in told.err


def test_what_is_imported_is_told_and_can_be_asked(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for ecosystem in ("PyPI", "npm"):
        write_zip(
            tmp_path / "given" / ecosystem / "all.zip",
            [json.loads(json.dumps(record).replace("PyPI", ecosystem)) for record in RECORDS],
        )
    assert run(["db", "import", str(tmp_path / "given")]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.partition(",")[0] for line in out] == ["PyPI: 3 advisories", "npm: 3 advisories"]
    assert run(["db", "status"]) == 0
    told = capsys.readouterr()
    assert told.out.count("index ready") == 2
    assert "2026-01-02" in told.out
    assert f"--database {home}" in told.err


def test_one_ecosystem_of_several_can_be_named(tmp_path: Path, home: Path) -> None:
    write_zip(tmp_path / "given" / "PyPI" / "all.zip", RECORDS)
    write_zip(tmp_path / "given" / "npm" / "all.zip", {"x.json": b"{"})
    assert run(["db", "import", str(tmp_path / "given"), "--ecosystem", "PyPI"]) == 0
    assert sorted(path.name for path in home.iterdir()) == [".tidegate-index", "PyPI"]


def test_one_that_fails_keeps_no_other_from_its_turn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_zip(tmp_path / "given" / "Go" / "all.zip", {"x.json": b"{"})
    write_zip(tmp_path / "given" / "PyPI" / "all.zip", RECORDS)
    assert run(["db", "import", str(tmp_path / "given")]) == 3
    told = capsys.readouterr()
    assert told.out.startswith("PyPI: 3 advisories")
    assert "x.json" in told.err


def test_a_damaged_database_beside_a_good_one_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_zip(tmp_path / "db" / "PyPI" / "all.zip", RECORDS)
    write_zip(tmp_path / "db" / "npm" / "all.zip", {})
    assert run(["db", "status", "--database", str(tmp_path / "db")]) == 0
    assert "npm: damaged" in capsys.readouterr().out
    (tmp_path / "db" / "PyPI" / "all.zip").write_bytes(b"")
    assert run(["db", "status", "--database", str(tmp_path / "db")]) == 3


def test_a_smaller_database_needs_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--database", str(tmp_path / "db")]
    first = write_zip(tmp_path / "a" / "PyPI" / "all.zip", RECORDS)
    fewer = write_zip(tmp_path / "b" / "PyPI" / "all.zip", RECORDS[:2])
    assert run(["db", "import", str(first), "--ecosystem", "PyPI", *words]) == 0
    assert run(["db", "import", str(fewer), "--ecosystem", "PyPI", *words]) == 3
    assert "--accept-smaller" in capsys.readouterr().err
    assert run(["db", "import", str(fewer), "--ecosystem", "PyPI", "--accept-smaller", "one was wrong", *words]) == 0
    assert run(["db", "status", *words]) == 0
    assert "taken although smaller: one was wrong" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["update"],
        ["update", "--ecosystem", "../x"],
        ["update", "--ecosystem", "PyPI", "--from", "http://osv.example"],
        ["update", "--ecosystem", "PyPI", "--timeout", "0"],
        ["import", "/nowhere/at/all"],
        ["import"],
    ],
)
def test_a_wrong_command_line_runs_nothing(words: list[str], home: Path) -> None:
    assert run(["db", *words]) == 2
    assert not list(home.rglob("*.zip"))


def test_the_address_of_the_export_is_encrypted() -> None:
    assert EXPORT.startswith("https://osv-vulnerabilities.")
