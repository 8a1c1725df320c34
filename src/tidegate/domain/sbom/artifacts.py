"""Artifacts as components: their digest, and every foreign file inside them that can be told from their own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.domain.sbom import image_layers, unknown
from tidegate.domain.sbom.needs import normal
from tidegate.formats.sbom_model import Component
from tidegate.model.inventory import Content, Member
from tidegate.model.package import Locked, Source, SourceKind
from tidegate.model.release import Artifact, ArtifactKind

MAX_PARTS = 5000
# Libraries that repair tools copy in, vendored sources, bundled packages, embedded SBOMs (PEP 770).
_BUNDLED = re.compile(
    r"(?:^|/)(?:[^/]+\.libs|\.dylibs|_vendor|_vendored|node_modules|[^/]+\.dist-info/sboms)/", re.ASCII
)
_BINARY = re.compile(r"\.(?:so(?:\.[0-9]+)*|dll|dylib|pyd|exe|a|lib|jar|whl|egg|wasm|node|zip|tgz|tar\.gz)$", re.ASCII)
_ARCHIVE = re.compile(r"\.(?:jar|whl|egg|zip|tgz|tar\.gz)$", re.ASCII)
_MACHINE_CODE = re.compile(r"\.(?:so(?:\.[0-9]+)*|dll|dylib|pyd|exe|wasm|node)$", re.ASCII)
_ARCHIVES = frozenset(set(ArtifactKind) - {ArtifactKind.FILE})


@dataclass(frozen=True, slots=True)
class Built:
    """`whole` is False when the artifact could not be read completely or holds more parts than are listed."""

    component: Component
    whole: bool


def component(artifact: Artifact, content: Content | None) -> Built:
    """One artifact; without content it is a digest and a name."""
    ref = reference(artifact)
    foreign = _foreign(content) if content else []
    name, version = (content.name, content.version) if content else ("", "")
    return Built(
        Component(
            ref=ref,
            kind="container" if artifact.kind is ArtifactKind.IMAGE else "file",
            name=artifact.name,
            version=version,
            purl=purl(content.ecosystem, name, version) if content and name else "",
            licence=content.licence if content else "",
            hashes=(artifact.digest,),
            properties=(
                ("tidegate:artifact:kind", artifact.kind.value),
                ("tidegate:artifact:size", str(artifact.size)),
                ("bsi:component:filename", artifact.name),
                *_forms(artifact.kind),
                *unknown.properties(content),
            ),
            parts=parts(ref, content) if content else (),
        ),
        whole=content is not None and not content.problems and len(foreign) <= MAX_PARTS,
    )


def parts(ref: str, content: Content) -> tuple[Component, ...]:
    """The foreign files of an artifact with this ref, as far as they are listed; of an image its layers."""
    if content.kind is ArtifactKind.IMAGE:
        return tuple(image_layers.components(ref, content))
    return tuple(_part(ref, member) for member in _foreign(content)[:MAX_PARTS])


def _foreign(content: Content) -> list[Member]:
    """An image's own files are told by the packages that brought them."""
    if content.kind is ArtifactKind.IMAGE:
        return []
    return sorted((member for member in content.members if _is_foreign(member)), key=lambda member: member.path)


def reference(artifact: Artifact) -> str:
    return f"artifact:{artifact.name}"


def purl(ecosystem: str, name: str, version: str) -> str:
    """The package URL of a package by name, "" for ecosystems without one."""
    if ecosystem not in ("PyPI", "npm"):
        return ""
    return Locked(ecosystem, normal(ecosystem, name), name, version, Source(SourceKind.UNKNOWN)).purl


def _is_foreign(member: Member) -> bool:
    return _BUNDLED.search(member.path) is not None or _BINARY.search(member.path) is not None


def _part(ref: str, member: Member) -> Component:
    return Component(
        ref=f"{ref}!/{member.path}",
        kind="file",
        name=member.path,
        hashes=(member.sha256,) if member.sha256 is not None else (),
        properties=(
            ("bsi:component:filename", member.path.rpartition("/")[2]),
            *((("tidegate:link", member.link),) if member.link else ()),
            *_member_forms(member),
        ),
    )


def _forms(kind: ArtifactKind) -> Iterator[tuple[str, str]]:
    """What BSI TR-03183-2 asks of a file, as far as its kind tells; of plain files nothing is claimed."""
    if kind in _ARCHIVES:
        yield "bsi:component:archive", "archive"
        yield "bsi:component:structured", "structured"
        if kind is not ArtifactKind.IMAGE:
            yield "bsi:component:executable", "non-executable"


def _member_forms(member: Member) -> Iterator[tuple[str, str]]:
    name = member.path.lower()
    if _ARCHIVE.search(name):
        yield "bsi:component:archive", "archive"
        yield "bsi:component:structured", "structured"
    elif _MACHINE_CODE.search(name):
        yield "bsi:component:executable", "executable"
        yield "bsi:component:archive", "no archive"
        yield "bsi:component:structured", "unstructured"
