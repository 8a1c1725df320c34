"""`tidegate deps`: row 2 alone, for a quick local loop."""

from pathlib import Path

import click

from tidegate.cli.options import database_option, policy_option, shown
from tidegate.cli.rows import run_row
from tidegate.model.control import Control


@click.group("deps")
def deps_command() -> None:
    """Row 2: what is locked, and what a change does to it."""


@deps_command.command("audit")
@policy_option
@database_option
@shown
def audit_command(policy_path: str, database: Path | None, format_: str, outputs: tuple[str, ...], color: str) -> int:
    """Is anything locked known to be vulnerable or malicious?"""
    return run_row(Control.DEPENDENCIES, policy_path, database, format_, outputs, color, artifacts=False)
