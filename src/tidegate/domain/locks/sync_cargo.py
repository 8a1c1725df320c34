"""A Cargo.lock holds each local crate in its version, with exactly the dependencies its manifest names."""

from collections.abc import Collection, Iterator, Mapping

from tidegate.domain.locks import cargo_ranges, rules
from tidegate.domain.locks.stale import Pair, stale, uncompared
from tidegate.formats import repopath
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import Locked, LockFile, Manifest, SourceKind

_PATCH = "patch "


def member(manifest: Manifest, lock: LockFile) -> Locked | None:
    """The local crate of a lock that a manifest describes; a Python project named like its crate is another one."""
    if lock.format != "Cargo.lock" or manifest.ecosystem != lock.ecosystem or not manifest.name:
        return None
    return next((one for one in lock.packages if one.name == manifest.name and _local(one)), None)


def check(pair: Pair) -> Iterator[Finding]:
    """A virtual manifest asks for nothing itself; its members are manifests of their own."""
    for lock in pair.locks:
        if pair.manifest.name:
            yield from _one(pair, lock)


def check_local(lock: LockFile, own: Collection[tuple[str, str]]) -> Iterator[Finding]:
    """A crate without source is one of the repository's own; `own` are (ecosystem, name) of its manifests.

    Where no crate of the repository is known at all, nothing is built from the lock, and that is said once.
    """
    local = [package for package in lock.packages if lock.format == "Cargo.lock" and _local(package)]
    if local and not any(ecosystem == lock.ecosystem for ecosystem, _ in own):
        message = f"`{shown(lock.path)}` has crates of its own, and the repository has no `Cargo.toml` of any"
        yield found(rules.LOCK_UNCOMPARED, lock.path, message, place=Place(lock.path, local[0].line))
        return
    for package in local:
        if (package.ecosystem, package.name) not in own:
            message = f"`{shown(package.name)}` has no source, and no manifest of the repository is its own"
            about = f"{lock.path}#{package.purl}#unknown"
            yield found(rules.SOURCE_NOT_ALLOWED, about, message, place=Place(lock.path, package.line))


def _local(package: Locked) -> bool:
    return package.source.kind is SourceKind.WORKSPACE


def _one(pair: Pair, lock: LockFile) -> Iterator[Finding]:
    manifest, crate = pair.manifest, member(pair.manifest, lock)
    if crate is None:
        yield stale(manifest, lock, manifest.name, f"it does not hold `{shown(manifest.name)}` itself")
        return
    above = repopath.folder(lock.path)
    root = pair.settings.get(repopath.join(above, "Cargo.toml"))
    shared = dict(one.split("=", 1) for one in root or () if not one.startswith(_PATCH))
    version = manifest.version or shared.get("", "")
    if version and version != crate.version:
        message = f"`{shown(manifest.name)}` is locked at {shown(crate.version)}, the manifest says {shown(version)}"
        yield stale(manifest, lock, manifest.name, message)
    patched = {one.removeprefix(_PATCH) for one in root or () if one.startswith(_PATCH)}
    held = _held(crate, lock)
    named: set[str] = set()
    inside = above == "." or manifest.path.startswith(f"{above}/")
    wishes = (*manifest.requires, *(manifest.optional if inside else ()))
    for written in wishes:
        name, wish = _resolved(written, shared)
        if not wish:
            message = f"`{shown(name)}` is taken over from a workspace that does not give it"
            yield (stale if root is not None else uncompared)(manifest, lock, name, message)
            if root is None:
                named |= held.keys()
            continue
        named.add(name)
        yield from _wish(manifest, lock, name, wish, held.get(name, []), patched=name in patched)
    if not inside:
        named.update(_resolved(one, shared)[0] for one in manifest.optional)
    for name in sorted(held.keys() - named):
        message = f"it was made for `{shown(name)}`, which the manifest does not ask for"
        yield stale(manifest, lock, name, message)


def _held(crate: Locked, lock: LockFile) -> Mapping[str, list[Locked]]:
    """The packages a local crate needs, by name."""
    labels = set(crate.requires)
    held: dict[str, list[Locked]] = {}
    for package in lock.packages:
        if package.name in labels or f"{package.name}@{package.version}" in labels:
            held.setdefault(package.name, []).append(package)
    return held


def _resolved(written: str, shared: Mapping[str, str]) -> tuple[str, str]:
    """(crate, wish) once what is taken over is known; the wish is "" where nobody gives it."""
    name, _, wish = written.partition("@")
    if wish.startswith("workspace:"):
        given, _, wish = shared.get(wish.removeprefix("workspace:"), "").partition("@")
        return given or name, wish
    return name, wish


def _wish(
    manifest: Manifest, lock: LockFile, name: str, wish: str, held: list[Locked], *, patched: bool
) -> Iterator[Finding]:
    if not held:
        yield stale(manifest, lock, name, f"the manifest asks for `{shown(name)}`, the lock does not hold it")
        return
    if patched:
        return
    addressed = wish.startswith(("git:", "path:"))
    if addressed and all(one.source.kind is SourceKind.REGISTRY for one in held):
        message = f"`{shown(name)}` is locked from a registry, the manifest asks for an address"
        yield stale(manifest, lock, name, message)
    elif not addressed and all(one.source.kind is not SourceKind.REGISTRY for one in held):
        message = f"`{shown(name)}` is locked from elsewhere, the manifest asks for a registry's"
        yield stale(manifest, lock, name, message)
    elif not addressed and all(cargo_ranges.outside(one.version, wish) for one in held):
        at = shown(", ".join(sorted({one.version for one in held})))
        message = f"`{shown(name)}` is locked at {at}, the manifest asks for `{shown(wish)}`"
        yield stale(manifest, lock, name, message)
