"""An SBOM somebody else made lists what lockfiles and artifacts hold, by their digests, and nothing else."""

from dataclasses import replace

import pytest

from support.stock import artifact, content, digest, inventory, lock, locked, packages, release
from tidegate.domain.sbom import given
from tidegate.domain.sbom.build import build, parts
from tidegate.domain.sbom.given import bound, check
from tidegate.formats.sbom_model import Bom, Component, Download
from tidegate.model.digest import Digest
from tidegate.model.inventory import Inventory, Packed

PATH = "sbom.cdx.json"


def sound(found: Inventory | None = None) -> Bom:
    found = found or inventory()
    return build(parts(release(), found), found, "1")


def findings(bom: Bom, found: Inventory | None = None) -> list[tuple[str, str]]:
    made_of = parts(release(), found or inventory())
    return [(each.rule, each.about) for each in (*check(made_of, bom, PATH), *bound(made_of, bom))]


def without(bom: Bom, *names: str) -> Bom:
    return replace(bom, components=tuple(each for each in bom.components if each.name not in names))


def plus(*more: Component) -> Bom:
    return replace(sound(), components=(*sound().components, *more))


def test_our_own_sbom_has_no_findings() -> None:
    assert findings(sound()) == []


def test_a_runtime_package_that_is_not_listed_is_missing() -> None:
    assert findings(without(sound(), "beta")) == [("component-missing", "pkg:pypi/beta@2.0")]


def test_a_runtime_package_that_is_said_to_be_left_out_is_not_listed() -> None:
    beta = next(each for each in sound().components if each.name == "beta")
    bom = without(sound(), "beta")
    assert findings(replace(bom, components=(*bom.components, replace(beta, scope="excluded")))) == [
        ("component-missing", "pkg:pypi/beta@2.0")
    ]


def test_what_only_development_needs_may_be_left_out() -> None:
    assert findings(without(sound(), "tool")) == []


def test_another_version_is_not_the_locked_one() -> None:
    other = replace(next(each for each in sound().components if each.name == "beta"), version="2.1")
    bom = without(sound(), "beta")
    assert findings(replace(bom, components=(*bom.components, replace(other, purl="pkg:pypi/beta@2.1")))) == [
        ("component-missing", "pkg:pypi/beta@2.0")
    ]


@pytest.mark.parametrize("url", ["pkg:pypi/Beta@2.0", "pkg:pypi/beta@2.0?arch=any#x", "pkg:PyPI/beta@2.0"])
def test_other_spellings_of_a_package_url_are_understood(url: str) -> None:
    beta = Component("b", "library", "beta", "2.0", purl=url)
    bom = without(sound(), "beta")
    assert findings(replace(bom, components=(*bom.components, beta))) == []


def test_without_a_package_url_name_and_version_are_enough() -> None:
    bom = without(sound(), "beta")
    assert findings(replace(bom, components=(*bom.components, Component("b", "library", "Beta", "2.0")))) == []


def test_what_nothing_identifies_is_a_finding() -> None:
    assert findings(plus(Component("x", "library", "left-pad", "1"))) == [("component-unidentified", "left-pad 1")]
    assert findings(plus(Component("x", "library", "x", purl="nonsense"))) == [("component-unidentified", "x")]


def test_files_and_the_project_itself_are_no_strangers() -> None:
    own = Component("own", "library", "demo", "1.0", purl="pkg:pypi/demo@1.0")
    assert findings(plus(own, Component("f", "file", "readme"), Component("d", "application", "Demo"))) == []


def test_very_many_differences_are_one_finding() -> None:
    strangers = [Component(f"s{i}", "library", f"s{i}", "1") for i in range(given.MANY + 1)]
    assert findings(plus(*strangers)) == [("component-unidentified", PATH)]
    many = inventory(lock(*packages(), *(locked(f"p{i}") for i in range(given.MANY + 1))))
    assert findings(sound(), many) == [("component-missing", PATH)]


def test_a_digest_no_lock_knows_is_a_mismatch() -> None:
    bom = without(sound(), "beta")
    beta = Component("b", "library", "beta", "2.0", purl="pkg:pypi/beta@2.0", hashes=(digest("other"),))
    assert findings(replace(bom, components=(*bom.components, beta))) == [("component-mismatch", "pkg:pypi/beta@2.0")]
    elsewhere = replace(beta, hashes=(), downloads=(Download("https://packages.example/b", (digest("other"),)),))
    assert findings(replace(bom, components=(*bom.components, elsewhere))) == [
        ("component-mismatch", "pkg:pypi/beta@2.0")
    ]


def test_digests_that_cannot_be_compared_prove_nothing_and_accuse_nobody() -> None:
    bom = without(sound(), "beta")
    beta = Component("b", "library", "beta", "2.0", purl="pkg:pypi/beta@2.0", hashes=(Digest("sha512", "0" * 128),))
    website = Download("https://beta.example", (digest("other"),), kind="website")
    beta = replace(beta, downloads=(website,))
    assert findings(replace(bom, components=(*bom.components, beta))) == []


def test_a_package_inside_an_artifact_has_to_be_listed() -> None:
    inside = Packed(locked("vendored", "9"), "demo/_vendor/vendored/METADATA", "dist-info")
    found = inventory(contents=(content(packages=(inside,)),))
    assert findings(sound(found), found) == []
    assert findings(sound(), found) == [("component-missing", "pkg:pypi/vendored@9")]


def test_the_sbom_of_another_build_is_unbound() -> None:
    other = replace(sound().components[0], hashes=(digest("another build"),))
    bom = replace(sound(), root=replace(sound().root, hashes=()), components=(other, *sound().components[1:]))
    assert findings(bom) == [("sbom-unbound", artifact().name)]


def test_one_digest_anywhere_binds() -> None:
    bom = replace(without(sound(), artifact().name), root=replace(sound().root, hashes=(artifact().digest,)))
    assert findings(bom) == []
    assert findings(replace(bom, root=replace(bom.root, hashes=()))) == [("sbom-unbound", artifact().name)]
