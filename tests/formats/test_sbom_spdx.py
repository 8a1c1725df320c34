"""SPDX 2.3: what is known is said, what is not is `NOASSERTION`, and our own reader gets back what was meant."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.sboms import ALPHA, SCOPED, TOOL, digest, rich, shuffled
from tidegate.errors import FormatError
from tidegate.formats.sbom.reading import read, recognise
from tidegate.formats.sbom.spdx_json import NO_TIME, identifier, render
from tidegate.formats.sbom.spdx_validation import validate
from tidegate.formats.sbom_model import Aggregate, Bom, Component, Download, Licence, Wording
from tidegate.model.digest import Digest

Json = dict[str, Any]


def written(bom: Bom | None = None) -> Json:
    text = render(bom or rich())
    validate(text)
    plain: Json = json.loads(text)
    return plain


def package(plain: Json, ref: str) -> Json:
    (found,) = [each for each in plain["packages"] if each["SPDXID"] == identifier(ref)]
    return dict(found)


def related(plain: Json) -> set[tuple[str, str, str]]:
    names = {identifier(each.ref): each.ref for each in rich().every()} | {"SPDXRef-DOCUMENT": "document"}
    return {
        (
            names[each["spdxElementId"]],
            each["relationshipType"],
            names.get(each["relatedSpdxElement"], each["relatedSpdxElement"]),
        )
        for each in plain["relationships"]
    }


def test_the_head_names_tool_people_time_and_context() -> None:
    plain = written()
    assert plain["creationInfo"]["created"] == "2026-01-02T03:04:05Z"
    assert plain["creationInfo"]["creators"] == [
        "Organization: Acme (alice@acme.example)",
        "Person: Bob (bob@acme.example)",
        "Tool: tidegate-0.1.0",
    ]
    assert plain["creationInfo"]["comment"] == "generation context: pre-build, post-build"
    assert plain["documentNamespace"].startswith("urn:uuid:")
    assert plain["documentDescribes"] == [identifier("release:demo")]


def test_a_package_has_one_file_and_its_digests_and_names_the_others() -> None:
    alpha = package(written(), ALPHA)
    assert alpha["downloadLocation"] == "https://packages.example/alpha-1.2.tar.gz"
    assert alpha["packageFileName"] == "alpha-1.2.tar.gz"
    assert alpha["checksums"] == [{"algorithm": "SHA256", "checksumValue": digest("s").value}]
    (other,) = [each for each in alpha["externalRefs"] if each["referenceType"] == "distribution"]
    assert other["referenceLocator"] == "https://packages.example/alpha.whl"
    assert other["comment"] == f"{digest('a')} sha512:{'0' * 128}"
    assert alpha["sourceInfo"] == "seen in a/uv.lock, uv.lock:3"


def test_what_nobody_said_is_not_asserted() -> None:
    tool = package(written(), TOOL)
    for key in ("supplier", "downloadLocation", "licenseDeclared", "licenseConcluded", "copyrightText"):
        assert tool[key] == "NOASSERTION"
    assert "checksums" not in tool


def test_licences_are_expressions_or_the_words_themselves() -> None:
    plain = written()
    assert package(plain, ALPHA)["licenseDeclared"] == "Apache-2.0 OR MIT"
    own = package(plain, SCOPED)["licenseDeclared"]
    assert own.startswith("LicenseRef-see-LICENSE-in-repo-")
    assert {each["licenseId"]: each["extractedText"] for each in plain["hasExtractedLicensingInfos"]} == {
        own: "see LICENSE in repo"
    }


def test_references_to_licences_that_are_not_here_are_said_to_be_that() -> None:
    bom = replace(rich(), components=(Component("x", "library", "x", licence="LicenseRef-Acme"),), edges=())
    (quoted,) = written(replace(bom, compositions=()))["hasExtractedLicensingInfos"]
    assert quoted["licenseId"] == "LicenseRef-Acme"
    assert "not in this document" in quoted["extractedText"]


def test_several_licences_hold_together() -> None:
    several = (Licence("MIT OR ISC"), Licence("Zlib"), Licence("BSD-3-Clause", acknowledgement="concluded"))
    bom = replace(rich(), components=(Component("x", "library", "x", licences=several),), edges=(), compositions=())
    found = package(written(bom), "x")
    assert (found["licenseDeclared"], found["licenseConcluded"]) == ("(MIT OR ISC) AND Zlib", "BSD-3-Clause")


def test_relationships_tell_parts_needs_and_gaps() -> None:
    assert related(written()) == {
        ("document", "DESCRIBES", "release:demo"),
        ("release:demo", "CONTAINS", "artifact:a.whl"),
        ("artifact:a.whl", "CONTAINS", "artifact:a.whl!/x.libs/y.so"),
        ("artifact:a.whl", "CONTAINS", "NOASSERTION"),
        ("artifact:a.whl", "DEPENDS_ON", ALPHA),
        ("release:demo", "DEPENDS_ON", ALPHA),
        ("release:demo", "DEPENDS_ON", TOOL),
        (TOOL, "DEV_DEPENDENCY_OF", "release:demo"),
        (TOOL, "DEPENDS_ON", "NONE"),
        (ALPHA, "DEPENDS_ON", SCOPED),
        (SCOPED, "DEPENDS_ON", "NOASSERTION"),
    }


def test_a_repository_is_a_location_with_its_commit() -> None:
    source = Download("https://code.example/a/b", comment="c" * 40, kind="vcs")
    bom = replace(rich(), components=(Component("x", "library", "x", downloads=(source,)),), edges=(), compositions=())
    assert package(written(bom), "x")["downloadLocation"] == f"git+https://code.example/a/b.git@{'c' * 40}"
    (found,) = [each for each in read(render(bom).encode()).components if each.name == "x"]
    assert found.downloads == (Download("https://code.example/a/b.git", comment="c" * 40, kind="vcs"),)


def test_digests_of_nameless_files_are_nobody_s_checksum() -> None:
    loose = Download(
        "pkg:pypi/x@1", (digest("1"), digest("2")), "digests of files whose names the lock does not record"
    )
    bom = replace(rich(), components=(Component("x", "library", "x", downloads=(loose,)),), edges=(), compositions=())
    found = package(written(bom), "x")
    assert "checksums" not in found
    assert "packageFileName" not in found
    assert set(read(render(bom).encode()).components[0].downloads[0].hashes) == {digest("1"), digest("2")}


def test_without_a_time_the_oldest_is_written() -> None:
    assert written(replace(rich(), timestamp=""))["creationInfo"]["created"] == NO_TIME


def test_our_reader_gets_back_what_was_meant() -> None:
    found = read(render(rich()).encode())
    assert (found.format, found.phases, found.timestamp) == ("SPDX 2.3", rich().phases, rich().timestamp)
    assert [(tool.name, tool.version) for tool in found.tools] == [("tidegate", "0.1.0")]
    assert found.manufacturer is not None
    assert found.manufacturer.name == "Acme"
    assert (found.root.name, found.root.version, found.root.hashes) == ("demo", "1.0", (digest("w"),))
    names = {identifier(each.ref): each.ref for each in rich().every()}
    by_ref = {names[each.ref]: each for each in found.every()}
    assert set(by_ref) == {each.ref for each in rich().every()}
    assert by_ref[SCOPED].licences == (Licence("see LICENSE in repo", Wording.NAME, text="see LICENSE in repo"),)
    assert by_ref[TOOL].scope == "excluded"
    assert by_ref[ALPHA].purl == ALPHA
    assert {h for d in by_ref[ALPHA].downloads for h in d.hashes} == {
        h for c in rich().every() if c.ref == ALPHA for d in c.downloads for h in d.hashes
    }
    edges = {names[ref]: {names[each] for each in to} for ref, to in found.edges}
    assert edges["release:demo"] == {"artifact:a.whl", ALPHA, TOOL}
    assert edges[TOOL] == set()
    assert SCOPED not in edges
    (unsure,) = found.compositions
    assert (unsure.aggregate, [names[each] for each in unsure.dependencies]) == (Aggregate.UNKNOWN, [SCOPED])
    assert [names[each] for each in unsure.assemblies] == ["artifact:a.whl"]


@settings(max_examples=20, deadline=None)
@given(st.integers())
def test_order_of_input_does_not_matter(seed: int) -> None:
    assert render(shuffled(rich(), seed)) == render(rich())


@pytest.mark.parametrize("text", ["\udcff.py", "a\x00b", "é\u202e", "x" * 5000, '"quoted"\n', "()", "NONE", ""])
def test_odd_names_do_not_break_the_document(text: str) -> None:
    odd = Component("odd:" + text, "file", text or "x", properties=((text, text),), licence=text)
    assert (
        recognise(render(replace(rich(), components=(odd,), edges=(), compositions=())).encode()).format == "spdx-json"
    )


def test_different_refs_never_share_an_identifier() -> None:
    refs = ["pkg:npm/a/b@1", "pkg:npm/a-b@1", "pkg:npm/a_b@1", "x" * 100, "x" * 101]
    assert len({identifier(ref) for ref in refs}) == len(refs)


def changed(**more: object) -> str:
    return json.dumps(json.loads(render(rich())) | more)


@pytest.mark.parametrize(
    "document",
    [
        '{"spdxVersion": "SPDX-2.3"}',
        '{"spdxVersion": "SPDX-2.2", "SPDXID": "SPDXRef-DOCUMENT"}',
        '{"spdxVersion": "SPDX-2.3", "spdxVersion": "SPDX-2.3"}',
        changed(dataLicense="MIT"),
        changed(SPDXID="SPDXRef-Other"),
        changed(documentNamespace=""),
        changed(packages=[{"SPDXID": "SPDXRef-a", "name": "a"}], relationships=[], documentDescribes=[]),
        changed(packages=[{"SPDXID": "SPDXRef-a", "name": "a", "downloadLocation": "NONE"}] * 2, relationships=[]),
        changed(documentDescribes=["SPDXRef-nowhere"]),
        changed(
            relationships=[
                {
                    "spdxElementId": "SPDXRef-no",
                    "relationshipType": "CONTAINS",
                    "relatedSpdxElement": "SPDXRef-DOCUMENT",
                }
            ]
        ),
        changed(surprise=True),
    ],
)
def test_what_is_not_valid_is_refused(document: str) -> None:
    with pytest.raises(FormatError):
        read(document.encode())


def test_a_document_of_another_tool_is_read() -> None:
    plain = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "x",
        "documentNamespace": "https://acme.example/x",
        "comment": "made elsewhere",
        "creationInfo": {
            "created": "2026-01-02T03:04:05Z",
            "creators": ["Tool: syft-1.18.1", "Organization: Acme, Inc"],
        },
        "packages": [
            {
                "SPDXID": "SPDXRef-a",
                "name": "a",
                "downloadLocation": "NOASSERTION",
                "checksums": [{"algorithm": "SHA512", "checksumValue": "0" * 128}],
                "supplier": "Person: Jane (jane@acme.example)",
                "originator": "NOASSERTION",
                "licenseDeclared": "NONE",
                "externalRefs": [
                    {
                        "referenceCategory": "PACKAGE-MANAGER",
                        "referenceType": "http://spdx.org/rdf/references/purl",
                        "referenceLocator": "pkg:npm/a@1",
                    }
                ],
            },
            {"SPDXID": "SPDXRef-b", "name": "b", "downloadLocation": "NONE"},
        ],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-a"},
            {
                "spdxElementId": "SPDXRef-b",
                "relationshipType": "BUILD_DEPENDENCY_OF",
                "relatedSpdxElement": "SPDXRef-a",
            },
        ],
    }
    found = read(json.dumps(plain).encode())
    assert (found.root.purl, found.root.hashes, found.root.licences) == (
        "pkg:npm/a@1",
        (Digest("sha512", "0" * 128),),
        (),
    )
    assert found.root.supplier is not None
    assert (found.root.supplier.name, found.root.manufacturer) == ("Jane", None)
    assert [(each.name, each.scope) for each in found.components] == [("b", "excluded")]
    assert found.edges == (("SPDXRef-a", ("SPDXRef-b",)),)
    assert [(tool.name, tool.version) for tool in found.tools] == [("syft", "1.18.1")]
    assert found.phases == ()
