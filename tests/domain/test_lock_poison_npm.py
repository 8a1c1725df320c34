"""A poisoned package-lock.json never passes, and what npm itself writes is no finding."""

import copy
from collections.abc import Callable

import pytest

from support.lock_court import ids, npm
from support.locks import NPM, Entry, npm_entry, npm_manifest, npm_tree, sri
from tidegate.domain.locks.sources import Allowed

LEFT = "node_modules/left"
NPM_POISON: dict[str, tuple[Callable[[dict[str, Entry]], object], str]] = {
    "another package": (lambda t: t[LEFT].update(resolved=f"https://{NPM}/evil/-/evil-1.2.3.tgz"), "url-mismatch"),
    "another version": (lambda t: t[LEFT].update(resolved=f"https://{NPM}/left/-/left-1.2.2.tgz"), "url-mismatch"),
    "another file": (lambda t: t[LEFT].update(resolved=f"https://{NPM}/left/-/evil-1.2.3.tgz"), "url-mismatch"),
    "another scope": (lambda t: t[LEFT].update(resolved=f"https://{NPM}/@s/left/-/left-1.2.3.tgz"), "url-mismatch"),
    "another package's folder": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}/evil/left/-/left-1.2.3.tgz"),
        "url-mismatch",
    ),
    "no file in the address": (lambda t: t[LEFT].update(resolved=f"https://{NPM}/left"), "url-mismatch"),
    "another host": (
        lambda t: t[LEFT].update(resolved="https://evil.example/left/-/left-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "a look-alike host": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}.evil.example/left/-/left-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "http": (lambda t: t[LEFT].update(resolved=f"http://{NPM}/left/-/left-1.2.3.tgz"), "source-not-allowed"),
    "userinfo": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}@evil.example/left/-/left-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "a port": (lambda t: t[LEFT].update(resolved=f"https://{NPM}:444/left/-/left-1.2.3.tgz"), "source-not-allowed"),
    "an address": (lambda t: t[LEFT].update(resolved="https://127.0.0.1/left/-/left-1.2.3.tgz"), "source-not-allowed"),
    "dot segments": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}/left/-/../../evil/-/left-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "a backslash": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}\\@evil.example/left/-/left-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "reordering characters": (
        lambda t: t[LEFT].update(resolved=f"https://{NPM}/left/-/\u202eleft-1.2.3.tgz"),
        "source-not-allowed",
    ),
    "git with a branch": (
        lambda t: t[LEFT].update(resolved="git+https://git.example/left.git#main"),
        "package-unpinned",
    ),
    "git with a short commit": (
        lambda t: t[LEFT].update(resolved="git+https://git.example/left.git#0123456"),
        "package-unpinned",
    ),
    "git with a commit": (
        lambda t: t[LEFT].update(resolved="git+https://git.example/left.git#" + "0" * 40),
        "source-not-allowed",
    ),
    "a file outside": (lambda t: t[LEFT].update(resolved="file:../../left.tgz"), "source-not-allowed"),
    "a link outside": (
        lambda t: t["node_modules/member"].update(resolved="../outside"),
        "source-not-allowed",
    ),
    "a link to another package": (
        lambda t: t.update({LEFT: {"resolved": "node_modules/right", "link": True}}),
        "url-mismatch",
    ),
    "no hash": (lambda t: t[LEFT].pop("integrity"), "package-unhashed"),
    "an empty hash": (lambda t: t[LEFT].update(integrity=""), "package-unhashed"),
    "a hash of the wrong length": (lambda t: t[LEFT].update(integrity="sha512-AAAA"), "hash-malformed"),
    "SHA-1 alone": (lambda t: t[LEFT].update(integrity=sri(1, "sha1")), "hash-weak"),
    "no address and no hash": (lambda t: (t[LEFT].pop("resolved"), t[LEFT].pop("integrity")), "package-unhashed"),
    "a tag for a version": (lambda t: t[LEFT].update(version="latest"), "package-unpinned"),
    "a range for a version": (lambda t: t[LEFT].update(version="^1.2.3"), "package-unpinned"),
    "no version": (lambda t: t[LEFT].pop("version"), "package-unpinned"),
    "a bundle nobody makes": (
        lambda t: t.update({LEFT: {"version": "1.2.3", "inBundle": True}}),
        "package-unhashed",
    ),
    "an alias nobody asked for": (
        lambda t: t.update({LEFT: {"name": "evil", **npm_entry("evil", "1.2.3")}}),
        "url-mismatch",
    ),
    "a version outside the range": (
        lambda t: t.update({LEFT: npm_entry("left", "0.9.0")}),
        "lock-stale",
    ),
    "a root that asks for more": (lambda t: t[""]["dependencies"].update(evil="*"), "lock-stale"),  # type: ignore[attr-defined]
    "a root that asks for less": (lambda t: t[""].pop("devDependencies"), "lock-stale"),
    "a root that asks differently": (
        lambda t: t[""].update(dependencies={**npm_manifest()["dependencies"], "left": ">=0"}),  # type: ignore[dict-item]
        "lock-stale",
    ),
    "a member that is not named": (
        lambda t: (t.pop("packages/member"), t.pop("node_modules/member")),
        "lock-missing",
    ),
    "a member that asks differently": (lambda t: t["packages/member"].pop("dependencies"), "lock-stale"),
    "no packages": (lambda t: [t.pop(key) for key in list(t) if key], "lock-empty"),
    "two registries for a name": (
        lambda t: t["node_modules/right"].update(resolved="https://other.example/right/-/right-3.0.0.tgz"),
        "index-mixed",
    ),
    "two hashes for a version": (
        lambda t: t.update({"node_modules/tool/node_modules/left": npm_entry("left", "1.2.3", 9)}),
        "hash-conflict",
    ),
}


