"""pnpm-lock.yaml of versions 5, 6 and 9 is read alike, or refused."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA
from support.node_projects import lock, swap, written
from tidegate.errors import FormatError
from tidegate.formats.locks import pnpm, pnpm_keys
from tidegate.model.package import Locked, LockFile, SourceKind

TOOLS = ("pnpm7", "pnpm8", "pnpm9")


def parse(text: str, **beside: str) -> LockFile:
    names = {"workspace": "pnpm-workspace.yaml", "manifest": "package.json"}
    return pnpm.parse_with("pnpm-lock.yaml", text.encode(), {names[k]: v.encode() for k, v in beside.items()})


def data(name: str) -> LockFile:
    return pnpm.parse("pnpm-lock.yaml", (DATA / "pnpm" / name).read_bytes())


def by_name(found: LockFile) -> dict[tuple[str, str], Locked]:
    return {(one.raw_name, one.version): one for one in found.packages}


@pytest.mark.parametrize("tool", TOOLS)
def test_every_version_gives_the_same_packages(tool: str) -> None:
    found = by_name(lock(tool))
    assert set(found) == {
        ("bundler", "1.0.2"),
        ("debug", "2.6.9"),
        ("fsevents", "2.3.3"),
        ("ms", "2.0.0"),
        ("ms", "2.1.3"),
        ("once", "1.4.0"),
        ("wrappy", "1.0.2"),
    }
    assert found["bundler", "1.0.2"].alias_of == "wrappy"
    assert found["bundler", "1.0.2"].name == "wrappy"
    assert found["debug", "2.6.9"].requires == ("ms@2.0.0",)
    assert found["once", "1.4.0"].groups == ("dev",)
    assert "optional" in found["fsevents", "2.3.3"].groups
    assert found["fsevents", "2.3.3"].marker == "os=darwin"
    assert all(one.hashes[0].algorithm == "sha512" for one in found.values())
    assert all(one.source.public and one.source.kind is SourceKind.REGISTRY for one in found.values())


@pytest.mark.parametrize("tool", TOOLS)
def test_each_project_s_wishes_and_answers_are_recorded(tool: str) -> None:
    asked = {one.folder: one for one in lock(tool).asked}
    assert set(asked) == {".", "packages/a", "packages/b"}
    assert "ms@^2.1.0" in asked["."].requires
    assert asked["."].optional == ("once@^1.4.0",)
    assert ("ms", "2.1.3") in asked["."].locked
    assert asked["packages/a"].requires == ("@ws/b@workspace:*", "ms@2.0.0")


@pytest.mark.parametrize("tool", TOOLS)
def test_lines_and_directness(tool: str) -> None:
    text = written(tool)
    lines = text.splitlines()
    for package in lock(tool).packages:
        assert package.line
        assert package.name in lines[package.line - 1]
    direct = {one.raw_name for one in lock(tool).packages if one.direct}
    assert {"ms", "once", "debug", "bundler", "fsevents"} <= direct


def test_packages_that_may_run_scripts_are_known_from_lock_workspace_and_manifest() -> None:
    text = written("pnpm9")
    for found in (
        parse(text, workspace="onlyBuiltDependencies: [once]\n"),
        parse(text, workspace="allowBuilds:\n  once: true\n  ms: false\n"),
        parse(text, manifest='{"pnpm": {"onlyBuiltDependencies": ["once"]}}'),
        parse(swap(text, ("importers:", "onlyBuiltDependencies:\n  - once\n\nimporters:"))),
        pnpm.parse(
            "pnpm-lock.yaml",
            swap(written("pnpm8"), ("/once@1.4.0:\n", "/once@1.4.0:\n    requiresBuild: true\n")).encode(),
        ),
    ):
        assert [one.name for one in found.packages if one.install_script and one.name != "fsevents"] == ["once"]
    assert [one.name for one in lock("pnpm8").packages if one.install_script] == ["fsevents"]


def test_what_maintainers_say_is_kept() -> None:
    text = swap(written("pnpm9"), ("once@1.4.0:\n", "once@1.4.0:\n    deprecated: use two\n"))
    assert [one.deprecated for one in parse(text).packages if one.name == "once"] == ["use two"]


def test_folded_text_is_left_to_the_yaml_reader() -> None:
    text = swap(written("pnpm9"), ("once@1.4.0:\n", "once@1.4.0:\n    deprecated: |-\n      use\n      two\n"))
    found = parse(text)
    assert [one.deprecated for one in found.packages if one.name == "once"] == ["use\ntwo"]
    assert found.packages[0].line == parse(written("pnpm9")).packages[0].line


def test_the_forms_of_other_sources() -> None:
    found = {one.name: one for one in data("files.yaml").packages}
    assert found["my-file-package"].source.kind is SourceKind.PATH
    assert found["one-up"].source.url == ".."
    assert [p.rule for p in data("files.yaml").problems if "nameless" in p.about] == ["lock-malformed"]
    commits = {one.name: one for one in data("commits.v9.yaml").packages}
    assert commits["ansi-regex"].source.kind is SourceKind.GIT
    assert commits["ansi-regex"].source.ref == "02fa893d619d3da85411acc8fd4e2eea0e95a9d9"
    assert commits["is-number"].version == "7.0.0"
    (tarball,) = data("tarball.yaml").packages
    assert (tarball.name, tarball.source.kind) == ("@my-org/my-package", SourceKind.URL)


@pytest.mark.parametrize("name", ["peer-dependencies-advanced-rc-v6.yaml", "peer-dependencies.yaml"])
def test_peers_in_keys_are_no_part_of_a_version(name: str) -> None:
    found = data(name)
    assert not found.problems
    assert all(one.version and "(" not in one.version and "_" not in one.version for one in found.packages)


@pytest.mark.parametrize(
    ("form", "key", "named"),
    [
        (5, "/n/1.0.0_peer@2.0.0", ("n", "1.0.0")),
        (5, "/@s/n/1.0.0_@b+c@7.0.0", ("@s/n", "1.0.0")),
        (6, "/n@1.0.0(peer@2.0.0)(@s/p@1.0.0(q@1))", ("n", "1.0.0")),
        (6, "/@s/n@1.0.0", ("@s/n", "1.0.0")),
        (6, "registry.example/@s/n@1.0.0", ("@s/n", "1.0.0")),
        (9, "@s/n@1.0.0-rc.1(p@1)", ("@s/n", "1.0.0-rc.1")),
        (9, "n@file:packages/(group)/n", ("n", "")),
        (9, "n@https://code.example/n.tgz", ("n", "")),
        (6, "file:packages/n", None),
        (9, "n", None),
    ],
)
def test_names_in_keys(form: int, key: str, named: tuple[str, str] | None) -> None:
    assert pnpm_keys.named(form, pnpm_keys.base(form, key)) == named


@pytest.mark.parametrize(
    ("form", "name", "ref", "key"),
    [
        (5, "n", "1.0.0_p@1", "/n/1.0.0_p@1"),
        (5, "n", "/real/1.0.0", "/real/1.0.0"),
        (6, "n", "1.0.0(@s/p@1)", "/n@1.0.0(@s/p@1)"),
        (6, "n", "/real@1.0.0", "/real@1.0.0"),
        (6, "n", "file:packages/n", "file:packages/n"),
        (9, "n", "1.0.0(p@1)", "n@1.0.0(p@1)"),
        (9, "n", "real@1.0.0", "real@1.0.0"),
        (9, "n", "@s/real@1.0.0", "@s/real@1.0.0"),
        (9, "n", "https://code.example/@x/n.tgz", "n@https://code.example/@x/n.tgz"),
        (9, "n", "file:packages/n", "n@file:packages/n"),
    ],
)
def test_references_lead_to_keys(form: int, name: str, ref: str, key: str) -> None:
    assert pnpm_keys.target(form, name, ref) == key


@pytest.mark.parametrize("version", ["4.0", "7.0", "'9.1'", "9", "true", "[]", "x", "''"])
def test_other_versions_are_a_problem_and_no_guess(version: str) -> None:
    found = parse(f"lockfileVersion: {version}\n")
    assert [problem.rule for problem in found.problems] == ["lock-unsupported"]
    assert found.packages == ()


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "x",
        "lockfileVersion: '9.0'\npackages: []\n",
        "lockfileVersion: '9.0'\npackages:\n  a@1.0.0: x\n",
        "lockfileVersion: '9.0'\npackages:\n  a b@1.0.0: {}\n",
        "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {integrity: [x]}\n",
        "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a: [x]\n",
        "lockfileVersion: '9.0'\nlockfileVersion: '9.0'\n",
        "a: " + "[" * 100,
        "a:\n" + "".join("  " * depth + "x:\n" for depth in range(1, 200)),
        "---\na: b\n---\nc: d\n",
        "a: &a [b]\nc: *a\n" * 2,
        "\u202e",
        "<<<<<<< ours\n",
    ],
)
def test_hostile_documents_are_a_format_error(text: str) -> None:
    with pytest.raises(FormatError):
        parse(text)


def test_other_bytes_are_a_format_error() -> None:
    for raw in (b"\xff", b"a: \0", b"x" * (17 << 20)):
        with pytest.raises(FormatError):
            pnpm.parse("pnpm-lock.yaml", raw)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TOOLS), st.integers(0, 2100), st.binary(max_size=4), st.integers(0, 40))
def test_a_damaged_lock_is_read_or_refused_never_a_traceback(tool: str, at: int, patch: bytes, cut: int) -> None:
    raw = written(tool).encode()
    try:
        found = pnpm.parse("pnpm-lock.yaml", raw[:at] + patch + raw[at + cut :])
    except FormatError:
        return
    assert len(found.packages) <= 14


def test_a_large_lock_is_read_in_time() -> None:
    entry = "\n  p{0}@1.0.{0}:\n    resolution: {{integrity: sha512-{1}==}}\n    engines: {{node: '>=18'}}\n"
    need = "\n  p{0}@1.0.{0}:\n    dependencies:\n      p{1}: 1.0.{1}\n"
    packages = "".join(entry.format(number, "A" * 86) for number in range(5000))
    snapshots = "".join(need.format(number, (number * 7 + 1) % 5000) for number in range(5000))
    begun = time.process_time()
    found = parse(f"lockfileVersion: '9.0'\n\npackages:\n{packages}\nsnapshots:\n{snapshots}")
    assert time.process_time() - begun < 2.0
    assert (len(found.packages), found.problems) == (5000, ())
