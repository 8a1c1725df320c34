"""Is what a lockfile holds what its manifest asks for?"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tidegate.domain.locks import npm_ranges, rules
from tidegate.formats import repopath
from tidegate.formats.text import shown, subject
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import Asked, Locked, LockFile, Manifest, SourceKind

_STRICT = {"uv.lock", "poetry.lock", "package-lock.json"}
_AGAIN = {
    "uv.lock": "uv lock",
    "poetry.lock": "poetry lock",
    "package-lock.json": "npm install --package-lock-only",
}
_LOCAL = ("workspace:", "path:", "file:", ".")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Serving:
    """The locks that serve a manifest. `unread`: one in place could not be read, which is a finding already."""

    locks: tuple[LockFile, ...] = ()
    unread: bool = False


def serving(manifest: Manifest, locks: Mapping[str, LockFile]) -> Serving:
    """The locks of a manifest: all of one folder that record what was asked, or else its requirement files together.

    A lock of a folder above serves only a manifest it names.
    """
    here = repopath.folder(manifest.path)
    near = [path for path in manifest.locks if not _is_above(path, here)]
    strict = [locks[path] for path in near if path in locks and locks[path].format in _STRICT]
    unread = any(path not in locks for path in near)
    if strict:
        return Serving(tuple(strict), unread)
    loose = [locks[path] for path in near if path in locks]
    if loose or unread:
        return Serving(tuple(loose), unread)
    for path in manifest.locks:
        if path not in locks:
            return Serving((), unread=True)
        if any(one.folder == here for one in locks[path].asked):
            return Serving((locks[path],))
    return Serving()


def _is_above(lock: str, here: str) -> bool:
    folder = repopath.folder(lock)
    return here != folder and (folder == "." or here.startswith(f"{folder}/"))


def check_manifest(
    manifest: Manifest, locks: Mapping[str, LockFile], overrides: Mapping[str, Collection[str]] = MappingProxyType({})
) -> Iterator[Finding]:
    """What is wrong between a manifest and its locks; the subject is the manifest's path, with the package at fault.

    `overrides` are the names manifests override, by folder: a lock's own word that it overrides is not enough.
    """
    asks = bool(manifest.requires or manifest.optional or manifest.dynamic)
    chosen = serving(manifest, locks)
    if not chosen.locks:
        told = chosen.unread or any(problem.rule == "lock-unsupported" for problem in manifest.problems)
        if asks and not told:
            place = Place(manifest.path)
            yield found(rules.LOCK_MISSING, manifest.path, _missing(manifest), place=place, fix=_lock_it(manifest))
        return
    if any(problem.rule == "lock-unsupported" for lock in chosen.locks for problem in lock.problems):
        return
    if any(_plain(one, manifest) for one in manifest.requires) and not any(lock.packages for lock in chosen.locks):
        message = f"`{shown(manifest.path)}` asks for packages, `{shown(chosen.locks[0].path)}` holds none"
        yield found(rules.LOCK_EMPTY, chosen.locks[0].path, message, place=Place(chosen.locks[0].path))
        return
    for lock in chosen.locks:
        yield from _compare(manifest, lock)
    if manifest.ecosystem == "PyPI":
        yield from _presence(manifest, chosen.locks, overrides)
    else:
        yield from _ranges(manifest, chosen.locks)
    if manifest.dynamic:
        message = f"`{shown(manifest.path)}` computes what it asks for at build time"
        yield found(rules.LOCK_UNCOMPARED, manifest.path, message, place=Place(manifest.path))


def _missing(manifest: Manifest) -> str:
    above = manifest.locks[0] if manifest.locks else ""
    more = f"; `{shown(above)}` does not name it" if above else ""
    says = rules.LOCK_MISSING.says
    if manifest.dynamic and not (manifest.requires or manifest.optional):
        says = "computes what it asks for, which may be packages, and has no lockfile"
    return f"`{shown(manifest.path)}` {says}{more}"


def _lock_it(manifest: Manifest) -> str:
    if manifest.ecosystem == "npm":
        return "`npm install --package-lock-only`, then commit the `package-lock.json`"
    return "lock it (`uv lock`, `poetry lock` or `pip-compile --generate-hashes`) and commit"


def _stale(manifest: Manifest, lock: LockFile, what: str, message: str) -> Finding:
    about = f"{manifest.path}#{subject(what)}" if what else manifest.path
    fix = f"`{_AGAIN[lock.format]}`, then commit the result" if lock.format in _AGAIN else ""
    return found(rules.LOCK_STALE, about, f"`{shown(lock.path)}`: {message}", place=Place(lock.path), fix=fix)


def _compare(manifest: Manifest, lock: LockFile) -> Iterator[Finding]:
    """What the lock recorded of the manifest, where its format does."""
    if lock.format == "poetry.lock":
        if not lock.content_hash or lock.content_hash != manifest.content_hash:
            yield _stale(manifest, lock, "", "it was made for another state of the manifest (`content-hash`)")
        return
    here = repopath.folder(manifest.path)
    asked = next((one for one in lock.asked if one.folder == here), None)
    if asked is None:
        if lock.format in _STRICT and not manifest.dynamic:
            message = f"`{shown(lock.path)}` does not record what `{shown(manifest.path)}` asks for"
            yield found(rules.LOCK_UNCOMPARED, manifest.path, message, place=Place(lock.path))
        return
    if manifest.dynamic:
        return
    member = here != repopath.folder(lock.path)
    for wanted, recorded in _pairs(manifest, asked, member):
        gone, new = sorted(recorded - wanted), sorted(wanted - recorded)
        for one in new:
            yield _stale(manifest, lock, one, f"the manifest asks for `{shown(one)}`, the lock does not know of it")
        for one in gone:
            yield _stale(manifest, lock, one, f"it was made for `{shown(one)}`, which the manifest does not ask for")


def _pairs(manifest: Manifest, asked: Asked, member: bool) -> Iterator[tuple[set[str], set[str]]]:
    """(wanted, recorded) for what is always installed and for the rest."""
    if manifest.ecosystem != "PyPI":
        yield set(manifest.requires), set(asked.requires)
        yield set(manifest.optional), set(asked.optional)
        return
    own = canonicalize_name(manifest.name)
    for wanted, recorded in ((manifest.requires, asked.requires), (manifest.optional, asked.optional)):
        left, right = _keys(wanted, own), _keys(recorded, own)
        addressed = _addressed(left) | (_addressed(right) if member else set())
        yield _loosened(left, addressed), _loosened(right, addressed & _addressed(right))


def _addressed(keys: set[str]) -> set[str]:
    """Names that are taken from an address rather than a registry."""
    return {key.split(" ")[0] for key in keys if key.endswith(" @")}


def _loosened(keys: set[str], addressed: set[str]) -> set[str]:
    """All that is asked of an addressed name becomes one: uv may tell it several sources, one for each platform.

    A member's sources may be told by its root, so an address recorded for a member is enough.
    """
    return {f"{name} @" if (name := key.split(" ")[0]) in addressed else key for key in keys}


def _keys(requirements: Iterable[str], own: str) -> set[str]:
    """`name [extras] specifier` in one spelling; `@` stands for any address. The project's own name is left out."""
    keys = set()
    for written in requirements:
        one = _read(written)
        if one is None:
            keys.add(written)
        elif (name := canonicalize_name(one.name)) != own:
            extras = f"[{','.join(sorted(canonicalize_name(extra) for extra in one.extras))}]" if one.extras else ""
            keys.add(f"{name} {extras}{' ' if extras else ''}{'@' if one.url else _spelled(one)}".rstrip())
    return keys


