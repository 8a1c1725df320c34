"""The baseline table of each release, the exceptions, the notes and the evidence sentence, for a terminal."""

import textwrap
from collections.abc import Iterator

from tidegate.model.evidence import Clause
from tidegate.model.verdict import Outcome, Run, Standing
from tidegate.reporters.escape import SUBJECT, yaml_scalar
from tidegate.reporters.ink import BOLD, CYAN, DIM, GREEN, RED, YELLOW, Ink
from tidegate.reporters.shown import Cell, cells, evidence, remarks, result, standing, until

LABEL, RESULT = 27, 16
ROWS = 200
"""Lines of one list (exceptions, notes, artifacts) that are shown."""

_STYLES = {
    Outcome.PASS: GREEN,
    Outcome.FAIL: RED,
    Outcome.UNDECIDED: RED,
    Outcome.WOULD_SHUT: YELLOW,
    Outcome.NOT_REQUIRED: DIM,
    Outcome.LATER: DIM,
}
_STANDINGS = {Standing.USED: GREEN, Standing.UNUSED: YELLOW, Standing.EXPIRED: RED}


def tables(run: Run, ink: Ink) -> Iterator[str]:
    """One table a release, in baseline order."""
    name = None
    for cell in cells(run):
        if cell.release != name:
            if name is not None:
                yield ""
            name = cell.release
            yield ink.paint(f"release {ink.say(name)}", BOLD)
            yield ink.paint(f"  {'control':<{LABEL}}{'result':<{RESULT}}evidence", DIM)
        yield from _row(cell, ink)
    if name is None:
        yield "no release was judged"
    yield ""


def _row(cell: Cell, ink: Ink) -> Iterator[str]:
    room = max(ink.width - 2 - LABEL - RESULT, 24)
    lines = textwrap.wrap(ink.say(evidence(cell)), room, break_on_hyphens=False) or [""]
    word = ink.paint(result(cell), _STYLES[cell.outcome]) + " " * max(RESULT - len(result(cell)), 1)
    yield f"  {cell.control.label:<{LABEL}}{word}{lines[0]}"
    for line in lines[1:]:
        yield " " * (2 + LABEL + RESULT) + line


def doubts(run: Run, ink: Ink) -> Iterator[str]:
    """Why rows are undecided, and what may help; rows with one reason share a line."""
    told: dict[tuple[str, str], list[str]] = {}
    for cell in cells(run):
        if cell.outcome is Outcome.UNDECIDED:
            hint = cell.verdict.hint if cell.verdict is not None else ""
            for reason in cell.reasons or ("no reason was given",):
                told.setdefault((reason, hint), []).append(f"{cell.control.label} ({ink.say(cell.release)})")
    for (reason, hint), names in told.items():
        yield f"{ink.paint('undecided:', RED)} {', '.join(names[:ROWS])}: {ink.say(reason)}"
        if hint:
            yield f"   {ink.paint('=', DIM)} {ink.paint('hint:', CYAN)} {ink.say(hint)}"
        yield ""


def exceptions(run: Run, ink: Ink) -> Iterator[str]:
    """Every exception and what became of it."""
    told = standing(run)
    if not told:
        return
    yield ink.paint("exceptions", BOLD)
    for stood in told[:ROWS]:
        entry = stood.exemption
        subject = yaml_scalar(entry.about[:SUBJECT], ascii_only=ink.ascii_only)
        word = ink.paint(f"{stood.standing:<9}", _STANDINGS[stood.standing])
        times = f", {stood.count} {'finding' if stood.count == 1 else 'findings'}" if stood.count else ""
        owner = ink.say(entry.owner, 80)
        yield f"  {word}{ink.say(entry.rule)}  {subject}  {until(entry)} ({owner}, {entry.origin}{times})"
    yield from _more(len(told), "exceptions")
    yield ""


def notes(run: Run, ink: Ink) -> Iterator[str]:
    """Standing warnings; they change no verdict."""
    told = remarks(run)
    for note in told[:ROWS]:
        yield f"{ink.paint('note:', CYAN)} {ink.say(note)}"
    yield from _more(len(told), "notes")
    if told:
        yield ""


def sentences(run: Run, ink: Ink) -> Iterator[str]:
    """The evidence sentence about each artifact; what is not proven says so first."""
    artifacts: dict[str, list[Clause]] = {}
    for clause in run.clauses:
        artifacts.setdefault(clause.artifact, []).append(clause)
    for artifact in list(artifacts)[:ROWS]:
        yield ink.paint(f"evidence for {ink.say(artifact)}", BOLD)
        for clause in artifacts[artifact][:ROWS]:
            digest = f", {ink.say(clause.digest, 80)}" if clause.digest else ""
            basis = f"({ink.say(clause.basis, 40)}{digest})"
            says = ink.say(clause.says)
            yield f"  {says} {basis}" if clause.proven else f"  {ink.paint('NOT PROVEN:', RED)} {says} {basis}"
        yield ""
    yield from _more(len(artifacts), "artifacts")


def _more(count: int, what: str) -> Iterator[str]:
    if count > ROWS:
        yield f"and {count - ROWS} more {what}: see the JSON report"
