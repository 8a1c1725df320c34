"""Every package is compared with every advisory that names it; what cannot be compared comes back with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.domain.matching.affected import Evaluation, State, evaluate
from tidegate.domain.matching.aliases import groups, is_malicious, names
from tidegate.domain.matching.names import package_key
from tidegate.domain.matching.severity import grade
from tidegate.formats.osv import Record
from tidegate.model.package import Locked
from tidegate.model.vulnerability import Advisory

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Index:
    """Advisories by the packages they name. Withdrawn ones are left out."""

    by_package: Mapping[Key, tuple[Record, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Record]) -> "Index":
        found: dict[Key, dict[str, Record]] = {}
        for record in records:
            if record.withdrawn:
                continue
            for entry in record.affected:
                if entry.name:
                    found.setdefault(package_key(entry.ecosystem, entry.name), {})[record.id] = record
        return cls({key: tuple(members.values()) for key, members in found.items()})

    def about(self, package: Locked) -> tuple[Record, ...]:
        return self.by_package.get(package_key(package.ecosystem, package.name), ())


@dataclass(frozen=True, slots=True)
class Matched:
    """`compared` packages, of which `unreadable` (one reason each) have a version that cannot be ordered.

    `unevaluable` are (package, preferred id, reason) of advisories that decide nothing.
    """

    compared: int
    hits: tuple[tuple[Locked, Advisory], ...] = ()
    unreadable: tuple[tuple[Locked, str], ...] = ()
    unevaluable: tuple[tuple[Locked, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Answer:
    advisories: tuple[Advisory, ...]
    unreadable: str
    unevaluable: tuple[tuple[str, str], ...]


def match(packages: Sequence[Locked], index: Index, named: Mapping[Locked, Sequence[Record]] | None = None) -> Matched:
    """Compare `packages` with `index`, and with the records a service `named` for them even if they say otherwise."""
    answers = [(package, _one(package, _records(package, index, named or {}))) for package in packages]
    return Matched(
        compared=len(answers),
        hits=tuple((package, advisory) for package, each in answers for advisory in each.advisories),
        unreadable=tuple((package, each.unreadable) for package, each in answers if each.unreadable),
        unevaluable=tuple((package, *doubt) for package, each in answers for doubt in each.unevaluable),
    )


def _records(package: Locked, index: Index, named: Mapping[Locked, Sequence[Record]]) -> tuple[Record, ...]:
    if not named:
        return index.about(package)
    extra = (record for record in named.get(package, ()) if not record.withdrawn)
    return tuple({record.id: record for record in (*index.about(package), *extra)}.values())


def _one(package: Locked, records: Sequence[Record]) -> _Answer:
    advisories: list[Advisory] = []
    unreadable: list[str] = []
    unevaluable: list[tuple[str, str]] = []
    for members in groups(records):
        answers = [evaluate(record, package.ecosystem, package.name, package.version) for record in members]
        advisory = _advisory(package, members, answers)
        if advisory is not None:
            advisories.append(advisory)
            continue
        unreadable += [each.reason for each in answers if each.state is State.UNREADABLE]
        doubts = [each.reason for each in answers if each.state is State.UNEVALUABLE]
        unevaluable += [(names(members)[0], reason) for reason in doubts[:1]]
    return _Answer(tuple(advisories), unreadable[0] if unreadable else "", tuple(unevaluable))


def _advisory(package: Locked, members: Sequence[Record], answers: Sequence[Evaluation]) -> Advisory | None:
    hits = [(record, each) for record, each in zip(members, answers, strict=True) if each.state is State.HIT]
    if not hits:
        return None
    return Advisory(
        ids=names(members),
        summary=min((record.summary for record, _ in hits if record.summary), key=len, default=""),
        severity=grade(members, package.ecosystem, package.name),
        malicious=is_malicious(members),
        fixed=tuple(dict.fromkeys(fix for _, each in hits for fix in each.fixed)),
        modified=max(record.modified for record, _ in hits),
    )
