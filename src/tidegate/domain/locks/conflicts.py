"""One version of one package has one set of files, in whichever lock it stands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tidegate.domain.locks import rules
from tidegate.formats.text import shown
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import Locked, LockFile, SourceKind

Told = tuple[LockFile, Locked]


@dataclass(slots=True)
class _Known:
    """Who locked a package first by an algorithm, and each of its named files."""

    sets: dict[tuple[str, ...], tuple[Told, frozenset[str]]] = field(default_factory=dict)
    files: dict[tuple[str, ...], tuple[Told, frozenset[str]]] = field(default_factory=dict)


def check_conflicts(locks: Iterable[LockFile], everywhere: Iterable[LockFile] = ()) -> Iterator[Finding]:
    """Packages locked twice whose digests by the same strong algorithm have nothing in common, or one of whose files
    has other digests; the subject is the purl.

    `everywhere` are the locks of the whole repository: of two that differ, one must be of `locks` to be told.
    """
    mine = {lock.path: lock for lock in locks}
    known, told = _Known(), set[str]()
    for lock in sorted({**{one.path: one for one in everywhere}, **mine}.values(), key=lambda one: one.path):
        for package in lock.packages:
            if package.source.kind is not SourceKind.REGISTRY or not package.version:
                continue
            for (other, _), what in (*_sets(known, lock, package), *_files(known, lock, package)):
                if package.purl in told or not {lock.path, other.path} & mine.keys():
                    continue
                told.add(package.purl)
                message = f"`{shown(lock.path)}` and `{shown(other.path)}` lock {what} with different hashes"
                yield found(rules.HASH_CONFLICT, package.purl, message, place=_place(lock, package, mine))


def _place(lock: LockFile, package: Locked, mine: dict[str, LockFile]) -> Place:
    """In the later lock, or in the earlier one of the release where the later is another release's."""
    if lock.path in mine:
        return Place(lock.path, package.line)
    for path, one in mine.items():
        for same in one.packages:
            if same.purl == package.purl:
                return Place(path, same.line)
    return Place(lock.path, package.line)


def _sets(known: _Known, lock: LockFile, package: Locked) -> Iterator[tuple[Told, str]]:
    for algorithm in sorted({digest.algorithm for digest in package.hashes if digest.strong}):
        values = frozenset(digest.value for digest in package.hashes if digest.algorithm == algorithm)
        key = (package.ecosystem, package.name, package.version, package.hashes_of, algorithm)
        other, first = known.sets.setdefault(key, ((lock, package), values))
        if first.isdisjoint(values):
            yield other, "it"


def _files(known: _Known, lock: LockFile, package: Locked) -> Iterator[tuple[Told, str]]:
    """Files of one name from one registry. Two registries may have built it each by themselves."""
    host = "" if package.source.public else package.source.host
    for file in package.files:
        name = file.called
        for digest in file.hashes:
            if name and digest.strong:
                key = (package.ecosystem, package.name, package.version, host, name, digest.algorithm)
                values = frozenset(one.value for one in file.hashes if one.algorithm == digest.algorithm)
                other, first = known.files.setdefault(key, ((lock, package), values))
                if first != values:
                    yield other, f"`{shown(name, 100)}`"
