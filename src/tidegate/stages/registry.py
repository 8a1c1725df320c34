"""Part of row 2: registries asked about what a change locks, and who publishes what the projects ask for themselves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.domain.changes import metadata
from tidegate.domain.changes.asked import Asked
from tidegate.domain.changes.change import Change
from tidegate.domain.changes.subjects import Reach, questions, subjects
from tidegate.formats import urls
from tidegate.formats.own_names import OwnNames
from tidegate.model.evidence import Blind
from tidegate.model.finding import Finding
from tidegate.model.publication import Answers
from tidegate.ports import World
from tidegate.stages.task import Task

if TYPE_CHECKING:  # a worker does without pydantic
    from tidegate.policy.schema import Policy

_HINT = "try again when the registry answers, or say `registry.ask: false`"


@dataclass(frozen=True, slots=True)
class Heard:
    """What registries said: findings (`place` says of which file), upload times by purl, and what they owe."""

    findings: tuple[Finding, ...] = ()
    uploaded: Mapping[str, str] = field(default_factory=dict)
    blind: tuple[Blind, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def hear(task: Task, world: World, changes: Sequence[Change]) -> Heard:
    """Ask, where the policy says so: about the packages of `changes`, and about direct ones where publishers are
    recorded. A registry that owes an answer blinds the row; it is never taken for a good word."""
    rules = task.policy.controls.dependencies.registry
    if not rules.ask:
        return Heard()
    inventory = task.inventory
    direct = Asked.of(inventory.locks, inventory.manifests) if rules.publishers else None
    of = subjects(changes, inventory.locks, direct)
    range_ = reach(task.policy)
    wanted = questions(of, range_)
    if wanted and world.index is None:
        return Heard(blind=(Blind("this row was not given a registry to ask", "report this as a bug of tidegate"),))
    answers = world.index.ask(wanted) if wanted and world.index is not None else Answers()
    findings = list(metadata.check(of, answers, range_))
    if rules.publishers:
        from tidegate.domain.changes import continuity  # reads YAML, which few rows need

        findings += continuity.check(of, answers, range_, rules.publishers, task.policy.files[rules.publishers])
    asked = {(question.ecosystem, question.name) for question in wanted}
    return Heard(
        findings=tuple(_once(findings)),
        uploaded=metadata.uploaded(of, answers),
        blind=tuple(debts(answers, asked)),
        facts=(("registry.asked", str(len(wanted))), ("registry.requests", str(answers.requests))),
    )


def reach(policy: "Policy") -> Reach:
    """Whom a registry is asked about: what is public, and what the index the policy names instead serves itself."""
    controls = policy.controls
    hosts: dict[str, str] = {kind: urls.host_of(url) for kind, url in controls.dependencies.registry.indexes.items()}
    return Reach(hosts, OwnNames.of(controls.lockfiles.internal))


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding a rule, subject and place: the record and the release before may both tell of another publisher."""
    told = set()
    for finding in findings:
        key = (finding.rule, finding.about, finding.place)
        if key not in told:
            told.add(key)
            yield finding


def debts(answers: Answers, asked: Iterable[tuple[str, str]]) -> Iterator[Blind]:
    """One a reason. A question that is in none of the three lists is owed, too."""
    reasons: dict[str, list[str]] = {}
    for named in sorted(asked):
        if named in answers.answers or named in answers.unasked:
            continue
        why = answers.unanswered.get(named, "the registry gave no answer")
        reasons.setdefault(why, []).append(named[1])
    for why, names in reasons.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Blind(f"{why} (asked about `{names[0]}`{more})", _HINT)
