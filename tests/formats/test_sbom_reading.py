"""SBOMs of others: hostile bytes are refused with a reason, whatever format they claim to be."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sboms import rich
from tidegate.errors import FormatError
from tidegate.formats import cyclonedx
from tidegate.formats.sbom import reading
from tidegate.formats.sbom.cyclonedx_reading import bom
from tidegate.formats.sbom.reading import read, recognise
from tidegate.formats.sbom.spdx_reading import bom as spdx_bom
from tidegate.formats.sbom_model import Contact, Identity, Licence, Tool, Wording

HEAD = '{"bomFormat": "CycloneDX", "specVersion": "1.6"'


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        HEAD.encode() + b', "version": 1, "version": 1}',
        HEAD.encode() + b', "components": ' + b"[" * 5000 + b"}",
        HEAD.encode() + b', "version": ' + b"9" * 5000 + b"}",
        HEAD.encode() + b', "version": NaN}',
        HEAD.encode() + b', "serialNumber": "\\ud800"}',
        HEAD.encode() + b', "spdxVersion": "SPDX-2.3"}',
        HEAD.replace("1.6", "2.0").encode() + b"}",
    ],
)
def test_hostile_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        read(raw)


def test_too_many_bytes_are_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LIMIT", 1000)
    with pytest.raises(FormatError, match="more than 1000 bytes"):
        read(b" " * 1001)


def test_the_format_is_told() -> None:
    assert recognise(cyclonedx.render(rich()).encode()).format == "cyclonedx-json"


def test_older_documents_say_things_in_other_places() -> None:
    plain = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.4",
        "version": 1,
        "metadata": {
            "tools": [{"vendor": "v", "name": "t", "version": "1"}],
            "manufacture": {"name": "Acme"},
            "component": {"type": "library", "name": "r", "author": "Ann", "bom-ref": "r"},
        },
        "components": [
            {
                "type": "library",
                "name": "n",
                "licenses": [
                    {"license": {"id": "MIT"}},
                    {"license": {"name": "Acme's", "url": "https://acme.example"}},
                ],
                "swid": {"tagId": "swid-1", "name": "n"},
            }
        ],
        "vulnerabilities": [{"id": "CVE-2026-0001"}],
    }
    found = read(json.dumps(plain).encode())
    assert found.tools == (Tool("t", "1", "v"),)
    assert found.manufacturer is not None
    assert found.root.authors == (Contact("Ann"),)
    assert found.components[0].licences == (
        Licence("MIT", acknowledgement=""),
        Licence("Acme's", Wording.NAME, "", "https://acme.example"),
    )
    assert found.components[0].identifiers == (("swid", "swid-1"),)
    assert (found.vulnerabilities, found.format) == (1, "CycloneDX 1.4")


def test_a_single_identity_is_read_as_a_list_of_one() -> None:
    method = {"technique": "filename", "confidence": 0.5, "value": "x"}
    plain = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "components": [{"type": "file", "name": "x", "evidence": {"identity": {"field": "name", "methods": [method]}}}],
    }
    assert read(json.dumps(plain).encode()).components[0].identities == (Identity("name", "filename", 0.5, "x"),)


def test_a_document_without_a_root_has_nobody() -> None:
    found = read(b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}')
    assert (found.root.name, list(found.every())) == ("", [])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_OF_CYCLONEDX = "metadata component components dependencies compositions licenses hashes tools evidence identity"
_OF_SPDX = "packages files relationships creationInfo externalRefs checksums"
KEYS = st.sampled_from([*_OF_CYCLONEDX.split(), *_OF_SPDX.split()])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, JSON | st.lists(st.dictionaries(KEYS, JSON, max_size=4), max_size=3), max_size=5))
def test_reading_never_fails_on_what_no_schema_has_seen(plain: dict[str, object]) -> None:
    for found in (bom(plain), spdx_bom(plain)):
        assert list(found.every()) is not None
        assert all(each.name is not None for each in found.every())
