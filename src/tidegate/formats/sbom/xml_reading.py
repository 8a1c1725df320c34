"""CycloneDX XML as the plain form its JSON has, for the parts our model has a place for."""

from collections.abc import Iterable

from tidegate.formats.sbom import cyclonedx_reading, xml_validation
from tidegate.formats.sbom.fields import Json
from tidegate.formats.sbom.xsd import version_of
from tidegate.formats.sbom_model import Bom
from tidegate.formats.xml_elements import Element


def bom(document: bytes) -> Bom:
    """The SBOM of a document of any version. Raises FormatError for one that is not valid."""
    return cyclonedx_reading.bom(plain(xml_validation.parse(document)))


def plain(root: Element) -> Json:
    vulnerabilities: Json = {"vulnerabilities": [{} for _ in _inside(root, "vulnerabilities", "vulnerability")]}
    return vulnerabilities | {
        "bomFormat": "CycloneDX",
        "specVersion": version_of(root.namespace),
        "serialNumber": root.attributes.get("serialNumber", ""),
        "metadata": _metadata(root.first("metadata")),
        "components": [_component(each) for each in _inside(root, "components", "component")],
        "dependencies": [
            {"ref": each.attributes.get("ref", ""), "dependsOn": _references(each.all("dependency"))}
            for each in _inside(root, "dependencies", "dependency")
        ],
        "compositions": [
            {
                "aggregate": _words(each, "aggregate"),
                "assemblies": _references(_inside(each, "assemblies", "assembly")),
                "dependencies": _references(_inside(each, "dependencies", "dependency")),
            }
            for each in _inside(root, "compositions", "composition")
        ],
        "formulation": [
            {"workflows": [_workflow(flow) for flow in _inside(each, "workflows", "workflow")]}
            for each in _inside(root, "formulation", "formula")
        ],
    }


def _metadata(metadata: Element | None) -> Json:
    if metadata is None:
        return {}
    tools = metadata.first("tools")
    component = metadata.first("component")
    return {
        "timestamp": _words(metadata, "timestamp"),
        "lifecycles": [
            {"phase": _words(each, "phase"), "name": _words(each, "name")}
            for each in _inside(metadata, "lifecycles", "lifecycle")
        ],
        "tools": _tools(tools) if tools is not None else {},
        "authors": [_contact(each) for each in _inside(metadata, "authors", "author")],
        "component": _component(component) if component is not None else {},
        "properties": _properties(metadata),
        "licenses": _licences(metadata),
    } | {name: _organisation(metadata, name) for name in ("manufacture", "manufacturer", "supplier")}


def _tools(tools: Element) -> object:
    listed = tools.all("tool")
    if listed:
        return [_texts(each, ("vendor", "name", "version")) for each in listed]
    named = [_component(each) for each in _inside(tools, "components", "component")]
    services = [
        _texts(each, ("name", "version")) | {"provider": _organisation(each, "provider")}
        for each in _inside(tools, "services", "service")
    ]
    return {"components": named, "services": services}


def _component(element: Element) -> Json:
    """Recursion is bounded by the depth strict reading allows."""
    fields = ("author", "publisher", "group", "name", "version", "description", "scope", "copyright", "cpe", "purl")
    swid = element.first("swid")
    evidence = element.first("evidence")
    return _texts(element, fields) | {
        "type": element.attributes.get("type", ""),
        "bom-ref": element.attributes.get("bom-ref", ""),
        "isExternal": element.attributes.get("isExternal") in ("true", "1"),
        "supplier": _organisation(element, "supplier"),
        "manufacturer": _organisation(element, "manufacturer"),
        "authors": [_contact(each) for each in _inside(element, "authors", "author")],
        "hashes": _hashes(element),
        "licenses": _licences(element),
        "swid": {"tagId": swid.attributes.get("tagId", "")} if swid is not None else {},
        "swhid": [_text(each) for each in element.all("swhid")],
        "omniborId": [_text(each) for each in element.all("omniborId")],
        "externalReferences": [_reference(each) for each in _inside(element, "externalReferences", "reference")],
        "properties": _properties(element),
        "components": [_component(each) for each in _inside(element, "components", "component")],
        "evidence": _evidence(evidence) if evidence is not None else {},
    }


def _evidence(evidence: Element) -> Json:
    return {
        "identity": [
            {
                "field": _words(each, "field"),
                "concludedValue": _words(each, "concludedValue"),
                "methods": [
                    {
                        "technique": _words(method, "technique"),
                        "confidence": float(_words(method, "confidence").strip() or 0),
                        "value": _words(method, "value"),
                    }
                    for method in _inside(each, "methods", "method")
                ],
            }
            for each in evidence.all("identity")
        ],
        "occurrences": [_occurrence(each) for each in _inside(evidence, "occurrences", "occurrence")],
    }


def _occurrence(element: Element) -> Json:
    found: Json = {"location": _words(element, "location")}
    line = element.first("line")
    return found if line is None else found | {"line": int(line.text.strip())}


def _reference(element: Element) -> Json:
    return _texts(element, ("url", "comment")) | {
        "type": element.attributes.get("type", ""),
        "hashes": _hashes(element),
    }


def _hashes(element: Element) -> list[Json]:
    return [
        {"alg": each.attributes.get("alg", ""), "content": each.text.strip()}
        for each in _inside(element, "hashes", "hash")
    ]


def _properties(element: Element) -> list[Json]:
    return [
        {"name": each.attributes.get("name", ""), "value": each.text}
        for each in _inside(element, "properties", "property")
    ]


def _licences(element: Element) -> list[Json]:
    found: list[Json] = []
    for each in _either(element, "licenses", ("license", "expression", "expression-detailed")):
        said: Json = {"acknowledgement": each.attributes.get("acknowledgement", "")}
        if each.name == "license":
            words = _texts(each, ("id", "name", "url"))
            found.append({"license": words | said | {"text": {"content": _words(each, "text")}}})
        else:
            expression = each.attributes.get("expression", "") if each.name == "expression-detailed" else _text(each)
            found.append({"expression": expression} | said)
    return found


def _organisation(element: Element, name: str) -> Json:
    found = element.first(name)
    if found is None:
        return {}
    urls = [_text(each) for each in found.all("url")]
    return {"name": _words(found, "name"), "url": urls, "contact": [_contact(each) for each in found.all("contact")]}


def _contact(element: Element) -> Json:
    return _texts(element, ("name", "email", "phone"))


def _workflow(element: Element) -> Json:
    addresses = [
        {"externalReference": {"url": _words(reference, "url")}}
        for each in _inside(element, "resourceReferences", "resourceReference")
        for reference in each.all("externalReference")
    ]
    return _texts(element, ("uid", "name")) | {"resourceReferences": addresses}


def _inside(element: Element, outer: str, inner: str) -> Iterable[Element]:
    """The `inner` elements of the only `outer` one."""
    holder = element.first(outer)
    return () if holder is None else holder.all(inner)


def _either(element: Element, outer: str, names: tuple[str, ...]) -> Iterable[Element]:
    holder = element.first(outer)
    return () if holder is None else [each for each in holder.children if each.name in names]


def _references(elements: Iterable[Element]) -> list[str]:
    return [each.attributes.get("ref", "") for each in elements]


def _texts(element: Element, names: Iterable[str]) -> Json:
    return {name: _words(element, name) for name in names}


def _words(element: Element, name: str) -> str:
    found = element.first(name)
    return "" if found is None else _text(found)


def _text(element: Element) -> str:
    return element.text
