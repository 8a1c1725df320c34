"""A poisoned composer.lock never passes, and what Composer itself writes is one honest finding."""

import json
from collections.abc import Callable

import pytest

from support.lock_court import ids
from support.system_locks import COMPOSER_MANIFEST, PACKAGES, Entry, archive, composer, composer_lock, real, tree
from tidegate.domain.locks.sources import Allowed
from tidegate.formats.manifests.composer_json import content_hash

Lock = dict[str, list[dict[str, dict[str, object]]]]


def left(lock: Lock) -> dict[str, dict[str, object]]:
    return lock["packages"][1]


def without_dist(lock: Lock, **source: object) -> None:
    entry = left(lock)
    entry.pop("dist")
    entry["source"].update(source)


ZIP = "https://api.github.com/repos/{}/zipball/{}"
POISON: dict[str, tuple[Callable[[Lock], object], str]] = {
    "another package": (lambda t: left(t)["dist"].update(url=ZIP.format("evil/left", "2" * 40)), "url-mismatch"),
    "another commit": (lambda t: left(t)["dist"].update(url=ZIP.format("vendor/left", "9" * 40)), "url-mismatch"),
    "another commit than the repository's": (
        lambda t: left(t)["dist"].update(url=ZIP.format("vendor/left", "9" * 40), reference="9" * 40),
        "url-mismatch",
    ),
    "another repository": (lambda t: left(t)["source"].update(url="https://github.com/evil/left.git"), "url-mismatch"),
    "an archive without repository": (lambda t: left(t).pop("source"), "url-mismatch"),
    "a mirror of a commit for an archive": (
        lambda t: left(t)["dist"].update(
            url="https://x.example/left.zip", mirrors=[{"url": ZIP.format("vendor/left", "2" * 40)}]
        ),
        "package-unhashed",
    ),
    "a repository of another host": (
        lambda t: left(t)["source"].update(url="https://evil.example/vendor/left.git"),
        "url-mismatch",
    ),
    "a branch": (
        lambda t: left(t)["dist"].update(url=ZIP.format("vendor/left", "main"), reference="main"),
        "package-unhashed",
    ),
    "another host": (lambda t: left(t)["dist"].update(url="https://evil.example/left.zip"), "source-not-allowed"),
    "another host without hash": (
        lambda t: left(t)["dist"].update(url="https://evil.example/left.zip"),
        "package-unhashed",
    ),
    "a look-alike host": (
        lambda t: left(t)["dist"].update(url="https://api.github.com.evil.example/repos/vendor/left/zipball/x"),
        "source-not-allowed",
    ),
    "http": (
        lambda t: left(t)["dist"].update(url="http://api.github.com/repos/vendor/left/zipball/x"),
        "source-not-allowed",
    ),
    "userinfo": (
        lambda t: left(t)["dist"].update(url="https://api.github.com@evil.example/left.zip"),
        "source-not-allowed",
    ),
    "a mirror": (
        lambda t: left(t)["dist"].update(mirrors=[{"url": "https://evil.example/%package%.zip"}]),
        "source-not-allowed",
    ),
    "a folder outside": (
        lambda t: left(t).update(dist={"type": "path", "url": "../../left", "reference": "x"}),
        "source-not-allowed",
    ),
    "nothing to take it from": (lambda t: (left(t).pop("dist"), left(t).pop("source")), "source-not-allowed"),
    "git with a branch": (lambda t: without_dist(t, reference="main"), "package-unpinned"),
    "git with a short commit": (lambda t: without_dist(t, reference="2222222"), "package-unpinned"),
    "git of another host": (lambda t: without_dist(t, url="https://evil.example/left.git"), "source-not-allowed"),
    "a repository of another kind": (lambda t: without_dist(t, type="svn"), "source-not-allowed"),
    "a branch for a version": (
        lambda t: left(t).update(version="dev-main", dist={**left(t)["dist"], "reference": "main"}),  # type: ignore[call-overload]
        "package-unpinned",
    ),
    "a tag for a version": (lambda t: left(t).update(version="latest"), "package-unpinned"),  # type: ignore[call-overload]
    "a range for a version": (lambda t: left(t).update(version="^1.2"), "package-unpinned"),  # type: ignore[call-overload]
    "no version": (lambda t: left(t).pop("version"), "package-unpinned"),
    "a weak hash": (lambda t: left(t)["dist"].update(shasum="a" * 40), "hash-weak"),
    "a hash of the wrong length": (lambda t: left(t)["dist"].update(shasum="AAAA"), "hash-malformed"),
    "a version outside the range": (lambda t: left(t).update(version="v2.0.0"), "lock-stale"),  # type: ignore[call-overload]
    "a package that is not there": (lambda t: t["packages"].pop(), "lock-stale"),
    "a package twice": (lambda t: t["packages"].append(left(t)), "lock-malformed"),
    "another digest of the manifest": (lambda t: t.update({"content-hash": "0" * 32}), "lock-stale"),  # type: ignore[dict-item]
    "no digest of the manifest": (lambda t: t.pop("content-hash"), "lock-stale"),
    "no packages": (lambda t: t.update({"packages": [], "packages-dev": []}), "lock-empty"),
}


