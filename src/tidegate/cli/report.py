"""`tidegate report`: show a stored run again, in another format; nothing is judged anew."""

from pathlib import Path

import click

from tidegate.cli.options import show, show_options, shown
from tidegate.errors import FormatError, UserError
from tidegate.model.verdict import ExitCode


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@shown
def report_command(run: Path, format_: str, outputs: tuple[str, ...], color: str) -> int:
    """Show RUN (a run folder or its run.json) again. The exit code is the stored run's."""
    from tidegate.reporters import json_report

    options = show_options(format_, outputs, color, Path.cwd())
    path = run / "run.json" if run.is_dir() else run
    try:
        raw = path.read_bytes()
        stored = json_report.read(raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError, FormatError) as error:
        raise UserError(f"`{path}` is not a stored run: {error}", hint="name a folder under `.tidegate/runs`") from None
    show(stored, options)
    return ExitCode(stored.exit_code)
