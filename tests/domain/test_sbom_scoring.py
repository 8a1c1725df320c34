"""Every field of every standard is seen when it is there and missed when it is not, whoever wrote the document."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tidegate.domain.sbom.scoring.rules import RULES
from tidegate.domain.sbom.scoring.score import Score, scores, written_as
from tidegate.domain.sbom.scoring.standards import BSI_2_1, CISA_2025, NTIA_2021, STANDARDS
from tidegate.domain.sbom.scoring.table import document, line, table
from tidegate.errors import FormatError
from tidegate.formats.sbom.reading import read
from tidegate.formats.sbom_model import (
    NOBODY,
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
from tidegate.model.finding import Level

DATA = Path(__file__).parents[1] / "data" / "cyclonedx"
SHA256, SHA512 = Digest("sha256", "a" * 64), Digest("sha512", "b" * 128)
ACME = Organisation("Acme", ("https://acme.example",), (Contact("Ann", "ann@acme.example"),))
BSI_WORDS = (
    ("bsi:component:filename", "a-1.0.tgz"),
    ("bsi:component:executable", "non-executable"),
    ("bsi:component:archive", "archive"),
    ("bsi:component:structured", "structured"),
)

Change = Callable[[Bom], Bom]


def component(ref: str, **more: object) -> Component:
    """A component of which everything is said; `more` changes any field."""
    whole = Component(
        ref=ref,
        kind="library",
        name=ref,
        version="1.0",
        purl=f"pkg:npm/{ref}@1.0",
        downloads=(
            Download(f"https://files.example/{ref}-1.0.tgz", (SHA256, SHA512)),
            Download(f"https://git.example/{ref}", kind="vcs"),
        ),
        properties=BSI_WORDS,
        licences=(Licence("MIT"), Licence("MIT", acknowledgement="concluded")),
        manufacturer=ACME,
    )
    return replace(whole, **more)  # type: ignore[arg-type]


def whole() -> Bom:
    """An SBOM that every standard is content with."""
    return Bom(
        root=component("root", kind="application"),
        components=(component("a"), component("b")),
        edges=(("root", ("a",)), ("a", ("b",)), ("b", ())),
        compositions=(Composition(Aggregate.COMPLETE, dependencies=("root", "a", "b")),),
        tool_version="",
        timestamp="2026-01-02T03:04:05Z",
        manufacturer=ACME,
        tools=(Tool("maker", "1.0"),),
        format="CycloneDX 1.6",
        serial="urn:uuid:00000000-0000-4000-8000-000000000000",
    )


def of_a(**more: object) -> Change:
    return lambda bom: replace(bom, components=(component("a", **more), *bom.components[1:]))


def of_all(**more: object) -> Change:
    return lambda bom: replace(bom, **more)  # type: ignore[arg-type]


def by_name(bom: Bom) -> dict[str, Score]:
    return {each.standard.name: each for each in scores(bom)}


def lacking(bom: Bom) -> dict[str, tuple[int, int]]:
    """Rule to (how many lack it, of how many) over all standards."""
    rows = (row for each in scores(bom) for row in each.told)
    return {row.field.rule.id: (row.lacking, row.asked) for row in rows if row.lacking}


NO_MAIL = Organisation("Acme", contacts=(Contact("Ann", phone="1"),))
NO_DIGEST = (Download("https://files.example/a-1.0.tgz"), Download("https://git.example/a", kind="vcs"))
WEAK = (replace(NO_DIGEST[0], hashes=(Digest("sha1", "c" * 40), Digest("h1", "d" * 64))), NO_DIGEST[1])
KNOWN = Composition(Aggregate.UNKNOWN, ("root", "b"))
ONE_SOURCE = (Download("https://files.example/a-1.0.tgz", (SHA512,)),)

REMOVALS: dict[str, list[tuple[Change, set[str]]]] = {
    "sbom-author-missing": [
        (of_all(manufacturer=None), {"sbom-author-missing", "sbom-contact-missing"}),
        (of_all(manufacturer=Organisation(), authors=(Contact(phone="1"),)), {"sbom-contact-missing"}),
    ],
    "sbom-timestamp-missing": [
        (of_all(timestamp=""), set()),
        (of_all(timestamp="yesterday"), set()),
        (of_all(timestamp="2026-01-02T03:04:05"), set()),
    ],
    "sbom-tool-missing": [(of_all(tools=()), set()), (of_all(tools=(Tool(" "),)), set())],
    "sbom-context-missing": [(of_all(phases=()), set()), (of_all(phases=("",)), set())],
    "sbom-contact-missing": [
        (of_all(manufacturer=NO_MAIL), set()),
        (of_all(manufacturer=Organisation("Acme", ("acme.example",))), set()),
        (of_all(manufacturer=None, authors=(Contact("Ann", "@"),)), set()),
    ],
    "sbom-uri-missing": [(of_all(serial=""), set())],
    "sbom-format-old": [
        (of_all(format="CycloneDX 1.5"), set()),
        (of_all(format="SPDX 2.3"), set()),
        (of_all(format="SPDX 3.0.0"), set()),
        (of_all(format="Homemade 9.9"), set()),
        (of_all(format=""), set()),
    ],
    "sbom-vulnerability-inside": [(of_all(vulnerabilities=1), set())],
    "component-name-missing": [(of_a(name=""), set()), (of_a(name=" "), set())],
    "component-version-missing": [(of_a(version=""), set())],
    "supplier-missing": [
        (of_a(manufacturer=None), {"component-creator-missing"}),
        (of_a(manufacturer=Organisation()), {"component-creator-missing"}),
        (of_a(manufacturer=None, authors=(Contact(phone="1"),)), {"component-creator-missing"}),
    ],
    "identifier-missing": [
        (of_a(purl=""), set()),
        (of_a(purl="a"), set()),
        (of_a(purl="", identifiers=(("cpe", ""),)), set()),
    ],
    "relation-missing": [
        (of_all(edges=(("root", ()), ("a", ("b",)), ("b", ()))), set()),
        (of_all(edges=(("root", ()), ("a", ("a", "b")), ("b", ()))), set()),
    ],
    "hash-missing": [
        (of_a(downloads=NO_DIGEST), {"sha512-missing"}),
        (of_a(downloads=WEAK), {"sha512-missing"}),
    ],
    "licence-missing": [
        (of_a(licences=()), {"distribution-licence-missing", "original-licence-missing"}),
        (of_a(licences=(Licence("NOASSERTION"),)), {"distribution-licence-missing", "original-licence-missing"}),
    ],
    "component-creator-missing": [(of_a(manufacturer=NO_MAIL), set()), (of_a(manufacturer=None, publisher="A"), set())],
    "filename-missing": [
        (of_a(properties=BSI_WORDS[1:]), set()),
        (of_a(properties=(("bsi:component:filename", "lib/a"), *BSI_WORDS[1:])), set()),
    ],
    "completeness-missing": [
        (of_all(compositions=(Composition(Aggregate.COMPLETE, dependencies=("root", "b")),)), set()),
        (of_all(compositions=(Composition(Aggregate.NOT_SPECIFIED, ("a",)), KNOWN)), set()),
    ],
    "distribution-licence-missing": [
        (of_a(licences=(Licence("MIT"),)), set()),
        (of_a(licences=(Licence("MIT"), Licence("free", Wording.NAME, "concluded"))), set()),
    ],
    "sha512-missing": [(of_a(downloads=(replace(NO_DIGEST[0], hashes=(SHA256,)), NO_DIGEST[1])), set())],
    "executable-unsaid": [
        (of_a(properties=(BSI_WORDS[0], *BSI_WORDS[2:])), set()),
        (of_a(properties=(("bsi:component:executable", "perhaps"), BSI_WORDS[0], *BSI_WORDS[2:])), set()),
    ],
    "archive-unsaid": [(of_a(properties=(*BSI_WORDS[:2], BSI_WORDS[3])), set())],
    "structured-unsaid": [(of_a(properties=BSI_WORDS[:3]), set())],
    "source-uri-missing": [(of_a(downloads=ONE_SOURCE), set())],
    "deployable-uri-missing": [
        (of_a(downloads=NO_DIGEST[1:], hashes=(SHA512,)), set()),
        (of_a(downloads=(Download("pkg:npm/a@1.0", (SHA512,)), NO_DIGEST[1])), set()),
    ],
    "original-licence-missing": [
        (of_a(licences=(Licence("MIT", acknowledgement="concluded"),)), set()),
        (of_a(licences=(Licence("MIT", acknowledgement=""), Licence("MIT", acknowledgement="concluded"))), set()),
    ],
}  # fmt: skip


def test_an_sbom_that_says_everything_meets_every_standard() -> None:
    assert [(str(each), each.met) for each in scores(whole())] == [
        ("ntia-2021 7.0 of 7", True),
        ("cisa-2025 11.0 of 11", True),
        ("bsi-tr-03183-2 19.0 of 19", True),
    ]


@pytest.mark.parametrize(
    ("rule", "number"), [(rule, number) for rule, cases in REMOVALS.items() for number in range(len(cases))]
)
def test_each_field_is_missed_alone(rule: str, number: int) -> None:
    change, also = REMOVALS[rule][number]
    found = lacking(change(whole()))
    assert found.keys() == {rule, *also}
    assert found[rule] in ((1, 1), (1, 3))


def test_every_rule_has_its_bad_document_and_belongs_to_a_standard() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert set(ids) == REMOVALS.keys()
    assert {field.rule for standard in STANDARDS for field in standard.fields} == set(RULES)
    assert all(rule.level is Level.WARN and rule.frameworks for rule in RULES)


def test_the_standards_ask_for_as_many_fields_as_their_texts_do() -> None:
    assert [len(each.fields) for each in STANDARDS] == [7, 11, 19]
    assert [len(each.additional) for each in STANDARDS] == [0, 0, 5]
    assert "draft" in CISA_2025.title
    assert "v2.1.0" in BSI_2_1.title


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda each: each.name)
def test_a_rule_names_each_standard_that_asks_for_its_field(standard: object) -> None:
    asked = {field.rule.id for field in standard.fields}  # type: ignore[attr-defined]
    name = standard.name[:4].upper().rstrip("-")  # type: ignore[attr-defined]
    assert {rule.id for rule in RULES if any(each.startswith(name) for each in rule.frameworks)} == asked


@pytest.mark.parametrize(
    "change",
    [
        of_all(manufacturer=None, authors=(Contact("Ann", "ann@acme.example"),)),
        of_all(tools=(), tool_version="1.0"),
        of_all(format="CycloneDX 1.10"),
        of_all(format="SPDX 3.0.1"),
        of_a(manufacturer=None, supplier=ACME),
        of_a(manufacturer=None, authors=(Contact("Ann", "ann@acme.example"),)),
        of_a(manufacturer=None, publisher="https://acme.example"),
        of_a(purl="", identifiers=(("cpe", "cpe:2.3:a:a:a:1.0:*:*:*:*:*:*:*"),)),
        of_a(downloads=NO_DIGEST, hashes=(SHA512,)),
        of_a(kind="file"),
    ],
)
def test_other_ways_of_saying_it_count_as_well(change: Change) -> None:
    assert lacking(change(whole())) == {}


def test_what_an_additional_field_lacks_lowers_the_score_and_still_meets_the_standard() -> None:
    bsi = by_name(replace(whole(), serial=""))["bsi-tr-03183-2"]
    assert (str(bsi), bsi.met) == ("bsi-tr-03183-2 18.0 of 19", True)


def test_the_share_of_components_counts_and_is_rounded_down() -> None:
    many = tuple(component(f"p{number}") for number in range(3000))
    bom = replace(whole(), components=(*many[1:], component("p0", licences=())))
    bom = replace(bom, edges=(("root", tuple(each.ref for each in many)), *((each.ref, ()) for each in many)))
    cisa = by_name(bom)["cisa-2025"]
    (row,) = [each for each in cisa.told if each.lacking]
    assert (row.lacking, row.asked, row.first) == (1, 3001, ("p0",))
    assert str(cisa) == "cisa-2025 10.9 of 11"
    assert not cisa.met


def test_plain_files_are_asked_for_what_files_have() -> None:
    bare = Component("f", "file", "lib/x.so", hashes=(SHA512,), properties=BSI_WORDS)
    bom = replace(whole(), components=(component("a", parts=(bare,)), component("b")))
    assert lacking(bom) == {}
    nameless = replace(bare, name="", hashes=(), properties=())
    assert set(lacking(replace(bom, components=(component("a", parts=(nameless,)), component("b"))))) == {
        "component-name-missing", "hash-missing", "sha512-missing", "filename-missing", "executable-unsaid",
        "archive-unsaid", "structured-unsaid",
    }  # fmt: skip


def test_a_root_of_several_files_is_described_by_their_digests() -> None:
    files = tuple(Component(name, "file", name, hashes=(SHA512,), properties=BSI_WORDS) for name in ("a.whl", "a.tgz"))
    bom = replace(whole(), root=replace(whole().root, hashes=(), downloads=()))

    def lacks_digests(*parts: Component) -> int:
        edges = tuple((ref, (*targets, "a.whl", "a.tgz") if ref == "root" else targets) for ref, targets in bom.edges)
        one = replace(bom, components=(*bom.components, *parts), edges=edges)
        return lacking(one).get("hash-missing", (0, 0))[0]

    assert lacks_digests(*files) == 0
    assert lacks_digests(files[0], replace(files[1], hashes=())) == 2
    assert lacks_digests() == 1


def test_a_root_that_calls_itself_a_file_is_asked_for_everything() -> None:
    assert "supplier-missing" in lacking(replace(whole(), root=component("root", kind="file", manufacturer=None)))


def test_an_sbom_of_nothing_scores_nothing() -> None:
    empty = Bom(NOBODY, (), (), (), "", phases=())
    assert [str(each) for each in scores(empty)] == [
        "ntia-2021 0.0 of 7",
        "cisa-2025 0.0 of 11",
        "bsi-tr-03183-2 1.0 of 19",
    ]
    assert not any(each.met for each in scores(empty))


def test_the_table_names_what_is_missing_and_hides_nothing_behind_odd_names() -> None:
    bom = of_a(name="e\x1b[2Jvil", version="")(whole())
    text = "\n".join(table(scores(bom)))
    assert "\x1b" not in text + document(scores(bom))
    assert "ntia-2021 6.6 of 7" in text
    assert "(not met)" in text
    assert "version                               2 of 3" in text
    assert line(scores(whole())) == "ntia-2021 7.0 of 7, cisa-2025 11.0 of 11, bsi-tr-03183-2 19.0 of 19"
    assert document(scores(bom)) == document(scores(bom))


@pytest.mark.parametrize("path", sorted(DATA.glob("*.*")), ids=lambda path: path.name)
def test_documents_of_the_specification_are_scored_or_refused(path: Path) -> None:
    if path.suffix == ".md":
        return
    try:
        bom = read(path.read_bytes())
    except FormatError:
        assert not path.name.startswith("valid")
        return
    assert all(0 <= each.points <= len(each.told) for each in scores(bom))
    assert document(scores(bom)).endswith("}\n")


def test_a_document_we_write_is_taken_for_what_a_reader_gets() -> None:
    ours = replace(whole(), format="", serial="")
    assert lacking(written_as(ours, "CycloneDX 1.7")) == {}
    assert {each.standard for each in scores(ours)} == {NTIA_2021, CISA_2025, BSI_2_1}
