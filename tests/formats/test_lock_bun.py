"""bun.lock is read by place in the tree, or refused."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA
from support.node_projects import lock, swap, written
from tidegate.errors import FormatError
from tidegate.formats.locks import bun
from tidegate.model.package import Locked, LockFile, SourceKind


def parse(text: str) -> LockFile:
    return bun.parse("bun.lock", text.encode())


def data(name: str) -> LockFile:
    return bun.parse("bun.lock", (DATA / "bun" / name).read_bytes())


def entry(written_entry: str, asked: str = "*") -> Locked:
    workspace = f'"workspaces": {{"": {{"dependencies": {{"x": "{asked}"}}}}}}'
    (found,) = parse(f'{{"lockfileVersion": 1, {workspace}, "packages": {{"x": {written_entry}}}}}').packages
    return found


def test_the_whole_tree_is_read() -> None:
    found = lock("bun")
    places = {(one.raw_name, one.version, one.requires) for one in found.packages}
    assert places >= {
        ("bundler", "1.0.2", ()),
        ("debug", "2.6.9", ("ms@2.0.0",)),
        ("ms", "2.1.3", ()),
        ("ms", "2.0.0", ()),
        ("once", "1.4.0", ("wrappy",)),
    }
    assert not found.problems
    assert [one.marker for one in found.packages if one.name == "fsevents"] == ["os=darwin"]
    assert {one.raw_name for one in found.packages if one.groups == ("dev",)} == {"once"}
    assert {asked.folder for asked in found.asked} == {".", "packages/a", "packages/b"}


def test_nested_places_are_found_from_the_inside_out() -> None:
    found = data("nested-dependencies.json5")
    needs = {(one.name, one.version): one.requires for one in found.packages}
    assert needs["supports-color", "5.5.0"] == ("has-flag@3.0.0",)
    assert needs["supports-color", "7.2.0"] == ("has-flag@4.0.0",)
    assert needs["chalk", "4.1.2"] == ("ansi-styles", "supports-color@7.2.0")


def test_lines_are_those_of_the_entries() -> None:
    lines = written("bun").splitlines()
    for package in lock("bun").packages:
        assert package.line
        assert f"{package.name}@" in lines[package.line - 1]


def test_commits_keep_what_bun_wrote() -> None:
    refs = {one.raw_name: one.source for one in data("commits.json5").packages if one.source.kind is SourceKind.GIT}
    assert (refs["is-number-1"].host, refs["is-number-1"].ref) == ("github.com", "98e8ff1")
    assert refs["babel-preset-php"].ref == "1ae6dc1267500360b411ec711b8aeac8c68b2246"


@pytest.mark.parametrize(
    ("written_entry", "kind"),
    [
        ('["x@1.0.0", "", {}, "sha512-x"]', SourceKind.REGISTRY),
        ('["x@1.0.0", "https://art.example/x/-/x-1.0.0.tgz", {}, "sha512-x"]', SourceKind.REGISTRY),
        ('["x@workspace:packages/x"]', SourceKind.WORKSPACE),
        ('["x@file:x", {}]', SourceKind.PATH),
        ('["x@link:./x", {}]', SourceKind.PATH),
        ('["x@./x.tgz", {}, "sha512-x"]', SourceKind.PATH),
        ('["x@https://code.example/x.tgz", {}, "sha512-x"]', SourceKind.URL),
        ('["x@github:o/x#0123456", {}, "o-x-0123456"]', SourceKind.GIT),
        ('["x@git+ssh://git@git.example/x#0123456", {}, "0123456"]', SourceKind.GIT),
        ('["x@latest", "", {}, "sha512-x"]', SourceKind.REGISTRY),
        ('["x@what:ever", {}]', SourceKind.UNKNOWN),
    ],
)
def test_each_kind_of_source(written_entry: str, kind: SourceKind) -> None:
    assert entry(written_entry).source.kind is kind


def test_an_alias_nobody_asked_for_is_a_problem() -> None:
    found = parse(swap(written("bun"), ('"bundler": ["wrappy@', '"bundler": ["evil@')))
    assert [problem.rule for problem in found.problems] == ["url-mismatch"]
    catalog = swap(
        written("bun"),
        ('"bundler": "npm:wrappy@^1.0.0"', '"bundler": "catalog:"'),
        ('  "packages": {\n', '  "catalog": {\n    "bundler": "npm:wrappy@1",\n  },\n  "packages": {\n'),
    )
    assert parse(catalog).problems == ()


def test_trusted_packages_may_run_scripts() -> None:
    text = swap(
        written("bun"), ('  "packages": {\n', '  "trustedDependencies": [\n    "once",\n  ],\n  "packages": {\n')
    )
    assert [one.name for one in parse(text).packages if one.install_script] == ["once"]


def test_a_comma_in_a_text_stays() -> None:
    found = entry('["x@1.0.0", "", { "os": "darwin,}", }, "sha512-x"]')
    assert found.marker == "os=darwin,}"


@pytest.mark.parametrize("version", ["3", "-1", '"1"', "true", "1.0", "null"])
def test_other_versions_are_a_problem_and_no_guess(version: str) -> None:
    found = parse(f'{{"lockfileVersion": {version}}}')
    assert [problem.rule for problem in found.problems] == ["lock-unsupported"]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "x",
        "{",
        '{"lockfileVersion": 1, "lockfileVersion": 1}',
        '{"lockfileVersion": 1, "packages": []}',
        '{"lockfileVersion": 1, "packages": {"x": {}}}',
        '{"lockfileVersion": 1, "packages": {"x": []}}',
        '{"lockfileVersion": 1, "packages": {"x": [1]}}',
        '{"lockfileVersion": 1, "packages": {"x": ["a b@1"]}}',
        '{"lockfileVersion": 1, "packages": {"x": ["x@1.0.0", "", {}, 1]}}',
        '{"lockfileVersion": 1, "packages": {"x": ["x@1.0.0", "", {}, "", "", "", ""]}}',
        '{"lockfileVersion": 1, "packages": {"x": ["x@1.0.0", "", {"dependencies": []}, ""]}}',
        '{"lockfileVersion": 1, // a comment\n"packages": {}}',
        '{"lockfileVersion": 1, "a": ' + "[" * 5000,
    ],
)
def test_hostile_documents_are_a_format_error(text: str) -> None:
    with pytest.raises(FormatError):
        parse(text)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2100), st.binary(max_size=4), st.integers(0, 40))
def test_a_damaged_lock_is_read_or_refused_never_a_traceback(at: int, patch: bytes, cut: int) -> None:
    raw = written("bun").encode()
    try:
        found = bun.parse("bun.lock", raw[:at] + patch + raw[at + cut :])
    except FormatError:
        return
    assert len(found.packages) <= 11


def test_a_large_lock_is_read_in_time() -> None:
    line = '    "p{0}": ["p{0}@1.0.{0}", "", {{ "dependencies": {{ "p{1}": "^1.0.0", }}, }}, "sha512-x"],\n'
    packages = "\n".join(line.format(number, (number * 7 + 1) % 8000) for number in range(8000))
    begun = time.process_time()
    found = parse(f'{{\n  "lockfileVersion": 1,\n  "workspaces": {{}},\n  "packages": {{\n{packages}  }}\n}}\n')
    assert time.process_time() - begun < 2.0
    assert len(found.packages) == 8000
