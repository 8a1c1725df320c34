"""An SBOM somebody else made, compared with lockfiles and artifacts: it lists what they hold, and nothing else."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tidegate.domain.sbom import rules
from tidegate.domain.sbom.build import Parts, own
from tidegate.domain.sbom.files import LISTING
from tidegate.domain.sbom.packages import LOCAL
from tidegate.errors import FormatError
from tidegate.formats.inside import purls
from tidegate.formats.python_names import canonicalize_name
from tidegate.formats.sbom_model import Bom, Component
from tidegate.formats.text import shown, subject
from tidegate.model import purl
from tidegate.model.digest import Digest
from tidegate.model.finding import Finding, Place, found
from tidegate.model.package import Locked

MANY = 25
"""More packages than this that an SBOM lacks, or has too many, are one finding."""

_PACKAGES = frozenset({"library", "framework", "application"})
_FILES = frozenset({"distribution", "distribution-intake", "source-distribution"})


@dataclass(frozen=True, slots=True)
class _Known:
    """What lockfiles and artifacts hold, by package URL without qualifiers; `named` by bare name and version."""

    packages: dict[str, list[tuple[str, Locked]]]
    named: dict[tuple[str, str], str]
    ours: frozenset[str]
    names: frozenset[str]
    """What our own packages are called."""


def check(made_of: Parts, bom: Bom, path: str) -> Iterator[Finding]:
    """Every difference between an SBOM at `path` and what the release is made of."""
    known = _known(made_of)
    listed: dict[str, list[Component]] = defaultdict(list)
    strangers: list[str] = []
    artifacts = {artifact.digest for artifact in made_of.release.artifacts}
    for component in bom.every():
        if component is bom.root or component.kind not in _PACKAGES or component.scope == "excluded":
            continue  # what is said to be left out is not listed
        key = _key(component, known)
        if artifacts & {*component.hashes} and key not in known.packages:
            continue
        if key in known.packages:
            listed[key].append(component)
        elif not key:
            strangers.append(f"{_name(component)} {component.version}".rstrip())
    yield from _strangers(made_of, strangers, path)
    yield from _missing(made_of, known, listed, path)
    yield from _digests(made_of, known, listed, path)


def _known(made_of: Parts) -> _Known:
    packages: dict[str, list[tuple[str, Locked]]] = defaultdict(list)
    ours = own(made_of.contents.values(), made_of.manifests)
    mine = set()
    for lock in made_of.locks:
        for package in lock.packages:
            if package.source.kind in LOCAL:
                mine.add(purls.bare(package.purl))
            else:
                packages[purls.bare(package.purl)].append((lock.path, package))
    for content in made_of.contents.values():
        for packed in content.packages:
            packages[purls.bare(purls.reference(packed.package))].append(
                (f"{content.artifact}!/{packed.path}", packed.package)
            )
    named = {(each.name.lower(), each.version): key for key, seen in packages.items() for _, each in seen}
    owned = {purls.bare(purl.render(ecosystem, name, "")) for ecosystem, name in ours}
    names = frozenset(name.lower() for _, name in ours) | {made_of.release.name.lower()}
    return _Known(packages, named, frozenset(mine) | owned, names)


def _key(component: Component, known: _Known) -> str:
    """Its package URL in our spelling; of our own packages without the version; by name where it has no purl."""
    if not component.purl:
        name = _name(component)
        return name if name.lower() in known.names else known.named.get((name.lower(), component.version), "")
    try:
        ecosystem, name, version = purls.parse(component.purl)
    except FormatError:
        return ""
    if not ecosystem:
        return purls.bare(component.purl)
    name = canonicalize_name(name) if ecosystem == "PyPI" else name
    bare = purls.bare(purl.render(ecosystem, name, ""))
    return bare if bare in known.ours else purls.bare(purl.render(ecosystem, name, version or component.version))


def _name(component: Component) -> str:
    return f"{component.group}/{component.name}" if component.group else component.name


def _strangers(made_of: Parts, strangers: list[str], path: str) -> Iterator[Finding]:
    """Components nothing tells the package of; those with a package URL are reconciled by it."""
    release = made_of.release.name
    names = sorted(set(strangers))
    if len(names) > MANY:
        message = f"{len(names)} of its components have no package URL and fit nothing, `{shown(names[0])}` first"
        yield found(rules.UNIDENTIFIED, path, message, place=Place(path), release=release)
        return
    for name in names:
        message = f"`{shown(name)}` has no package URL, and fits nothing in lockfiles or artifacts"
        yield found(rules.UNIDENTIFIED, subject(name), message, place=Place(path), release=release)


def _missing(made_of: Parts, known: _Known, listed: dict[str, list[Component]], path: str) -> Iterator[Finding]:
    """Packages the release runs with: locked outside every group, or found inside an artifact."""
    release = made_of.release.name
    missing = [
        (key, place, package)
        for key, seen in sorted(known.packages.items())
        if key not in listed
        for place, package in seen[:1]
        if any(not package.groups for _, package in seen)
    ]
    if len(missing) > MANY:
        first = shown(missing[0][2].name)
        message = f"{len(missing)} packages of lockfiles and artifacts are not in the SBOM, `{first}` first"
        yield found(rules.LACKING, path, message, place=Place(path), release=release)
        return
    for key, place, package in missing:
        message = f"`{shown(package.name)}` {shown(package.version)} is not in the SBOM"
        where = Place(place, None if "!/" in place else package.line)
        yield found(rules.LACKING, subject(key), message, place=where, release=release)


def _digests(made_of: Parts, known: _Known, listed: dict[str, list[Component]], path: str) -> Iterator[Finding]:
    """A digest of an algorithm the locks know for a package, and none of those they know."""
    for key, components in sorted(listed.items()):
        locked = {digest for _, each in known.packages[key] if not each.hashes_of for digest in each.hashes}
        algorithms = {digest.algorithm for digest in locked} - {LISTING}
        for digest in sorted({each for component in components for each in _said(component)} - locked):
            if digest.algorithm in algorithms:
                message = f"the SBOM gives `{shown(key)}` the digest {digest.short}, which no lockfile knows"
                yield found(rules.MISMATCH, subject(key), message, place=Place(path), release=made_of.release.name)
                break


def _said(component: Component) -> Sequence[Digest]:
    files = (each for each in component.downloads if each.kind in _FILES)
    return (*component.hashes, *(digest for each in files for digest in each.hashes))


def bound(made_of: Parts, bom: Bom) -> Iterator[Finding]:
    """Does it name every artifact by its sha256? A name alone would fit the next build as well."""
    digests: dict[Digest, str] = {digest: each.name for each in bom.every() for digest in each.hashes}
    names = {each.name for each in bom.every()}
    for artifact in made_of.release.artifacts:
        if artifact.digest not in digests:
            how = "by another digest" if artifact.name in names else "by its digest"
            verb = "names" if artifact.name in names else "does not name"
            message = f"the SBOM {verb} `{shown(artifact.name)}` {how}"
            yield found(rules.UNBOUND, artifact.name, message, release=made_of.release.name)
