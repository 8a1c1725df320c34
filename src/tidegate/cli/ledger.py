"""`tidegate ledger`: production's memory of what ran, begun and looked at; only `verify` writes to it."""

import sys
from pathlib import Path

import click

from tidegate.cli import wire
from tidegate.errors import FormatError, UserError
from tidegate.model.verdict import ExitCode

_NAMED = 200


@click.group("ledger")
def ledger_command() -> None:
    """Begin and show production's ledger, which `tidegate verify --ledger FILE` compares with and appends to."""


@ledger_command.command("init")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", help="What the ledger is kept for, such as the name of the environment.")
def init(file: Path, name: str) -> int:
    """Write the first line of a new ledger. An existing file is never replaced."""
    chosen = name or file.name
    if not chosen.isprintable() or len(chosen) > _NAMED:
        raise UserError("the ledger's name is not a plain text", hint="give a short one with `--name`")
    head = wire.begin_ledger(file, chosen)
    sys.stdout.write(f"ledger: {file}\nhead:   {head}\n")
    sys.stderr.write(
        "hint: keep the head elsewhere; `verify --ledger-head` finds a ledger that was cut back behind it\n"
    )
    return ExitCode.OPEN


@ledger_command.command("show")
@click.argument("file", type=click.Path(path_type=Path))
def show(file: Path) -> int:
    """Check a ledger's chain and list what ran, the newest last. Exit code 1 when the chain is broken."""
    from tidegate.formats import ledger
    from tidegate.reporters.escape import terminal

    raw = wire.read_bounded(file, ledger.LIMIT)
    try:
        known = ledger.parse(raw)
    except FormatError as error:
        sys.stdout.write(f"broken: {terminal(error.message, 500)}\n")
        return ExitCode.SHUT
    for entry in known.entries:
        what = entry.name if entry.kind == "init" else f"{entry.artifact} {entry.version} {entry.digest}".strip()
        why = f" ({entry.owner}: {entry.reason})" if entry.kind == "rollback" else ""
        sys.stdout.write(f"{entry.time} {entry.kind:8} {terminal(what + why, 1000)}\n")
    sys.stdout.write(f"head: {known.head}\n")
    return ExitCode.OPEN
