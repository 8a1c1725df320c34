"""Version 1 of package-lock.json is read as a tree by place, like the later ones."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA, npm_entry
from support.node_projects import lock, manifests, written
from tidegate.errors import FormatError
from tidegate.formats.locks import package_lock
from tidegate.model.package import Locked, LockFile, SourceKind


def parse(dependencies: object, manifest: str = "", **more: object) -> LockFile:
    raw = json.dumps({"lockfileVersion": 1, "dependencies": dependencies, **more}, indent=2).encode()
    beside = {"package.json": manifest.encode()} if manifest else {}
    return package_lock.parse_with("package-lock.json", raw, beside)


def data(name: str) -> LockFile:
    return package_lock.parse("package-lock.json", (DATA / "package_lock" / name).read_bytes())


def one(**entry: object) -> Locked:
    (found,) = parse({"x": entry}).packages
    return found


def test_it_gives_what_the_later_versions_give() -> None:
    old, new = lock("npm1"), lock("npm3")

    def plain(found: LockFile) -> set[tuple[str, str, tuple[str, ...]]]:
        local = {SourceKind.PATH, SourceKind.WORKSPACE}
        kept = [package for package in found.packages if package.source.kind not in local]
        return {(package.raw_name, package.version, package.requires) for package in kept}

    assert plain(old) == plain(new)
    assert (old.format, old.version, new.version) == ("package-lock.json v1", "1", "3")
    assert {one.raw_name for one in old.packages if one.direct} == {"bundler", "fsevents", "ms", "once"}
    assert [one.groups for one in old.packages if one.raw_name == "once"] == [("dev",)]


def test_lines_are_those_of_the_entries_however_deep() -> None:
    lines = written("npm1").splitlines()
    found = [package for package in lock("npm1").packages if package.name == "ms"]
    assert len({package.line for package in found}) == len(found) == 3
    for package in lock("npm1").packages:
        assert package.line
        assert f'"{package.raw_name}": {{' in lines[package.line - 1]


def test_nested_dependencies_are_found_from_the_inside_out() -> None:
    found = data("nested-dependencies.v1.json")
    assert {(one.name, one.version) for one in found.packages} == {
        ("postcss", "6.0.23"),
        ("postcss", "7.0.16"),
        ("postcss-calc", "7.0.1"),
        ("supports-color", "5.5.0"),
        ("supports-color", "6.1.0"),
    }


@pytest.mark.parametrize(
    ("version", "kind", "ref"),
    [
        ("1.0.0", SourceKind.REGISTRY, ""),
        ("npm:real@1.0.0", SourceKind.REGISTRY, ""),
        (f"git+ssh://git@git.example/x.git#{'a' * 40}", SourceKind.GIT, "a" * 40),
        (f"github:o/x#{'a' * 40}", SourceKind.GIT, "a" * 40),
        ("gitlab:o/x#main", SourceKind.GIT, "main"),
        ("file:../x", SourceKind.PATH, ""),
        ("https://code.example/x-1.0.0.tgz", SourceKind.REGISTRY, ""),
        ("what:ever", SourceKind.UNKNOWN, ""),
    ],
)
def test_the_version_says_where_it_comes_from(version: str, kind: SourceKind, ref: str) -> None:
    source = one(version=version).source
    assert (source.kind, source.ref) == (kind, ref)


def test_an_alias_keeps_the_real_name() -> None:
    found = one(version="npm:@s/real@1.2.3")
    assert (found.raw_name, found.name, found.version, found.alias_of) == ("x", "@s/real", "1.2.3", "@s/real")


def test_an_alias_is_told_only_where_the_manifest_is_known() -> None:
    entry = {"x": {"version": "npm:real@1.2.3"}}
    assert parse(entry).problems == ()
    assert [one.rule for one in parse(entry, '{"dependencies": {"x": "^1.0.0"}}').problems] == ["url-mismatch"]
    assert parse(entry, '{"dependencies": {"x": "npm:real@1"}}').problems == ()


def test_what_is_bundled_needs_a_hashed_package_above() -> None:
    inner = {"y": {"version": "1.0.0", "bundled": True}}
    for entry, kind in (
        (npm_entry("x", "1.0.0", dependencies=inner), SourceKind.BUNDLED),
        ({"version": "1.0.0", "dependencies": inner}, SourceKind.REGISTRY),
    ):
        assert [one.source.kind for one in parse({"x": entry}).packages if one.name == "y"] == [kind]
    assert [one.source.kind for one in parse(inner).packages] == [SourceKind.REGISTRY]


def test_version_2_without_its_new_half_is_malformed_and_read_all_the_same() -> None:
    found = data("commits.v1.json")
    assert [problem.rule for problem in found.problems] == ["lock-malformed"]
    assert found.packages


@pytest.mark.parametrize(
    "dependencies",
    [
        [],
        {"x": 1},
        {"x": {"version": 1}},
        {"x": {"version": "1.0.0", "dependencies": []}},
        {"a b": {"version": "1.0.0"}},
    ],
)
def test_hostile_documents_are_a_format_error(dependencies: object) -> None:
    with pytest.raises(FormatError):
        parse(dependencies)


def test_a_broken_manifest_beside_it_is_a_format_error() -> None:
    with pytest.raises(FormatError):
        parse({}, "[]")
    with pytest.raises(FormatError):
        parse({}, "{")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1900), st.binary(max_size=4), st.integers(0, 40))
def test_a_damaged_lock_is_read_or_refused_never_a_traceback(at: int, patch: bytes, cut: int) -> None:
    raw = written("npm1").encode()
    beside = {"package.json": str(manifests("npm1")["package.json"]).encode()}
    try:
        found = package_lock.parse_with("package-lock.json", raw[:at] + patch + raw[at + cut :], beside)
    except FormatError:
        return
    assert len(found.packages) <= 12
