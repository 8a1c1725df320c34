"""Row 2 with a base: every difference is looked at, and what could not be compared is a finding."""

import json
from collections.abc import Mapping

import pytest

from support.changed import Change, Known, flaw, policy
from support.locks import npm_entry, npm_lock, sri
from tidegate.model.control import Scope
from tidegate.model.finding import Level
from tidegate.model.release import Release

Tree = Mapping[str, Mapping[str, object]]


def lock(*packages: tuple[str, str], **more: Mapping[str, object]) -> bytes:
    """An npm lock of a root that asks for every package; `more` changes entries by name."""
    tree: dict[str, dict[str, object]] = {
        "": {"name": "root", "version": "1.0.0", "dependencies": {name: "*" for name, _ in packages}}
    }
    for number, (name, version) in enumerate(packages, 1):
        entry = npm_entry(name, version, number)
        tree[f"node_modules/{name}"] = {**entry, **more.get(name.replace("-", "_"), {})}
    return npm_lock(tree)


def manifest(*names: str) -> bytes:
    return json.dumps({"name": "root", "version": "1.0.0", "dependencies": dict.fromkeys(names, "*")}).encode()


def project(*packages: tuple[str, str], **more: Mapping[str, object]) -> dict[str, bytes]:
    return {
        "package-lock.json": lock(*packages, **more),
        "package.json": manifest(*(name for name, _ in packages)),
    }


OLD = project(("left-pad", "1.2.3"), ("right", "2.0.0"))


def test_the_base_against_itself_has_no_change_and_the_row_is_still_covered() -> None:
    change = Change(OLD, OLD)
    report = change.review()
    assert report.findings == ()
    assert [(c.what, c.examined, c.expected, c.detail) for c in report.coverage] == [
        ("packages", 2, 2, ""),
        ("changed lockfiles", 0, 0, "0 changes"),
    ]
    assert change.git.read_paths == []


def test_only_what_changed_is_read_from_the_base() -> None:
    other = {f"tools/{name}": data for name, data in OLD.items()}
    change = Change({**OLD, **other}, {**project(("left-pad", "1.3.0"), ("right", "2.0.0")), **other})
    report = change.review()
    assert change.git.read_paths[0] == "package-lock.json"
    assert not any(path.startswith("tools/") for path in change.git.read_paths)
    assert [f.rule for f in report.findings] == ["lock-changed-alone"]
    listed = json.loads(report.produced[1].text)
    assert report.produced[1].name == "dependency-changes.json"
    assert [(c["change"], c["before"]["version"], c["after"]["version"]) for c in listed["changes"]] == [
        ("upgraded", "1.2.3", "1.3.0")
    ]


def test_other_bytes_under_the_same_version_shut_the_gate() -> None:
    new = project(("left-pad", "1.2.3"), ("right", "2.0.0"), right={"integrity": sri(99)})
    (finding,) = [f for f in Change(OLD, new).findings() if f.rule == "hash-changed"]
    assert finding.level is Level.FAIL
    assert finding.about.startswith("pkg:npm/right@2.0.0#")
    assert finding.place is not None
    assert (finding.place.path, finding.release) == ("package-lock.json", "app")
    assert finding.place.line is not None


def test_an_exception_for_one_hash_is_none_for_the_next() -> None:
    first, second = (
        project(("left-pad", "1.2.3"), ("right", "2.0.0"), right={"integrity": sri(fill)}) for fill in (98, 99)
    )
    abouts = {about for new in (first, second) for rule, about in Change(OLD, new).told() if rule == "hash-changed"}
    assert len(abouts) == 2


def test_a_package_from_another_host_is_told_even_with_a_new_version() -> None:
    new = project(
        ("left-pad", "1.2.3"),
        ("right", "2.1.0"),
        right={"resolved": "https://mirror.example/right/-/right-2.1.0.tgz"},
    )
    (finding,) = [f for f in Change(OLD, new).findings() if f.rule == "source-switched"]
    assert "the registry `mirror.example`" in finding.message
    assert "the public registry" in finding.message


