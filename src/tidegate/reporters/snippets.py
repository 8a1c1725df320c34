"""Findings in the grammar of compilers: level and rule, message, place, excerpt, and what to do about it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tidegate.model.finding import Place
from tidegate.model.verdict import Run
from tidegate.reporters.escape import SUBJECT, yaml_scalar
from tidegate.reporters.excerpts import Excerpt, Sources
from tidegate.reporters.ink import BOLD, CYAN, DIM, GREEN, RED, YELLOW, Ink, columns
from tidegate.reporters.shown import Kind, Shown, explaining, shown, until

FAILS = 200
"""Fails shown in full; how many more there are is said."""

ALIKE = 5
"""Warnings, or allowed findings, of one rule that are shown."""

FULL = 3
"""More warnings of one rule than this are told in a line and a place each, once their advice was given."""

PLACES = 5
"""Places of one finding that are shown."""

Places = list[Shown]
"""One finding at each of its places."""

_WORDS = {Kind.ERROR: "error", Kind.WOULD_SHUT: "error", Kind.WARNING: "warning", Kind.ALLOWED: "allowed"}
_STYLES = {Kind.ERROR: RED, Kind.WOULD_SHUT: YELLOW, Kind.WARNING: YELLOW, Kind.ALLOWED: GREEN}


def snippets(run: Run, ink: Ink, excerpt: Excerpt | None = None) -> Iterator[str]:
    """The lines of all findings, each followed by an empty one; what is left out is counted."""
    items, pen = _once(shown(run)), _Pen(run, ink, Sources.of(run, excerpt))
    fails = [item for item in items if item[0].kind in (Kind.ERROR, Kind.WOULD_SHUT)]
    for item in fails[:FAILS]:
        yield from pen.finding(item)
    if len(fails) > FAILS:
        yield ink.paint(f"and {len(fails) - FAILS} more errors: see the JSON report", RED)
        yield ""
    for kind in (Kind.WARNING, Kind.ALLOWED):
        alike = [item for item in items if item[0].kind is kind]
        yield from _alike(alike, kind, pen)


def _once(items: Iterable[Shown]) -> list[Places]:
    """Findings that differ in nothing but their place, together: one package in several lockfiles is told once."""
    told: dict[Shown, list[Shown]] = {}
    for item in items:
        bare = replace(item, judged=replace(item.judged, finding=replace(item.finding, place=None)))
        told.setdefault(bare, []).append(item)
    return list(told.values())


def _alike(items: Iterable[Places], kind: Kind, pen: "_Pen") -> Iterator[str]:
    """Rule by rule, each followed by how many more there are."""
    rules: dict[str, list[Places]] = {}
    for item in items:
        rules.setdefault(item[0].finding.rule, []).append(item)
    for rule, alike in rules.items():
        told = alike[:ALIKE]
        brief = _known_advice(told) if kind is Kind.WARNING and len(alike) > FULL else []
        for item in told:
            if kind is Kind.ALLOWED:
                yield from _allowed(item[0], pen.ink)
            elif item not in brief:
                yield from pen.finding(item)
        for item in brief:
            yield from pen.brief(item)
        if len(alike) > ALIKE:
            yield f"and {len(alike) - ALIKE} more {_WORDS[kind]}[{pen.ink.say(rule)}]: see the JSON report"
        if kind is Kind.WARNING and (brief or len(alike) > ALIKE):
            yield ""
    if rules and kind is Kind.ALLOWED:
        yield ""


def _known_advice(items: Iterable[Places]) -> list[Places]:
    """Those whose advice another one before them gives: told in full, they would bury the fails above them."""
    given: set[str] = set()
    known: list[Places] = []
    for item in items:
        if item[0].finding.fix in given:
            known.append(item)
        given.add(item[0].finding.fix)
    return known


def _allowed(item: Shown, ink: Ink) -> Iterator[str]:
    exemption = item.judged.exemption
    if exemption is not None:
        head = ink.paint(f"allowed[{ink.say(item.finding.rule)}]", GREEN)
        yield f"{head} {_subject(item, ink)} {until(exemption)} ({ink.say(exemption.owner, 80)})"


@dataclass(slots=True)
class _Pen:
    """Writes findings; advice that the finding above gives already is not repeated."""

    run: Run
    ink: Ink
    sources: Sources
    advice: tuple[str, str] = ("", "")

    def finding(self, items: Places) -> Iterator[str]:
        item, ink = items[0], self.ink
        found = item.finding
        head = ink.paint(f"{_WORDS[item.kind]}[{ink.say(found.rule)}]", _STYLES[item.kind])
        yield f"{head}{ink.paint(': ' + ink.say(found.message), BOLD)}"
        places = [place for place in map(self.sources.place, items[:PLACES]) if place is not None]
        gutter = " " * max([2, *(len(str(place.line or "")) for place in places)])
        for place in places[:1]:
            yield from _place(place, gutter, ink)
        for place in places[1:]:
            yield _spot(place, gutter, ink)
        if len(items) > PLACES:
            yield f"{gutter} {ink.paint('=', DIM)} and at {len(items) - PLACES} more places"
        for name, text in self._remarks(item):
            yield f"{gutter} {ink.paint('=', DIM)} {ink.paint(name + ':', CYAN)} {text}"
        yield ""

    def brief(self, items: Places) -> Iterator[str]:
        """The message and the first place."""
        item, ink = items[0], self.ink
        head = ink.paint(f"{_WORDS[item.kind]}[{ink.say(item.finding.rule)}]", _STYLES[item.kind])
        yield f"{head}: {ink.say(item.finding.message)}"
        if item.finding.place is not None:
            yield _spot(item.finding.place, "  ", ink)

    def _remarks(self, item: Shown) -> Iterator[tuple[str, str]]:
        found, ink = item.finding, self.ink
        yield "about", _subject(item, ink)
        if found.release is not None and len(self.run.releases) > 1:
            yield "release", ink.say(found.release)
        if found.severity is not None:
            yield "severity", found.severity.word
        given, self.advice = self.advice, (found.rule, found.fix)
        if found.fix and self.advice != given:
            yield "fix", ink.say(found.fix)
        if item.kind is Kind.WOULD_SHUT:
            yield "note", "this would shut the gate: " + ink.say(item.why)
        if found.rule != given[0]:
            yield "why", ink.say(explaining(found.rule))


def _subject(item: Shown, ink: Ink) -> str:
    about = item.finding.about
    if len(about) > SUBJECT:
        return ink.say(about, SUBJECT)
    return yaml_scalar(about, ascii_only=ink.ascii_only)


def _place(place: Place, gutter: str, ink: Ink) -> Iterator[str]:
    yield _spot(place, gutter, ink)
    if place.excerpt and place.line is not None:
        bar = ink.paint("|", DIM)
        source, caret = _excerpt(place, max(ink.width - len(gutter) - 3, 20), ink)
        yield f"{gutter} {bar}"
        yield f"{ink.paint(str(place.line).rjust(len(gutter)), DIM)} {bar} {source}"
        yield f"{gutter} {bar} {ink.paint(caret, RED)}" if caret else f"{gutter} {bar}"


def _spot(place: Place, gutter: str, ink: Ink) -> str:
    spot = ink.say(place.path)
    if place.line is not None:
        spot += f":{place.line}" + (f":{place.column}" if place.column is not None else "")
    return f"{gutter}{ink.paint('-->', DIM)} {spot}"


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
