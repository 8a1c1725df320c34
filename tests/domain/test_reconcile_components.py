"""Packages inside an artifact or an SBOM are the lockfiles', or told."""

import base64

from support.stock import artifact, digest, locked
from tidegate.domain.reconcile.check import Bench, packages, unsupported
from tidegate.domain.reconcile.components import Locks, parts
from tidegate.domain.reconcile.components import unsupported as strangers
from tidegate.domain.reconcile.plan import Kept
from tidegate.formats.sbom_model import NOBODY, Bom, Component
from tidegate.model.digest import Digest
from tidegate.model.finding import Level
from tidegate.model.inventory import Content, Member, Packed
from tidegate.model.release import ArtifactKind
from tidegate.model.tracing import By, Reconciled, Traced

LOCKS = Locks.of([locked("alpha", "1.0")])
RECORD = "demo/_vendor/alpha-1.0.dist-info/RECORD"


def holding(*packed: Packed, kind: ArtifactKind = ArtifactKind.WHEEL) -> Content:
    return Content("demo.whl", kind, (), "PyPI", "demo", "1.0", packages=packed)


def inside(name: str, version: str = "1.0") -> Packed:
    return Packed(locked(name, version), f"demo/_vendor/{name}-{version}.dist-info/METADATA", "dist-info")


def test_a_locked_package_inside_is_known_and_another_version_is_not() -> None:
    content = holding(inside("alpha"), inside("alpha", "1.1"), inside("beta"))
    found = list(packages(Bench("demo"), content, LOCKS, None))
    assert [(each.rule, each.about) for each in found] == [
        ("package-unlocked", "demo.whl#pkg:pypi/alpha@1.1"),
        ("package-unlocked", "demo.whl#pkg:pypi/beta@1.0"),
    ]
    assert {each.level for each in found} == {Level.WARN}


def test_what_the_commit_or_the_policy_holds_is_known() -> None:
    content = holding(inside("beta"))
    for by, count in ((By.SOURCE, 0), (By.DECLARED, 0), (By.UNEXPLAINED, 1)):
        done = Reconciled("demo.whl", digest("x"), ArtifactKind.WHEEL, (Traced(content.packages[0].path, 1, by),))
        assert len(list(packages(Bench("demo"), content, LOCKS, done))) == count


def test_a_strict_policy_shuts_and_a_base_image_does_not() -> None:
    (found,) = packages(Bench("demo", fails=True), holding(inside("beta")), LOCKS, None)
    assert found.level is Level.FAIL
    (found,) = packages(Bench("demo", fails=True), holding(inside("beta"), kind=ArtifactKind.IMAGE), LOCKS, None)
    assert found.level is Level.WARN


def test_packages_of_the_operating_system_are_no_lockfiles_matter() -> None:
    system = Packed(locked("libc6", ecosystem="Debian:12"), "var/lib/dpkg/status", "dpkg")
    assert list(packages(Bench("demo"), holding(system), LOCKS, None)) == []


def test_files_a_locked_package_lists_are_its_own_by_digest() -> None:
    listed = base64.urlsafe_b64encode(bytes.fromhex(Digest.of(b"a").value)).rstrip(b"=").decode()
    rows = f"alpha/a.py,sha256={listed},1\n../../evil.py,sha256={listed},1\n".encode()
    found = parts(holding(inside("alpha")), LOCKS, {RECORD: Kept(b"", rows)})
    assert found.owner(Member("demo/_vendor/alpha/a.py", 1, Digest.of(b"a"))) == "pkg:pypi/alpha@1.0"
    assert found.owner(Member("demo/_vendor/alpha/a.py", 1, Digest.of(b"b"))) == ""
    assert found.owner(Member("evil.py", 1, Digest.of(b"a"))) == ""
    assert parts(holding(inside("beta")), LOCKS, {}).owner(Member("demo/_vendor/beta/a.py", 1)) == ""


def test_a_package_that_is_not_locked_does_not_hide_in_one_that_is() -> None:
    top, inner = "package/node_modules/a", "package/node_modules/a/node_modules/b"
    content = holding(
        Packed(locked("a", ecosystem="npm"), f"{top}/package.json", "npm"),
        Packed(locked("b", ecosystem="npm"), f"{inner}/package.json", "npm"),
    )
    found = parts(content, Locks.of([locked("a", ecosystem="npm")]), {})
    assert found.owner(Member(f"{top}/lib/x.js", 1)) == "pkg:npm/a@1.0"
    assert found.owner(Member(f"{inner}/x.js", 1)) == ""


def test_an_sbom_that_names_what_is_nowhere_is_told() -> None:
    named = ("pkg:pypi/Alpha@1.0", "pkg:pypi/beta@1.0?x=y", "pkg:pypi/demo@9", "pkg:npm/ghost@1", "pkg:pypi/alpha@2")
    bom = Bom(
        NOBODY,
        (
            *(Component(purl, "library", "x", purl=purl) for purl in named),
            Component("f", "file", "f", purl="pkg:generic/file"),
            Component("n", "library", "nameless"),
            Component("a", "library", "the artifact", purl="pkg:pypi/other@1", hashes=(artifact().digest,)),
        ),
        (),
        (),
        "",
    )
    contents = (holding(inside("beta")),)
    found = strangers(bom, LOCKS, contents, (("PyPI", "demo"),), (artifact().digest,))
    assert found == ("pkg:npm/ghost@1", "pkg:pypi/alpha@2")
    told = list(unsupported(Bench("demo"), found, "sbom.json"))
    assert [(each.rule, each.about, each.level) for each in told] == [
        ("component-unlocked", purl, Level.FAIL) for purl in found
    ]


def named(*components: Component) -> Bom:
    return Bom(NOBODY, components, (), (), "")


def test_a_package_of_nowhere_does_not_hide_as_something_else_than_a_library() -> None:
    bom = named(
        *(Component(kind, kind, "x", purl=f"pkg:npm/{kind}@1") for kind in ("platform", "container", "firmware"))
    )
    assert len(strangers(bom, LOCKS, (), (), ())) == 3
    image = named(Component("i", "container", "app", purl="pkg:oci/app@sha256%3Aab"))
    assert strangers(image, LOCKS, (), (), ()) == ()


def test_packages_of_nowhere_do_not_all_hide_behind_the_artifacts_digest() -> None:
    told = (artifact().digest,)
    both = named(*(Component(name, "library", name, purl=f"pkg:npm/{name}@1", hashes=told) for name in ("a", "ghost")))
    assert strangers(both, LOCKS, (), (), told) == ("pkg:npm/a@1", "pkg:npm/ghost@1")
