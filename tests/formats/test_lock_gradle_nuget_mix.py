"""Gradle's, NuGet's and Mix's locks are read whole: names, versions, hashes, groups, edges and lines."""

import random
import time
from collections.abc import Callable
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.more_locks import (
    COMMIT,
    GRADLE,
    HEX,
    component,
    hex_entry,
    mix_lock,
    nuget_entries,
    nuget_lock,
    verification,
)
from tidegate.errors import FormatError
from tidegate.formats.locks import gradle, mix, nuget, packages_config
from tidegate.formats.locks.table import companions, reader_for
from tidegate.model.digest import Digest
from tidegate.model.package import LockFile, SourceKind

METADATA = "gradle/verification-metadata.xml"


def test_a_gradle_lock_gives_each_module_with_its_configurations() -> None:
    lock = gradle.parse_with("app/gradle.lockfile", GRADLE.encode(), {METADATA: verification().encode()})
    core, tools, _ = lock.packages
    assert (core.ecosystem, core.name, core.version, core.line) == ("Maven", "com.example.base:core", "1.2.0", 2)
    assert core.hashes == (Digest("sha256", HEX["a"]),)
    assert [file.name for file in core.files] == ["core-1.2.0.jar"]
    assert core.groups == ()
    assert tools.groups == ("testCompileClasspath", "testRuntimeClasspath")
    assert core.source.kind is SourceKind.REGISTRY
    assert lock.problems == ()


def test_the_nearest_verification_metadata_counts() -> None:
    assert companions("a/b/gradle.lockfile")[:3] == (f"a/b/{METADATA}", f"a/{METADATA}", METADATA)
    near = verification(component("org.example", "one_2.13", "9.4.53.v20231009")).encode()
    lock = gradle.parse_with("a/gradle.lockfile", GRADLE.encode(), {f"a/{METADATA}": near, METADATA: b"<broken"})
    assert [len(package.hashes) for package in lock.packages] == [0, 0, 1]


def test_further_digests_count_and_signatures_do_not() -> None:
    also = f'<sha256 value="{HEX["a"]}"><also-trust value="{HEX["b"]}"/></sha256><pgp value="x"/>'
    text = verification(component("com.example.base", "core", "1.2.0", also))
    lock = gradle.parse_with("gradle.lockfile", GRADLE.encode(), {METADATA: text.encode()})
    assert [digest.value for digest in lock.packages[0].hashes] == [HEX["a"], HEX["b"]]


def test_older_gradle_locks_have_a_file_a_configuration() -> None:
    path = "app/gradle/dependency-locks/runtimeClasspath.lockfile"
    assert reader_for(path) is gradle
    lock = gradle.parse(path, b"# comment\ncom.example:one:1.0\n")
    assert [(package.name, package.groups) for package in lock.packages] == [("com.example:one", ())]


def test_a_nuget_lock_gives_each_version_once_over_all_frameworks() -> None:
    newer = {**nuget_entries(), "Gamma": {**nuget_entries()["Gamma"], "resolved": "2.2.0"}}
    lock = nuget.parse("src/packages.lock.json", nuget_lock(None, **{"net9.0": newer}))
    by_name = {(package.name, package.version): package for package in lock.packages}
    assert {version for name, version in by_name if name == "Gamma"} == {"2.1.1", "2.2.0"}
    alpha = by_name["Alpha.Core", "13.0.3"]
    assert alpha.direct
    assert alpha.requires == ("Beta.Core",)
    assert alpha.hashes == (Digest("sha512", "01" * 64),)
    assert alpha.line == 5
    assert not by_name["Beta.Core", "4.3.0"].direct
    assert by_name["shared", ""].source.kind is SourceKind.WORKSPACE
    assert lock.asked[0].folder == "src"
    assert set(lock.asked[0].requires) == {"Alpha.Core@[13.0.3, )", "Gamma@[2.*, )"}


def test_packages_config_gives_exact_versions_and_no_hash() -> None:
    text = b'<packages>\n<package id="A.B" version="1.0.0" developmentDependency="true" />\n</packages>'
    (package,) = packages_config.parse("packages.config", text).packages
    assert (package.name, package.version, package.groups, package.line) == ("A.B", "1.0.0", ("development",), 2)
    assert package.hashes == ()


