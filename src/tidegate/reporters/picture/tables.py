"""What is marked, and every component, as tables: they need no script, and they print."""

from collections.abc import Iterator, Sequence

from tidegate.reporters.picture.data import licence
from tidegate.reporters.picture.layout import Node
from tidegate.reporters.picture.links import label
from tidegate.reporters.picture.marks import SHUTS, Kind, Mark, kinds
from tidegate.reporters.picture.picture import Picture, ecosystem
from tidegate.reporters.picture.words import attribute, plural, text

MAX_MARKED = 500
"""Marked components that are listed with what was found."""

SHOWN = 4
"""Marks of one component that are open to see."""

HOPS = 4
"""Steps of a way that are named at its beginning, and at its end."""


def marked(picture: Picture, ways: Sequence[str]) -> str:
    """Each marked component with its marks and its shortest way from the root."""
    order = list(Kind)
    numbers = sorted(
        (number for number in picture.marks if number),
        key=lambda number: (
            all(mark.effect != SHUTS for mark in picture.marks[number]),
            order.index(picture.marks[number][0].kind),
            number,
        ),
    )
    head = '<section id="marked"><h2>What was found</h2>'
    if not numbers and 0 not in picture.marks:
        nothing = "No finding is about a component." if picture.given.run else "No run was given."
        return f'{head}<p class="note">{nothing}</p></section>'
    listed = [0] * (0 in picture.marks) + numbers
    rows = "".join(_marked(picture, number, ways[number]) for number in listed[:MAX_MARKED])
    more = len(listed) - MAX_MARKED
    rest = f'<p class="note">and {more:,} more: the list of all components marks them too</p>' if more > 0 else ""
    columns = "<tr><th>component<th>found<th>why it is here"
    return f'{head}<div class="wide"><table class="found"><thead>{columns}<tbody>{rows}</table></div>{rest}</section>'


def _marked(picture: Picture, number: int, way: str) -> str:
    listed = picture.marks[number]
    told = f"<ul>{''.join(map(_mark, listed[:SHOWN]))}</ul>"
    if len(listed) > SHOWN:
        rest = "".join(map(_mark, listed[SHOWN:]))
        told += f"<details><summary>{len(listed) - SHOWN} more</summary><ul>{rest}</ul></details>"
    return f'<tr data-n="{number}"><td class="name">{_named(picture, number)}<td>{told}<td class="way">{way}'


def _mark(mark: Mark) -> str:
    rule = f" <code>{text(mark.rule)}</code>" if mark.rule else ""
    number = list(Kind).index(mark.kind)
    grave = " bad" if mark.effect == SHUTS else ""
    effect = f' <small class="effect{grave}">{text(mark.effect)}</small>' if mark.effect else ""
    kind = f'<b class="k{number}"><span class="glyph">{mark.kind.glyph}</span> {mark.kind}</b>'
    return f"<li>{kind}{rule} {text(mark.message, 400)}{effect}"


def _named(picture: Picture, number: int) -> str:
    component = picture.nodes[number].component
    name = label(component) or "(the document names no root)"
    return f"{text(name)} <i>{text(component.version)}</i>" if component.version else text(name)


def ways(picture: Picture) -> list[str]:
    """Of each node `root › a › b`, the middle of a long way left out."""
    names = [text(label(node.component), 60) or "the root" for node in picture.nodes]
    first: list[tuple[int, ...]] = []
    length: list[int] = []
    told = []
    for number, node in enumerate(picture.nodes):
        # A node has a greater number than the one before it on its way.
        first.append((first[node.way] + (number,))[:HOPS] if node.way >= 0 else (number,))
        length.append(length[node.way] + 1 if node.way >= 0 else 1)
        last = [number]
        while picture.nodes[last[-1]].way >= 0 and len(last) < min(HOPS, length[-1] - HOPS):
            last.append(picture.nodes[last[-1]].way)
        between = length[-1] - len(first[-1]) - len(last)
        steps = [names[step] for step in first[-1]]
        if length[-1] > HOPS:
            steps += [f"… {between:,} more …"] * (between > 0) + [names[step] for step in reversed(last)]
        told.append(_way(number, node, " › ".join(steps)))
    return told


def _way(number: int, node: Node, steps: str) -> str:
    if not number:
        return "it is the root"
    if node.depth < 0:
        return "no way leads to it" if node.way < 0 else f"no way, but {steps}"
    return steps


def everything(picture: Picture, ways: Sequence[str]) -> str:
    """One row a component, by name."""
    order = sorted(range(1, len(picture.nodes)), key=lambda number: picture.nodes[number].at)
    rows = "".join(_row(picture, number, ways[number]) for number in order)
    columns = (
        '<tr><th>component<th>of<th class="n">steps<th class="n">needs<th class="n">brings<th>licence<th>scope'
        "<th>found<th>why it is here"
    )
    return (
        '<section id="all"><h2>All components</h2>'
        f"<details><summary>{plural(len(order), 'component')} by name</summary>"
        f'<div class="wide"><table class="all"><thead>{columns}<tbody>{rows}</table></div></details></section>'
    )


def _row(picture: Picture, number: int, way: str) -> str:
    node = picture.nodes[number]
    steps = str(node.depth) if node.depth >= 0 else "–"
    glyphs = "".join(_glyphs(picture, number))
    return (
        f"<tr data-n={number}><td>{_named(picture, number)}<td>{text(ecosystem(node.component))}<td>{steps}"
        f"<td>{len(node.needs) + len(node.holds)}<td>{node.brings}<td>{text(licence(picture, number), 60)}"
        f"<td>{text(node.component.scope)}<td>{glyphs}<td>{way}\n"
    )


def _glyphs(picture: Picture, number: int) -> Iterator[str]:
    for kind in kinds(picture.marks.get(number, ())):
        yield f'<b class="k{list(Kind).index(kind)}">{kind.glyph} {attribute(kind.value)}</b> '
