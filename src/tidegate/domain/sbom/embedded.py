"""The SBOM that goes inside a wheel: what the wheel holds, without the one digest no file can hold, its own."""

from dataclasses import replace

from tidegate.domain.sbom import artifacts, inside, unknown
from tidegate.domain.sbom.packages import Packages
from tidegate.formats.sbom_model import Aggregate, Bom, Component, Composition
from tidegate.model.inventory import Content
from tidegate.model.release import ArtifactKind

NAME = "tidegate.cdx.json"
"""Below `.dist-info/sboms/` (PEP 770)."""
_NO_DIGEST = ("tidegate:digest", "left out: this document is inside the file it describes")


def place(content: Content) -> str:
    """The member the SBOM becomes, "" where the wheel has no metadata folder or several."""
    folders = {member.path.partition("/")[0] for member in content.members if member.path.endswith(".dist-info/RECORD")}
    (folder, *more) = sorted(folders) or [""]
    return f"{folder}/sboms/{NAME}" if folder and not more else ""


def without(content: Content, path: str) -> Content:
    """The wheel as it was before this SBOM was put into it."""
    return replace(
        content,
        members=tuple(member for member in content.members if member.path != path),
        packages=tuple(packed for packed in content.packages if packed.path != path),
    )


def bom(content: Content, tool_version: str, timestamp: str) -> Bom:
    """What is inside. Who needs what at run time is in the wheel's own metadata, and which versions is not known."""
    packages = inside.merge(Packages(), [content])
    root = _root(content)
    found = packages.inside.get(content.artifact, frozenset())
    edges = {ref: tuple(sorted(targets)) for ref, targets in packages.edges.items()} | {root.ref: tuple(sorted(found))}
    unsure = packages.graphless | packages.loose
    compositions = (
        Composition(Aggregate.UNKNOWN, assemblies=(root.ref,)),
        Composition(Aggregate.INCOMPLETE if content.requires else Aggregate.UNKNOWN, dependencies=(root.ref,)),
        Composition(Aggregate.COMPLETE, dependencies=tuple(packages.edges.keys() - unsure)),
        Composition(Aggregate.UNKNOWN, dependencies=tuple(packages.graphless)),
        Composition(Aggregate.INCOMPLETE, dependencies=tuple(packages.loose - packages.graphless)),
    )
    return Bom(
        root=root,
        components=packages.components,
        edges=tuple(sorted(edges.items())),
        compositions=tuple(each for each in compositions if each.assemblies or each.dependencies),
        tool_version=tool_version,
        phases=("post-build",),
        timestamp=timestamp,
    )


def _root(content: Content) -> Component:
    ref = f"artifact:{content.artifact}"
    foreign = artifacts.parts(ref, content)
    return Component(
        ref=ref,
        kind="library",
        name=content.name,
        version=content.version,
        purl=artifacts.purl(content.ecosystem, content.name, content.version),
        licence=content.licence,
        properties=(
            _NO_DIGEST,
            ("tidegate:artifact:kind", ArtifactKind.WHEEL.value),
            ("bsi:component:filename", content.artifact),
            *unknown.properties(content),
        ),
        parts=foreign,
    )
