"""A second engine is asked about what the first one audited; where the two disagree, both answers are told."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tidegate.errors import UnavailableError
from tidegate.model.package import Locked
from tidegate.ports import Audit, Dispute, Unaudited, VulnSource

FIRST = "tidegate"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What an engine says of one package: each advisory with all its ids, or why it said nothing."""

    package: Locked
    advisories: tuple[frozenset[str], ...] = ()
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Engine:
    """Another auditor. `ask` gives one opinion a package and raises UnavailableError when it cannot."""

    name: str
    ecosystem: str
    ask: Callable[[Sequence[Locked]], Iterable[Opinion]]


class SecondOpinion:
    """Implements `ports.VulnSource`: the first engine's audit, with what the second says otherwise.

    `second` makes the engine when it is needed. A package the second one skips is unaudited; one the first could not
    audit is not asked about again.
    """

    def __init__(self, first: VulnSource, second: Callable[[], Engine]) -> None:
        self._first = first
        self._second = second

    def audit(self, packages: Sequence[Locked]) -> Audit:
        audit = self._first.audit(packages)
        engine = self._second()
        refused = {each.package for each in audit.unaudited}
        asked = [each for each in dict.fromkeys(packages) if each.ecosystem == engine.ecosystem and each not in refused]
        if not asked:
            return replace(audit, notes=(*audit.notes, f"{engine.name} had nothing to audit"))
        opinions = {each.package: each for each in engine.ask(asked)}
        if opinions.keys() != set(asked):
            told = f"{engine.name} answers for {len(opinions)} of {len(asked)} packages"
            raise UnavailableError(told, hint="try again, or take the engine out of `engines`")
        skipped = {package: each.skipped for package, each in opinions.items() if each.skipped}
        more = tuple(
            Unaudited(package, f"{engine.name} skipped it: {skipped[package]}")
            for package in packages
            if package in skipped
        )
        return replace(
            audit,
            audited=audit.audited - len(more),
            unaudited=(*audit.unaudited, *more),
            disputes=tuple(_disputes(audit, engine.name, opinions.values())),
            notes=(*audit.notes, f"{engine.name} was asked too, about {len(asked)} packages"),
        )


def _disputes(audit: Audit, name: str, opinions: Iterable[Opinion]) -> Iterator[Dispute]:
    """Ids are compared modulo aliases. An advisory the first engine cannot evaluate is a finding already."""
    hits: dict[Locked, list[frozenset[str]]] = {}
    doubts: dict[Locked, set[str]] = {}
    first_ids: dict[frozenset[str], str] = {}
    for package, advisory in audit.hits:
        ids = _folded(advisory.ids)
        first_ids[ids] = advisory.id
        hits.setdefault(package, []).append(ids)
    for each in audit.unevaluable:
        doubts.setdefault(each.package, set()).update(_folded([each.advisory]))
    for opinion in opinions:
        if opinion.skipped:
            continue
        ours, theirs = hits.get(opinion.package, []), [_folded(ids) for ids in opinion.advisories]
        for ids in dict.fromkeys(ours):
            if not any(ids & other for other in theirs):
                yield Dispute(opinion.package, first_ids[ids], FIRST, name)
        known = set().union(*ours, doubts.get(opinion.package, set()))
        for ids in dict.fromkeys(theirs):
            if not ids & known:
                yield Dispute(opinion.package, min(ids), name, FIRST)


def _folded(ids: Iterable[str]) -> frozenset[str]:
    return frozenset(each.upper() for each in ids)
