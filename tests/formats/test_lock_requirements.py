"""Requirements files are read as pip reads them, and every weakening option is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA, INDEX, pinned
from tidegate.errors import FormatError
from tidegate.formats.locks import requirements
from tidegate.model.package import LockFile, SourceKind


def parse(text: str | bytes, path: str = "requirements.txt") -> LockFile:
    return requirements.parse(path, text.encode() if isinstance(text, str) else text)


def rules(text: str, path: str = "requirements.txt") -> list[str]:
    return [one.rule for one in parse(text, path).problems]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("requirements.txt", True),
        ("requirements-dev.txt", True),
        ("a/requirements_test.txt", True),
        ("dev-requirements.txt", True),
        ("requirements/main.txt", True),
        ("a/requirements/main.txt", True),
        ("requirements/sub/main.txt", False),
        ("requirements.in", False),
        ("readme.txt", False),
        ("requirements.txt.bak", False),
    ],
)
def test_which_files_are_locks(path: str, answer: bool) -> None:
    assert requirements.matches(path) is answer


def test_hashes_on_one_line_and_on_many() -> None:
    lock = parse((DATA / "requirements_txt/with-hashes.txt").read_bytes())
    packages = {one.name: one for one in lock.packages}
    assert {name: len(one.hashes) for name, one in packages.items()} == {
        "certifi": 2,
        "urllib3": 2,
        "fooproject": 2,
        "colorama": 2,
        "something": 0,
    }
    assert packages["something"].bad_hashes == ("foo:something-invalid",)
    assert packages["fooproject"].raw_name == "FooProject"
    assert packages["fooproject"].line == 11
    assert packages["colorama"].source.kind is SourceKind.URL
    assert all(one.source.public for one in lock.packages if one.source.kind is SourceKind.REGISTRY)


def test_options_of_a_requirement_and_lines_that_are_none() -> None:
    lock = parse((DATA / "requirements_txt/per_req_options.txt").read_bytes())
    names = {one.raw_name for one in lock.packages}
    assert {"foo1", "foo9", "foo16-Client", "foo17--hash"} <= names
    assert {one.line for one in lock.problems if one.rule == "lock-malformed"} == {11, 13, 20, 30}


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("x==1.0", "1.0"),
        ("x == 1.0", "1.0"),
        ("x===1.0", "1.0"),
        ("x==1.0,>=0.5", "1.0"),
        ("x[a,b]==1.0 ; python_version > '3'", "1.0"),
        ("x", ""),
        ("x>=1.0", ""),
        ("x==1.*", ""),
        ("x~=1.0", ""),
        ("x<=1.0", ""),
        ("x==1.0,==1.1", ""),
    ],
)
def test_only_one_exact_version_is_a_pin(line: str, version: str) -> None:
    assert [one.version for one in parse(line).packages] == [version]


def test_continuations_and_comments_are_joined_as_pip_does() -> None:
    text = "# head\nx==1.0 \\\n  --hash=sha256:" + "a" * 64 + " \\\n  # note\ny==2.0 # tail\n"
    lock = parse(text)
    assert [(one.name, one.version, one.line, len(one.hashes)) for one in lock.packages] == [
        ("x", "1.0", 2, 1),
        ("y", "2.0", 5, 0),
    ]
    assert not lock.problems


def test_a_byte_order_mark_is_passed_over_and_other_encodings_refused() -> None:
    assert parse(b"\xef\xbb\xbfx==1.0").packages[0].name == "x"
    with pytest.raises(FormatError):
        parse("x==1.0".encode("utf-16"))


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("--extra-index-url https://other.example/simple", "index-mixed"),
        ("--extra-index-url=https://other.example/simple", "index-mixed"),
        ("--find-links https://other.example/", "index-mixed"),
        ("-f ./wheels", "index-mixed"),
        ("--trusted-host other.example", "source-not-allowed"),
        ("-r ../other.txt", "source-not-allowed"),
        ("-r https://other.example/r.txt", "source-not-allowed"),
        ("-c https://other.example/c.txt", "source-not-allowed"),
        ("--constraint ../c.txt", "source-not-allowed"),
        ("-e ../elsewhere", "source-not-allowed"),
        ("../elsewhere", "source-not-allowed"),
        ("/abs/x-1.0.whl", "source-not-allowed"),
        ("https://files.example/archive.zip", "package-unpinned"),
        ("--extra-inde https://other.example/simple", "lock-malformed"),
        ("--unknown", "lock-malformed"),
        ("--index-url", "lock-malformed"),
        ("-r", "lock-malformed"),
        ("x==1.0 --extra-index-url https://other.example", "lock-malformed"),
        ("x==1.0 y==2.0", "lock-malformed"),
        ("==1.0", "lock-malformed"),
        ("-i https://a.example/simple --extra-index-url https://b.example/simple", "index-mixed"),
    ],
)
def test_every_option_that_weakens_the_lock_is_a_problem(line: str, rule: str) -> None:
    assert rules(line)[0] == rule


@pytest.mark.parametrize(
    "line",
    ["--require-hashes", "--pre", "--no-binary :all:", "--only-binary=x", "-e .", "./sub", "-c constraints.txt", ""],
)
def test_harmless_options_are_no_problem(line: str) -> None:
    assert rules(line) == []
    assert parse(line).packages == ()


def test_local_files_only_is_no_second_index() -> None:
    assert rules("--no-index\n--find-links ./wheels\nx==1.0") == []
    assert rules("--no-index\n--find-links https://other.example\nx==1.0") == ["index-mixed"]


def test_an_index_is_the_source_of_every_package_of_the_file() -> None:
    lock = parse(f"x==1.0\n--index-url https://index.example/simple\n{pinned('y', '2.0')}")
    assert {one.source.host for one in lock.packages} == {"index.example"}
    assert not any(one.source.public for one in lock.packages)
    assert all(one.source.public for one in parse(f"-i https://{INDEX}/simple\nx==1.0").packages)


def test_included_files_are_named_for_the_reader_of_the_repository() -> None:
    assert parse("-r base.txt\n--requirement=sub/more.txt\n-rlast.txt", "a/requirements.txt").includes == (
        "a/base.txt",
        "a/sub/more.txt",
        "a/last.txt",
    )


@pytest.mark.parametrize(
    ("line", "kind", "ref"),
    [
        ("x @ git+https://git.example/o/x@" + "0" * 40, SourceKind.GIT, "0" * 40),
        ("git+https://git.example/o/x@main#egg=x", SourceKind.GIT, "main"),
        ("-e git+ssh://git@git.example/o/x.git@" + "1" * 40 + "#egg=x", SourceKind.GIT, "1" * 40),
        ("git+https://git.example/o/x#egg=x", SourceKind.GIT, ""),
        ("x @ hg+https://hg.example/x", SourceKind.UNKNOWN, ""),
        ("x @ https://files.example/x-1.0.tar.gz", SourceKind.URL, ""),
        ("https://files.example/x-1.0-py3-none-any.whl", SourceKind.URL, ""),
        ("x @ file:///abs/x.whl", SourceKind.PATH, ""),
        ("./x-1.0.tar.gz", SourceKind.PATH, ""),
    ],
)
def test_each_kind_of_source(line: str, kind: SourceKind, ref: str) -> None:
    package = parse(line).packages[0]
    assert (package.name, package.source.kind, package.source.ref) == ("x", kind, ref)


def test_secrets_in_addresses_are_not_kept() -> None:
    text = (
        "--index-url https://user:word@index.example/simple\n--extra-index-url https://user:word@other.example\n"
        "x==1.0\ny @ https://user:word@files.example/y-1.0.tar.gz\nz @ git+https://user:word@git.example/z@main\n"
        "https://user:word@files.example/archive.zip\n"
    )
    assert "word" not in repr(parse(text))


@settings(max_examples=60, deadline=None)
@given(st.text("x=1.0 \\\n#-re;[]@:/'\"\t\u00e9\u202e", max_size=60) | st.text(max_size=60))
def test_any_text_is_read_or_refused_never_a_traceback(text: str) -> None:
    try:
        lock = parse(text.encode("utf-8", "surrogatepass"))
    except FormatError:
        return
    assert all(one.line for one in lock.packages)


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(FormatError):
        parse("x==1.0 \\\n" + "\\\n".join(["a" * 1000] * 300))
