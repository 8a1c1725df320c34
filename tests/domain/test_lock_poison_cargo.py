"""A poisoned Cargo.lock never passes, and what Cargo itself writes is no finding."""

from collections.abc import Callable

import pytest

from support.lock_court import ids
from support.system_locks import CARGO_LOCK, CARGO_MEMBER, CARGO_ROOT, CRATES, cargo, crate, local, tree
from tidegate.domain.locks.sources import Allowed
from tidegate.formats.locks import cargo_lock
from tidegate.model.package import SourceKind

LEFT = crate("left", "1.2.3", "a", "right 2.0.0")
SOURCE = f'source = "{CRATES}"\n'
SUM = f'checksum = "{"a" * 64}"\n'


def with_left(old: str, new: str) -> str:
    assert old in LEFT
    return CARGO_LOCK.replace(LEFT, LEFT.replace(old, new))


POISON: dict[str, tuple[str, str]] = {
    "another host": (with_left(SOURCE, 'source = "registry+https://evil.example/index"\n'), "source-not-allowed"),
    "another index of the same host": (
        with_left(SOURCE, 'source = "registry+https://github.com/evil/crates.io-index"\n'),
        "source-not-allowed",
    ),
    "a look-alike index": (with_left(SOURCE, f'source = "{CRATES}x"\n'), "source-not-allowed"),
    "http": (with_left(SOURCE, SOURCE.replace("https:", "http:")), "source-not-allowed"),
    "userinfo": (with_left(SOURCE, SOURCE.replace("github.com", "github.com@evil.example")), "source-not-allowed"),
    "git with a branch": (
        with_left(SOURCE + SUM, 'source = "git+https://git.example/left?branch=main#main"\n'),
        "package-unpinned",
    ),
    "git without a commit": (
        with_left(SOURCE + SUM, 'source = "git+https://git.example/left?rev=0123456"\n'),
        "package-unpinned",
    ),
    "git nobody asked for": (
        with_left(SOURCE + SUM, f'source = "git+https://git.example/left#{"0" * 40}"\n'),
        "lock-stale",
    ),
    "a source of no kind": (with_left(SOURCE, 'source = "left"\n'), "source-not-allowed"),
    "a folder as source": (with_left(SOURCE, 'source = "path+file:///left"\n'), "source-not-allowed"),
    "no source": (with_left(SOURCE + SUM, ""), "source-not-allowed"),
    "a checksum without source": (with_left(SOURCE, ""), "lock-malformed"),
    "no hash": (with_left(SUM, ""), "package-unhashed"),
    "an empty hash": (with_left(SUM, 'checksum = ""\n'), "package-unhashed"),
    "a hash of the wrong length": (with_left(SUM, 'checksum = "aaaa"\n'), "hash-malformed"),
    "a weak hash": (with_left(SUM, f'checksum = "{"a" * 40}"\n'), "hash-malformed"),
    "a hash that is none": (with_left(SUM, f'checksum = "{"A" * 64}"\n'), "hash-malformed"),
    "a tag for a version": (with_left('"1.2.3"', '"latest"'), "package-unpinned"),
    "a range for a version": (with_left('"1.2.3"', '"^1.2.3"'), "package-unpinned"),
    "no version": (with_left('version = "1.2.3"\n', ""), "package-unpinned"),
    "a version outside the range": (with_left('"1.2.3"', '"2.0.0"'), "lock-stale"),
    "a package that is not there": (CARGO_LOCK.replace(LEFT, ""), "lock-stale"),
    "a package more": (
        CARGO_LOCK.replace('"inner",\n "left"', '"evil",\n "inner",\n "left"') + crate("evil", "1.0.0"),
        "lock-stale",
    ),
    "a member's need more": (
        CARGO_LOCK.replace('"right 3.1.0",\n', '"left",\n "right 3.1.0",\n'),
        "lock-stale",
    ),
    "a member that is not named": (
        CARGO_LOCK.replace(local("inner", "0.7.0", "right 3.1.0", "tool"), ""),
        "lock-stale",
    ),
    "another version of a member": (CARGO_LOCK.replace('"0.7.0"', '"0.6.0"'), "lock-stale"),
    "a crate nobody has": (CARGO_LOCK + local("ghost", "1.0.0"), "source-not-allowed"),
    "the same crate twice": (CARGO_LOCK + crate("win", "0.5.0", "e"), "lock-malformed"),
    "two hashes for a version": (CARGO_LOCK + crate("win", "0.5.0", "f"), "hash-conflict"),
    "two registries for a name": (
        CARGO_LOCK.replace(
            crate("right", "3.1.0", "c"), crate("right", "3.1.0", "c").replace(CRATES, "sparse+https://o.example/")
        ),
        "index-mixed",
    ),
    "a replacement that is not there": (
        with_left(SUM, SUM + 'replace = "left 1.2.3 (git+https://x)"\n'),
        "lock-malformed",
    ),
    "no packages": ("version = 4\n", "lock-empty"),
    "an unknown version": (CARGO_LOCK.replace("version = 4", "version = 5", 1), "lock-unsupported"),
    "a version that is none": (CARGO_LOCK.replace("version = 4", "version = true", 1), "lock-unsupported"),
}


@pytest.mark.parametrize("name", POISON)
def test_a_poisoned_cargo_lock_is_found_out(name: str) -> None:
    lock, rule = POISON[name]
    assert lock != CARGO_LOCK
    findings = tree({**cargo(), "Cargo.lock": lock})
    assert rule in ids(findings)
    assert all(finding.place for finding in findings)


