"""Who knows more of packages and pipelines than the repository says: advisories, registries, scanners."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from tidegate.late import dataclass
from tidegate.model.package import Locked
from tidegate.model.vulnerability import Advisory

if TYPE_CHECKING:  # few ask a registry
    from tidegate.model.publication import Answers, Question


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """Which advisories answered: `name` (URL or folder), record count, newest `modified` (RFC 3339, or "")."""

    name: str
    records: int
    newest: str
    digest: str = ""
    offline: bool = True
    index: str = ""
    """Digest of the index that was asked in the place of the database, "" where none was."""


@dataclass(frozen=True, slots=True)
class Unaudited:
    """A package no answer can be given for, and why (mendable by the team)."""

    package: Locked
    reason: str


@dataclass(frozen=True, slots=True)
class Unevaluable:
    """An advisory (by its preferred id) that names a package and does not decide whether its version is affected."""

    package: Locked
    advisory: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """An advisory that one engine applies to a package and another does not: `seen_by` and `missed_by` name them."""

    package: Locked
    advisory: str
    seen_by: str
    missed_by: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """`audited + len(unaudited)` equals the number of packages asked about.

    A package of `unevaluable` counts as audited: every advisory was looked at, and the doubtful one is told apart.
    """

    facts: tuple[DatabaseFacts, ...]
    hits: tuple[tuple[Locked, Advisory], ...]
    unaudited: tuple[Unaudited, ...]
    audited: int
    queries: int = 0
    unevaluable: tuple[Unevaluable, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    """Where a second engine was asked and the answers differ."""
    notes: tuple[str, ...] = ()
    """What whoever reads the report must know about how this answer came about."""


class VulnSource(Protocol):
    """Advisories for locked packages. Raises UnavailableError or StaleDatabase, never answers by silence."""

    def audit(self, packages: Sequence[Locked]) -> Audit: ...


class PackageIndex(Protocol):
    """Package registries, asked what they declare of projects and releases. Never raises for one that fails: every
    question has an answer, is owed one, or was not asked, and which of the three is told."""

    def ask(self, questions: "Sequence[Question]") -> "Answers": ...


@dataclass(frozen=True, slots=True)
class Sensed:
    """One observation of a sensor, places 1-based; `snippet` may hold foreign text and is bounded."""

    ident: str
    severity: str
    confidence: str
    message: str
    path: str
    line: int | None
    column: int | None
    job: str = ""
    ignored: bool = False
    url: str = ""
    subject: str = ""
    """What exactly is meant, stable when lines move: an action, an expression, or a short digest of the passage."""
    persona: str = ""
    """Whom the sensor would tell: "regular", "pedantic" (known to be out of an outsider's hands) or "auditor"."""


@dataclass(frozen=True, slots=True)
class Sensing:
    """What a sensor saw and which of the given files it really completed."""

    tool: str
    version: str
    digest: str
    completed: frozenset[str]
    refused: Mapping[str, str]
    """Files the sensor could not read, each with its reason."""
    sensed: tuple[Sensed, ...]


class Sensor(Protocol):
    """A third-party scanner behind one adapter. Raises ToolMissing or UnavailableError."""

    def sense(self, files: Mapping[str, bytes]) -> Sensing:
        """Scan exactly these files (path to content)."""
        ...
