"""What is wrong with the changes of one lockfile, as far as the two locks tell."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType

from tidegate.domain.changes import rules
from tidegate.domain.changes.change import Change, Kind, named
from tidegate.domain.changes.hashes import Bytes, judge
from tidegate.domain.changes.installing import source_only
from tidegate.domain.changes.places import PUBLIC, place
from tidegate.formats.text import shown, subject
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import Locked, LockFile, SourceKind

Elsewhere = Mapping[tuple[str, str, str], Locked]
"""What was locked in any lockfile of the base that changed, by ecosystem, name and version."""


def elsewhere(locks: Iterable[LockFile]) -> Elsewhere:
    return {(one.ecosystem, one.name, one.version): one for lock in locks for one in lock.packages}


def check(
    changes: Iterable[Change], wishes: Collection[str] = (), before: Elsewhere = MappingProxyType({})
) -> Iterator[Finding]:
    """Findings about packages. `wishes` are the requirements the manifests of head have and those of the base had not:
    a git commit written there was moved on purpose. A version new to its lockfile is compared with what any lockfile
    held of it `before`."""
    uncompared: dict[str, list[Change]] = {}
    for change in changes:
        if change.after is None:
            continue
        yield from _bytes(_same(change, change.after, before), change.after, uncompared)
        yield from _source(change, change.after, wishes)
        yield from _marks(change, change.after)
    for path, those in uncompared.items():
        many = "1 package" if len(those) == 1 else f"{len(those)} packages"
        message = f"{many} kept the version and changed the kind of hash, {named(those[0].package)} first"
        yield found(rules.HASH_UNCOMPARED, path, message, place=_at(those[0], those[0].package))


def _same(change: Change, after: Locked, before: Elsewhere) -> Change:
    """The change as one of the same version, where another lockfile held it with hashes that can be compared."""
    other = before.get((after.ecosystem, after.name, after.version))
    if change.same_version or other is None or judge(other, after) not in (Bytes.CHANGED, Bytes.LOST):
        return change
    return Change(Kind.REPLACED, change.path, other, after)


def _bytes(change: Change, after: Locked, uncompared: dict[str, list[Change]]) -> Iterator[Finding]:
    if change.before is None or not change.same_version or change.kind not in (Kind.REPLACED, Kind.MARKED):
        return
    match judge(change.before, after):
        case Bytes.CHANGED:
            message = f"{named(after)} is locked with other hashes than before"
            about = f"{after.purl}#{_fingerprint(after)}"
            yield found(rules.HASH_CHANGED, about, message, place=_at(change, after))
        case Bytes.LOST:
            message = f"{named(after)} was locked with a hash, and is without one now"
            yield found(rules.HASH_CHANGED, f"{after.purl}#none", message, place=_at(change, after))
        case Bytes.UNCOMPARED:
            uncompared.setdefault(change.path, []).append(change)
        case Bytes.ADDED:
            message = f"{named(after)} was locked before, and has further files now"
            about = f"{after.purl}#{_fingerprint(after)}"
            yield found(rules.FILES_ADDED, about, message, place=_at(change, after))
        case _:
            return


def _fingerprint(package: Locked) -> str:
    """Stands for exactly these hashes, so that an exception for them is none for the next ones."""
    return Digest.of("\n".join(sorted({str(one) for one in package.hashes})).encode()).value[:12]


def _source(change: Change, after: Locked, wishes: Collection[str]) -> Iterator[Finding]:
    before = change.before
    if change.moved:
        where = place(after)
        if before is not None and where == place(before):
            where = " and ".join(sorted({f"`{shown(url, 200)}`" for url in after.urls})[:3])
        inside = " (a private name on a public registry is anybody's to publish)" if where == PUBLIC else ""
        message = f"{named(after)} came from {change.moved} and comes from {where} now{inside}"
        yield found(rules.SOURCE_SWITCHED, f"{after.purl}#{subject(where)}", message, place=_at(change, after))
    elif before is not None and SourceKind.GIT is before.source.kind is after.source.kind:
        old, new = before.source.ref, after.source.ref
        if old != new and change.same_version and not any(new and new in wish for wish in wishes):
            message = f"{named(after)} moved from commit {shown(old, 12)} to {shown(new, 12)}, at the same version"
            yield found(rules.COMMIT_MOVED, f"{after.purl}#{subject(new, 60)}", message, place=_at(change, after))


def _marks(change: Change, after: Locked) -> Iterator[Finding]:
    before = change.before
    at = _at(change, after)
    if after.install_script and not (before and before.install_script):
        since = "is new and runs" if before is None else "now runs"
        message = f"{named(after)} {since} code when it is installed"
        yield found(rules.SCRIPT_ADDED, f"{after.purl}#install-script", message, place=at)
    if after.deprecated and not (before and before.deprecated):
        message = f"{named(after)} is deprecated: {shown(after.deprecated, 200)}"
        yield found(rules.DEPRECATED, after.purl, message, place=at)
    if after.yanked and not (before and before.yanked and change.same_version):
        yield found(rules.YANKED, after.purl, f"{named(after)} was withdrawn by its maintainers", place=at)
    if change.kind is Kind.DOWNGRADED and before is not None:
        message = f"{named(after)} is lower than {shown(before.version, 60)}, which was locked before"
        yield found(rules.DOWNGRADED, after.purl, message, place=at)
    if change.kind is not Kind.MARKED and source_only(after) and not (before and source_only(before)):
        had = "has no wheel any more" if before else "is new and has no wheel"
        yield found(rules.WHEEL_MISSING, after.purl, f"{named(after)} {had}: its build code runs", place=at)


def check_aliases(before: LockFile, after: LockFile) -> Iterator[Finding]:
    """A name that installed one package, itself or by alias, and installs another now."""
    aliased = {one.raw_name for lock in (before, after) for one in lock.packages if one.alias_of}
    old = _targets(before, aliased)
    told: set[tuple[str, str]] = set()
    for package in after.packages:
        known = old.get(package.raw_name)
        key = (package.raw_name, package.name)
        if not known or package.name in known or key in told:
            continue
        told.add(key)
        was = ", ".join(f"`{shown(name)}`" for name in sorted(known)[:4])
        message = f"`{shown(package.raw_name)}` installed {was} and installs {named(package)} now"
        at = Place(after.path, package.line)
        yield found(rules.ALIAS_SWITCHED, f"{package.purl}#{subject(package.raw_name)}", message, place=at)


def _targets(lock: LockFile, names: Collection[str]) -> dict[str, set[str]]:
    found_: dict[str, set[str]] = {}
    for package in lock.packages:
        if package.raw_name in names:
            found_.setdefault(package.raw_name, set()).add(package.name)
    return found_


def _at(change: Change, package: Locked) -> Place:
    return Place(change.path, package.line)
