"""SPDX 2.3 JSON: packages, how they hang together, and `NOASSERTION` wherever nobody said anything.

Files inside artifacts are packages of purpose `FILE`: SPDX 2.3 wants a SHA-1 of everything it calls a file, and that is
a digest nobody should be asked to trust.
"""

import hashlib
import re
import uuid
from collections.abc import Iterator
from functools import lru_cache

from tidegate.formats.sbom.fields import Json
from tidegate.formats.sbom.json_lines import document, lines
from tidegate.formats.sbom.licences import stated
from tidegate.formats.sbom.spdx_validation import CONTEXT, DOCUMENT, NOTHING, VERSION
from tidegate.formats.sbom.words import fit
from tidegate.formats.sbom_model import Aggregate, Bom, Component, Contact, Download, Licence, Organisation, Wording
from tidegate.model.digest import Digest

NO_TIME = "1970-01-01T00:00:00Z"
"""Written where neither a commit nor SOURCE_DATE_EPOCH gives a time: the format wants one, a clock is no content."""

_NAMESPACES = uuid.uuid5(uuid.NAMESPACE_URL, "https://spdx.org/spdxdocs")
_NOASSERTION = "NOASSERTION"
_ALGORITHMS = {"md5": "MD5", "sha1": "SHA1", "sha256": "SHA256", "sha384": "SHA384", "sha512": "SHA512"}
_PURPOSES = {
    "application": "APPLICATION",
    "framework": "FRAMEWORK",
    "library": "LIBRARY",
    "container": "CONTAINER",
    "operating-system": "OPERATING_SYSTEM",
    "device": "DEVICE",
    "firmware": "FIRMWARE",
    "file": "FILE",
}
_SOURCE = (".tar.gz", ".zip", ".tgz", ".tar.bz2", ".crate", ".gem")
_FILES = frozenset({"distribution", "distribution-intake", "source-distribution"})
_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")
_OWN_LICENCE = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")


def render(bom: Bom, _spec: str = "") -> str:
    """The document, ending in a newline; the namespace is a UUIDv5 over everything else in it."""
    writer = _Writer(bom)
    packages = [writer.package(each) for each in writer.components]
    body: Json = {
        "creationInfo": _creation(bom),
        "documentDescribes": [identifier(bom.root.ref)],
        "packages": packages,
        "hasExtractedLicensingInfos": writer.quoted(),
        "relationships": sorted(writer.relationships(), key=lambda each: tuple(map(str, each.values()))),
    }
    content = lines({key: value for key, value in body.items() if value})
    head: Json = {
        "spdxVersion": VERSION,
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": fit(bom.root.name or bom.root.ref),
        "documentNamespace": f"urn:uuid:{uuid.uuid5(_NAMESPACES, content)}",
    }
    return document(lines(head), content)