def test_an_install_script_is_told_once_it_is_new_and_not_again() -> None:
    script = {"hasInstallScript": True}
    had = project(("left-pad", "1.2.3"), ("right", "2.0.0"), right=script)
    keeps = project(("left-pad", "1.2.3"), ("right", "2.1.0"), right=script)
    assert "install-script-added" in Change(OLD, keeps).rules_told()
    assert "install-script-added" not in Change(had, keeps).rules_told()


def test_a_lockfile_that_appears_is_looked_at_whole() -> None:
    new = {f"tools/{k}": v for k, v in project(("esbuild", "0.1.0"), esbuild={"hasInstallScript": True}).items()}
    assert "install-script-added" in Change(OLD, {**OLD, **new}).rules_told()


def test_a_removed_lockfile_with_its_manifest_still_there_shuts() -> None:
    gone = {"package.json": OLD["package.json"]}
    assert "lock-removed" in Change(OLD, gone).rules_told()
    assert "lock-removed" not in Change(OLD, {"README.md": b"x"}).rules_told()


def test_a_removed_lockfile_alone_is_still_nothing_examined() -> None:
    """The review counts beside packages and never stands in for them."""
    report = Change(OLD, {"README.md": b"x"}).review()
    assert [(c.what, c.examined) for c in report.coverage] == [("packages", 0)]


def test_a_lockfile_replaced_by_another_kind_is_told_and_still_compared() -> None:
    new = {"npm-shrinkwrap.json": project(("left-pad", "1.2.3"), ("right", "2.0.0"), right={"integrity": sri(99)})[
        "package-lock.json"
    ], "package.json": OLD["package.json"]}  # fmt: skip
    rules = Change(OLD, new).rules_told()
    assert "lock-switched" in rules
    assert "hash-changed" in rules


def test_a_version_that_moves_to_another_lockfile_keeps_its_bytes() -> None:
    """Both lockfiles change, so that neither holds the version before and after."""
    before = {**OLD, **{f"b/{k}": v for k, v in project(("other", "1.0.0")).items()}}
    moved = project(("other", "1.0.0"), ("right", "2.0.0"), right={"integrity": sri(99)})
    after = {**project(("left-pad", "1.2.3")), **{f"b/{k}": v for k, v in moved.items()}}
    assert "hash-changed" in Change(before, after).rules_told()
    kept = project(("other", "1.0.0"), ("right", "2.0.0"))
    assert "hash-changed" not in Change(before, {**after, **{f"b/{k}": v for k, v in kept.items()}}).rules_told()


@pytest.mark.parametrize(
    "hostile",
    [b"{", b"\xff\xfe", b"[]", b'{"lockfileVersion": 3, "lockfileVersion": 3}', b"<<<<<<< HEAD\n{}", b'{"a":' * 5000],
)
def test_a_base_that_cannot_be_read_is_a_finding(hostile: bytes) -> None:
    report = Change({**OLD, "package-lock.json": hostile}, OLD).review()
    assert [(f.rule, f.about, f.level) for f in report.findings] == [
        ("base-unreadable", "package-lock.json", Level.FAIL)
    ]
    assert not report.blind
    assert [(c.what, c.examined, c.expected) for c in report.coverage][1] == ("changed lockfiles", 0, 1)


def test_a_base_lockfile_of_an_unknown_version_is_no_comparison() -> None:
    assert "base-unreadable" in Change({**OLD, "package-lock.json": b'{"lockfileVersion": 99}'}, OLD).rules_told()


def test_a_lockfile_that_was_a_link_cannot_be_compared() -> None:
    new = project(("left-pad", "1.3.0"))
    change = Change(OLD, new, links=frozenset({"package-lock.json"}))
    assert "base-unreadable" in change.rules_told()


