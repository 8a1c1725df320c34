"""The XML schemas of CycloneDX as grammars: what the installed library's `.xsd` files say, read once a version.

Of XML Schema 1.0, exactly what these files use is understood; anything else in them raises KeyError or ValueError when
they are loaded, never a document's reader.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files

from tidegate.formats.sbom.xsd_values import BUILT_IN, Check, restricted, union
from tidegate.formats.xml_elements import Element, loads

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
_NAMESPACE = "http://cyclonedx.org/schema/bom/"
_LIMIT = 4 << 20
_MODEL = ("sequence", "choice", "element", "any")


@dataclass(slots=True)
class Kind:
    """A complex type, or a simple one: then only `value` is there. `attributes` are (check, required) by name."""

    value: Check | None = None
    attributes: dict[str, tuple[Check, bool]] = field(default_factory=dict)
    others: str = ""
    """Which other attributes it may have: `##other` those of other namespaces, `##any` all."""
    content: "Particle | None" = None
    mixed: bool = False
    anything: bool = False
    """Nothing is known of what it holds."""


@dataclass
class Particle:
    """One term of a content model, `low` to `high` times (None: any number). `children` are of sequences, choices."""

    term: str
    low: int
    high: int | None
    name: str = ""
    node: Element | None = None
    schema: "Schema | None" = None
    children: tuple["Particle", ...] = ()

    @cached_property
    def kind(self) -> Kind:
        """The type of an element; made when first asked for, since types hold themselves."""
        if self.node is None or self.schema is None:
            raise ValueError(f"a {self.term} has no type")
        return self.schema.element_kind(self.node)

    @cached_property
    def nullable(self) -> bool:
        """Can it be left out?"""
        if self.low == 0:
            return True
        if self.term == "sequence":
            return all(child.nullable for child in self.children)
        return self.term == "choice" and any(child.nullable for child in self.children)

    @cached_property
    def first(self) -> frozenset[str]:
        """The names it can begin with; `*` is any element of another namespace."""
        if self.term in ("element", "any"):
            return frozenset({self.name})
        names: set[str] = set()
        for child in self.children:
            names |= child.first
            if self.term == "sequence" and not child.nullable:
                break
        return frozenset(names)


class Schema:
    """One version's. `root` is the element `bom`."""

    def __init__(self, version: str) -> None:
        self.namespace = _NAMESPACE + version
        top = _document(f"bom-{version}.SNAPSHOT.xsd")
        self._named = {each.attributes["name"]: each for each in top.children if "name" in each.attributes}
        self._kinds: dict[str, Kind] = {}
        self._licences = next(each for each in _document("spdx.SNAPSHOT.xsd").children if each.name == "simpleType")
        self.root = self._particle(next(each for each in top.all("element") if each.attributes["name"] == "bom"))
        self.unique = any(each.name == "unique" for each in _nodes(top))

    def element_kind(self, node: Element) -> Kind:
        inline = node.first("complexType") or node.first("simpleType")
        if inline is None and "type" not in node.attributes:
            return Kind(anything=True)
        return self._kind(inline) if inline is not None else self._referred(node.attributes["type"])

    def _referred(self, name: str) -> Kind:
        prefix, _, local = name.rpartition(":")
        if name not in self._kinds:
            if prefix == "xs":
                self._kinds[name] = Kind(value=BUILT_IN[local])
            elif prefix == "spdx":
                self._kinds[name] = self._kind(self._licences)
            else:
                self._kinds[name] = self._kind(self._named[local])
        return self._kinds[name]

    def _value(self, name: str) -> Check:
        value = self._referred(name).value
        if value is None:
            raise ValueError(f"the type {name} is not a simple one")
        return value

    def _kind(self, node: Element) -> Kind:
        if node.name == "simpleType":
            return Kind(value=self._simple(node))
        kind = Kind(mixed=node.attributes.get("mixed") == "true")
        simple = node.first("simpleContent")
        holder = node
        if simple is not None:
            holder = simple.children[-1]
            kind.value = self._value(holder.attributes["base"])
        models = [each for each in holder.children if each.name in ("sequence", "choice")]
        kind.content = self._particle(models[0]) if models else None
        kind.attributes = dict(self._attributes(holder))
        further = holder.first("anyAttribute")
        kind.others = "" if further is None else further.attributes["namespace"]
        return kind

    def _simple(self, node: Element) -> Check:
        several = node.first("union")
        if several is not None:
            return union([self._value(name) for name in several.attributes["memberTypes"].split()])
        (restriction,) = node.all("restriction")
        return restricted(self._value(restriction.attributes["base"]), restriction)

    def _attributes(self, node: Element) -> Iterator[tuple[str, tuple[Check, bool]]]:
        for each in node.all("attribute"):
            inline = each.first("simpleType")
            check = (
                self._simple(inline) if inline is not None else self._value(each.attributes.get("type", "xs:string"))
            )
            yield each.attributes["name"], (check, each.attributes.get("use") == "required")
        for each in node.all("attributeGroup"):
            yield from self._attributes(self._named[each.attributes["ref"].rpartition(":")[2]])

    def _particle(self, node: Element) -> Particle:
        low, high = node.attributes.get("minOccurs", "1"), node.attributes.get("maxOccurs", "1")
        return Particle(
            term=node.name,
            low=int(low),
            high=None if high == "unbounded" else int(high),
            name="*" if node.name == "any" else node.attributes.get("name", ""),
            node=node,
            schema=self,
            children=tuple(self._particle(each) for each in node.children if each.name in _MODEL)
            if node.name in ("sequence", "choice")
            else (),
        )


@cache
def schema(version: str) -> Schema:
    if version not in VERSIONS:
        raise ValueError(f"no such schema: {version[:20]}")
    return Schema(version)


def version_of(namespace: str) -> str:
    """The version a namespace stands for, "" for any other namespace."""
    version = namespace.removeprefix(_NAMESPACE)
    return version if version in VERSIONS and namespace == _NAMESPACE + version else ""


@cache
def _document(name: str) -> Element:
    return loads((files("cyclonedx.schema._res") / name).read_bytes(), limit=_LIMIT, what=name)


def _nodes(top: Element) -> Iterator[Element]:
    stack = [top]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.children)
