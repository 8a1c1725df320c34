"""CycloneDX XML checked against its own schema: the `.xsd` files of the installed `cyclonedx-python-lib`."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from tidegate.errors import FormatError
from tidegate.formats.sbom.xsd import Kind, Particle, schema, version_of
from tidegate.formats.xml_elements import Element, loads

LIMIT = 64 * 1024 * 1024
MAX_ERRORS = 5
_INSTANCE = frozenset({"schemaLocation", "noNamespaceSchemaLocation"})
_POINTERS = frozenset({"dependency", "provides", "assembly"})


def parse(document: bytes) -> Element:
    """The root of a valid document of any version. Raises FormatError that names the first errors.

    Beyond the schema, as with JSON: every reference in the dependency graph and the compositions points to something.
    """
    root = loads(document, limit=LIMIT, what="the SBOM")
    version = version_of(root.namespace)
    if root.name != "bom" or not version:
        raise FormatError("the SBOM is not CycloneDX XML of a known version", line=root.line)
    grammar = schema(version)
    faults = _Checker(grammar.namespace).check(root, grammar.root.kind)
    if not faults:
        faults = list(islice(_references(root, grammar.unique), MAX_ERRORS))
    if faults:
        raise FormatError("the SBOM is not valid CycloneDX: " + "; ".join(faults))
    return root


class _Enough(Exception):
    """As many faults as are told."""


class _Checker:
    """Compares elements with their types. Recursion is bounded by the depth strict reading allows."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._faults: list[str] = []

    def check(self, element: Element, kind: Kind) -> list[str]:
        with suppress(_Enough):
            self._element(element, kind)
        return self._faults

    def _fault(self, element: Element, what: str) -> None:
        self._faults.append(f"line {element.line}: `{element.name[:60]}` {what}")
        if len(self._faults) >= MAX_ERRORS:
            raise _Enough

    def _element(self, element: Element, kind: Kind) -> None:
        if kind.anything:
            return
        self._attributes(element, kind)
        inside = element.children
        if kind.value is not None and not inside:
            if not kind.value(element.text):
                self._fault(element, f"cannot be {element.text[:60]!a}")
            return
        if not kind.mixed and element.text.strip(" \t\r\n"):
            self._fault(element, "holds text")
        at = self._particle(kind.content, element, 0) if kind.content is not None else 0
        if at < len(inside):
            self._fault(inside[at], "does not belong there")

    def _attributes(self, element: Element, kind: Kind) -> None:
        own = element.attributes.keys() - element.foreign
        for name in sorted(own):
            known = kind.attributes.get(name)
            if known is None and kind.others == "##any":
                continue
            if known is None:
                self._fault(element, f"has the unknown attribute {name[:60]!a}")
            elif not known[0](element.attributes[name]):
                self._fault(element, f"has a wrong value in `{name}`: {element.attributes[name][:60]!a}")
        if not kind.others and not element.foreign <= _INSTANCE:
            self._fault(element, "has attributes of another namespace")
        for name, (_, required) in kind.attributes.items():
            if required and name not in own:
                self._fault(element, f"lacks the attribute `{name}`")

    def _particle(self, particle: Particle, parent: Element, at: int) -> int:
        """Where a particle ends that begins at a child. Looking one ahead is enough: XML Schema wants grammars so."""
        times = 0
        while particle.high is None or times < particle.high:
            if at >= len(parent.children) or self._word(parent.children[at]) not in particle.first:
                break
            at = self._once(particle, parent, at)
            times += 1
        if times < particle.low and not particle.nullable:
            self._fault(parent, f"lacks {' or '.join(sorted(_needed(particle))[:3])}")
        return at

    def _once(self, particle: Particle, parent: Element, at: int) -> int:
        child = parent.children[at]
        if particle.term == "element":
            self._element(child, particle.kind)
            return at + 1
        if particle.term == "any":
            return at + 1
        if particle.term == "choice":
            word = self._word(child)
            return self._particle(next(each for each in particle.children if word in each.first), parent, at)
        for each in particle.children:
            at = self._particle(each, parent, at)
        return at

    def _word(self, element: Element) -> str:
        """What the grammar calls it: `*` for another namespace, and nothing it knows for none at all."""
        if element.namespace == self._namespace:
            return element.name
        return "*" if element.namespace else ""


def _needed(particle: Particle) -> frozenset[str]:
    """The names of which the first that must not be left out is one."""
    if particle.term != "sequence":
        return particle.first
    return next((_needed(each) for each in particle.children if not each.nullable), particle.first)


def _references(root: Element, unique: bool) -> Iterator[str]:
    """Names given twice, where the version's schema forbids it, and references that point nowhere."""
    counted = Counter(
        each.attributes["bom-ref"]
        for each in _inside(root)
        if "bom-ref" in each.attributes and "bom-ref" not in each.foreign
    )
    if unique:
        for ref, times in sorted(counted.items()):
            if times > 1:
                yield f"the bom-ref {ref[:100]!a} is given twice"
    graphs = [each for name in ("dependencies", "compositions") for each in root.all(name)]
    for element in (each for graph in graphs for each in _inside(graph)):
        ref = element.attributes.get("ref", "")
        if element.name in _POINTERS and ref not in counted and not ref.startswith("urn:cdx:"):
            yield f"line {element.line}: the reference {ref[:100]!a} points to nothing"


def _inside(top: Element) -> Iterator[Element]:
    """Every element below one, in no order."""
    stack = list(top.children)
    while stack:
        element = stack.pop()
        yield element
        stack += element.children