def test_a_blob_that_is_not_in_this_clone_blinds_the_row() -> None:
    change = Change(OLD, project(("left-pad", "1.3.0")), lost=frozenset({"package-lock.json"}))
    report = change.review()
    assert [blind.hint for blind in report.blind] == ["fetch the whole history"]


def test_the_working_tree_is_what_is_compared() -> None:
    dirty = project(("left-pad", "1.2.3"), ("right", "2.0.0"), right={"integrity": sri(99)})
    assert "hash-changed" in Change(OLD, OLD, work=dirty).rules_told()


def test_a_review_without_a_base_shuts() -> None:
    (finding,) = Change(OLD, OLD, base="").findings()
    assert (finding.rule, finding.level, finding.release) == ("base-missing", Level.FAIL, None)
    assert "git fetch --unshallow" in finding.fix


def test_a_first_release_is_a_note_and_a_clone_cut_off_is_a_fail() -> None:
    first = Change(OLD, OLD, base="", scope=Scope.CHECK).review()
    assert first.findings == ()
    assert any("no earlier release" in note for note in first.notes)
    cut = Change(OLD, OLD, base="", scope=Scope.CHECK, shallow=True).findings()
    assert [f.rule for f in cut] == ["base-missing"]


def test_an_audit_alone_says_that_it_reviews_no_change() -> None:
    report = Change(OLD, OLD, base="", scope=Scope.EXAMINE).review()
    assert report.findings == ()
    assert any("deps review" in note for note in report.notes)


def test_a_base_that_is_gone_blinds_the_row() -> None:
    assert Change(OLD, OLD, base="d" * 40).review().blind


# --- advisories: new or older ---


def message(change: Change) -> str:
    (finding,) = [f for f in change.findings() if f.rule in {"dependency-vulnerable", "dependency-malicious"}]
    return finding.message


def test_an_advisory_on_what_was_locked_before_is_told_as_older() -> None:
    known = Known({("right", "2.0.0"): (flaw("GHSA-1"),)})
    new = project(("left-pad", "1.3.0"), ("right", "2.0.0"))
    assert "(older than this change)" in message(Change(OLD, new, advisories=known))
    assert "(older than this change)" in message(Change(OLD, OLD, advisories=known))


def test_an_advisory_on_a_new_package_is_told_as_new() -> None:
    known = Known({("evil", "1.0.0"): (flaw("MAL-1", malicious=True),)})
    new = project(("left-pad", "1.2.3"), ("right", "2.0.0"), ("evil", "1.0.0"))
    assert "(new with this change)" in message(Change(OLD, new, advisories=known))


def test_an_advisory_the_version_before_had_too_is_told_as_older() -> None:
    known = Known({("right", "2.0.0"): (flaw("CVE-1", "GHSA-1"),), ("right", "2.1.0"): (flaw("GHSA-1", "CVE-1"),)})
    new = project(("left-pad", "1.2.3"), ("right", "2.1.0"))
    assert "(older than this change: 2.0.0 has it, too)" in message(Change(OLD, new, advisories=known))
    assert "(new with this change)" in message(
        Change(OLD, new, advisories=Known({("right", "2.1.0"): (flaw("GHSA-2"),)}))
    )


def test_when_the_versions_before_cannot_be_asked_about_that_is_said_and_nothing_opens() -> None:
    known = Known({("right", "2.1.0"): (flaw("GHSA-1"),)}, fails_after=1)
    change = Change(OLD, project(("left-pad", "1.2.3"), ("right", "2.1.0")), advisories=known)
    assert "whether it is new with this change is not known" in message(change)


def test_only_versions_that_matter_are_asked_about_a_second_time() -> None:
    known = Known({("right", "2.1.0"): (flaw("GHSA-1"),)})
    Change(OLD, project(("left-pad", "1.3.0"), ("right", "2.1.0")), advisories=known).review()
    assert known.asked == ["left-pad 1.3.0", "right 2.1.0", "right 2.0.0"]


