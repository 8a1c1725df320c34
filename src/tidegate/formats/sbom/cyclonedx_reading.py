"""A valid CycloneDX document as our model; what the model has no place for is left out."""

from collections.abc import Iterator

from tidegate.formats.sbom.fields import Json, digests, record, records, text, words
from tidegate.formats.sbom_model import (
    NOBODY,
    Aggregate,
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

_AGGREGATES = {each.value: each for each in Aggregate}


def bom(plain: Json) -> Bom:
    """The SBOM of a document the schema has passed; other documents give parts of one and raise nothing."""
    metadata = record(plain, "metadata")
    root = record(metadata, "component")
    return Bom(
        root=_component(root) if root else NOBODY,
        components=tuple(map(_component, records(plain, "components"))),
        edges=tuple(_edges(plain)),
        compositions=tuple(map(_composition, records(plain, "compositions"))),
        tool_version="",
        phases=tuple(_phases(metadata)),
        timestamp=text(metadata, "timestamp"),
        authors=tuple(map(_contact, records(metadata, "authors"))),
        manufacturer=_organisation(metadata, "manufacturer") or _organisation(metadata, "manufacture"),
        supplier=_organisation(metadata, "supplier"),
        tools=tuple(_tools(metadata)),
        workflow=_workflow(plain),
        properties=tuple(_properties(metadata)),
        licences=tuple(_licences(metadata)),
        format=f"CycloneDX {text(plain, 'specVersion')}",
        serial=text(plain, "serialNumber"),
        vulnerabilities=len(records(plain, "vulnerabilities")),
    )


def _component(plain: Json) -> Component:
    """Recursion is bounded by the depth strict reading allows."""
    return Component(
        ref=text(plain, "bom-ref"),
        kind=text(plain, "type"),
        name=text(plain, "name"),
        version=text(plain, "version"),
        group=text(plain, "group"),
        purl=text(plain, "purl"),
        scope=text(plain, "scope"),
        hashes=tuple(digests(records(plain, "hashes"), "alg", "content")),
        downloads=tuple(map(_download, records(plain, "externalReferences"))),
        occurrences=tuple(map(_occurrence, records(record(plain, "evidence"), "occurrences"))),
        properties=tuple(_properties(plain)),
        parts=tuple(map(_component, records(plain, "components"))),
        licences=tuple(_licences(plain)),
        supplier=_organisation(plain, "supplier"),
        manufacturer=_organisation(plain, "manufacturer"),
        authors=tuple(_authors(plain)),
        publisher=text(plain, "publisher"),
        description=text(plain, "description"),
        copyright=text(plain, "copyright"),
        identifiers=tuple(_identifiers(plain)),
        identities=tuple(_identities(record(plain, "evidence"))),
        external=plain.get("isExternal") is True,
    )


def _download(plain: Json) -> Download:
    hashes = tuple(digests(records(plain, "hashes"), "alg", "content"))
    return Download(text(plain, "url"), hashes, text(plain, "comment"), text(plain, "type"))


def _occurrence(plain: Json) -> Occurrence:
    line = plain.get("line")
    return Occurrence(text(plain, "location"), line if isinstance(line, int) else None)


def _properties(plain: Json) -> Iterator[tuple[str, str]]:
    for each in records(plain, "properties"):
        yield text(each, "name"), text(each, "value")


def _licences(plain: Json) -> Iterator[Licence]:
    """An identifier is an expression of one; a name is what its author calls it."""
    for entry in records(plain, "licenses"):
        said = record(entry, "license")
        if said:
            words_, wording = text(said, "id"), Wording.EXPRESSION
            if not words_:
                words_, wording = text(said, "name"), Wording.NAME
            content = text(record(said, "text"), "content")
            yield Licence(words_, wording, text(said, "acknowledgement"), text(said, "url"), content)
        elif text(entry, "expression"):
            yield Licence(text(entry, "expression"), Wording.EXPRESSION, text(entry, "acknowledgement"))


def _organisation(plain: Json, key: str) -> Organisation | None:
    said = record(plain, key)
    if not said:
        return None
    return Organisation(text(said, "name"), tuple(words(said, "url")), tuple(map(_contact, records(said, "contact"))))


def _contact(plain: Json) -> Contact:
    return Contact(text(plain, "name"), text(plain, "email"), text(plain, "phone"))


def _authors(plain: Json) -> Iterator[Contact]:
    yield from map(_contact, records(plain, "authors"))
    if text(plain, "author"):
        yield Contact(text(plain, "author"))


def _identifiers(plain: Json) -> Iterator[tuple[str, str]]:
    if text(plain, "cpe"):
        yield "cpe", text(plain, "cpe")
    if text(record(plain, "swid"), "tagId"):
        yield "swid", text(record(plain, "swid"), "tagId")
    for key, kind in (("swhid", "swhid"), ("omniborId", "omnibor")):
        for value in words(plain, key):
            yield kind, value


def _identities(evidence: Json) -> Iterator[Identity]:
    """One entry a method; before 1.6, an object stood in the place of the list."""
    single = record(evidence, "identity")
    for entry in [single] if single else records(evidence, "identity"):
        for method in records(entry, "methods"):
            confidence = method.get("confidence")
            yield Identity(
                field=text(entry, "field"),
                technique=text(method, "technique"),
                confidence=float(confidence) if isinstance(confidence, int | float) else 0.0,
                at=text(method, "value"),
                value=text(entry, "concludedValue"),
            )


def _edges(plain: Json) -> Iterator[tuple[str, tuple[str, ...]]]:
    for each in records(plain, "dependencies"):
        yield text(each, "ref"), tuple(words(each, "dependsOn"))


def _composition(plain: Json) -> Composition:
    aggregate = _AGGREGATES.get(text(plain, "aggregate"), Aggregate.UNKNOWN)
    return Composition(aggregate, tuple(words(plain, "assemblies")), tuple(words(plain, "dependencies")))


def _phases(metadata: Json) -> Iterator[str]:
    for each in records(metadata, "lifecycles"):
        yield text(each, "phase") or text(each, "name")


def _tools(metadata: Json) -> Iterator[Tool]:
    """Since 1.5 tools are components and services; before, they were a list of their own."""
    listed = records(metadata, "tools")
    if listed:
        yield from (Tool(text(each, "name"), text(each, "version"), text(each, "vendor")) for each in listed)
        return
    tools = record(metadata, "tools")
    for each in [*records(tools, "components"), *records(tools, "services")]:
        vendor = record(each, "manufacturer") or record(each, "supplier") or record(each, "provider")
        yield Tool(text(each, "name"), text(each, "version"), text(vendor, "name") or text(each, "publisher"))


def _workflow(plain: Json) -> Workflow | None:
    """The first workflow of the first formula that names one."""
    for formula in records(plain, "formulation"):
        for flow in records(formula, "workflows"):
            references = records(flow, "resourceReferences")
            url = next((text(record(each, "externalReference"), "url") for each in references), "")
            return Workflow(text(flow, "uid"), text(flow, "name"), url)
    return None
