"""A poisoned Gemfile.lock never passes, and what Bundler itself writes is no finding."""

from collections.abc import Callable

import pytest

from support.lock_court import ids
from support.system_locks import GEMFILE, GEMFILE_LOCK, GEMS, GEMSPEC, gems, real, tree
from tidegate.domain.locks.sources import Allowed
from tidegate.model.finding import Level

REMOTE = f"remote: https://{GEMS}/"
RACK = f"  rack (3.0.8) sha256={'c' * 64}\n"


def swap(old: str, new: str, count: int = -1) -> str:
    assert old in GEMFILE_LOCK
    return GEMFILE_LOCK.replace(old, new, count)


def git(revision: str, url: str = "https://git.example/rack.git") -> str:
    head = f"GIT\n  remote: {url}\n  revision: {revision}\n  branch: main\n  specs:\n"
    block = f"{head}    rack (3.0.8)\n      nokogiri (~> 1.1)\n\n"
    return block + swap("    rack (3.0.8)\n      nokogiri (~> 1.1)\n", "").replace(RACK, "  rack (3.0.8)\n")


POISON: dict[str, tuple[str, str]] = {
    "another host": (swap(REMOTE, "remote: https://evil.example/"), "source-not-allowed"),
    "a look-alike host": (swap(REMOTE, f"remote: https://{GEMS}.evil.example/"), "source-not-allowed"),
    "http": (swap(REMOTE, f"remote: http://{GEMS}/"), "source-not-allowed"),
    "userinfo": (swap(REMOTE, f"remote: https://{GEMS}@evil.example/"), "source-not-allowed"),
    "a port": (swap(REMOTE, f"remote: https://{GEMS}:444/"), "source-not-allowed"),
    "a second registry": (swap(REMOTE, f"{REMOTE}\n  remote: https://evil.example/"), "index-mixed"),
    "no registry": (swap(f"  {REMOTE}\n", ""), "source-not-allowed"),
    "git with a branch": (git("main"), "package-unpinned"),
    "git with a short commit": (git("0123456"), "package-unpinned"),
    "git with a commit": (git("0" * 40), "source-not-allowed"),
    "git without a commit": (git("0" * 40).replace(f"  revision: {'0' * 40}\n", ""), "package-unpinned"),
    "a folder outside": (swap("remote: vendor/local", "remote: ../../local"), "source-not-allowed"),
    "a plugin's source": (swap("GEM\n", "PLUGIN SOURCE\n", 1), "source-not-allowed"),
    "no hash": (swap(RACK, "  rack (3.0.8)\n"), "package-unhashed"),
    "no line of hashes": (swap(RACK, ""), "package-unhashed"),
    "no hash for one platform": (
        swap(f"linux) sha256={'b' * 64}", "linux)"),
        "package-unhashed",
    ),
    "no checksums at all": (
        swap(GEMFILE_LOCK[GEMFILE_LOCK.index("CHECKSUMS") : GEMFILE_LOCK.index("RUBY V")], ""),
        "package-unhashed",
    ),
    "a hash of the wrong length": (swap("c" * 64, "cccc"), "hash-malformed"),
    "a weak hash": (swap(f"sha256={'c' * 64}", f"md5={'c' * 32}"), "hash-weak"),
    "a hash of no kind": (swap(f"sha256={'c' * 64}", "c" * 64), "hash-malformed"),
    "two lines of hashes": (swap(RACK, RACK + RACK.replace("c" * 64, "e" * 64)), "lock-malformed"),
    "a tag for a version": (swap("rack (3.0.8)", "rack (latest)"), "package-unpinned"),
    "a range for a version": (swap("rack (3.0.8)", "rack (~> 3.0)"), "package-unpinned"),
    "no version": (swap("    rack (3.0.8)\n", "    rack\n"), "package-unpinned"),
    "a version outside the range": (swap("rack (3.0.8)", "rack (2.9.0)"), "lock-stale"),
    "a gem that is not there": (swap("    rake (13.1.0)\n", ""), "lock-stale"),
    "a wish more": (swap("  rake\n", "  evil\n  rake\n"), "lock-stale"),
    "a wish less": (swap("  rake\n", ""), "lock-stale"),
    "another wish": (swap("rack (~> 3.0, >= 3.0.1)", "rack (>= 3.0.1)"), "lock-stale"),
    "a wish of another source": (swap("  local!\n", "  local\n"), "lock-stale"),
    "a source of its own that is the common one": (swap("  rake\n", "  rake!\n"), "lock-malformed"),
    "a wish twice": (swap("  rake\n", "  rake\n  rake (> 1)\n"), "lock-malformed"),
    "a gem of two sources": (
        swap("PLATFORMS", "GEM\n  remote: https://gems.example/\n  specs:\n    rack (3.0.8)\n\nPLATFORMS"),
        "index-mixed",
    ),
    "a section nobody knows": (swap("PLATFORMS", "HOOKS"), "lock-malformed"),
    "no gems": ("GEM\n  specs:\n\nDEPENDENCIES\n  rack\n", "lock-empty"),
}


