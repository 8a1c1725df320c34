"""uv.lock is read to the last field, or refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA, FILES, UV_PACKAGES, uv_lock, uv_package
from tidegate.errors import FormatError
from tidegate.formats.locks import uv
from tidegate.model.digest import Digest
from tidegate.model.package import LockFile, SourceKind

ROOT = '\n[[package]]\nname = "app"\nversion = "0.1.0"\nsource = { virtual = "." }\n'


def parse(raw: bytes, path: str = "uv.lock") -> LockFile:
    return uv.parse(path, raw)


def test_the_name_alone_decides() -> None:
    assert uv.matches("a/b/uv.lock")
    assert not uv.matches("a/uv.lock.bak")
    assert not uv.matches("not-uv.lock")


def test_every_package_has_source_files_hashes_and_line() -> None:
    lock = parse((DATA / "uv/two-packages.lock").read_bytes())
    assert [(one.name, one.version) for one in lock.packages] == [("emoji", "2.14.0"), ("protobuf", "4.25.5")]
    emoji = lock.packages[0]
    assert (emoji.source.kind, emoji.source.host, emoji.source.public) == (SourceKind.REGISTRY, "index.example", False)
    assert len(emoji.files) == len(emoji.hashes) == 2
    assert emoji.line == 4
    assert not lock.problems


def test_text_that_looks_like_a_package_is_not_one() -> None:
    lock = parse((DATA / "uv/names-outside-package-block.lock").read_bytes())
    assert {one.name for one in lock.packages} == {"first-pkg", "second-pkg"}
    assert all(one.source.kind is SourceKind.UNKNOWN for one in lock.packages)


def test_the_public_index_is_known_by_its_exact_host() -> None:
    assert all(one.source.public for one in parse(uv_lock()).packages)
    near = uv_lock().replace(b'registry = "https://', b'registry = "https://x')
    assert not any(one.source.public for one in parse(near).packages)


def test_groups_and_directness_follow_the_graph() -> None:
    packages = {one.name: one for one in parse(uv_lock()).packages}
    assert packages["left-pad"].direct
    assert packages["left-pad"].requires == ("right-pad",)
    assert not packages["right-pad"].direct
    assert packages["right-pad"].groups == ()
    assert packages["tool"].groups == ("dev",)
    assert packages["extra"].groups == ("more",)


def test_what_the_manifest_asked_for_is_recorded() -> None:
    lock = parse(uv_lock(), "sub/uv.lock")
    assert [(one.folder, one.requires) for one in lock.asked] == [("sub", ("left-pad>=1,<2",))]
    assert lock.asked[0].optional == ("extra ; extra == 'more'", "tool==2.*")


def test_the_project_itself_is_no_package_of_its_lock() -> None:
    assert "app" not in {one.name for one in parse(uv_lock()).packages}


def test_a_workspace_member_is_a_package_and_asks_for_its_own() -> None:
    member = '\n[[package]]\nname = "member"\nversion = "1"\nsource = { editable = "packages/member" }\n'
    lock = parse(uv_lock(member, root=ROOT))
    assert [(one.name, one.source.kind) for one in lock.packages] == [("member", SourceKind.WORKSPACE)]
    assert [one.folder for one in lock.asked] == [".", "packages/member"]


def test_a_root_without_a_project_has_its_groups_in_the_manifest_table() -> None:
    raw = b'version = 1\n[manifest.dependency-groups]\ndev = [{ name = "tool", specifier = "==2.*" }]\n'
    lock = parse(raw + uv_package("tool", "2.1").encode())
    assert lock.asked[0].optional == ("tool==2.*",)
    assert lock.packages[0].groups == ("dev",)


@pytest.mark.parametrize(
    ("source", "kind", "ref"),
    [
        (
            '{ git = "https://git.example/o/r?rev=v1#0123456789012345678901234567890123456789" }',
            SourceKind.GIT,
            "0123456789" * 4,
        ),
        ('{ git = "https://git.example/o/r?branch=main" }', SourceKind.GIT, ""),
        ('{ url = "https://files.example/x-1.0.tar.gz" }', SourceKind.URL, ""),
        ('{ path = "../x-1.0.tar.gz" }', SourceKind.PATH, ""),
        ('{ directory = "../x" }', SourceKind.WORKSPACE, ""),
        ('{ registry = "https://index.example/simple", url = "https://x.example" }', SourceKind.UNKNOWN, ""),
        ("{}", SourceKind.UNKNOWN, ""),
    ],
)
def test_each_kind_of_source(source: str, kind: SourceKind, ref: str) -> None:
    entry = f'\n[[package]]\nname = "x"\nversion = "1.0"\nsource = {source}\n'
    found = parse(uv_lock(entry, root=ROOT)).packages[0].source
    assert (found.kind, found.ref) == (kind, ref)
    assert "?" not in found.url


def test_several_versions_of_a_name_are_told_apart() -> None:
    low = uv_package("x", "1.0")
    high = uv_package("x", "2.0")
    user = uv_package("y", "1.0", tail='dependencies = [{ name = "x", version = "2.0", marker = "a" }]\n')
    packages = {one.name: one for one in parse(uv_lock(low, high, user, root=ROOT)).packages}
    assert packages["y"].requires == ("x@2.0",)


def test_a_file_without_hash_beside_hashed_ones_is_a_problem() -> None:
    raw = uv_lock().replace(f', hash = "sha256:{"a" * 64}"'.encode(), b"")
    assert [(one.rule, one.about.count("#")) for one in parse(raw).problems] == [("package-unhashed", 2)]


def test_a_wrong_hash_is_kept_apart_from_hashes() -> None:
    raw = uv_lock().replace(b"sha256:" + b"a" * 64, b"sha256:aaaa")
    package = next(one for one in parse(raw).packages if one.name == "left-pad")
    assert package.bad_hashes == ("sha256:aaaa",)
    assert package.hashes == (Digest("sha256", "a" * 63 + "0"),)


def test_a_file_outside_the_repository_is_a_problem() -> None:
    raw = uv_lock().replace(
        f'url = "https://{FILES}/packages/tool/tool-2.1.tar.gz"'.encode(), b'path = "../../tool-2.1.tar.gz"'
    )
    assert [one.rule for one in parse(raw).problems] == ["source-not-allowed"]


def test_secrets_in_addresses_are_not_kept() -> None:
    raw = uv_lock().replace(b"https://", b"https://" + b"user:word@")
    lock = parse(raw)
    assert "word" not in repr(lock)
    assert "***@" in lock.packages[0].source.url


@pytest.mark.parametrize("head", ["version = 2", 'version = "1"', "version = true", "version = 1\nrevision = 'x'"])
def test_an_unknown_version_is_a_problem_and_no_guess(head: str) -> None:
    lock = parse(uv_lock().replace(b"version = 1\nrevision = 3", head.encode(), 1))
    assert [one.rule for one in lock.problems] == ["lock-unsupported"]
    assert lock.packages == ()


def test_an_empty_file_is_a_problem() -> None:
    assert [one.rule for one in parse(b"").problems] == ["lock-malformed"]


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe",
        b"version = 1\nversion = 1\n",
        b"version = 1\n<<<<<<< ours\n",
        b"version = 1\n[[package]]\nname = 3\n",
        b"version = 1\npackage = 3\n",
        b"version = 1\npackage = [3]\n",
        b'version = 1\n[[package]]\nname = "a b"\n',
        b'version = 1\n[[package]]\nname = "\\u202egpj"\n',
        b'version = 1\n[[package]]\nname = "x"\nwheels = [1]\n',
        b'version = 1\n[[package]]\nname = "x"\ndependencies = [{ name = "" }]\n',
        b"x = " + b"[" * 5000,
        b"x = [" + b"\n[" * 5000,
        b"a." * 5000 + b"a = 1",
        b"x = 1e" + b"9" * 100 + b"\ny = " + b"9" * 6000,
        b"x" * (17 * 1024 * 1024),
    ],
)
def test_hostile_bytes_are_a_format_error(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse(raw)


def test_a_fault_names_its_line() -> None:
    with pytest.raises(FormatError) as caught:
        parse(b'version = 1\n\n[[package]]\nname = "a b"\n')
    assert caught.value.line == 3


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(uv_lock())), st.binary(max_size=4), st.integers(0, 30))
def test_a_damaged_lock_is_read_or_refused_never_a_traceback(at: int, patch: bytes, cut: int) -> None:
    raw = uv_lock()
    try:
        lock = parse(raw[:at] + patch + raw[at + cut :])
    except FormatError:
        return
    assert len(lock.packages) <= len(UV_PACKAGES) + 1
