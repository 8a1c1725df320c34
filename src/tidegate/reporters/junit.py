"""A run as JUnit XML, which every CI system shows: a suite for each release, a case for each row.

Ant's dialect (`JUnit.xsd`). A row that fails is a failure, an undecided one an error, and what was not judged, or does
not shut the gate yet, is skipped: never a pass.
"""

from collections.abc import Iterator
from datetime import datetime
from html import escape

from tidegate.model.verdict import Outcome, Run
from tidegate.reporters import shown
from tidegate.reporters.escape import SUBJECT, terminal
from tidegate.reporters.places import moment, spot
from tidegate.reporters.shown import Cell, Shown

MAX_FINDINGS = 500
"""Findings told of one row."""

_SKIPPED = frozenset({Outcome.NOT_REQUIRED, Outcome.LATER, Outcome.WOULD_SHUT})


def render(run: Run) -> str:
    """One document in ASCII."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for number, name in enumerate(shown.releases(run)):
        cells = [cell for cell in shown.cells(run) if cell.release == name]
        lines += _suite(run, name, number, cells)
    text = "\n".join([*lines, "</testsuites>"]) + "\n"
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _suite(run: Run, name: str, number: int, cells: list[Cell]) -> Iterator[str]:
    count = {
        "tests": len(cells),
        "failures": sum(cell.outcome is Outcome.FAIL for cell in cells),
        "errors": sum(cell.outcome is Outcome.UNDECIDED for cell in cells),
        "skipped": sum(cell.outcome in _SKIPPED for cell in cells),
    }
    counted = " ".join(f'{key}="{value}"' for key, value in count.items())
    named = f'name="{_word(name)}" package="tidegate" id="{number}" hostname="localhost"'
    yield f'<testsuite {named} timestamp="{moment(run.started)}" time="{_seconds(run)}" {counted}>'
    yield "<properties>"
    for key, value in (("tool", run.tool), ("scope", str(run.scope)), ("policy", run.policy.digest)):
        yield f'<property name="{key}" value="{_text(value)}"/>'
    yield "</properties>"
    for cell in cells:
        yield from _case(run, cell)
    yield "<system-out/>"
    yield "<system-err/>"
    yield "</testsuite>"


def _case(run: Run, cell: Cell) -> Iterator[str]:
    yield f'<testcase name="{_word(cell.control.label)}" classname="tidegate.{_word(cell.control)}" time="0">'
    said = _text("; ".join(cell.reasons) or shown.result(cell))
    if cell.outcome is Outcome.FAIL:
        items = [item for item in _findings(run, cell) if item.judged.shuts]
        more = [f"and {len(items) - MAX_FINDINGS} more: see the JSON report"] if len(items) > MAX_FINDINGS else []
        body = "\n\n".join([*(_told(run, item) for item in items[:MAX_FINDINGS]), *more])
        kind = _word(items[0].finding.rule) if items else "fail"
        yield f'<failure type="{kind}" message="{len(items)} shut the gate">{body}</failure>'
    elif cell.outcome is Outcome.UNDECIDED:
        hint = cell.verdict.hint if cell.verdict is not None else ""
        yield f'<error type="undecided" message="{said}">{_text(hint)}</error>'
    elif cell.outcome in _SKIPPED:
        yield f'<skipped message="{_text(str(cell.outcome))}: {said}"/>'
    yield "</testcase>"


def _findings(run: Run, cell: Cell) -> list[Shown]:
    held = cell.verdict.findings if cell.verdict is not None else ()
    return [item for item in shown.shown(run) if item.control is cell.control and item.judged in held]


def _told(run: Run, item: Shown) -> str:
    path, line = spot(run, item.finding.place)
    found = item.finding
    lines = [f"{found.rule}: {terminal(found.message)}", f"at {path}:{line}", f"about {terminal(found.about, SUBJECT)}"]
    lines += [f"fix: {terminal(found.fix)}"] if found.fix else []
    # A line of foreign text never begins a line of the document.
    return "\n".join(f"- {_text(each)}" if not number else f"  {_text(each)}" for number, each in enumerate(lines))


def _seconds(run: Run) -> str:
    try:
        took = (datetime.fromisoformat(run.finished) - datetime.fromisoformat(run.started)).total_seconds()
    except (ValueError, TypeError):
        return "0"
    return f"{took:.3f}" if 0 <= took < 1e9 else "0"


def _text(text: str) -> str:
    return escape(terminal(text, SUBJECT))


def _word(text: str) -> str:
    """An `xs:token` of at least one character."""
    return _text(" ".join(terminal(text, 200).split())) or "-"
