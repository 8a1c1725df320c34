"""pylock.toml is validated as PEP 751 asks and read, or refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA
from tidegate.errors import FormatError
from tidegate.formats.locks import pylock
from tidegate.model.package import LockFile, SourceKind

GOOD = (DATA / "pylock/commits.toml").read_bytes()
HEAD = 'lock-version = "1.0"\ncreated-by = "hand"\n'
DIGEST = "a" * 64


def parse(raw: bytes | str, path: str = "pylock.toml") -> LockFile:
    return pylock.parse(path, raw.encode() if isinstance(raw, str) else raw)


def package(body: str) -> str:
    return f'{HEAD}\n[[packages]]\nname = "x"\nversion = "1.0"\n{body}\n'


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("pylock.toml", True),
        ("a/pylock.dev.toml", True),
        ("pylock.a.b.toml", False),
        ("pylock..toml", False),
        ("my-pylock.toml", False),
    ],
)
def test_names_follow_the_standard(path: str, answer: bool) -> None:
    assert pylock.matches(path) is answer


def test_packages_commits_and_the_project_itself() -> None:
    lock = parse(GOOD)
    packages = {one.name: one for one in lock.packages}
    assert len(packages) == 6 + 1
    assert "net-inf-eval" not in packages
    assert packages["mleroc"].source.kind is SourceKind.GIT
    assert packages["mleroc"].source.ref == "735093f03c4d8be70bfaaae44074ac92d7419b6d"
    assert packages["click"].source.host == "index.example"
    assert packages["click"].line == 7
    assert not lock.problems


def test_a_strong_hash_makes_a_weak_one_of_the_same_file_irrelevant() -> None:
    body = (
        f'sdist = {{ url = "https://f.example/x-1.0.tar.gz", hashes = {{ md5 = "{"b" * 32}", sha256 = "{DIGEST}" }} }}'
    )
    assert [one.algorithm for one in parse(package(body)).packages[0].hashes] == ["sha256"]


def test_an_algorithm_nobody_knows_is_no_hash() -> None:
    body = 'sdist = { url = "https://f.example/x-1.0.tar.gz", hashes = { rot13 = "abc" } }'
    found = parse(package(body)).packages[0]
    assert (found.hashes, found.bad_hashes) == ((), ("rot13:abc",))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (f'archive = {{ url = "https://f.example/x.zip", hashes = {{ sha256 = "{DIGEST}" }} }}', SourceKind.URL),
        (f'archive = {{ path = "../x.zip", hashes = {{ sha256 = "{DIGEST}" }} }}', SourceKind.PATH),
        (f'sdist = {{ path = "x-1.0.tar.gz", hashes = {{ sha256 = "{DIGEST}" }} }}', SourceKind.PATH),
        ('directory = { path = "sub" }', SourceKind.WORKSPACE),
        ('vcs = { type = "hg", url = "https://h.example/x", commit-id = "abc" }', SourceKind.UNKNOWN),
    ],
)
def test_each_kind_of_source(body: str, kind: SourceKind) -> None:
    assert parse(package(body)).packages[0].source.kind is kind


def test_a_later_major_version_is_a_problem_and_no_guess() -> None:
    lock = parse(package("").replace('"1.0"', '"2.0"', 1))
    assert [one.rule for one in lock.problems] == ["lock-unsupported"]
    assert lock.packages == ()


@pytest.mark.parametrize(
    "raw",
    [
        "",
        HEAD,
        'lock-version = "1.0"\npackages = []\n',
        package("dependencies = 1"),
        package('sdist = { url = "https://f.example/x-1.0.tar.gz" }'),
        package('version = "not a version"'),
        package('marker = "nonsense"'),
        package("sdist = 1"),
        package('sdist = { name = "x-1.0.tar.gz", hashes = { sha256 = 1 }, url = "u" }'),
        package("").replace('"x"', '"\\u202ex"'),
        "not toml",
    ],
)
def test_what_breaks_the_standard_is_a_format_error(raw: str) -> None:
    with pytest.raises(FormatError):
        parse(raw)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD)), st.binary(max_size=4), st.integers(0, 30))
def test_a_damaged_lock_is_read_or_refused_never_a_traceback(at: int, patch: bytes, cut: int) -> None:
    try:
        lock = parse(GOOD[:at] + patch + GOOD[at + cut :])
    except FormatError:
        return
    assert len(lock.packages) <= 8
