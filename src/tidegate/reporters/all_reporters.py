"""The table of reporters: the name of a format, who renders it, its media type and its default file name."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from tidegate.model.verdict import Run
from tidegate.reporters import (
    codequality,
    github,
    gitlab_security,
    html,
    json_report,
    junit,
    markdown,
    sarif,
    terminal,
    vex,
)


class Reporter(NamedTuple):
    name: str
    render: Callable[[Run], str]
    media_type: str
    file_name: str


_TABLE = (
    Reporter("text", partial(terminal.render, width=100, colour=False, ascii_only=False), "text/plain", "report.txt"),
    Reporter("json", json_report.render, "application/json", "run.json"),
    Reporter("markdown", markdown.render, "text/markdown", "report.md"),
    Reporter("sarif", sarif.render, "application/sarif+json", "report.sarif"),
    Reporter("github", github.render, "text/plain", "annotations.txt"),
    Reporter("html", html.render, "text/html", "report.html"),
    Reporter("junit", junit.render, "application/xml", "report.junit.xml"),
    Reporter("codequality", codequality.render, "application/json", "gl-code-quality-report.json"),
    Reporter("gitlab-secret-detection", gitlab_security.secrets, "application/json", "gl-secret-detection-report.json"),
    Reporter(
        "gitlab-dependency-scanning",
        gitlab_security.dependencies,
        "application/json",
        "gl-dependency-scanning-report.json",
    ),
    Reporter("openvex", vex.openvex, "application/json", "openvex.json"),
    Reporter("cyclonedx-vex", vex.cyclonedx, "application/vnd.cyclonedx+json", "vex.cdx.json"),
)
REPORTERS = {reporter.name: reporter for reporter in _TABLE}
"""By name."""
