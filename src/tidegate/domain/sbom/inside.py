"""Packages found inside artifacts as components: one a package URL, whether a lockfile pins it as well or not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tidegate.domain.sbom.files import MAX_HASHES
from tidegate.domain.sbom.packages import Packages
from tidegate.formats.inside import purls
from tidegate.formats.sbom_model import Component, Identity, Occurrence
from tidegate.model.digest import Digest
from tidegate.model.inventory import Content, Packed
from tidegate.model.package import Locked

MAX_PLACES = 100
"""More places of one package than this are counted, not listed."""

_TECHNIQUES = {
    "banner": ("source-code-analysis", 0.5),
    "go-buildinfo": ("binary-analysis", 1.0),
    "pep770": ("other", 0.8),
}
_MANIFEST = ("manifest-analysis", 1.0)
_GRAPHS = frozenset({"dist-info", "npm", "dpkg", "apk"})
"""Records that name what a package needs, so that naming nothing means needing nothing."""


@dataclass(slots=True)
class _Seen:
    """One package while its places are gathered: (location, how it was found, digest of the record)."""

    packages: list[Locked] = field(default_factory=list)
    places: list[tuple[str, str, str]] = field(default_factory=list)
    edges: set[str] = field(default_factory=set)
    graph: bool = False
    loose: bool = False
    layers: set[str] = field(default_factory=set)
    origins: set[str] = field(default_factory=set)


def merge(packages: Packages, contents: Iterable[Content]) -> Packages:
    """The locked packages, and those found inside; a package that is both is one component with all its places."""
    seen: dict[str, _Seen] = {}
    inside: dict[str, frozenset[str]] = {}
    for content in sorted(contents, key=lambda content: content.artifact):
        inside[content.artifact] = _look(content, seen)
    locked = {component.ref: component for component in packages.components}
    new = {ref for ref in seen if ref not in locked}
    components = locked | {ref: _component(ref, each, locked.get(ref)) for ref, each in seen.items()}
    edges = {ref: set(targets) for ref, targets in packages.edges.items()}
    for ref, each in seen.items():
        edges.setdefault(ref, set()).update(each.edges - {ref})
    return replace(
        packages,
        components=tuple(component for _, component in sorted(components.items())),
        edges=edges,
        graphless=packages.graphless | {ref for ref in new if not seen[ref].graph},
        loose=packages.loose | {ref for ref in new if seen[ref].loose},
        inside=inside,
    )


def _look(content: Content, seen: dict[str, _Seen]) -> frozenset[str]:
    """Take in one artifact; gives the refs of what is in it."""
    index: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for packed in content.packages:
        named = (packed.package.version, purls.reference(packed.package))
        for name in {packed.package.name, packed.package.raw_name}:
            index.setdefault((packed.package.ecosystem, name), set()).add(named)
    digests = {(m.layer, m.path): m.sha256 for m in content.members} if content.packages else {}
    for packed in content.packages:
        entry = seen.setdefault(purls.reference(packed.package), _Seen())
        entry.packages.append(packed.package)
        entry.places.append((f"{content.artifact}!/{packed.path}", packed.how, _digest(packed, digests)))
        entry.origins |= {packed.origin.purl} if packed.origin is not None else set()
        entry.layers |= {packed.layer} if packed.layer else set()
        entry.graph |= packed.how in _GRAPHS or bool(packed.package.requires)
        for wish in packed.package.requires:
            targets = _targets(packed.package.ecosystem, wish, index)
            entry.edges |= targets
            entry.loose |= not targets
    return frozenset(purls.reference(packed.package) for packed in content.packages)


def _targets(ecosystem: str, wish: str, index: dict[tuple[str, str], set[tuple[str, str]]]) -> set[str]:
    """The refs a wish (`name` or `name@version`) can mean in the same artifact, of another ecosystem only if named."""
    name, _, version = wish.rpartition("@")
    exact = {ref for each, ref in index.get((ecosystem, name), ()) if each == version} if name else set()
    return exact or {ref for _, ref in index.get((ecosystem, wish), ())}


def _digest(packed: Packed, digests: dict[tuple[str, str], Digest | None]) -> str:
    """Of the member that says so: of the outermost file where it lies in an archive inside."""
    digest = digests.get((packed.layer, packed.path.partition("!/")[0]))
    return str(digest) if digest is not None else ""


def _component(ref: str, seen: _Seen, locked: Component | None) -> Component:
    base = locked or _new(ref, seen)
    places = sorted(set(seen.places))
    occurrences = {*base.occurrences, *(Occurrence(place) for place, _, _ in places[:MAX_PLACES])}
    identities = {*base.identities, *(_identity(ref, place, how) for place, how, _ in places[:MAX_PLACES])}
    return replace(
        base,
        occurrences=tuple(sorted(occurrences, key=lambda each: (each.location, each.line or 0))),
        identities=tuple(sorted(identities)),
        properties=tuple(sorted({*base.properties, *_properties(places), *_of_images(seen)})),
    )


def _new(ref: str, seen: _Seen) -> Component:
    first = min(seen.packages, key=lambda each: (each.ecosystem, each.name, each.raw_name))
    group, _, name = first.name.rpartition("/") if first.ecosystem == "npm" else ("", "", first.name)
    hashes = sorted({digest for package in seen.packages for digest in package.hashes})
    return Component(
        ref=ref,
        kind="library",
        name=name,
        version=first.version,
        group=group,
        purl=ref if first.ecosystem or first.source.url else "",
        licence=min((package.licence for package in seen.packages if package.licence), default=""),
        scope="required",
        hashes=tuple(hashes[:MAX_HASHES]),
    )


def _identity(ref: str, place: str, how: str) -> Identity:
    technique, confidence = _TECHNIQUES.get(how, _MANIFEST)
    return Identity("purl", technique, confidence, place, ref)


def _of_images(seen: _Seen) -> Iterator[tuple[str, str]]:
    """The layers a package lies in, and the source package its distribution made it of."""
    for layer in sorted(seen.layers)[:MAX_PLACES]:
        yield "tidegate:layer", layer
    for origin in sorted(seen.origins)[:MAX_PLACES]:
        yield "tidegate:source-package", origin


def _properties(places: list[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    for place, how, digest in places[:MAX_PLACES]:
        yield "tidegate:found", how
        if digest:
            yield "tidegate:record", f"{digest} {place}"
    if len(places) > MAX_PLACES:
        yield "tidegate:omitted-places", str(len(places) - MAX_PLACES)
