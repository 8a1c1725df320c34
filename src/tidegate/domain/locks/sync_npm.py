"""Every package an npm manifest asks for itself is locked in a version its range allows."""

from collections.abc import Iterator

from tidegate.domain.locks import npm_ranges
from tidegate.domain.locks.stale import Pair, stale
from tidegate.formats.text import shown
from tidegate.model.finding import Finding


def check(pair: Pair) -> Iterator[Finding]:
    """Only direct packages count; one that is not locked at all is told by what the lock recorded."""
    for lock in pair.locks:
        versions: dict[str, set[str]] = {}
        for package in lock.packages:
            if package.direct:
                versions.setdefault(package.raw_name, set()).add(package.version)
        for written in pair.manifest.requires:
            name, wanted = split(written)
            have = versions.get(name, set())
            if have and all(npm_ranges.outside(version, wanted) for version in have):
                at = shown(", ".join(sorted(have)))
                message = f"`{shown(name)}` is locked at {at}, the manifest asks for `{shown(wanted)}`"
                yield stale(pair.manifest, lock, name, message)


def split(written: str) -> tuple[str, str]:
    """Name and range of `@scope/name@range` or `name@range`; the range may hold `@` too."""
    at = written.find("@", 1)
    return (written, "") if at < 0 else (written[:at], written[at + 1 :])
