"""Row 6 scores the document the policy names first: in the table, in the evidence, and as findings."""

import json
from dataclasses import replace

import pytest

from support.pipelines import task
from support.stock import inventory, release
from tidegate.domain.sbom.build import build, parts
from tidegate.formats.all_sboms import FORMATS
from tidegate.formats.sbom.reading import recognise
from tidegate.model.evidence import Produced
from tidegate.model.finding import Level
from tidegate.model.release import Release
from tidegate.policy.schema import PolicyModel
from tidegate.stages.completeness import Completeness, completeness
from tidegate.stages.sbom_documents import Documents
from tidegate.stages.task import Task

TEXT_JSON = "cyclonedx-json"


def asked(*releases: Release, **rules: object) -> Task:
    """The task of a policy whose `controls.sbom` says this."""
    base = task(inventory(), releases or (release(),))
    model = PolicyModel.model_validate({"version": 1, "controls": {"sbom": rules}})
    return replace(base, policy=base.policy.model_copy(update={"model": model}))


def scored(ask: Task, name: str = TEXT_JSON) -> Completeness:
    made_of = parts(ask.releases[0], ask.inventory)
    bom = build(made_of, ask.inventory, "1.0")
    form = FORMATS[name]
    document = Produced(f"sbom.{form.ending}", form.media_type, form.render(bom, "1.6"), release="demo")
    return completeness(made_of, Documents([document], [], bom), ask)


def test_the_scores_are_one_line_and_a_document_with_every_field() -> None:
    found = scored(asked())
    (produced,) = found.produced
    plain = json.loads(produced.text)
    assert found.line.startswith("ntia-2021 5.")
    assert (produced.name, produced.media_type, produced.release) == ("sbom.scores.json", "application/json", "demo")
    assert [(each["name"], each["of"]) for each in plain["standards"]] == [
        ("ntia-2021", 7),
        ("cisa-2025", 11),
        ("bsi-tr-03183-2", 19),
    ]
    (supplier,) = [each for each in plain["standards"][0]["fields"] if each["rule"] == "supplier-missing"]
    assert supplier["because"] == "no lockfile records who made a package"


def test_several_releases_have_several_score_files() -> None:
    (produced,) = scored(asked(release(), release(name="web"))).produced
    assert produced.name == "demo.sbom.scores.json"


def test_only_a_listed_standard_shuts_the_gate() -> None:
    shut = scored(asked(standards=["ntia-2021"])).findings
    assert {each.rule for each in shut if each.level is Level.FAIL} == {"supplier-missing", "sbom-author-missing"}
    assert {each.rule for each in shut if each.level is Level.WARN} == {"licence-missing"}


def test_without_a_listed_standard_what_is_lacking_is_a_note_and_no_finding() -> None:
    found = scored(asked())
    assert found.findings == ()
    assert found.note.startswith("the SBOM of `demo` lacks supplier (4 of 4), author of the SBOM, ")
    assert scored(asked(standards=["ntia-2021"])).note == ""


def test_a_rule_the_policy_names_is_told_without_any_standard() -> None:
    named = scored(asked(rules={"supplier-missing": "fail"})).findings
    assert [each.rule for each in named] == ["supplier-missing"]


def test_spdx_is_scored_as_what_it_can_say() -> None:
    bsi = ["bsi-tr-03183-2"]
    ours = scored(asked(standards=bsi))
    spdx = scored(asked(standards=bsi, formats=["spdx-json"]), "spdx-json")
    assert "sbom-format-old" not in {each.rule for each in ours.findings}
    assert "sbom-format-old" in {each.rule for each in spdx.findings}


def test_a_document_of_somebody_else_is_scored_as_it_stands() -> None:
    ask = asked(source="file", file="sbom.json", standards=["cisa-2025"])
    document = Produced("sbom.cdx.json", "", '{"bomFormat": "CycloneDX", "specVersion": "1.6"}', release="demo")
    bom = recognise(document.text.encode()).bom
    found = completeness(parts(release(), ask.inventory), Documents([document], [], bom), ask)
    assert found.line.startswith("ntia-2021 0.0 of 7")
    assert "component-name-missing" in {each.rule for each in found.findings if each.level is Level.FAIL}
    assert "because" not in found.produced[0].text


@pytest.mark.parametrize("made", [Documents(), Documents([], [], None)])
def test_without_a_document_there_is_no_score(made: Documents) -> None:
    assert completeness(parts(release(), inventory()), made, asked()) == Completeness()
