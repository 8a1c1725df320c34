"""Every package of one lockfile: pinned, hashed, from an allowed source, and what its address says it is."""

import re
from collections.abc import Callable, Iterator

from tidegate.domain.locks import ecosystems, rules
from tidegate.domain.locks.build_pins import check_pins
from tidegate.domain.locks.commands import row
from tidegate.domain.locks.sources import Allowed, faults
from tidegate.errors import FormatError
from tidegate.formats import repopath, urls
from tidegate.formats.text import shown, subject
from tidegate.model.finding import Finding, Place, Rule, found
from tidegate.model.package import PINS, Locked, LockFile, SourceKind

GROUPED = 3
"""More packages than this with one and the same fault, and no other without it, become one finding."""

MANY = 25
"""More packages than this without pin or hash are one finding about the lock, whatever the others are."""

_HASHLESS = frozenset({"gradle.lockfile", "packages.config"})
"""Formats whose hashes stand in another file or nowhere, so that their lack is the lock's rather than a package's."""
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_HASHED = (SourceKind.REGISTRY, SourceKind.URL)


def check_packages(lock: LockFile, allowed: Allowed) -> Iterator[Finding]:
    """Every fault of the packages of one lock; each subject is `path#purl`, with the address or file where one is at
    fault."""
    if lock.ecosystem in PINS:
        yield from check_pins(lock, allowed)
        return
    yield from _each(lock, rules.PACKAGE_UNPINNED, _could_be_unpinned, _unpinned)
    yield from _each(lock, rules.PACKAGE_UNHASHED, _needs_hash, lambda one: not (one.hashes or one.bad_hashes))
    yield from _each(lock, rules.HASH_WEAK, lambda one: bool(one.hashes), _weak)
    for package in lock.packages:
        yield from _hash_faults(lock, package)
        yield from _address_faults(lock, package)
    yield from _source_faults(lock, allowed)
    yield from _mixed(lock)


def _place(lock: LockFile, package: Locked | None = None) -> Place:
    return Place(lock.path, package.line if package else None)


def _about(lock: LockFile, package: Locked, more: str = "") -> str:
    return f"{lock.path}#{package.purl}" + (f"#{more}" if more else "")


def _each(
    lock: LockFile, rule: Rule, concerned: Callable[[Locked], bool], faulty: Callable[[Locked], bool]
) -> Iterator[Finding]:
    """A finding a package; a single one for the lock when the fault is the lock's rather than the package's."""
    asked = [package for package in lock.packages if concerned(package)]
    wrong = [package for package in asked if faulty(package)]
    fix = row(lock.format).hashing if rule in (rules.PACKAGE_UNHASHED, rules.HASH_WEAK) else ""
    lock_wide = rule is rules.PACKAGE_UNHASHED and lock.format in _HASHLESS and len(wrong) == len(asked) > 1
    if lock_wide or len(wrong) == len(asked) > GROUPED or len(wrong) > MANY:
        message = f"{len(wrong)} of its {len(asked)} packages: each {rule.says}, `{_shown(wrong[0])}` first"
        yield found(rule, lock.path, message, place=_place(lock, wrong[0]), fix=fix)
        return
    for package in wrong:
        message = f"`{_shown(package)}` {rule.says}"
        yield found(rule, _about(lock, package), message, place=_place(lock, package), fix=fix)


def _shown(package: Locked) -> str:
    return shown(f"{package.name} {package.version}".strip(), 100)


def _could_be_unpinned(package: Locked) -> bool:
    return package.source.kind in (SourceKind.REGISTRY, SourceKind.GIT, SourceKind.UNKNOWN)


def _unpinned(package: Locked) -> bool:
    if package.source.kind is SourceKind.GIT:
        return _COMMIT.fullmatch(package.source.ref) is None
    return not ecosystems.exact(package.ecosystem, package.version)


def _needs_hash(package: Locked) -> bool:
    return package.source.kind in _HASHED and not ecosystems.unhashed(package)


def _hash_faults(lock: LockFile, package: Locked) -> Iterator[Finding]:
    if package.bad_hashes:
        message = f"`{_shown(package)}` carries `{shown(package.bad_hashes[0], 60)}`, which is no hash"
        yield found(rules.HASH_MALFORMED, _about(lock, package), message, place=_place(lock, package))


def _weak(package: Locked) -> bool:
    strong = [digest.strong for digest in package.hashes]
    return not (any(strong) if package.ecosystem == "npm" else all(strong))


def _address_faults(lock: LockFile, package: Locked) -> Iterator[Finding]:
    for address in package.urls:
        try:
            url = urls.parse(address)
        except FormatError:
            continue  # the source check names it
        if not ecosystems.says(package, url):
            message = f"`{_shown(package)}` is taken from `{shown(url.file_name, 80)}`, which names another"
            about = _about(lock, package, subject(url.file_name))
            yield found(rules.URL_MISMATCH, about, message, place=_place(lock, package))


def _source_faults(lock: LockFile, allowed: Allowed) -> Iterator[Finding]:
    """A finding for each package and place; one for the lock when all of many come from the same place."""
    folder = repopath.folder(lock.path)
    by_subject: dict[str, list[tuple[Locked, str]]] = {}
    for package in lock.packages:
        for fault in faults(package, folder, allowed):
            by_subject.setdefault(fault.subject, []).append((package, fault.message))
    fetched = sum(package.source.kind in _HASHED for package in lock.packages)
    for place, hits in by_subject.items():
        if len(hits) == fetched > GROUPED and all(one.source.kind in _HASHED for one, _ in hits):
            message = f"each of its {fetched} packages {hits[0][1]}"
            yield found(rules.SOURCE_NOT_ALLOWED, f"{lock.path}#{place}", message, place=_place(lock))
            continue
        for package, message in hits:
            yield found(
                rules.SOURCE_NOT_ALLOWED,
                _about(lock, package, place),
                f"`{_shown(package)}` {message}",
                place=_place(lock, package),
            )


def _mixed(lock: LockFile) -> Iterator[Finding]:
    """One name from two registries within a lock."""
    hosts: dict[str, dict[str, Locked]] = {}
    for package in lock.packages:
        if package.source.kind is SourceKind.REGISTRY:
            key = "public" if package.source.public else package.source.host or package.source.url
            hosts.setdefault(package.name, {}).setdefault(key, package)
    for name, served in hosts.items():
        if len(served) > 1:
            last = list(served.values())[-1]
            message = f"`{shown(name)}` is served by {' and '.join(f'`{shown(host)}`' for host in sorted(served))}"
            about = f"{lock.path}#{last.purl.rpartition('@')[0] if last.version else last.purl}"
            yield found(rules.INDEX_MIXED, about, message, place=_place(lock, last))
