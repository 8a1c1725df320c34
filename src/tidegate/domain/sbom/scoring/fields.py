"""Every field a standard asks for: a rule, and how one sees whether it is there. Blank text is not there."""

from collections.abc import Callable
from dataclasses import dataclass

from tidegate.domain.sbom.scoring import rules
from tidegate.domain.sbom.scoring.seen import (
    FILE,
    Seen,
    digests,
    fetched,
    mailed,
    moment,
    named,
    reachable,
    signed,
    version_of,
    web,
)
from tidegate.formats.sbom.licences import stated
from tidegate.formats.sbom_model import Bom, Component, Wording
from tidegate.model.finding import Rule

_SOURCES = ("source-distribution", "vcs")


@dataclass(frozen=True, slots=True)
class DocumentField:
    """`there` says whether the document has it."""

    rule: Rule
    says: str
    there: Callable[[Bom], bool]


@dataclass(frozen=True, slots=True)
class ComponentField:
    """`there` says it of one component; components that are plain files are asked only when `of_files`."""

    rule: Rule
    says: str
    there: Callable[[Component, Seen], bool]
    of_files: bool = False

    def asks(self, component: Component, seen: Seen) -> bool:
        """The root is asked for everything, whatever it is."""
        return self.of_files or component.kind != FILE or component is seen.bom.root


Field = DocumentField | ComponentField


def _author(bom: Bom) -> bool:
    return signed(bom.authors) or named(bom.manufacturer)


def _contact(bom: Bom) -> bool:
    return mailed(bom.authors) or reachable(bom.manufacturer)


def _tool(bom: Bom) -> bool:
    return bool(bom.tool_version) or any(tool.name.strip() for tool in bom.tools)


def _recent(bom: Bom) -> bool:
    return (version_of(bom.format, "CycloneDX") or ()) >= (1, 6) or (version_of(bom.format, "SPDX") or ()) >= (3, 0, 1)


def _supplier(component: Component, _: Seen) -> bool:
    makers = named(component.supplier) or named(component.manufacturer) or signed(component.authors)
    return makers or bool(component.publisher.strip())


def _creator(component: Component, _: Seen) -> bool:
    makers = reachable(component.manufacturer) or reachable(component.supplier) or mailed(component.authors)
    return makers or web(component.publisher) or "@" in component.publisher.strip("@")


def _identifier(component: Component, _: Seen) -> bool:
    return component.purl.startswith("pkg:") or any(value.strip() for _, value in component.identifiers)


def _relation(component: Component, seen: Seen) -> bool:
    return component.ref in (seen.entries if component is seen.bom.root else seen.held)


def _complete(component: Component, seen: Seen) -> bool:
    return component.ref in seen.entries and component.ref in seen.told


def _licence(acknowledgement: str = "") -> Callable[[Component, Seen], bool]:
    """Any licence; with an acknowledgement, an SPDX expression that carries it."""

    def there(component: Component, _: Seen) -> bool:
        return any(
            each.value.strip() not in ("", "NOASSERTION", "NONE")
            and (not acknowledgement or (each.acknowledgement, each.wording) == (acknowledgement, Wording.EXPRESSION))
            for each in stated(component)
        )

    return there


def _property(name: str, *values: str) -> Callable[[Component, Seen], bool]:
    return lambda component, _: component.property(name) in values


def _filename(component: Component, _: Seen) -> bool:
    name = component.property("bsi:component:filename").strip()
    return name != "" and "/" not in name


def _digest(component: Component, seen: Seen) -> bool:
    """A root of several files has no digest of its own; each of them has to have one."""
    if any(True for _ in digests(component)):
        return True
    return (
        component is seen.bom.root and bool(seen.files) and all(any(True for _ in digests(one)) for one in seen.files)
    )


AUTHOR = DocumentField(rules.AUTHOR, "author of the SBOM", _author)
TIMESTAMP = DocumentField(rules.TIMESTAMP, "time", lambda bom: moment(bom.timestamp))
TOOL = DocumentField(rules.TOOL, "tool", _tool)
CONTEXT = DocumentField(rules.CONTEXT, "generation context", lambda bom: any(map(str.strip, bom.phases)))
CONTACT = DocumentField(rules.CONTACT, "address of the SBOM's creator", _contact)
URI = DocumentField(rules.URI, "URI of the SBOM", lambda bom: ":" in bom.serial)
FORMAT = DocumentField(rules.FORMAT, "format that is new enough", _recent)
NO_VULNERABILITIES = DocumentField(
    rules.VULNERABILITIES, "content without vulnerabilities", lambda bom: bom.vulnerabilities == 0
)

NAME = ComponentField(rules.NAME, "name", lambda component, _: bool(component.name.strip()), of_files=True)
VERSION = ComponentField(rules.VERSION, "version", lambda component, _: bool(component.version.strip()))
SUPPLIER = ComponentField(rules.SUPPLIER, "supplier", _supplier)
IDENTIFIER = ComponentField(rules.IDENTIFIER, "identifier", _identifier)
RELATION = ComponentField(rules.RELATION, "relation", _relation, of_files=True)
HASH = ComponentField(rules.HASH, "digest", _digest, of_files=True)
LICENCE = ComponentField(rules.LICENCE, "licence", _licence())

CREATOR = ComponentField(rules.CREATOR, "address of the creator", _creator)
FILENAME = ComponentField(rules.FILENAME, "file name", _filename, of_files=True)
COMPLETENESS = ComponentField(rules.COMPLETENESS, "dependencies with their completeness", _complete)
DISTRIBUTION = ComponentField(rules.DISTRIBUTION, "distribution licence", _licence("concluded"))
ORIGINAL = ComponentField(rules.ORIGINAL, "original licence", _licence("declared"))
SHA512 = ComponentField(
    rules.SHA512, "SHA-512", lambda component, _: any(each.algorithm == "sha512" for each in digests(component)), True
)
EXECUTABLE = ComponentField(
    rules.EXECUTABLE,
    "executable property",
    _property("bsi:component:executable", "executable", "non-executable"),
    of_files=True,
)
ARCHIVE = ComponentField(
    rules.ARCHIVE, "archive property", _property("bsi:component:archive", "archive", "no archive"), of_files=True
)
STRUCTURED = ComponentField(
    rules.STRUCTURED,
    "structured property",
    _property("bsi:component:structured", "structured", "unstructured"),
    of_files=True,
)
SOURCE_URI = ComponentField(rules.SOURCE_URI, "URI of the source", lambda each, _: fetched(each, *_SOURCES))
DEPLOYABLE_URI = ComponentField(rules.DEPLOYABLE_URI, "URI of the file", lambda each, _: fetched(each, "distribution"))
