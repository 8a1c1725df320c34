"""What a stage hands back: coverage, findings, evidence, and where it was blind."""

from dataclasses import field

from tidegate.late import dataclass
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.exemption import Exemption
from tidegate.model.finding import Finding, Rule


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was looked at: `examined` out of `expected` things called `what`.

    `release` None counts for every release. `examined` below `expected` without a finding that says why is blindness.
    """

    what: str
    examined: int
    expected: int
    release: str | None = None
    detail: str = ""
    """A short remark for the table, such as the count and age of a database."""


@dataclass(frozen=True, slots=True)
class Blind:
    """Something outside the team's reach did not answer. `release` None blinds the row for every release."""

    reason: str
    hint: str
    release: str | None = None


@dataclass(frozen=True, slots=True)
class Produced:
    """A document a stage wrote for the evidence folder. `text` is its whole content."""

    name: str
    media_type: str
    text: str
    release: str | None = None
    artifact: str = ""

    @property
    def digest(self) -> Digest:
        return Digest.of(self.text.encode())


TOPICS = ("source", "workflow", "dependencies", "time", "signed", "approved", "rebuilt")
"""The clauses of the evidence sentence, in its order."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of the evidence sentence about one artifact.

    `says` is the clause (`built from …`), `basis` one of certificate, oidc, content, signature, env, declared, and
    `proven` whether that basis proves it. An unproven clause says what is missing in `says`.
    """

    artifact: str
    topic: str
    """One of `TOPICS`."""
    says: str
    basis: str
    proven: bool
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One stage's answer. A report without coverage is no answer."""

    control: Control
    coverage: tuple[Coverage, ...]
    findings: tuple[Finding, ...] = ()
    produced: tuple[Produced, ...] = ()
    blind: tuple[Blind, ...] = ()
    clauses: tuple[Clause, ...] = ()
    rules: tuple[Rule, ...] = field(default=())
    """The rules of the findings, so that reporters can explain them."""
    notes: tuple[str, ...] = field(default=())
    """Standing warnings and other remarks for the reader; they change no verdict."""
    facts: tuple[tuple[str, str], ...] = field(default=())
    """Versions, digests and counts for the evidence record, as sorted pairs."""
    inline: tuple[Exemption, ...] = field(default=())
    """What comments in the source ask to accept; the judge grants it to the soft rules of row 3 alone."""
