"""A verdict's resource is named by what the artifact says of itself, and always the same way."""

import pytest

from support.stock import artifact, content
from tidegate.domain.claims import resource, vsa
from tidegate.model.inventory import Content
from tidegate.model.release import Artifact, ArtifactKind


def test_a_wheel_is_named_by_its_package_and_file() -> None:
    one = artifact("demo_pkg-1.0-py3-none-any.whl")
    known = content(name="Demo.Pkg", version="1.0")
    assert resource.uri(one, known) == "pkg:pypi/demo-pkg@1.0?file_name=demo_pkg-1.0-py3-none-any.whl"
    assert resource.named("app", known) == resource.Named("pkg:pypi/demo-pkg", "1.0")


def test_wheel_and_sdist_of_one_release_are_not_the_same_resource() -> None:
    known = content()
    assert resource.uri(artifact("a.whl"), known) != resource.uri(artifact("a.tar.gz"), known)


def test_an_npm_package_is_named_by_its_scope() -> None:
    known = content(ecosystem="npm", name="@acme/api", version="1.0.0-rc.1")
    assert resource.uri(artifact("api.tgz"), known) == "pkg:npm/%40acme/api@1.0.0-rc.1"
    assert resource.named("app", known) == resource.Named("pkg:npm/%40acme/api", "1.0.0-rc.1")


def test_epochs_and_local_versions_are_kept() -> None:
    known = content(version="1!2.0+local")
    assert resource.uri(artifact("a.whl"), known) == "pkg:pypi/demo@1%212.0%2Blocal?file_name=a.whl"


def test_an_image_is_named_by_its_digest_wherever_it_lies() -> None:
    digest = artifact("app").digest
    named = {
        resource.uri(Artifact("app", f"{host}/acme/app@{digest}", digest, 1, ArtifactKind.IMAGE), None)
        for host in ("one.example", "two.example")
    }
    assert named == {f"pkg:oci/app@sha256%3A{digest.value}"}


def test_the_policy_has_the_last_word() -> None:
    assert resource.uri(artifact(), content(), "https://acme.example/api") == "https://acme.example/api"


@pytest.mark.parametrize(
    "known",
    [
        None,
        Content("x", ArtifactKind.FILE),
        content(name=""),
        content(version=""),
        content(ecosystem=""),
        content(ecosystem="npm", name="\ud800"),
        content(ecosystem="npm", name="x" * 2000),
        content(ecosystem="npm", version="1\n2"),
        content(ecosystem="npm", version="1" * 300),
    ],
)
def test_a_file_that_names_no_package_is_named_by_itself(known: Content | None) -> None:
    one = artifact("tool.bin")
    assert resource.uri(one, known) == vsa.resource_uri(one.name, one.digest)
    assert resource.named("app", known) == resource.Named("release:app")
