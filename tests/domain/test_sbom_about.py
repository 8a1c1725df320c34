"""Who made an SBOM, when, and what built the release is said as far as it is known, and from where."""

from dataclasses import dataclass, field

import pytest

from support.stock import artifact, inventory, release
from tidegate.domain.sbom.about import About, about
from tidegate.domain.sbom.build import build, parts
from tidegate.formats.sbom_model import Contact, Organisation, Workflow
from tidegate.model.inventory import Source

COMMIT = "c" * 40


@dataclass(frozen=True)
class Author:
    name: str = "Acme"
    email: str = "sbom@acme.example"
    url: str = "https://acme.example"


@dataclass(frozen=True)
class Facts:
    system: str = "local"
    said: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.said.get(name, "")


def said(remote: str = "", committed: str = "", epoch: str = "", author: Author | None = None, **facts: str) -> About:
    source = Source(commit=COMMIT, remote=remote, committed=committed)
    return about(source, Facts("github" if facts else "local", facts), author, epoch)


@pytest.mark.parametrize(
    "remote",
    [
        "git@code.example:acme/demo.git",
        "ssh://git@code.example/acme/demo",
        "https://code.example/acme/demo.git",
        "https://user:secret@code.example/acme/demo.git?token=secret",
        "git://code.example/acme/demo/",
    ],
)
def test_the_account_of_the_source_made_it(remote: str) -> None:
    found = said(remote)
    assert found.maker == Organisation("acme", ("https://code.example/acme",))
    assert found.known_from == "address of the source"
    (source,) = found.sources
    assert (source.url, source.comment, source.kind) == ("https://code.example/acme/demo", COMMIT, "vcs")
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    "remote", ["", "/srv/git/demo.git", "file:///srv/git/demo", "../demo", "https://code.example", "::"]
)
def test_a_source_without_an_address_names_nobody(remote: str) -> None:
    assert (said(remote).maker, said(remote).sources, said(remote).known_from) == (None, (), "")


def test_the_policy_s_author_stands_before_the_account() -> None:
    found = said("https://code.example/acme/demo", author=Author())
    assert found.maker == Organisation("Acme", ("https://acme.example",), (Contact(email="sbom@acme.example"),))
    assert found.known_from == "policy"
    assert said(author=Author(email="", url="")).maker == Organisation("Acme")


def test_source_date_epoch_stands_before_the_commit_s_time() -> None:
    assert said(committed="2026-01-02T03:04:05+00:00").made == "2026-01-02T03:04:05Z"
    assert said(committed="2026-01-02T03:04:05Z", epoch="1970-01-01T00:00:00Z").made == "1970-01-01T00:00:00Z"
    assert said(committed="yesterday").made == ""


@pytest.mark.parametrize(
    ("ref", "path"),
    [
        ("acme/demo/.github/workflows/release.yml@refs/tags/v1", ".github/workflows/release.yml"),
        ("https://gitlab.example/acme/demo//.gitlab-ci.yml@refs/heads/main", ".gitlab-ci.yml"),
    ],
)
def test_the_workflow_is_pointed_to(ref: str, path: str) -> None:
    found = said("https://code.example/acme/demo", workflow_ref=ref)
    assert found.workflow == Workflow(ref, path, "https://code.example/acme/demo")


@pytest.mark.parametrize("ref", ["", "nonsense", "@", "a/b/@"])
def test_without_a_workflow_there_is_no_pointer(ref: str) -> None:
    assert said("https://code.example/acme/demo", workflow_ref=ref, other="x").workflow is None


def test_the_release_and_its_artifacts_are_supplied_by_the_maker() -> None:
    found = inventory()
    bom = build(parts(release(), found), found, "1", said("https://code.example/acme/demo", author=Author()))
    assert bom.root.supplier == bom.manufacturer == bom.supplier == said(author=Author()).maker
    assert [each.supplier is not None for each in bom.components if each.kind == "file"] == [True]
    assert not any(each.supplier for each in bom.components if each.kind == "library")
    assert bom.properties == (("tidegate:maker-known-from", "policy"),)


def test_what_runs_beside_the_artifact_is_external_to_it() -> None:
    found = inventory()
    external = {each.name: each.external for each in build(parts(release(), found), found, "1").components}
    assert external == {"demo-1.0-py3-none-any.whl": False, "alpha": True, "beta": True, "tool": False}


def test_before_anything_is_built_nothing_is_external_and_the_phase_says_so() -> None:
    found = inventory(contents=())
    from tidegate.model.release import Release

    bom = build(parts(Release("demo", "."), found), found, "1")
    assert bom.phases == ("pre-build",)
    assert not any(each.external for each in bom.components)
    assert build(parts(release(artifact()), inventory()), inventory(), "1").phases == ("pre-build", "post-build")
