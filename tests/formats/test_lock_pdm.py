"""pdm.lock gives every package, its files and its groups; PDM's own digest is made anew from the manifest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA
from support.manifests import parse as manifest
from tidegate.errors import FormatError
from tidegate.formats.locks import pdm
from tidegate.model.package import LockFile, SourceKind

REAL = (DATA / "pdm/extras.lock").read_bytes()
PROJECT = (DATA / "pdm/manifest.toml").read_bytes()
META = '[metadata]\nlock_version = "4.5.1"\ncontent_hash = "sha256:x"\n'
HASH = "sha256:" + "a" * 64


def parse(raw: bytes | str, project: bytes | str = b"") -> LockFile:
    beside = {"pyproject.toml": project.encode() if isinstance(project, str) else project} if project else {}
    return pdm.parse_with("pdm.lock", raw.encode() if isinstance(raw, str) else raw, beside)


def entry(body: str = "", name: str = "x", version: str = "1.0") -> str:
    return f'{META}[[package]]\nname = "{name}"\nversion = "{version}"\n{body}\n'


def files(*names: str) -> str:
    return "files = [" + ", ".join(f'{{file = "{name}", hash = "{HASH}"}}' for name in names) + "]"


def test_a_real_lock_is_read_whole() -> None:
    lock = parse(REAL, PROJECT)
    told = {package.name: package for package in lock.packages}
    assert sorted(told) == [
        "anyio",
        "certifi",
        "h11",
        "httpcore",
        "httpx",
        "idna",
        "iniconfig",
        "packaging",
        "socksio",
        "toml",
        "typing-extensions",
    ]
    assert lock.version == "4.5.1"
    assert lock.problems == ()
    assert {name for name, one in told.items() if one.direct} == {"httpx", "idna", "iniconfig", "packaging", "toml"}
    assert {name: one.groups for name, one in told.items() if one.groups} == {
        "iniconfig": ("more",),
        "packaging": ("test-kit",),
        "toml": ("lint",),
    }
    assert told["httpx"].requires == ("anyio", "certifi", "httpcore", "idna", "socksio")
    assert told["typing-extensions"].marker == 'python_version < "3.15"'
    assert [file.name for file in told["idna"].files] == ["idna-3.20-py3-none-any.whl", "idna-3.20.tar.gz"]
    assert all(file.hashes for file in told["idna"].files)
    assert REAL.split(b"\n")[(told["idna"].line or 0) - 1] == b"[[package]]"
    assert all(one.source.public for one in told.values())


def test_the_digest_of_a_real_lock_is_made_anew() -> None:
    lock = parse(REAL)
    read = manifest("pyproject.toml", PROJECT, "pdm.lock")
    assert lock.content_hash in read.hashes_for("pdm.lock")
    assert "toml" in read.optional
    changed = manifest("pyproject.toml", PROJECT.replace(b"idna>=3", b"idna>=2"), "pdm.lock")
    assert lock.content_hash not in changed.hashes_for("pdm.lock")


GROUPS = '[dependency-groups]\nTest_Kit = ["packaging>=24"]\n'


@pytest.mark.parametrize(
    ("changes", "ways"),
    [
        ({}, 1),
        ({"lint =": "Lint_X ="}, 1),
        ({GROUPS: ""}, 1),
        ({GROUPS: "", "lint =": "Lint_X ="}, 2),
        ({GROUPS: "", "allow-prereleases = false": "overrides = {idna = '3'}"}, 2),
        ({"allow-prereleases = false": "overrides = {idna = '3'}"}, 1),
    ],
)
def test_older_ways_count_only_where_they_leave_nothing_out(changes: dict[str, str], ways: int) -> None:
    text = PROJECT.decode()
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    assert len(manifest("pyproject.toml", text, "pdm.lock").hashes_for("pdm.lock")) == ways


def test_the_digest_of_a_workspace_hangs_on_its_members_and_is_not_made() -> None:
    text = PROJECT.decode() + '[tool.pdm.workspace]\nmembers = ["a"]\n'
    assert manifest("pyproject.toml", text, "pdm.lock").hashes_for("pdm.lock") == ("",)


def test_a_git_package_has_its_commit() -> None:
    (package,) = parse((DATA / "pdm/git.lock").read_bytes()).packages
    assert (package.source.kind, package.source.host) == (SourceKind.GIT, "github.com")
    assert package.source.ref == "65bab7582ce14c55cdeec2244c65ea23039c9e6f"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('git = "https://git.example/x"\nrevision = "main"', SourceKind.GIT),
        ('hg = "https://hg.example/x"', SourceKind.UNKNOWN),
        ('url = "https://files.example/x-1.0.tar.gz"', SourceKind.URL),
        ('path = "./x-1.0.tar.gz"', SourceKind.PATH),
        ('path = "./x"\neditable = true', SourceKind.WORKSPACE),
        ("", SourceKind.REGISTRY),
    ],
)
def test_each_kind_of_source(body: str, kind: SourceKind) -> None:
    assert parse(entry(body)).packages[0].source.kind is kind


def test_files_listed_apart_belong_to_their_package() -> None:
    raw = META.replace("4.5.1", "4.2") + f'[metadata.files]\n"x 1.0" = [{{file = "x-1.0.tar.gz", hash = "{HASH}"}}]\n'
    raw += '[[package]]\nname = "x"\nversion = "1.0"\n'
    (package,) = parse(raw).packages
    assert [str(digest) for digest in package.hashes] == [HASH]


INDEXES = '[[tool.pdm.source]]\nname = "{}"\nurl = "https://index.example/simple"\n{}\n'


@pytest.mark.parametrize(
    ("name", "more", "mixed", "host"),
    [
        ("pypi", "", False, "index.example"),
        ("own", "", True, "index.example"),
        ("own", 'include_packages = ["x*"]', True, "index.example"),
        ("own", 'include_packages = ["y"]', False, ""),
        ("own", 'exclude_packages = ["x"]', False, ""),
        ("own", 'type = "find_links"', False, ""),
    ],
)
def test_the_index_comes_from_the_manifest(name: str, more: str, mixed: bool, host: str) -> None:
    lock = parse(entry(files("x-1.0.tar.gz")), INDEXES.format(name, more))
    assert lock.packages[0].source.host == host
    assert [one.rule for one in lock.problems] == (["index-mixed"] if mixed else [])


def test_recorded_addresses_bind_a_package() -> None:
    body = f'files = [{{url = "https://index.example/x-1.0.tar.gz", hash = "{HASH}"}}]'
    assert parse(entry(body), INDEXES.format("own", "")).problems == ()


def test_an_extra_is_no_second_package_unless_its_files_differ() -> None:
    same = entry(files("x-1.0.tar.gz")) + entry('extras = ["e"]\n' + files("x-1.0.tar.gz")).removeprefix(META)
    assert len(parse(same).packages) == 1
    other = same + entry('extras = ["f"]\n' + files("x-1.0.zip")).removeprefix(META)
    assert len(parse(other).packages) == 2


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (files("y-1.0.tar.gz"), "url-mismatch"),
        (files("x-1.1.tar.gz"), "url-mismatch"),
        (files("x-1.0.tar.gz").replace("]", ', {file = "x-1.0.zip"}]'), "package-unhashed"),
    ],
)
def test_what_is_wrong_with_a_file_is_a_problem(body: str, rule: str) -> None:
    assert [one.rule for one in parse(entry(body)).problems] == [rule]


@pytest.mark.parametrize("version", ['"5.0"', '"4.9"', '"3.1"', "4", '""', '"4.x"'])
def test_an_unknown_version_is_a_problem_and_no_guess(version: str) -> None:
    lock = parse(entry().replace('"4.5.1"', version))
    assert [one.rule for one in lock.problems] == ["lock-unsupported"]
    assert lock.packages == ()


def test_no_version_is_malformed_and_inputs_cannot_be_compared() -> None:
    assert [one.rule for one in parse("").problems] == ["lock-malformed"]
    raw = '[metadata]\nlock_version = "4.5.1"\n[metadata.lock_inputs.project]\nsources = []\n'
    assert [one.rule for one in parse(raw).problems] == ["lock-uncompared"]


@pytest.mark.parametrize(
    "raw",
    [
        "package = 1\n" + META,
        META + "[[package]]\nname = 1\n",
        entry("files = 1"),
        entry("files = [1]"),
        entry("groups = 1"),
        entry("dependencies = [1]"),
        entry('dependencies = ["x y"]'),
        entry("marker = 1"),
        entry("git = 1"),
        entry("", name="../x"),
        entry("", name="\u0430"),
        entry("version = '2'"),
        META + META,
        "<<<<<<< ours\n" + META,
        "# \u202e\n" + META,
        "not toml",
    ],
)
def test_hostile_documents_are_a_format_error(raw: str) -> None:
    with pytest.raises(FormatError):
        parse(raw)


def test_too_many_packages_are_refused() -> None:
    with pytest.raises(FormatError, match="more than"):
        parse(META + '[[package]]\nname = "x"\nversion = "1"\n' * 50_001)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(REAL)), st.binary(max_size=4), st.integers(0, 30))
def test_a_damaged_lock_is_read_or_refused_never_a_traceback(at: int, patch: bytes, cut: int) -> None:
    try:
        lock = parse(REAL[:at] + patch + REAL[at + cut :], PROJECT)
    except FormatError:
        return
    assert len(lock.packages) <= 13
