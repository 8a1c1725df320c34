"""What the review of a change adds to row 2, and what is said where there is nothing to compare with."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tidegate.domain.changes import rules
from tidegate.domain.changes.change import Change
from tidegate.domain.matching.gather import Key, key_of
from tidegate.domain.matching.rules import MALICIOUS, VULNERABLE
from tidegate.formats.text import shown
from tidegate.model.control import Scope
from tidegate.model.evidence import Blind, Coverage, Produced
from tidegate.model.finding import Finding, found
from tidegate.model.vulnerability import Advisory
from tidegate.stages.task import Task

_AUDITED = frozenset({VULNERABLE.id, MALICIOUS.id})


@dataclass(slots=True)
class Ages:
    """Since when an advisory applies. `old` are purls locked before, `changed` what each new purl was before."""

    changed: Mapping[tuple[str, str], Change]
    old: frozenset[str]
    hits: Mapping[Key, list[Advisory]] | None
    """Advisories of the versions before; None where nobody could be asked."""

    def of(self, finding: Finding) -> str:
        """In words that begin with `new`, `older`, or `whether`."""
        purl = finding.about.partition("#")[0]
        change = self.changed.get((finding.place.path if finding.place else "", purl))
        if purl in self.old:
            return "older than this change"
        if change is None or change.before is None:
            return "new with this change"
        if self.hits is None:
            return "whether it is new with this change is not known"
        names = {about.partition("#")[2] for about in (finding.about, *finding.also)}
        if any(names & set(advisory.ids) for advisory in self.hits.get(key_of(change.before), ())):
            return f"older than this change: {shown(change.before.version, 60)} has it, too"
        return "new with this change"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the review adds to the report of the row."""

    findings: tuple[Finding, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    produced: tuple[Produced, ...] = ()
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    blind: tuple[Blind, ...] = ()
    changes: tuple[Change, ...] = ()
    ages: Ages | None = None

    def dated(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The audit's findings, each saying whether it is new with this change."""
        for finding in findings:
            told = self.ages.of(finding) if self.ages and finding.rule in _AUDITED else ""
            yield replace(finding, message=f"{finding.message} ({told})") if told else finding


def without_base(task: Task) -> Reviewed:
    """No base: a first release has none; a change has one, and so may a clone that was cut off."""
    if task.scope is Scope.REVIEW:
        return Reviewed(findings=(found(rules.BASE_MISSING, "base"),))
    if task.scope is Scope.CHECK and task.inventory.source.shallow:
        return Reviewed(findings=(found(rules.BASE_MISSING, "base", rules.BASE_CUT_OFF),))
    if task.scope is Scope.CHECK:
        return Reviewed(notes=("there is no earlier release: what changed in the dependencies was not reviewed",))
    return Reviewed(notes=("without a base nothing is said about changes: `tidegate deps review --base REF`",))
