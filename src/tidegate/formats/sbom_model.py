"""What an SBOM says, before a format writes it down or after one was read: components, edges, how complete they are."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from tidegate.late import dataclass
from tidegate.model.digest import Digest


class Aggregate(StrEnum):
    """How complete a statement about parts or dependencies is (CycloneDX 1.6 "compositions").

    Our own SBOMs say the first three; the others are read.
    """

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    UNKNOWN = "unknown"
    FIRST_PARTY = "incomplete_first_party_only"
    FIRST_PARTY_PROPRIETARY = "incomplete_first_party_proprietary_only"
    FIRST_PARTY_OPEN = "incomplete_first_party_opensource_only"
    THIRD_PARTY = "incomplete_third_party_only"
    THIRD_PARTY_PROPRIETARY = "incomplete_third_party_proprietary_only"
    THIRD_PARTY_OPEN = "incomplete_third_party_opensource_only"
    NOT_SPECIFIED = "not_specified"


class Wording(StrEnum):
    """What the words of a licence are: an SPDX expression (one identifier is one, too), or somebody's name for it."""

    EXPRESSION = "expression"
    NAME = "name"


@dataclass(frozen=True, slots=True, order=True)
class Licence:
    """`acknowledgement` is `declared` (by the author), `concluded` (by who made the SBOM) or "" where nobody says."""

    value: str
    wording: Wording = Wording.EXPRESSION
    acknowledgement: str = "declared"
    url: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Contact:
    """A person."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Organisation:
    name: str = ""
    urls: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Tool:
    """A program that had a part in making the SBOM."""

    name: str
    version: str = ""
    vendor: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """Where a component was seen: a repository path and a 1-based line."""

    location: str
    line: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """Why we believe that `field` of a component is what it says: `technique` is CycloneDX's, `at` what was read."""

    field: str
    technique: str
    confidence: float
    at: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """Where a component comes from, or what else is said of it elsewhere. `hashes` are of the file behind `url`.

    `kind` is a CycloneDX type of external reference; `comment` names the file, or the revision of a `vcs`.
    """

    url: str
    hashes: tuple[Digest, ...] = ()
    comment: str = ""
    kind: str = "distribution"


@dataclass(frozen=True, slots=True)
class Component:
    """`ref` is unique in the SBOM. `kind` is a CycloneDX type, `scope` `required`, `optional`, `excluded` or "".

    `parts` are assembled into the component (vendored files in an artifact). `licence` are the author's words as found;
    what a document says in its own structure is in `licences`, and `stated` is whichever there is. `identifiers` are
    (kind, value) besides the purl: `cpe`, `swid`, `swhid`, `omnibor`. `external` says that it is no part of what is
    released but expected where that runs.
    """

    ref: str
    kind: str
    name: str
    version: str = ""
    group: str = ""
    purl: str = ""
    licence: str = ""
    scope: str = ""
    hashes: tuple[Digest, ...] = ()
    downloads: tuple[Download, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    parts: tuple["Component", ...] = ()
    licences: tuple[Licence, ...] = ()
    supplier: Organisation | None = None
    manufacturer: Organisation | None = None
    authors: tuple[Contact, ...] = ()
    publisher: str = ""
    description: str = ""
    copyright: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    identities: tuple[Identity, ...] = ()
    external: bool = False

    def property(self, name: str) -> str:
        """The first value of a property, "" without one."""
        return next((value for key, value in self.properties if key == name), "")


@dataclass(frozen=True, slots=True)
class Composition:
    """Says how complete the parts (`assemblies`) and dependencies of these components are; all are refs."""

    aggregate: Aggregate
    assemblies: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """What built the release: `uid` names the workflow's file at its commit or ref, `path` is the file's, `url` a page
    or address of it."""

    uid: str
    path: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Bom:
    """One release's SBOM. `edges` holds one entry a component, empty for leaves. `timestamp` is RFC 3339 or "".

    `tool_version` is ours, "" in a document that was read: there, `tools` names every tool. `authors`, `manufacturer`
    and `supplier` are of the SBOM or of the whole it describes. `format` is what was read: `CycloneDX 1.6`, `SPDX 2.3`.
    A document that describes no root has one without ref and name.
    """

    root: Component
    components: tuple[Component, ...]
    edges: tuple[tuple[str, tuple[str, ...]], ...]
    compositions: tuple[Composition, ...]
    tool_version: str
    phases: tuple[str, ...] = ("pre-build", "post-build")
    timestamp: str = ""
    authors: tuple[Contact, ...] = ()
    manufacturer: Organisation | None = None
    supplier: Organisation | None = None
    tools: tuple[Tool, ...] = ()
    workflow: Workflow | None = None
    properties: tuple[tuple[str, str], ...] = ()
    licences: tuple[Licence, ...] = ()
    """Under which the SBOM itself may be passed on."""
    format: str = ""
    serial: str = ""
    vulnerabilities: int = 0
    """How many vulnerabilities the document itself states."""

    def every(self) -> Iterator[Component]:
        """Every component, the root (where there is one) first, then each before its parts."""
        if self.root.name or self.root.ref:
            yield from _nested((self.root,))
        yield from _nested(self.components)


NOBODY = Component("", "", "")
"""The root of a document that names none."""


def _nested(components: Iterable[Component]) -> Iterator[Component]:
    stack = list(components)[::-1]
    while stack:
        component = stack.pop()
        yield component
        stack.extend(component.parts[::-1])
