"""Pipfile.lock gives every package of every category and the index it is from; Pipenv's digest is made anew."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.locks import DATA, INDEX
from support.manifests import parse as manifest
from tidegate.errors import FormatError
from tidegate.formats.locks import pipfile_lock
from tidegate.model.package import LockFile, SourceKind

REAL = (DATA / "pipenv/categories.json").read_bytes()
PIPFILE = (DATA / "pipenv/Pipfile.toml").read_bytes()
HASH = "sha256:" + "a" * 64
PINNED = {"hashes": [HASH], "version": "==1.0"}
OURS = {"name": "ours", "url": "https://index.example/simple", "verify_ssl": True}
PUBLIC = {"name": "pypi", "url": f"https://{INDEX}/simple", "verify_ssl": True}


def parse(raw: bytes | str, pipfile: bytes = b"") -> LockFile:
    beside = {"Pipfile": pipfile} if pipfile else {}
    return pipfile_lock.parse_with("Pipfile.lock", raw.encode() if isinstance(raw, str) else raw, beside)


def lock(default: object, develop: object = None, sources: object = None, **more: object) -> str:
    meta = {"hash": {"sha256": "0" * 64}, "pipfile-spec": 6, "sources": [PUBLIC] if sources is None else sources}
    return json.dumps({"_meta": meta, "default": default, "develop": develop or {}, **more}, indent=4)


def test_a_real_lock_is_read_whole() -> None:
    read = parse(REAL, PIPFILE)
    assert [(one.name, one.version, one.groups, one.direct) for one in read.packages] == [
        ("idna", "3.20", (), True),
        ("toml", "0.10.2", (), True),
        ("iniconfig", "2.3.1", ("dev",), True),
        ("packaging", "26.3", ("docs",), True),
    ]
    assert (read.problems, read.version) == ((), "6")
    assert all(len(one.hashes) == 2 and one.source.host == "index.example" for one in read.packages)
    lines = REAL.decode().split("\n")
    assert [lines[(one.line or 0) - 1].strip() for one in read.packages] == [
        f'"{one.name}": {{' for one in read.packages
    ]


def test_the_digest_of_a_real_lock_is_made_anew() -> None:
    read = parse(REAL)
    assert read.content_hash in manifest("Pipfile", PIPFILE, "Pipfile.lock").hashes_for("Pipfile.lock")
    other = manifest("Pipfile", PIPFILE.replace(b">=3", b">=2"), "Pipfile.lock")
    assert read.content_hash not in other.hashes_for("Pipfile.lock")


def test_names_were_digested_as_written_before_they_were_normalised() -> None:
    wanted = "8a8c402278d544d542b910da510b2fbfdf4ccfaece93b2a32a50e63c84e6e696"
    assert manifest("Pipfile", PIPFILE).hashes_for("Pipfile.lock")[1] == wanted


def test_a_pipfile_without_source_takes_the_public_index() -> None:
    bare = '[packages]\nidna = "*"\n'
    source = f'[[source]]\nname = "pypi"\nurl = "https://{INDEX}/simple"\nverify_ssl = true\n'
    assert manifest("Pipfile", bare).content_hashes == manifest("Pipfile", source + bare).content_hashes


def test_packages_without_registry() -> None:
    told = {one.name: one for one in parse((DATA / "pipenv/with-urls.json").read_bytes()).packages}
    assert told["pillow"].source.kind is SourceKind.GIT
    assert told["pillow"].source.ref == "da59ad000d1405eaecd557175e29083a87d19f7c"
    assert told["requests"].source.url == "https://github.com/requests/requests.git"
    assert told["six"].source.host == "github.com"
    assert (told["urllib3"].source.kind, told["urllib3"].urls) == (SourceKind.URL, (told["urllib3"].source.url,))


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"path": ".", "editable": True}, SourceKind.WORKSPACE),
        ({"file": "./x-1.0.tar.gz"}, SourceKind.PATH),
        ({"path": "../x"}, SourceKind.WORKSPACE),
        ({"file": "file:///x"}, SourceKind.WORKSPACE),
        ({"hg": "https://hg.example/x"}, SourceKind.UNKNOWN),
        ({"version": "==1", "index": "nobody"}, SourceKind.UNKNOWN),
        ({"version": "==1"}, SourceKind.REGISTRY),
    ],
)
def test_each_kind_of_source(entry: object, kind: SourceKind) -> None:
    assert parse(lock({"x": entry})).packages[0].source.kind is kind


def test_what_is_bound_to_no_index_comes_from_the_first() -> None:
    bound = {"x": PINNED, "y": {**PINNED, "index": "pypi"}}
    told = {one.name: one.source for one in parse(lock(bound, sources=[OURS, PUBLIC])).packages}
    assert (told["x"].host, told["x"].public) == ("index.example", False)
    assert told["y"].public


def test_without_any_index_it_is_the_public_one() -> None:
    assert parse(lock({"x": PINNED}, sources=[])).packages[0].source.public


@pytest.mark.parametrize(
    ("version", "pinned"),
    [("==1.0", "1.0"), ("===1.0", "1.0"), (">=1.0", ""), ("*", ""), ("==1.*", ""), ("==1,==2", ""), ("", "")],
)
def test_only_an_exact_version_is_one(version: str, pinned: str) -> None:
    assert parse(lock({"x": {**PINNED, "version": version}})).packages[0].version == pinned


def test_a_package_of_two_categories_is_one_unless_it_differs() -> None:
    same = parse(lock({"x": PINNED}, {"x": PINNED})).packages
    assert [one.groups for one in same] == [()]
    other = parse(lock({"x": PINNED}, {"x": {**PINNED, "hashes": ["sha256:" + "b" * 64]}})).packages
    assert [one.groups for one in other] == [(), ("dev",)]
    both = parse(lock({}, {"x": PINNED}, docs={"x": PINNED})).packages
    assert [one.groups for one in both] == [("dev", "docs")]


@pytest.mark.parametrize(
    ("sources", "rule"),
    [
        ([{**OURS, "verify_ssl": False}], "source-not-allowed"),
        ([{**OURS, "verify_ssl": "no"}], "source-not-allowed"),
        ([OURS, {**PUBLIC, "name": "ours"}], "index-mixed"),
    ],
)
def test_an_index_that_cannot_be_trusted_is_a_problem(sources: object, rule: str) -> None:
    assert [one.rule for one in parse(lock({"x": PINNED}, sources=sources)).problems] == [rule]


@pytest.mark.parametrize("spec", [5, 7, "6", True, 6.5, []])
def test_an_unknown_specification_is_a_problem_and_no_guess(spec: object) -> None:
    read = parse(json.dumps({"_meta": {"pipfile-spec": spec}, "default": {"x": PINNED}}))
    assert [one.rule for one in read.problems] == ["lock-unsupported"]
    assert read.packages == ()


def test_no_specification_is_malformed() -> None:
    for raw in ("{}", "null", '{"default": {}}'):
        assert [one.rule for one in parse(raw).problems] == ["lock-malformed"]


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "[]",
        lock([]),
        lock({"x": None}),
        lock({"x": []}),
        lock({"../x": PINNED}),
        lock({"\u0430": PINNED}),
        lock({"x": {"hashes": [1]}}),
        lock({"x": {"hashes": "a"}}),
        lock({"x": {"version": 1}}),
        lock({"x": {"index": 1}}),
        lock({"x": PINNED}, sources=[1]),
        lock({"x": PINNED}, sources={}),
        lock({"x": PINNED}).replace('"x"', '"x": {}, "x"'),
        "<<<<<<< ours\n" + lock({}),
        lock({"x": {**PINNED, "markers": "\u202e"}}).replace("\\u202e", "\u202e"),
        '{"_meta": {"pipfile-spec": 6}, "default": {"x": ' + "[" * 5000 + "]" * 5000 + "}}",
    ],
)
def test_hostile_documents_are_a_format_error(raw: str) -> None:
    with pytest.raises(FormatError):
        parse(raw)


@pytest.mark.parametrize("shape", [lambda text: text.replace("    ", "\t"), lambda text: "".join(text.split("\n"))])
def test_another_layout_changes_nothing_but_lines(shape: Callable[[str], str]) -> None:
    read = parse(shape(lock({"x": PINNED})))
    assert [one.name for one in read.packages] == ["x"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(REAL)), st.binary(max_size=4), st.integers(0, 30))
def test_a_damaged_lock_is_read_or_refused_never_a_traceback(at: int, patch: bytes, cut: int) -> None:
    try:
        read = parse(REAL[:at] + patch + REAL[at + cut :], PIPFILE)
    except FormatError:
        return
    assert len(read.packages) <= 6
