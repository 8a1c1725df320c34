"""Locked packages as components, merged over lockfiles, with the dependency graph the locks record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tidegate.domain.sbom.files import LISTING, files, repositories
from tidegate.formats.sbom_model import Component, Identity, Occurrence
from tidegate.model.package import Locked, LockFile, SourceKind

LOCAL = frozenset({SourceKind.WORKSPACE, SourceKind.PATH})
_DEVELOPMENT = frozenset(
    {
        "build",
        "ci",
        "dev",
        "develop",
        "development",
        "doc",
        "docs",
        "lint",
        "test",
        "testing",
        "tests",
        "types",
        "typing",
    }
)


@dataclass(frozen=True, slots=True)
class Packages:
    """`edges` leads from ref to refs. `direct` are asked for by a manifest; `own` are the release itself in its lock.

    `graphless` come from locks without a graph; `loose` need something no lock holds.
    """

    components: tuple[Component, ...] = ()
    edges: dict[str, set[str]] = field(default_factory=dict)
    direct: frozenset[str] = frozenset()
    graphless: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    named: dict[tuple[str, str], tuple[Locked, ...]] = field(default_factory=dict)
    """(ecosystem, normalised name) to every locked version."""
    inside: dict[str, frozenset[str]] = field(default_factory=dict)
    """Artifact to the refs of the packages found inside it."""


@dataclass(slots=True)
class _Gathered:
    """One component while its occurrences are gathered."""

    seen: list[tuple[str, Locked]] = field(default_factory=list)
    edges: set[str] = field(default_factory=set)
    graph: bool = False
    loose: bool = False


def gather(locks: Iterable[LockFile], own: frozenset[tuple[str, str]]) -> Packages:
    """All packages of these locks; `own` are the (ecosystem, name) of the release's own, which are left out."""
    gathered: dict[str, _Gathered] = {}
    direct: set[str] = set()
    named: dict[tuple[str, str], list[Locked]] = {}
    for lock in sorted(locks, key=lambda lock: lock.path):
        index = _index(lock)
        graph = any(package.requires for package in lock.packages)
        for package in lock.packages:
            targets, missing = _targets(package, index)
            named.setdefault((package.ecosystem, package.name), []).append(package)
            refs = {target.purl for target in targets if not _is_own(target, own)} - {package.purl}
            if _is_own(package, own):
                direct |= refs
                continue
            entry = gathered.setdefault(package.purl, _Gathered())
            entry.seen.append((lock.path, package))
            entry.edges |= refs
            entry.graph |= graph
            entry.loose |= missing
            # A member of the workspace is part of what is released, whether another member needs it or not.
            if package.direct or package.source.kind is SourceKind.WORKSPACE:
                direct.add(package.purl)
    return Packages(
        components=tuple(_component(ref, entry.seen) for ref, entry in sorted(gathered.items())),
        edges={ref: entry.edges for ref, entry in gathered.items()},
        direct=frozenset(direct),
        graphless=frozenset(ref for ref, entry in gathered.items() if not entry.graph),
        loose=frozenset(ref for ref, entry in gathered.items() if entry.loose),
        named={key: tuple(versions) for key, versions in named.items()},
    )


def _is_own(package: Locked, own: frozenset[tuple[str, str]]) -> bool:
    return package.source.kind in LOCAL and (package.ecosystem, package.name) in own


def _index(lock: LockFile) -> dict[str, list[Locked]]:
    index: dict[str, list[Locked]] = {}
    for package in lock.packages:
        for name in {package.name, package.raw_name}:
            index.setdefault(name, []).append(package)
    return index


def _targets(package: Locked, index: dict[str, list[Locked]]) -> tuple[list[Locked], bool]:
    """The packages it requires, and whether the lock lacks one."""
    targets: list[Locked] = []
    missing = False
    for requirement in package.requires:
        name, _, version = requirement.rpartition("@")
        exact = [each for each in index.get(name, ()) if each.version == version] if name else []
        chosen = exact or index.get(requirement, [])
        targets += chosen
        missing |= not chosen
    return targets, missing


def _component(ref: str, seen: list[tuple[str, Locked]]) -> Component:
    first = min((package for _, package in seen), key=lambda p: (p.ecosystem, p.name, p.raw_name))
    group, _, bare = first.name.rpartition("/") if first.ecosystem == "npm" else ("", "", first.name)
    packages = [package for _, package in seen]
    recorded = files(ref, packages)
    occurrences = sorted({Occurrence(path, package.line) for path, package in seen}, key=_order)
    return Component(
        ref=ref,
        kind="library",
        name=bare,
        version=first.version,
        group=group,
        purl=ref,
        licence=min((package.licence for package in packages if package.licence), default=""),
        scope=_scope(packages),
        hashes=recorded.hashes,
        downloads=(*recorded.downloads, *repositories(packages)),
        occurrences=tuple(occurrences),
        identities=tuple(_identity(ref, each) for each in occurrences),
        properties=tuple(sorted({*_properties(packages, recorded.omitted), *recorded.properties})),
    )


def _identity(ref: str, seen: Occurrence) -> Identity:
    """A lock is a record somebody made on purpose: what it names is what is meant."""
    return Identity("purl", "manifest-analysis", 1.0, f"{seen.location}:{seen.line or 0}".removesuffix(":0"), ref)


def _order(occurrence: Occurrence) -> tuple[str, int]:
    return occurrence.location, occurrence.line or 0


def _scope(packages: list[Locked]) -> str:
    """`required` when any lock needs it at run time; `excluded` when only development does."""
    if any(not package.groups for package in packages):
        return "required"
    groups = {group.lower() for package in packages for group in package.groups}
    return "excluded" if groups <= _DEVELOPMENT else "optional"


def _properties(packages: list[Locked], omitted: tuple[int, int]) -> Iterator[tuple[str, str]]:
    for package in packages:
        if package.source.kind is not SourceKind.REGISTRY:
            yield "tidegate:source", package.source.kind.value
        elif package.source.host and not package.source.public:
            yield "tidegate:registry", package.source.host
        if package.marker:
            yield "tidegate:marker", package.marker
        if package.install_script:
            yield "tidegate:install-script", "true"
        for group in package.groups:
            yield "tidegate:group", group
        for digest in package.hashes:
            if digest.algorithm == LISTING:
                yield f"tidegate:{LISTING}", digest.value
    if any(omitted):
        yield "tidegate:omitted", f"{omitted[0]} digests, {omitted[1]} addresses"
