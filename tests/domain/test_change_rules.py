"""What is wrong with a change, rule by rule: one change that has it, one that has not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.stock import PUBLIC, digest, lock, locked
from tidegate.domain.changes import all_rules, check, cooldown, licences
from tidegate.domain.changes.change import Change
from tidegate.domain.changes.cooldown import Cooldown
from tidegate.domain.changes.licences import Licences
from tidegate.domain.changes.pairing import compare
from tidegate.domain.matching.versions import order_of
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding
from tidegate.model.package import File, Locked, Source, SourceKind

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GIT = Source(SourceKind.GIT, url="https://git.example/acme/a", host="git.example", ref="a" * 40)


def changed(before: list[Locked], after: list[Locked]) -> tuple[Change, ...]:
    return compare(before, after, "uv.lock", order_of)


def findings(before: list[Locked], after: list[Locked], *wishes: str) -> list[Finding]:
    return list(check.check(changed(before, after), wishes))


def rules(before: list[Locked], after: list[Locked], *wishes: str) -> list[str]:
    return [finding.rule for finding in findings(before, after, *wishes)]


def wheel(*words: str, name: str = "a", kind: str = "whl", version: str = "1.0") -> Locked:
    """A package with one file for each word, whose bytes the word stands for."""
    files = tuple(File(f"{name}-{version}-{place}.{kind}", hashes=(digest(word),)) for place, word in enumerate(words))
    return locked(name, version, files=files, hashes=tuple(digest(word) for word in words))


def npm(*hashes: Digest, version: str = "1.0.0", **more: object) -> Locked:
    return replace(locked("a", version, hashes=hashes, **more), ecosystem="npm")


def test_every_rule_says_what_why_and_how_to_mend_it() -> None:
    ids = [rule.id for rule in all_rules.RULES]
    assert len(set(ids)) == len(ids)
    assert all(rule.says and rule.why and rule.fix for rule in all_rules.RULES)


# --- bytes ---


def test_the_same_file_with_another_hash_is_changed() -> None:
    assert rules([wheel("x", "y")], [wheel("x", "z")]) == ["hash-changed"]
    assert rules([wheel("x", "y")], [wheel("x", "y")]) == []


def test_a_file_that_came_later_is_a_warning_and_one_that_is_gone_is_none() -> None:
    assert rules([wheel("x")], [wheel("x", "y")]) == ["files-added"]
    assert rules([wheel("x", "y")], [wheel("x")]) == []


def test_a_changed_file_is_told_though_files_came_too() -> None:
    assert rules([wheel("x")], [wheel("z", "y")]) == ["hash-changed"]


def test_without_file_names_exchanged_hashes_are_changed_and_further_ones_are_added() -> None:
    one, two, three = digest("1"), digest("2"), digest("3")

    def some(*hashes: Digest) -> list[Locked]:
        return [locked("a", hashes=hashes)]

    assert rules(some(one, two), some(one, three)) == ["hash-changed"]
    assert rules(some(one, two), some(three)) == ["hash-changed"]
    assert rules(some(one), some(one, two)) == ["files-added"]
    assert rules(some(one, two), some(one)) == []
    assert rules([npm(one)], [npm(one, two)]) == ["hash-changed"]


def test_a_hash_that_is_gone_is_told_and_one_that_came_is_not() -> None:
    bare = locked("a", hashes=())
    assert rules([locked("a")], [bare]) == ["hash-changed"]
    assert rules([bare], [locked("a")]) == []


def test_another_kind_of_hash_is_not_compared_and_told_once_a_lockfile() -> None:
    weak, strong = Digest("sha1", "a" * 40), Digest("sha512", "b" * 128)
    before = [npm(weak), replace(npm(weak), name="b")]
    after = [npm(strong), replace(npm(strong), name="b")]
    (finding,) = findings(before, after)
    assert (finding.rule, finding.about) == ("hash-uncompared", "uv.lock")
    assert "2 packages" in finding.message
    assert rules([npm(weak, strong)], [npm(strong)]) == []


def test_hashes_of_different_things_are_not_compared() -> None:
    one = npm(digest("1"))
    assert rules([replace(one, hashes_of="a cache")], [npm(digest("2"))]) == ["hash-uncompared"]


def test_a_new_version_has_new_hashes() -> None:
    assert rules([locked("a", "1.0")], [locked("a", "1.1")]) == []


# --- sources ---


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PUBLIC, Source(SourceKind.REGISTRY, "https://evil.example/simple", "evil.example")),
        (PUBLIC, GIT),
        (PUBLIC, Source(SourceKind.URL, "https://evil.example/a.whl", "evil.example")),
        (PUBLIC, Source(SourceKind.PATH, "../a.whl")),
        (PUBLIC, Source(SourceKind.UNKNOWN)),
        (Source(SourceKind.REGISTRY, "https://own.example/simple", "own.example"), PUBLIC),
        (Source(SourceKind.WORKSPACE, "packages/a"), PUBLIC),
        (GIT, replace(GIT, url="https://git.example/evil/a")),
    ],
)
def test_another_source_is_told_in_both_directions_and_at_any_version(before: Source, after: Source) -> None:
    for version in ("1.0", "2.0"):
        told = findings([locked("a", source=before)], [locked("a", version, source=after)])
        assert [finding.rule for finding in told] == ["source-switched"]
        assert told[0].about.startswith(f"pkg:pypi/a@{version}#")
    assert "source-switched" not in rules([locked("a", source=before)], [locked("a", "2.0", source=before)])


def test_a_registry_written_down_or_left_out_is_the_same_registry() -> None:
    unwritten = Source(SourceKind.REGISTRY, public=True)
    assert rules([locked("a", source=unwritten)], [locked("a", source=PUBLIC)]) == []
    spelled = replace(GIT, url="git+https://git.example/acme/a.git")
    assert rules([locked("a", source=GIT)], [locked("a", source=spelled)]) == []


def test_a_commit_that_moves_under_the_same_version_is_told_unless_the_manifest_asks_for_it() -> None:
    moved = replace(GIT, ref="b" * 40)
    before, after = [locked("a", source=GIT)], [locked("a", source=moved)]
    (finding,) = findings(before, after)
    assert (finding.rule, finding.about) == ("commit-moved", f"pkg:pypi/a@1.0#{'b' * 40}")
    assert rules(before, after, f"a @ git+https://git.example/acme/a@{'b' * 40}") == []
    assert rules(before, [locked("a", "1.1", source=moved)]) == []


def alias(name: str, target: str) -> Locked:
    return replace(npm(digest(target)), name=target, raw_name=name, alias_of=target)


def plain(name: str) -> Locked:
    return replace(npm(digest(name)), name=name, raw_name=name)


def test_a_name_that_installs_another_package_is_told() -> None:
    def told(before: Locked, after: Locked) -> list[str]:
        return [finding.rule for finding in check.check_aliases(lock(before), lock(after))]

    assert told(alias("util", "good"), alias("util", "evil")) == ["alias-switched"]
    assert told(plain("util"), alias("util", "evil")) == ["alias-switched"]
    assert told(alias("util", "good"), plain("util")) == ["alias-switched"]
    assert told(alias("util", "good"), alias("util", "good")) == []
    assert told(plain("util"), plain("util")) == []
    assert told(plain("other"), alias("util", "good")) == []


# --- what a lock says of a package ---


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("install-script-added", {"install_script": True}),
        ("package-deprecated", {"deprecated": "use b"}),
        ("package-yanked", {"yanked": True}),
    ],
)
def test_a_new_mark_is_told_and_an_old_one_is_not(rule: str, said: dict[str, Any]) -> None:
    clean, marked = locked("a"), locked("a", **said)
    assert rules([clean], [marked]) == [rule]
    assert rules([clean], [locked("a", "2.0", **said)]) == [rule]
    assert rules([], [marked]) == [rule]
    assert rules([marked], [marked]) == []
    assert rules([marked], [clean]) == []
    if rule != "package-yanked":
        assert rules([marked], [locked("a", "2.0", **said)]) == []


def test_a_yanked_release_is_told_though_the_one_before_was_yanked_too() -> None:
    assert rules([locked("a", yanked=True)], [locked("a", "2.0", yanked=True)]) == ["package-yanked"]


def test_a_downgrade_is_a_warning() -> None:
    (finding,) = findings([locked("a", "2.0")], [locked("a", "1.0")])
    assert (finding.rule, finding.level.value) == ("package-downgraded", "warn")
    assert rules([locked("a", "1.0")], [locked("a", "2.0")]) == []


def test_lost_wheels_are_told_and_a_source_release_that_always_was_one_is_not() -> None:
    source = wheel("s", kind="tar.gz", version="2.0")
    assert rules([wheel("x")], [source]) == ["wheel-missing"]
    assert rules([], [source]) == ["wheel-missing"]
    assert rules([wheel("x", kind="tar.gz")], [source]) == []
    assert rules([wheel("x")], [wheel("y", version="2.0")]) == []
    assert rules([], [locked("a")]) == []


# --- licences ---


def licensed(text: str, version: str = "2.0") -> Locked:
    return locked("a", version, licence=text)


def licence_rules(text: str, **lists: list[str]) -> list[str]:
    policy = Licences.of(lists.get("allow", []), lists.get("deny", []))
    return [finding.rule for finding in licences.check(changed([locked("a")], [licensed(text)]), policy)]


ALLOW = ["MIT", "Apache-2.0", "GPL-2.0-or-later"]
DENY = ["AGPL-3.0-only", "GPL-3.0-or-later"]


@pytest.mark.parametrize(
    ("text", "allowed", "denied"),
    [
        ("MIT", [], []),
        ("mit", [], []),
        ("(MIT OR AGPL-3.0-only)", [], []),
        ("MIT AND AGPL-3.0-only", ["licence-not-allowed"], ["licence-not-allowed"]),
        ("AGPL-3.0", ["licence-not-allowed"], ["licence-not-allowed"]),
        ("GPL-2.0+", [], []),
        ("GPL-3.0+", ["licence-not-allowed"], ["licence-not-allowed"]),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", [], []),
        ("GPL-3.0-or-later WITH Classpath-exception-2.0", ["licence-not-allowed"], ["licence-not-allowed"]),
        ("", ["licence-unknown"], ["licence-unknown"]),
        ("   ", ["licence-unknown"], ["licence-unknown"]),
        ("SEE LICENSE IN terms.txt", ["licence-not-allowed"], ["licence-unknown"]),
        ("GPLv3", ["licence-not-allowed"], ["licence-unknown"]),
        ("GPLv3 AND AGPL-3.0-only", ["licence-not-allowed"], ["licence-not-allowed"]),
        ("GPLv3 OR MIT", [], []),
        ("((((", ["licence-not-allowed"], ["licence-unknown"]),
        ("(" * 50 + "MIT" + ")" * 50, ["licence-not-allowed"], ["licence-unknown"]),
        ("MIT OR " * 400 + "MIT", ["licence-not-allowed"], ["licence-unknown"]),
        ("MIT WITH", ["licence-not-allowed"], ["licence-unknown"]),
        ("MIT MIT", ["licence-not-allowed"], ["licence-unknown"]),
        ("MIT\u202e", ["licence-not-allowed"], ["licence-unknown"]),
    ],
)
def test_a_licence_is_held_against_the_lists(text: str, allowed: list[str], denied: list[str]) -> None:
    assert licence_rules(text, allow=ALLOW) == allowed
    assert licence_rules(text, deny=DENY) == denied
    assert licence_rules(text) == []


def test_only_what_is_new_or_changed_its_licence_is_judged() -> None:
    policy = Licences.of(["MIT"], [])

    def told(before: list[Locked], after: list[Locked]) -> list[str]:
        return [finding.rule for finding in licences.check(changed(before, after), policy)]

    evil = licensed("Proprietary", "1.0")
    assert told([evil], [replace(evil, direct=True)]) == []
    assert told([licensed("MIT", "1.0")], [evil]) == ["licence-not-allowed"]
    assert told([], [evil]) == ["licence-not-allowed"]
    assert told([evil], []) == []


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="MITGPL-+.() ANDORWITHx", max_size=40))
def test_any_text_is_a_verdict_and_never_an_error(text: str) -> None:
    assert Licences.of(["MIT"], []).accepts(text) in (True, False, None)
    assert Licences.of([], ["MIT"]).accepts(text) in (True, False, None)


# --- cooldown ---


def at(time: str, version: str = "2.0") -> Locked:
    return locked("a", version, files=(File("a.whl", hashes=(digest("a"),), uploaded=time),))


def ages(after: Locked, uploaded: dict[str, str] | None = None, mending: frozenset[str] = frozenset()) -> list[str]:
    limit = Cooldown(timedelta(days=7), NOW, uploaded or {}, mending)
    return [finding.rule for finding in cooldown.check(changed([locked("a")], [after]), limit)]


def test_the_age_of_a_release_is_that_of_its_youngest_file() -> None:
    assert ages(at("2026-02-20T00:00:00Z")) == []
    assert ages(at("2026-02-28T00:00:00Z")) == ["cooldown-unmet"]
    files = (*at("2020-01-01T00:00:00Z").files, *at("2026-02-28T00:00:00Z").files)
    assert ages(replace(at("x"), files=files)) == ["cooldown-unmet"]


def test_what_nobody_dates_is_unknown_and_a_time_ahead_is_young() -> None:
    for text in ("", "soon", "9999-99-99", "0001-01-01T00:00:00-23:59"):
        assert ages(at(text)) in (["cooldown-unknown"], [])
    assert ages(at("")) == ["cooldown-unknown"]
    assert ages(at("soon")) == ["cooldown-unknown"]
    assert ages(at("2030-01-01T00:00:00Z")) == ["cooldown-unmet"]


def test_a_lockfile_cannot_talk_a_release_older_than_the_registry_says() -> None:
    purl = at("").purl
    old, young = "2020-01-01T00:00:00Z", "2026-02-28T00:00:00Z"
    assert ages(at(old), {purl: young}) == ["cooldown-unmet"]
    assert ages(at(young), {purl: old}) == ["cooldown-unmet"]
    assert ages(at(""), {purl: old}) == []
    assert ages(at(old), {purl: "soon"}) == ["cooldown-unknown"]


def test_what_mends_is_let_through_and_only_that() -> None:
    young = at("2026-02-28T00:00:00Z")
    assert ages(young, mending=frozenset({young.purl})) == []
    assert ages(young, mending=frozenset({"pkg:pypi/a@2.1"})) == ["cooldown-unmet"]


@pytest.mark.parametrize(
    "other",
    [
        lambda package: replace(package, version="1.0"),
        lambda package: replace(package, source=GIT),
        lambda package: replace(package, ecosystem="Docker"),
    ],
)
def test_only_newly_locked_releases_of_registries_have_an_age(other: Callable[[Locked], Locked]) -> None:
    after = other(at("2026-02-28T00:00:00Z"))
    before = [replace(after, hashes=(digest("b"),))] if after.version == "1.0" else []
    limit = Cooldown(timedelta(days=7), NOW)
    assert list(cooldown.check(changed(before, [after]), limit)) == []
