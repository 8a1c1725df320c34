"""The page's data: JSON that can stand inside HTML, every foreign text already harmless to look at."""

import json
from collections.abc import Iterable, Iterator

from tidegate.formats.sbom_model import Occurrence
from tidegate.reporters.escape import terminal
from tidegate.reporters.picture.links import label
from tidegate.reporters.picture.marks import Kind, kinds
from tidegate.reporters.picture.picture import Picture, ecosystem

NAME, LONG, MESSAGE = 120, 240, 400
MAX_PLACES = 3
NODE = (
    *("name", "version", "ecosystem", "licence", "scope", "depth", "row", "way", "size", "brings", "leads", "kinds"),
    *("needs", "holds", "known", "purl", "places"),
)
"""The fields of a node, in order; `ecosystem`, `licence`, `scope` and `known` are numbers of a word in `words`."""

_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def render(picture: Picture) -> str:
    """Compact JSON in ASCII without `<`, `>` and `&`."""
    words = _Words()
    document = {
        "fields": NODE,
        "nodes": [list(_node(picture, number, words)) for number in range(len(picture.nodes))],
        "marks": {
            str(number): [
                [list(Kind).index(mark.kind), mark.rule, terminal(mark.message, MESSAGE), terminal(mark.effect, NAME)]
                for mark in marks
            ]
            for number, marks in picture.marks.items()
        },
        "kinds": [[kind.value, kind.glyph] for kind in Kind],
        "words": words.listed,
    }
    return escaped(json.dumps(document, ensure_ascii=True, separators=(",", ":")))


def escaped(text: str) -> str:
    """JSON that no HTML parser takes for the end of a script or the beginning of a comment."""
    return text.translate(_ESCAPES)


class _Words:
    """Words that many nodes share, each once."""

    def __init__(self) -> None:
        self.listed: list[str] = []
        self._number: dict[str, int] = {}

    def __call__(self, raw: str) -> int:
        if raw not in self._number:
            self._number[raw] = len(self.listed)
            self.listed.append(terminal(raw, LONG))
        return self._number[raw]


def _node(picture: Picture, number: int, words: _Words) -> Iterator[object]:
    node = picture.nodes[number]
    component = node.component
    yield terminal(label(component), NAME)
    yield terminal(component.version, NAME)
    yield words(ecosystem(component))
    yield words(licence(picture, number))
    yield words(component.scope)
    yield from (node.depth, node.row, node.way, node.size, node.brings, node.leads)
    yield sum(1 << list(Kind).index(kind) for kind in kinds(picture.marks.get(number, ())))
    yield node.needs
    yield node.holds
    yield words(picture.needs_known[number])
    yield terminal(component.purl or (component.ref if component.ref != label(component) else ""), LONG)
    yield list(
        _places(f"{o.location}:{o.line}" if o.line else o.location for o in sorted(component.occurrences, key=_order))
    )


def _order(seen: Occurrence) -> tuple[str, int]:
    return seen.location, seen.line or 0


def _places(places: Iterable[str]) -> Iterator[str]:
    listed = list(places)
    yield from (terminal(place, LONG) for place in listed[:MAX_PLACES])
    if len(listed) > MAX_PLACES:
        yield f"and {len(listed) - MAX_PLACES} more places"


def licence(picture: Picture, number: int) -> str:
    """In the author's words, or in the document's."""
    component = picture.nodes[number].component
    return component.licence or " and ".join(each.value for each in component.licences)
