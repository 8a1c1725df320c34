"""yarn.lock in either form is read by what its entries answer, or refused."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA, YARN
from support.node_projects import lock, swap, written
from tidegate.errors import FormatError
from tidegate.formats.locks import yarn
from tidegate.model.package import Locked, LockFile, SourceKind

HEAD = "# yarn lockfile v1\n\n\n"
META = "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"


def parse(text: str) -> LockFile:
    return yarn.parse("yarn.lock", text.encode())


def data(name: str) -> LockFile:
    return yarn.parse("yarn.lock", (DATA / "yarn" / name).read_bytes())


def by_name(found: LockFile) -> dict[tuple[str, str], Locked]:
    return {(one.raw_name, one.version): one for one in found.packages}


def one(pattern: str, *lines: str) -> Locked:
    (found,) = parse(HEAD + f"{pattern}:\n" + "".join(f"  {line}\n" for line in lines)).packages
    return found


def test_yarn_1_records_what_each_entry_answers() -> None:
    found = lock("yarn1")
    packages = by_name(found)
    assert found.format == "yarn.lock"
    assert set(found.answers) >= {"ms@^2.1.0", "ms@2.0.0", "bundler@npm:wrappy@^1.0.0", "wrappy@1"}
    assert packages["bundler", "1.0.2"].alias_of == "wrappy"
    assert packages["debug", "2.6.9"].requires == ("ms@2.0.0",)
    assert packages["ms", "2.1.3"].source.host == YARN
    assert packages["ms", "2.1.3"].urls == (f"https://{YARN}/ms/-/ms-2.1.3.tgz",)
    assert [digest.algorithm for digest in packages["ms", "2.1.3"].hashes] == ["sha512"]
    assert packages["ms", "2.1.3"].wishes == ("ms@^2.1.0",)
    assert {one.raw_name for one in found.packages if one.direct} == {"bundler", "debug", "fsevents", "ms", "once"}


def test_yarn_4_records_projects_and_archives() -> None:
    found = lock("yarn4")
    packages = by_name(found)
    assert (found.format, found.version) == ("yarn.lock berry", "10")
    assert {asked.folder for asked in found.asked} == {".", "packages/a", "packages/b"}
    root = next(asked for asked in found.asked if asked.folder == ".")
    assert root.ungrouped
    assert set(root.requires) == {"bundler@npm:wrappy@^1.0.0", "fsevents@^2.3.0", "ms@^2.1.0", "once@^1.4.0"}
    assert ("ms", "2.1.3") in root.locked
    assert packages["bundler", "1.0.2"].alias_of == "wrappy"
    assert packages["wrappy", "1.0.2"].hashes_of == "Yarn's archive 10c0"
    assert packages["@ws/b", "0.0.0-use.local"].source.kind is SourceKind.WORKSPACE
    patched = [one for one in found.packages if one.name == "fsevents"]
    assert {one.marker for one in patched} == {"os=darwin"}
    assert [problem.rule for problem in found.problems] == ["package-unhashed"]


def test_development_is_told_where_no_other_manifest_can_ask() -> None:
    lines = 'version "1.0.0"\n  integrity sha512-x'
    text = (
        HEAD
        + f'a@1:\n  {lines}\n  dependencies:\n    c "1"\n\nb@1:\n  {lines}\n  dependencies:\n    c "1"\n    d "1"\n'
    )
    text += f"\nc@1:\n  {lines}\n\nd@1:\n  {lines}\n"
    for workspaces, groups in (("", {"b", "d"}), (', "workspaces": ["x"]', set())):
        manifest = f'{{"dependencies": {{"a": "1"}}, "devDependencies": {{"b": "1"}}{workspaces}}}'
        found = yarn.parse_with("yarn.lock", text.encode(), {"package.json": manifest.encode()})
        assert {package.name for package in found.packages if package.groups == ("dev",)} == groups
    berry = META + "".join(
        f'"{name}@npm:1":\n  version: 1.0.0\n  resolution: "{name}@npm:1.0.0"\n' for name in ("a", "b")
    )
    manifest = '{"dependencies": {"a": "1"}, "devDependencies": {"b": "1"}}'
    found = yarn.parse_with("yarn.lock", berry.encode(), {"package.json": manifest.encode()})
    assert {package.name for package in found.packages if package.groups == ("dev",)} == {"b"}


def test_lines_are_those_of_the_entries() -> None:
    for tool in ("yarn1", "yarn4"):
        lines = written(tool).splitlines()
        for package in lock(tool).packages:
            assert package.line
            assert package.raw_name in lines[package.line - 1]


@pytest.mark.parametrize(
    ("pattern", "resolved", "kind", "ref"),
    [
        ("x@^1.0.0", f"https://{YARN}/x/-/x-1.0.0.tgz#{'a' * 40}", SourceKind.REGISTRY, ""),
        ("x@^1.0.0", f"https://mirror.example/x/-/x-1.0.0.tgz#{'a' * 40}", SourceKind.REGISTRY, ""),
        ('"x@https://code.example/x.tgz"', f"https://code.example/x.tgz#{'a' * 40}", SourceKind.URL, ""),
        ("x@o/x", f"https://codeload.github.com/o/x/tar.gz/{'a' * 40}", SourceKind.GIT, "a" * 40),
        (
            '"x@gitlab:o/x"',
            f"https://gitlab.com/o/x/repository/archive.tar.gz?ref={'a' * 40}",
            SourceKind.GIT,
            "a" * 40,
        ),
        ('"x@https://github.com/o/x"', f"https://github.com/o/x#{'a' * 40}", SourceKind.GIT, "a" * 40),
        ('"x@git+ssh://git@git.example/x"', f"git+ssh://git@git.example/x.git#{'a' * 40}", SourceKind.GIT, "a" * 40),
        ('"x@git+ssh://git@git.example/x"', "git+ssh://git@git.example/x.git#main", SourceKind.GIT, "main"),
        ('"x@file:./x.tgz"', f"file:./x.tgz#{'a' * 40}", SourceKind.PATH, ""),
        ("x@^1.0.0", f"x-1.0.0.tgz#{'a' * 40}", SourceKind.UNKNOWN, ""),
    ],
)
def test_each_kind_of_source_of_yarn_1(pattern: str, resolved: str, kind: SourceKind, ref: str) -> None:
    source = one(pattern, 'version "1.0.0"', f'resolved "{resolved}"').source
    assert (source.kind, source.ref) == (kind, ref)


@pytest.mark.parametrize("local", ["link:./x", "file:./x", "portal:./x"])
def test_a_folder_has_no_address(local: str) -> None:
    found = one(f'"x@{local}"', 'version "0.0.0"', 'uid ""')
    assert (found.source.kind, found.source.url.removeprefix("file:")) == (SourceKind.PATH, "./x")


def test_sha_1_after_an_address_counts_where_there_is_nothing_better() -> None:
    resolved = f'resolved "https://{YARN}/x/-/x-1.0.0.tgz#{"a" * 40}"'
    assert [str(digest) for digest in one("x@1", 'version "1.0.0"', resolved).hashes] == [f"sha1:{'a' * 40}"]
    broken = f'resolved "https://{YARN}/x/-/x-1.0.0.tgz#{"z" * 40}"'
    assert one("x@1", 'version "1.0.0"', broken).bad_hashes == ("z" * 40,)


@pytest.mark.parametrize(
    ("resolution", "kind", "url"),
    [
        ("x@npm:1.0.0", SourceKind.REGISTRY, ""),
        (
            "x@npm:1.0.0::__archiveUrl=https%3A%2F%2Fart.example%2Fx-1.0.0.tgz",
            SourceKind.REGISTRY,
            "https://art.example/x-1.0.0.tgz",
        ),
        ("x@workspace:packages/x", SourceKind.WORKSPACE, "packages/x"),
        ("x@patch:x@npm%3A1.0.0#~/.yarn/patches/x.patch::version=1.0.0&hash=0", SourceKind.REGISTRY, ""),
        ("x@portal:../x::locator=g%40workspace%3Aapps%2Fg", SourceKind.PATH, "apps/g/../x"),
        ("x@file:./x.tgz#./x.tgz::hash=0&locator=g%40workspace%3A.", SourceKind.PATH, "././x.tgz"),
        (f"x@https://github.com/o/x.git#commit={'a' * 40}", SourceKind.GIT, "https://github.com/o/x.git"),
        (f"x@git@git.example:o/x.git#commit={'a' * 40}", SourceKind.GIT, "git@git.example:o/x.git"),
        ("x@https://code.example/x.tgz", SourceKind.URL, "https://code.example/x.tgz"),
        ("x@exec:./x.js", SourceKind.UNKNOWN, ""),
        ("x@virtual:abc#npm:1.0.0", SourceKind.UNKNOWN, ""),
        ("x@patch:x@patch%3Ax@patch%253Ax", SourceKind.UNKNOWN, ""),
    ],
)
def test_each_kind_of_source_of_later_yarns(resolution: str, kind: SourceKind, url: str) -> None:
    (found,) = parse(META + f'"x@*":\n  version: 1.0.0\n  resolution: "{resolution}"\n').packages
    assert (found.source.kind, found.source.url) == (kind, url)


def test_old_forms_of_later_yarns() -> None:
    found = data("with-aliases.v2.lock")
    packages = by_name(found)
    assert packages["ansi-regex-cjs", "5.0.1"].alias_of == "ansi-regex"
    assert packages["babel-hvi", "7.22.20"].name == "@babel/helper-validator-identifier"
    assert packages["ansi-regex", "6.0.1"].hashes_of == "Yarn's archive 10c0"
    assert ("domino", "2.1.6+git") in by_name(data("with-build-string.v2.lock"))
    (local,) = data("files.v2.lock").packages
    assert (local.source.kind, local.source.url) == (SourceKind.PATH, "./../../deps/my-local-package")
    assert {one.name for one in data("exclude-root.v2.lock").packages} == {"@ws/ansi-regex", "ansi-regex"}


@pytest.mark.parametrize("version", ["3", "11", "x", ""])
def test_other_versions_are_a_problem_and_no_guess(version: str) -> None:
    found = parse(f"__metadata:\n  version: {version or 'null'}\n")
    assert [problem.rule for problem in found.problems] == ["lock-unsupported"]


@pytest.mark.parametrize(
    "text",
    [
        "x",
        HEAD + "x@1\n",
        HEAD + 'x@1:\n   version "1"\n',
        HEAD + "x@1:\n  version\n",
        HEAD + '  version "1"\n',
        HEAD + 'x@1:\n    version "1"\n',
        HEAD + 'x@1:\n  version "1"\n  version "2"\n',
        HEAD + 'x@1:\n  version "1"\nx@1:\n  version "2"\n',
        HEAD + 'x@1, x@1:\n  version "1"\n\nx@1:\n  version "1"\n',
        HEAD + '"x y@1":\n  version "1"\n',
        HEAD + 'x@1:\n  version "\\x"\n',
        HEAD + 'x@1:\n\tversion "1"\n',
        META + "x: y\n",
        META + '"x@npm:1":\n  version: 1\n  resolution: "a b@npm:1"\n',
        META + '"x@npm:1":\n  version: 1\n"x@npm:1":\n  version: 1\n',
        META + '"x@npm:1":\n  version: &a 1\n',
        META + '"x@npm:1":\n  version: [1]\n  resolution: "x@npm:1"\n',
        META + "".join(f'"{key}":\n  version: 1\n  resolution: "x@npm:1"\n' for key in ("x@npm:1, x@1", "x@npm:1 ")),
        "__metadata: x\n",
    ],
)
def test_hostile_documents_are_a_format_error(text: str) -> None:
    with pytest.raises(FormatError):
        parse(text)


def test_windows_line_ends_are_read() -> None:
    for tool in ("yarn1", "yarn4"):
        assert len(parse(written(tool).replace("\n", "\r\n")).packages) == len(lock(tool).packages)


def test_a_need_nobody_answers_is_a_problem() -> None:
    (problem,) = parse(swap(written("yarn1"), ("wrappy@1:", "wrappy@2:"))).problems
    assert problem.rule == "lock-stale"
    assert problem.line


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["yarn1", "yarn4"]), st.integers(0, 2500), st.binary(max_size=4), st.integers(0, 40))
def test_a_damaged_lock_is_read_or_refused_never_a_traceback(tool: str, at: int, patch: bytes, cut: int) -> None:
    raw = written(tool).encode()
    try:
        found = yarn.parse("yarn.lock", raw[:at] + patch + raw[at + cut :])
    except FormatError:
        return
    assert len(found.packages) <= 60


@pytest.mark.parametrize(
    "form",
    [
        HEAD + '{0}@^1.0.0:\n  version "1.0.{1}"\n',
        META + '"{0}@npm:^1":\n  version: 1.0.{1}\n  resolution: "{0}@npm:1.0.{1}"\n',
    ],
)
def test_a_large_lock_is_read_in_time(form: str) -> None:
    head, entry = form.split("\n{", 1) if form.startswith(HEAD) else form.split('\n"{', 1)
    opening = "{" if form.startswith(HEAD) else '"{'
    text = head + "\n" + "\n".join((opening + entry).format(f"p{number}", number) for number in range(8000))
    begun = time.process_time()
    assert len(parse(text).packages) == 8000
    assert time.process_time() - begun < 2.0
