"""Locked packages as components, merged over lockfiles, with the dependency graph the locks record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from tidegate.errors import FormatError
from tidegate.formats import urls
from tidegate.formats.sbom_model import Component, Download, Occurrence
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, LockFile, SourceKind

MAX_HASHES = 1000
MAX_FILES = 200
_LISTING = "h1"
"""Go's digest of a module is one of a listing: no file has it, so it is told as a property."""
LOCAL = frozenset({SourceKind.WORKSPACE, SourceKind.PATH})
# RFC 3986 "Path", and `%`, since what is escaped already stays as it is.
_IN_PATHS = "/%:@!$&'()*+,;=~"
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
            if package.direct:
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
    served = [package for package in packages if not package.hashes_of]
    hashes = sorted({digest for package in served for digest in package.hashes if digest.algorithm != _LISTING})
    files = sorted({url for package in packages for url in map(_address, package.urls) if url})
    return Component(
        ref=ref,
        kind="library",
        name=bare,
        version=first.version,
        group=group,
        purl=ref,
        licence=min((package.licence for package in packages if package.licence), default=""),
        scope=_scope(packages),
        hashes=tuple(hashes[:MAX_HASHES]) if len(files) == 1 else (),
        downloads=(*_downloads(ref, files, hashes[:MAX_HASHES]), *_repositories(packages)),
        occurrences=tuple(sorted({Occurrence(path, package.line) for path, package in seen}, key=_order)),
        properties=tuple(sorted(set(_properties(packages, len(hashes), len(files))))),
    )


def _order(occurrence: Occurrence) -> tuple[str, int]:
    return occurrence.location, occurrence.line or 0


def _scope(packages: list[Locked]) -> str:
    """`required` when any lock needs it at run time; `excluded` when only development does."""
    if any(not package.groups for package in packages):
        return "required"
    groups = {group.lower() for package in packages for group in package.groups}
    return "excluded" if groups <= _DEVELOPMENT else "optional"


def _downloads(ref: str, files: list[str], hashes: list[Digest]) -> Iterator[Download]:
    if len(files) == 1:
        yield Download(files[0], tuple(hashes))
        return
    if hashes:
        yield Download(ref, tuple(hashes), "digests of every file the lock records for this version")
    for url in files[:MAX_FILES]:
        yield Download(url)


def _repositories(packages: list[Locked]) -> Iterator[Download]:
    git = {(_address(p.source.url), p.source.ref) for p in packages if p.source.kind is SourceKind.GIT}
    for url, commit in sorted(git):
        if url:
            yield Download(url, comment=commit, kind="vcs")


def _properties(packages: list[Locked], hashes: int, files: int) -> Iterator[tuple[str, str]]:
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
            if digest.algorithm == _LISTING:
                yield f"tidegate:{_LISTING}", digest.value
    if hashes > MAX_HASHES or files > MAX_FILES:
        yield "tidegate:omitted", f"{max(hashes - MAX_HASHES, 0)} digests, {max(files - MAX_FILES, 0)} addresses"


def _address(text: str) -> str:
    """An address without user, password, query and fragment, since each of them may hold a secret; "" when unfit."""
    try:
        url = urls.parse_git(text)
    except FormatError:
        return ""
    return url.origin + quote(url.path, safe=_IN_PATHS) if url.host else ""
