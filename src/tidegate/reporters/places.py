"""Where a finding points for reports that know nothing but files, and the name it keeps when lines move."""

import hashlib
from datetime import UTC, datetime

from tidegate.model.finding import Finding, Place
from tidegate.model.verdict import Run
from tidegate.reporters.escape import terminal

POLICY = "tidegate.yaml"
"""Where findings without a file point, when the run names no policy file."""


def fingerprint(finding: Finding) -> str:
    """What stays the same when lines move: the rule, its subject, its file and the stage's own fingerprint."""
    path = finding.place.path if finding.place is not None else ""
    parts = (finding.rule, finding.about, path, finding.fingerprint)
    return hashlib.sha256(b"\0".join(part.encode("utf-8", "backslashreplace") for part in parts)).hexdigest()[:32]


def inside(path: str) -> bool:
    """Is it a path of the repository: neither empty, nor absolute, nor leading out of it?"""
    return bool(path) and not path.startswith("/") and ".." not in path.split("/") and "://" not in path


def spot(run: Run, place: Place | None) -> tuple[str, int]:
    """A printable path of the repository and a line; the policy's first where there is no better one."""
    if place is not None and inside(place.path):
        return terminal(place.path) or POLICY, max(place.line or 1, 1)
    return (terminal(run.policy.path) or POLICY) if inside(run.policy.path) else POLICY, 1


def moment(text: str) -> str:
    """A time in UTC without a zone, as JUnit and GitLab want it; the epoch where the run does not say one."""
    try:
        told = datetime.fromisoformat(text)
        return told.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if told.tzinfo is not None else _EPOCH
    except (ValueError, OverflowError):
        return _EPOCH


_EPOCH = "1970-01-01T00:00:00"
