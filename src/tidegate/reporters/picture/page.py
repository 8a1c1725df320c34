"""The page: one file, the same bytes for the same input, under a policy that lets it load nothing."""

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files

from tidegate.reporters.picture import data, explained, icicle, summary, tables
from tidegate.reporters.picture.links import label
from tidegate.reporters.picture.picture import Given, Picture, picture
from tidegate.reporters.picture.words import attribute

_SCRIPTS = ("graph", "strip", "tree", "panel", "search", "start")


def render(given: Given) -> str:
    """A whole HTML document."""
    drawn = picture(given)
    root = drawn.nodes[0].component
    title = attribute(f"{label(root) or given.release or given.name} {root.version}".strip(), 200)
    policy = (
        f"default-src 'none'; style-src '{_hash(style())}'; script-src '{_hash(script())}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}: what is inside, and why</title>\n<style>{style()}</style>\n</head>\n<body>\n{_body(drawn)}\n"
        f'<script type="application/json" id="data">{data.render(drawn)}</script>\n'
        f"<script>{script()}</script>\n</body>\n</html>\n"
    )


def _body(drawn: Picture) -> str:
    ways = tables.ways(drawn)
    return "\n".join(
        (
            icicle.PATTERNS,
            summary.header(drawn),
            "<main>",
            f'<section id="release">{summary.artifacts(drawn)}{summary.marked(drawn)}'
            f'<div class="cards">{summary.reconciled(drawn)}{summary.components(drawn)}{summary.completeness(drawn)}'
            "</div></section>",
            _graph(drawn),
            tables.marked(drawn, ways),
            explained.section(drawn.given.reconciliation),
            tables.everything(drawn, ways),
            "</main>",
            _FOOTER,
        )
    )


def _graph(drawn: Picture) -> str:
    return (
        '<section id="graph"><h2>Why each component is here</h2>'
        f'<div id="strip">{icicle.drawn(drawn)}</div>{_KEY}{_LIVE}</section>'
    )


_KEY = (
    '<p class="key">Each component once, below the first one on its shortest way from the root, '
    "as wide as what hangs below it. "
    '<span class="swatch k0">▲ vulnerable</span> <span class="swatch k1">◇ unlocked</span> '
    '<span class="swatch k2">? unexplained</span> <span class="swatch k3">! other finding</span> '
    '<span class="swatch leads">leads to one of them</span> <span class="swatch loose">no way leads there</span></p>'
)
# Empty until the script fills it; without script the tables below say the same.
_LIVE = (
    '<div id="live" hidden>'
    '<div class="tools"><div class="finder"><label for="find">Find a package</label>'
    '<input id="find" type="search" autocomplete="off" spellcheck="false" role="combobox" aria-expanded="false"'
    ' aria-controls="hits" aria-autocomplete="list" placeholder="name or package URL">'
    '<ul id="hits" role="listbox" aria-label="Packages found" hidden></ul></div>'
    '<div id="filters" class="buttons" role="group" aria-label="Show only ways to"></div></div>'
    '<p id="told" role="status"></p>'
    '<div class="bench"><div id="tree" role="tree" aria-label="Dependencies, from the root"></div>'
    '<aside id="panel" aria-label="The chosen component"></aside></div></div>'
)
_FOOTER = (
    "<footer><p>This page shows what the files it was made from say. It proves nothing: <code>tidegate verify</code> "
    "does. It loads nothing and sends nothing.</p></footer>"
)


@lru_cache(maxsize=1)
def style() -> str:
    return (files("tidegate.reporters.picture") / "assets" / "style.css").read_text("utf-8")


@lru_cache(maxsize=1)
def script() -> str:
    folder = files("tidegate.reporters.picture") / "assets"
    parts = "\n".join((folder / f"{name}.js").read_text("utf-8") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
