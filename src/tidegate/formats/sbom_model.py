"""What an SBOM says, before a format writes it down: components, who needs whom, and how complete that is."""

from dataclasses import dataclass
from enum import StrEnum

from tidegate.model.digest import Digest


class Aggregate(StrEnum):
    """How complete a statement about parts or dependencies is (CycloneDX 1.6 "compositions")."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """Where a component was seen: a repository path and a 1-based line."""

    location: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """Where a component comes from. `hashes` are of the file behind `url`, or of every file `comment` speaks of."""

    url: str
    hashes: tuple[Digest, ...] = ()
    comment: str = ""
    kind: str = "distribution"


@dataclass(frozen=True, slots=True)
class Component:
    """`ref` is unique in the SBOM. `kind` is a CycloneDX type, `scope` `required`, `optional`, `excluded` or "".

    `parts` are assembled into the component (vendored files in an artifact).
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


@dataclass(frozen=True, slots=True)
class Composition:
    """Says how complete the parts (`assemblies`) and dependencies of these components are; all are refs."""

    aggregate: Aggregate
    assemblies: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bom:
    """One release's SBOM. `edges` holds one entry a component, empty for leaves. `timestamp` is RFC 3339 or ""."""

    root: Component
    components: tuple[Component, ...]
    edges: tuple[tuple[str, tuple[str, ...]], ...]
    compositions: tuple[Composition, ...]
    tool_version: str
    phases: tuple[str, ...] = ("pre-build", "post-build")
    timestamp: str = ""
