"""Findings in the grammar of compilers: level and rule, message, place, excerpt, and what to do about it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tidegate.model.finding import Place
from tidegate.model.verdict import Run
from tidegate.reporters.escape import SUBJECT, yaml_scalar
from tidegate.reporters.excerpts import Excerpt, Sources
from tidegate.reporters.ink import BOLD, CYAN, DIM, GREEN, RED, YELLOW, Ink, columns
from tidegate.reporters.shown import Kind, Shown, explaining, shown, until

FAILS = 200
"""Fails shown in full; how many more there are is said."""

ALIKE = 20
"""Warnings, or allowed findings, of one rule that are shown."""

_WORDS = {Kind.ERROR: "error", Kind.WOULD_SHUT: "error", Kind.WARNING: "warning", Kind.ALLOWED: "allowed"}
_STYLES = {Kind.ERROR: RED, Kind.WOULD_SHUT: YELLOW, Kind.WARNING: YELLOW, Kind.ALLOWED: GREEN}


def snippets(run: Run, ink: Ink, excerpt: Excerpt | None = None) -> Iterator[str]:
    """The lines of all findings, each followed by an empty one; what is left out is counted."""
    items, sources = shown(run), Sources.of(run, excerpt)
    fails = [item for item in items if item.kind in (Kind.ERROR, Kind.WOULD_SHUT)]
    for item in fails[:FAILS]:
        yield from _finding(item, run, ink, sources)
    if len(fails) > FAILS:
        yield ink.paint(f"and {len(fails) - FAILS} more errors: see the JSON report", RED)
        yield ""
    for kind in (Kind.WARNING, Kind.ALLOWED):
        alike = [item for item in items if item.kind is kind]
        yield from _alike(alike, run, ink, sources)
        yield from _more(alike, kind, ink)


def _alike(items: Iterable[Shown], run: Run, ink: Ink, sources: Sources) -> Iterator[str]:
    count: Counter[str] = Counter()
    for item in items:
        count[item.finding.rule] += 1
        if count[item.finding.rule] <= ALIKE:
            yield from _allowed(item, ink) if item.kind is Kind.ALLOWED else _finding(item, run, ink, sources)


def _more(items: Iterable[Shown], kind: Kind, ink: Ink) -> Iterator[str]:
    count = Counter(item.finding.rule for item in items)
    more = [f"and {n - ALIKE} more {_WORDS[kind]}[{ink.say(rule)}]" for rule, n in count.items() if n > ALIKE]
    yield from more
    if more or (count and kind is Kind.ALLOWED):
        yield ""


def _allowed(item: Shown, ink: Ink) -> Iterator[str]:
    exemption = item.judged.exemption
    if exemption is not None:
        head = ink.paint(f"allowed[{ink.say(item.finding.rule)}]", GREEN)
        yield f"{head} {_subject(item, ink)} {until(exemption)} ({ink.say(exemption.owner, 80)})"


def _finding(item: Shown, run: Run, ink: Ink, sources: Sources) -> Iterator[str]:
    found = item.finding
    head = ink.paint(f"{_WORDS[item.kind]}[{ink.say(found.rule)}]", _STYLES[item.kind])
    yield f"{head}{ink.paint(': ' + ink.say(found.message), BOLD)}"
    gutter = "  "
    place = sources.place(item)
    if place is not None:
        gutter = " " * max(len(str(place.line or "")), 2)
        yield from _place(place, gutter, ink)
    remarks = [("about", _subject(item, ink))]
    if found.release is not None and len(run.releases) > 1:
        remarks.append(("release", ink.say(found.release)))
    if found.severity is not None:
        remarks.append(("severity", found.severity.word))
    if found.fix:
        remarks.append(("fix", ink.say(found.fix)))
    if item.kind is Kind.WOULD_SHUT:
        remarks.append(("note", "this would shut the gate: " + ink.say(item.why)))
    remarks.append(("why", ink.say(explaining(found.rule))))
    for name, text in remarks:
        yield f"{gutter} {ink.paint('=', DIM)} {ink.paint(name + ':', CYAN)} {text}"
    yield ""


def _subject(item: Shown, ink: Ink) -> str:
    about = item.finding.about
    if len(about) > SUBJECT:
        return ink.say(about, SUBJECT)
    return yaml_scalar(about, ascii_only=ink.ascii_only)


def _place(place: Place, gutter: str, ink: Ink) -> Iterator[str]:
    spot = ink.say(place.path)
    if place.line is not None:
        spot += f":{place.line}" + (f":{place.column}" if place.column is not None else "")
    yield f"{gutter}{ink.paint('-->', DIM)} {spot}"
    if place.excerpt and place.line is not None:
        bar = ink.paint("|", DIM)
        source, caret = _excerpt(place, max(ink.width - len(gutter) - 3, 20), ink)
        yield f"{gutter} {bar}"
        yield f"{ink.paint(str(place.line).rjust(len(gutter)), DIM)} {bar} {source}"
        yield f"{gutter} {bar} {ink.paint(caret, RED)}" if caret else f"{gutter} {bar}"


def _excerpt(place: Place, room: int, ink: Ink) -> tuple[str, str]:
    """The source line, safe and no wider than `room`, and the line with the carets below it ("" without a column)."""
    line = place.excerpt.expandtabs(1)
    start = max((place.column or 1) - 1, 0)
    if start >= len(line):
        return ink.say(line, room), ""
    # Half the room is kept for what leads up to the place.
    left = max(start - room // 2, 0) if len(line) > room else 0
    before = ink.say(line[left:start], 10 * room)
    marked = ink.say(line[start : start + max(place.width, 1)], room)
    after = ink.say(line[start + max(place.width, 1) :][:room], 10 * room)
    source = ink.say(before + marked + after, room)
    caret = " " * columns(before) + "^" * max(columns(marked), 1)
    return source, caret[:room] if place.column is not None else ""
