"""Row 1 answers for each release: what it looked at, what is wrong, and nothing that another release owns."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from support.locks import NPM, UV_MANIFEST, npm_lock, npm_tree, pinned, uv_lock
from tidegate.domain.locks.rules import RULES
from tidegate.errors import FormatError
from tidegate.formats.locks.table import reader_for
from tidegate.formats.manifests import table as manifests
from tidegate.model.control import Control, Scope
from tidegate.model.evidence import Report
from tidegate.model.finding import Level
from tidegate.model.inventory import Inventory, Source, TreeFile
from tidegate.model.package import LockFile, Manifest, Problem
from tidegate.model.release import Release
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import World
from tidegate.stages.lockfiles import examine
from tidegate.stages.task import Task

ASKS = '[project]\nname = "a"\ndependencies = ["x"]\n'
NOWHERE = cast("World", None)
"""The stage reaches for nothing outside the inventory."""


def inventory(files: Mapping[str, bytes | str]) -> Inventory:
    """What the reader of a repository would hand to the stages."""
    locks: list[LockFile] = []
    asking: list[Manifest] = []
    problems: list[Problem] = []
    for path, content in files.items():
        raw = content.encode() if isinstance(content, str) else content
        reader = reader_for(path)
        rule = "manifest-malformed" if reader is None else "lock-malformed"
        try:
            if reader is not None:
                locks.append(reader.parse(path, raw))
            elif manifests.is_manifest(path):
                asking.append(manifests.parse(path, raw, frozenset(files)))
        except FormatError as error:
            problems.append(Problem(rule, path, error.message, error.line))
    tree = tuple(TreeFile(path, len(content)) for path, content in files.items())
    return Inventory(Source(), tree, tuple(asking), tuple(locks), problems=tuple(problems))


def stage(
    given: Mapping[str, bytes | str] | Inventory, *roots: str, settings: dict[str, object] | None = None
) -> Report:
    model = PolicyModel.model_validate({"version": 1, "controls": {"lockfiles": settings or {}}})
    policy = Policy(model=model, files={}, digest="", path="")
    releases = tuple(Release(root, root) for root in roots or (".",))
    seen = given if isinstance(given, Inventory) else inventory(given)
    return examine(Task(releases, seen, policy, Scope.CHECK), NOWHERE)


def told(report: Report) -> list[tuple[str, str, str | None]]:
    return [(finding.rule, finding.about, finding.release) for finding in report.findings]


def covered(report: Report) -> dict[str, tuple[int, int]]:
    return {coverage.what: (coverage.examined, coverage.expected) for coverage in report.coverage}


def test_a_clean_project_is_counted_and_has_no_finding() -> None:
    report = stage({"pyproject.toml": UV_MANIFEST, "uv.lock": uv_lock()})
    assert report.control is Control.LOCKFILES
    assert told(report) == []
    assert covered(report) == {"manifests": (1, 1), "lockfiles": (1, 1), "packages": (4, 4)}
    assert report.rules == RULES
    assert report.blind == ()


def test_nothing_to_look_at_is_said_by_a_coverage_of_zero() -> None:
    assert covered(stage({"README.md": "x"})) == {"manifests": (0, 0)}


def test_a_project_of_requirements_alone_is_looked_at() -> None:
    report = stage({"requirements.txt": pinned("x", "1.0")})
    assert covered(report) == {"lockfiles": (1, 1), "packages": (1, 1)}
    assert told(report) == []


def test_a_project_that_asks_for_nothing_is_looked_at() -> None:
    report = stage({"pyproject.toml": '[project]\nname = "a"\n'})
    assert covered(report) == {"manifests": (1, 1)}
    assert told(report) == []


def test_a_lock_that_cannot_be_read_is_a_finding_and_not_missing() -> None:
    report = stage({"pyproject.toml": ASKS, "uv.lock": b"version = 1\n<<<<<<< ours\n"})
    assert told(report) == [("lock-malformed", "uv.lock", ".")]
    [finding] = report.findings
    assert finding.place
    assert finding.place.line == 2
    assert covered(report) == {"manifests": (1, 1), "lockfiles": (0, 1)}


def test_a_manifest_that_cannot_be_read_is_a_finding() -> None:
    report = stage({"package.json": "{", "package-lock.json": npm_lock()})
    assert ("manifest-malformed", "package.json", ".") in told(report)
    assert covered(report)["manifests"] == (0, 1)


def test_a_lock_git_does_not_hold_is_a_finding() -> None:
    seen = inventory({"requirements.txt": pinned("x", "1.0")})
    for file in (TreeFile("requirements.txt", 1, tracked=False), TreeFile("requirements.txt", 1, changed=True)):
        assert told(stage(replace(seen, files=(file,)))) == [("lock-untracked", "requirements.txt", ".")]
    assert told(stage(replace(seen, files=()))) == [("lock-untracked", "requirements.txt", ".")]


def test_each_release_answers_for_its_own_root() -> None:
    files = {
        "a/requirements.txt": "x==1.0\n",
        "b/requirements.txt": pinned("x", "1.0"),
        "ab/requirements.txt": "x>=1\n",
        "c/pyproject.toml": ASKS,
    }
    report = stage(files, "a", "b")
    assert told(report) == [
        ("package-unhashed", "a/requirements.txt#pkg:pypi/x@1.0", "a"),
        ("manifest-unclaimed", "ab/requirements.txt", None),
        ("manifest-unclaimed", "c/pyproject.toml", None),
    ]
    assert [one.level for one in report.findings if one.rule == "manifest-unclaimed"] == [Level.WARN] * 2
    assert {(one.release, one.what) for one in report.coverage} == {
        (root, what) for root in ("a", "b") for what in ("lockfiles", "packages")
    }


def test_a_lock_above_the_root_that_serves_a_member_is_checked_with_it() -> None:
    tree = npm_tree()
    tree["node_modules/left"].pop("integrity")
    files: dict[str, bytes | str] = {
        "package.json": "{}",
        "package-lock.json": npm_lock(tree),
        "packages/member/package.json": '{"name": "member", "dependencies": {"left": ">=1"}}',
    }
    report = stage(files, "packages/member")
    assert told(report) == [
        ("package-unhashed", "package-lock.json#pkg:npm/left@1.2.3", "packages/member"),
        ("manifest-unclaimed", "package.json", None),
    ]


def test_a_broken_lock_above_the_root_shuts_the_member_too() -> None:
    files: dict[str, bytes | str] = {
        "package-lock.json": "{",
        "packages/member/package.json": '{"dependencies": {"left": ">=1"}}',
    }
    assert ("lock-malformed", "package-lock.json", "packages/member") in told(stage(files, "packages/member"))


def test_an_included_file_outside_the_root_is_checked_with_it() -> None:
    files = {"a/requirements.txt": "-r ../shared/requirements.txt\n", "shared/requirements.txt": "x==1.0\n"}
    assert ("package-unhashed", "shared/requirements.txt#pkg:pypi/x@1.0", "a") in told(stage(files, "a"))


def test_unread_managers_are_never_passed_over() -> None:
    files = {"requirements.txt": pinned("x", "1.0"), "web/deno.lock": "x", "core/Package.swift": "x"}
    assert sorted(told(stage(files))) == [
        ("lock-unsupported", "core/Package.swift", "."),
        ("lock-unsupported", "web/deno.lock", "."),
    ]


def test_the_policy_says_which_hosts_are_allowed() -> None:
    raw = npm_lock().replace(NPM.encode(), b"mirror.example")
    files = {"package-lock.json": raw}
    assert [rule for rule, _, _ in told(stage(files))] == ["source-not-allowed"]
    assert told(stage(files, settings={"sources": ["mirror.example"]})) == []
    assert told(stage(files, settings={"sources": ["mirror.example"], "public_registries": False})) == []
    assert told(stage({"package-lock.json": npm_lock()}, settings={"public_registries": False})) != []


def test_the_policy_says_which_names_are_the_teams_own() -> None:
    files = {"pyproject.toml": UV_MANIFEST, "uv.lock": uv_lock()}
    report = stage(files, settings={"internal": ["left_*"]})
    assert told(report) == [("name-internal", "uv.lock#pkg:pypi/left-pad@1.3.0", ".")]
    assert told(stage(files, settings={"internal": ["acme-*"]})) == []


def test_a_lock_of_another_release_is_held_against_this_one() -> None:
    files = {"a/requirements.txt": pinned("x", "1.0"), "b/requirements.txt": pinned("x", "1.0", "b")}
    assert told(stage(files, "a", "b")) == [
        ("hash-conflict", "pkg:pypi/x@1.0", "a"),
        ("hash-conflict", "pkg:pypi/x@1.0", "b"),
    ]


def test_every_finding_names_a_rule_of_the_row_and_a_place() -> None:
    files = {
        "pyproject.toml": ASKS,
        "requirements.txt": "--extra-index-url https://o.example\n-r gone.txt\nx>=1 --hash=md5:zz\n!\n",
        "package.json": '{"dependencies": {"x": "1"}}',
        "yarn.lock": "",
        "bad/uv.lock": "x",
    }
    report = stage(files)
    assert {finding.rule for finding in report.findings} <= {rule.id for rule in RULES}
    assert all(finding.place and finding.place.path for finding in report.findings)
    assert len(report.findings) >= 6


def test_trees_that_are_not_read_are_told_once_each() -> None:
    seen = inventory({"pyproject.toml": UV_MANIFEST, "uv.lock": uv_lock()})
    trees = (
        TreeFile("lib/sub", 0, "160000"),
        TreeFile("web/node_modules/a/index.js", 1),
        TreeFile("web/node_modules/a/node_modules/b/package.json", 1),
        TreeFile("other/node_modules/x.js", 1, tracked=False),
    )
    report = stage(replace(seen, files=(*seen.files, *trees)))
    assert told(report) == [("tree-unread", "lib/sub", "."), ("tree-unread", "web/node_modules", ".")]
    assert {finding.level for finding in report.findings} == {Level.WARN}
    elsewhere = stage(replace(seen, files=(*seen.files, *trees)), "api")
    assert "tree-unread" not in {finding.rule for finding in elsewhere.findings}
