"""`run.json`: a run as a versioned document (`schemas/run-v1.json`), and the way back to an equal run."""

import json
import re
from dataclasses import replace
from importlib.resources import files

from tidegate.errors import FormatError
from tidegate.formats import strict_json
from tidegate.formats.records import from_plain, to_plain
from tidegate.model.digest import Digest
from tidegate.model.release import Release
from tidegate.model.verdict import Judged, Run, Verdict
from tidegate.model.vulnerability import Severity
from tidegate.reporters.shown import verdict_of

SCHEMA = "https://tidegate.dev/schemas/run-v1.json"
VERSION = 1
MAX_BYTES = 256 * 1024 * 1024

_RUNNER = re.compile(r"##(?=\w{0,40}\[)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SEVERITIES = {severity.word: severity for severity in Severity}
_SAME = (
    *("tool", "scope", "started", "finished", "policy", "source"),
    *("rules", "exemptions", "clauses", "notes", "evidence"),
)
_OWN = ("schema", "version", "run", "verdict", "exit_code", "releases", "required", "rows", "findings")
_ROW = ("id", "label", "release", "outcome", "findings", "coverage", "reasons", "hint")


def schema() -> str:
    """The published JSON Schema (draft 2020-12) of what `render` writes."""
    return (files("tidegate.reporters") / "schemas" / "run-v1.json").read_text("utf-8")


def render(run: Run) -> str:
    """The document, in ASCII. Half surrogate pairs, which JSON readers disagree about, become visible escapes."""
    return dumps(_document(run))


def _document(run: Run) -> dict[str, object]:
    known: dict[Judged, int] = {}
    for verdict in run.verdicts:
        for judged in verdict.findings:
            known.setdefault(judged, len(known))
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "tool": run.tool,
        "run": run.id,
        "scope": run.scope,
        "started": run.started,
        "finished": run.finished,
        "verdict": verdict_of(run),
        "exit_code": run.exit_code.value,
        "policy": to_plain(run.policy),
        "source": to_plain(run.source),
        "releases": [_release(release) for release in run.releases],
        "required": to_plain(run.rows),
        "rows": [_row(verdict, known) for verdict in run.verdicts],
        "findings": [_judged(judged) for judged in known],
        "rules": to_plain(run.rules),
        "exemptions": to_plain(run.exemptions),
        "clauses": to_plain(run.clauses),
        "notes": to_plain(run.notes),
        "evidence": run.evidence,
    }


def dumps(document: object) -> str:
    """JSON in ASCII that every reader reads alike and no CI runner takes for a command."""
    text = json.dumps(_paired(document), indent=2, ensure_ascii=True) + "\n"
    return _RUNNER.sub(r"#\\u0023", text)


def _paired(value: object) -> object:
    if isinstance(value, str):
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    if isinstance(value, list):
        return [_paired(item) for item in value]
    if isinstance(value, dict):
        return {_paired(key): _paired(item) for key, item in value.items()}
    return value


def _release(release: Release) -> dict[str, object]:
    artifacts = [{**to_plain(artifact), "digest": str(artifact.digest)} for artifact in release.artifacts]
    return {"name": release.name, "root": release.root, "artifacts": artifacts}


def _row(verdict: Verdict, known: dict[Judged, int]) -> dict[str, object]:
    return {
        "id": verdict.control,
        "label": verdict.control.label,
        "release": verdict.release,
        "outcome": verdict.outcome,
        "findings": [known[judged] for judged in verdict.findings],
        "coverage": to_plain(verdict.coverage),
        "reasons": to_plain(verdict.reasons),
        "hint": verdict.hint,
    }


def _judged(judged: Judged) -> dict[str, object]:
    finding: dict[str, object] = to_plain(judged.finding)
    severity = judged.finding.severity
    rule_level = finding.pop("level")
    return {
        **finding,
        "severity": None if severity is None else severity.word,
        "rule_level": rule_level,
        "level": judged.level,
        "exemption": to_plain(judged.exemption),
    }


