"""A run as one page that loads nothing, runs nothing and sends nothing."""

from collections.abc import Iterator
from html import escape

from tidegate.model.verdict import Outcome, Run
from tidegate.reporters import shown
from tidegate.reporters.escape import SUBJECT, terminal
from tidegate.reporters.places import spot
from tidegate.reporters.shown import Kind, Shown

MAX_FINDINGS = 2000
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1c2128;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
td,th{border:1px solid #d0d7de;padding:.35rem .6rem;text-align:left;vertical-align:top}
.fail,.error,.undecided{background:#ffebe9}.pass{background:#dafbe1}.would-shut,.warning{background:#fff8c5}
dl{border-left:.3rem solid #d0d7de;padding:.2rem .8rem;margin:.8rem 0}dt{font-weight:600}dd{margin:0}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td,th{border-color:#30363d}
.fail,.error,.undecided{background:#5d1a1f}.pass{background:#143d22}.would-shut,.warning{background:#4a3b0a}}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def render(run: Run) -> str:
    """The page in ASCII: whatever is not is a character reference."""
    text = "\n".join(_page(run)) + "\n"
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _page(run: Run) -> Iterator[str]:
    word, gate = shown.gate_of(run)
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">'
    yield f"<title>{_text(run.tool)}: {_text(word)}</title><style>{_STYLE}</style></head><body>"
    yield f'<h1 class="{"pass" if word == "pass" else "fail"}">{_text(word)}: {_text(gate)}</h1>'
    yield f"<p>{_text(shown.tally(run))}</p><p>"
    for name, value in _header(run):
        yield f"{name} <code>{_text(value)}</code><br>" if value else ""
    yield "</p>"
    for release in shown.releases(run):
        yield from _table(run, release)
    yield from _findings(run)
    yield from _exceptions(run)
    yield from (f"<p>note: {_text(note)}</p>" for note in shown.remarks(run))
    yield "</body></html>"


def _header(run: Run) -> tuple[tuple[str, str], ...]:
    return (
        ("tool", f"{run.tool} {run.scope}"),
        ("policy", f"{run.policy.path} {run.policy.digest}"),
        ("commit", run.source.commit),
        ("ref", run.source.ref),
        ("run", run.id),
        ("evidence", run.evidence),
    )


def _table(run: Run, release: str) -> Iterator[str]:
    yield f"<h2>release <code>{_text(release)}</code></h2><table><tr><th>control<th>result<th>evidence</tr>"
    for cell in shown.cells(run):
        if cell.release == release:
            kind = str(cell.outcome).replace(" ", "-")
            told = shown.evidence(cell)
            if cell.outcome in (Outcome.UNDECIDED, Outcome.WOULD_SHUT):
                told = "; ".join([told, *cell.reasons])
            yield f'<tr class="{kind}"><td>{cell.control.label}<td>{_text(shown.result(cell))}<td>{_text(told)}</tr>'
    yield "</table>"


def _findings(run: Run) -> Iterator[str]:
    items = shown.shown(run)
    if items:
        yield "<h2>findings</h2>"
    for item in items[:MAX_FINDINGS]:
        yield from _finding(run, item)
    if len(items) > MAX_FINDINGS:
        yield f"<p>{len(items) - MAX_FINDINGS} more are in the JSON report</p>"


def _finding(run: Run, item: Shown) -> Iterator[str]:
    path, line = spot(run, item.finding.place)
    found = item.finding
    kind = "error" if item.kind is Kind.ERROR else "warning" if item.kind is not Kind.ALLOWED else "allowed"
    yield f'<dl class="{kind}"><dt>{item.kind}: <code>{_text(found.rule)}</code> {_text(found.message)}</dt>'
    yield f"<dd>at <code>{_text(path)}:{line}</code></dd><dd>about <code>{_text(found.about)}</code></dd>"
    yield f"<dd>fix: {_text(found.fix)}</dd>" if found.fix else ""
    yield f"<dd>{_text(item.why)}</dd>" if item.why else ""
    yield "</dl>"


def _exceptions(run: Run) -> Iterator[str]:
    told = shown.standing(run)
    if told:
        yield "<h2>exceptions</h2><table><tr><th>standing<th>rule<th>about<th>reason<th>owner<th>end</tr>"
        for each in told[:MAX_FINDINGS]:
            one = each.exemption
            cells = (str(each.standing), one.rule, one.about, one.reason, one.owner, shown.until(one))
            yield f"<tr>{''.join(f'<td>{_text(cell)}' for cell in cells)}</tr>"
        yield "</table>"


def _text(text: str) -> str:
    return escape(terminal(text, SUBJECT))
