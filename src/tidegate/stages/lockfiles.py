"""Row 1: every manifest has a lockfile that is committed, in step, pinned, hashed and from allowed places."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tidegate.domain.locks import rules
from tidegate.domain.locks.check import bounded, check, check_unread, problem_finding, scene
from tidegate.domain.locks.sources import Allowed
from tidegate.formats.own_names import OwnNames
from tidegate.formats.text import shown
from tidegate.model.control import Control
from tidegate.model.evidence import Coverage, Report
from tidegate.model.finding import Finding, Place, found
from tidegate.model.inventory import Inventory
from tidegate.model.package import LockFile, Manifest, Problem
from tidegate.model.release import Release
from tidegate.ports import World
from tidegate.stages.task import Task

_OURS = {"lock-malformed", "manifest-malformed"}


def examine(task: Task, world: World) -> Report:  # noqa: ARG001 - every stage is called alike
    """Look at the manifests and locks of each release; everything needed is in the inventory already."""
    settings = task.policy.controls.lockfiles
    allowed = Allowed(frozenset(settings.sources), settings.public_registries, OwnNames.of(settings.internal))
    locks = {lock.path: lock for lock in task.inventory.locks}
    coverage: list[Coverage] = []
    findings: list[Finding] = []
    for release in task.releases:
        covered, seen = _release(release, task.inventory, locks, allowed)
        coverage += covered
        findings += (replace(finding, release=release.name) for finding in seen)
    findings += _unclaimed(task)
    return Report(
        Control.LOCKFILES,
        coverage=tuple(coverage),
        findings=tuple(findings),
        rules=rules.RULES,
        facts=(("lockfiles", str(len(locks))),),
    )


def _release(
    release: Release, inventory: Inventory, locks: Mapping[str, LockFile], allowed: Allowed
) -> tuple[list[Coverage], list[Finding]]:
    manifests = [manifest for manifest in inventory.manifests if release.holds(manifest.path)]
    ours = scene(manifests, locks, filter(release.holds, locks), inventory.manifests)
    served = {path for manifest in manifests for path in manifest.locks}
    served |= {path for lock in ours.locks for path in lock.includes}
    broken = [
        problem
        for problem in inventory.problems
        if problem.rule in _OURS and (release.holds(problem.about) or problem.about in served)
    ]
    findings = [problem_finding(problem, problem.about) for problem in broken]
    findings += check(ours, locks, allowed, {problem.about for problem in broken})
    findings += _untracked(ours.locks, inventory)
    findings += bounded(check_unread(file.path for file in inventory.files if release.holds(file.path)))
    findings += bounded(_unread_trees(release, inventory))
    return _coverage(release.name, manifests, ours.locks, broken), findings


def _coverage(
    release: str, manifests: list[Manifest], locks: tuple[LockFile, ...], broken: list[Problem]
) -> list[Coverage]:
    """A kind of thing that is absent is not counted, unless everything is absent."""
    unread = sum(problem.rule == "manifest-malformed" for problem in broken)
    covered = []
    if manifests or unread or not (locks or broken):
        covered.append(Coverage("manifests", len(manifests), len(manifests) + unread, release))
    if locks or len(broken) > unread:
        covered.append(Coverage("lockfiles", len(locks), len(locks) + len(broken) - unread, release))
    packages = sum(len(lock.packages) for lock in locks)
    if packages:
        covered.append(Coverage("packages", packages, packages, release))
    return covered


def _untracked(locks: tuple[LockFile, ...], inventory: Inventory) -> Iterator[Finding]:
    files = {file.path: file for file in inventory.files}
    for lock in locks:
        file = files.get(lock.path)
        place = Place(lock.path)
        if file is None or not file.tracked:
            message = f"`{shown(lock.path)}` is not committed"
            yield found(rules.LOCK_UNTRACKED, lock.path, message, place=place)
        elif file.changed:
            message = f"`{shown(lock.path)}` differs from the commit"
            yield found(rules.LOCK_UNTRACKED, lock.path, message, place=place, fix="commit the change, or undo it")


def _unread_trees(release: Release, inventory: Inventory) -> Iterator[Finding]:
    """Submodules, and the topmost of each committed `node_modules`."""
    trees = {file.path for file in inventory.files if file.mode == "160000"}
    for file in inventory.files:
        above, folder, _ = f"/{file.path}".partition("/node_modules/")
        if folder and file.tracked:
            trees.add(f"{above}/node_modules".lstrip("/"))
    for path in sorted(filter(release.holds, trees)):
        yield found(rules.TREE_UNREAD, path, f"`{shown(path)}` {rules.TREE_UNREAD.says}", place=Place(path))


def _unclaimed(task: Task) -> Iterator[Finding]:
    """Manifests and locks no release answers for."""
    served = {path for manifest in task.inventory.manifests for path in manifest.locks}
    paths = {manifest.path for manifest in task.inventory.manifests}
    paths |= {lock.path for lock in task.inventory.locks if lock.path not in served}
    paths |= {problem.about for problem in task.inventory.problems if problem.rule in _OURS}
    for path in sorted(paths):
        if not any(release.holds(path) for release in task.releases):
            message = f"`{shown(path)}` lies outside the root of every release"
            yield found(rules.MANIFEST_UNCLAIMED, path, message, place=Place(path))
