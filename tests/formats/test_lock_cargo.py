"""Cargo.lock of every version is read, or refused."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA
from support.system_locks import CARGO_LOCK, CRATES, crate
from tidegate.errors import FormatError
from tidegate.formats import registries
from tidegate.formats.locks import cargo_lock
from tidegate.model.package import LockFile, SourceKind

A = "a" * 64


def parse(text: str | bytes) -> LockFile:
    return cargo_lock.parse("Cargo.lock", text.encode() if isinstance(text, str) else text)


def test_crates_come_with_source_checksum_edges_and_line() -> None:
    lock = parse(CARGO_LOCK)
    packages = {(one.name, one.version): one for one in lock.packages}
    left = packages["left", "1.2.3"]
    assert (left.purl, str(left.hashes[0])) == ("pkg:cargo/left@1.2.3", f"sha256:{A}")
    assert left.source.public
    assert left.requires == ("right@2.0.0",)
    assert left.direct
    assert packages["app", "0.1.0"].requires == ("inner", "left", "right@2.0.0", "tool", "win")
    assert packages["app", "0.1.0"].source.kind is SourceKind.WORKSPACE
    assert CARGO_LOCK.split("\n")[(left.line or 0) - 1] == "[[package]]"
    assert (lock.version, lock.problems) == ("4", ())


def test_version_1_keeps_its_checksums_apart() -> None:
    lock = parse(
        '[root]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n'
        f' "left 1.2.3 ({CRATES})",\n]\n\n[[package]]\nname = "left"\nversion = "1.2.3"\nsource = "{CRATES}"\n\n'
        f'[metadata]\n"checksum left 1.2.3 ({CRATES})" = "{A}"\n'
    )
    assert [(one.name, one.direct, len(one.hashes)) for one in lock.packages] == [("app", False, 0), ("left", True, 1)]
    assert not lock.problems
    stray = parse(f'[metadata]\n"checksum left 1.2.3 ({CRATES})" = "{A}"\n')
    assert [one.rule for one in stray.problems] == ["lock-malformed"]


def test_a_replaced_crate_is_not_built() -> None:
    git = f"git+https://git.example/left#{'0' * 40}"
    old = crate("left", "1.2.3").replace("checksum", f'replace = "left 1.2.3 ({git})"\nchecksum')
    lock = parse(f'{old}[[package]]\nname = "left"\nversion = "1.2.3"\nsource = "{git}"\n')
    assert [(one.name, one.source.kind, one.source.ref) for one in lock.packages] == [
        ("left", SourceKind.GIT, "0" * 40)
    ]
    assert not lock.problems


def test_both_addresses_of_the_public_index_are_public() -> None:
    for host in registries.public_hosts("crates.io"):
        if host.startswith("index."):
            lock = parse(crate("left", "1.2.3").replace(CRATES, f"sparse+https://{host}/"))
            assert lock.packages[0].source.public
            assert not lock.packages[0].source.url


@pytest.mark.parametrize("name", ["two-packages-with-local.lock", "package-with-build-string.lock"])
def test_real_locks_are_read(name: str) -> None:
    lock = parse((DATA / "cargo" / name).read_bytes())
    assert {(one.name, one.version) for one in lock.packages} == {
        "two-packages-with-local.lock": {("addr2line", "0.15.2"), ("local-rust-pkg", "0.1.0")},
        "package-with-build-string.lock": {("wasi", "0.10.2+wasi-snapshot-preview1")},
    }[name]
    assert all(one.hashes or one.source.kind is SourceKind.WORKSPACE for one in lock.packages)


REFUSED = {
    "no TOML": "{",
    "a name of another script": crate("l\u00e9ft", "1.0.0"),
    "a name that reorders text": crate("l\u202eeft", "1.0.0"),
    "a name that is a path": crate("../left", "1.0.0"),
    "no name": '[[package]]\nversion = "1.0.0"\n',
    "a duplicate key": crate("left", "1.0.0").replace("checksum", 'version = "1"\nchecksum'),
    "merge conflict markers": CARGO_LOCK.replace("[[package]]", "<<<<<<< ours\n[[package]]", 1),
    "packages that are no list": "package = 1\n",
    "an edge that is no text": crate("left", "1.0.0", "a", "x").replace('"x"', "1"),
    "an edge of too many words": crate("left", "1.0.0", "a", "x y z w"),
    "depth": "a = " + "[" * 5000,
    "size": "#" * (17 << 20),
    "NUL": CARGO_LOCK + "\0",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_cargo_lock_is_refused(name: str) -> None:
    with pytest.raises(FormatError):
        parse(REFUSED[name])


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(FormatError):
        parse(b"\xff\xfe")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(FormatError):
        assert isinstance(parse(raw), LockFile)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(CARGO_LOCK)), st.integers(0, 40), st.text(max_size=12))
def test_a_mutated_lock_is_read_or_refused(at: int, cut: int, insert: str) -> None:
    with contextlib.suppress(FormatError):
        lock = parse((CARGO_LOCK[:at] + insert + CARGO_LOCK[at + cut :]).encode("utf-8", "replace"))
        assert all(one.purl.startswith("pkg:cargo/") for one in lock.packages)
