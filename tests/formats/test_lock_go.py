"""go.mod, go.sum and go.work are read as Go reads them, or refused."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA
from support.system_locks import GO_MOD, GO_SUM, h1
from tidegate.errors import FormatError
from tidegate.formats.cyclonedx import render
from tidegate.formats.locks import go_mod, go_work, table
from tidegate.formats.sbom_model import Bom, Component
from tidegate.model.digest import Digest
from tidegate.model.package import LockFile, SourceKind


def parse(text: str | bytes, sums: str | None = GO_SUM) -> LockFile:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return go_mod.parse_with("go.mod", raw, {} if sums is None else {"go.sum": sums.encode("utf-8", "surrogatepass")})


def test_modules_come_with_version_digest_and_line() -> None:
    lock = parse(GO_MOD)
    left, right, old = lock.packages
    assert (left.purl, left.direct, left.line) == ("pkg:golang/example.com/left@v1.2.3", True, 8)
    assert left.hashes == (Digest("h1", "00" * 32),)
    assert left.source.public
    assert (right.name, right.direct) == ("example.com/Right/v2", False)
    assert (old.version, old.direct) == ("v3.0.0+incompatible", False)
    assert (lock.version, lock.problems) == ("1.22", ())


def test_a_fork_is_named_by_what_it_is() -> None:
    [left, *_] = parse(GO_MOD + "replace example.com/left v1.2.3 => fork.example/left v1.2.4\n").packages
    assert (left.name, left.raw_name, left.version, left.alias_of) == (
        "fork.example/left",
        "example.com/left",
        "v1.2.4",
        "fork.example/left",
    )


def test_a_replacement_of_one_version_counts_for_no_other_and_before_that_of_all() -> None:
    [left, *_] = parse(GO_MOD + "replace example.com/left v1.0.0 => fork.example/left v1.2.4\n").packages
    assert left.name == "example.com/left"
    both = (
        "replace example.com/left => a.example/left v1.0.0\nreplace example.com/left v1.2.3 => b.example/left v1.0.0\n"
    )
    assert parse(GO_MOD + both).packages[0].name == "b.example/left"


def test_a_replacement_by_a_newer_version_keeps_the_name() -> None:
    [left, *_] = parse(GO_MOD + "replace (\n\texample.com/left => example.com/left v1.9.0\n)\n").packages
    assert (left.name, left.version, left.alias_of, left.hashes) == ("example.com/left", "v1.9.0", "", ())


def test_a_folder_in_its_place_is_a_path() -> None:
    [left, *_] = parse(GO_MOD + 'replace example.com/left => "./third party/left"\n').packages
    assert (left.source.kind, left.source.url) == (SourceKind.PATH, "./third party/left")


def test_before_go_1_17_the_rest_is_read_from_go_sum() -> None:
    sums = (
        GO_SUM
        + f"example.com/deep v0.1.0 {h1(4)}\nexample.com/deep v0.2.0 {h1(5)}\nexample.com/no v1.0.0/go.mod {h1(6)}\n"
    )
    lock = parse(GO_MOD.replace("go 1.22", "go 1.16"), sums)
    assert [(one.name, one.version) for one in lock.packages[3:]] == [
        ("example.com/deep", "v0.1.0"),
        ("example.com/deep", "v0.2.0"),
    ]
    assert [one.rule for one in lock.problems] == ["lock-uncompared"]


def test_a_real_go_mod_is_read() -> None:
    lock = parse((DATA / "go/indirect-packages.mod").read_bytes(), None)
    assert {(one.name, one.version) for one in lock.packages} == {
        ("github.com/BurntSushi/toml", "v1.0.0"),
        ("gopkg.in/yaml.v2", "v2.4.0"),
        ("github.com/mattn/go-colorable", "v0.1.9"),
        ("github.com/mattn/go-isatty", "v0.0.14"),
        ("golang.org/x/sys", "v0.0.0-20210630005230-0f9fa26af87c"),
    }
    assert sum(one.direct for one in lock.packages) == 2


def test_the_files_that_complete_it_are_beside_and_above() -> None:
    assert table.companions("a/b/go.mod") == (
        "a/b/go.sum",
        "a/b/vendor/modules.txt",
        "a/b/go.work.sum",
        "a/go.work.sum",
        "go.work.sum",
    )
    assert table.companions("go.work") == ("go.work.sum",)


def test_go_s_digest_is_strong_and_no_file_s_sha256() -> None:
    digest = parse(GO_MOD).packages[0].hashes[0]
    assert digest.strong
    assert not digest.matches(Digest("sha256", digest.value))
    bom = render(Bom(Component("app", "application", "app", "1", hashes=(digest,)), (), (), (), "1"))
    assert digest.value not in bom


REFUSED = {
    "a require of one word": "require example.com/left\n",
    "a require of three words": "require example.com/left v1.0.0 x\n",
    "a path of another script": "require ex\u00e4mple.com/left v1.0.0\n",
    "a path that reorders text": "require example.com/\u202eleft v1.0.0\n",
    "a path that climbs": "require example.com/../left v1.0.0\n",
    "a hidden path": "require example.com/.left v1.0.0\n",
    "an open block": "require (\n\texample.com/left v1.0.0\n",
    "a block on one line": "require ( example.com/left v1.0.0 )\n",
    "a replacement by nothing": "replace example.com/left =>\n",
    "a replacement without arrow": "replace example.com/left v1.0.0\n",
    "another module without version": "replace example.com/left => fork.example/left\n",
    "an open string": 'require "example.com/left v1.0.0\n',
    "merge conflict markers": "<<<<<<< ours\n" + GO_MOD,
    "a long line": "// " + "x" * 30_000 + "\n",
    "many lines": "\n" * 300_000,
    "NUL": GO_MOD + "\0",
    "half a character": "\ud800",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_go_mod_is_refused(name: str) -> None:
    with pytest.raises(FormatError):
        parse(REFUSED[name])


def test_a_workspace_names_its_modules() -> None:
    lock = go_work.parse("go.work", b"go 1.22\n\nuse (\n\t.\n\t./a // the first\n)\n\ntoolchain go1.22.1\n")
    assert (lock.includes, lock.version, lock.problems) == (("go.mod", "a/go.mod"), "1.22", ())
    odd = go_work.parse("go.work", b"go 1.22\nusing ./a\n")
    assert [one.rule for one in odd.problems] == ["lock-malformed"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused(raw: bytes, sums: bytes) -> None:
    with contextlib.suppress(FormatError):
        assert isinstance(go_mod.parse_with("go.mod", raw, {"go.sum": sums, "vendor/modules.txt": sums}), LockFile)
    with contextlib.suppress(FormatError):
        assert isinstance(go_work.parse_with("go.work", raw, {"go.work.sum": sums}), LockFile)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GO_MOD)), st.integers(0, 40), st.text(max_size=12))
def test_a_mutated_go_mod_is_read_or_refused(at: int, cut: int, insert: str) -> None:
    with contextlib.suppress(FormatError):
        lock = parse(GO_MOD[:at] + insert + GO_MOD[at + cut :])
        assert all(one.purl.startswith("pkg:golang/") for one in lock.packages)
