"""The report of a search: what was found, what comments accept of it, and what was not searched."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.domain.secrets import engine, rules
from tidegate.domain.secrets.slices import Piece
from tidegate.model.control import Control
from tidegate.model.evidence import Blind, Coverage, Report
from tidegate.ports import World
from tidegate.stages.secret_comments import Comments
from tidegate.stages.secret_findings import Findings
from tidegate.stages.secret_scan import Scan

if TYPE_CHECKING:
    from tidegate.policy.schema import Policy


@dataclass(slots=True)
class Account:
    """What a search came to so far."""

    scan: Scan
    told: Findings = field(default_factory=Findings)
    coverage: list[Coverage] = field(default_factory=list)
    blind: list[Blind] = field(default_factory=list)
    old: int = 0
    """Credentials that changed files held before the change, too."""

    def report(self, world: World, policy: "Policy") -> Report:
        comments = Comments(world, policy.ref, lambda path, data: self.scan.hits(Piece(path, data, listed=True)))
        comments.hear(self.told.asked)
        return Report(
            Control.SECRETS,
            coverage=tuple(self.coverage),
            findings=tuple(self.told.all),
            blind=tuple(dict.fromkeys(self.blind)),
            rules=rules.RULES,
            notes=(*self._notes(), *comments.notes),
            facts=tuple(sorted((*engine.facts(self.scan.scanner), *self._facts()))),
            inline=tuple(comments.granted),
        )

    def _notes(self) -> Sequence[str]:
        notes = []
        if self.old:
            were = "credential was" if self.old == 1 else "credentials were"
            notes.append(f"{self.old} {were} there before this change, and not told again")
        if self.told.skipped:
            counts = ", ".join(f"{reason}: {count}" for reason, count in sorted(self.told.skipped.items()))
            notes.append(f"not searched, each told above: {counts}")
        return notes

    def _facts(self) -> Sequence[tuple[str, str]]:
        skipped = [(f"skipped {reason}", str(count)) for reason, count in self.told.skipped.items()]
        return (("searched bytes", str(self.scan.size)), *skipped)
