"""CycloneDX XML: the very content of the JSON form, element by element in the order the schema asks for."""

from collections.abc import Callable, Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from tidegate.formats.sbom.cyclonedx_plain import Spec, head, plain
from tidegate.formats.sbom.fields import Json, record, records, text, words
from tidegate.formats.sbom.json_lines import lines
from tidegate.formats.sbom_model import Bom

Lines = Iterator[str]
_BEFORE = ("publisher", "group", "name", "version", "description", "scope")


def render(bom: Bom, spec: Spec = "1.6") -> str:
    """The document, ending in a newline."""
    content = plain(bom, spec)
    serial = text(head(lines(content), spec), "serialNumber")
    return "\n".join(_document(content, serial, spec)) + "\n"


def _document(content: Json, serial: str, spec: Spec) -> Lines:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<bom xmlns="http://cyclonedx.org/schema/bom/{spec}" serialNumber={quoteattr(serial)} version="1">'
    metadata = record(content, "metadata")
    if metadata:
        yield from _around("metadata", _metadata(metadata))
    yield from _list("components", records(content, "components"), _component)
    yield from _list("dependencies", records(content, "dependencies"), _dependency)
    yield from _list("compositions", records(content, "compositions"), _composition)
    yield from _list("formulation", records(content, "formulation"), _formula)
    yield "</bom>"


def _metadata(metadata: Json) -> Lines:
    yield from _words(metadata, "timestamp")
    yield from _list("lifecycles", records(metadata, "lifecycles"), _lifecycle)
    tools = records(record(metadata, "tools"), "components")
    if tools:
        yield from _around("tools", _list("components", tools, _component))
    yield from _list("authors", records(metadata, "authors"), _author)
    yield from _component(record(metadata, "component"))
    yield from _organisation(metadata, "manufacturer")
    yield from _organisation(metadata, "supplier")
    yield from _list("licenses", records(metadata, "licenses"), _licence)
    yield from _list("properties", records(metadata, "properties"), _property)


def _component(component: Json) -> Lines:
    external = ' isExternal="true"' if component.get("isExternal") is True else ""
    reference = f" bom-ref={quoteattr(text(component, 'bom-ref'))}" if "bom-ref" in component else ""
    yield f"<component type={quoteattr(text(component, 'type'))}{external}{reference}>"
    yield from _organisation(component, "supplier")
    yield from _organisation(component, "manufacturer")
    yield from _list("authors", records(component, "authors"), _author)
    for name in _BEFORE:
        yield from _words(component, name)
    yield from _hashes(component)
    yield from _list("licenses", records(component, "licenses"), _licence)
    for name in ("copyright", "cpe", "purl"):
        yield from _words(component, name)
    for name in ("omniborId", "swhid"):
        for value in words(component, name):
            yield _leaf(name, value)
    yield from _list("externalReferences", records(component, "externalReferences"), _reference)
    yield from _list("properties", records(component, "properties"), _property)
    yield from _list("components", records(component, "components"), _component)
    evidence = record(component, "evidence")
    if evidence:
        yield from _around("evidence", _evidence(evidence))
    yield "</component>"


def _evidence(evidence: Json) -> Lines:
    for each in records(evidence, "identity"):
        yield "<identity>"
        yield _leaf("field", text(each, "field"))
        yield _leaf("confidence", str(each.get("confidence")))
        yield from _words(each, "concludedValue")
        yield from _list("methods", records(each, "methods"), _method)
        yield "</identity>"
    yield from _list("occurrences", records(evidence, "occurrences"), _occurrence)


def _method(method: Json) -> Lines:
    yield "<method>"
    yield _leaf("technique", text(method, "technique"))
    yield _leaf("confidence", str(method.get("confidence")))
    yield from _words(method, "value")
    yield "</method>"


def _occurrence(occurrence: Json) -> Lines:
    yield "<occurrence>"
    yield from _words(occurrence, "location")
    if "line" in occurrence:
        yield _leaf("line", str(occurrence["line"]))
    yield "</occurrence>"