@pytest.mark.parametrize("name", POISON)
def test_a_poisoned_composer_lock_is_found_out(name: str) -> None:
    poison, rule = POISON[name]
    lock = composer_lock()
    poison(lock)  # type: ignore[arg-type]
    findings = tree(composer(lock))
    assert rule in ids(findings)
    assert all(finding.place for finding in findings)


def test_what_composer_writes_is_one_finding_that_no_archive_is_hashed() -> None:
    [finding] = tree(composer())
    assert (finding.rule, finding.about) == ("pin-unhashed", "composer.lock")
    assert "3 of its 3 packages" in finding.message
    assert "--prefer-source" in finding.fix
    assert finding.place is not None
    assert finding.place.line is not None


def test_a_lock_of_repositories_alone_has_its_commits_for_hashes() -> None:
    lock = composer_lock()
    for group in ("packages", "packages-dev"):
        for entry in lock[group]:  # type: ignore[attr-defined]
            entry.pop("dist")
    assert tree(composer(lock), Allowed(frozenset({"github.com"}))) == []


def test_a_name_without_code_needs_nothing() -> None:
    lock = composer_lock()
    bare: Entry = {"name": "vendor/meta", "version": "1.0.0", "type": "metapackage", "require": {"psr/log": "*"}}
    lock["packages"].append({**bare, "notification-url": f"https://{PACKAGES}/downloads/"})  # type: ignore[attr-defined]
    assert ids(tree(composer(lock))) == ["pin-unhashed"]


def test_a_branch_is_pinned_by_its_commit() -> None:
    lock = composer_lock()
    left(lock).update(version="dev-main")  # type: ignore[arg-type, call-overload]
    assert [one.about for one in tree(composer(lock))] == ["composer.lock"]


def test_a_package_another_one_replaces_need_not_be_locked() -> None:
    manifest = {**COMPOSER_MANIFEST, "require": {"vendor/part": "^1.0"}, "require-dev": {}}
    lock = {**composer_lock(), "content-hash": content_hash(manifest)}
    assert "lock-stale" in ids(tree(composer(lock, manifest)))
    lock["packages"] = [archive("vendor/whole", "1.0.0", "4", replace={"vendor/part": "self.version"})]
    assert ids(tree(composer(lock, manifest))) == ["pin-unhashed"]


@pytest.mark.parametrize(
    ("setting", "rule"),
    [
        ({"config": {"secure-http": False}}, "source-not-allowed"),
        ({"config": {"disable-tls": True}}, "source-not-allowed"),
        ({"repositories": [{"type": "composer", "url": "https://x.example", "canonical": False}]}, "index-mixed"),
        ({"repositories": {"x": {"type": "composer", "url": "https://x.example", "canonical": False}}}, "index-mixed"),
    ],
)
def test_settings_that_weaken_the_manifest_are_found(setting: dict[str, object], rule: str) -> None:
    assert rule in ids(tree(composer(manifest={**COMPOSER_MANIFEST, **setting})))


@pytest.mark.parametrize(
    "setting",
    [
        {"repositories": [{"type": "composer", "url": "https://x.example"}, {"packagist": False}]},
        {"repositories": [{"type": "composer", "url": "https://x.example", "canonical": False, "only": ["acme/*"]}]},
        {"repositories": [{"type": "vcs", "url": "https://git.example/a/b"}], "config": {"secure-http": True}},
    ],
)
def test_settings_that_do_not_are_no_finding(setting: dict[str, object]) -> None:
    found = ids(tree(composer(manifest={**COMPOSER_MANIFEST, **setting})))
    assert not {"index-mixed", "source-not-allowed"} & set(found)


def test_repositories_of_others_are_allowed_by_their_hosts() -> None:
    lock = real("composer/drupal-packages.json")
    found = tree({"composer.lock": lock})
    assert {one.rule for one in found} == {"pin-unhashed", "hash-weak", "source-not-allowed"}
    hosts = Allowed(frozenset({"files.example", "git.drupalcode.org"}))
    assert ids(tree({"composer.lock": lock}, hosts)) == ["hash-weak", "pin-unhashed"]


def test_a_manifest_without_lock_is_found() -> None:
    [finding] = tree({"composer.json": json.dumps(COMPOSER_MANIFEST)})
    assert (finding.rule, finding.fix) == ("lock-missing", "`composer update --no-install`, then commit the result")
    assert tree({"composer.json": json.dumps({"require": {"php": ">=8", "ext-json": "*"}})}) == []
