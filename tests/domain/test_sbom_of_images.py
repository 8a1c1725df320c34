"""The SBOM of an image: its layers, the packages that show with their places, and those that only lie below."""

import io

import pytest

from support import oci_images as oci
from support.oci_images import stanza, wheel_metadata
from tidegate.domain.sbom.build import build, parts
from tidegate.domain.sbom.check import check
from tidegate.formats.cyclonedx import render
from tidegate.formats.images.content import content
from tidegate.formats.sbom_model import Aggregate, Bom, Component
from tidegate.model.digest import Digest
from tidegate.model.inventory import Content, Inventory, Source
from tidegate.model.package import Problem
from tidegate.model.release import Artifact, ArtifactKind, Release

META = "opt/app/jinja2-2.4.1.dist-info/METADATA"
STATUS = oci.status(stanza("libssl3", "3.0.9-1", "openssl", depends="libc6"), stanza("libc6", "2.36-9", "glibc"))
RELEASE = Release("app", ".", (Artifact("app", "registry.example/app@x", Digest.of(b"m"), 1, ArtifactKind.IMAGE),))


def held() -> Content:
    built = oci.image(
        {"etc/os-release": oci.DEBIAN, "var/lib/dpkg/status": STATUS, META: wheel_metadata("Jinja2", "2.4.1")},
        {"opt/.wh.app": b""},
        {"srv/requests-2.0.dist-info/METADATA": wheel_metadata("requests", "2.0")},
    )
    return content("app", io.BytesIO(built.raw), built.opener())


def bom(seen: Content) -> Bom:
    inventory = Inventory(Source(committed="2026-01-02T03:04:05Z"), contents=(seen,))
    return build(parts(RELEASE, inventory), inventory, "1")


def named(found: Bom) -> dict[str, Component]:
    return {component.ref: component for component in found.components}


def test_layers_are_parts_of_the_image_with_digest_and_platform() -> None:
    seen = held()
    image = named(bom(seen))["artifact:app"]
    assert image.kind == "container"
    assert [part.hashes for part in image.parts] == [(layer.digest,) for layer in seen.layers]
    assert ("tidegate:layer:platform", "linux/amd64") in image.parts[0].properties


def test_packages_that_show_are_components_with_place_layer_source_and_graph() -> None:
    seen = held()
    found = bom(seen)
    ssl = named(found)["pkg:deb/debian/libssl3@3.0.9-1"]
    assert [place.location for place in ssl.occurrences] == ["app!/var/lib/dpkg/status"]
    assert ("tidegate:layer", str(seen.layers[0].digest)) in ssl.properties
    assert ("tidegate:source-package", "pkg:deb/debian/openssl@3.0.9-1") in ssl.properties
    assert dict(found.edges)[ssl.ref] == ("pkg:deb/debian/libc6@2.36-9",)
    assert "pkg:pypi/requests@2.0" in named(found)


def test_what_a_later_layer_deleted_is_listed_as_such_and_no_component_of_the_release() -> None:
    found = bom(held())
    assert "pkg:pypi/jinja2@2.4.1" not in named(found)
    (deleted,) = named(found)["artifact:app"].parts[0].parts
    assert (deleted.purl, deleted.scope) == ("pkg:pypi/jinja2@2.4.1", "excluded")


def test_the_document_is_valid_and_bound_and_the_image_listed() -> None:
    inventory = Inventory(Source(committed="2026-01-02T03:04:05Z"), contents=(held(),))
    made_of = parts(RELEASE, inventory)
    text = render(build(made_of, inventory, "1"))
    assert {finding.rule for finding in check(made_of, inventory, text)} == set()
    assert render(build(made_of, inventory, "1")) == text


@pytest.mark.parametrize("rule", ["layer-unread", "blob-missing", "blob-mismatch", "image-malformed", "image-unlisted"])
def test_what_was_not_read_is_a_finding_and_makes_the_image_incomplete(rule: str) -> None:
    unread = Content("app", ArtifactKind.IMAGE, problems=(Problem(rule, "sha256:x", "not read"),))
    inventory = Inventory(Source(), contents=(unread,))
    made_of = parts(RELEASE, inventory)
    made = build(made_of, inventory, "1")
    assert rule in {finding.rule for finding in check(made_of, inventory, render(made))}
    assert any("artifact:app" in row.assemblies for row in made.compositions if row.aggregate is Aggregate.INCOMPLETE)