def read(text: str) -> Run:
    """The run a document was written from. Raises FormatError for anything `render` would not have written.

    The verdict is computed again from the rows; a document that claims another one is refused.
    """
    try:
        document = strict_json.loads(text.encode(), limit=MAX_BYTES, what="the run")
    except UnicodeEncodeError:
        raise FormatError("the run holds half a surrogate pair") from None
    parts = _object(document, (*_OWN, *_SAME), "the run")
    if (parts["schema"], _whole(parts["version"])) != (SCHEMA, VERSION):
        raise FormatError("the run is of another version", hint="read it with the tidegate that wrote it")
    plain = {key: parts[key] for key in _SAME}
    releases = [_read_release(item, f"releases[{i}]") for i, item in enumerate(_list(parts["releases"], "releases"))]
    plain |= {"id": parts["run"], "rows": parts["required"], "releases": releases, "verdicts": []}
    findings = [_read_judged(item, f"findings[{i}]") for i, item in enumerate(_list(parts["findings"], "findings"))]
    rows = [_read_row(row, f"rows[{i}]", findings) for i, row in enumerate(_list(parts["rows"], "rows"))]
    run = replace(from_plain(Run, plain), verdicts=tuple(rows))
    if (parts["verdict"], _whole(parts["exit_code"])) != (verdict_of(run), run.exit_code.value):
        raise FormatError("the run claims a verdict its rows do not give", hint="do not trust this file; run again")
    if not _same(_document(run), parts):
        raise FormatError("the run is not written as a run is written", hint="do not trust this file; run again")
    return run


def _same(written: dict[str, object], parts: dict[str, object]) -> bool:
    """Was nothing left out or written in another way? The labels of rows may be those of another release."""
    rows = [{**_object(row, _ROW, "rows"), "label": ""} for row in _list(written["rows"], "rows")]
    theirs = [{**_object(row, _ROW, "rows"), "label": ""} for row in _list(parts["rows"], "rows")]
    return {**written, "rows": rows} == {**parts, "rows": theirs}


def _read_release(plain: object, where: str) -> dict[str, object]:
    release = _object(plain, ("name", "root", "artifacts"), where)
    artifacts = []
    for item in _list(release["artifacts"], f"{where}.artifacts"):
        artifact = _object(item, ("name", "path", "digest", "size", "kind"), f"{where}.artifacts")
        artifacts.append({**artifact, "digest": to_plain(_digest(artifact["digest"], f"{where}.artifacts"))})
    return {**release, "artifacts": artifacts}


def _digest(plain: object, where: str) -> Digest:
    try:
        digest = Digest.parse(plain) if isinstance(plain, str) else None
    except ValueError as error:
        raise FormatError(f"{where}: {error}") from None
    if digest is None or str(digest) != plain:
        raise FormatError(f"{where}: not a digest")
    return digest


def _read_judged(plain: object, where: str) -> Judged:
    finding = dict(_object(plain, None, where))
    try:
        level, exemption = finding.pop("level"), finding.pop("exemption")
        finding["level"], severity = finding.pop("rule_level"), finding.pop("severity")
        graded = None if severity is None else _SEVERITIES[str(severity)].value
    except KeyError as error:
        raise FormatError(f"{where}: missing or unknown {error}") from None
    return from_plain(Judged, {"finding": {**finding, "severity": graded}, "level": level, "exemption": exemption})


def _read_row(plain: object, where: str, findings: list[Judged]) -> Verdict:
    row = _object(plain, _ROW, where)
    rest = {key: row[key] for key in ("release", "outcome", "coverage", "reasons", "hint")}
    verdict = from_plain(Verdict, {"control": row["id"], "findings": [], **rest})
    numbers = [_whole(number) for number in _list(row["findings"], f"{where}.findings")]
    if not all(0 <= number < len(findings) for number in numbers):
        raise FormatError(f"{where}.findings: no such finding")
    return replace(verdict, findings=tuple(findings[number] for number in numbers))


def _object(plain: object, keys: tuple[str, ...] | None, where: str) -> dict[str, object]:
    if not isinstance(plain, dict):
        raise FormatError(f"{where}: expected an object, found {type(plain).__name__}")
    if keys is not None and set(plain) != set(keys):
        raise FormatError(f"{where}: missing or unknown {min(set(plain) ^ set(keys))!a}")
    return plain


def _list(plain: object, where: str) -> list[object]:
    if not isinstance(plain, list):
        raise FormatError(f"{where}: expected a list, found {type(plain).__name__}")
    return plain


def _whole(plain: object) -> int:
    """An integer; -1 for anything else (true and 1.0 too)."""
    return plain if type(plain) is int else -1
