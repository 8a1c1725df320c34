"""Of which packages a registry is asked, what it is asked, and which it cannot be asked about."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tidegate.domain.changes.asked import Asked
from tidegate.domain.changes.change import Change, Kind
from tidegate.domain.changes.metadata_rules import UNKNOWN
from tidegate.formats.own_names import OwnNames
from tidegate.formats.text import shown
from tidegate.formats.text import subject as about
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import PINS, Locked, LockFile, SourceKind
from tidegate.model.publication import Named, Question

ASKED = frozenset({"PyPI", "npm"})
"""Ecosystems whose registries say who published what."""
_ELSEWHERE = frozenset({SourceKind.PATH, SourceKind.WORKSPACE, SourceKind.BUNDLED, SourceKind.GIT, SourceKind.URL})
"""Sources no registry knows about; other rules look at them."""
_SAME = frozenset({Kind.MARKED, Kind.DIRECT, Kind.TRANSITIVE})
"""Changes that lock nothing new."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One locked package of one lockfile; `before` is what it replaces, where it replaces something.

    `changed` says that the change under review locked this version.
    """

    path: str
    package: Locked
    before: Locked | None = None
    changed: bool = False

    @property
    def named(self) -> Named:
        return self.package.ecosystem, self.package.name

    @property
    def place(self) -> Place:
        return Place(self.path, self.package.line)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a registry may be asked about: packages it serves itself, or a host the policy names instead of it.

    Names of private packages are nobody's business.
    """

    hosts: Mapping[str, str] = field(default_factory=dict)
    """Host of the index the policy names, by ecosystem."""
    internal: OwnNames = field(default_factory=OwnNames)
    """The team's own names, which a public registry is never asked about."""

    def covers(self, package: Locked) -> bool:
        source = package.source
        if package.ecosystem not in ASKED or source.kind is not SourceKind.REGISTRY:
            return False
        if source.public:
            return not self.internal.name_of(package)
        return bool(source.host) and source.host == self.hosts.get(package.ecosystem)


def subjects(
    changes: Iterable[Change], locks: Iterable[LockFile] = (), asked: Asked | None = None
) -> tuple[Subject, ...]:
    """What a change locked and, with `asked`, every package the projects of `locks` ask for themselves; each once."""
    found_: dict[tuple[str, str, str, str], Subject] = {}
    for change in changes:
        package = change.after
        if package is None or change.kind in _SAME or not _counts(package):
            continue
        before = change.before if change.before and change.before.source.kind is SourceKind.REGISTRY else None
        key = (change.path, *_key(package))
        found_.setdefault(key, Subject(change.path, package, before, changed=True))
    for lock in locks if asked else ():
        for package in lock.packages:
            if asked and asked.direct(lock.path, package) and _counts(package):
                found_.setdefault((lock.path, *_key(package)), Subject(lock.path, package))
    return tuple(found_.values())


def _counts(package: Locked) -> bool:
    return package.source.kind not in _ELSEWHERE and package.ecosystem not in PINS


def _key(package: Locked) -> tuple[str, str, str]:
    return package.ecosystem, package.name, package.version


def questions(of: Iterable[Subject], reach: Reach) -> tuple[Question, ...]:
    """One question a project, in order of name."""
    wanted: dict[Named, dict[str, tuple[str, ...]]] = {}
    for subject in of:
        if not reach.covers(subject.package):
            continue
        versions = wanted.setdefault(subject.named, {})
        versions[subject.package.version] = file_names(subject.package)
        before = subject.before
        if before is not None and reach.covers(before) and before.name == subject.package.name:
            versions.setdefault(before.version, file_names(before))
    return tuple(Question(*named, wanted[named]) for named in sorted(wanted))


def file_names(package: Locked) -> tuple[str, ...]:
    """The names of the files a lock records; () where it names none."""
    return tuple(sorted({file.called for file in package.files} - {""}))


def unreached(of: Iterable[Subject], reach: Reach) -> Iterator[Finding]:
    """One finding for each ecosystem or private registry nobody was asked about."""
    counts: Counter[tuple[str, str]] = Counter()
    places: dict[tuple[str, str], Place] = {}
    for subject in of:
        package = subject.package
        if reach.covers(package):
            continue
        key = (package.ecosystem, package.source.host if package.ecosystem in ASKED else "")
        counts[key] += 1
        places.setdefault(key, subject.place)
    for (ecosystem, host), count in sorted(counts.items()):
        many = "1 package" if count == 1 else f"{count} packages"
        where = f"`{shown(host)}`" if host else "a registry nobody is asked about"
        why = f"of {ecosystem}: its registry is not asked" if ecosystem not in ASKED else f"from {where}: not asked"
        name = f"metadata:{about(ecosystem)}" + (f"@{about(host)}" if host else "")
        yield found(UNKNOWN, name, f"nothing is known about {many} {why}", place=places[(ecosystem, host)])
