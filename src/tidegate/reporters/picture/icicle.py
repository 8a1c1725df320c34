"""The whole release in one strip: each component once, as wide as what hangs below it, what is marked on the left."""

from collections.abc import Iterator

from tidegate.reporters.picture.links import label
from tidegate.reporters.picture.marks import Kind, kinds
from tidegate.reporters.picture.picture import Picture
from tidegate.reporters.picture.words import attribute, text

WIDTH, ROW, ROWS = 1200.0, 24, 9
"""In units of the drawing; rows below are said, not drawn."""

_THIN, _MARK, _LABEL = 1.6, 3.0, 40.0
_LETTER = 6.8


def drawn(picture: Picture) -> str:
    """An SVG that needs neither script nor style to be read."""
    rows = 1 + max(node.row for node in picture.nodes)
    height = min(rows, ROWS) * ROW
    deeper = sum(node.row >= ROWS for node in picture.nodes)
    below = f'<p class="note still">{deeper:,} components lie deeper than the {ROWS} rows drawn.</p>' if deeper else ""
    title = "Each component once, as wide as what hangs below it; the list below says the same in words"
    return (
        f'<svg id="strip-still" class="strip" viewBox="0 0 {WIDTH:.0f} {height}" role="img" aria-label="{title}">'
        f"{''.join(_cells(picture))}</svg>{below}"
    )


_SHAPES = ("M-1 7 7 -1", "M0 3h6", "M-1 7 7 -1M-1 -1 7 7", "M2 3h2", "M-1 -1 7 7")
PATTERNS = (
    '<svg class="defs" aria-hidden="true"><defs>'
    + "".join(
        f'<pattern id="p{number}" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6"/>'
        f'<path d="{shape}"/></pattern>'
        for number, shape in enumerate(_SHAPES)
    )
    + "</defs></svg>"
)


def _cells(picture: Picture) -> Iterator[str]:
    unit = WIDTH / len(picture.nodes)
    thin: dict[int, tuple[float, float]] = {}
    over: list[str] = []
    for number, node in enumerate(picture.nodes):
        if node.row >= ROWS:
            continue
        left, width, top = number * unit, node.size * unit, node.row * ROW
        marked = kinds(picture.marks.get(number, ()))
        if width < _THIN and not marked:
            begun, end = thin.get(node.row, (left, left))
            if left - end > unit / 2:
                yield _thin(node.row, begun, end)
                begun = left
            thin[node.row] = begun, left + width
            continue
        cell = _cell(picture, number, left, top, width, marked)
        if marked:
            over.append(cell)
        else:
            yield cell
    for row, (begun, end) in sorted(thin.items()):
        yield _thin(row, begun, end)
    yield from over


def _thin(row: int, begun: float, end: float) -> str:
    return f'<rect class="m" x="{begun:.1f}" y="{row * ROW}" width="{end - begun:.1f}" height="{ROW}"/>'


def _cell(picture: Picture, number: int, left: float, top: int, width: float, marked: tuple[Kind, ...]) -> str:
    node = picture.nodes[number]
    kind = f" k{list(Kind).index(marked[0])}" if marked else ""
    way = " root" if not number else " loose" if node.depth < 0 else " leads" if node.leads else ""
    box = f'x="{left:.1f}" y="{top}" width="{max(width, _MARK if marked else 0):.1f}" height="{ROW}"'
    rect = f'<rect class="c{way}{kind}" {box}/>'
    if width < _LABEL:
        return rect
    name = label(node.component) or "(the document names no root)"
    shown = "".join(f"{each.glyph} " for each in marked) + name
    room = max(int((width - 8) / _LETTER), 1)
    words = text(shown if len(shown) <= room else shown[: max(room - 1, 1)] + "…", 400)
    words = words.removeprefix("<bdi>").removesuffix("</bdi>")
    told = f"<title>{attribute(f'{name} {node.component.version}')}</title>"
    return f'{rect}<svg {box}>{told}<text x="4" y="{ROW - 8}">{words}</text></svg>'
