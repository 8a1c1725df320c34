"""Many repositories under one policy: which they are, and what became of each."""

from dataclasses import field
from enum import StrEnum

from tidegate.late import dataclass
from tidegate.model.control import Control
from tidegate.model.exit_code import ExitCode
from tidegate.model.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Listed:
    """One repository of a list: a path or an address, a ref ("" for HEAD) and the name it goes by."""

    address: str
    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """One finding in short. `level` is what it does: fail, warn, or allowed."""

    rule: str
    level: str
    about: str
    message: str
    path: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of one release of one repository; `count` findings shut, `told` are the first of all."""

    control: Control
    release: str
    outcome: Outcome
    count: int = 0
    told: tuple[Told, ...] = ()
    reasons: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    """What was examined, and out of how many."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What became of one repository. The same commit under the same policy on the same day gives an equal one.

    `commit` is "" where none could be reached; `why` and `hint` then say so. `policy` and `question` are digests: of
    the policy, and of all else that was asked.
    """

    name: str
    address: str
    ref: str
    commit: str
    policy: str
    question: str
    day: str
    exit_code: ExitCode
    cells: tuple[Cell, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())
    why: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Fleet:
    """What a folder of results belongs to: the whole list, and what each of its repositories is asked."""

    tool: str
    policy: str
    policy_path: str
    question: str
    rows: tuple[Control, ...]
    names: tuple[str, ...]


class Weight(StrEnum):
    """How bad it stands with a repository, worst first."""

    SHUT = "shut"
    UNDECIDED = "undecided"
    WOULD_SHUT = "would shut"
    OPEN = "open"


def weight(examined: Examined) -> Weight:
    if examined.exit_code is ExitCode.SHUT:
        return Weight.SHUT
    if examined.exit_code is not ExitCode.OPEN:
        return Weight.UNDECIDED
    leave = any(cell.outcome is Outcome.WOULD_SHUT for cell in examined.cells)
    return Weight.WOULD_SHUT if leave else Weight.OPEN


def worst(results: "tuple[Examined, ...]") -> ExitCode:
    """Of all of them: 1 wins over 3; nothing at all is undecided."""
    codes = {each.exit_code for each in results}
    if ExitCode.SHUT in codes:
        return ExitCode.SHUT
    return ExitCode.OPEN if codes == {ExitCode.OPEN} else ExitCode.UNDECIDED


def ordered(results: "tuple[Examined, ...]") -> "tuple[Examined, ...]":
    """The worst first: by how it stands, then by how much shuts, then by name."""
    order = list(Weight)
    return tuple(sorted(results, key=lambda each: (order.index(weight(each)), -shutting(each), each.name)))


def shutting(examined: Examined) -> int:
    return sum(cell.count for cell in examined.cells)
