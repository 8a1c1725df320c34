"""What every source of advisories shares: who may be asked about, the canary, and an answer that adds up."""

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.matching.match import Matched
from tidegate.errors import UnavailableError
from tidegate.model.package import Locked, Source, SourceKind
from tidegate.ports import Audit, DatabaseFacts, Unaudited, Unevaluable

_REASONS = {
    SourceKind.GIT: "it is locked to a git commit, which advisories do not name",
    SourceKind.URL: "it is locked to an address outside a registry, which advisories do not name",
    SourceKind.PATH: "it is locked to a file, which advisories do not name",
    SourceKind.WORKSPACE: "it is a workspace member, which advisories do not name",
    SourceKind.UNKNOWN: "the lock does not say where it comes from",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The packages split into those that can be looked up and those that cannot, each with its reason."""

    packages: tuple[Locked, ...]
    refused: tuple[Unaudited, ...]


def askable(packages: Sequence[Locked], *, leaves_house: bool) -> Asked:
    """Packages with a version and a registry; where names leave the house, only those of public registries.

    Registry packages of private indexes are matched by a local database, and never named to a service.
    """
    asked: list[Locked] = []
    refused: list[Unaudited] = []
    for package in packages:
        reason = _refusal(package, leaves_house)
        if reason:
            refused.append(Unaudited(package, reason))
        else:
            asked.append(package)
    return Asked(tuple(asked), tuple(refused))


def _refusal(package: Locked, leaves_house: bool) -> str:
    if package.source.kind in _REASONS:
        return _REASONS[package.source.kind]
    if not package.version:
        return "the lock gives no version"
    if leaves_house and not package.source.public:
        return "it does not come from a public registry, so its name is not sent to a service"
    return ""


def canary(ecosystem: str, name: str, version: str) -> Locked:
    """A package known to be affected that travels with the real ones; its source makes it equal to none of them."""
    return Locked(ecosystem, name, name, version, Source(SourceKind.REGISTRY, url="canary:", public=True))


def answer(
    asked: Asked,
    matched: Matched,
    canaries: Sequence[Locked],
    facts: Sequence[DatabaseFacts],
    *,
    queries: int = 0,
) -> Audit:
    """The audit without its canaries. UnavailableError when it does not account for every package.

    `canaries` are the very objects that were matched: no package of a lock, however it is written, is taken for one.
    """
    birds = {id(bird) for bird in canaries}
    unreadable = [(package, reason) for package, reason in matched.unreadable if id(package) not in birds]
    unaudited = (*asked.refused, *(Unaudited(package, reason) for package, reason in unreadable))
    audited = matched.compared - len(birds) - len(unreadable)
    if audited + len(unaudited) != len(asked.packages) + len(asked.refused):
        raise UnavailableError("the audit does not account for every package", hint="report this as a bug in tidegate")
    return Audit(
        facts=tuple(facts),
        hits=tuple(hit for hit in matched.hits if id(hit[0]) not in birds),
        unaudited=unaudited,
        audited=audited,
        queries=queries,
        unevaluable=tuple(Unevaluable(*each) for each in matched.unevaluable if id(each[0]) not in birds),
    )
