"""One table of reporters; none of them decides anything."""

from pathlib import Path

import pytest

from support import runs
from tidegate import reporters
from tidegate.model.verdict import ExitCode
from tidegate.reporters.all_reporters import REPORTERS


def test_every_format_is_in_the_table_under_its_own_name() -> None:
    assert list(REPORTERS) == [
        "text",
        "json",
        "markdown",
        "sarif",
        "github",
        "html",
        "junit",
        "codequality",
        "gitlab-secret-detection",
        "gitlab-dependency-scanning",
        "openvex",
        "cyclonedx-vex",
    ]
    assert all(name == reporter.name for name, reporter in REPORTERS.items())


def test_no_two_formats_write_the_same_file() -> None:
    assert len({reporter.file_name for reporter in REPORTERS.values()}) == len(REPORTERS)


def test_every_module_that_renders_a_run_is_in_the_table() -> None:
    folder = Path(next(iter(reporters.__path__)))
    renders = {path.stem for path in folder.glob("*.py") if "\ndef render(run: Run" in path.read_text("utf-8")}
    assert renders == {"terminal", "json_report", "markdown", "html", "sarif", "github", "junit", "codequality"}


@pytest.mark.parametrize("name", sorted(REPORTERS))
@pytest.mark.parametrize(
    ("build", "code"),
    [
        ("passing", ExitCode.OPEN),
        ("shut", ExitCode.SHUT),
        ("undecided", ExitCode.UNDECIDED),
        ("would_shut", ExitCode.OPEN),
    ],
)
def test_rendering_neither_changes_the_run_nor_its_exit_code(name: str, build: str, code: ExitCode) -> None:
    run = getattr(runs, build)()
    assert REPORTERS[name].render(run) == REPORTERS[name].render(run)
    assert run == getattr(runs, build)()
    assert run.exit_code is code


@pytest.mark.parametrize("name", sorted(REPORTERS))
def test_every_report_is_text_that_can_be_written_down(name: str) -> None:
    text = REPORTERS[name].render(runs.tainted("\ud800\x1b\u202e"))
    assert text.encode("utf-8").endswith(b"\n") or (name == "openvex" and not text)
