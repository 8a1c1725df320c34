"""Detectors of the user's own: what the policy says becomes a detector, and what could hang the gate is refused."""

import importlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from tidegate.domain.secrets.detector import Detector, Patterns, Span

HINT = "bound every repetition, nest none, use no look-around or back-reference, and write the literal out in full"

LONGEST = 2048
"""So much of a line is judged at once."""
MOST = 8
"""Repetitions of unsure length in one expression."""
SECONDS = 0.02
_RUNS = 3

_FINE = {"LITERAL", "NOT_LITERAL", "ANY", "IN", "BRANCH", "SUBPATTERN", "MAX_REPEAT", "MIN_REPEAT", "AT"}
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT"}
_NAMES = {
    "ASSERT": "look-around",
    "ASSERT_NOT": "look-around",
    "GROUPREF": "a back-reference",
    "GROUPREF_EXISTS": "a condition on a group",
    "ATOMIC_GROUP": "an atomic group",
    "POSSESSIVE_REPEAT": "a possessive repetition",
}


class UserRule(Protocol):
    """A `detectors` entry of the policy."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def literal(self) -> str: ...
    @property
    def regex(self) -> str: ...
    @property
    def group(self) -> int: ...
    @property
    def tier(self) -> str: ...
    @property
    def mend(self) -> str: ...


class _Refused(Exception):
    """Why a regular expression is none for a detector."""


Node = tuple[object, object]


def detectors(rules: Iterable[UserRule]) -> tuple[Detector, ...]:
    """What the engine asks of each rule without `faults`."""
    return tuple(_detector(rule) for rule in rules)


def faults(rule: UserRule) -> str:
    """Why the rule is refused, "" when it is fine; `HINT` says what to do about it."""
    try:
        _check(rule)
    except _Refused as refused:
        return str(refused)
    except RecursionError:
        return "`regex` is nested too deeply"
    return ""


def _check(rule: UserRule) -> None:
    if rule.id in _ours():
        raise _Refused(f"`{rule.id}` is the name of a rule that comes with tidegate")
    if not rule.literal.isascii() or not rule.literal.isprintable():
        raise _Refused("`literal` holds characters that are not printable ASCII")
    try:
        pattern = re.compile(rule.regex, re.ASCII)
    except (re.error, OverflowError) as error:
        raise _Refused(f"`regex` does not compile: {error}") from None
    if rule.group > pattern.groups:
        raise _Refused(f"`regex` has no group {rule.group}")
    tree = _tree(rule.regex)
    varying = _bounded(tree, "")
    if varying > MOST:
        raise _Refused(f"`regex` has {varying} repetitions of unsure length, more than {MOST}")
    fold = bool(pattern.flags & re.IGNORECASE)
    literal = rule.literal.lower() if fold else rule.literal
    if not any(literal in (run.lower() if fold else run) for run in _required(tree)):
        raise _Refused(f"not every match of `regex` holds `{rule.literal}`")
    for text in _hostile(rule.literal, tree):
        if _is_slow(pattern, text):
            raise _Refused("`regex` takes too long on a line made to keep it busy")


def _ours() -> frozenset[str]:
    engine = importlib.import_module("tidegate.domain.secrets.engine")  # the catalog is needed only where rules are
    return frozenset(detector.id for detector in engine.detectors())


def _detector(rule: UserRule) -> Detector:
    fold = bool(re.compile(rule.regex, re.ASCII).flags & re.IGNORECASE)
    literal = rule.literal.lower() if fold else rule.literal
    return Detector(
        rule.id,
        rule.title,
        Patterns.of(rule.regex),
        _value(rule.group),
        (literal.encode(),),
        fold,
        tier=str(rule.tier),
        mend=rule.mend or "revoke it where it was made, then make a new one",
    )


def _value(group: int) -> Callable[[re.Match[str]], Span | None]:
    def value(match: re.Match[str]) -> Span | None:
        start, end = match.span(group)
        return (start, end) if 0 <= start < end else None

    return value


def _tree(regex: str) -> list[Node]:
    """The parsed expression: (kind, what of it) in order."""
    return list(importlib.import_module("re._parser").parse(regex, re.ASCII))


def _inner(node: Node) -> list[Sequence[Node]]:
    """The expressions inside one node."""
    kind, what = str(node[0]), node[1]
    if kind in _REPEATS and isinstance(what, tuple):
        return [list(what[2])]
    if kind == "SUBPATTERN" and isinstance(what, tuple):
        return [list(what[3])]
    if kind == "BRANCH" and isinstance(what, tuple):
        return [list(branch) for branch in what[1]]
    return []


def _bounded(nodes: Sequence[Node], inside: str) -> int:
    """How many repetitions of unsure length there are; refuses what may take a time without bound."""
    count = 0
    for node in nodes:
        kind = str(node[0])
        if kind not in _FINE:
            raise _Refused(f"`regex` has {_NAMES.get(kind, kind.lower())}")
        within = inside
        if kind in _REPEATS and isinstance(node[1], tuple):
            low, high = int(node[1][0]), int(node[1][1])
            varies = low != high
            if inside and varies:
                raise _Refused("`regex` has a repetition inside a repetition")
            if LONGEST < high < _endless():
                raise _Refused(f"`regex` repeats more than {LONGEST} times")
            count += varies
            within = "repetition" if high > 1 else inside
        if kind == "BRANCH" and inside:
            raise _Refused("`regex` has alternatives inside a repetition")
        count += sum(_bounded(inner, within) for inner in _inner(node))
    return count


def _endless() -> int:
    return int(importlib.import_module("re._constants").MAXREPEAT)


def _required(nodes: Sequence[Node]) -> Iterator[str]:
    """The runs of text that are in every match."""
    run = ""
    for node in nodes:
        kind, what = str(node[0]), node[1]
        if kind == "LITERAL" and isinstance(what, int):
            run += chr(what)
            continue
        if kind == "AT":
            continue
        if kind == "SUBPATTERN" and all(str(inner[0]) == "LITERAL" for inner in _inner(node)[0]):
            run += "".join(chr(int(str(inner[1]))) for inner in _inner(node)[0])
            continue
        yield run
        run = ""
        if kind == "SUBPATTERN" or (kind in _REPEATS and isinstance(what, tuple) and what[0] >= 1):
            yield from _required(_inner(node)[0])
        elif kind == "BRANCH":
            yield from _common([list(_required(branch)) for branch in _inner(node)])
    yield run


def _common(branches: Sequence[Sequence[str]]) -> Iterator[str]:
    """Of the runs of the first alternative, those the others hold, too."""
    for run in branches[0]:
        if all(any(run in other for other in others) for others in branches[1:]):
            yield run


def _hostile(literal: str, tree: Sequence[Node]) -> Iterator[str]:
    near = _example(tree)
    for piece in (literal, f"{literal}=", f"{literal} ", *"aA0 -_./\"'=:", "aA0", near, near[:-1], near[1:]):
        if piece:
            yield (piece * (LONGEST // len(piece) + 1))[:LONGEST]
            yield (literal + piece * (LONGEST // len(piece) + 1))[:LONGEST]


def _example(nodes: Sequence[Node]) -> str:
    """About what is matched: each repetition at its longest."""
    text = ""
    for node in nodes:
        kind, what = str(node[0]), node[1]
        if kind == "LITERAL" and isinstance(what, int):
            text += chr(what)
        elif kind == "IN" and isinstance(what, list):
            text += next((_char(each) for each in what), "a")
        elif kind in {"ANY", "NOT_LITERAL"}:
            text += "a"
        elif kind in _REPEATS and isinstance(what, tuple):
            text += _example(_inner(node)[0]) * max(int(what[0]), min(int(what[1]), 64))
        elif kind in {"SUBPATTERN", "BRANCH"}:
            text += _example(_inner(node)[0])
        if len(text) > LONGEST:
            break
    return text[:LONGEST]


def _char(each: Node) -> str:
    kind, what = str(each[0]), each[1]
    if kind == "LITERAL" and isinstance(what, int):
        return chr(what)
    if kind == "RANGE" and isinstance(what, tuple):
        return chr(int(what[0]))
    return {"CATEGORY_DIGIT": "0", "CATEGORY_SPACE": " ", "CATEGORY_NOT_WORD": "-"}.get(str(what), "a")


def _is_slow(pattern: re.Pattern[str], text: str) -> bool:
    """Tried on a growing part of the text, so that even this trial is over soon."""
    size = MOST
    while size <= LONGEST:
        if all(_taken(pattern, text[:size]) > SECONDS for _ in range(_RUNS)):
            return True
        size *= 2
    return False


def _taken(pattern: re.Pattern[str], text: str) -> float:
    began = time.perf_counter()
    for _ in pattern.finditer(text):
        pass
    return time.perf_counter() - began
