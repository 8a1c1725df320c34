"""A folder to be deployed is every regular file in it, and nothing that could stand for another."""

from pathlib import Path

import pytest

from tidegate.adapters import deployables
from tidegate.errors import NoSuchArtifact, UserError


def test_every_file_counts_hidden_ones_too_and_evidence_beside_an_artifact_does_not(tmp_path: Path) -> None:
    for name in ("a.whl", "a.whl.sigstore.json", "sub/.b", "stray.sigstore.json", "kept/runs/x/MANIFEST"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    found = deployables.expand(tmp_path, tmp_path / "kept")
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["a.whl", "stray.sigstore.json", "sub/.b"]


def test_a_link_is_refused_wherever_it_points(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(UserError, match="link"):
        deployables.expand(tmp_path, None)


def test_nothing_and_too_much_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoSuchArtifact):
        deployables.expand(tmp_path, None)
    monkeypatch.setattr(deployables, "MAX_ARTIFACTS", 3)
    for number in range(4):
        (tmp_path / str(number)).write_text("x")
    with pytest.raises(UserError, match="too many"):
        deployables.expand(tmp_path, None)
    deep = tmp_path / "/".join("d" * 40)
    deep.mkdir(parents=True)
    with pytest.raises(UserError):
        deployables.expand(tmp_path, None)
