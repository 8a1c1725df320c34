"""Gemfile.lock and gems.locked are read, or refused."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.system_locks import GEMFILE_LOCK, GEMS, real
from tidegate.errors import FormatError
from tidegate.formats.locks import gemfile_lock
from tidegate.model.package import LockFile, SourceKind


def parse(text: str | bytes) -> LockFile:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return gemfile_lock.parse("Gemfile.lock", raw)


def test_gems_come_with_source_platforms_checksums_edges_and_line() -> None:
    lock = parse(GEMFILE_LOCK)
    packages = {one.name: one for one in lock.packages}
    assert set(packages) == {"local", "nokogiri", "rack", "rake"}
    nokogiri = packages["nokogiri"]
    assert [file.name for file in nokogiri.files] == ["nokogiri-1.16.0.gem", "nokogiri-1.16.0-x86_64-linux.gem"]
    assert [digest.value[0] for digest in nokogiri.hashes] == ["a", "b"]
    assert (nokogiri.direct, packages["rack"].direct) == (False, True)
    assert packages["rack"].requires == ("nokogiri",)
    assert packages["rack"].purl == "pkg:gem/rack@3.0.8"
    assert GEMFILE_LOCK.split("\n")[(packages["rack"].line or 0) - 1] == "    rack (3.0.8)"
    assert packages["rack"].source.public
    assert packages["local"].source.kind is SourceKind.PATH
    assert (lock.version, lock.problems) == ("2.6.2", ())
    assert lock.asked[0].requires == ("local@!", "rack@~> 3.0, >= 3.0.1", "rake@", "tzinfo-data@")
    assert (lock.asked[1].folder, lock.asked[1].requires) == ("vendor/local", ("rack@>= 3",))


def test_a_git_source_has_its_commit() -> None:
    lock = parse(
        "GIT\n  remote: git@git.example:a/rails.git\n  revision: " + "0" * 40 + "\n  tag: v1\n  specs:\n"
        "    rails (7.1.0)\n      rack (>= 2)\n    actionpack (7.1.0)\n\nDEPENDENCIES\n  rails!\n"
    )
    assert [(one.name, one.source.kind, one.source.ref, one.source.host) for one in lock.packages] == [
        ("rails", SourceKind.GIT, "0" * 40, "git.example"),
        ("actionpack", SourceKind.GIT, "0" * 40, "git.example"),
    ]


def test_of_several_registries_the_private_one_counts() -> None:
    mixed = GEMFILE_LOCK.replace(f"https://{GEMS}/\n", f"https://{GEMS}/\n  remote: https://gems.example/\n")
    lock = parse(mixed)
    assert not any(one.source.public for one in lock.packages)
    assert [one.rule for one in lock.problems] == ["index-mixed"]


def test_real_locks_are_read() -> None:
    lock = parse(real("bundler/rubocop.lock"))
    assert ("rubocop-ast", "1.16.0") in {(one.name, one.version) for one in lock.packages}
    assert len(lock.packages) == 10
    last = parse(real("bundler/source-section-at-end.lock"))
    assert [(one.name, one.version, one.direct) for one in last.packages] == [("ast", "2.4.2", True)]


REFUSED: dict[str, str | bytes] = {
    "a name of another script": GEMFILE_LOCK.replace("    rack (", "    r\u00e4ck ("),
    "a name that reorders text": GEMFILE_LOCK.replace("    rack (", "    ra\u202eck ("),
    "a need of nothing": "GEM\n  remote: x\n  specs:\n      rack (>= 1)\n",
    "a line of another depth": GEMFILE_LOCK.replace("    rack (", "     rack ("),
    "an open bracket": GEMFILE_LOCK.replace("rack (3.0.8)", "rack (3.0.8"),
    "merge conflict markers": GEMFILE_LOCK.replace("GEM\n", "<<<<<<< ours\nGEM\n", 1),
    "a long line": "GEM\n  remote: " + "x" * 30_000 + "\n",
    "many gems": "GEM\n  remote: x\n  specs:\n" + "    a (1)\n" * 50_001,
    "NUL": GEMFILE_LOCK + "\0",
    "no text": b"\xff\xfe",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_bundler_lock_is_refused(name: str) -> None:
    with pytest.raises(FormatError):
        parse(REFUSED[name])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(FormatError):
        assert isinstance(parse(raw), LockFile)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GEMFILE_LOCK)), st.integers(0, 40), st.text(max_size=12))
def test_a_mutated_lock_is_read_or_refused(at: int, cut: int, insert: str) -> None:
    with contextlib.suppress(FormatError):
        lock = parse(GEMFILE_LOCK[:at] + insert + GEMFILE_LOCK[at + cut :])
        assert all(one.purl.startswith("pkg:gem/") for one in lock.packages)
