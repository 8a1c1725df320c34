"""CycloneDX XML says what the JSON says, other readers see it, and documents made to deceive are refused."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cyclonedx.model.bom import Bom as LibraryBom
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sboms import ALPHA, SCOPED, digest, rich, shuffled
from tidegate.errors import FormatError
from tidegate.formats import cyclonedx
from tidegate.formats.sbom import cyclonedx_xml
from tidegate.formats.sbom.cyclonedx_plain import Spec
from tidegate.formats.sbom.reading import read
from tidegate.formats.sbom_model import Bom, Component, Identity, Licence, Wording

SPECS: tuple[Spec, ...] = ("1.6", "1.7")
HEAD = '<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"'


@pytest.mark.parametrize("spec", SPECS)
def test_json_and_xml_say_the_same(spec: Spec) -> None:
    as_json, as_xml = read(cyclonedx.render(rich(), spec).encode()), read(cyclonedx_xml.render(rich(), spec).encode())
    assert as_json == as_xml
    assert as_json.format == f"CycloneDX {spec}"


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("form", [cyclonedx.render, cyclonedx_xml.render])
def test_nothing_of_the_model_is_lost(spec: Spec, form: Callable[[Bom, Spec], str]) -> None:
    found = read(form(rich(), spec).encode())
    alpha = next(each for each in found.every() if each.ref == ALPHA)
    meant = next(each for each in rich().every() if each.ref == ALPHA)
    assert alpha.external is (spec == "1.7")
    assert alpha.licences == (Licence("Apache-2.0 OR MIT"),)
    assert {*alpha.identities} == {*meant.identities}
    assert {(d.url, d.comment, d.kind): {*d.hashes} for d in alpha.downloads} == {
        (d.url, d.comment, d.kind): {*d.hashes} for d in meant.downloads
    }
    for name in ("authors", "description", "copyright", "identifiers", "scope", "purl", "version"):
        assert getattr(alpha, name) == getattr(meant, name)
    scoped = next(each for each in found.every() if each.ref == SCOPED)
    assert (scoped.group, scoped.licences[0].wording, scoped.licences[0].url) == (
        "@x",
        Wording.NAME,
        "https://acme.example/licence",
    )
    assert (found.workflow, found.authors, found.manufacturer, found.supplier) == (
        rich().workflow,
        rich().authors,
        rich().manufacturer,
        rich().supplier,
    )
    assert {(c.aggregate, frozenset(c.assemblies), frozenset(c.dependencies)) for c in found.compositions} == {
        (c.aggregate, frozenset(c.assemblies), frozenset(c.dependencies)) for c in rich().compositions
    }
    assert {ref: {*to} for ref, to in found.edges} == {ref: {*to} for ref, to in rich().edges}
    assert [tool.name for tool in found.tools] == ["tidegate"]
    assert found.root.supplier == rich().root.supplier


@settings(max_examples=20, deadline=None)
@given(st.integers())
def test_order_of_input_does_not_matter(seed: int) -> None:
    assert cyclonedx_xml.render(shuffled(rich(), seed)) == cyclonedx_xml.render(rich())


def projected(component: Any) -> tuple[object, ...]:
    """All the library holds of a component, and its occurrences, whose lines it reads as texts from XML."""
    places = (
        {(each.location, str(each.line)) for each in component.evidence.occurrences} if component.evidence else set()
    )
    identities = list(component.evidence.identity) if component.evidence else []
    names = ("type", "purl", "name", "group", "version", "scope", "hashes", "licenses", "external_references", "cpe")
    more = ("properties", "supplier", "manufacturer", "authors", "description", "copyright", "components")
    return str(component.bom_ref), places, identities, *(getattr(component, name) for name in (*names, *more))


def test_the_library_reads_both_forms_as_one() -> None:
    from_json = LibraryBom.from_json(json.loads(cyclonedx.render(rich())))  # type: ignore[attr-defined]
    from_xml = LibraryBom.from_xml(ET.fromstring(cyclonedx_xml.render(rich())))  # type: ignore[attr-defined]
    assert [projected(each) for each in from_json.components] == [projected(each) for each in from_xml.components]
    assert from_json.serial_number == from_xml.serial_number
    edges = [
        {str(d.ref): {str(t.ref) for t in d.dependencies} for d in bom.dependencies} for bom in (from_json, from_xml)
    ]
    assert edges[0] == edges[1] == {ref: {*to} for ref, to in rich().edges}
    alpha = next(each for each in from_xml.components if str(each.purl) == ALPHA)
    assert {h.content for r in alpha.external_references for h in r.hashes} >= {digest("a").value, digest("s").value}
    assert [each.value for each in alpha.licenses] == ["Apache-2.0 OR MIT"]


@pytest.mark.parametrize(
    "text", ["\udcff.py", "a\x00b", "\x1b[31m", "é\u202e", "x" * 5000, "\"<&>'\n", "]]>", "\ufffe"]
)
def test_odd_names_are_the_same_in_both_forms(text: str) -> None:
    odd = Component("odd:" + text, "file", text, properties=((text, text),), licence=text, description=text)
    bom = Bom(Component("r", "application", "r"), (odd,), (("r", ("odd:" + text,)), ("odd:" + text, ())), (), "1")
    assert read(cyclonedx.render(bom).encode()) == read(cyclonedx_xml.render(bom).encode())


def test_a_confidence_of_zero_is_a_value() -> None:
    bom = replace(rich(), components=(Component("x", "library", "x", identities=(Identity("purl", "other", 0.0),)),))
    bom = replace(bom, edges=(), compositions=())
    for text in (cyclonedx.render(bom), cyclonedx_xml.render(bom)):
        assert next(each for each in read(text.encode()).components).identities == (Identity("purl", "other", 0.0),)


def document(inside: str, more: str = "") -> bytes:
    return f"{HEAD}{more}>{inside}</bom>".encode()


COMPONENT = '<component type="library" bom-ref="a"><name>a</name></component>'


def test_a_small_document_is_read() -> None:
    found = read(document(f"<components>{COMPONENT}</components><dependencies><dependency ref='a'/></dependencies>"))
    assert [each.name for each in found.components] == ["a"]
    assert found.edges == (("a", ()),)


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("<components><component><name>a</name></component></components>", "lacks the attribute `type`"),
        ("<components><component type='thing'><name>a</name></component></components>", "wrong value in `type`"),
        ("<components><component type='library'/></components>", "lacks name"),
        (
            "<components><component type='library'><version>1</version><name>a</name></component></components>",
            "lacks name",
        ),
        (f"<components>{COMPONENT}{COMPONENT}</components>", "given twice"),
        ("<dependencies><dependency ref='nowhere'/></dependencies>", "points to nothing"),
        ("<components>words</components>", "holds text"),
        ("<surprise/>", "does not belong there"),
        ("<components xmlns='urn:other'/>", ""),
        (
            f"<components>{COMPONENT.replace('<name>', '<name x=%1%>').replace('%', chr(34))}</components>",
            "unknown attribute",
        ),
        (
            "<components><component type='library'><name>a</name><hashes><hash alg='SHA-256'>00</hash></hashes>"
            "</component></components>",
            "`hash` cannot be",
        ),
    ],
)
def test_what_the_schema_forbids_is_named(inside: str, says: str) -> None:
    if not says:
        assert read(document(inside)).components == ()
        return
    with pytest.raises(FormatError, match=says):
        read(document(inside))


@pytest.mark.parametrize(
    "raw",
    [
        b"<",
        b"<bom/>",
        b'<bom xmlns="http://cyclonedx.org/schema/bom/9.9"/>',
        b'<!DOCTYPE bom [<!ENTITY a "aaaa">]>' + document("<components/>").partition(b"\n")[2],
        b'<!DOCTYPE bom SYSTEM "file:///etc/passwd">' + document("").partition(b"\n")[2],
        document("<a>" * 200 + "</a>" * 200),
        document("<components>" + "<component type='library'><name>n</name><components>" * 40),
        document("\xff").replace("ÿ".encode(), b"\xff"),
        document("", ' version="2"'),
        document("", ' xmlns:e="urn:e" e:version="2" serialNumber="nonsense"'),
        document("")[:-3],
        document(f"<components>{COMPONENT}</components>").replace(
            b'type="library"', b'xmlns:e="urn:e" e:type="library"'
        ),
    ],
)
def test_documents_made_to_deceive_are_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        read(raw)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 400), st.integers(1, 60), st.sampled_from([b"", b"<", b"&", b"'", b"\x00", b"<x/>", b"\xff"]))
def test_broken_documents_are_refused_or_read_and_nothing_else(at: int, cut: int, put: bytes) -> None:
    whole = cyclonedx_xml.render(rich()).encode()
    try:
        found = read(whole[: at * 7] + put + whole[at * 7 + cut :])
    except FormatError:
        return
    assert found.format == "CycloneDX 1.6"
