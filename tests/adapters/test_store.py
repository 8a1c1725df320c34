"""Evidence is kept whole or not at all, and read without following anything."""

from pathlib import Path

import pytest

from tidegate.adapters.store import RunFolder, find_run, read_folder
from tidegate.errors import FormatError, UserError
from tidegate.model.digest import Digest

DIGEST = Digest.of(b"artifact")


def run_folder(root: Path, name: str, digest: Digest = DIGEST) -> Path:
    folder = RunFolder(root, name)
    folder.write("examined.json", f'{{"digest":"{digest.value}"}}')
    return folder.keep()


def test_nothing_is_there_before_it_is_kept(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "e", "r1")
    folder.write("a.json", "{}")
    assert not folder.path.exists()
    assert folder.read("a.json") == "{}"
    assert folder.read("b.json") is None
    kept = folder.keep()
    assert [path.name for path in kept.iterdir()] == ["a.json"]


def test_a_dropped_run_leaves_nothing(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "e", "r1")
    folder.write("a.json", "{}")
    folder.drop()
    assert list((tmp_path / "e" / "runs").iterdir()) == []


def test_evidence_keeps_itself_out_of_git(tmp_path: Path) -> None:
    run_folder(tmp_path / "e", "r1")
    assert (tmp_path / "e" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "", "a\0b", "a\nb", "x" * 300])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError):
        RunFolder(tmp_path / "e", "r1").write(name, "x")


def test_a_file_is_not_replaced_by_accident(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "e", "r1")
    folder.write("a", "1")
    with pytest.raises(UserError):
        folder.write("a", "2")
    folder.write("a", "3", replace=True)
    assert folder.read("a") == "3"


def test_a_linked_evidence_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "e").symlink_to(tmp_path / "real")
    with pytest.raises(UserError, match="link"):
        RunFolder(tmp_path / "e", "r1")


def test_reading_takes_regular_files_only(tmp_path: Path) -> None:
    run = run_folder(tmp_path / "e", "r1")
    assert set(read_folder(run)) == {"examined.json"}
    (run / "link").symlink_to("/etc/hostname")
    with pytest.raises(FormatError, match="regular"):
        read_folder(run)
    (run / "link").unlink()
    (run / "folder").mkdir()
    with pytest.raises(FormatError, match="regular"):
        read_folder(run)


def test_exactly_one_run_names_the_artifact(tmp_path: Path) -> None:
    root = tmp_path / "e"
    first = run_folder(root, "r1")
    run_folder(root, "r2", Digest.of(b"other"))
    assert find_run(root, DIGEST) == first
    assert find_run(first, DIGEST) == first
    assert find_run(root, Digest.of(b"unknown")) is None


def test_several_runs_are_a_question_and_not_a_guess(tmp_path: Path) -> None:
    root = tmp_path / "e"
    run_folder(root, "r1")
    run_folder(root, "r2")
    with pytest.raises(UserError, match="2 runs name this artifact: r1, r2"):
        find_run(root, DIGEST)


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        find_run(tmp_path / "nothing", DIGEST)
