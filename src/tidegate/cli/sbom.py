"""`tidegate sbom`: row 6 alone, and the SBOM of a wheel put inside it."""

from pathlib import Path

import click

from tidegate.cli.options import policy_option, shown
from tidegate.cli.rows import run_row
from tidegate.errors import UserError
from tidegate.model.control import Control
from tidegate.model.verdict import ExitCode


@click.command("sbom")
@policy_option
@click.option(
    "--embed",
    "wheel",
    metavar="WHEEL",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Put the wheel's SBOM inside it (PEP 770); the new wheel is written to `--output`.",
)
@shown
def sbom_command(policy_path: str, wheel: Path | None, format_: str, outputs: tuple[str, ...], color: str) -> int:
    """Row 6: what is inside the release, and does it match lockfile and artifacts?

    \b
    tidegate sbom                                                  examine the row
    tidegate sbom --embed dist/app-1.0-py3-none-any.whl --output out/
    """
    if wheel is not None:
        return _embed(wheel, outputs)
    return run_row(Control.SBOM, policy_path, None, format_, outputs, color, artifacts=True)


def _embed(wheel: Path, outputs: tuple[str, ...]) -> int:
    """`--output` is then a wheel of the same name, or the folder to put it into."""
    from tidegate.cli.embedding import embed

    if len(outputs) != 1:
        raise UserError("`--embed` needs one `--output`", hint=f"tidegate sbom --embed {wheel} --output FOLDER")
    embed(wheel, Path(outputs[0]))
    return ExitCode.OPEN
