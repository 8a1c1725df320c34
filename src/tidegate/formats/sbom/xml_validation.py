"""CycloneDX XML checked against its own schema, with the library's `.xsd` files and nothing but the standard library."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from tidegate.errors import FormatError
from tidegate.formats.sbom.xsd import Kind, Particle, schema, version_of
from tidegate.formats.xml_elements import Element, loads

LIMIT = 64 * 1024 * 1024
MAX_ERRORS = 5
_INSTANCE = frozenset({"schemaLocation", "noNamespaceSchemaLocation"})


def parse(document: bytes) -> Element:
    """The root of a valid document of any version. Raises FormatError that names the first errors.

    Beyond the schema, as with JSON: every reference in the dependency graph and the compositions points to something.
    """
    root = loads(document, limit=LIMIT, what="the SBOM")
    version = version_of(root.namespace)
    if root.name != "bom" or not version:
        raise FormatError("the SBOM is not CycloneDX XML of a known version", line=root.line)
    grammar = schema(version)
    faults = list(islice(_element(root, grammar.root.kind, grammar.namespace), MAX_ERRORS))
    if not faults:
        faults = list(islice(_references(root, grammar.namespace, grammar.unique), MAX_ERRORS))
    if faults:
        raise FormatError("the SBOM is not valid CycloneDX: " + "; ".join(faults))
    return root


def _element(element: Element, kind: Kind, namespace: str) -> Iterator[str]:
    """What is wrong with an element and everything in it. Recursion is bounded by the depth strict reading allows."""
    yield from _attributes(element, kind)
    if kind.value is not None:
        if element.children:
            yield _fault(element.children[0], "does not belong there")
        elif not kind.value(element.text):
            yield _fault(element, f"cannot be {element.text[:60]!a}")
        return
    if not kind.mixed and element.text.strip(" \t\r\n"):
        yield _fault(element, "holds text")
    inside = element.children
    if kind.content is None:
        rest = 0
    else:
        rest = yield from _particle(kind.content, inside, 0, namespace, element)
    if rest < len(inside) and rest >= 0:
        yield _fault(inside[rest], "does not belong there")


def _attributes(element: Element, kind: Kind) -> Iterator[str]:
    own = element.attributes.keys() - element.foreign
    for name in sorted(own):
        known = kind.attributes.get(name)
        if known is None:
            yield _fault(element, f"has the unknown attribute {name[:60]!a}")
        elif not known[0](element.attributes[name]):
            yield _fault(element, f"has a wrong value in {name}: {element.attributes[name][:60]!a}")
    if not kind.others and not element.foreign <= _INSTANCE:
        yield _fault(element, "has attributes of another namespace")
    for name, (_, required) in kind.attributes.items():
        if required and name not in own:
            yield _fault(element, f"lacks the attribute {name}")


def _particle(
    particle: Particle, inside: list[Element], at: int, namespace: str, parent: Element
) -> "Iterator[str] | object":
    """Consume what a particle matches. Looking one element ahead is enough: XML Schema asks grammars to be like that."""
    times = 0
    while particle.high is None or times < particle.high:
        if at >= len(inside) or not _begins(particle, inside[at], namespace):
            break
        before = at
        at = yield from _once(particle, inside, at, namespace, parent)
        times += 1
        if at <= before:
            break
    return at
