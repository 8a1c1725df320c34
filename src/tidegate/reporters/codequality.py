"""A run as GitLab's Code Quality report, which merge requests show in every tier.

The documented subset of Code Climate: `description`, `check_name`, `fingerprint` (unique), `severity`, `location`.
"""

from collections import Counter
from collections.abc import Iterator

from tidegate.model.verdict import Run
from tidegate.model.vulnerability import Severity
from tidegate.reporters import shown
from tidegate.reporters.escape import SUBJECT, terminal
from tidegate.reporters.json_report import dumps
from tidegate.reporters.places import fingerprint, spot
from tidegate.reporters.shown import Kind, Shown

MAX_ISSUES = 10_000


def render(run: Run) -> str:
    """An array of issues. Accepted findings are none."""
    items = [item for item in shown.shown(run) if item.kind is not Kind.ALLOWED]
    return dumps(list(_issues(run, items[:MAX_ISSUES])))


def _issues(run: Run, items: list[Shown]) -> Iterator[dict[str, object]]:
    seen: Counter[str] = Counter()
    for item in items:
        name = fingerprint(item.finding)
        seen[name] += 1
        path, line = spot(run, item.finding.place)
        yield {
            "description": _description(item),
            "check_name": terminal(item.finding.rule) or "finding",
            "fingerprint": f"{name}{seen[name]:x}",
            "severity": _severity(item),
            "location": {"path": path, "lines": {"begin": line}},
        }


def _description(item: Shown) -> str:
    found = item.finding
    later = f" (would shut the gate: {terminal(item.why)})" if item.kind is Kind.WOULD_SHUT else ""
    fix = f"; fix: {terminal(found.fix)}" if found.fix else ""
    about = terminal(found.about, SUBJECT)
    return f"{item.control.label}: {terminal(found.message)}{later}; about {about}{fix}"


def _severity(item: Shown) -> str:
    if item.kind is Kind.ERROR:
        return "blocker" if item.finding.severity is Severity.CRITICAL else "critical"
    return "major" if item.kind is Kind.WOULD_SHUT else "minor"
