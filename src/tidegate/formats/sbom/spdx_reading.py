"""A valid SPDX 2.3 document as our model; files, snippets and annotations count only where something contains them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from tidegate.formats.sbom.fields import Json, digests, record, records, text, words
from tidegate.formats.sbom.spdx_validation import CONTEXT, DOCUMENT, NOTHING
from tidegate.formats.sbom_model import (
    NOBODY,
    Aggregate,
    Bom,
    Component,
    Composition,
    Contact,
    Download,
    Licence,
    Organisation,
    Tool,
    Wording,
)
from tidegate.model.digest import Digest

_KINDS = {
    "APPLICATION": "application",
    "FRAMEWORK": "framework",
    "LIBRARY": "library",
    "CONTAINER": "container",
    "OPERATING_SYSTEM": "operating-system",
    "OPERATING-SYSTEM": "operating-system",
    "DEVICE": "device",
    "FIRMWARE": "firmware",
    "FILE": "file",
    "ARCHIVE": "file",
    "SOURCE": "file",
    "INSTALL": "file",
}
_AGENT = re.compile(r"(Organization|Person|Tool): *([^(]*?) *(?:\(([^)]*)\))?", re.DOTALL)
_FORWARD = frozenset({"DEPENDS_ON", "HAS_PREREQUISITE", "DYNAMIC_LINK", "STATIC_LINK"})
_BACKWARD = {
    "DEPENDENCY_OF": "",
    "RUNTIME_DEPENDENCY_OF": "required",
    "PROVIDED_DEPENDENCY_OF": "",
    "OPTIONAL_DEPENDENCY_OF": "optional",
    "DEV_DEPENDENCY_OF": "excluded",
    "TEST_DEPENDENCY_OF": "excluded",
    "BUILD_DEPENDENCY_OF": "excluded",
    "DEV_TOOL_OF": "excluded",
    "BUILD_TOOL_OF": "excluded",
    "TEST_TOOL_OF": "excluded",
}
_REFERENCES = {"cpe22Type": "cpe", "cpe23Type": "cpe", "swid": "swid", "swh": "swhid", "gitoid": "omnibor"}


def bom(plain: Json) -> Bom:
    """The SBOM of a document the check has passed; other documents give parts of one and raise nothing."""
    related = [
        (text(each, "spdxElementId"), text(each, "relationshipType"), text(each, "relatedSpdxElement"))
        for each in records(plain, "relationships")
    ]
    elements = {text(each, "SPDXID"): each for each in [*records(plain, "files"), *records(plain, "packages")]}
    scopes, edges, unsure, partial = _dependencies(related, frozenset(elements))
    named = {text(each, "licenseId"): _named(each) for each in records(plain, "hasExtractedLicensingInfos")}
    components = {ref: _component(ref, each, scopes.get(ref, ""), named) for ref, each in elements.items()}
    described = {*words(plain, "documentDescribes"), *_described(related)} & elements.keys()
    root = components[next(iter(described))] if len(described) == 1 else NOBODY
    made = record(plain, "creationInfo")
    agents = [_agent(each) for each in words(made, "creators")]
    return Bom(
        root=root,
        components=tuple(each for ref, each in components.items() if ref != root.ref),
        edges=tuple((ref, tuple(dict.fromkeys(to))) for ref, to in edges.items()),
        compositions=_unknown(unsure, partial),
        tool_version="",
        phases=tuple(_phases(text(made, "comment"))),
        timestamp=text(made, "created"),
        authors=tuple(Contact(name, email) for kind, name, email in agents if kind == "Person"),
        manufacturer=next((_organisation(n, e) for kind, n, e in agents if kind == "Organization"), None),
        tools=tuple(_tool(name) for kind, name, _ in agents if kind == "Tool"),
        licences=(Licence(text(plain, "dataLicense"), acknowledgement=""),),
        format="SPDX 2.3",
        serial=text(plain, "documentNamespace"),
    )


def _component(ref: str, plain: Json, scope: str, named: dict[str, Licence]) -> Component:
    """A package, or a file (which has a `fileName` and no `name`)."""
    locator = _locators(plain)
    supplier, originator = _agent(text(plain, "supplier")), _agent(text(plain, "originator"))
    filename = text(plain, "packageFileName")
    purpose = text(plain, "primaryPackagePurpose")
    return Component(
        ref=ref,
        kind="file" if "fileName" in plain else _KINDS.get(purpose, "library"),
        name=text(plain, "name") or text(plain, "fileName"),
        version=text(plain, "versionInfo"),
        purl=next((value for kind, value in locator if kind == "purl"), ""),
        scope=scope,
        hashes=tuple(digests(records(plain, "checksums"), "algorithm", "checksumValue")),
        downloads=tuple(_downloads(plain)),
        properties=(("bsi:component:filename", filename),) if filename else (),
        licences=tuple(_licences(plain, named)),
        supplier=_organisation(*supplier[1:]) if supplier[0] else None,
        manufacturer=_organisation(*originator[1:]) if originator[0] == "Organization" else None,
        authors=(Contact(*originator[1:]),) if originator[0] == "Person" else (),
        description=text(plain, "summary") or text(plain, "description"),
        copyright=_asserted(plain, "copyrightText"),
        identifiers=tuple(pair for pair in locator if pair[0] != "purl"),
    )


def _locators(plain: Json) -> list[tuple[str, str]]:
    found = []
    for each in records(plain, "externalRefs"):
        kind = text(each, "referenceType").rpartition("/")[2]
        if kind == "purl" or kind in _REFERENCES:
            found.append((_REFERENCES.get(kind, kind), text(each, "referenceLocator")))
    return found


def _downloads(plain: Json) -> Iterator[Download]:
    """The address of the package's own file, which its checksums are of; then those of its other files."""
    place = _asserted(plain, "downloadLocation")
    if place.startswith("git+"):
        address, _, commit = place.removeprefix("git+").rpartition("@")
        yield Download(address or place, comment=commit if address else "", kind="vcs")
    elif place:
        hashes = tuple(digests(records(plain, "checksums"), "algorithm", "checksumValue"))
        yield Download(place, hashes, text(plain, "packageFileName"))
    for each in records(plain, "externalRefs"):
        if text(each, "referenceType").rpartition("/")[2] == "distribution":
            yield Download(text(each, "referenceLocator"), tuple(_told(text(each, "comment"))))


