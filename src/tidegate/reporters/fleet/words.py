"""What every view of a fleet says of it."""

from collections import Counter
from collections.abc import Sequence

from tidegate.model.control import Control
from tidegate.model.fleet import Cell, Examined, Weight, weight
from tidegate.model.verdict import Outcome

_ORDER = (Outcome.FAIL, Outcome.UNDECIDED, Outcome.WOULD_SHUT, Outcome.PASS, Outcome.NOT_REQUIRED, Outcome.LATER)


def counts(results: Sequence[Examined]) -> dict[Weight, int]:
    counted = Counter(weight(each) for each in results)
    return {each: counted[each] for each in Weight}


def total(results: Sequence[Examined]) -> str:
    told = [f"{number} {name}" for name, number in counts(results).items() if number]
    return f"{len(results)} repositories: {', '.join(told)}" if told else "no repositories"


def row(examined: Examined, control: Control) -> str:
    """One cell: the worst outcome of the releases, and how much shuts."""
    cells = [cell for cell in examined.cells if cell.control is control]
    if not cells:
        return "undecided"
    outcome = min((cell.outcome for cell in cells), key=_ORDER.index)
    count = sum(cell.count for cell in cells)
    return f"{outcome.value} ({count})" if count else outcome.value


def why(examined: Examined) -> str:
    """The first thing to know of it."""
    if examined.why:
        return examined.why
    for cell in sorted(examined.cells, key=lambda each: _ORDER.index(each.outcome)):
        told = _first(cell)
        if told:
            return told
    return ""


def _first(cell: Cell) -> str:
    if cell.outcome in (Outcome.PASS, Outcome.NOT_REQUIRED, Outcome.LATER):
        return ""
    told = next((each for each in cell.told if each.level == "fail"), None)
    if told is not None:
        place = f" {told.path}" + (f":{told.line}" if told.line else "") if told.path else ""
        return f"{told.rule}{place}: {told.message}"
    return next(iter(cell.reasons), "")