def test_a_mix_lock_gives_packages_and_checkouts() -> None:
    lock = mix.parse("mix.lock", mix_lock().encode())
    jason, left, phoenix = lock.packages
    assert (jason.name, jason.version, jason.line) == ("jason", "1.4.1", 2)
    assert [digest.value for digest in jason.hashes] == [HEX["a"], HEX["b"]]
    assert jason.files[0].hashes == (Digest("sha256", HEX["b"]),)
    assert (left.source.kind, left.source.ref, left.version) == (SourceKind.GIT, COMMIT, "")
    assert phoenix.requires == ("jason",)
    assert lock.problems == ()


def test_one_broken_entry_does_not_hide_the_others() -> None:
    text = "%{\n" + hex_entry("bunt", "1.0.0") + '  "certifi": {:hex, },\n}\n'
    lock = mix.parse("mix.lock", text.encode())
    assert [package.name for package in lock.packages] == ["bunt"]
    assert [problem.rule for problem in lock.problems] == ["lock-malformed"]


REAL: list[tuple[ModuleType, str, bytes]] = [
    (gradle, "gradle.lockfile", GRADLE.encode()),
    (nuget, "packages.lock.json", nuget_lock()),
    (packages_config, "packages.config", b'<packages><package id="A" version="1.0"/></packages>'),
    (mix, "mix.lock", mix_lock().encode()),
]


def only_format_errors(read: Callable[[], LockFile]) -> None:
    try:
        assert isinstance(read(), LockFile)
    except FormatError:
        return


@pytest.mark.parametrize(("reader", "path", "real"), REAL, ids=[row[1] for row in REAL])
def test_mutated_locks_are_read_or_refused(reader: ModuleType, path: str, real: bytes) -> None:
    draw = random.Random(7)
    for _ in range(150):
        raw = bytearray(real)
        for _ in range(draw.randint(1, 6)):
            at = draw.randrange(len(raw))
            raw[at : at + draw.randint(0, 4)] = draw.choice([b"", b"\0", b'"', b"{", b"]", b"\xff", b"\n", b"<", b":"])
        only_format_errors(lambda raw=bytes(raw): reader.parse(path, raw))  # type: ignore[misc]
    for cut in range(0, len(real), 7):
        only_format_errors(lambda cut=cut: reader.parse(path, real[:cut]))  # type: ignore[misc]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(REAL), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(row: tuple[ModuleType, str, bytes], raw: bytes) -> None:
    only_format_errors(lambda: row[0].parse(row[1], raw))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=120) | st.just(verification().encode()), st.integers(0, 400))
def test_any_verification_metadata_is_read_or_refused(raw: bytes, cut: int) -> None:
    only_format_errors(lambda: gradle.parse_with("gradle.lockfile", GRADLE.encode(), {METADATA: raw[cut:]}))


BOMBS: list[tuple[ModuleType, bytes]] = [
    (gradle, b"a:b:1=c\n" * 200_000),
    (gradle, b"a:" * 500_000),
    (nuget, b'{"a":' * 50_000),
    (nuget, b'{"version":1,"dependencies":' + b"[" * 100_000),
    (mix, b"%{" + b'"a": {' * 50_000),
    (mix, b"[" * 300_000),
    (mix, b'%{"a": {:hex, ' + b"9" * 500_000),
    (packages_config, b"<packages>" * 20_000),
    (packages_config, b"<packages>" + b"<package/>" * 100_000),
]


@pytest.mark.parametrize(("reader", "raw"), BOMBS)
def test_bombs_end_soon(reader: ModuleType, raw: bytes) -> None:
    start = time.process_time()
    only_format_errors(lambda: reader.parse("x", raw))
    assert time.process_time() - start < 5


def test_a_large_lock_is_read_fast() -> None:
    lines = "".join(f"com.example.g{n % 50}:module-{n}:1.{n}.0=runtimeClasspath\n" for n in range(15_000))
    start = time.process_time()
    assert len(gradle.parse("gradle.lockfile", lines.encode()).packages) == 15_000
    entries = "".join(hex_entry(f"package_{n}", f"1.{n}.0") for n in range(4_000))
    assert len(mix.parse("mix.lock", ("%{\n" + entries + "}\n").encode()).packages) == 4_000
    assert time.process_time() - start < 5