@lru_cache(maxsize=65536)
def identifier(ref: str) -> str:
    """A name SPDX accepts for a ref: readable in part, and never the same for two."""
    digest = hashlib.sha256(ref.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"SPDXRef-{_UNFIT.sub('-', ref)[:60].strip('-.')}-{digest}"


class _Writer:
    def __init__(self, bom: Bom) -> None:
        self._bom = bom
        self.components = sorted(bom.every(), key=lambda each: each.ref)
        self._words: dict[str, str] = {}
        """Licences by the reference SPDX knows them by."""

    def package(self, component: Component) -> Json:
        primary, others = _files(component)
        name = f"{component.group}/{component.name}" if component.group else component.name
        filename = component.property("bsi:component:filename") or (primary.comment if primary is not None else "")
        checksums = component.hashes or (primary.hashes if primary is not None else ())
        fields: Json = {
            "SPDXID": identifier(component.ref),
            "name": fit(name),
            "versionInfo": fit(component.version),
            "packageFileName": fit(filename),
            "supplier": _agent(component.supplier),
            "originator": _originator(component),
            "downloadLocation": _location(component, primary),
            "filesAnalyzed": False,
            "checksums": _checksums(checksums),
            "sourceInfo": _seen(component),
            "licenseConcluded": self._licence(component, "concluded"),
            "licenseDeclared": self._licence(component, "declared"),
            "copyrightText": fit(component.copyright) or _NOASSERTION,
            "description": fit(component.description),
            "externalRefs": [*_locators(component), *map(_distribution, others)],
            "primaryPackagePurpose": _purpose(component),
        }
        return {key: value for key, value in fields.items() if value not in ("", [])}

    def _licence(self, component: Component, acknowledgement: str) -> str:
        """What was declared counts as declared, and so does what nobody classified."""
        wanted = {"concluded"} if acknowledgement == "concluded" else {"declared", ""}
        said = [self._spelt(each) for each in sorted(stated(component)) if each.acknowledgement in wanted]
        if len(said) > 1:
            said = [f"({each})" if " " in each else each for each in said]
        return " AND ".join(said) or _NOASSERTION

    def _spelt(self, licence: Licence) -> str:
        words = fit(licence.value)
        if licence.wording is Wording.EXPRESSION:
            for name in _OWN_LICENCE.findall(words):
                self._words.setdefault(name, f"not in this document; its author calls it {name}")
            return words
        digest = hashlib.sha256(words.encode()).hexdigest()[:12]
        name = f"LicenseRef-{_UNFIT.sub('-', words)[:40].strip('-.')}-{digest}".replace("--", "-")
        self._words[name] = words
        return name

    def quoted(self) -> list[Json]:
        """Every licence that is no expression, in its author's words."""
        return [
            {"licenseId": name, "extractedText": words, "name": words[:200]}
            for name, words in sorted(self._words.items())
        ]

    def relationships(self) -> Iterator[Json]:
        known = {each.ref: each for each in self.components}
        yield _related(DOCUMENT, "DESCRIBES", identifier(self._bom.root.ref))
        for component in self.components:
            for part in component.parts:
                yield _related(identifier(component.ref), "CONTAINS", identifier(part.ref))
        for ref, targets in self._bom.edges:
            if ref in known:
                for target in set(targets) & known.keys():
                    yield from _edges(known[ref], known[target])
        yield from self._completeness(known, {ref for ref, targets in self._bom.edges if targets})

    def _completeness(self, known: dict[str, Component], needing: set[str]) -> Iterator[Json]:
        """`NONE` for what is known to need nothing, `NOASSERTION` for what may need or hold more than is told."""
        for composition in self._bom.compositions:
            whole = composition.aggregate is Aggregate.COMPLETE
            for ref in composition.dependencies:
                if ref in known and (not whole or ref not in needing):
                    yield _related(identifier(ref), "DEPENDS_ON", "NONE" if whole else _NOASSERTION)
            for ref in composition.assemblies:
                if ref in known and not whole:
                    yield _related(identifier(ref), "CONTAINS", _NOASSERTION)


def _related(left: str, kind: str, right: str) -> Json:
    return {"spdxElementId": left, "relationshipType": kind, "relatedSpdxElement": right}


def _edges(left: Component, right: Component) -> Iterator[Json]:
    """A file of the release is part of it. That only development needs something is said besides that it is needed:
    readers that follow one kind of relationship alone would lose it otherwise."""
    here, there = identifier(left.ref), identifier(right.ref)
    if right.kind == "file":
        yield _related(here, "CONTAINS", there)
        return
    yield _related(here, "DEPENDS_ON", there)
    if right.scope == "excluded" != left.scope:
        yield _related(there, "DEV_DEPENDENCY_OF", here)
    elif right.scope == "optional" and left.scope not in ("optional", "excluded"):
        yield _related(there, "OPTIONAL_DEPENDENCY_OF", here)


def _creation(bom: Bom) -> Json:
    tools = [f"Tool: tidegate-{fit(bom.tool_version)}"] if bom.tool_version else []
    tools += [f"Tool: {fit(each.name)}" + (f"-{fit(each.version)}" if each.version else "") for each in bom.tools]
    people = [_person(each) for each in bom.authors]
    makers = [_agent(each) for each in (bom.manufacturer,) if each is not None]
    made: Json = {
        "created": bom.timestamp.replace("+00:00", "Z") or NO_TIME,
        "creators": sorted({*tools, *people, *makers} - NOTHING) or ["Tool: tidegate"],
    }
    return made | ({"comment": CONTEXT + ", ".join(bom.phases)} if bom.phases else {})


def _person(contact: Contact) -> str:
    return f"Person: {_plain(contact.name) or 'anonymous'}" + (f" ({_plain(contact.email)})" if contact.email else "")


def _agent(organisation: Organisation | None) -> str:
    if organisation is None or not organisation.name:
        return _NOASSERTION
    email = next((each.email for each in sorted(organisation.contacts) if each.email), "")
    return f"Organization: {_plain(organisation.name)}" + (f" ({_plain(email)})" if email else "")


def _plain(words: str) -> str:
    """Without the brackets that would begin an address."""
    return fit(words).replace("(", "[").replace(")", "]")


def _originator(component: Component) -> str:
    if component.manufacturer is not None:
        return _agent(component.manufacturer)
    return _person(min(component.authors)) if component.authors else ""


def _files(component: Component) -> tuple[Download | None, list[Download]]:
    """The file that stands for the package (its source, where there is one), and the others.

    SPDX gives a package one file and that file's digests.
    """
    files = sorted((d for d in component.downloads if d.kind in _FILES), key=lambda d: (d.url, d.comment))
    single = [each for each in files if " " not in each.comment]  # what has a sentence for a name are several
    primary = next((each for each in single if (each.comment or each.url).endswith(_SOURCE)), (*single, None)[0])
    return primary, [each for each in files if each is not primary]


def _location(component: Component, primary: Download | None) -> str:
    if primary is not None and "://" in primary.url:
        return fit(primary.url)
    sources = sorted((d.url, d.comment) for d in component.downloads if d.kind == "vcs" and d.comment)
    if not sources or "://" not in sources[0][0]:
        return _NOASSERTION
    address, commit = sources[0]
    return fit(f"git+{address.removesuffix('.git')}.git@{commit}")


def _checksums(hashes: tuple[Digest, ...]) -> list[Json]:
    known = sorted({each for each in hashes if each.algorithm in _ALGORITHMS})
    return [{"algorithm": _ALGORITHMS[each.algorithm], "checksumValue": each.value} for each in known]


def _seen(component: Component) -> str:
    places = sorted(f"{fit(each.location)}:{each.line or 0}".removesuffix(":0") for each in component.occurrences)
    return f"seen in {', '.join(places[:10])}" if places else ""


def _locators(component: Component) -> Iterator[Json]:
    if component.purl:
        yield _reference("PACKAGE-MANAGER", "purl", component.purl)
    for kind, value in sorted(component.identifiers):
        if kind == "cpe":
            yield _reference("SECURITY", "cpe23Type" if value.startswith("cpe:2.3:") else "cpe22Type", value)
        elif kind in ("swhid", "omnibor"):
            yield _reference("PERSISTENT-ID", "swh" if kind == "swhid" else "gitoid", value)


def _reference(category: str, kind: str, locator: str) -> Json:
    return {"referenceCategory": category, "referenceType": kind, "referenceLocator": fit(locator).replace(" ", "%20")}


def _distribution(download: Download) -> Json:
    told = " ".join(str(each) for each in sorted(download.hashes))
    return _reference("OTHER", "distribution", download.url) | ({"comment": told} if told else {})


def _purpose(component: Component) -> str:
    if component.kind == "file" and component.property("bsi:component:archive") == "archive":
        return "ARCHIVE"
    return _PURPOSES.get(component.kind, "OTHER")
