"""One version of one package has one set of files, in whichever lock it stands."""

from collections.abc import Iterable, Iterator

from tidegate.domain.locks import rules
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import Locked, LockFile, SourceKind


def check_conflicts(locks: Iterable[LockFile]) -> Iterator[Finding]:
    """Packages locked twice whose digests by the same strong algorithm have nothing in common; subject is the purl."""
    first: dict[tuple[str, str], tuple[LockFile, Locked, set[str]]] = {}
    told: set[str] = set()
    for lock in locks:
        for package in lock.packages:
            if package.source.kind is not SourceKind.REGISTRY or not package.version:
                continue
            for algorithm in sorted({digest.algorithm for digest in package.hashes if digest.strong}):
                values = {digest.value for digest in package.hashes if digest.algorithm == algorithm}
                other, _, known = first.setdefault((package.purl, algorithm), (lock, package, values))
                if known.isdisjoint(values) and package.purl not in told:
                    told.add(package.purl)
                    message = f"`{shown(lock.path)}` and `{shown(other.path)}` lock it with different hashes"
                    place = Place(lock.path, package.line)
                    yield found(rules.HASH_CONFLICT, package.purl, message, place=place)
