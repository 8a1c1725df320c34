"""All the rules of lockfiles over the manifests and locks of one release."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tidegate.domain.locks import rules
from tidegate.domain.locks.commands import row
from tidegate.domain.locks.conflicts import check_conflicts
from tidegate.domain.locks.internal import check_internal
from tidegate.domain.locks.packages import check_packages
from tidegate.domain.locks.sources import Allowed
from tidegate.domain.locks.sync import check_manifest, serving
from tidegate.domain.locks.sync_cargo import check_local
from tidegate.domain.locks.wishes import check_wishes
from tidegate.formats import repopath
from tidegate.formats.locks.unread import INSTEAD, unread_lock, unread_manifest
from tidegate.formats.text import shown, subject
from tidegate.model.finding import Finding, Place, Rule, found
from tidegate.model.package import LockFile, Manifest, Problem

MAX_FINDINGS = 300
"""Findings of one rule in one file; the rest are counted in one more."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What one release answers for: its manifests and locks, and the locks elsewhere that serve or complete them."""

    manifests: tuple[Manifest, ...]
    locks: tuple[LockFile, ...]
    overrides: Mapping[str, Mapping[str, Collection[str]]]
    """Names any manifest of the repository overrides, by its ecosystem and folder."""
    settings: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Settings of any manifest of the repository, by its path."""
    own: Collection[tuple[str, str]] = ()
    """(ecosystem, name) of every manifest of the repository."""


def scene(
    manifests: Sequence[Manifest],
    locks: Mapping[str, LockFile],
    inside: Iterable[str],
    everywhere: Sequence[Manifest] = (),
) -> Scene:
    """Gather the locks `inside` the release, those that serve its manifests, and every file these include.

    `everywhere` are the manifests of the whole repository, for what a workspace's root overrides.
    """
    wanted = list(inside)
    for manifest in manifests:
        wanted += [lock.path for lock in serving(manifest, locks).locks]
    seen: dict[str, LockFile] = {}
    while wanted:
        path = wanted.pop()
        if path in locks and path not in seen:
            seen[path] = locks[path]
            wanted += locks[path].includes
    overrides: dict[str, dict[str, set[str]]] = {}
    for one in (*everywhere, *manifests):
        folders = overrides.setdefault(one.ecosystem, {})
        folders.setdefault(repopath.folder(one.path), set()).update(one.overrides)
    known = {one.path: one for one in (*everywhere, *manifests)}
    return Scene(
        tuple(manifests),
        tuple(seen[path] for path in sorted(seen)),
        overrides,
        {path: one.settings for path, one in known.items() if one.settings},
        frozenset((one.ecosystem, one.name) for one in known.values() if one.name),
    )


def check(scene: Scene, locks: Mapping[str, LockFile], allowed: Allowed, unread: Collection[str]) -> Iterator[Finding]:
    """Every finding of one release. `unread` are paths of locks that could not be read and are findings already."""
    return bounded(_check(scene, locks, allowed, unread))


def _check(scene: Scene, locks: Mapping[str, LockFile], allowed: Allowed, unread: Collection[str]) -> Iterator[Finding]:
    for manifest in scene.manifests:
        yield from (problem_finding(problem, manifest.path) for problem in manifest.problems)
        overrides = scene.overrides.get(manifest.ecosystem, {})
        yield from check_manifest(manifest, locks, overrides, scene.settings, scene.own)
    for lock in scene.locks:
        yield from (problem_finding(problem, lock.path, lock.format) for problem in lock.problems)
        yield from check_packages(lock, allowed)
        yield from check_wishes(lock, scene.overrides.get(lock.ecosystem, {}).get(repopath.folder(lock.path), ()))
        yield from check_local(lock, scene.own)
        yield from check_internal(lock, allowed.own)
        for path in lock.includes:
            if path not in locks and path not in unread:
                message = f"`{shown(path)}` is included and is not among the files that are read"
                yield found(rules.LOCK_UNSUPPORTED, f"{lock.path}#{subject(path)}", message, place=Place(lock.path))
    yield from check_conflicts(scene.locks, locks.values())


def problem_finding(problem: Problem, path: str, lock_format: str = "") -> Finding:
    """What a reader noticed, as a finding; a rule this room does not know is a malformed lock."""
    rule = rules.BY_ID.get(problem.rule, rules.LOCK_MALFORMED)
    return found(rule, problem.about, problem.message, place=Place(path, problem.line), fix=_mend(rule, lock_format))


def _mend(rule: Rule, lock_format: str) -> str:
    """What to type for this format, "" where the rule's own words do."""
    one = row(lock_format)
    if rule in (rules.PACKAGE_UNHASHED, rules.PIN_UNHASHED, rules.HASH_WEAK):
        return one.hashing
    if rule is rules.PIN_MOVABLE:
        return "write one version (`name==1.2.3`, `name@1.2.3`)"
    told = {rules.LOCK_STALE: one.again, rules.LOCK_MISSING: one.first}.get(rule, "")
    return told and f"{told}, then commit the result"


def check_unread(files: Iterable[str]) -> Iterator[Finding]:
    """Files of package managers that are not read: each lock, and each manifest no such lock stands above."""
    locks: dict[str, set[str]] = {}
    manifests: list[tuple[str, str]] = []
    for path in sorted(files):
        manager = unread_lock(path)
        if manager:
            locks.setdefault(manager, set()).add(repopath.folder(path))
            yield _unread(path, manager, "lockfile")
        elif manager := unread_manifest(path):
            manifests.append((path, manager))
    for path, manager in manifests:
        if not any(_holds(folder, path) for folder in locks.get(manager, ())):
            yield _unread(path, manager, "manifest")


def _holds(folder: str, path: str) -> bool:
    return folder == "." or path.startswith(f"{folder}/")


def _unread(path: str, manager: str, kind: str) -> Finding:
    message = f"`{shown(path)}` is a {kind} of {manager}, which tidegate does not read yet"
    fix = INSTEAD.get(path.rsplit("/", 1)[-1], "")
    return found(rules.LOCK_UNSUPPORTED, path, message, place=Place(path), fix=fix)


def bounded(findings: Iterable[Finding]) -> Iterator[Finding]:
    """At most `MAX_FINDINGS` of a rule in a file, then one that says how many more there are."""
    counts: dict[tuple[str, str], int] = {}
    last: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.place.path if finding.place else "")
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= MAX_FINDINGS:
            yield finding
        else:
            last[key] = finding
    for key, finding in last.items():
        more = counts[key] - MAX_FINDINGS
        yield replace(finding, about=f"{key[1]}#and-more", message=f"and {more} more of the same in `{shown(key[1])}`")
