"""A run as GitLab's security reports, secret detection and dependency scanning, schema 15.0.7.

GitLab shows them in its tier Ultimate and keeps them as artifacts in every tier. A row that could not be decided makes
the scan a failure, so that no findings never look like none.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from tidegate.model.control import Control
from tidegate.model.verdict import Outcome, Run
from tidegate.model.vulnerability import Severity
from tidegate.reporters import shown
from tidegate.reporters.escape import SUBJECT, terminal
from tidegate.reporters.json_report import dumps
from tidegate.reporters.places import fingerprint, moment, spot
from tidegate.reporters.shown import Kind, Shown

VERSION = "15.0.7"
MAX_FINDINGS = 10_000
NAME, SOLUTION = 255, 7000
"""Characters GitLab keeps of these fields."""

Plain = dict[str, object]
_NAMESPACE = uuid.UUID("6f2b7a5e-6c0f-5d0e-9d43-3f0d8f2f6f6b")
_SEVERITIES = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
    Severity.NONE: "Info",
    Severity.UNKNOWN: "Unknown",
}
_UNGRADED = {Kind.ERROR: "High", Kind.WOULD_SHUT: "High", Kind.WARNING: "Medium"}


def secrets(run: Run) -> str:
    """`gl-secret-detection-report.json`."""
    return dumps(_report(run, Control.SECRETS, "secret_detection", partial(_secret, run)))


def dependencies(run: Run) -> str:
    """`gl-dependency-scanning-report.json`: findings about packages; what is wrong with a lock is no vulnerability."""
    return dumps(_report(run, Control.DEPENDENCIES, "dependency_scanning", partial(_package, run)) | _FILES)


_FILES: Plain = {"dependency_files": []}


def _report(run: Run, control: Control, kind: str, where: Callable[[Shown], Plain | None]) -> Plain:
    items = [item for item in shown.shown(run) if item.control is control]
    told = [item for item in items if item.kind is not Kind.ALLOWED]
    located = [(item, place) for item in told if (place := where(item)) is not None]
    cells = [cell for cell in shown.cells(run) if cell.control is control]
    decided = bool(cells) and not any(cell.outcome is Outcome.UNDECIDED for cell in cells)
    version = terminal(run.tool.partition(" ")[2], 80) or "0"
    tool = {"id": "tidegate", "name": "tidegate", "version": version, "vendor": {"name": "tidegate"}}
    messages = [
        {"level": "fatal", "value": terminal(f"undecided: {'; '.join(cell.reasons)}", SUBJECT)}
        for cell in cells
        if cell.outcome is Outcome.UNDECIDED
    ]
    if len(items) > len(told):
        messages.append({"level": "info", "value": f"{len(items) - len(told)} accepted findings are left out"})
    if len(located) > MAX_FINDINGS:
        messages.append({"level": "warn", "value": f"{len(located) - MAX_FINDINGS} more are in the JSON report"})
    return {
        "version": VERSION,
        "scan": {
            "analyzer": tool,
            "scanner": tool,
            "type": kind,
            "start_time": moment(run.started),
            "end_time": moment(run.finished),
            "status": "success" if decided else "failure",
            "messages": messages,
        },
        "vulnerabilities": list(_vulnerabilities(located[:MAX_FINDINGS])),
    }


def _vulnerabilities(located: list[tuple[Shown, Plain]]) -> Iterator[Plain]:
    seen: Counter[str] = Counter()
    for item, place in located:
        found = item.finding
        name = fingerprint(found)
        seen[name] += 1
        severity = _UNGRADED[item.kind] if found.severity is None else _SEVERITIES[found.severity]
        yield {
            "id": str(uuid.uuid5(_NAMESPACE, f"{name}:{seen[name]}")),
            "name": terminal(found.message, NAME) or terminal(found.rule, NAME),
            "description": f"{terminal(found.message)}; about {terminal(found.about, SUBJECT)}",
            "severity": severity,
            "solution": terminal(found.fix, SOLUTION),
            "identifiers": list(_identifiers(item)),
            "location": place,
        }


def _identifiers(item: Shown) -> Iterator[Plain]:
    """The first is what GitLab tells findings apart by."""
    found = item.finding
    advisory = terminal(found.about.partition("#")[2], NAME) if found.about.startswith("pkg:") else ""
    for name in dict.fromkeys([advisory, *(terminal(each.partition("#")[2], NAME) for each in found.also)]):
        if name:
            kind = name.partition("-")[0].lower()
            yield {"type": kind if kind in ("cve", "ghsa") else "osv", "name": name, "value": name}
    rule = terminal(found.rule, NAME) or "finding"
    yield {"type": "tidegate_rule", "name": f"tidegate {rule}", "value": rule}


def _secret(run: Run, item: Shown) -> Plain:
    path, line = spot(run, item.finding.place)
    commit = terminal(run.source.commit, 64) or "0" * 40
    return {"file": path, "start_line": line, "end_line": line, "commit": {"sha": commit}}


def _package(run: Run, item: Shown) -> Plain | None:
    purl = item.finding.about.partition("#")[0].partition("?")[0]
    if not purl.startswith("pkg:"):
        return None
    name, _, version = purl.removeprefix("pkg:").partition("/")[2].rpartition("@")
    path, _ = spot(run, item.finding.place)
    package = {"name": terminal(name or purl, NAME)}
    return {"file": path, "dependency": {"package": package, "version": terminal(version, NAME)}}
