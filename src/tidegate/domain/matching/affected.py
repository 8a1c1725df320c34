"""Whether one advisory applies to one version, by the evaluation algorithm of the OSV schema, with doubt said aloud."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from tidegate.domain.matching.names import package_key, same_release
from tidegate.domain.matching.orders.ordered import Order, Ordered
from tidegate.domain.matching.versions import order_of, readings
from tidegate.formats.osv import EVENTS, Affected, Range, Record
from tidegate.formats.text import shown

_RANK = {"fixed": 0, "introduced": 1, "last_affected": 2}


class State(Enum):
    """The answer. Both kinds of doubt are kept apart: one is about the package, the other about the advisory."""

    CLEAR = auto()
    HIT = auto()
    UNREADABLE = auto()
    """The package's version cannot be compared."""
    UNEVALUABLE = auto()
    """The advisory's own data cannot be evaluated."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`reason` is set for doubt; `fixed` are the versions above the package's that end a range, smallest first."""

    state: State
    reason: str = ""
    fixed: tuple[str, ...] = ()


class _Odd(Exception):
    """The advisory's data does not decide."""


def evaluate(record: Record, ecosystem: str, name: str, version: str) -> Evaluation:
    """Does `record` apply to this version? (OSV schema, "Evaluation")

    An entry applies when the version is enumerated or lies in a range; one entry that applies is enough.
    """
    if record.unevaluable:
        return Evaluation(State.UNEVALUABLE, record.unevaluable)
    key = package_key(ecosystem, name)
    entries = [entry for entry in record.affected if package_key(entry.ecosystem, entry.name) == key]
    if not entries:
        return Evaluation(State.UNEVALUABLE, f"it does not name `{shown(name)}`")
    # What is only said of another release of the distribution says nothing of this one.
    return _worst([_entry(entry, ecosystem, version) for entry in entries if same_release(entry.ecosystem, ecosystem)])


def _worst(answers: list[Evaluation]) -> Evaluation:
    hits = [answer for answer in answers if answer.state is State.HIT]
    if hits:
        return Evaluation(State.HIT, fixed=tuple(dict.fromkeys(fix for hit in hits for fix in hit.fixed)))
    for state in (State.UNEVALUABLE, State.UNREADABLE):
        for answer in answers:
            if answer.state is state:
                return answer
    return Evaluation(State.CLEAR)


def _entry(entry: Affected, ecosystem: str, version: str) -> Evaluation:
    ranges = [item for item in entry.ranges if item.type != "GIT"]
    order = order_of(ecosystem)
    texts = readings(ecosystem, version)
    if any(text in entry.versions for text in texts):
        return Evaluation(State.HIT, fixed=_fixes(ranges, order, version))
    if not ranges and not entry.versions:
        what = "only git ranges" if entry.ranges else "neither ranges nor versions"
        return Evaluation(State.UNEVALUABLE, f"it has {what}")
    if order is None:
        return _unordered(ranges, ecosystem)
    try:
        values = [order(text) for text in texts]
    except ValueError:
        return Evaluation(State.UNREADABLE, f"`{shown(version, 80)}` is no {ecosystem} version")
    return _compare(entry.versions, ranges, order, values, version)


def _unordered(ranges: list[Range], ecosystem: str) -> Evaluation:
    if ranges:
        return Evaluation(State.UNREADABLE, f"tidegate does not know the version order of {ecosystem}")
    return Evaluation(State.CLEAR)


def _compare(
    versions: Iterable[str], ranges: list[Range], order: Order, values: list[Ordered], version: str
) -> Evaluation:
    if any(_same(text, order, values) for text in versions):
        return Evaluation(State.HIT, fixed=_fixes(ranges, order, version))
    odd = ""
    for item in ranges:
        try:
            if any(_within(item, order, value) for value in values):
                return Evaluation(State.HIT, fixed=_fixes(ranges, order, version))
        except _Odd as error:
            odd = odd or str(error)
    return Evaluation(State.UNEVALUABLE, odd) if odd else Evaluation(State.CLEAR)


def _same(text: str, order: Order, values: list[Ordered]) -> bool:
    """Enumerated versions are not always normalised (`1.0` and `1.0.0`): compare what they mean."""
    try:
        value = order(text)
    except ValueError:
        return False
    return value in values


def _within(item: Range, order: Order, value: Ordered) -> bool:
    """OSV schema, "Evaluation", over sorted events; `introduced: "0"` stands before every version."""
    _check(item)
    try:
        limits = [None if text == "*" else order(text) for kind, text in item.events if kind == "limit"]
        marks = [
            (order(text), _RANK[kind], kind)
            for kind, text in item.events
            if kind != "limit" and not (kind == "introduced" and text == "0")
        ]
    except ValueError:
        raise _Odd("an event of its ranges is no version") from None
    if limits and not any(limit is None or value < limit for limit in limits):
        return False
    inside = any(kind == "introduced" and text == "0" for kind, text in item.events)
    for mark, _, kind in sorted(marks, key=lambda each: each[:2]):
        if kind == "introduced" and not value < mark:
            inside = True
        elif (kind == "fixed" and not value < mark) or (kind == "last_affected" and mark < value):
            inside = False
    return inside


def _check(item: Range) -> None:
    if item.type not in ("ECOSYSTEM", "SEMVER"):
        raise _Odd(f"it has a range of the unknown type `{item.type[:40]}`")
    kinds = {kind for kind, _ in item.events}
    if not kinds <= set(EVENTS):
        raise _Odd(f"it has an event of the unknown kind `{min(kinds - set(EVENTS))[:40]}`")
    if "introduced" not in kinds:
        raise _Odd("it has a range without an `introduced` event")


def _fixes(ranges: list[Range], order: Order | None, version: str) -> tuple[str, ...]:
    """Every `fixed` event above the version, smallest first; () where nothing can be compared."""
    if order is None:
        return ()
    try:
        value = order(version)
        fixes = {text: order(text) for item in ranges for kind, text in item.events if kind == "fixed"}
    except ValueError:
        return ()
    return tuple(text for text, _ in sorted(fixes.items(), key=lambda pair: pair[1]) if value < fixes[text])
