"""The working tree is read through descriptors: nothing outside it, no link, nothing special, nothing unbounded."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.adapters.files import LocalFiles
from tidegate.adapters.paths import spell, unspell
from tidegate.errors import FormatError, UserError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    (root / "pkg").mkdir(parents=True)
    (root / "pkg" / "mod.py").write_bytes(b"x = 1\n")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_bytes(b"[core]\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_bytes(b"outside")
    return root


def test_a_regular_file_is_read_whole(tree: Path) -> None:
    assert LocalFiles(tree).read("pkg/mod.py", 100) == b"x = 1\n"


def test_a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_refused(tree: Path) -> None:
    assert LocalFiles(tree).read("pkg/mod.py", 6) == b"x = 1\n"
    with pytest.raises(FormatError, match="larger than 5 bytes"):
        LocalFiles(tree).read("pkg/mod.py", 5)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../outside/secret.txt",
        "pkg/../../outside/secret.txt",
        "pkg/./mod.py",
        "pkg//mod.py",
        "pkg/",
        "pkg\\mod.py",
        "pkg/mod.py\0",
        "pkg\\x2fmod.py",
        "\\x2e\\x2e/outside/secret.txt",
        "pkg/\\x00",
        "\ud800",
        ".git/config",
        "pkg/.GIT/config",
        "a/" * 200 + "b",
        "a" * 5000,
    ],
)
def test_a_path_that_is_not_plain_is_refused(tree: Path, path: str) -> None:
    with pytest.raises(FormatError):
        LocalFiles(tree).read(path, 100)


def test_a_link_is_named_and_not_followed(tree: Path) -> None:
    (tree / "link").symlink_to(tree.parent / "outside" / "secret.txt")
    (tree / "inner").symlink_to("pkg/mod.py")
    files = LocalFiles(tree)
    for path in ("link", "inner"):
        with pytest.raises(FormatError, match="is a link"):
            files.read(path, 100)
    assert files.link("inner") == b"pkg/mod.py"
    assert files.size("inner") == len("pkg/mod.py")


def test_a_folder_on_the_way_that_is_a_link_is_refused(tree: Path) -> None:
    (tree / "way").symlink_to(tree.parent / "outside")
    files = LocalFiles(tree)
    with pytest.raises(FormatError, match="is a link"):
        files.read("way/secret.txt", 100)
    assert files.size("way/secret.txt") is None


def test_special_files_folders_and_missing_files_are_told_apart(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    files = LocalFiles(tree)
    with pytest.raises(FormatError, match="special file"):
        files.read("pipe", 100)
    with pytest.raises(FormatError, match="is a folder"):
        files.read("pkg", 100)
    with pytest.raises(FormatError, match="is missing"):
        files.read("nothing", 100)
    with pytest.raises(FormatError, match="is missing"):
        files.read("pkg/mod.py/deeper", 100)
    assert (files.size("pipe"), files.size("pkg"), files.size("nothing")) == (None, None, None)
    assert files.size("pkg/mod.py") == 6


def test_a_name_that_is_not_utf8_is_spelt_and_read_by_its_spelling(tree: Path) -> None:
    Path(os.fsdecode(os.fsencode(tree) + b"/caf\xe9.txt")).write_bytes(b"latin")
    (tree / "back\\slash").write_bytes(b"back")
    files = LocalFiles(tree)
    found = dict(files.walk())
    assert found == {"back\\x5cslash": 4, "caf\\xe9.txt": 5, "pkg/mod.py": 6}
    assert files.read("caf\\xe9.txt", 10) == b"latin"
    assert files.read("back\\x5cslash", 10) == b"back"


def test_the_walk_leaves_git_out_and_follows_no_link(tree: Path) -> None:
    (tree / "way").symlink_to(tree.parent / "outside")
    (tree / "loop").symlink_to(tree)
    assert [path for path, _ in LocalFiles(tree).walk()] == ["pkg/mod.py"]


def test_the_walk_refuses_folders_nested_too_deep(tree: Path) -> None:
    here = tree
    for _ in range(140):
        here = here / "d"
        here.mkdir()
    with pytest.raises(FormatError, match="nested deeper"):
        list(LocalFiles(tree).walk())


def test_a_root_that_is_a_link_is_resolved_once(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(tree)
    files = LocalFiles(tmp_path / "alias")
    (tmp_path / "alias").unlink()
    (tmp_path / "alias").symlink_to(tmp_path / "outside")
    assert files.size("secret.txt") is None
    assert files.read("pkg/mod.py", 10) == b"x = 1\n"


def test_a_root_that_is_no_folder_is_a_user_error(tree: Path) -> None:
    for root in (tree / "nothing", tree / "pkg" / "mod.py"):
        with pytest.raises(UserError):
            LocalFiles(root)


@given(st.binary(min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_spelling_is_reversible_for_every_name(raw: bytes) -> None:
    try:
        back = unspell(spell(raw))
    except FormatError:
        parts = raw.split(b"/")
        assert b"\0" in raw or any(p in {b"", b".", b".."} or p.lower() == b".git" for p in parts)
    else:
        assert back == raw


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_text_is_the_spelling_of_one_path_or_refused(text: str) -> None:
    try:
        raw = unspell(text)
    except FormatError:
        return
    assert spell(raw) == text
