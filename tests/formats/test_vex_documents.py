"""VEX documents of both dialects give the same statements, and what is unclear gives none."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats.vex.document import parse
from tidegate.formats.vex.statement import Status

PURL = "pkg:pypi/jinja2@3.1.3"
WHEN = "2026-11-01T10:00:00Z"


def openvex(*statements: dict[str, Any], **more: Any) -> bytes:
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://vex.example/1",
        "author": "security@vendor.example",
        "timestamp": WHEN,
        "version": 1,
        "statements": list(statements),
    }
    return json.dumps(document | more).encode()


def statement(**more: Any) -> dict[str, Any]:
    return {
        "vulnerability": {"name": "CVE-2024-22195", "aliases": ["GHSA-h5c8-rqwp-cp95"]},
        "products": [{"@id": PURL}],
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
    } | more


def bom(**more: Any) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": WHEN, "authors": [{"name": "security@vendor.example"}]},
        "components": [{"type": "library", "bom-ref": "j", "name": "jinja2", "version": "3.1.3", "purl": PURL}],
        "vulnerabilities": [
            {
                "id": "CVE-2024-22195",
                "references": [{"id": "GHSA-h5c8-rqwp-cp95", "source": {"name": "GHSA"}}],
                "analysis": {"state": "not_affected", "justification": "code_not_reachable"},
                "affects": [{"ref": "j"}],
            }
        ],
    } | more


@pytest.mark.parametrize("raw", [openvex(statement()), json.dumps(bom()).encode()], ids=["openvex", "cyclonedx"])
def test_both_dialects_say_the_same(raw: bytes) -> None:
    (found,) = parse(raw)
    assert found.names == ("CVE-2024-22195", "GHSA-h5c8-rqwp-cp95")
    assert (found.purl, found.status, found.author) == (PURL, Status.NOT_AFFECTED, "security@vendor.example")
    assert found.when == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert found.reason


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("resolved", Status.FIXED),
        ("false_positive", Status.NOT_AFFECTED),
        ("exploitable", Status.AFFECTED),
        ("in_triage", Status.UNDER_INVESTIGATION),
    ],
)
def test_states_of_cyclonedx_are_read_as_those_of_openvex(state: str, status: Status) -> None:
    document = bom()
    document["vulnerabilities"][0]["analysis"] = {"state": state, "detail": "looked at"}
    assert [each.status for each in parse(json.dumps(document).encode())] == [status]


@pytest.mark.parametrize(
    "product",
    [
        {"@id": "pkg:pypi/jinja2"},
        {"@id": "pkg:pypi/jinja2@3.1.3?file_name=jinja2.whl"},
        {"@id": "pkg:pypi/jinja2@3.1.3#sub/path"},
        {"@id": "https://vendor.example/product"},
        {"@id": "pkg:oci/app@sha256%3Aabc", "subcomponents": [{"@id": PURL}]},
        {"@id": PURL, "subcomponents": [{"@id": "pkg:pypi/markupsafe@2.0"}]},
        {"hashes": {"sha-256": "00"}},
    ],
)
def test_what_is_not_about_one_version_of_one_package_says_nothing(product: dict[str, Any]) -> None:
    assert parse(openvex(statement(products=[product]))) == ()


def test_the_time_of_a_statement_stands_before_its_documents() -> None:
    (found,) = parse(openvex(statement(timestamp="2026-11-05T00:00:00+02:00")))
    assert found.when == datetime(2026, 11, 4, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"a": 1, "a": 2}',
        b'{"bomFormat": "CycloneDX"}',
        b"[" * 100_000,
        openvex(statement(), author=""),
        openvex(statement(), author=7),
        openvex(statement(), timestamp="yesterday"),
        openvex(statement(), timestamp="2026-11-01T10:00:00"),
        openvex(statement(), **{"@context": "https://openvex.dev/ns/v9"}),
        openvex(statement(), **{"@context": "https://elsewhere.example"}),
        openvex(statement(status="fine")),
        openvex(statement(status=None)),
        openvex(statement(justification=None)),
        openvex(statement(vulnerability=None)),
        openvex(statement(vulnerability={"name": ""})),
        openvex(statement(vulnerability={"name": "CVE-1", "aliases": "CVE-2"})),
        openvex(statement(products="all")),
        json.dumps(bom(metadata={"timestamp": WHEN})).encode(),
        json.dumps(bom(metadata={"authors": [{"name": "a"}]})).encode(),
        json.dumps(bom(metadata={"timestamp": WHEN, "authors": [{"name": "a"}, {"name": "b"}]})).encode(),
        json.dumps(bom(specVersion="9")).encode(),
    ],
)
def test_what_cannot_be_read_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse(raw)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_statement_is_read_or_refused(value: Any) -> None:
    for raw in (openvex(statement(products=value)), openvex({"vulnerability": value, "status": value})):
        try:
            parse(raw)
        except FormatError:
            continue
