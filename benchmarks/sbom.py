"""Our CycloneDX writer against the library's own, for the same 1,500 components; ratio of CPU seconds."""

import time
from collections.abc import Iterator

COMPONENTS = 1500
TARGET = 0.3


def run() -> Iterator[str]:
    ours, peer = _ours(), _peer()
    ratio = ours / peer
    yield f"sbom-write {ours:.3f}s/{peer:.3f}s={ratio:.3f}x <={TARGET}x {'ok' if ratio <= TARGET else 'short'}"


def _ours() -> float:
    from tidegate.formats.cyclonedx import render
    from tidegate.formats.sbom_model import Bom, Component

    parts = tuple(
        Component(f"pkg:npm/p{i}@1.0.{i}", "library", f"p{i}", f"1.0.{i}", purl=f"pkg:npm/p{i}@1.0.{i}")
        for i in range(COMPONENTS)
    )
    edges = tuple((part.ref, (parts[(i * 7 + 1) % COMPONENTS].ref,)) for i, part in enumerate(parts))
    bom = Bom(Component("root", "application", "app", "1"), parts, (("root", (parts[0].ref,)), *edges), (), "0")
    begun = time.process_time()
    render(bom)
    return time.process_time() - begun


def _peer() -> float:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.dependency import Dependency
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion
    from packageurl import PackageURL

    parts = [
        Component(
            name=f"p{i}",
            version=f"1.0.{i}",
            type=ComponentType.LIBRARY,
            bom_ref=f"pkg:npm/p{i}@1.0.{i}",
            purl=PackageURL("npm", None, f"p{i}", f"1.0.{i}"),
        )
        for i in range(COMPONENTS)
    ]
    edges = [
        Dependency(part.bom_ref, [Dependency(parts[(i * 7 + 1) % COMPONENTS].bom_ref)]) for i, part in enumerate(parts)
    ]
    begun = time.process_time()
    make_outputter(Bom(components=parts, dependencies=edges), OutputFormat.JSON, SchemaVersion.V1_6).output_as_string()
    return time.process_time() - begun
