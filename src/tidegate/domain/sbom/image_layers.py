"""The layers of an image as components, each with the packages it still carries though a later layer took them away."""

from collections.abc import Iterator

from tidegate.formats.sbom_model import Component
from tidegate.model.inventory import Content, ImageLayer, Packed

MAX_BELOW = 2000


def components(ref: str, content: Content) -> Iterator[Component]:
    """One component a layer, lowest first. `ref` is the image's."""
    below: dict[str, dict[str, Packed]] = {}
    for packed in content.below[:MAX_BELOW]:
        below.setdefault(packed.layer, {}).setdefault(packed.package.purl, packed)
    for number, layer in enumerate(content.layers, 1):
        own = f"{ref}!/{layer.digest}"
        yield Component(
            ref=own,
            kind="file",
            name=str(layer.digest),
            hashes=(layer.digest,),
            properties=tuple(_properties(number, layer)),
            parts=tuple(_deleted(own, packed) for _, packed in sorted(below.get(str(layer.digest), {}).items())),
        )


def _properties(number: int, layer: ImageLayer) -> Iterator[tuple[str, str]]:
    yield "tidegate:layer:number", str(number)
    yield "tidegate:layer:files", str(layer.files)
    for platform in layer.platforms:
        yield "tidegate:layer:platform", platform
    if layer.size:
        yield "tidegate:layer:size", str(layer.size)
    if not layer.read:
        yield "tidegate:layer:read", "no"


def _deleted(ref: str, packed: Packed) -> Component:
    package = packed.package
    return Component(
        ref=f"{ref}!/{package.purl}",
        kind="library",
        name=package.name,
        version=package.version,
        purl=package.purl,
        licence=package.licence,
        scope="excluded",
        properties=(("tidegate:deleted-by", "a later layer"), ("tidegate:found", packed.how)),
    )