def test_a_silent_service_does_not_take_the_review_with_it() -> None:
    new = project(("left-pad", "1.2.3"), ("right", "2.0.0"), right={"integrity": sri(99)})
    report = Change(OLD, new, advisories=Known(fails_after=0)).review()
    assert report.blind
    assert "hash-changed" in [f.rule for f in report.findings]


# --- cooldown ---


def dated(version: str, when: str) -> dict[str, bytes]:
    text = f"""version = 1
[[package]]
name = "thing"
version = "{version}"
source = {{ registry = "https://index.example/simple" }}
wheels = [{{ url = "https://index.example/thing-{version}-py3-none-any.whl", hash = "sha256:{version[0] * 64}"{when} }}]
[[package]]
name = "app"
version = "1"
source = {{ virtual = "." }}
dependencies = [{{ name = "thing" }}]
[package.metadata]
requires-dist = [{{ name = "thing" }}]
"""
    return {"uv.lock": text.encode(), "pyproject.toml": b'[project]\nname="app"\nversion="1"\ndependencies=["thing"]\n'}


YOUNG, RIPE = ', upload-time = "2026-02-27T00:00:00Z"', ', upload-time = "2026-01-01T00:00:00Z"'
FUTURE, BROKEN = ', upload-time = "2027-01-01T00:00:00Z"', ', upload-time = "soon"'


@pytest.mark.parametrize(
    ("when", "rule"),
    [(YOUNG, "cooldown-unmet"), (FUTURE, "cooldown-unmet"), (RIPE, ""), ("", "cooldown-unknown")],
)
def test_a_young_release_waits_and_one_of_unknown_age_is_told(when: str, rule: str) -> None:
    change = Change(dated("1.0", RIPE), dated("2.0", when), rules=policy(cooldown="7d"))
    assert [r for r in change.rules_told() if r.startswith("cooldown")] == ([rule] if rule else [])
    assert not [r for r in Change(dated("1.0", RIPE), dated("2.0", when)).rules_told() if r.startswith("cooldown")]


def test_a_time_that_is_none_is_unknown() -> None:
    change = Change(dated("1.0", RIPE), dated("2.0", BROKEN), rules=policy(cooldown="7d"))
    assert not {"cooldown-unmet"} & set(change.rules_told())
    assert {"cooldown-unknown", "base-unreadable", "lock-unaudited", "lock-malformed"} & set(change.rules_told())


def test_a_young_release_that_mends_is_let_through_by_the_advisories_alone() -> None:
    mends = Known({("thing", "1.0"): (flaw("GHSA-1"),)})
    still = Known({("thing", "1.0"): (flaw("GHSA-1"),), ("thing", "2.0"): (flaw("GHSA-1"),)})
    silent = Known({("thing", "1.0"): (flaw("GHSA-1"),)}, fails_after=1)
    evil = Known({("thing", "1.0"): (flaw("GHSA-1"),), ("thing", "2.0"): (flaw("MAL-1", malicious=True),)})
    for advisories, waits in ((mends, False), (still, True), (silent, True), (evil, True), (Known(), True)):
        change = Change(dated("1.0", RIPE), dated("2.0", YOUNG), rules=policy(cooldown="7d"), advisories=advisories)
        report = change.review()
        assert ("cooldown-unmet" in [f.rule for f in report.findings]) is waits
        assert any("set aside" in note and "GHSA-1" in note for note in report.notes) is not waits


# --- policy, configuration, releases ---


def test_licences_of_the_policy_are_held_against_what_is_new() -> None:
    new = project(("left-pad", "1.2.3"), ("right", "2.1.0"), right={"license": "GPL-3.0-only"})
    rules = policy(licences={"allow": ["MIT"]})
    assert "licence-not-allowed" in Change(OLD, new, rules=rules).rules_told()
    assert "licence-unknown" in Change(OLD, project(("left-pad", "1.3.0")), rules=rules).rules_told()
    assert not [r for r in Change(OLD, OLD, rules=rules).rules_told() if r.startswith("licence")]


