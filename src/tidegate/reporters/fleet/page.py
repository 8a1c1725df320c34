"""A fleet as one page: it loads nothing, runs nothing, and shows foreign text as text."""

import base64
import hashlib
from collections.abc import Sequence

from tidegate.model.fleet import Cell, Examined, Fleet, Weight, weight
from tidegate.reporters.fleet import words
from tidegate.reporters.picture.words import attribute

_MARKS = {Weight.SHUT: "✗", Weight.UNDECIDED: "?", Weight.WOULD_SHUT: "!", Weight.OPEN: "✓"}
_STYLE = """
:root{color-scheme:light dark;--line:#8884;--bad:#b3261e;--dark:#8a5a00;--good:#1b6e3c}
@media(prefers-color-scheme:dark){:root{--bad:#ff8a80;--dark:#ffcf70;--good:#7fd8a0}}
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem}
h1{font-size:1.4rem;margin:0 0 .3rem}
code{font-family:ui-monospace,monospace;font-size:.92em;overflow-wrap:anywhere}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600}
.shut{color:var(--bad)}.undecided,.would{color:var(--dark)}.open{color:var(--good)}
.state{font-weight:600;white-space:nowrap}
summary{cursor:pointer}
details p,details ul{margin:.3rem 0}
footer{margin-top:2rem;opacity:.75}
"""


def render(fleet: Fleet, results: Sequence[Examined]) -> str:
    """A whole HTML document: the same bytes for the same results."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = "".join(f'<th scope="col">{_text(row)}</th>' for row in ("", "repository", "commit", *fleet.rows))
    body = "\n".join(_row(fleet, each) for each in results)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(words.total(results))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{_text(words.total(results))}</h1>\n"
        f"<p>By the policy <code>{_text(fleet.policy_path)}</code>, <code>{_text(fleet.policy)}</code>, "
        f"tidegate {_text(fleet.tool)}</p>\n"
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>\n'
        "<footer><p>The worst first. This page shows what was found, and proves nothing. It loads nothing and sends "
        "nothing.</p></footer>\n</body>\n</html>\n"
    )


def _row(fleet: Fleet, examined: Examined) -> str:
    stands = weight(examined)
    kind = stands.value.split(" ")[0]
    cells = "".join(f"<td>{_text(words.row(examined, row))}</td>" for row in fleet.rows)
    return (
        f'<tr><td class="state {kind}">{_MARKS[stands]} {_text(stands)}</td>'
        f'<th scope="row">{_text(examined.name, 200)}{_more(examined)}</th>'
        f"<td><code>{_text(examined.commit[:12])}</code></td>{cells}</tr>"
    )


def _more(examined: Examined) -> str:
    """All that is known of it, folded away."""
    why = f"<p>{_text(examined.why)}</p><p>{_text(examined.hint)}</p>" if examined.why else ""
    items = "".join(_cell(cell) for cell in examined.cells)
    if not why and not items:
        return ""
    short = _text(words.why(examined), 200) or "what was examined"
    return f"<details><summary>{short}</summary>{why}<ul>{items}</ul></details>"


def _cell(cell: Cell) -> str:
    told = "".join(
        f"<li>{_text(each.level)} <code>{_text(each.rule)}</code> <code>{_text(each.path)}"
        f"{f':{each.line}' if each.line else ''}</code> {_text(each.message)}</li>"
        for each in cell.told
    )
    reasons = "".join(f"<li>{_text(reason)}</li>" for reason in cell.reasons)
    seen = f" ({_text(', '.join(cell.seen))})" if cell.seen else ""
    return f"<li>{_text(cell.control)}, {_text(cell.release)}: {_text(cell.outcome)}{seen}<ul>{told}{reasons}</ul></li>"


def _text(text: str, limit: int = 500) -> str:
    return attribute(text, limit)
