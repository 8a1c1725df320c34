"""What a run is asked, and what acts 2 and 3 need of the parent: the words the runner and the sealer share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.model.control import Control, Scope
from tidegate.model.evidence import Blind, Report
from tidegate.model.finding import Finding, Level, Rule
from tidegate.model.inventory import Inventory
from tidegate.model.release import Release
from tidegate.model.verdict import Outcome, PolicyFacts, Verdict

if TYPE_CHECKING:  # workers import this module, and most of them do without pydantic
    from tidegate.policy.schema import Policy

SIGNING_REFUSED = Rule(
    id="signing-refused",
    control=Control.SIGNING,
    level=Level.FAIL,
    says="the release was not signed",
    why="a signature lasts; what is signed must have passed act 1, be complete, and carry no secret",
    fix="mend what the message names, then run the gate again",
)
# What only repeats that a refused release is not signed.
ECHOES = frozenset({"signature-missing", "provenance-missing", "vsa-missing", "artifact-unknown"})

# Endings of findings that say what is not there yet, not that something is wrong with what is.
LACKING = ("-missing", "-unapproved")

OPEN = frozenset({Outcome.PASS, Outcome.NOT_REQUIRED, Outcome.WOULD_SHUT})


@dataclass(frozen=True, slots=True)
class Ask:
    """What a run is asked: `means` is the JSON from which a worker builds its world, opaque here."""

    scope: Scope
    policy: "Policy"
    releases: tuple[Release, ...]
    means: str
    only: frozenset[Control] = frozenset(Control)
    changed: Callable[[], tuple[Finding, ...]] = tuple
    """Findings for artifacts that no longer lie there as they were taken."""
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the parent found itself (a changed policy); it counts in row 2, or in another that can shut."""
    beside: "Policy | None" = None
    """A proposed policy whose verdicts are shown beside, and count for nothing."""
    run_id: str = ""
    evidence: str = ""
    question: str = ""
    """JSON of a `stages.searching.Search` that row 3, asked alone, answers in the place of the policy's own."""


class Seal:
    """Acts 2 and 3 as the runner needs them; `sealing.Sealer` is the real one, this one seals nothing."""

    def seal(
        self, ask: Ask, inventory: Inventory, reports: Mapping[Control, Report], refused: Mapping[str, str]
    ) -> None:
        """Make the missing signatures and attestations of every release not refused."""

    def prove(self, ask: Ask, verdicts: Sequence[Verdict], reports: Mapping[Control, Report]) -> None:
        """Write what was examined, the manifest, and a signed verdict for every release not refused."""

    def concluded(self, reports: Mapping[Control, Report]) -> None:
        """Told at the end, in every scope, what each stage reported."""

    @property
    def notes(self) -> tuple[str, ...]:
        return ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Why something was not signed, where a finding says so; they count in the sealing rows."""
        return ()

    @property
    def undecided(self) -> Mapping[str, Blind]:
        """Releases, by name, that only an outside service kept from being signed: their rows are undecided."""
        return {}


def policy_facts(policy: "Policy") -> PolicyFacts:
    return PolicyFacts(policy.path, policy.digest, policy.ref, policy.presets, policy.first_adoption)
