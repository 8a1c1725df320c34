"""The judge's word on each row of each release, and the run that holds them all."""

from dataclasses import field
from enum import StrEnum

from tidegate.late import dataclass
from tidegate.model.control import Control, Scope
from tidegate.model.evidence import Clause, Coverage
from tidegate.model.exemption import Exemption
from tidegate.model.exit_code import ExitCode as ExitCode
from tidegate.model.finding import Finding, Level, Rule
from tidegate.model.inventory import Source
from tidegate.model.release import Release


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    UNDECIDED = "undecided"
    NOT_REQUIRED = "not required"
    WOULD_SHUT = "would shut"
    LATER = "later"


class Standing(StrEnum):
    """What became of an exemption in this run."""

    USED = "used"
    UNUSED = "unused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with the level the policy gives it, and the exemption that covers it, if one does."""

    finding: Finding
    level: Level
    exemption: Exemption | None = None

    @property
    def shuts(self) -> bool:
        return self.level is Level.FAIL and self.exemption is None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One cell of the table."""

    control: Control
    release: str
    outcome: Outcome
    findings: tuple[Judged, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why undecided, not required, or would shut."""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Standed:
    """An exemption and what became of it."""

    exemption: Exemption
    standing: Standing
    count: int = 0


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """Which policy judged: its digest covers the effective values and every file it names."""

    path: str
    digest: str
    ref: str = ""
    presets: tuple[str, ...] = ()
    first_adoption: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that happened, complete enough to render any report and to compute the exit code."""

    id: str
    tool: str
    scope: Scope
    started: str
    finished: str
    policy: PolicyFacts
    source: Source
    releases: tuple[Release, ...]
    rows: tuple[Control, ...]
    """The rows this scope must answer, in table order; `later` rows are not among them."""
    verdicts: tuple[Verdict, ...]
    exemptions: tuple[Standed, ...] = ()
    rules: tuple[Rule, ...] = ()
    clauses: tuple[Clause, ...] = ()
    notes: tuple[str, ...] = field(default=())
    evidence: str = ""
    """The run's evidence folder, as shown to the user; "" when none was written."""

    def lets_through(self) -> bool:
        """Asked again, independently of the judge: is every cell of the scope there, each one open, one a pass?"""
        cells = {(v.control, v.release): v.outcome for v in self.verdicts if v.outcome is not Outcome.LATER}
        wanted = {(row, release.name) for row in self.rows for release in self.releases}
        if (
            not wanted
            or set(cells) != wanted
            or len(cells) != sum(v.outcome is not Outcome.LATER for v in self.verdicts)
        ):
            return False
        if any(j.shuts for v in self.verdicts if v.outcome is Outcome.PASS for j in v.findings):
            return False
        open_ = {Outcome.PASS, Outcome.NOT_REQUIRED, Outcome.WOULD_SHUT}
        return all(o in open_ for o in cells.values()) and any(o is Outcome.PASS for o in cells.values())

    @property
    def exit_code(self) -> ExitCode:
        """0 open, 1 shut by a finding, 3 undecided; 1 wins over 3."""
        if any(v.outcome is Outcome.FAIL for v in self.verdicts):
            return ExitCode.SHUT
        return ExitCode.OPEN if self.lets_through() else ExitCode.UNDECIDED
