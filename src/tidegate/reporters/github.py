"""A run as GitHub workflow commands: annotations on the files, as many as GitHub keeps."""

from collections.abc import Iterator

from tidegate.model.verdict import Outcome, Run
from tidegate.reporters import shown
from tidegate.reporters.escape import LIMIT, terminal, workflow_command, workflow_property
from tidegate.reporters.shown import Kind, Shown

KEPT = 10
"""Annotations of one level GitHub keeps of a step; the rest is lost without a word."""


def render(run: Run) -> str:
    """At most `KEPT` errors and `KEPT` warnings, the last of them saying how many more there are; then the verdict."""
    items = shown.shown(run)
    errors = [_finding("error", item) for item in items if item.kind is Kind.ERROR]
    errors += list(_doubts(run))
    warnings = [_finding("warning", item) for item in items if item.kind in (Kind.WOULD_SHUT, Kind.WARNING)]
    word, gate = shown.gate_of(run)
    gate = f"undecided, {gate}" if word == "UNDECIDED" else gate
    lines = [
        *_kept("error", errors),
        *_kept("warning", warnings),
        _command("notice", f"{gate}: {shown.tally(run)}", title="tidegate"),
    ]
    return "\n".join(lines) + "\n"


def _kept(level: str, commands: list[str]) -> list[str]:
    if len(commands) <= KEPT:
        return commands
    more = f"{len(commands) - KEPT + 1} more in the summary and in the JSON report"
    return [*commands[: KEPT - 1], _command(level, more, title="tidegate")]


def _finding(level: str, item: Shown) -> str:
    found, place = item.finding, item.finding.place
    properties: dict[str, str] = {}
    if place is not None:
        properties["file"] = place.path
        if place.line is not None:
            properties["line"] = str(place.line)
            if place.column is not None:
                properties["col"] = str(place.column)
    properties["title"] = f"{item.control.label}: {found.rule}"
    fix = f"\nfix: {terminal(found.fix)}" if found.fix else ""
    text = (
        f"{terminal(found.message)}\nabout: {terminal(found.about)}{fix}\nwhy: {terminal(shown.explaining(found.rule))}"
    )
    return _command(level, text, **properties)


def _doubts(run: Run) -> Iterator[str]:
    for cell in shown.cells(run):
        if cell.outcome is Outcome.UNDECIDED:
            hint = f"\nhint: {terminal(cell.verdict.hint)}" if cell.verdict is not None and cell.verdict.hint else ""
            reasons = terminal("; ".join(cell.reasons) or "no reason was given")
            yield _command("error", f"undecided: {reasons}{hint}", title=f"{cell.control.label} ({cell.release})")


def _command(level: str, text: str, **properties: str) -> str:
    stated = ",".join(f"{name}={workflow_property(value[:LIMIT])}" for name, value in properties.items())
    return f"::{level} {stated}::{workflow_command(text)}"
