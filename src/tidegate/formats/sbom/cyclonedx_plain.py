"""Our model as CycloneDX 1.6 or 1.7 in plain values: fields in a fixed order, lists sorted, nothing empty.

Order of input does not matter; nothing is random and no clock is read.
"""

import json
import uuid
from collections.abc import Iterable
from typing import Literal

from tidegate.formats.sbom.fields import ALGORITHMS, Json
from tidegate.formats.sbom.licences import stated
from tidegate.formats.sbom.validation import spdx_identifiers
from tidegate.formats.sbom.words import fit
from tidegate.formats.sbom_model import (
    Bom,
    Component,
    Composition,
    Contact,
    Download,
    Identity,
    Licence,
    Occurrence,
    Organisation,
    Tool,
    Wording,
    Workflow,
)
from tidegate.model.digest import Digest

Spec = Literal["1.6", "1.7"]

_SERIALS = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/schema/bom/1.6")


def plain(bom: Bom, spec: Spec, *, stream: bool = False) -> Json:
    """The document but for what identifies it: see `head`.

    With `stream`, the components are an iterator (where there are any): thousands at once take most of the memory.
    """
    writer = _Writer(spec)
    components = map(writer.component, _sorted(bom.components))
    return _filled(
        {
            "metadata": writer.metadata(bom),
            "components": components if stream and bom.components else list(components),
            "dependencies": [{"ref": fit(ref), "dependsOn": sorted(map(fit, to))} for ref, to in sorted(bom.edges)],
            "compositions": sorted(map(_composition, bom.compositions), key=_canonical),
            "formulation": [_formula(bom.workflow)] if bom.workflow is not None else [],
        }
    )


def head(content: str, spec: Spec) -> Json:
    """What stands before the rest. `serialNumber` is a UUIDv5 over everything else (`content`)."""
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{spec}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": spec,
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SERIALS, f'{spec} {content}')}",
        "version": 1,
    }


class _Writer:
    def __init__(self, spec: Spec) -> None:
        self._spec = spec

    def metadata(self, bom: Bom) -> Json:
        own = [Tool("tidegate", bom.tool_version)] if bom.tool_version else []
        return _filled(
            {
                "timestamp": bom.timestamp,
                "lifecycles": [{"phase": phase} for phase in bom.phases],
                "tools": {"components": [_tool(each) for each in (*own, *sorted(bom.tools))]},
                "authors": [_contact(each) for each in sorted(bom.authors)],
                "component": self.component(bom.root),
                "manufacturer": _organisation(bom.manufacturer),
                "supplier": _organisation(bom.supplier),
                "licenses": self._licences(bom.licences),
                "properties": _properties(bom.properties),
            }
        )

    def component(self, component: Component) -> Json:
        identifiers = sorted(component.identifiers)
        evidence: Json = {
            "identity": _identities(component.identities),
            "occurrences": [_occurrence(each) for each in sorted(component.occurrences, key=_occurrence_order)],
        }
        return _filled(
            {
                "type": component.kind,
                "bom-ref": fit(component.ref),
                "supplier": _organisation(component.supplier),
                "manufacturer": _organisation(component.manufacturer),
                "authors": [_contact(each) for each in sorted(component.authors)],
                "publisher": fit(component.publisher),
                "group": fit(component.group),
                "name": fit(component.name),
                "version": fit(component.version),
                "isExternal": component.external and self._spec != "1.6",
                "description": fit(component.description),
                "scope": component.scope,
                "hashes": _hashes(component.hashes),
                "licenses": self._licences(stated(component)),
                "copyright": fit(component.copyright),
                "cpe": next((fit(value) for kind, value in identifiers if kind == "cpe"), ""),
                "purl": fit(component.purl),
                "omniborId": [fit(value) for kind, value in identifiers if kind == "omnibor"],
                "swhid": [fit(value) for kind, value in identifiers if kind == "swhid"],
                "externalReferences": [_download(each) for each in sorted(component.downloads, key=_download_order)],
                "components": [self.component(each) for each in _sorted(component.parts)],
                "evidence": _filled(evidence),
                "properties": _properties(component.properties),
            }
        )

    def _licences(self, licences: tuple[Licence, ...]) -> list[Json]:
        """One expression, or licences one by one; 1.6 has no place for an expression among others but its name."""
        several = len(licences) > 1 and self._spec == "1.6"
        return [_licence(each, several) for each in sorted(licences)]


