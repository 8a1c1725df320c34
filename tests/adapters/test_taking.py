"""Artifacts are copied and hashed once; links, special files and swapped bytes never get through."""

import hashlib
import os
from pathlib import Path

import pytest

from tidegate.adapters import taking
from tidegate.errors import FormatError, NoSuchArtifact, UserError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "dist" / "deep").mkdir(parents=True)
    (tmp_path / "dist" / "a.whl").write_bytes(b"wheel")
    (tmp_path / "dist" / "b.tar.gz").write_bytes(b"sdist")
    (tmp_path / "dist" / "deep" / "c.whl").write_bytes(b"deep")
    (tmp_path / "taken").mkdir()
    return tmp_path


def test_globs_stay_inside_their_segment_and_results_are_sorted(tree: Path) -> None:
    assert taking.find(tree, ["dist/*"]) == ("dist/a.whl", "dist/b.tar.gz")
    assert taking.find(tree, ["dist/*/*.whl", "dist/*.whl"]) == ("dist/a.whl", "dist/deep/c.whl")


@pytest.mark.parametrize("pattern", ["dist/*.zip", "nowhere/*", "dist/a.whl/x"])
def test_a_glob_that_matches_nothing_is_an_error(tree: Path, pattern: str) -> None:
    with pytest.raises(NoSuchArtifact):
        taking.find(tree, ["dist/*", pattern])


def test_files_that_speak_about_an_artifact_are_not_artifacts(tree: Path) -> None:
    for ending in taking.SIDECARS:
        (tree / "dist" / f"a.whl{ending}").write_text("{}")
    assert taking.find(tree, ["dist/*"]) == ("dist/a.whl", "dist/b.tar.gz")


def test_folders_that_are_links_are_not_entered(tree: Path) -> None:
    (tree / "out").symlink_to(tree / "dist")
    with pytest.raises(NoSuchArtifact):
        taking.find(tree, ["out/*"])


def test_the_copy_is_private_and_hashed_while_copying(tree: Path) -> None:
    artifact = taking.take(tree, "dist/a.whl", tree / "taken")
    assert (artifact.name, artifact.path, artifact.size) == ("a.whl", "dist/a.whl", 5)
    assert artifact.digest.value == hashlib.sha256(b"wheel").hexdigest()
    assert os.stat(tree / "taken" / "a.whl").st_mode & 0o777 == 0o400


def test_a_link_is_not_taken(tree: Path) -> None:
    (tree / "dist" / "l.whl").symlink_to("a.whl")
    with pytest.raises(UserError):
        taking.take(tree, "dist/l.whl", tree / "taken")


def test_a_pipe_is_not_taken_and_does_not_hang(tree: Path) -> None:
    os.mkfifo(tree / "dist" / "p.whl")
    with pytest.raises(UserError):
        taking.take(tree, "dist/p.whl", tree / "taken")


def test_a_copy_swapped_behind_our_back_is_found_before_anyone_reads_it(tree: Path) -> None:
    artifact = taking.take(tree, "dist/a.whl", tree / "taken")
    folder = taking.TakenFolder(tree / "taken")
    with folder.open(artifact) as stream:
        assert stream.read() == b"wheel"
    (tree / "taken" / "a.whl").unlink()
    (tree / "taken" / "a.whl").write_bytes(b"other")
    with pytest.raises(FormatError, match="changed after it was taken"):
        folder.open(artifact)
    (tree / "taken" / "a.whl").unlink()
    with pytest.raises(FormatError):
        folder.open(artifact)


def test_the_digest_of_what_lies_there_now(tree: Path) -> None:
    assert taking.digest_of(tree / "dist" / "a.whl") == taking.take(tree, "dist/a.whl", tree / "taken").digest
    assert taking.digest_of(tree / "dist" / "gone") is None
    assert taking.digest_of(tree / "dist") is None
