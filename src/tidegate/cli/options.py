"""Options several commands share, and how a run is shown."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from tidegate.errors import FormatError, UserError
from tidegate.model.verdict import Run

F = TypeVar("F", bound=Callable[..., object])

FORMATS = (
    "text",
    "json",
    "markdown",
    "html",
    "sarif",
    "github",
    "junit",
    "codequality",
    "gitlab-secret-detection",
    "gitlab-dependency-scanning",
)


def shown(command: F) -> F:
    """`--format`, `--output` and `--color`, the same everywhere."""
    for option in (
        click.option(
            "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the text."
        ),
        click.option(
            "--output",
            "outputs",
            multiple=True,
            metavar="FORMAT=PATH",
            help=f"Also write a report: {', '.join(FORMATS)}. Repeatable.",
        ),
        click.option(
            "--format", "format_", type=click.Choice(FORMATS), default="text", help="What goes to standard output."
        ),
    ):
        command = option(command)
    return command


policy_option = click.option(
    "--policy",
    "policy_path",
    default="tidegate.yaml",
    show_default=True,
    metavar="PATH",
    help="The policy's path in the repository; it is read from the commit, not from the working tree.",
)

require_option = click.option(
    "--require",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A policy the one in force must be at least as tight as, field by field; else nothing is run.",
)

database_option = click.option(
    "--database",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    envvar="TIDEGATE_DATABASE",
    help="Folder of OSV advisories (`<Ecosystem>/all.zip`); without it the OSV service is asked.",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """How this run is to be shown."""

    format: str
    outputs: tuple[tuple[str, Path], ...]
    colour: bool
    root: Path


def show_options(format_: str, outputs: tuple[str, ...], color: str, root: Path) -> Shown:
    """Check `--output` before anything runs: a report that cannot be written is found at once. Raises UserError."""
    parsed = []
    for text in outputs:
        name, equals, path = text.partition("=")
        if not equals or name not in FORMATS or not path:
            raise UserError(f"`--output {text}` is not FORMAT=PATH", hint=f"formats are {', '.join(FORMATS)}")
        target = Path(path)
        if target.is_dir() or not target.absolute().parent.is_dir():
            raise UserError(f"cannot write `{path}`", hint="name a file in a folder that is there")
        if leads_out(target, root):
            raise UserError(f"cannot write `{path}`: the repository has a link there", hint="name another file")
        parsed.append((name, target))
    return Shown(format_, tuple(parsed), _colour(color), root)


def leads_out(target: Path, root: Path) -> bool:
    """Would a link in the examined tree take a report elsewhere? Links outside of it are the user's own."""
    spelt = target.absolute()
    links = (path for path in (spelt, *spelt.parents) if path.is_symlink())
    return any(link.parent.resolve().is_relative_to(root.resolve()) for link in links)


def _colour(color: str) -> bool:
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() or any(os.environ.get(name) for name in ("GITHUB_ACTIONS", "GITLAB_CI"))


def _width() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) >= 40:
        return min(int(columns), 200)
    if sys.stdout.isatty():
        return max(60, min(os.get_terminal_size(sys.stdout.fileno()).columns, 160))
    return 120


def render(run: Run, name: str, shown: Shown, *, colour: bool = False) -> str:
    """One report as text."""
    if name == "text":
        from tidegate.reporters import terminal

        encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
        return terminal.render(
            run, width=_width(), colour=colour, ascii_only=not encoding.startswith("utf"), excerpt=_excerpts(shown.root)
        )
    from tidegate.reporters.all_reporters import REPORTERS

    return REPORTERS[name].render(run)


def _excerpts(root: Path) -> Callable[[str, int], str | None]:
    """Source lines for findings without one of their own; foreign files are read bounded and without links."""
    from tidegate.cli import wire

    files = wire.files(root)
    cache: dict[str, list[str]] = {}

    def line_of(path: str, line: int) -> str | None:
        if path not in cache:
            try:
                cache[path] = files.read(path, 4 << 20).decode("utf-8", "replace").split("\n")
            except FormatError:
                cache[path] = []
        lines = cache[path]
        return lines[line - 1][:400] if 0 < line <= len(lines) else None

    return line_of


def show(run: Run, shown: Shown) -> None:
    """Write every report asked for, standard output last. The exit code is not touched by any of it."""
    for name, path in shown.outputs:
        try:
            text = render(run, name, shown)
            if text:
                path.write_text(text, encoding="utf-8", errors="backslashreplace")
            else:
                path.unlink(missing_ok=True)  # an older run's must not be taken for this one's
                sys.stderr.write(f"note: `{path}` is not written: there is nothing to state as {name}\n")
        except OSError as error:
            raise UserError(f"cannot write `{path}`: {error.strerror}", hint="name a writable file") from None
    try:
        sys.stdout.write(render(run, shown.format, shown, colour=shown.colour))
        sys.stdout.flush()
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"warning: the report could not be shown: {error.strerror}\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Progress:
    """One line on a terminal's standard error that says what is going on; elsewhere a line every half minute."""

    QUIET = 30.0

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._told = time.monotonic()
        self.last = ""
        """What was said last."""

    def __call__(self, text: str) -> None:
        self.last = text
        if self._live:
            sys.stderr.write(f"\r\x1b[K{text} …")
            sys.stderr.flush()
        elif time.monotonic() - self._told >= self.QUIET:
            self._told = time.monotonic()
            sys.stderr.write(f"{text} …\n")
            sys.stderr.flush()

    def clear(self) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