def _lifecycle(lifecycle: Json) -> Lines:
    yield from _around("lifecycle", _words(lifecycle, "phase"))


def _hashes(holder: Json) -> Lines:
    yield from _list("hashes", records(holder, "hashes"), _hash)


def _hash(entry: Json) -> Lines:
    yield f"<hash alg={quoteattr(text(entry, 'alg'))}>{escape(text(entry, 'content'))}</hash>"


def _licence(entry: Json) -> Lines:
    said = record(entry, "license")
    acknowledged = text(said or entry, "acknowledgement")
    attribute = f" acknowledgement={quoteattr(acknowledged)}" if acknowledged else ""
    if not said:
        yield f"<expression{attribute}>{escape(text(entry, 'expression'))}</expression>"
        return
    yield f"<license{attribute}>"
    yield from _words(said, "name")
    yield from _words(said, "url")
    yield "</license>"


def _reference(reference: Json) -> Lines:
    yield f"<reference type={quoteattr(text(reference, 'type'))}>"
    yield from _words(reference, "url")
    yield from _words(reference, "comment")
    yield from _hashes(reference)
    yield "</reference>"


def _property(entry: Json) -> Lines:
    yield f"<property name={quoteattr(text(entry, 'name'))}>{escape(text(entry, 'value'))}</property>"


def _organisation(holder: Json, name: str) -> Lines:
    organisation = record(holder, name)
    if organisation:
        yield f"<{name}>"
        yield from _words(organisation, "name")
        for url in words(organisation, "url"):
            yield _leaf("url", url)
        for contact in records(organisation, "contact"):
            yield from _around("contact", _contact(contact))
        yield f"</{name}>"


def _author(contact: Json) -> Lines:
    yield from _around("author", _contact(contact))


def _contact(contact: Json) -> Lines:
    for name in ("name", "email", "phone"):
        yield from _words(contact, name)


def _dependency(entry: Json) -> Lines:
    targets = words(entry, "dependsOn")
    yield f"<dependency ref={quoteattr(text(entry, 'ref'))}{'' if targets else '/'}>"
    if targets:
        for target in targets:
            yield f"<dependency ref={quoteattr(target)}/>"
        yield "</dependency>"


def _composition(composition: Json) -> Lines:
    yield "<composition>"
    yield from _words(composition, "aggregate")
    for outer, inner in (("assemblies", "assembly"), ("dependencies", "dependency")):
        refs = words(composition, outer)
        if refs:
            yield from _around(outer, (f"<{inner} ref={quoteattr(ref)}/>" for ref in refs))
    yield "</composition>"


def _formula(formula: Json) -> Lines:
    yield from _around("formula", _list("workflows", records(formula, "workflows"), _workflow))


def _workflow(workflow: Json) -> Lines:
    yield f"<workflow bom-ref={quoteattr(text(workflow, 'bom-ref'))}>"
    yield from _words(workflow, "uid")
    yield from _words(workflow, "name")
    yield from _list("resourceReferences", records(workflow, "resourceReferences"), _resource)
    yield from _around("taskTypes", (_leaf("taskType", each) for each in words(workflow, "taskTypes")))
    yield "</workflow>"


def _resource(entry: Json) -> Lines:
    reference = record(entry, "externalReference")
    address = _around(f"externalReference type={quoteattr(text(reference, 'type'))}", _words(reference, "url"))
    yield from _around("resourceReference", address)


def _around(name: str, inside: Iterable[str]) -> Lines:
    yield f"<{name}>"
    yield from inside
    yield f"</{name.partition(' ')[0]}>"


def _list(name: str, entries: list[Json], write: Callable[[Json], Lines]) -> Lines:
    if entries:
        yield f"<{name}>"
        for each in entries:
            yield from write(each)
        yield f"</{name}>"


def _words(holder: Json, name: str) -> Lines:
    """An element of a text; the empty version of something is an element, too, where the JSON has it."""
    if name in holder:
        yield _leaf(name, text(holder, name))


def _leaf(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"