def _spelled(requirement: Requirement) -> str:
    return ",".join(sorted(_one_spelling(one) for one in requirement.specifier))


def _one_spelling(specifier: Specifier) -> str:
    operator, version = specifier.operator, specifier.version
    if operator == "~=" or version.endswith(".*") or operator == "===":
        return f"{operator}{version}"
    try:
        return f"{operator}{_trimmed(Version(version))}"
    except InvalidVersion:
        return f"{operator}{version}"


def _trimmed(version: Version) -> str:
    """A version without trailing zeros, so that `1.0` and `1` are one."""
    release = list(version.release)
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    return str(version).replace(".".join(map(str, version.release)), ".".join(map(str, release)), 1)


def _read(written: str) -> Requirement | None:
    try:
        return Requirement(written)
    except (InvalidRequirement, ValueError, RecursionError):
        return None


def _plain(written: str, manifest: Manifest) -> bool:
    """Is this asked for on every platform?"""
    if manifest.ecosystem != "PyPI":
        return True
    one = _read(written)
    return one is not None and one.marker is None


def _presence(
    manifest: Manifest, locks: tuple[LockFile, ...], overrides: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    """Each direct dependency is locked in a version the manifest allows; one tied to a platform may be absent."""
    held: dict[str, list[Locked]] = {}
    for lock in locks:
        for package in lock.packages:
            held.setdefault(package.name, []).append(package)
    free = {name for lock in locks for name in lock.overrides if name in overrides.get(repopath.folder(lock.path), ())}
    own = canonicalize_name(manifest.name)
    for written in manifest.requires:
        one = _read(written)
        if one is None or (name := canonicalize_name(one.name)) == own:
            continue
        if name not in held:
            yield from _absent(manifest, locks[0], one, name)
        elif one.url:
            if all(package.source.kind is SourceKind.REGISTRY for package in held[name]):
                message = f"`{shown(name)}` is locked from a registry, the manifest asks for an address"
                yield _stale(manifest, locks[0], name, message)
        elif name not in free and not any(_satisfies(one, package) for package in held[name]):
            versions = ", ".join(sorted({package.version for package in held[name]})[:_SHOWN])
            message = f"`{shown(name)}` is locked at {shown(versions)}, the manifest asks for `{one.specifier}`"
            yield _stale(manifest, locks[0], name, message)


def _absent(manifest: Manifest, lock: LockFile, one: Requirement, name: str) -> Iterator[Finding]:
    """A wish of one platform, or for a folder of the project, need not be in a lock that is made for a platform."""
    strict = lock.format in _STRICT
    if not strict and one.url and one.url.startswith(_LOCAL):
        return
    if one.marker is None:
        yield _stale(manifest, lock, name, f"the manifest asks for `{shown(name)}`, the lock does not hold it")
    elif not strict:
        message = f"`{shown(str(one))}` is not locked; whether it should be depends on the platform"
        yield found(rules.LOCK_UNCOMPARED, f"{manifest.path}#{name}", message, place=Place(manifest.path))


def _satisfies(requirement: Requirement, package: Locked) -> bool:
    """Versions that cannot be read are another rule's matter."""
    try:
        return requirement.specifier.contains(Version(package.version), prereleases=True)
    except InvalidVersion:
        return True


def _ranges(manifest: Manifest, locks: tuple[LockFile, ...]) -> Iterator[Finding]:
    """Each direct npm dependency is locked in a version its range allows."""
    for lock in locks:
        versions: dict[str, set[str]] = {}
        for package in lock.packages:
            if package.direct:
                versions.setdefault(package.raw_name, set()).add(package.version)
        for written in manifest.requires:
            name, wanted = _split(written)
            have = versions.get(name, set())
            if have and all(npm_ranges.outside(version, wanted) for version in have):
                at = shown(", ".join(sorted(have)))
                message = f"`{shown(name)}` is locked at {at}, the manifest asks for `{shown(wanted)}`"
                yield _stale(manifest, lock, name, message)


def _split(written: str) -> tuple[str, str]:
    """Name and range of `@scope/name@range` or `name@range`; the range may hold `@` too."""
    at = written.find("@", 1)
    return (written, "") if at < 0 else (written[:at], written[at + 1 :])