def _told(comment: str) -> Iterator[Digest]:
    """The `algorithm:value` words of a comment, as our own documents write the digests of a further file."""
    for word in comment.split():
        with suppress(ValueError):
            yield Digest.parse(word)


def _asserted(plain: Json, key: str) -> str:
    value = text(plain, key)
    return "" if value in NOTHING else value


def _licences(plain: Json, named: dict[str, Licence]) -> Iterator[Licence]:
    """A reference to words the document quotes is those words; `NONE` and `NOASSERTION` are no licence."""
    for key, acknowledgement in (("licenseDeclared", "declared"), ("licenseConcluded", "concluded")):
        value = _asserted(plain, key)
        if value in named:
            yield replace(named[value], acknowledgement=acknowledgement)
        elif value:
            yield Licence(value, acknowledgement=acknowledgement)


def _phases(comment: str) -> Iterator[str]:
    """As our own documents tell them."""
    head, told, phases = comment.partition(CONTEXT)
    if told and not head:
        yield from phases.split(", ")


def _named(plain: Json) -> Licence:
    quoted, name = text(plain, "extractedText"), text(plain, "name")
    return Licence(name or quoted, Wording.NAME, text=quoted if name else "")


def _agent(words_: str) -> tuple[str, str, str]:
    """(kind, name, email) of `Organization: name (email)`; kind "" for anything else."""
    match = _AGENT.fullmatch(words_)
    return (match[1], match[2], match[3] or "") if match else ("", "", "")


def _organisation(name: str, email: str) -> Organisation:
    return Organisation(name, contacts=(Contact(email=email),) if email else ())


def _tool(name: str) -> Tool:
    """SPDX writes `name-version` into one word; what follows the last dash is a version when it begins with a digit."""
    head, dash, tail = name.rpartition("-")
    return Tool(head, tail) if dash and tail[:1].isdigit() else Tool(name)


def _described(related: list[tuple[str, str, str]]) -> Iterator[str]:
    for left, kind, right in related:
        if kind == "DESCRIBES" and left == DOCUMENT:
            yield right
        elif kind == "DESCRIBED_BY" and right == DOCUMENT:
            yield left


def _dependencies(
    related: list[tuple[str, str, str]], known: frozenset[str]
) -> tuple[dict[str, str], dict[str, list[str]], set[str], set[str]]:
    """The scope of each, who needs or contains whom, and whose needs, and parts, the document says not to know.

    `DEPENDS_ON NONE` says that it needs nobody.
    """
    scopes: dict[str, str] = {}
    edges: dict[str, list[str]] = defaultdict(list)
    unsure: set[str] = set()
    partial: set[str] = set()
    for left, kind, right in related:
        if kind in _BACKWARD or kind in ("CONTAINED_BY", "PREREQUISITE_FOR"):
            scope = _BACKWARD.get(kind, "")
            if scope and left in known:
                scopes[left] = scope
            left, right = right, left
        elif kind not in _FORWARD and kind != "CONTAINS":
            continue
        if left in known and right in known:
            edges[left].append(right)
        elif left in known and right == "NONE":
            edges[left] += ()
        elif left in known and right == "NOASSERTION":
            (partial if kind == "CONTAINS" else unsure).add(left)
    return scopes, edges, unsure, partial


def _unknown(needs: set[str], parts: set[str]) -> tuple[Composition, ...]:
    if not needs and not parts:
        return ()
    return (Composition(Aggregate.UNKNOWN, tuple(sorted(parts)), tuple(sorted(needs))),)
