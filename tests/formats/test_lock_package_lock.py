"""package-lock.json is read by place in the tree, or refused."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA, NPM, Entry, npm_entry, npm_lock, npm_tree, sri
from tidegate.errors import FormatError
from tidegate.formats.locks import npm_tree as tree
from tidegate.formats.locks import package_lock
from tidegate.model.package import Locked, LockFile, SourceKind


def parse(raw: bytes, path: str = "package-lock.json") -> LockFile:
    return package_lock.parse(path, raw)


def packages(lock: LockFile) -> dict[tuple[str, str], Locked]:
    return {(one.name, one.version): one for one in lock.packages}


def one(entry: Mapping[str, object], name: str = "x", spec: str = "*") -> LockFile:
    return parse(npm_lock({"": {"dependencies": {name: spec}}, f"node_modules/{name}": entry}))


def test_both_names_are_read() -> None:
    assert package_lock.matches("a/package-lock.json")
    assert package_lock.matches("npm-shrinkwrap.json")
    assert not package_lock.matches("my-package-lock.json")


def test_the_whole_tree_is_read() -> None:
    lock = parse(npm_lock())
    found = packages(lock)
    assert set(found) == {
        ("member", "0.1.0"),
        ("left", "1.2.3"),
        ("right", "2.0.0"),
        ("right", "3.0.0"),
        ("real", "4.5.6"),
        ("@s/scoped", "2.0.1"),
        ("inner", "0.1.0"),
        ("tool", "1.9.9"),
    }
    left = found["left", "1.2.3"]
    assert (left.source.host, left.source.public, left.licence, left.requires) == (NPM, True, "MIT", ("right@2.0.0",))
    assert found["tool", "1.9.9"].requires == ("right@3.0.0",)
    assert found["tool", "1.9.9"].install_script
    assert found["tool", "1.9.9"].groups == ("dev",)
    assert found["inner", "0.1.0"].source.kind is SourceKind.BUNDLED
    assert found["member", "0.1.0"].source.kind is SourceKind.WORKSPACE
    assert not lock.problems


def test_directness_and_lines() -> None:
    raw = npm_lock()
    found = packages(parse(raw))
    assert {name for (name, _), one in found.items() if one.direct} == {"left", "real", "@s/scoped", "tool"}
    lines = raw.decode().splitlines()
    for package in found.values():
        assert package.line
        assert package.raw_name.rpartition("/")[2] in lines[package.line - 1]


def test_an_alias_keeps_the_real_name() -> None:
    found = packages(parse(npm_lock()))["real", "4.5.6"]
    assert (found.raw_name, found.alias_of, found.purl) == ("alias", "real", "pkg:npm/real@4.5.6")


def test_an_alias_nobody_asked_for_is_a_problem() -> None:
    lock = parse((DATA / "package_lock/alias.v2.json").read_bytes())
    assert [(problem.rule, "babel-code-frame" in problem.about) for problem in lock.problems] == [
        ("url-mismatch", True)
    ]
    assert len(lock.packages) == 3


def test_what_each_manifest_asked_for_is_recorded() -> None:
    lock = parse(npm_lock(), "web/package-lock.json")
    assert [(asked.folder, asked.requires) for asked in lock.asked] == [
        ("web", ("@s/scoped@~2.0.0", "alias@npm:real@^4.0.0", "left@^1.2.0")),
        ("web/packages/member", ("left@>=1",)),
    ]
    assert lock.asked[0].optional == ("tool@1.x",)


def test_a_dependency_the_tree_does_not_hold_is_a_problem() -> None:
    entries = npm_tree()
    del entries["node_modules/tool"]
    (problem,) = parse(npm_lock(entries)).problems
    assert problem.rule == "lock-stale"
    assert problem.message.endswith("the lock does not hold it")


def test_optional_and_peer_dependencies_may_be_absent() -> None:
    entries = {"": {"optionalDependencies": {"x": "1"}, "peerDependencies": {"y": "1"}}}
    assert parse(npm_lock(entries)).problems == ()


@pytest.mark.parametrize(
    ("resolved", "kind", "ref"),
    [
        (None, SourceKind.REGISTRY, ""),
        (f"https://{NPM}/x/-/x-1.0.0.tgz", SourceKind.REGISTRY, ""),
        ("https://registry.example/x/-/x-1.0.0.tgz", SourceKind.REGISTRY, ""),
        ("git+ssh://git@git.example/o/x.git#" + "a" * 40, SourceKind.GIT, "a" * 40),
        ("git://git.example/o/x.git#main", SourceKind.GIT, "main"),
        ("file:../x.tgz", SourceKind.PATH, ""),
        ("x:y", SourceKind.UNKNOWN, ""),
        ("../x", SourceKind.UNKNOWN, ""),
    ],
)
def test_each_kind_of_source(resolved: str | None, kind: SourceKind, ref: str) -> None:
    entry: dict[str, object] = {"version": "1.0.0", "integrity": sri()}
    if resolved is not None:
        entry["resolved"] = resolved
    source = one(entry).packages[0].source
    assert (source.kind, source.ref) == (kind, ref)
    assert source.public is (resolved is None or NPM in resolved)


def test_an_address_the_manifest_asked_for_is_no_registry() -> None:
    entry = {"version": "1.0.0", "resolved": "https://code.example/x.tgz", "integrity": sri()}
    assert one(entry, spec="https://code.example/x.tgz").packages[0].source.kind is SourceKind.URL


def test_a_bundle_needs_a_hashed_package_that_bundles_it() -> None:
    bare: dict[str, object] = {"version": "1.0.0", "inBundle": True}
    assert one(bare).packages[0].source.kind is SourceKind.REGISTRY
    entries = npm_tree()
    del entries["node_modules/@s/scoped"]["integrity"]
    assert packages(parse(npm_lock(entries)))["inner", "0.1.0"].source.kind is SourceKind.REGISTRY
    entries = npm_tree()
    del entries["node_modules/@s/scoped"]["bundleDependencies"]
    assert packages(parse(npm_lock(entries)))["inner", "0.1.0"].source.kind is SourceKind.REGISTRY


@pytest.mark.parametrize(
    ("target", "rule"),
    [("../outside", "source-not-allowed"), ("/abs", "source-not-allowed"), ("packages/gone", "lock-malformed")],
)
def test_a_link_leads_to_a_folder_the_lock_describes(target: str, rule: str) -> None:
    entries = npm_tree()
    entries["node_modules/member"]["resolved"] = target
    assert rule in [problem.rule for problem in parse(npm_lock(entries)).problems]


@pytest.mark.parametrize("key", ["node_modules/../../evil", "node_modules//x", "node_modules/x/../y", "./x", "a\\b"])
def test_a_place_outside_the_tree_is_a_problem(key: str) -> None:
    entries = npm_tree()
    entries[key] = npm_entry("x", "1.0.0")
    lock = parse(npm_lock(entries))
    assert [problem.rule for problem in lock.problems] == ["lock-malformed"]
    assert "x" not in {package.name for package in lock.packages}


@pytest.mark.parametrize(
    ("written", "good", "bad"),
    [
        (sri(1), 1, 0),
        (f"{sri(1, 'sha1')} {sri(2)}", 2, 0),
        ("sha512-AAAA", 0, 1),
        ("sha512-" + "!" * 88, 0, 1),
        ("md5000-AAAA", 0, 1),
        (sri(1) + "?option", 1, 0),
        ("", 0, 0),
    ],
)
def test_integrity_is_told_from_what_only_looks_like_it(written: str, good: int, bad: int) -> None:
    found = one({"version": "1.0.0", "integrity": written}).packages[0]
    assert (len(found.hashes), len(found.bad_hashes)) == (good, bad)


def test_the_two_halves_of_a_version_2_lock_agree() -> None:
    entries: dict[str, Entry] = {"": {"dependencies": {"x": "*"}}, "node_modules/x": npm_entry("x", "1.0.0")}
    for change, problems in (({}, 0), ({"version": "1.0.1"}, 1), ({"resolved": "https://evil.example/x.tgz"}, 1)):
        old = {"x": {**npm_entry("x", "1.0.0"), **change}}
        lock = parse(npm_lock(entries, lockfileVersion=2, dependencies=old))
        assert [problem.rule for problem in lock.problems] == ["lock-malformed"] * problems


@pytest.mark.parametrize("version", [None, 0, 4, "3", True, 3.0, [3]])
def test_only_versions_1_to_3_are_read(version: object) -> None:
    assert [problem.rule for problem in parse(npm_lock(lockfileVersion=version)).problems] == ["lock-unsupported"]


def test_a_lock_without_its_own_manifest_is_a_problem() -> None:
    assert [problem.rule for problem in parse(npm_lock({})).problems] == ["lock-malformed"]


@pytest.mark.parametrize("licence", [{"type": "MIT"}, ["MIT"], [{"type": "MIT"}]])
def test_old_forms_of_a_licence(licence: object) -> None:
    assert one({**npm_entry("x", "1.0.0"), "license": licence}).packages[0].licence == "MIT"


@pytest.mark.parametrize(
    "raw",
    [
        b"null",
        b"[]",
        b'{"lockfileVersion": 3, "lockfileVersion": 3}',
        npm_lock().replace(b'"node_modules/tool"', b'"node_modules/left"'),
        npm_lock({"": {"dependencies": []}}),
        npm_lock({"": {"dependencies": {"x": 1}}}),
        npm_lock({"": 1}),  # type: ignore[dict-item]
        json.dumps({"lockfileVersion": 3, "packages": []}).encode(),
        npm_lock({"": {}, "node_modules/x": {"version": 1}}),
        npm_lock({"": {}, "node_modules/x": {"resolved": ["a"]}}),
        npm_lock({"": {}, "node_modules/x": {"name": "a b"}}),
        npm_lock({"": {}, "node_modules/\u202ex": {"version": "1.0.0"}}),
        npm_lock(dependencies={"x": 1}, lockfileVersion=2),
        b'{"lockfileVersion": 3, "packages": {"a": ' + b'{"a": ' * 5000,
        b"<<<<<<< ours\n" + npm_lock(),
        b"\xff",
    ],
)
def test_hostile_documents_are_a_format_error(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse(raw)


RAW = npm_lock()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(RAW)), st.binary(max_size=4), st.integers(0, 30))
def test_a_damaged_lock_is_read_or_refused_never_a_traceback(at: int, patch: bytes, cut: int) -> None:
    try:
        lock = parse(RAW[:at] + patch + RAW[at + cut :])
    except FormatError:
        return
    assert len(lock.packages) <= 9


def test_node_finds_packages_from_the_inside_out() -> None:
    entries: dict[str, dict[str, object]] = {
        "node_modules/a/node_modules/b": {},
        "node_modules/b": {},
        "apps/web/node_modules/c": {},
        "node_modules/c": {},
    }
    assert tree.find(entries, "node_modules/a", "b") == "node_modules/a/node_modules/b"
    assert tree.find(entries, "node_modules/a/node_modules/b", "b") == "node_modules/a/node_modules/b"
    assert tree.find(entries, "apps/web", "c") == "apps/web/node_modules/c"
    assert tree.find(entries, "apps/web", "b") == "node_modules/b"
    assert tree.find(entries, "", "c") == "node_modules/c"
    assert tree.find(entries, "apps/web", "d") is None


def test_a_project_linked_into_its_own_tree_is_no_fault() -> None:
    raw = npm_lock(
        {"": {"name": "e", "devDependencies": {"e": "file:."}}, "node_modules/e": {"resolved": "", "link": True}}
    )
    read = package_lock.parse("package-lock.json", raw)
    assert (read.problems, read.packages) == ((), ())