def test_a_configuration_that_was_weakened_is_told_also_when_it_is_not_committed() -> None:
    weak = {".npmrc": b"strict-ssl=false\n"}
    for change in (Change(OLD, {**OLD, **weak}), Change(OLD, OLD, work={**OLD, **weak})):
        ((rule, about),) = change.told()
        assert (rule, about) == ("config-weakened", ".npmrc#strict-ssl=false")


def test_a_configuration_that_was_deleted_takes_its_safeguards_with_it() -> None:
    before = {**OLD, ".npmrc": b"ignore-scripts=true\n"}
    assert Change(before, OLD).rules_told() == ["config-weakened"]
    assert Change(before, before, work=OLD).rules_told() == ["config-weakened"]


def test_a_configuration_nobody_can_read_shuts() -> None:
    broken = {**OLD, "bunfig.toml": b"[install\n"}
    assert Change(OLD, broken).rules_told() == ["config-unreadable"]
    assert Change(broken, {**OLD, "bunfig.toml": b""}).rules_told() == ["config-unreadable"]
    assert Change(broken, broken).rules_told() == []


def test_a_registry_the_policy_names_is_no_weakening() -> None:
    moved = {**OLD, ".npmrc": b"registry=https://npm.acme.example/\n"}
    assert Change(OLD, moved).rules_told() == ["config-weakened"]
    assert Change(OLD, moved, rules=policy({"sources": ["npm.acme.example"]})).rules_told() == []


def test_a_manifest_that_asks_for_more_without_its_lockfile_is_told() -> None:
    new = {**OLD, "package.json": manifest("left-pad", "right", "third")}
    assert "manifest-changed-alone" in Change(OLD, new).rules_told()
    reworded = json.dumps({**json.loads(OLD["package.json"]), "description": "x"}).encode()
    assert "manifest-changed-alone" not in Change(OLD, {**OLD, "package.json": reworded}).rules_told()


def test_findings_count_against_the_release_that_locks_it() -> None:
    before = {f"{name}/{path}": data for name in ("a", "b") for path, data in OLD.items()}
    poisoned = project(("left-pad", "1.2.3"), ("right", "2.0.0"), right={"integrity": sri(99)})
    after = {**before, **{f"b/{path}": data for path, data in poisoned.items()}}
    releases = (Release("one", "a"), Release("two", "b"))
    findings = Change(before, after, releases=releases).findings()
    assert {f.release for f in findings if f.rule == "hash-changed"} == {"two"}
    root = {**after, ".npmrc": b"strict-ssl=false\n"}
    findings = Change(before, root, releases=releases).findings()
    assert {f.release for f in findings if f.rule == "config-weakened"} == {"one", "two"}


def test_the_names_of_new_direct_packages_are_looked_at() -> None:
    new = project(("left-pad", "1.2.3"), ("right", "2.0.0"), ("lodahs", "1.0.0"))
    assert "name-squatted" in Change(OLD, new).rules_told()
    own = policy({"internal": ["loda*"]})
    assert "name-squatted" not in Change(OLD, new, rules=own).rules_told()
    listed = policy(files={"names.txt": "lodahs\n"}, popular={"npm": "names.txt"})
    assert not {"name-squatted", "dependency-unfamiliar"} & set(Change(OLD, new, rules=listed).rules_told())


def test_a_large_change_is_told_as_one() -> None:
    many = project(*((f"package-{number}", "1.0.0") for number in range(250)))
    report = Change(OLD, many, scope=Scope.EXAMINE).review()
    assert any("more than anybody reviews" in note for note in report.notes)
    assert sum(": added package-" in note for note in report.notes) <= 60
    assert any("and 192 more changes" in note for note in report.notes)


def test_the_same_change_gives_the_same_report() -> None:
    new = project(("left-pad", "1.3.0"), ("right", "2.1.0"))
    assert Change(OLD, new).review() == Change(OLD, new).review()
