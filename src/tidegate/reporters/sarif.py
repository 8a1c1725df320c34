"""A run as SARIF 2.1.0 within the limits of GitHub code scanning; each result has a file, a level and a stable name."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from tidegate.model.exemption import Exemption, Origin
from tidegate.model.finding import Level, Place, Rule
from tidegate.model.verdict import ExitCode, Outcome, Run
from tidegate.model.vulnerability import Severity
from tidegate.reporters import shown
from tidegate.reporters.escape import SUBJECT, markdown_prose, terminal
from tidegate.reporters.json_report import dumps
from tidegate.reporters.places import POLICY, fingerprint, inside
from tidegate.reporters.shown import Kind, Shown

MAX_RESULTS = 25_000
MAX_RULES = 5_000
MAX_TAGS = 10

_LEVELS = {Kind.ERROR: "error", Kind.WOULD_SHUT: "warning", Kind.WARNING: "warning", Kind.ALLOWED: "note"}
_RULE_LEVELS = {Level.FAIL: "error", Level.WARN: "warning"}
_SCORES = {
    Severity.CRITICAL: 9.5,
    Severity.HIGH: 8.0,
    Severity.MEDIUM: 5.5,
    Severity.LOW: 2.0,
    Severity.NONE: 0.0,
}
_UNGRADED = {Level.FAIL: 8.0, Level.WARN: 4.0}

Plain = dict[str, object]


def render(run: Run) -> str:
    """One SARIF log with one run. Beyond `MAX_RESULTS` the fails are kept and a notification counts the rest."""
    items = shown.shown(run)
    rules = _rules(run, items)
    index = {str(rule["id"]): number for number, rule in enumerate(rules)}
    # Half the document is rules and results; the rest says whether the run may be believed.
    result = {
        "tool": {"driver": {**_driver(run), "rules": rules}},
        "automationDetails": {"id": f"tidegate/{run.scope}/{quote(_bytes(run.id[:200]), safe='')}"},
        "invocations": [_invocation(run, max(len(items) - MAX_RESULTS, 0))],
        "columnKind": "unicodeCodePoints",
        "results": list(_results(run, items[:MAX_RESULTS], index)),
        "properties": {"verdict": shown.verdict_of(run), "policyDigest": _text(run.policy.digest)},
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [result]}
    return dumps(log)


def _driver(run: Run) -> Plain:
    name, _, version = run.tool.partition(" ")
    driver: Plain = {"name": _text(name) or "tidegate", "informationUri": "https://tidegate.dev/"}
    return {**driver, "version": _text(version)} if version.strip() else driver


def _rules(run: Run, items: Sequence[Shown]) -> list[Plain]:
    worst: dict[str, float] = {}
    for item in items:
        worst[item.finding.rule] = max(worst.get(item.finding.rule, 0.0), _score(item))
    known = shown.rules(run)
    told = [_rule(rule, worst.get(rule.id, _UNGRADED[rule.level])) for rule in known.values()]
    bare: list[Plain] = [{"id": _text(id_)} for id_ in worst if id_ not in known]
    # Two ids that only differ in what is made visible would be one id twice.
    return list({str(rule["id"]): rule for rule in reversed([*told, *bare])}.values())[::-1][:MAX_RULES]


def _rule(rule: Rule, score: float) -> Plain:
    why, fix = f"Why: {_text(rule.why)}", f"Fix: {_text(rule.fix)}"
    why_md, fix_md = f"**Why:** {markdown_prose(rule.why)}", f"**Fix:** {markdown_prose(rule.fix)}"
    tags = ["security", str(rule.control), *(_text(name, 80) for name in rule.frameworks)]
    return {
        "id": _text(rule.id),
        "shortDescription": {"text": _text(rule.says) or _text(rule.id)},
        "fullDescription": {"text": _text(rule.why) or _text(rule.id)},
        "help": {"text": f"{why}\n{fix}", "markdown": f"{why_md}\n\n{fix_md}"},
        "defaultConfiguration": {"level": _RULE_LEVELS[rule.level]},
        "properties": {"tags": list(dict.fromkeys(tags))[:MAX_TAGS], "security-severity": f"{score:.1f}"},
    }


def _score(item: Shown) -> float:
    severity = item.finding.severity
    return _UNGRADED[item.judged.level] if severity is None else _SCORES.get(severity, _UNGRADED[item.judged.level])


def _results(run: Run, items: Sequence[Shown], index: dict[str, int]) -> Iterator[Plain]:
    seen: Counter[str] = Counter()
    for item in items:
        found = item.finding
        rule = _text(found.rule)
        name = fingerprint(found)
        seen[name] += 1
        result: Plain = {
            "ruleId": rule,
            "level": _LEVELS[item.kind],
            "message": {"text": _message(item)},
            "locations": [{"physicalLocation": _location(run, found.place)}],
            "partialFingerprints": {"tidegate/v1": f"{name}:{seen[name]}"},
            "suppressions": [] if item.judged.exemption is None else [_suppression(item.judged.exemption)],
            "rank": _score(item) * 10,
            "properties": {"control": str(item.control), "about": _text(found.about, SUBJECT)},
        }
        if rule in index:
            result["ruleIndex"] = index[rule]
        yield result


def _message(item: Shown) -> str:
    found = item.finding
    lines = [_text(found.message), f"about: {_text(found.about, SUBJECT)}"]
    if found.fix:
        lines.append(f"fix: {_text(found.fix)}")
    if item.kind is Kind.WOULD_SHUT:
        lines.append(f"this would shut the gate: {_text(item.why)}")
    return "\n".join(lines)


def _location(run: Run, place: Place | None) -> Plain:
    uri = _uri(place.path) if place is not None else None
    if place is None or uri is None:
        return {"artifactLocation": {"uri": _uri(run.policy.path) or POLICY}, "region": {"startLine": 1}}
    region = {"startLine": max(place.line or 1, 1)}
    if place.line is not None and place.column is not None and place.column > 0:
        region |= {"startColumn": place.column, "endColumn": place.column + max(place.width, 1)}
    return {"artifactLocation": {"uri": uri}, "region": region}


def _uri(path: str) -> str | None:
    """A repository path as a relative URI reference; None where it is empty, absolute or leaves the repository."""
    if not inside(path):
        return None
    return quote(_bytes(path), safe="/!@+~")


def _suppression(exemption: Exemption) -> Plain:
    kind = "inSource" if exemption.origin is Origin.INLINE else "external"
    reason = f"{_text(exemption.reason)} ({_text(exemption.owner, 80)}, {shown.until(exemption)})"
    return {"kind": kind, "status": "accepted", "justification": reason}


def _invocation(run: Run, dropped: int) -> Plain:
    undecided = [cell for cell in shown.cells(run) if cell.outcome is Outcome.UNDECIDED]
    notifications = [
        _notification(f"{cell.control.label} ({cell.release}) is undecided: {'; '.join(cell.reasons)}")
        for cell in undecided
    ]
    if dropped:
        notifications.append(_notification(f"{dropped} more findings are in the JSON report"))
    times = {"startTimeUtc": _time(run.started), "endTimeUtc": _time(run.finished)}
    return {
        "executionSuccessful": not undecided and run.exit_code is not ExitCode.UNDECIDED,
        "exitCode": run.exit_code.value,
        **{name: time for name, time in times.items() if time},
        "toolExecutionNotifications": notifications,
    }


def _notification(text: str) -> Plain:
    return {"level": "error", "message": {"text": _text(text)}}


def _time(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment.tzinfo is not None else ""
    except (ValueError, OverflowError):
        return ""


def _text(text: str, limit: int = 1000) -> str:
    """Plain text in which no viewer finds a link (SARIF 2.1.0 section 3.11.6)."""
    return terminal(text, limit).replace("](", "] (")


def _bytes(text: str) -> bytes:
    """A path's bytes as the file system has them; what is no path at all is spelled out."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")