STALE: dict[str, Callable[[str], str]] = {
    "a wish more": lambda text: text + 'evil = "1"\n',
    "a wish less": lambda text: text.replace('[dev-dependencies]\ntool = "~0.3.2"\n', ""),
    "another range": lambda text: text.replace("~0.3.2", "~0.4.2"),
    "another version of itself": lambda text: text.replace('"0.1.0"', '"0.2.0"'),
    "another range for all": lambda text: text.replace('left = "1.2"', 'left = "1.3"'),
    "another range under another name": lambda text: text.replace('version = "3"', 'version = "4"'),
    "nothing given to members": lambda text: text.replace("rr = { package", "ss = { package"),
    "an address": lambda text: text.replace('win = "0.5"', 'win = { git = "https://git.example/win" }'),
    "another version for all": lambda text: text.replace('"0.7.0"', '"0.8.0"'),
}


@pytest.mark.parametrize("name", STALE)
def test_a_manifest_that_changed_makes_the_lock_stale(name: str) -> None:
    changed = STALE[name](CARGO_ROOT)
    assert changed != CARGO_ROOT
    findings = tree({**cargo(), "Cargo.toml": changed})
    assert ids(findings) == ["lock-stale"]
    assert {finding.fix for finding in findings} == {"`cargo update --workspace`, then commit the result"}


def test_what_cargo_writes_is_no_finding() -> None:
    assert tree(cargo()) == []


def test_a_crate_elsewhere_in_the_repository_is_served_by_the_lock_that_holds_it() -> None:
    files = cargo()
    files["Cargo.lock"] = CARGO_LOCK.replace(
        local("inner", "0.7.0", "right 3.1.0", "tool"),
        local("inner", "0.7.0", "right 3.1.0", "tool") + local("side", "0.2.0", "left"),
    ).replace('"left",\n "right 2.0.0",\n "tool"', '"left",\n "right 2.0.0",\n "side",\n "tool"')
    files["Cargo.toml"] = CARGO_ROOT.replace("inner.workspace", 'side = { path = "../side" }\ninner.workspace')
    moved = {f"app/{path}": content for path, content in files.items()}
    side = (
        '[package]\nname = "side"\nversion = "0.2.0"\n[dependencies]\nleft = "1"\n[dev-dependencies]\nunlocked = "1"\n'
    )
    assert tree({**moved, "side/Cargo.toml": side}) == []
    assert ids(tree({**moved, "side/Cargo.toml": side.replace('left = "1"', 'left = "2"')})) == ["lock-stale"]
    assert ids(tree({**moved, "other/Cargo.toml": side.replace('"side"', '"other"')})) == [
        "lock-missing",
        "source-not-allowed",
    ]


def test_a_patched_crate_may_come_from_anywhere_the_policy_allows() -> None:
    lock = with_left(SOURCE + SUM, f'source = "git+https://git.example/left?tag=v1#{"0" * 40}"\n')
    patched = CARGO_ROOT + '[patch.crates-io]\nleft = { git = "https://git.example/left", tag = "v1" }\n'
    files = {**cargo(), "Cargo.lock": lock, "Cargo.toml": patched}
    assert tree(files, Allowed(frozenset({"git.example"}))) == []
    assert ids(tree(files)) == ["source-not-allowed"]


def test_a_private_registry_is_allowed_by_its_host_alone() -> None:
    lock = with_left(CRATES, "sparse+https://crates.example/index/")
    assert tree({**cargo(), "Cargo.lock": lock}, Allowed(frozenset({"crates.example"}))) == []
    found = cargo_lock.parse("Cargo.lock", lock.encode())
    left = next(one for one in found.packages if one.name == "left")
    assert (left.source.kind, left.source.public, left.source.host) == (SourceKind.REGISTRY, False, "crates.example")


def test_without_public_registries_every_public_crate_is_a_finding() -> None:
    assert ids(tree(cargo(), Allowed(public=False))) == ["source-not-allowed"]


def test_a_crate_without_lock_is_found() -> None:
    findings = tree({"Cargo.toml": CARGO_ROOT})
    assert [(one.rule, one.fix) for one in findings] == [
        ("lock-missing", "`cargo generate-lockfile`, then commit the result")
    ]
    assert tree({"Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\n'}) == []


def test_a_lock_that_stands_alone_is_said() -> None:
    assert [(one.rule, one.about) for one in tree({"Cargo.lock": CARGO_LOCK})] == [("lock-uncompared", "Cargo.lock")]


def test_a_member_whose_workspace_is_not_seen_is_said() -> None:
    assert ids(tree({"crates/inner/Cargo.toml": CARGO_MEMBER, "Cargo.lock": CARGO_LOCK})) == [
        "lock-uncompared",
        "source-not-allowed",
    ]


def test_a_python_project_named_like_its_crate_is_not_compared_with_the_crates() -> None:
    plain = '[project]\nname = "app"\nversion = "0.1.0"\n'
    assert tree({**cargo(), "pyproject.toml": plain}) == []
    assert ids(tree({**cargo(), "pyproject.toml": plain + 'dependencies = ["left"]\n'})) == ["lock-missing"]


def test_a_vendored_crate_with_a_lock_of_its_own_is_held_against_that_lock() -> None:
    vendored = {f"vendor/app/{path}": content for path, content in cargo().items()}
    vendored["vendor/app/.cargo-checksum.json"] = "{}"
    assert tree({**cargo(), **vendored}) == []
    changed = CARGO_ROOT.replace('left = "1', 'left = "2')
    assert changed != CARGO_ROOT
    assert ids(tree({**cargo(), **vendored, "vendor/app/Cargo.toml": changed})) == ["lock-stale"]
