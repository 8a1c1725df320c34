"""OSV records: strict where a version's fate is decided, tolerant of the rest."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats.osv import parse

DATA = Path(__file__).parent.parent / "data" / "osv"


def record(**members: Any) -> dict[str, Any]:
    return {
        "id": "GHSA-aaaa-bbbb-cccc",
        "modified": "2026-01-02T03:04:05Z",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "foo"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}]}],
                "versions": ["1"],
            }
        ],
        **members,
    }


@pytest.mark.parametrize("path", sorted(DATA.glob("*/*.json")), ids=lambda path: path.stem)
def test_every_real_record_is_read_with_its_identity(path: Path) -> None:
    raw = path.read_bytes()
    plain = json.loads(raw)
    read = parse(raw)
    assert (read.id, read.modified) == (plain["id"], plain["modified"])
    assert len(read.affected) == len(plain.get("affected") or [])
    assert bool(read.withdrawn) == bool(plain.get("withdrawn"))


def test_what_decides_is_kept() -> None:
    read = parse(
        record(
            aliases=["CVE-2026-1", "CVE-2026-1", "not an id"],
            severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/…"}, {"type": 3}],
            database_specific={"severity": "HIGH"},
            summary="a\x1b[31m b\n second line",
        )
    )
    assert read.aliases == ("CVE-2026-1",)
    assert read.severity == (("CVSS_V3", "CVSS:3.1/…"),)
    assert read.grade == "high"
    assert read.summary == "a [31m b"
    assert read.affected[0].ranges[0].events == (("introduced", "0"), ("fixed", "2"))
    assert read.affected[0].versions == ("1",)
    assert not read.unevaluable
    assert not read.malicious


def test_malware_is_recognised_by_its_origin() -> None:
    assert parse(record(database_specific={"malicious-packages-origins": [{"source": "x"}]})).malicious
    assert parse((DATA / "PyPI" / "MAL-2025-6794.json").read_bytes()).malicious


@pytest.mark.parametrize("affected", [None, [], "absent"])
def test_a_record_that_names_no_package_is_unevaluable_not_harmless(affected: object) -> None:
    plain = record(affected=affected)
    if affected == "absent":
        del plain["affected"]
    assert parse(plain).unevaluable


def test_foreign_members_are_left_alone() -> None:
    plain = record(invented={"a": [1]}, related=["X-1"], upstream=None, aliases=None, severity=None)
    assert parse(plain) == parse(record())


@pytest.mark.parametrize("version", ["1.0.0", "1.7.5", "1.99.0"])
def test_every_first_generation_schema_is_read(version: str) -> None:
    assert parse(record(schema_version=version)).id


@pytest.mark.parametrize("version", ["2.0.0", "0.9.0", "", "one", 1, None, "1", "1.x", "11.0.0"])
def test_another_schema_generation_is_refused(version: object) -> None:
    with pytest.raises(FormatError, match="schema_version"):
        parse(record(schema_version=version))


@pytest.mark.parametrize(
    "members",
    [
        {"id": ""},
        {"id": None},
        {"id": "a/../b"},
        {"id": "x" * 200},
        {"modified": ""},
        {"modified": "yesterday"},
        {"modified": 5},
        {"withdrawn": ""},
        {"withdrawn": False},
        {"withdrawn": "no"},
        {"aliases": "CVE-1"},
        {"aliases": [1]},
        {"aliases": ["CVE-1"] * 3000},
        {"affected": {}},
        {"affected": ["foo"]},
        {"affected": [{"package": "foo"}]},
        {"affected": [{"package": {"name": "foo"}}]},
        {"affected": [{"package": {"ecosystem": "PyPI", "name": ""}}]},
        {"affected": [{"versions": "1.0"}]},
        {"affected": [{"versions": [1.0]}]},
        {"affected": [{"versions": ["1" * 2000]}]},
        {"affected": [{"ranges": {}}]},
        {"affected": [{"ranges": [1]}]},
        {"affected": [{"ranges": [{"events": []}]}]},
        {"affected": [{"ranges": [{"type": "SEMVER", "events": "0"}]}]},
        {"affected": [{"ranges": [{"type": "SEMVER", "events": [{}]}]}]},
        {"affected": [{"ranges": [{"type": "SEMVER", "events": [{"introduced": 0}]}]}]},
    ],
    ids=str,
)
def test_a_wrong_shape_of_what_decides_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        parse(record(**members))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe{}",
        b'{"id": "X-1", "id": "X-2", "modified": "2026-01-02T03:04:05Z"}',
        b"[" * 100_000,
        b'{"id": ' + b"9" * 10_000 + b"}",
        b'{"id": "X-1", "modified": "2026-01-02T03:04:05Z", "affected": ' + b'[{"a": ' * 5000,
        json.dumps(record()).encode()[:-20],
    ],
    ids=["empty", "list", "null", "not-utf-8", "duplicate", "deep", "huge-number", "deep-cut", "cut"],
)
def test_hostile_bytes_are_refused_in_form(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "package", "name", "ecosystem", "ranges", "events", "type", "versions", "introduced"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["id", "modified", "aliases", "affected", "severity", "database_specific", "withdrawn"]), JSON)
def test_any_value_in_any_place_is_read_or_refused(key: str, value: object) -> None:
    try:
        read = parse(record(**{key: value}))
    except FormatError:
        return
    assert read.id
    assert read.modified
