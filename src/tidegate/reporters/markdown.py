"""A run as GitHub-flavoured Markdown for a step summary: never larger than what the runner uploads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from tidegate.model.finding import Place
from tidegate.model.verdict import Outcome, Run
from tidegate.reporters import shown
from tidegate.reporters.escape import SUBJECT, markdown, markdown_code, markdown_prose
from tidegate.reporters.shown import Cell, Kind, Shown

MAX_BYTES = 900 * 1024
"""A step summary of more than 1 MiB is dropped whole."""

_NOTES = 4096


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under one heading; those that no longer fit are counted as `what`."""

    heading: str
    what: str
    blocks: tuple[str, ...]


def render(run: Run, *, limit: int = MAX_BYTES) -> str:
    """The summary, at most `limit` bytes of UTF-8; the verdict comes first, so it is never what is left out."""
    return "\n".join(_fitted(_sections(run), limit)) + "\n"


def _fitted(sections: Iterable[Section], limit: int) -> Iterator[str]:
    room = limit - _NOTES
    for section in sections:
        kept = 0
        if section.blocks:
            yield section.heading + "\n"
            room -= len(section.heading.encode()) + 2
        for block in section.blocks:
            room -= len(block.encode()) + 1
            if room < 0:
                break
            kept += 1
            yield block
        if kept < len(section.blocks):
            room = 0
            yield f"\nand {len(section.blocks) - kept} more {section.what}: see the JSON report"
        if section.blocks:
            yield ""


def _sections(run: Run) -> Iterator[Section]:
    items = shown.shown(run)
    took = shown.seconds(run)
    step = shown.next_step(run)
    lines = [f"{shown.tally(run)}{' in ' + took if took else ''}"]
    lines += [f"\nnext: {markdown_code(step)}"] if step else []
    yield Section(f"# tidegate: {', '.join(shown.gate_of(run))}", "lines", tuple(lines))
    yield Section("## Rows", "releases", tuple(_tables(run)))
    yield Section("## Undecided", "reasons", tuple(_doubts(run)))
    yield Section("## Findings", "findings", tuple(_finding(item) for item in items if item.kind is not Kind.ALLOWED))
    yield Section("## Allowed", "findings", tuple(_allowed(item) for item in items if item.kind is Kind.ALLOWED))
    yield Section("## Exceptions", "exceptions", tuple(_exceptions(run)))
    yield Section("## Evidence", "clauses", tuple(_clauses(run)))
    yield Section("## Notes", "notes", tuple(f"- {markdown_prose(note)}" for note in shown.remarks(run)))


def _tables(run: Run) -> Iterator[str]:
    for name, group in groupby(shown.cells(run), key=lambda cell: cell.release):
        rows = "\n".join(_row(cell) for cell in group)
        yield f"release {markdown_code(name)}\n\n| control | result | evidence |\n| --- | --- | --- |\n{rows}\n"


def _row(cell: Cell) -> str:
    return f"| {cell.control.label} | {shown.result(cell)} | {markdown_prose(shown.evidence(cell), cell=True)} |"


def _doubts(run: Run) -> Iterator[str]:
    for cell in shown.cells(run):
        if cell.outcome is Outcome.UNDECIDED:
            hint = (
                f"; hint: {markdown_prose(cell.verdict.hint)}" if cell.verdict is not None and cell.verdict.hint else ""
            )
            for reason in cell.reasons or ("no reason was given",):
                yield f"- {cell.control.label} ({markdown(cell.release)}): {markdown_prose(reason)}{hint}"


def _finding(item: Shown) -> str:
    found = item.finding
    word = "error" if item.kind is Kind.WOULD_SHUT else item.kind.value
    lines = [f"- **{word}** {markdown_code(found.rule)} ({item.control.label}): {markdown_prose(found.message)}"]
    if found.place is not None:
        lines.append(f"  - at {markdown_code(_spot(found.place))}")
    lines.append(f"  - about {markdown_code(found.about, SUBJECT)}")
    if found.severity is not None:
        lines.append(f"  - severity {found.severity.word}")
    if found.fix:
        lines.append(f"  - fix: {markdown_prose(found.fix)}")
    if item.kind is Kind.WOULD_SHUT:
        lines.append(f"  - this would shut the gate: {markdown_prose(item.why)}")
    return "\n".join(lines)


def _spot(place: Place) -> str:
    return place.path if place.line is None else f"{place.path}:{place.line}"


def _allowed(item: Shown) -> str:
    exemption = item.judged.exemption
    end = "" if exemption is None else f" {shown.until(exemption)} ({markdown(exemption.owner)})"
    return f"- {markdown_code(item.finding.rule)} {markdown_code(item.finding.about, SUBJECT)}{end}"


def _exceptions(run: Run) -> Iterator[str]:
    for stood in shown.standing(run):
        entry = stood.exemption
        subject = f"{markdown_code(entry.rule)} {markdown_code(entry.about, SUBJECT)}"
        reason = f"{shown.until(entry)} ({markdown(entry.owner)}): {markdown_prose(entry.reason)}"
        yield f"- {stood.standing} ({stood.count}) {subject} {reason}"


def _clauses(run: Run) -> Iterator[str]:
    for clause in run.clauses:
        doubt = "" if clause.proven else "**NOT PROVEN:** "
        yield f"- {markdown_code(clause.artifact)}: {doubt}{markdown_prose(clause.says)} ({markdown(clause.basis)})"
