"""What is found inside an artifact is a component with its place, once a package URL, locked or not."""

import json
from dataclasses import replace
from typing import Any

from support.stock import WHEEL, artifact, content, digest, inventory, lock, packages, release
from tidegate.domain.sbom import embedded, inside, unknown
from tidegate.domain.sbom.build import build, parts
from tidegate.domain.sbom.check import check
from tidegate.domain.sbom.packages import Packages
from tidegate.domain.sbom.rules import OF_ARTIFACTS
from tidegate.formats.cyclonedx import render, validate
from tidegate.formats.inside.detector import package
from tidegate.model.finding import Level
from tidegate.model.inventory import Content, Member, Packed
from tidegate.model.package import Locked, Problem
from tidegate.model.release import ArtifactKind

Json = dict[str, Any]
RECORD = "demo/_vendor/gamma-1.0.dist-info/METADATA"


def packed(
    name: str = "gamma", version: str = "1.0", path: str = RECORD, how: str = "dist-info", **more: Any
) -> Packed:
    return Packed(package(more.pop("ecosystem", "PyPI"), name, version, **more), path, how)


def holding(*found: Packed, of: str = WHEEL, **more: object) -> Content:
    return content(of, packages=found, members=(Member(RECORD, 9, digest("record")),), **more)


def document(*contents: Content) -> Json:
    found = inventory(lock(*packages()), contents=contents)
    artifacts = [artifact(each.artifact) for each in contents]
    one = release(*artifacts)
    text = render(build(parts(one, found), found, "0.1.0"))
    validate(text)
    plain: Json = json.loads(text)
    return plain


def component(plain: Json, ref: str) -> Json:
    (found,) = [each for each in plain["components"] if each["bom-ref"] == ref]
    return dict(found)


def graph(plain: Json) -> dict[str, list[str]]:
    return {each["ref"]: each["dependsOn"] for each in plain["dependencies"]}


def completeness(plain: Json) -> dict[str, str]:
    return {ref: each["aggregate"] for each in plain["compositions"] for ref in each.get("dependencies", ())}


def properties(plain: Json) -> set[tuple[str, str]]:
    return {(each["name"], each["value"]) for each in plain.get("properties", ())}


def test_a_package_inside_is_a_component_with_its_place_and_the_digest_of_its_record() -> None:
    plain = document(holding(packed()))
    gamma = component(plain, "pkg:pypi/gamma@1.0")
    where = f"{WHEEL}!/{RECORD}"
    assert gamma["purl"] == "pkg:pypi/gamma@1.0"
    assert gamma["evidence"]["occurrences"] == [{"location": where}]
    assert properties(gamma) >= {("tidegate:found", "dist-info"), ("tidegate:record", f"{digest('record')} {where}")}
    assert "pkg:pypi/gamma@1.0" in graph(plain)[f"artifact:{WHEEL}"]
    assert graph(plain)["pkg:pypi/gamma@1.0"] == []


def test_a_package_that_is_locked_and_inside_is_one_component() -> None:
    plain = document(holding(packed("beta", "2.0"), packed("beta", "2.0", how="pep770", path="x/sboms/y")))
    beta = component(plain, "pkg:pypi/beta@2.0")
    places = [each["location"] for each in beta["evidence"]["occurrences"]]
    assert places == sorted([f"{WHEEL}!/{RECORD}", f"{WHEEL}!/x/sboms/y", "uv.lock"])
    assert {("tidegate:found", "dist-info"), ("tidegate:found", "pep770")} <= properties(beta)
    assert beta["externalReferences"]


def test_the_same_package_in_two_artifacts_is_one_component_with_two_places() -> None:
    plain = document(holding(packed()), holding(packed(), of="demo-1.0.tar.gz", kind=ArtifactKind.SDIST))
    assert len(component(plain, "pkg:pypi/gamma@1.0")["evidence"]["occurrences"]) == 2
    edges = graph(plain)
    assert all("pkg:pypi/gamma@1.0" in edges[f"artifact:{name}"] for name in (WHEEL, "demo-1.0.tar.gz"))


def test_edges_lead_to_what_lies_in_the_same_artifact_and_missing_ones_are_said() -> None:
    plain = document(
        holding(
            packed("one", requires=("two", "nowhere")),
            packed("two", "1.0", requires=("three@2",), path="b"),
            packed("three", "1", path="c"),
            packed("three", "2", path="d"),
            packed("four", how="vendored", path="e"),
        )
    )
    edges, said = graph(plain), completeness(plain)
    assert edges["pkg:pypi/one@1.0"] == ["pkg:pypi/two@1.0"]
    assert edges["pkg:pypi/two@1.0"] == ["pkg:pypi/three@2"]
    assert said["pkg:pypi/one@1.0"] == "incomplete"
    assert said["pkg:pypi/two@1.0"] == "complete"
    assert said["pkg:pypi/four@1.0"] == "unknown"


def test_a_need_of_an_artifact_is_not_met_by_what_is_bundled() -> None:
    made_of = parts(release(), inventory(contents=(holding(packed("delta")),)))
    assert ("PyPI", "delta") not in made_of.packages.named


def test_what_others_call_a_package_is_kept_where_its_ecosystem_is_none_of_ours() -> None:
    url = "pkg:rpm/fedora/zlib@1.2"
    plain = document(
        holding(packed("fedora/zlib", "1.2", how="pep770", ecosystem="", url=url), packed("own lib", ecosystem=""))
    )
    assert component(plain, url)["purl"] == url
    assert [each["name"] for each in plain["components"] if "purl" not in each] == ["own lib"]


