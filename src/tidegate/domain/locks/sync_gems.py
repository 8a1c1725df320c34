"""A Bundler lock was made for what its Gemfile asks for, and holds each of these gems in a version that fits."""

from collections.abc import Iterator, Mapping

from tidegate.domain.locks import gem_ranges
from tidegate.domain.locks.stale import Pair, stale, uncompared
from tidegate.formats import repopath
from tidegate.formats.text import shown
from tidegate.model.finding import Finding
from tidegate.model.package import LockFile, Manifest

_ITSELF = "bundler"
"""Bundler may be asked for and is never locked as a gem."""


def check(pair: Pair) -> Iterator[Finding]:
    """A gemspec is held against the gems alone; a Gemfile also against what the lock says it was made for."""
    for lock in pair.locks:
        if pair.manifest.format == "Gemfile":
            yield from _recorded(pair.manifest, lock)
        else:
            yield from _held(pair.manifest, lock, dict(map(_split, pair.manifest.requires)), frozenset())


def _split(written: str) -> tuple[str, str]:
    """Name, and requirements with their `!`."""
    name, _, wish = written.partition("@")
    return name, wish


def _recorded(manifest: Manifest, lock: LockFile) -> Iterator[Finding]:
    here = repopath.folder(lock.path)
    asked = dict(_split(one) for one in next((one.requires for one in lock.asked if one.folder == here), ()))
    wanted = dict(map(_split, (*manifest.requires, *manifest.optional)))
    for name, wish in wanted.items():
        if name not in asked:
            message = f"the manifest asks for `{shown(name)}`, the lock does not know of it"
            yield stale(manifest, lock, name, message)
        elif _key(wish) != _key(asked[name]):
            message = f"it was made for `{_told(name, asked[name])}`, the manifest asks for `{_told(name, wish)}`"
            yield stale(manifest, lock, name, message)
    if not manifest.dynamic:
        for name in sorted(asked.keys() - wanted.keys()):
            message = f"it was made for `{shown(name)}`, which the manifest does not ask for"
            yield stale(manifest, lock, name, message)
        asked = {name: wish for name, wish in asked.items() if name in wanted}
    some = frozenset(name for name, _ in map(_split, manifest.optional))
    yield from _held(manifest, lock, asked, some)


def _key(wish: str) -> tuple[object, bool]:
    plain = wish.removesuffix("!")
    read = gem_ranges.requirements(plain)
    return (plain if read is None else read), wish.endswith("!")


def _told(name: str, wish: str) -> str:
    return shown(f"{name} {wish}".strip())


def _held(manifest: Manifest, lock: LockFile, asked: Mapping[str, str], some: frozenset[str]) -> Iterator[Finding]:
    """Each gem is there in a version that fits; one of `some` platforms may be absent."""
    known = {name for name, _ in map(_split, manifest.requires)}
    versions: dict[str, set[str]] = {}
    for package in lock.packages:
        versions.setdefault(package.name, set()).add(package.version)
    for name, wish in asked.items():
        have = versions.get(name)
        if have is None:
            if name == _ITSELF or name in some:
                continue
            message = f"`{shown(name)}` is asked for, the lock does not hold it"
            yield (stale if name in known else uncompared)(manifest, lock, name, message)
        elif all(gem_ranges.outside(version, wish.removesuffix("!")) for version in have):
            message = (
                f"`{shown(name)}` is locked at {shown(', '.join(sorted(have)))}, asked for is `{_told(name, wish)}`"
            )
            yield stale(manifest, lock, name, message)
