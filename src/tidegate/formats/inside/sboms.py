"""SBOMs a build put into a wheel (PEP 770, `.dist-info/sboms/`): what they list was bundled by that build."""

import re
from collections.abc import Iterator

from tidegate.errors import FormatError
from tidegate.formats.inside import purls
from tidegate.formats.inside.detector import Detector, package
from tidegate.formats.sbom_model import Bom, Component
from tidegate.model.package import Locked

LIMIT = 16 << 20
MAX_COMPONENTS = 20_000
HOW = "pep770"
_PATH = re.compile(r"(?:^|/)[^/]+\.dist-info/sboms/.+$", re.DOTALL)
_NO_PACKAGES = frozenset({"file", "data", "cryptographic-asset", "machine-learning-model"})


def _read(_path: str, raw: bytes) -> Iterator[Locked]:
    """The packages of a valid document, with the edges between them. Raises FormatError."""
    from tidegate.formats.sbom.reading import read  # a schema validator comes with it

    bom = read(raw)
    named: dict[str, Locked] = {}
    listed: list[tuple[str, Locked]] = []
    for count, component in enumerate(bom.every()):
        if count >= MAX_COMPONENTS:
            raise FormatError(f"it lists more than {MAX_COMPONENTS} components")
        if component.kind not in _NO_PACKAGES or component.purl:
            found = _package(component, ())
            named[component.ref or f"#{count}"] = found
            listed.append((component.ref, found))
    needs = _needs(bom, named)
    for ref, found in listed:
        wanted = needs.get(ref, ())
        yield package(
            found.ecosystem,
            found.raw_name,
            found.version,
            requires=wanted,
            licence=found.licence,
            hashes=found.hashes,
            url=found.source.url,
        )


def _needs(bom: Bom, named: dict[str, Locked]) -> dict[str, list[str]]:
    """For each ref `name@version` of every package it depends on."""
    needs: dict[str, list[str]] = {}
    for ref, targets in bom.edges:
        wanted = [named[target] for target in targets if target in named and target != ref]
        needs.setdefault(ref, []).extend(f"{each.name}@{each.version}" for each in wanted)
    return needs


def _package(component: Component, requires: tuple[str, ...]) -> Locked:
    """By its purl, or by its bare name where it has none; the purl as written is kept as the source's address."""
    name = f"{component.group}/{component.name}" if component.group else component.name
    ecosystem, version = "", component.version
    if component.purl:
        ecosystem, name, told = purls.parse(component.purl)
        version = told or version
    return package(
        ecosystem,
        name,
        version,
        requires=requires,
        licence=" AND ".join(licence.value for licence in component.licences) or component.licence,
        hashes=component.hashes,
        url=component.purl,
    )


EMBEDDED = Detector(
    how=HOW, wants=lambda path, _head: _PATH.search(path) is not None, limit=LIMIT, read=_read, strict=True
)
