"""The SBOM of a release: itself, its artifacts with what is bundled in them, and every package its lockfiles pin."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tidegate.domain.sbom import artifacts, inside
from tidegate.domain.sbom.about import About, about
from tidegate.domain.sbom.artifacts import Built, purl, reference
from tidegate.domain.sbom.needs import Need, needs, normal
from tidegate.domain.sbom.packages import Packages, gather
from tidegate.formats import repopath
from tidegate.formats.locks.unread import UNREAD, unread_lock
from tidegate.formats.sbom_model import Aggregate, Bom, Component, Composition
from tidegate.model.inventory import Content, Inventory
from tidegate.model.package import PINS, LockFile, Manifest
from tidegate.model.release import Artifact, Release


class _NoCI:
    """Nobody asked the CI."""

    system = "local"

    def get(self, _name: str) -> str:
        return ""


_NO_CI = _NoCI()


@dataclass(frozen=True, slots=True)
class Parts:
    """What one release's SBOM is made from. `unread` are lockfiles under its root that were not read wholly."""

    release: Release
    locks: tuple[LockFile, ...]
    contents: dict[str, Content]
    manifests: tuple[Manifest, ...]
    packages: Packages
    unread: tuple[str, ...]

    def content(self, artifact: Artifact) -> Content | None:
        return self.contents.get(artifact.name)


def parts(release: Release, inventory: Inventory) -> Parts:
    """Everything under the release's root, and the lockfile above it that serves one of its manifests."""
    names = {artifact.name for artifact in release.artifacts}
    contents = {content.artifact: content for content in inventory.contents if content.artifact in names}
    manifests = tuple(manifest for manifest in inventory.manifests if release.holds(manifest.path))
    serving = {path for manifest in manifests for path in manifest.locks[:1]}
    held = (lock for lock in inventory.locks if release.holds(lock.path) or lock.path in serving)
    locks = tuple(lock for lock in held if lock.ecosystem not in PINS)
    unread = {p.about for p in inventory.problems if p.rule == "lock-malformed"}
    unread |= {lock.path for lock in locks if any(p.rule in UNREAD for p in lock.problems)}
    unread |= {f.path for f in inventory.files if unread_lock(f.path) and not repopath.is_installed(f.path)}
    return Parts(
        release=release,
        locks=locks,
        contents=contents,
        manifests=manifests,
        packages=inside.merge(gather(locks, own(contents.values(), manifests)), contents.values()),
        unread=tuple(sorted(path for path in unread if release.holds(path) or path in serving)),
    )


def build(made_of: Parts, inventory: Inventory, tool_version: str, said: About | None = None) -> Bom:
    """Put it together. Maker and time are taken from the source commit where nobody has `said` more."""
    release, packages = made_of.release, made_of.packages
    said = said or about(inventory.source, _NO_CI, None, "")
    built = {a: _supplied(artifacts.component(a, made_of.content(a)), said) for a in release.artifacts}
    root = _root(made_of, said)
    edges = {ref: tuple(sorted(targets)) for ref, targets in packages.edges.items()}
    edges |= {reference(artifact): _artifact_edges(made_of, artifact) for artifact in release.artifacts}
    edges[root.ref] = tuple(sorted({*packages.direct, *map(reference, release.artifacts)}))
    return Bom(
        root=root,
        components=(*(each.component for each in built.values()), *_external(made_of)),
        edges=tuple(sorted(edges.items())),
        compositions=tuple(_compositions(made_of, root.ref, built)),
        tool_version=tool_version,
        phases=("pre-build", "post-build") if release.artifacts else ("pre-build",),
        timestamp=said.made,
        manufacturer=said.maker,
        supplier=said.maker,
        workflow=said.workflow,
        properties=(("tidegate:maker-known-from", said.known_from),) if said.known_from else (),
    )


def _supplied(built: Built, said: About) -> Built:
    return replace(built, component=replace(built.component, supplier=said.maker))


def _external(made_of: Parts) -> Iterator[Component]:
    """The packages; what is needed at run time and was not found inside any artifact is expected where that runs."""
    inside = frozenset[str]().union(*made_of.packages.inside.values())
    for component in made_of.packages.components:
        outside = bool(made_of.release.artifacts) and component.ref not in inside and component.scope != "excluded"
        yield replace(component, external=True) if outside else component