def test_many_places_of_one_package_are_counted() -> None:
    found = [packed(path=f"v{n:03}/METADATA") for n in range(inside.MAX_PLACES + 3)]
    gamma = component(document(holding(*found)), "pkg:pypi/gamma@1.0")
    assert len(gamma["evidence"]["occurrences"]) == inside.MAX_PLACES
    assert ("tidegate:omitted-places", "3") in properties(gamma)


def test_the_order_packages_are_found_in_changes_nothing() -> None:
    found = [packed(), packed("one", requires=("gamma",), path="a"), packed("two", how="banner", path="b")]
    assert document(holding(*found)) == document(holding(*found[::-1]))


def test_bundles_that_say_nothing_are_counted() -> None:
    known = packed("jquery", "3.4.1", "s/jquery.min.js", "banner", ecosystem="npm")
    members = tuple(Member(path, 1, digest(path)) for path in ("s/jquery.min.js", "s/app.bundle.js", "s/plain.js"))
    plain = document(replace(holding(known), members=members))
    assert ("tidegate:unknown-bundles", "1") in properties(component(plain, f"artifact:{WHEEL}"))
    without = document(holding(known))
    assert not {name for name, _ in properties(component(without, f"artifact:{WHEEL}")) if "bundles" in name}


def test_vendored_modules_nobody_names_are_named_by_their_place() -> None:
    six = packed("Six", "1.16", "demo/_vendor/vendor.txt", "vendored")
    paths = (
        "demo/_vendor/__init__.py",
        "demo/_vendor/six.py",
        "demo/_vendor/old/a.py",
        "demo/_vendor/old/b.py",
        "x.py",
    )
    other = ("demo/core/_vendor/six.py", "_vendored/gone.py", "demo/_vendor/six-1.16.dist-info/METADATA")
    members = tuple(Member(path, 1, digest(path)) for path in (*paths, *other))
    plain = document(replace(holding(six), members=members))
    told = {value for name, value in properties(component(plain, f"artifact:{WHEEL}")) if name.endswith("-vendored")}
    assert told == {"demo/_vendor/old", "demo/core/_vendor/six", "_vendored/gone"}
    many = tuple(Member(f"_vendor/m{n}.py", 1, digest(str(n))) for n in range(unknown.MAX_NAMED + 2))
    plain = document(replace(holding(), members=many))
    assert ("tidegate:omitted-vendored", "2") in properties(component(plain, f"artifact:{WHEEL}"))


def test_problems_of_what_is_inside_are_findings_by_their_own_rules() -> None:
    wanted = {"package-unread": Level.WARN, "embedded-sbom-invalid": Level.FAIL, "licence-file-missing": Level.WARN}
    problems = tuple(Problem(rule, RECORD, "why") for rule in wanted)
    found = inventory(contents=(replace(holding(), problems=problems),))
    made_of = parts(release(), found)
    told = {each.rule: (each.level, each.about) for each in check(made_of, found, render(build(made_of, found, "1")))}
    for rule, level in wanted.items():
        assert OF_ARTIFACTS[rule].level is level
        assert told[rule] == (level, f"{WHEEL}!/{RECORD}")


class TestEmbedded:
    """The SBOM that goes into a wheel."""

    def content(self, *found: Packed, requires: tuple[str, ...] = ("alpha>=1",)) -> Content:
        members = (
            Member("demo.libs/libz.so.1", 5, digest("z")),
            Member("demo-1.0.dist-info/RECORD", 5, digest("r")),
        )
        return content(packages=found, members=members, requires=requires)

    def document(self, *found: Packed, requires: tuple[str, ...] = ("alpha>=1",)) -> Json:
        text = render(embedded.bom(self.content(*found, requires=requires), "0.1.0", "2026-01-02T03:04:05Z"))
        validate(text)
        plain: Json = json.loads(text)
        return plain

    def test_it_describes_the_wheel_without_its_digest_and_says_so(self) -> None:
        root = self.document(packed())["metadata"]["component"]
        assert (root["name"], root["version"], root["purl"]) == ("Demo", "1.0", "pkg:pypi/demo@1.0")
        assert "hashes" not in root
        assert any(name == "tidegate:digest" and "left out" in value for name, value in properties(root))
        assert [part["name"] for part in root["components"]] == ["demo.libs/libz.so.1"]
        assert root["components"][0]["hashes"][0]["content"] == digest("z").value

    def test_what_the_wheel_needs_besides_is_said_to_be_missing(self) -> None:
        ref = f"artifact:{WHEEL}"
        plain = self.document(packed())
        assert graph(plain)[ref] == ["pkg:pypi/gamma@1.0"]
        assert completeness(plain)[ref] == "incomplete"
        assert completeness(self.document(packed(), requires=()))[ref] == "unknown"

    def test_its_place_is_the_only_metadata_folder(self) -> None:
        one = self.content()
        assert embedded.place(one) == "demo-1.0.dist-info/sboms/tidegate.cdx.json"
        assert embedded.place(replace(one, members=())) == ""
        two = Member("other-1.dist-info/RECORD", 1, digest("o"))
        assert embedded.place(replace(one, members=(*one.members, two))) == ""

    def test_the_wheel_before_it_is_the_wheel_without_it(self) -> None:
        before = self.content(packed())
        path = embedded.place(before)
        after = replace(
            before,
            members=(*before.members, Member(path, 1, digest("s"))),
            packages=(*before.packages, packed(path=path, how="pep770")),
        )
        assert embedded.without(after, path) == before


def test_nothing_inside_changes_nothing() -> None:
    assert inside.merge(Packages(), [content()]) == Packages(inside={WHEEL: frozenset()})
    assert isinstance(package("PyPI", "A_b", "1"), Locked)
