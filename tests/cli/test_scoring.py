"""`tidegate sbom --score` says how complete a document is, and ends with 1 only for a standard it was asked about."""

import json
from pathlib import Path

import pytest

from support.command import tidegate
from tidegate.cli.scoring import score
from tidegate.errors import UserError
from tidegate.model.verdict import ExitCode

NAMED = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {
        "timestamp": "2026-01-02T03:04:05Z",
        "authors": [{"name": "Ann"}],
        "component": {
            "type": "application",
            "bom-ref": "app",
            "name": "app",
            "version": "1.0",
            "publisher": "Acme",
            "purl": "pkg:generic/app@1.0",
        },
    },
    "dependencies": [{"ref": "app"}],
}


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "app.cdx.json"
    path.write_text(json.dumps(NAMED))
    return path


def test_a_standard_that_is_met_opens_and_one_that_is_not_shuts(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert score(document, (), "text") == ExitCode.OPEN
    assert score(document, ("ntia-2021",), "text") == ExitCode.OPEN
    assert score(document, ("ntia-2021", "cisa-2025"), "text") == ExitCode.SHUT
    out = capsys.readouterr().out
    assert "ntia-2021 7.0 of 7" in out
    assert "cisa-2025 7.0 of 11" in out


def test_json_says_the_same(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(document, (), "json") == ExitCode.OPEN
    plain = json.loads(capsys.readouterr().out)
    assert [(each["points"], each["met"]) for each in plain["standards"][:2]] == [(7, True), (7, False)]


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"\xff", b"<x/>", b'{"bomFormat": "CycloneDX", "specVersion": "9"}', b"[" * 500]
)
def test_what_is_no_sbom_is_not_scored(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(raw)
    with pytest.raises(UserError, match="cannot be scored"):
        score(path, (), "text")


def test_a_file_that_cannot_be_read_or_a_form_scores_have_not_is_the_user_s_mistake(document: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        score(document.parent, (), "text")
    with pytest.raises(UserError, match="sarif"):
        score(document, (), "sarif")


def test_the_command_scores_without_a_repository(document: Path) -> None:
    done = tidegate("sbom", "--score", document.name, "--standard", "bsi-tr-03183-2", cwd=document.parent)
    assert (done.code, done.err) == (1, "")
    assert "bsi-tr-03183-2" in done.out
    alone = tidegate("sbom", "--standard", "ntia-2021", cwd=document.parent)
    assert alone.code == 2
    assert "--score" in alone.err