@pytest.mark.parametrize("name", NPM_POISON)
def test_a_poisoned_npm_lock_is_found_out(name: str) -> None:
    poison, rule = NPM_POISON[name]
    tree = copy.deepcopy(npm_tree())
    poison(tree)
    findings = npm(tree)
    assert rule in ids(findings)
    assert all(finding.place for finding in findings)


@pytest.mark.parametrize("name", ["another host", "userinfo", "http", "a port", "dot segments"])
def test_naming_the_host_in_the_policy_mends_the_host_alone(name: str) -> None:
    tree = copy.deepcopy(npm_tree())
    NPM_POISON[name][0](tree)
    findings = npm(tree, allowed=Allowed(frozenset({"evil.example"})))
    assert ("source-not-allowed" in ids(findings)) is (name != "another host")


def test_what_npm_writes_itself_is_no_finding() -> None:
    tree = npm_tree()
    tree[LEFT].update(integrity=f"{sri(9, 'sha1')} {sri(1)}")
    tree["node_modules/right"].pop("resolved")
    tree["node_modules/@s/scoped"].update(resolved=f"https://{NPM}/@s%2fscoped/-/scoped-2.0.1.tgz")
    tree["node_modules/tool"].update(version="1.9.9", resolved=f"https://{NPM}/tool/-/tool-1.9.9.tgz?cache=1")
    assert npm(tree) == []


def test_private_registries_serve_under_their_own_paths() -> None:
    allowed = Allowed(frozenset({"art.example"}))
    for path in ("npm/repo/left/-/left-1.2.3.tgz", "download/left/1.2.3/0123abcd", "api/npm/left/-/left-1.2.3.tgz"):
        tree = npm_tree()
        tree[LEFT].update(resolved=f"https://art.example/{path}")
        assert npm(tree, allowed=allowed) == []
    tree[LEFT].update(resolved="https://art.example/download/evil/1.2.3/0123abcd")
    assert ids(npm(tree, allowed=allowed)) == ["url-mismatch"]


def test_without_public_registries_every_public_package_is_a_finding() -> None:
    findings = npm(allowed=Allowed(public=False))
    assert ids(findings) == ["source-not-allowed"]
    tree = npm_tree()
    for entry in tree.values():
        entry.pop("resolved", None) if "link" not in entry else None
    assert ids(npm(tree, allowed=Allowed(public=False))) == ["source-not-allowed"]


def test_one_fault_of_all_packages_is_one_finding() -> None:
    tree = npm_tree()
    for entry in tree.values():
        if "resolved" in entry and "link" not in entry:
            entry["resolved"] = str(entry["resolved"]).replace(NPM, "mirror.example")
    findings = npm(tree)
    assert [finding.about for finding in findings] == ["package-lock.json#https://mirror.example"]
    tree[LEFT]["resolved"] = f"https://{NPM}/left/-/left-1.2.3.tgz"
    assert len([one for one in npm(tree) if one.rule == "source-not-allowed"]) == 5
