"""Row 6 writes what the policy asks for, and judges an SBOM somebody else made by the same rules."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from support.pipelines import task, world
from support.sboms import digest
from support.stock import artifact, content, inventory, release
from tidegate.domain.sbom.build import build, parts
from tidegate.errors import FormatError
from tidegate.formats import cyclonedx
from tidegate.formats.all_sboms import FORMATS
from tidegate.formats.sbom.reading import recognise
from tidegate.formats.sbom_model import Bom
from tidegate.model.evidence import Produced, Report
from tidegate.model.release import Release
from tidegate.policy.controls import AuthorRules, Controls, SBOMRules
from tidegate.stages.sbom import examine

EVERY = ["cyclonedx-json", "cyclonedx-xml", "spdx-json"]


def report(
    *releases: Release, files: Mapping[str, bytes | FormatError] | None = None, epoch: str = "", **rules: Any
) -> Report:
    contents = (content(), content("web.whl"))
    asked = task(inventory(contents=contents), releases or (release(),))
    controls = Controls(sbom=SBOMRules(explain="off", **rules))
    model = asked.policy.model.model_copy(update={"controls": controls})
    asked = replace(asked, policy=asked.policy.model_copy(update={"model": model}))
    return examine(asked, replace(world(files or {}, object()), epoch=epoch))


def documents(found: Report) -> list[Produced]:
    return [each for each in found.produced if each.media_type in {form.media_type for form in FORMATS.values()}]


def judged(found: Report) -> list[tuple[str, str]]:
    """What is wrong; fields a document lacks are scored elsewhere."""
    told = {
        "sbom-invalid",
        "sbom-unbound",
        "sbom-drift",
        "component-missing",
        "component-mismatch",
        "component-unlocked",
    }
    told |= {"component-unidentified", "sbom-missing"}
    return [(each.rule, each.about) for each in found.findings if each.rule in told]


def sound() -> Bom:
    found = inventory()
    return build(parts(release(), found), found, "1")


def given(text: str | bytes | FormatError, **rules: Any) -> Report:
    raw = text.encode() if isinstance(text, str) else text
    return report(files={"made/sbom.json": raw}, source="file", file="made/sbom.json", **rules)


def test_every_format_asked_for_is_in_the_evidence() -> None:
    found = report(formats=EVERY)
    assert [each.name for each in documents(found)] == ["sbom.cdx.json", "sbom.cdx.xml", "sbom.spdx.json"]
    assert [recognise(each.text.encode()).format for each in documents(found)] == EVERY
    assert judged(found) == []


def test_several_releases_have_their_names_in_front() -> None:
    web = release(artifact("web.whl"), name="web")
    names = [each.name for each in documents(report(release(), web, formats=["spdx-json"]))]
    assert names == ["demo.sbom.spdx.json", "web.sbom.spdx.json"]


def test_the_version_of_the_specification_is_the_policy_s() -> None:
    (produced,) = documents(report(spec="1.7"))
    assert json.loads(produced.text)["specVersion"] == "1.7"


def test_author_and_time_are_said_as_they_are_given() -> None:
    author = AuthorRules(name="Acme", email="sbom@acme.example")
    (produced,) = documents(report(author=author, epoch="2001-01-01T00:00:00Z"))
    metadata = json.loads(produced.text)["metadata"]
    assert metadata["timestamp"] == "2001-01-01T00:00:00Z"
    assert metadata["manufacturer"] == {"name": "Acme", "contact": [{"email": "sbom@acme.example"}]}


@pytest.mark.parametrize("name", EVERY)
def test_a_sound_sbom_of_somebody_else_is_copied_as_it_is(name: str) -> None:
    text = FORMATS[name].render(sound(), "1.6")
    found = given(text)
    (produced,) = documents(found)
    assert judged(found) == []
    assert (produced.text, produced.name) == (text, f"sbom.{FORMATS[name].ending}")
    assert (f"digest of {produced.name}", str(produced.digest)) in found.facts


def test_the_file_may_be_named_after_the_release() -> None:
    files = {"demo.json": cyclonedx.render(sound()).encode()}
    found = report(files=files, source="file", file="{release}.json")
    assert [each.release for each in documents(found)] == ["demo"]


@pytest.mark.parametrize(
    "text",
    [
        FormatError("there is no such file"),
        b"",
        b"\xff",
        b"[" * 100_000,
        b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "version": 2}',
        b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library"}]}',
        b'<!DOCTYPE bom [<!ENTITY a "b">]><bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>',
    ],
)
def test_an_sbom_that_cannot_be_read_is_a_finding_and_no_evidence(text: bytes | FormatError) -> None:
    found = given(text)
    assert judged(found) == [("sbom-invalid", "made/sbom.json")]
    assert found.produced == ()
    assert [each.what for each in found.coverage] == ["artifacts"]


def test_the_sbom_of_another_artifact_is_unbound() -> None:
    text = cyclonedx.render(sound()).replace(artifact().digest.value, digest("another").value)
    assert judged(given(text)) == [("sbom-unbound", artifact().name)]


def test_an_sbom_out_of_step_is_a_finding() -> None:
    bom = sound()
    fewer = tuple(each for each in bom.components if each.name != "beta")
    edges = tuple((ref, tuple(t for t in to if "beta" not in t)) for ref, to in bom.edges if "beta" not in ref)
    told = judged(given(cyclonedx.render(replace(bom, components=fewer, edges=edges, compositions=()))))
    assert told == [("component-missing", "pkg:pypi/beta@2.0")]
    (beta,) = [each for each in bom.components if each.name == "beta"]
    more = replace(beta, ref="x", name="left-pad", purl="pkg:npm/left-pad@1", downloads=())
    told = judged(given(cyclonedx.render(replace(bom, components=(*bom.components, more)))))
    assert [rule for rule, _ in told] == ["component-unlocked"]


def test_every_finding_has_its_rule() -> None:
    for found in (given(b""), given(cyclonedx.render(sound()).replace(artifact().digest.value, "0" * 64))):
        assert {each.rule for each in found.findings} <= {rule.id for rule in found.rules}
        ids = [rule.id for rule in found.rules]
        assert len(ids) == len(set(ids))
