"""Two states of a lockfile: every difference becomes a change, and nothing else does."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.stock import digest, lock, locked
from tidegate.domain.changes import lockfiles
from tidegate.domain.changes.change import Change, Kind
from tidegate.domain.changes.pairing import compare
from tidegate.domain.matching.versions import order_of
from tidegate.model.package import File, Locked, LockFile, Manifest, Source, SourceKind

ELSEWHERE = Source(SourceKind.REGISTRY, url="https://mirror.example/simple", host="mirror.example")


def changes(before: list[Locked], after: list[Locked]) -> tuple[Change, ...]:
    return compare(before, after, "uv.lock", order_of)


def told(before: list[Locked], after: list[Locked]) -> list[tuple[str, str, str, str]]:
    return [
        (
            change.kind.value,
            change.package.name,
            change.before.version if change.before else "",
            change.after.version if change.after else "",
        )
        for change in changes(before, after)
    ]


def test_nothing_changed_is_no_change() -> None:
    packages = [locked("a"), locked("b", "2.0")]
    assert told(packages, list(reversed(packages))) == []
    assert told(packages, [replace(package, line=99) for package in packages]) == []


def test_each_kind_of_change_is_told() -> None:
    before = [locked("gone"), locked("up", "1.9"), locked("down", "2.0"), locked("odd", "master")]
    after = [locked("new"), locked("up", "1.10"), locked("down", "1.0"), locked("odd", "main")]
    assert told(before, after) == [
        ("downgraded", "down", "2.0", "1.0"),
        ("removed", "gone", "1.0", ""),
        ("added", "new", "", "1.0"),
        ("changed", "odd", "master", "main"),
        ("upgraded", "up", "1.9", "1.10"),
    ]


def test_an_ecosystem_without_an_order_is_changed_and_not_called_newer() -> None:
    before, after = (replace(locked("a", version), ecosystem="Nowhere") for version in ("1.0", "2.0"))
    assert told([before], [after]) == [("changed", "a", "1.0", "2.0")]


def test_several_versions_of_a_name_are_sets() -> None:
    before = [locked("a", "1.0"), locked("a", "2.0")]
    assert told(before, [locked("a", "1.0"), locked("a", "3.0")]) == [("upgraded", "a", "2.0", "3.0")]
    assert told(before, [*before, locked("a", "3.0")]) == [("added", "a", "", "3.0")]
    assert told(before, before[:1]) == [("removed", "a", "2.0", "")]
    assert told(before, [locked("a", "1.5"), locked("a", "2.5")]) == [
        ("upgraded", "a", "2.0", "2.5"),
        ("upgraded", "a", "1.0", "1.5"),
    ]


def test_a_fallen_maximum_is_a_downgrade_whatever_else_is_there() -> None:
    assert told([locked("a", "3.0")], [locked("a", "1.0"), locked("a", "2.0")]) == [
        ("downgraded", "a", "3.0", "2.0"),
        ("added", "a", "", "1.0"),
    ]


def test_a_direct_package_that_leaves_its_old_version_to_another_is_upgraded() -> None:
    before = [locked("a", "3.0.1", direct=True)]
    after = [locked("a", "3.0.1"), locked("a", "4.0.0", direct=True)]
    assert told(before, after) == [("upgraded", "a", "3.0.1", "4.0.0")]


def test_only_a_name_nobody_locked_before_is_new() -> None:
    (more,) = changes([locked("a", "1.0")], [locked("a", "1.0"), locked("a", "2.0")])
    (fresh,) = changes([], [locked("a", "1.0", direct=True)])
    assert (more.kind, more.new, more.newly_direct) == (Kind.ADDED, False, False)
    assert (fresh.kind, fresh.new, fresh.newly_direct) == (Kind.ADDED, True, True)


def test_becoming_direct_or_transitive_is_a_change_of_its_own() -> None:
    plain, direct = locked("a"), locked("a", direct=True)
    assert [kind for kind, *_ in told([plain], [direct])] == ["now direct"]
    assert [kind for kind, *_ in told([direct], [plain])] == ["now transitive"]


@pytest.mark.parametrize(
    "other",
    [
        {"hashes": (digest("other"),)},
        {"source": ELSEWHERE},
        {"source": Source(SourceKind.GIT, url="https://git.example/a", host="git.example", ref="a" * 40)},
        {"files": (File("a-1.0.tar.gz", hashes=(digest("a1.0"),)),)},
    ],
)
def test_the_same_version_with_other_files_or_from_elsewhere_is_replaced(other: dict[str, Any]) -> None:
    assert [kind for kind, *_ in told([locked("a")], [locked("a", **other)])] == ["replaced"]


def test_what_a_lock_newly_says_of_the_same_files_is_marked() -> None:
    for said in ({"deprecated": "use b"}, {"yanked": True}, {"licence": "MIT"}, {"install_script": True}):
        assert [kind for kind, *_ in told([locked("a")], [locked("a", **said)])] == ["marked"]


def test_one_of_many_entries_of_the_same_package_cannot_change_unseen() -> None:
    """npm installs a package at several places of its tree; a second commit of a git package is one more entry."""
    twice = [locked("a", line=1), locked("a", line=2)]
    assert told(twice, [twice[0], locked("a", hashes=(digest("evil"),), line=2)]) == [("replaced", "a", "1.0", "1.0")]
    git = Source(SourceKind.GIT, url="https://git.example/a", host="git.example", ref="a" * 40)
    first, second = locked("a", source=git), locked("a", source=replace(git, ref="b" * 40))
    assert told([first, first], [first, second]) == [("added", "a", "", "1.0")]
    assert told([first], [second]) == [("replaced", "a", "1.0", "1.0")]


def test_another_place_is_noted_whatever_the_version() -> None:
    (same,) = changes([locked("a")], [locked("a", source=ELSEWHERE)])
    (newer,) = changes([locked("a")], [locked("a", "2.0", source=ELSEWHERE)])
    (second,) = changes([locked("a")], [locked("a"), locked("a", "2.0", source=ELSEWHERE)])
    assert [one.moved for one in (same, newer, second)] == ["the public registry"] * 3
    (unmoved,) = changes([locked("a")], [locked("a", "2.0")])
    assert unmoved.moved == ""


def test_files_from_another_host_count_as_moved_though_the_index_stays() -> None:
    def at(host: str, version: str = "1.0") -> Locked:
        return locked("a", version, files=(File("a.whl", f"https://{host}/a-{version}.whl", (digest("a"),)),))

    for version in ("1.0", "2.0"):
        (change,) = changes([at("files.example")], [at("evil.example", version)])
        assert change.moved == "`files.example`"
    assert changes([at("files.example")], [at("files.example", "2.0")])[0].moved == ""


names = st.sampled_from("abc")
versions = st.sampled_from(["1.0", "1.1", "2.0", "x", ""])
packages = st.lists(
    st.builds(
        lambda name, version, direct, evil: locked(
            name, version, direct=direct, hashes=(digest("evil" if evil else name + version),)
        ),
        names,
        versions,
        st.booleans(),
        st.booleans(),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(packages, packages)
def test_whatever_is_locked_at_head_and_was_not_at_base_is_in_a_change(
    before: list[Locked], after: list[Locked]
) -> None:
    listed = changes(before, after)
    assert changes(after, after) == ()
    reached = {(c.after.name, c.after.version) for c in listed if c.after}
    gone = {(c.before.name, c.before.version) for c in listed if c.before}
    old, new = ({(p.name, p.version) for p in side} for side in (before, after))
    assert new - old <= reached
    assert old - new <= gone
    assert len({id(c) for c in listed}) == len(listed)
    assert changes(before, after) == listed


# --- which lockfile became which ---


def file(path: str, *members: Locked, of: str = "uv", version: str = "") -> LockFile:
    made = replace(lock(*members, path=path), format=of, version=version)
    return replace(made, sha256=digest("".join(member.purl for member in members) + of))


def paths(before: list[LockFile], after: list[LockFile]) -> list[tuple[str, str]]:
    return [
        (one.before.path if one.before else "", one.after.path if one.after else "")
        for one in lockfiles.pair(before, after)
    ]


def test_lockfiles_are_paired_by_path_bytes_folder_and_name() -> None:
    a, b = locked("a"), locked("b")
    assert paths([file("uv.lock", a)], [file("uv.lock", b)]) == [("uv.lock", "uv.lock")]
    two = [file("v/uv.lock", a), file("w/uv.lock", b)]
    assert paths(two, [file("y/uv.lock", b), file("z/uv.lock", a)]) == [
        ("w/uv.lock", "y/uv.lock"),
        ("v/uv.lock", "z/uv.lock"),
    ]
    assert paths([], [file("y/uv.lock", a)]) == [("", "y/uv.lock")]
    assert paths([file("y/uv.lock", a)], []) == [("y/uv.lock", "")]
    other = replace(file("x/package-lock.json", a), ecosystem="npm")
    assert paths([other], [file("x/uv.lock", b)]) == [("x/package-lock.json", ""), ("", "x/uv.lock")]
    assert paths([file("poetry.lock", a, of="poetry")], [file("uv.lock", b)]) == [("poetry.lock", "uv.lock")]
    assert paths([file("x/uv.lock", a)], [file("y/uv.lock", b)]) == [("x/uv.lock", "y/uv.lock")]


def test_no_lockfile_escapes_comparison_by_being_moved_and_doubled() -> None:
    a, b = locked("a"), locked("b")
    before, after = [file("x/uv.lock", a)], [file("y/poetry.lock", b, of="poetry"), file("z/uv.lock", b)]
    assert paths(before, after) == [("x/uv.lock", "y/poetry.lock"), ("x/uv.lock", "z/uv.lock")]


def rules_of(before: LockFile | None, after: LockFile | None, *manifests: Manifest) -> list[str]:
    pair = lockfiles.Pair(before, after)
    return [f.rule for f in lockfiles.check_pair(pair, manifests, {after.path} if after else set())]


def test_another_kind_name_or_format_version_is_told() -> None:
    old = file("uv.lock", locked("a"), version="1")
    assert rules_of(old, old) == []
    for new in (replace(old, version="2"), replace(old, path="other/uv.lock"), replace(old, format="poetry")):
        assert rules_of(old, new) == ["lock-switched"]


def test_a_lockfile_that_is_gone_is_told_while_its_manifest_has_no_other() -> None:
    old = file("uv.lock", locked("a"))
    manifest = Manifest("pyproject.toml", "pyproject", "PyPI", ("a",))
    assert rules_of(old, None, manifest) == ["lock-removed"]
    assert rules_of(old, None) == []
    assert rules_of(old, replace(old, path="elsewhere/uv.lock"), manifest) == ["lock-switched", "lock-removed"]
    assert rules_of(old, replace(old, path="poetry.lock"), replace(manifest, locks=("poetry.lock",))) == [
        "lock-switched"
    ]
    assert rules_of(old, None, replace(manifest, ecosystem="npm")) == []
    assert rules_of(old, None, replace(manifest, path="elsewhere/pyproject.toml")) == []


def test_lockfiles_and_manifests_that_change_without_each_other_are_told() -> None:
    manifest = Manifest("pyproject.toml", "pyproject", "PyPI", ("a",), locks=("uv.lock",))
    changed = replace(manifest, requires=("a>=2",))

    def alone(locks: set[str], before: dict[str, Manifest | None], *written: str) -> list[str]:
        return [f.rule for f in lockfiles.check_alone(frozenset(locks), (manifest,), before, frozenset(written))]

    assert alone({"uv.lock"}, {}) == ["lock-changed-alone"]
    assert alone({"uv.lock"}, {"pyproject.toml": changed}) == []
    assert alone(set(), {"pyproject.toml": changed}) == ["manifest-changed-alone"]
    assert alone(set(), {"pyproject.toml": changed}, "uv.lock") == []
    assert alone(set(), {"pyproject.toml": changed}, "other/uv.lock") == ["manifest-changed-alone"]
    assert alone(set(), {"pyproject.toml": manifest}) == []
    assert alone(set(), {"pyproject.toml": None}) == []


def test_a_lockfile_that_changed_alone_is_told_with_the_manifest_beside_it() -> None:
    members = [Manifest(f"{at}pyproject.toml", "pyproject", "PyPI", ("a",), locks=("uv.lock",)) for at in ("apps/", "")]
    (told,) = lockfiles.check_alone(frozenset({"uv.lock"}), members, {})
    assert told.message == "`uv.lock` changed and `pyproject.toml` did not"
