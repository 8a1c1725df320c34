"""composer.lock is read, or refused."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.system_locks import COMPOSER_MANIFEST, composer_lock, real
from tidegate.errors import FormatError
from tidegate.formats.locks import composer_lock as reader
from tidegate.model.package import LockFile, SourceKind

TEXT = json.dumps(composer_lock(), indent=4)


def parse(text: str | bytes) -> LockFile:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return reader.parse_with("composer.lock", raw, {"composer.json": json.dumps(COMPOSER_MANIFEST).encode()})


def test_packages_come_with_archive_commit_groups_and_line() -> None:
    lock = parse(TEXT)
    log, left, tool = lock.packages
    assert (left.purl, left.direct, left.requires) == ("pkg:composer/vendor/left@v1.2.3", True, ("psr/log",))
    assert left.urls == (f"https://api.github.com/repos/vendor/left/zipball/{'2' * 40}",)
    assert (left.source.kind, left.source.ref, left.source.public) == (SourceKind.REGISTRY, "2" * 40, True)
    assert (log.licence, tool.groups, tool.install_script) == ("MIT", ("dev",), True)
    assert tool.deprecated == "abandoned, use vendor/new"
    assert '"vendor/left"' in TEXT.split("\n")[(left.line or 0) - 1]
    assert not reader.parse("composer.lock", TEXT.encode()).packages[1].direct


def test_names_are_compared_in_lower_case() -> None:
    lock = parse(TEXT.replace("vendor/left", "Vendor/Left"))
    assert (lock.packages[1].name, lock.packages[1].raw_name) == ("vendor/left", "Vendor/Left")


def test_what_the_public_registry_does_not_count_is_not_public() -> None:
    document = composer_lock()
    document["packages"][0].pop("notification-url")  # type: ignore[index]
    assert [one.source.public for one in parse(json.dumps(document)).packages] == [False, True, True]


def test_real_locks_are_read() -> None:
    lock = parse(real("composer/drupal-packages.json"))
    assert {(one.name, one.version, one.groups) for one in lock.packages} == {
        ("drupal/core", "10.4.5", ()),
        ("drupal/tfa", "2.0.0-alpha4", ()),
        ("theseer/tokenizer", "1.1.3", ()),
        ("drupal/field_time", "1.0.0-beta5", ("dev",)),
    }
    two = parse(real("composer/two-packages.json"))
    assert {one.name for one in two.packages} == {"sentry/sdk", "theseer/tokenizer"}
    assert all(one.source.public for one in two.packages)


REFUSED: dict[str, str | bytes] = {
    "no JSON": "{",
    "no object": "[]",
    "null": "null",
    "a name without vendor": TEXT.replace("vendor/left", "left"),
    "a name of another script": TEXT.replace("vendor/left", "vendor/l\u00e9ft"),
    "a name that reorders text": TEXT.replace("vendor/left", "vendor/\u202eleft"),
    "a name that is a path": TEXT.replace('"vendor/left"', '"../left"'),
    "a duplicate key": TEXT.replace('"version": "v1.2.3"', '"version": "v1.2.3", "version": "v1.2.4"'),
    "merge conflict markers": TEXT.replace('    "packages"', '<<<<<<< ours\n    "packages"'),
    "packages that are no list": '{"packages": {}}',
    "an empty entry": '{"packages": [null]}',
    "a dist that is no object": '{"packages": [{"name": "a/b", "dist": 1}]}',
    "depth": '{"packages": ' + "[" * 5000,
    "size": '{"a": "' + "x" * (17 << 20) + '"}',
    "NUL": TEXT.replace("v1.2.3", "v1\0"),
    "no text": b"\xff\xfe",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_composer_lock_is_refused(name: str) -> None:
    with pytest.raises(FormatError):
        parse(REFUSED[name])


def test_a_name_that_could_take_forever_is_refused_at_once() -> None:
    with pytest.raises(FormatError):
        reader.package_name("a/" + "a" * 190 + "!")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(FormatError):
        assert isinstance(reader.parse_with("composer.lock", raw, {"composer.json": raw}), LockFile)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(TEXT)), st.integers(0, 40), st.text(max_size=12))
def test_a_mutated_lock_is_read_or_refused(at: int, cut: int, insert: str) -> None:
    with contextlib.suppress(FormatError):
        lock = parse(TEXT[:at] + insert + TEXT[at + cut :])
        assert all(one.purl.startswith("pkg:composer/") for one in lock.packages)
