"""What our own SBOMs lack is told once a field, with a reason, and a reader of the document misses the same."""

from dataclasses import replace

import pytest

from support.stock import digest, inventory, lock, locked, packages, release
from tidegate.domain.sbom.about import About
from tidegate.domain.sbom.build import Parts, build, parts
from tidegate.domain.sbom.scoring.check import lacks
from tidegate.domain.sbom.scoring.score import Score, scores, written_as
from tidegate.domain.sbom.scoring.standards import BSI_2_1, STANDARDS
from tidegate.formats.all_sboms import FORMATS
from tidegate.formats.sbom.cyclonedx_plain import Spec
from tidegate.formats.sbom.reading import read
from tidegate.formats.sbom_model import Bom, Contact, Organisation
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, Level
from tidegate.model.inventory import Inventory
from tidegate.model.package import File

MAKER = Organisation("Acme", ("https://acme.example",), (Contact(email="ann@acme.example"),))
SAID = About(maker=MAKER, known_from="policy", made="2026-01-02T03:04:05Z")


def made(found: Inventory, said: About = SAID) -> tuple[Parts, Bom]:
    made_of = parts(release(), found)
    return made_of, build(made_of, found, "1.0", said)


def findings(found: Inventory, *listed: str, said: About = SAID) -> dict[str, Finding]:
    made_of, bom = made(found, said)
    told = list(lacks(scores(written_as(bom, "CycloneDX 1.6")), listed, "demo", made_of))
    assert len({each.rule for each in told}) == len(told)
    assert {(each.about, each.release) for each in told} == {("demo", "demo")}
    return {each.rule: each for each in told}


def told(results: tuple[Score, ...]) -> list[tuple[str, int, int]]:
    return [(row.field.rule.id, row.lacking, row.asked) for each in results for row in each.told]


def rich() -> Inventory:
    """Packages with licences, one with its file and a SHA-512, one of several files."""
    sha512 = Digest("sha512", "0" * 128)
    file = (File(url="https://packages.example/alpha-1.2.tgz"),)
    several = tuple(File(f"beta-2.0-{each}.whl", hashes=(digest(each),)) for each in ("b1", "b2"))
    return inventory(
        lock(
            packages()[0],
            locked("alpha", "1.2", licence="MIT", hashes=(sha512,), files=file, direct=True, requires=("beta",)),
            locked("beta", "2.0", licence="free for all", hashes=(digest("b1"), digest("b2")), files=several),
            locked("tool", "3.0", groups=("dev",), direct=True),
        )
    )  # fmt: skip


@pytest.mark.parametrize("found", [inventory(), rich()], ids=["plain", "rich"])
@pytest.mark.parametrize("name", ["cyclonedx-json", "cyclonedx-xml"])
@pytest.mark.parametrize("spec", ["1.6", "1.7"])
def test_the_model_scores_what_its_document_scores(found: Inventory, name: str, spec: Spec) -> None:
    _, bom = made(found)
    document = FORMATS[name].render(bom, spec)
    assert told(scores(written_as(bom, f"CycloneDX {spec}"))) == told(scores(read(document.encode())))


def test_what_the_lock_holds_is_there() -> None:
    ntia, cisa, _ = scores(written_as(made(rich())[1], "CycloneDX 1.6"))
    assert {row.field.rule.id: row.lacking for row in ntia.told if row.lacking} == {"supplier-missing": 3}
    assert {row.field.rule.id: row.lacking for row in cisa.told if row.lacking} == {
        "supplier-missing": 3,
        "licence-missing": 1,
    }


def test_what_is_missing_is_a_warning_with_its_number_its_standards_and_its_reason() -> None:
    found = findings(inventory())
    assert found.keys() == {"supplier-missing", "licence-missing"}
    assert {each.level for each in found.values()} == {Level.WARN}
    assert found["supplier-missing"].message == (
        "3 of 4 components have no supplier, `alpha`, `beta`, `tool` first (asked for by ntia-2021, cisa-2025): "
        "no lockfile records who made a package"
    )
    assert found["licence-missing"].message.endswith("`uv.lock` records no licence")


def test_a_document_without_author_says_how_to_name_one() -> None:
    found = findings(inventory(), said=About(made="2026-01-02T03:04:05Z"))
    assert "sbom-author-missing" in found
    assert "controls.sbom.author" in found["sbom-author-missing"].fix
    assert "sbom-timestamp-missing" in findings(inventory(), said=About(maker=MAKER))


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda each: str(each.name))
def test_a_listed_standard_makes_its_required_fields_fail(standard: object) -> None:
    name: str = standard.name  # type: ignore[attr-defined]
    required = {field.rule.id for field in standard.required}  # type: ignore[attr-defined]
    found = findings(inventory(), name)
    failing = {rule for rule, each in found.items() if each.level is Level.FAIL}
    assert failing
    assert failing == found.keys() & required


def test_what_bsi_alone_asks_for_is_told_when_it_is_listed() -> None:
    others = {field.rule.id for each in STANDARDS for field in each.fields if each is not BSI_2_1}
    assert findings(inventory()).keys() <= others
    found = findings(inventory(), "bsi-tr-03183-2")
    assert {"sha512-missing", "distribution-licence-missing", "component-creator-missing"} <= found.keys()
    assert found["source-uri-missing"].level is Level.WARN
    assert found["sha512-missing"].message.endswith("`uv.lock` records no SHA-512")


def test_many_packages_are_one_finding_a_field() -> None:
    many = tuple(locked(f"p{number}", hashes=(), direct=True) for number in range(500))
    found = findings(inventory(lock(*many)), "cisa-2025")
    assert found["hash-missing"].message.startswith("500 of 502 components have no digest, `p0`, ")


def test_many_silent_locks_are_counted() -> None:
    locks = (lock(locked(f"p{number}", direct=True), path=f"{number}/uv.lock") for number in range(9))
    message = findings(inventory(*locks))["licence-missing"].message
    assert message.endswith("`0/uv.lock`, `1/uv.lock`, `2/uv.lock` and 6 more record no licence")


def test_of_a_document_somebody_else_made_no_reason_is_claimed() -> None:
    _, bom = made(inventory())
    (supplier,) = [each for each in lacks(scores(bom), (), "demo", None) if each.rule == "supplier-missing"]
    assert supplier.message.endswith("(asked for by ntia-2021, cisa-2025)")


def test_hostile_names_are_shown_harmlessly() -> None:
    found = findings(inventory(lock(replace(locked("a"), name="a\x1b[2J", raw_name="a\x1b[2J", direct=True))))
    assert "\x1b" not in found["supplier-missing"].message
