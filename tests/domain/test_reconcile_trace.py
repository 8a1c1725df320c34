"""What explains a file: equal content by sha256, never by git's id alone; and any number of files in bearable time."""

import hashlib
import time
from collections.abc import Mapping

from tidegate.domain.reconcile import components, places
from tidegate.domain.reconcile.check import Bench, files
from tidegate.domain.reconcile.generated import Making
from tidegate.domain.reconcile.plan import Blobs, Kept, compared, plan
from tidegate.domain.reconcile.trace import Declared, Known, trace
from tidegate.domain.reconcile.tree import Held, Tree
from tidegate.model.digest import Digest
from tidegate.model.inventory import Content, Member
from tidegate.model.release import ArtifactKind
from tidegate.model.tracing import By, Reconciled, Traced


def blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def member(path: str, data: bytes, oid: str | None = None) -> Member:
    return Member(path, len(data), Digest.of(data), blob=blob(data) if oid is None else oid)


def traced(
    source: Mapping[str, bytes],
    members: tuple[Member, ...],
    *,
    kind: ArtifactKind = ArtifactKind.WHEEL,
    kept: Mapping[str, bytes] | None = None,
    rules: tuple[str, ...] = (),
    missing: frozenset[str] = frozenset(),
) -> dict[str, Traced]:
    """With the commit as a dictionary; `missing` are paths whose blob cannot be read."""
    tree = Tree.of(Held(path, "100644", blob(data)) for path, data in source.items())
    content = Content("demo-1.0.x", kind, members, "PyPI", "demo", "1.0")
    read = {path: Kept(data[:64], data) for path, data in (kept or {}).items()}
    made = plan(content, tree, ".")
    blobs = Blobs()
    wanted = {*made.matched, *compared(made, read)}
    for path, data in source.items():
        if blob(data) in wanted and path not in missing:
            blobs.take(blob(data), data)
    making = Making(content, made.places, own=places.paths(content, made.places))
    parts = components.parts(content, components.Locks(), read)
    known = Known(made, read, blobs, making, parts, Declared.of(rules))
    return {each.path: each for each in trace(known)}


def test_equal_content_at_its_place_is_source() -> None:
    found = traced({"src/demo/a.py": b"a"}, (member("demo/a.py", b"a"),))
    assert found["demo/a.py"] == Traced("demo/a.py", 1, By.SOURCE, "src/demo/a.py")


def test_without_a_git_id_the_sha256_of_the_home_decides() -> None:
    found = traced(
        {"demo/a.py": b"a", "demo/b.py": b"b"}, (member("demo/a.py", b"a", ""), member("demo/b.py", b"x", ""))
    )
    assert (found["demo/a.py"].by, found["demo/b.py"].by) == (By.SOURCE, By.ALTERED)


def test_a_collision_of_sha1_is_a_forgery_at_its_home_and_anywhere() -> None:
    source = {"demo/a.py": b"reviewed"}
    forged = member("demo/a.py", b"released", blob(b"reviewed"))
    elsewhere = member("demo/other.py", b"released", blob(b"reviewed"))
    for each in (forged, elsewhere):
        found = traced(source, (each,), rules=("**",))
        assert found[each.path].by is By.ALTERED
        done = Reconciled("x.whl", Digest.of(b"x"), ArtifactKind.WHEEL, tuple(found.values()))
        (finding,) = files(Bench("demo"), done)
        assert finding.rule == "blob-forged"
        assert finding.level == "fail"


def test_a_blob_git_cannot_give_proves_nothing() -> None:
    found = traced({"demo/a.py": b"a"}, (member("demo/a.py", b"a"),), missing=frozenset({"demo/a.py"}))
    assert found["demo/a.py"].by is By.ALTERED
    assert found["demo/a.py"].why == "the commit's file could not be read to compare"


def test_an_image_is_counted_and_not_judged() -> None:
    done = Reconciled("app", Digest.of(b"x"), ArtifactKind.IMAGE, (Traced("bin/sh", 1, By.UNEXPLAINED),))
    assert list(files(Bench("demo", fails=True), done)) == []


def test_a_module_moved_onto_startup_is_no_longer_the_commits() -> None:
    found = traced({"tests/x.pth": b"import x"}, (member("x.pth", b"import x"), member("demo/a.pth", b"import x")))
    assert {each.by for each in found.values()} == {By.UNEXPLAINED}


def test_kept_bytes_of_another_member_explain_nothing() -> None:
    version = b'__version__ = "1.0"\n'
    found = traced({}, (member("demo/_version.py", b"import os\n"),), kept={"demo/_version.py": version})
    assert found["demo/_version.py"].by is By.UNEXPLAINED


def test_five_thousand_files_take_no_two_seconds() -> None:
    source = {f"src/demo/m{n}/f{n}.py": b"x = %d\n" % n for n in range(5000)}
    members = tuple(member(path.removeprefix("src/"), data) for path, data in source.items())
    start = time.process_time()
    found = traced(source, members)
    assert time.process_time() - start < 2
    assert {each.by for each in found.values()} == {By.SOURCE}


def test_a_hundred_thousand_foreign_files_and_two_hundred_rules_are_borne() -> None:
    rules = tuple(f"**/gen{n}/*x*y*/**" for n in range(200))
    members = tuple(Member(f"demo/{n % 100}/aaaaaaaa{n}.py", 1, Digest.of(b"x")) for n in range(20_000))
    start = time.process_time()
    found = traced({"src/demo/a.py": b"a"}, members, rules=rules)
    assert time.process_time() - start < 10
    assert {each.by for each in found.values()} == {By.UNEXPLAINED}
