"""What is inside a release, how complete that is, and where SBOM, lockfile and artifact disagree."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from support.stock import LOCAL, WHEEL, artifact, content, digest, inventory, lock, locked, packages, release
from tidegate.domain.sbom import artifacts as artifact_components
from tidegate.domain.sbom import check as checking
from tidegate.domain.sbom.build import build, parts
from tidegate.domain.sbom.check import check
from tidegate.domain.sbom.needs import outside_extras
from tidegate.domain.sbom.rules import RULES
from tidegate.formats.cyclonedx import render, validate
from tidegate.model.digest import Digest
from tidegate.model.finding import Level
from tidegate.model.inventory import Content, Inventory, Member, Source, TreeFile
from tidegate.model.package import File, Locked, Manifest, Problem, SourceKind
from tidegate.model.package import Source as Origin
from tidegate.model.release import ArtifactKind, Release

Json = dict[str, Any]


def document(found: Inventory, one: Release | None = None) -> Json:
    one = one or release()
    text = render(build(parts(one, found), found, "0.1.0"))
    validate(text)
    plain: Json = json.loads(text)
    return plain


def component(plain: Json, ref: str) -> Json:
    (found,) = [each for each in plain["components"] if each["bom-ref"] == ref]
    return dict(found)


def graph(plain: Json) -> dict[str, list[str]]:
    return {each["ref"]: each["dependsOn"] for each in plain["dependencies"]}


def completeness(plain: Json, kind: str) -> dict[str, str]:
    return {ref: each["aggregate"] for each in plain["compositions"] for ref in each.get(kind, ())}


def findings(found: Inventory, one: Release | None = None) -> list[tuple[str, str]]:
    one = one or release()
    made_of = parts(one, found)
    text = render(build(made_of, found, "0.1.0"))
    return [(each.rule, each.about) for each in check(made_of, found, text)]


def test_the_release_is_the_root_and_bound_by_digest() -> None:
    plain = document(inventory())
    root = plain["metadata"]["component"]
    assert (root["name"], root["version"], root["purl"]) == ("Demo", "1.0", "pkg:pypi/demo@1.0")
    assert root["hashes"] == [{"alg": "SHA-256", "content": artifact().digest.value}]
    assert component(plain, f"artifact:{WHEEL}")["hashes"] == root["hashes"]
    assert plain["metadata"]["timestamp"] == "2026-01-02T03:04:05Z"
    assert plain["metadata"]["lifecycles"] == [{"phase": "pre-build"}, {"phase": "post-build"}]


def test_several_artifacts_are_each_bound() -> None:
    sdist = artifact("demo-1.0.tar.gz", ArtifactKind.SDIST)
    one = release(artifact(), sdist)
    found = inventory(contents=(content(), content(sdist.name, kind=ArtifactKind.SDIST)))
    plain = document(found, one)
    assert "hashes" not in plain["metadata"]["component"]
    assert component(plain, f"artifact:{sdist.name}")["hashes"][0]["content"] == sdist.digest.value
    assert findings(found, one) == []


def test_the_graph_leads_from_the_release_to_every_leaf() -> None:
    assert graph(document(inventory())) == {
        "release:demo": [f"artifact:{WHEEL}", "pkg:pypi/alpha@1.2", "pkg:pypi/tool@3.0"],
        f"artifact:{WHEEL}": ["pkg:pypi/alpha@1.2"],
        "pkg:pypi/alpha@1.2": ["pkg:pypi/beta@2.0"],
        "pkg:pypi/beta@2.0": [],
        "pkg:pypi/tool@3.0": [],
    }


def test_the_project_s_own_entry_in_its_lock_is_not_a_component() -> None:
    assert "pkg:pypi/demo@1.0" not in {each["bom-ref"] for each in document(inventory())["components"]}


def test_other_packages_of_the_workspace_are_components() -> None:
    found = inventory(lock(*packages(), locked("sibling", source=LOCAL, hashes=())))
    assert component(document(found), "pkg:pypi/sibling@1.0")["properties"] == [
        {"name": "tidegate:source", "value": "workspace"}
    ]


def test_every_recorded_digest_and_place_is_kept() -> None:
    plain = document(inventory())
    alpha, beta = component(plain, "pkg:pypi/alpha@1.2"), component(plain, "pkg:pypi/beta@2.0")
    assert alpha["externalReferences"][0]["url"] == "https://packages.example/alpha-1.2.whl"
    assert alpha["hashes"] == alpha["externalReferences"][0]["hashes"]
    assert alpha["evidence"]["occurrences"] == [{"location": "uv.lock", "line": 7}]
    (identity,) = alpha["evidence"]["identity"]
    assert (identity["field"], identity["concludedValue"]) == ("purl", "pkg:pypi/alpha@1.2")
    assert identity["methods"] == [{"technique": "manifest-analysis", "confidence": 1, "value": "uv.lock:7"}]
    assert {each["content"] for each in beta["externalReferences"][0]["hashes"]} == {
        digest("b1").value,
        digest("b2").value,
    }
    assert "hashes" not in beta


def test_scope_follows_the_groups() -> None:
    found = inventory(lock(*packages(), locked("fast", groups=("speed",)), locked("both", groups=())))
    plain = document(found)
    scopes = {each["name"]: each["scope"] for each in plain["components"] if "scope" in each}
    assert scopes == {
        "alpha": "required",
        "beta": "required",
        "both": "required",
        "fast": "optional",
        "tool": "excluded",
    }


def test_a_package_of_two_locks_is_one_component_of_both() -> None:
    other = lock(locked("beta", "2.0", groups=("dev",), hashes=(digest("b3"),), line=1), path="sub/uv.lock")
    beta = component(document(inventory(lock(*packages()), other)), "pkg:pypi/beta@2.0")
    assert [each["location"] for each in beta["evidence"]["occurrences"]] == ["sub/uv.lock", "uv.lock"]
    assert len(beta["externalReferences"][0]["hashes"]) == 3
    assert beta["scope"] == "required"


def test_secrets_in_addresses_do_not_get_into_the_sbom() -> None:
    password = "pass" + "word"
    address = f"https://me:{password}@packages.example/a.whl?token={password}#x={password}"
    git = Origin(SourceKind.GIT, f"https://me:{password}@git.example/a.git", "git.example", "c" * 40)
    found = inventory(
        lock(
            locked("alpha", files=(File(url=address),)),
            locked("gitty", source=git, hashes=(), files=(File(url="::bad"),)),
        )
    )
    plain = document(found)
    assert password not in json.dumps(plain)
    assert component(plain, "pkg:pypi/alpha@1.0")["externalReferences"][0]["url"] == "https://packages.example/a.whl"
    assert component(plain, "pkg:pypi/gitty@1.0")["externalReferences"] == [
        {"type": "vcs", "url": "https://git.example/a.git", "comment": "c" * 40}
    ]


def test_addresses_are_written_as_uris() -> None:
    found = inventory(lock(locked("alpha", files=(File(url="https://packages.example/a-3.[X]%20|{}^.whl"),))))
    url = component(document(found), "pkg:pypi/alpha@1.0")["externalReferences"][0]["url"]
    assert url == "https://packages.example/a-3.%5BX%5D%20%7C%7B%7D%5E.whl"


def test_npm_scopes_become_groups() -> None:
    package = Locked("npm", "@s/n", "@s/n", "1.0.0", Origin(SourceKind.REGISTRY, public=True), hashes=(digest("n"),))
    found = component(document(inventory(lock(package))), "pkg:npm/%40s/n@1.0.0")
    assert (found["group"], found["name"]) == ("@s", "n")


def test_versions_in_requirements_choose_among_several() -> None:
    several = (
        locked("a", requires=("b@2",)),
        locked("b", "1"),
        locked("b", "2"),
        locked("c", requires=("b",)),
        locked("d", requires=("missing",)),
    )
    plain = document(inventory(lock(*several)))
    assert graph(plain)["pkg:pypi/a@1.0"] == ["pkg:pypi/b@2"]
    assert graph(plain)["pkg:pypi/c@1.0"] == ["pkg:pypi/b@1", "pkg:pypi/b@2"]
    assert completeness(plain, "dependencies")["pkg:pypi/d@1.0"] == "incomplete"
    assert completeness(plain, "dependencies")["pkg:pypi/b@1"] == "complete"


def test_a_lock_without_a_graph_does_not_claim_one() -> None:
    plain = document(inventory(lock(locked("alpha"), locked("beta"), path="requirements.txt")))
    told = completeness(plain, "dependencies")
    assert (told["pkg:pypi/alpha@1.0"], told["pkg:pypi/beta@1.0"]) == ("unknown", "unknown")


def test_completeness_of_the_release_follows_its_parts() -> None:
    assert completeness(document(inventory()), "dependencies")["release:demo"] == "complete"
    broken = inventory(lock(*packages(), problems=(Problem("lock-odd", "x", "odd"),)))
    assert completeness(document(broken), "dependencies")["release:demo"] == "incomplete"
    assert completeness(document(inventory(contents=())), "assemblies") == {
        "release:demo": "incomplete",
        f"artifact:{WHEEL}": "incomplete",
    }
    assert completeness(document(inventory()), "assemblies")[f"artifact:{WHEEL}"] == "unknown"


def test_bundled_files_are_parts_of_their_artifact() -> None:
    members = tuple(
        Member(path, 1, digest(path))
        for path in (
            "demo/a.py",
            "demo.libs/libssl.so.3",
            "demo/_vendor/six.py",
            "demo/native.so",
            "demo-1.0.dist-info/sboms/x.cdx.json",
            "package/node_modules/left/index.js",
        )
    )
    plain = document(inventory(contents=(content(members=members),)))
    found = component(plain, f"artifact:{WHEEL}")["components"]
    assert [each["name"] for each in found] == sorted(member.path for member in members[1:])
    assert all(each["hashes"] for each in found)


def test_very_many_bundled_files_are_bounded_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact_components, "MAX_PARTS", 2)
    members = tuple(Member(f"a/_vendor/{i}.py", 1, digest(str(i))) for i in range(3))
    plain = document(inventory(contents=(content(members=members),)))
    assert len(component(plain, f"artifact:{WHEEL}")["components"]) == 2
    assert completeness(plain, "assemblies")[f"artifact:{WHEEL}"] == "incomplete"


def test_without_metadata_the_manifest_or_the_policy_names_the_release() -> None:
    plain_file = artifact("demo.bin", ArtifactKind.FILE)
    manifest = Manifest("pyproject.toml", "pyproject", "PyPI", name="From-Manifest", version="3")
    unnamed = (Content("demo.bin", ArtifactKind.FILE),)
    with_manifest = document(inventory(contents=unnamed, manifests=(manifest,)), release(plain_file))
    assert with_manifest["metadata"]["component"]["purl"] == "pkg:pypi/from-manifest@3"
    bare = document(inventory(contents=unnamed), release(plain_file))["metadata"]["component"]
    assert bare["name"] == "demo"
    assert "version" not in bare


@pytest.mark.parametrize("committed", ["", "yesterday", "2026-01-02T03:04:05+02:00"])
def test_without_a_commit_time_there_is_no_time(committed: str) -> None:
    assert "timestamp" not in document(inventory(source=Source(committed=committed)))["metadata"]


def test_only_locks_of_the_root_and_those_serving_it_count() -> None:
    manifest = Manifest("api/pyproject.toml", "pyproject", "PyPI", locks=("uv.lock",))
    found = inventory(
        lock(locked("top"), path="uv.lock"),
        lock(locked("inside"), path="api/requirements.txt"),
        lock(locked("beside"), path="web/requirements.txt"),
        manifests=(manifest,),
    )
    plain = document(found, release(root="api"))
    assert {each["name"] for each in plain["components"]} == {WHEEL, "top", "inside"}


def test_shuffled_input_gives_the_same_bytes() -> None:
    order = random.Random(7)
    many = [locked(f"p{i}", requires=(f"p{i + 1}",) if i < 29 else (), groups=("b", "a")) for i in range(30)]
    locks = [lock(*many), lock(*many[:5], path="b.lock")]
    contents = [content(), content("demo-1.0.tar.gz")]
    one = release(artifact(), artifact("demo-1.0.tar.gz", ArtifactKind.SDIST))
    first = document(inventory(*locks, contents=tuple(contents)), one)
    for _ in range(5):
        mixed = [replace(each, packages=tuple(order.sample(each.packages, len(each.packages)))) for each in locks]
        found = inventory(*order.sample(mixed, 2), contents=tuple(order.sample(contents, 2)))
        backwards = replace(one, artifacts=tuple(reversed(one.artifacts)))
        assert document(found, backwards) == first


def test_a_sound_release_has_no_findings() -> None:
    assert findings(inventory()) == []


def test_a_need_no_lock_pins_is_drift() -> None:
    found = inventory(contents=(content(requires=("alpha", "Evil_Thing>=1; sys_platform == 'nowhere'")),))
    assert findings(found) == [("sbom-drift", f"{WHEEL}#evil-thing")]


def test_many_needs_of_a_release_without_any_lock_are_one_finding() -> None:
    needs = content(requires=("alpha>=1", "beta", "gamma", "delta"))
    unlocked = replace(inventory(contents=(needs,)), locks=())
    assert findings(unlocked) == [("sbom-drift", WHEEL)]
    few = replace(inventory(contents=(content(requires=("alpha", "beta")),)), locks=())
    assert findings(few) == [("sbom-drift", f"{WHEEL}#alpha"), ("sbom-drift", f"{WHEEL}#beta")]
    unreadable = replace(unlocked, contents=(replace(needs, requires=(*needs.requires, "@@@")),))
    assert len(findings(unreadable)) == 2


def test_a_need_the_pinned_version_does_not_meet_is_drift() -> None:
    assert findings(inventory(contents=(content(requires=("alpha>=2",)),))) == [("sbom-drift", f"{WHEEL}#alpha")]
    assert findings(inventory(contents=(content(requires=("alpha==1.2",)),))) == []


def test_a_requirement_that_cannot_be_read_is_drift() -> None:
    assert [rule for rule, _ in findings(inventory(contents=(content(requires=("@@@",)),)))] == ["sbom-drift"]


def test_extras_and_one_s_own_name_are_no_needs() -> None:
    requires = ("demo[fast]", "absent; extra == 'x'", "absent2; (os_name == 'nt' or os_name != 'nt') and extra == 'y'")
    assert findings(inventory(contents=(content(requires=requires),))) == []


def test_another_artifact_of_the_release_meets_a_need() -> None:
    one = release(artifact(), artifact("core.whl"))
    found = inventory(contents=(content(requires=("core",)), content("core.whl", name="core", requires=())))
    assert findings(found, one) == []


def test_npm_needs_are_compared_by_name() -> None:
    tarball = artifact("demo-1.0.0.tgz", ArtifactKind.NPM)
    package = Locked("npm", "@s/n", "@s/n", "1.0.0", Origin(SourceKind.REGISTRY), hashes=(digest("n"),))
    inside = content(tarball.name, ecosystem="npm", name="demo", requires=("@s/n@^1", "left-pad@*", "@t/u"))
    found = inventory(lock(package), contents=(inside,))
    assert findings(found, release(tarball)) == [
        ("sbom-drift", f"{tarball.name}#@t/u"),
        ("sbom-drift", f"{tarball.name}#left-pad"),
    ]


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ('extra == "a"', False),
        ("'a' == extra", False),
        ('extra == "a" or extra == "b"', False),
        ('extra == "a" and os_name == "nt"', False),
        ('extra == "a" or os_name == "odd"', True),
        ('(extra == "a" or os_name == "odd") and python_version < "1"', True),
        ('extra != "a"', True),
        ('extra == ""', True),
        ('"win" not in sys_platform', True),
        ('extra in "a"', True),
        ("os_name == ' and extra == '", True),
    ],
)
def test_a_marker_hides_a_need_only_behind_an_extra(marker: str, holds: bool) -> None:
    assert outside_extras(marker) is holds


@pytest.mark.parametrize(
    "marker", ["", "a", "a ==", "(a == 'b'", "a == 'b')", "a == 'b' and", "a == 'b' c", "a # b", "'" * 3]
)
def test_a_marker_that_cannot_be_read_is_an_error(marker: str) -> None:
    with pytest.raises(ValueError, match="marker"):
        outside_extras(marker)


def test_components_without_version_or_digest_are_told_once() -> None:
    md5 = Digest("md5", "0" * 32)
    weak = locked("weak", hashes=(md5,))
    loose = locked("loose", "")
    git = locked("gitty", source=Origin(SourceKind.GIT, ref="c" * 40), hashes=())
    local = locked("here", "", source=Origin(SourceKind.PATH), hashes=())
    found = inventory(lock(*packages(), weak, loose, git, local), lock(weak, path="b.lock"))
    assert findings(found) == [
        ("component-incomplete", "pkg:pypi/loose"),
        ("component-incomplete", "pkg:pypi/weak@1.0"),
    ]


def test_a_lock_without_digests_is_told_once() -> None:
    bare = [locked(f"p{i}", hashes=()) for i in range(checking.MANY + 1)]
    few = lock(*packages(), *bare[:4])
    assert len(findings(inventory(few))) == 4
    assert findings(inventory(lock(*packages(), *bare))) == [("component-incomplete", few.path)]
    found = inventory(lock(*packages()), lock(*bare[:4], path="docs/b.lock"))
    assert findings(found) == [("component-incomplete", "docs/b.lock")]


def test_a_lock_that_could_not_be_read_is_a_gap() -> None:
    problems = (Problem("lock-malformed", "uv.lock", "odd"), Problem("lock-malformed", "../x", "elsewhere"))
    found = inventory(lock(*packages(), path="b.lock"), problems=problems)
    assert findings(found, release(root=".")) == [("sbom-incomplete", "../x"), ("sbom-incomplete", "uv.lock")]
    assert findings(replace(found, locks=()), release(root="api"))[-1][0] != "sbom-incomplete"


@pytest.mark.parametrize("rule", ["lock-malformed", "lock-unsupported"])
def test_a_lock_of_a_format_that_is_not_read_is_a_gap(rule: str) -> None:
    odd = replace(lock(path="old.lock"), problems=(Problem(rule, "old.lock", "odd"),))
    files = (TreeFile("web/deno.lock", 1), TreeFile("node_modules/x/deno.lock", 1))
    found = replace(inventory(lock(*packages()), odd), files=files)
    assert findings(found) == [("sbom-incomplete", "old.lock"), ("sbom-incomplete", "web/deno.lock")]
    assert findings(found, release(root="web"))[-1] == ("sbom-incomplete", "web/deno.lock")


@pytest.mark.parametrize(
    "rule", ["archive-hostile", "record-mismatch", "metadata-missing", "metadata-malformed", "archive-unreadable"]
)
def test_problems_of_artifacts_are_findings_about_them_or_their_members(rule: str) -> None:
    problems = (Problem(rule, "x/y", "words"), Problem(rule, WHEEL, "words"))
    seen = findings(inventory(contents=(content(problems=problems),)))
    assert seen == [(rule, f"{WHEEL}!/x/y"), (rule, WHEEL)]


def test_an_unknown_problem_of_an_artifact_fails_all_the_same() -> None:
    found = inventory(contents=(content(problems=(Problem("brand-new", "x", "words"),)),))
    made_of = parts(release(), found)
    (seen,) = check(made_of, found, render(build(made_of, found, "0")))
    assert (seen.rule, seen.level) == ("artifact-problem", Level.FAIL)
    assert "brand-new" in seen.message


def test_an_artifact_that_could_not_be_read_is_a_finding() -> None:
    found = inventory(contents=(), problems=(Problem("archive-unreadable", WHEEL, "not a zip"),))
    assert findings(found) == [("archive-unreadable", WHEEL)]


def test_a_release_without_artifacts_has_no_sbom() -> None:
    assert findings(inventory(contents=()), Release("demo", ".")) == [("sbom-missing", "demo")]


def test_an_sbom_of_other_artifacts_is_unbound() -> None:
    found = inventory()
    made_of = parts(release(), found)
    text = render(build(made_of, found, "0"))
    forged = text.replace(artifact().digest.value, "0" * 64)
    assert [each.rule for each in check(made_of, found, forged)] == ["sbom-unbound"]


def test_a_document_that_breaks_the_format_is_invalid() -> None:
    found = inventory()
    made_of = parts(release(), found)
    text = render(build(made_of, found, "0"))
    for broken in (text.replace('"1.6"', '"9.9"'), text.replace("SHA-256", "SHA-257"), text[:-40], "", "\ud800"):
        assert [each.rule for each in check(made_of, found, broken)] == ["sbom-invalid"]


def test_every_finding_belongs_to_its_release_and_rule() -> None:
    found = inventory(
        lock(locked("loose", "", hashes=())),
        contents=(content(problems=(Problem("archive-hostile", "x", "y"),)),),
        problems=(Problem("lock-malformed", "a.lock", "z"),),
    )
    made_of = parts(release(), found)
    seen = list(check(made_of, found, render(build(made_of, found, "0"))))
    ids = {rule.id for rule in RULES}
    assert len(ids) == len(RULES)
    assert {each.rule for each in seen} == {"sbom-drift", "component-incomplete", "archive-hostile", "sbom-incomplete"}
    assert all(each.release == "demo" and each.rule in ids for each in seen)


def test_an_image_whose_layers_nobody_read_is_a_finding_and_never_silence() -> None:
    image = artifact("app", ArtifactKind.IMAGE)
    assert ("image-unlisted", "app") in findings(inventory(contents=()), release(image))
    assert "image-unlisted" not in {rule for rule, _ in findings(inventory())}