@pytest.mark.parametrize("name", POISON)
def test_a_poisoned_gemfile_lock_is_found_out(name: str) -> None:
    lock, rule = POISON[name]
    findings = tree({**gems(), "Gemfile.lock": lock})
    assert rule in ids(findings)
    assert all(finding.place for finding in findings)


STALE: dict[str, Callable[[str], str]] = {
    "a gem more": lambda text: text + 'gem "evil"\n',
    "a gem less": lambda text: text.replace('gem "tzinfo-data", platforms: %i[windows jruby]\n', ""),
    "another range": lambda text: text.replace('"~> 3.0"', '"~> 3.1"'),
    "another source": lambda text: text.replace(', path: "vendor/local"', ""),
}


@pytest.mark.parametrize("name", STALE)
def test_a_gemfile_that_changed_makes_the_lock_stale(name: str) -> None:
    changed = STALE[name](GEMFILE)
    assert changed != GEMFILE
    findings = tree({**gems(), "Gemfile": changed})
    assert ids(findings) == ["lock-stale"]
    assert {finding.fix for finding in findings} == {"`bundle lock`, then commit the result"}


def test_what_bundler_writes_is_no_finding() -> None:
    assert tree(gems()) == []
    assert tree({"gems.rb": GEMFILE, "gems.locked": GEMFILE_LOCK, "vendor/local/local.gemspec": GEMSPEC}) == []


def test_an_older_lock_without_checksums_is_one_finding_that_says_what_to_type() -> None:
    findings = tree(
        {"Gemfile": f'source "https://{GEMS}"\ngem "rubocop"\n', "Gemfile.lock": real("bundler/rubocop.lock")}
    )
    assert [(one.rule, one.about) for one in findings] == [("package-unhashed", "Gemfile.lock")]
    assert "bundle lock --add-checksums" in findings[0].fix
    one = tree({"Gemfile.lock": real("bundler/source-section-at-end.lock")})
    assert [finding.rule for finding in one] == ["package-unhashed"]


def test_a_computed_gemfile_is_said_and_compared_as_far_as_it_is_read() -> None:
    computed = GEMFILE + "eval_gemfile 'more.rb'\n"
    found = tree({**gems(), "Gemfile": computed})
    assert [(one.rule, one.level) for one in found] == [("lock-uncompared", Level.WARN)]
    more = GEMFILE_LOCK.replace("  rake\n", "  evil\n  rake\n")
    assert ids(tree({**gems(), "Gemfile": computed, "Gemfile.lock": more})) == ["lock-uncompared"]
    assert ids(tree({**gems(), "Gemfile": computed + 'gem "gone"\n'})) == ["lock-stale", "lock-uncompared"]


def test_a_gemspec_is_held_against_the_lock_that_names_its_folder() -> None:
    changed = GEMSPEC.replace(">= 3", ">= 4")
    assert ids(tree({**gems(), "vendor/local/local.gemspec": changed})) == ["lock-stale"]
    assert ids(tree({**gems(), "other/other.gemspec": GEMSPEC})) == ["lock-missing"]


def test_a_gemfile_without_lock_is_found() -> None:
    findings = tree({"Gemfile": GEMFILE})
    assert [(one.rule, one.fix) for one in findings] == [("lock-missing", "`bundle lock`, then commit the result")]
    assert tree({"Gemfile": f'source "https://{GEMS}"\n'}) == []


def test_a_private_registry_is_allowed_by_its_host_alone() -> None:
    lock = GEMFILE_LOCK.replace(f"https://{GEMS}/", "https://gems.example/")
    assert tree({**gems(), "Gemfile.lock": lock}, Allowed(frozenset({"gems.example"}))) == []
