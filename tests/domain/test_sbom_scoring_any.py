"""Whatever an SBOM says, it has a score; and saying less never gives a better one."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.sbom.scoring.score import scores
from tidegate.domain.sbom.scoring.table import document, table
from tidegate.formats.sbom_model import (
    Aggregate,
    Bom,
    Component,
    Composition,
    Contact,
    Download,
    Licence,
    Organisation,
    Tool,
    Wording,
)
from tidegate.model.digest import Digest

SHA256, SHA512 = Digest("sha256", "a" * 64), Digest("sha512", "b" * 128)
BSI_WORDS = (
    ("bsi:component:filename", "a-1.0.tgz"),
    ("bsi:component:executable", "non-executable"),
    ("bsi:component:structured", "structured"),
)

WORDS = st.sampled_from(
    ["", " ", "a", "NONE", "NOASSERTION", "pkg:npm/a@1", "https://a.example", "a@b.example", "\ud800", "0" * 30]
)
CONTACTS = st.builds(Contact, WORDS, WORDS, WORDS)
ORGANISATIONS = st.none() | st.builds(
    Organisation, WORDS, st.lists(WORDS, max_size=2).map(tuple), st.lists(CONTACTS, max_size=2).map(tuple)
)
DIGESTS = st.lists(st.sampled_from([SHA256, SHA512, Digest("sha1", "c" * 40)]), max_size=2).map(tuple)
DOWNLOADS = st.builds(
    Download, WORDS, DIGESTS, WORDS, st.sampled_from(["distribution", "vcs", "source-distribution", "other"])
)
LICENCES = st.builds(Licence, WORDS, st.sampled_from(list(Wording)), st.sampled_from(["", "declared", "concluded"]))
PROPERTIES = st.sampled_from([*BSI_WORDS, ("bsi:component:archive", "no"), ("", "")])
REFS = st.sampled_from(["", "root", "a", "b", "c"])
REF_LISTS = st.lists(REFS, max_size=3).map(tuple)
COMPONENTS = st.builds(
    Component,
    ref=REFS,
    kind=st.sampled_from(["library", "file", "application"]),
    name=WORDS,
    version=WORDS,
    purl=WORDS,
    hashes=DIGESTS,
    downloads=st.lists(DOWNLOADS, max_size=2).map(tuple),
    properties=st.lists(PROPERTIES, max_size=3).map(tuple),
    licences=st.lists(LICENCES, max_size=2).map(tuple),
    supplier=ORGANISATIONS,
    manufacturer=ORGANISATIONS,
    authors=st.lists(CONTACTS, max_size=2).map(tuple),
    publisher=WORDS,
    identifiers=st.lists(st.tuples(st.just("cpe"), WORDS), max_size=2).map(tuple),
)  # fmt: skip
COMPOSITIONS = st.builds(Composition, st.sampled_from(list(Aggregate)), REF_LISTS, REF_LISTS)
BOMS = st.builds(
    Bom,
    root=COMPONENTS,
    components=st.lists(COMPONENTS, max_size=4).map(tuple),
    edges=st.lists(st.tuples(REFS, REF_LISTS), max_size=4).map(tuple),
    compositions=st.lists(COMPOSITIONS, max_size=3).map(tuple),
    tool_version=WORDS,
    phases=st.lists(WORDS, max_size=2).map(tuple),
    timestamp=WORDS | st.just("2026-01-02T03:04:05Z"),
    authors=st.lists(CONTACTS, max_size=2).map(tuple),
    manufacturer=ORGANISATIONS,
    tools=st.lists(st.builds(Tool, WORDS), max_size=2).map(tuple),
    format=st.sampled_from(["CycloneDX 1.6", "CycloneDX 1.4", "SPDX 2.3", "CycloneDX", "CycloneDX ²", ""]),
    serial=WORDS,
)  # fmt: skip
EMPTY = {
    "name": "", "version": "", "purl": "", "hashes": (), "downloads": (), "properties": (), "licences": (),
    "supplier": None, "manufacturer": None, "authors": (), "publisher": "", "identifiers": (),
}  # fmt: skip
EMPTY_BOM = {
    "edges": (), "compositions": (), "tool_version": "", "phases": (), "timestamp": "", "authors": (),
    "manufacturer": None, "tools": (), "format": "", "serial": "",
}  # fmt: skip


@settings(max_examples=60)
@given(BOMS)
def test_any_model_has_a_score_between_nothing_and_all(bom: Bom) -> None:
    results = scores(bom)
    assert all(0 <= each.points <= len(each.told) for each in results)
    assert all(each.points == len(each.told) or any(row.lacking for row in each.told) for each in results)
    assert "\ud800" not in "".join(table(results)) + document(results)


@settings(max_examples=60)
@given(BOMS, st.sampled_from(sorted(EMPTY)), st.sampled_from(sorted(EMPTY_BOM)), st.integers(0, 4))
def test_a_score_never_rises_when_something_is_left_out(bom: Bom, field: str, whole_field: str, place: int) -> None:
    before = [each.points for each in scores(bom)]
    components = [
        replace(each, **{field: EMPTY[field]}) if number == place else each  # type: ignore[arg-type]
        for number, each in enumerate(bom.components)
    ]
    edges = [(ref, to[:-1]) if number == place else (ref, to) for number, (ref, to) in enumerate(bom.edges)]
    less: tuple[Bom, ...] = (
        replace(bom, components=tuple(components)),
        replace(bom, root=replace(bom.root, **{field: EMPTY[field]})),  # type: ignore[arg-type]
        replace(bom, edges=tuple(edges)),
        replace(bom, edges=bom.edges[:place]),
        replace(bom, compositions=bom.compositions[:place]),
        replace(bom, **{whole_field: EMPTY_BOM[whole_field]}),  # type: ignore[arg-type]
    )
    for one in less:
        assert all(now <= then for now, then in zip((each.points for each in scores(one)), before, strict=True))
