"""Several verifications told as one: every cell of every part, and none of them softened by another."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tidegate.acts import policy_facts
from tidegate.all_stages import ROWS
from tidegate.cli.targets import Unseen
from tidegate.domain.claims.registry_rules import REGISTRY_INVALID
from tidegate.errors import UndecidedError
from tidegate.model.control import Control, Scope
from tidegate.model.exemption import Exemption
from tidegate.model.finding import Level, Rule, found
from tidegate.model.inventory import Source
from tidegate.model.release import Release
from tidegate.model.verdict import Judged, Outcome, Run, Standed, Standing, Verdict
from tidegate.ports import Clock

if TYPE_CHECKING:  # pydantic is imported where it is used
    from tidegate.policy.schema import Policy

_VERIFIED = tuple(row.control for row in ROWS if Scope.VERIFY in row.scopes)
_WEIGHT = {Standing.USED: 2, Standing.EXPIRED: 1, Standing.UNUSED: 0}


def merged(runs: Sequence[Run]) -> Run:
    """One run of all: it opens only when each of them does. `runs` is not empty."""
    first = runs[0]
    if len(runs) == 1:
        return first
    cells = [verdict for run in runs for verdict in run.verdicts]
    rules: dict[str, Rule] = {rule.id: rule for run in runs for rule in run.rules}
    return replace(
        first,
        finished=max(run.finished for run in runs),
        releases=tuple(release for run in runs for release in run.releases),
        verdicts=tuple(sorted(cells, key=lambda v: (list(Control).index(v.control), v.release))),
        exemptions=_standing(runs),
        rules=tuple(rules[name] for name in sorted(rules)),
        clauses=tuple(clause for run in runs for clause in run.clauses),
        notes=tuple(dict.fromkeys(note for run in runs for note in run.notes)),
    )


def _standing(runs: Sequence[Run]) -> tuple[Standed, ...]:
    """An exemption used in one part is used."""
    best: dict[Exemption, Standed] = {}
    for standed in (each for run in runs for each in run.exemptions):
        known = best.get(standed.exemption)
        if known is None:
            best[standed.exemption] = standed
        else:
            heavier = max(known, standed, key=lambda each: _WEIGHT[each.standing])
            best[standed.exemption] = replace(heavier, count=known.count + standed.count)
    return tuple(best.values())


def unseen(image: Unseen, policy: "Policy", clock: Clock) -> Run:
    """A run about an image nobody could look at: undecided where the registry is silent, shut where it is wrong."""
    from tidegate import __version__

    now = clock.now()
    error = image.error
    cells = [
        Verdict(control, image.name, Outcome.UNDECIDED, reasons=(error.message,), hint=error.hint)
        for control in _VERIFIED
    ]
    if not isinstance(error, UndecidedError):
        finding = found(REGISTRY_INVALID, image.name, error.message, release=image.name)
        shut = Verdict(Control.DEPLOYMENT, image.name, Outcome.FAIL, findings=(Judged(finding, Level.FAIL),))
        cells = [shut if cell.control is Control.DEPLOYMENT else cell for cell in cells]
    later = [Verdict(control, image.name, Outcome.LATER) for control in Control if control not in _VERIFIED]
    return Run(
        id=f"{now:%Y%m%dT%H%M%SZ}-unseen",
        tool=f"tidegate {__version__}",
        scope=Scope.VERIFY,
        started=now.isoformat(timespec="milliseconds"),
        finished=now.isoformat(timespec="milliseconds"),
        policy=policy_facts(policy),
        source=Source(),
        releases=(Release(image.name, "."),),
        rows=tuple(control for control in Control if control in _VERIFIED),
        verdicts=tuple(sorted((*cells, *later), key=lambda v: list(Control).index(v.control))),
        rules=(REGISTRY_INVALID,),
    )