def own(contents: Iterable[Content], manifests: Iterable[Manifest]) -> frozenset[tuple[str, str]]:
    """(ecosystem, normalised name) of the release's own packages."""
    owners = [*((c.ecosystem, c.name) for c in contents), *((m.ecosystem, m.name) for m in manifests)]
    return frozenset((ecosystem, normal(ecosystem, name)) for ecosystem, name in owners if name)


def _root(made_of: Parts, said: About) -> Component:
    """Named by its artifacts' metadata, else by the manifest nearest the root, else by the policy."""
    release = made_of.release
    named = sorted((c.ecosystem, c.name, c.version, c.licence) for c in made_of.contents.values() if c.name)
    depths = (
        (m.path.count("/"), m.path, m.ecosystem, m.name, m.version, m.licence) for m in made_of.manifests if m.name
    )
    nearest = sorted(depths)
    ecosystem, name, version, licence = "", release.name, "", ""
    if named:
        ecosystem, name, version, licence = named[0]
    elif nearest:
        _, _, ecosystem, name, version, licence = nearest[0]
    return Component(
        ref=f"release:{normal(ecosystem, name)}",
        kind="application",
        name=name,
        version=version,
        purl=purl(ecosystem, name, version),
        licence=licence,
        hashes=(release.artifacts[0].digest,) if len(release.artifacts) == 1 else (),
        properties=(("tidegate:root", release.root),),
        downloads=said.sources,
        supplier=said.maker,
    )


def _answers(made_of: Parts, artifact: Artifact) -> list[set[str]]:
    """For each of an artifact's needs the refs of the locked packages that meet it."""
    content = made_of.content(artifact)
    if content is None:
        return []
    named = made_of.packages.named
    return [
        {package.purl for package in named.get((content.ecosystem, need.name), ()) if need.met_by(package)}
        if isinstance(need, Need)
        else set()
        for need in needs(content)
    ]


def _artifact_edges(made_of: Parts, artifact: Artifact) -> tuple[str, ...]:
    """What it needs, and what it holds."""
    refs = {ref for answer in _answers(made_of, artifact) for ref in answer}
    refs |= made_of.packages.inside.get(artifact.name, frozenset())
    return tuple(sorted(refs & made_of.packages.edges.keys()))


def _has_metadata(made_of: Parts, artifact: Artifact) -> bool:
    content = made_of.content(artifact)
    return content is not None and content.name != ""


def _needs_met(made_of: Parts, artifact: Artifact) -> bool:
    return _has_metadata(made_of, artifact) and all(_answers(made_of, artifact))


def _compositions(made_of: Parts, root: str, built: dict[Artifact, Built]) -> list[Composition]:
    """What is complete, what is known to be incomplete, and what nobody can tell."""
    packages = made_of.packages
    unsure = packages.graphless | packages.loose
    met = [reference(artifact) for artifact in built if _needs_met(made_of, artifact)]
    plain = [reference(artifact) for artifact in built if not _has_metadata(made_of, artifact)]
    unmet = {reference(artifact) for artifact in built} - {*met, *plain}
    broken = [lock.path for lock in made_of.locks if lock.problems] + list(made_of.unread)
    whole = all(artifact.name in made_of.contents for artifact in made_of.release.artifacts)
    readable = [reference(artifact) for artifact, each in built.items() if each.whole]
    unreadable = [reference(artifact) for artifact, each in built.items() if not each.whole]
    about_root = Aggregate.INCOMPLETE if broken else (Aggregate.COMPLETE if made_of.locks else Aggregate.UNKNOWN)
    rows = [
        Composition(Aggregate.COMPLETE if whole else Aggregate.INCOMPLETE, assemblies=(root,)),
        Composition(about_root, dependencies=(root,)),
        # Bundled files are told by their places; others may hide among an artifact's own.
        Composition(Aggregate.UNKNOWN, assemblies=tuple(readable)),
        Composition(Aggregate.INCOMPLETE, assemblies=tuple(unreadable)),
        Composition(Aggregate.COMPLETE, dependencies=(*(packages.edges.keys() - unsure), *met)),
        Composition(Aggregate.UNKNOWN, dependencies=(*packages.graphless, *plain)),
        Composition(Aggregate.INCOMPLETE, dependencies=(*(packages.loose - packages.graphless), *unmet)),
    ]
    return [row for row in rows if row.assemblies or row.dependencies]
