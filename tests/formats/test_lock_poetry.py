"""poetry.lock of both major versions is read, or refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA
from tidegate.errors import FormatError
from tidegate.formats.locks import poetry
from tidegate.model.package import LockFile, SourceKind

V2 = (DATA / "poetry/multiple-packages.v2.lock").read_bytes()
HASH = "sha256:" + "a" * 64
META = '\n[metadata]\nlock-version = "2.1"\npython-versions = "*"\ncontent-hash = "c0ffee"\n'


def parse(raw: bytes | str) -> LockFile:
    return poetry.parse("poetry.lock", raw.encode() if isinstance(raw, str) else raw)


def entry(body: str, name: str = "x", version: str = "1.0") -> str:
    return f'[[package]]\nname = "{name}"\nversion = "{version}"\n{body}\n'


def files(*names: str) -> str:
    return "files = [" + ", ".join(f'{{file = "{name}", hash = "{HASH}"}}' for name in names) + "]"


def test_version_2_gives_packages_groups_markers_and_edges() -> None:
    lock = parse(V2)
    packages = {(one.name, one.version): one for one in lock.packages}
    assert len(packages) == 11
    assert packages["async-timeout", "5.0.1"].groups == ("optional",)
    assert packages["factory-boy", "3.3.1"].groups == ("dev",)
    assert packages["factory-boy", "3.3.1"].requires == ("faker",)
    assert "python_full_version" in packages["async-timeout", "5.0.1"].marker
    assert packages["faker", "33.3.0"].groups == ("dev", "test")
    assert all(one.source.public and not one.source.url for one in lock.packages)
    assert all(len(one.hashes) >= 2 and one.line for one in lock.packages)
    assert lock.content_hash == "ab8a643d59b9404536d1a035b0f7324ca1e2b906b5a69cf6ae8321a65efc3870"
    assert not lock.problems


def test_version_1_lists_files_by_name_for_every_version() -> None:
    lock = parse((DATA / "poetry/multi-constraint.v1.lock").read_bytes())
    assert sorted(one.version for one in lock.packages if one.name == "pathlib2") == ["2.3.5", "2.3.6", "2.3.7.post1"]
    assert all(one.hashes for one in lock.packages)
    assert not lock.problems


def test_the_oldest_form_has_bare_hashes() -> None:
    raw = entry("") + f'[metadata]\nlock-version = "1.0"\n[metadata.hashes]\nx = ["{"b" * 64}"]\n'
    assert [str(one) for one in parse(raw).packages[0].hashes] == ["sha256:" + "b" * 64]


def test_a_git_package_has_its_resolved_commit() -> None:
    source = parse((DATA / "poetry/source-git.lock").read_bytes()).packages[0].source
    assert (source.kind, source.ref) == (SourceKind.GIT, "cd66602cd29f61a2d2e7fb995fef1e61708c034d")


@pytest.mark.parametrize(
    ("kind", "url", "expected"),
    [
        ("legacy", "https://index.example/simple", SourceKind.REGISTRY),
        ("legacy", "", SourceKind.UNKNOWN),
        ("url", "https://files.example/x-1.0.tar.gz", SourceKind.URL),
        ("file", "../x-1.0.tar.gz", SourceKind.PATH),
        ("directory", "../x", SourceKind.PATH),
        ("hg", "https://hg.example/x", SourceKind.UNKNOWN),
    ],
)
def test_each_kind_of_source(kind: str, url: str, expected: SourceKind) -> None:
    raw = entry(files()) + f'[package.source]\ntype = "{kind}"\nurl = "{url}"\n' + META
    found = parse(raw).packages[0].source
    assert found.kind is expected
    assert not found.public


def test_a_file_of_another_package_or_version_is_a_problem() -> None:
    raw = entry(files("x-1.0.tar.gz", "y-1.0.tar.gz", "x-2.0-py3-none-any.whl")) + META
    assert [one.rule for one in parse(raw).problems] == ["url-mismatch", "url-mismatch"]


def test_a_file_without_hash_beside_hashed_ones_is_a_problem() -> None:
    raw = entry(files("x-1.0.tar.gz").replace("]", ', {file = "x-1.0-py3-none-any.whl"}]')) + META
    assert [one.rule for one in parse(raw).problems] == ["package-unhashed"]


def test_a_hash_that_is_none_is_kept_apart() -> None:
    package = parse(entry(files("x-1.0.tar.gz").replace(HASH, "sha256:zz")) + META).packages[0]
    assert (package.hashes, package.bad_hashes) == ((), ("sha256:zz",))


@pytest.mark.parametrize("version", ['"3.0"', '"0.9"', "2", '""'])
def test_an_unknown_version_is_a_problem_and_no_guess(version: str) -> None:
    lock = parse(entry(files()) + META.replace('"2.1"', version))
    assert [one.rule for one in lock.problems] == ["lock-unsupported"]
    assert lock.packages == ()


def test_an_empty_file_is_a_problem() -> None:
    assert [one.rule for one in parse("").problems] == ["lock-malformed"]


@pytest.mark.parametrize(
    "raw",
    [
        "package = 1" + META,
        "[[package]]\nname = 1\n" + META,
        entry("files = 1") + META,
        entry("files = [1]") + META,
        entry("source = 1") + META,
        entry("groups = 1") + META,
        entry("dependencies = 1") + META,
        entry("", name="../x") + META,
        "metadata = 1",
        META + META,
        "<<<<<<< ours\n" + META,
        "not toml",
    ],
)
def test_hostile_documents_are_a_format_error(raw: str) -> None:
    with pytest.raises(FormatError):
        parse(raw)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(V2)), st.binary(max_size=4), st.integers(0, 30))
def test_a_damaged_lock_is_read_or_refused_never_a_traceback(at: int, patch: bytes, cut: int) -> None:
    try:
        lock = parse(V2[:at] + patch + V2[at + cut :])
    except FormatError:
        return
    assert len(lock.packages) <= 11