def _licence(licence: Licence, several: bool) -> Json:
    acknowledged: Json = {"acknowledgement": licence.acknowledgement} if licence.acknowledgement else {}
    if licence.wording is Wording.EXPRESSION and not several:
        return {"expression": fit(licence.value)} | acknowledged
    kind = "id" if licence.wording is Wording.EXPRESSION and licence.value in spdx_identifiers() else "name"
    return {"license": _filled({kind: fit(licence.value), "url": fit(licence.url)}) | acknowledged}


def _filled(fields: Json) -> Json:
    """Without what is empty; a zero is a value."""
    return {key: value for key, value in fields.items() if value or (value == 0 and value is not False)}


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def _sorted(components: Iterable[Component]) -> list[Component]:
    return sorted(components, key=lambda each: each.ref)


def _tool(tool: Tool) -> Json:
    fields: Json = {
        "type": "application",
        "manufacturer": _organisation(Organisation(tool.vendor)) if tool.vendor else {},
        "name": fit(tool.name),
        "version": fit(tool.version),
    }
    return _filled(fields)


def _organisation(organisation: Organisation | None) -> Json:
    if organisation is None:
        return {}
    return _filled(
        {
            "name": fit(organisation.name),
            "url": sorted(map(fit, organisation.urls)),
            "contact": [_contact(each) for each in sorted(organisation.contacts)],
        }
    )


def _contact(contact: Contact) -> Json:
    return _filled({"name": fit(contact.name), "email": fit(contact.email), "phone": fit(contact.phone)})


def _occurrence_order(occurrence: Occurrence) -> tuple[str, int]:
    return occurrence.location, occurrence.line or 0


def _occurrence(occurrence: Occurrence) -> Json:
    found: Json = {"location": fit(occurrence.location)}
    return found if occurrence.line is None else found | {"line": occurrence.line}


def _identities(identities: Iterable[Identity]) -> list[Json]:
    """One entry a field and value, with every method that led to it."""
    grouped: dict[tuple[str, str], list[Identity]] = {}
    for each in sorted(set(identities)):
        grouped.setdefault((each.field, each.value), []).append(each)
    return [
        _filled(
            {
                "field": field,
                "confidence": _number(max(each.confidence for each in methods)),
                "concludedValue": fit(value),
                "methods": [_method(each) for each in methods],
            }
        )
        for (field, value), methods in grouped.items()
    ]


def _method(identity: Identity) -> Json:
    named: Json = {"technique": identity.technique, "confidence": _number(identity.confidence)}
    return named | ({"value": fit(identity.at)} if identity.at else {})


def _number(value: float) -> float:
    """1 and not 1.0: one spelling for JSON and XML."""
    return int(value) if value == int(value) else value


def _download_order(download: Download) -> tuple[str, str, str, tuple[Digest, ...]]:
    return download.url, download.kind, download.comment, tuple(sorted(download.hashes))


def _download(download: Download) -> Json:
    return _filled(
        {
            "type": download.kind or "other",
            "url": fit(download.url),
            "comment": fit(download.comment),
            "hashes": _hashes(download.hashes),
        }
    )


def _hashes(hashes: Iterable[Digest]) -> list[Json]:
    """Digests of files. Go's `h1` is one of a listing and has no name there."""
    files = sorted({each for each in hashes if each.algorithm in ALGORITHMS})
    return [{"alg": ALGORITHMS[each.algorithm], "content": each.value} for each in files]


def _properties(properties: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"name": fit(name), "value": fit(value)} for name, value in sorted(set(properties))]


def _composition(composition: Composition) -> Json:
    return _filled(
        {
            "aggregate": composition.aggregate.value,
            "assemblies": sorted(map(fit, composition.assemblies)),
            "dependencies": sorted(map(fit, composition.dependencies)),
        }
    )


def _formula(workflow: Workflow) -> Json:
    """A pointer to what built the release, not the build itself."""
    flow: Json = {
        "bom-ref": fit(f"workflow:{workflow.uid}"),
        "uid": fit(workflow.uid),
        "name": fit(workflow.path),
        "resourceReferences": [{"externalReference": {"type": "build-system", "url": fit(workflow.url)}}]
        if workflow.url
        else [],
        "taskTypes": ["build"],
    }
    return {"workflows": [_filled(flow)]}
