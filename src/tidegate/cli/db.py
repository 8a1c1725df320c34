"""`tidegate db`: advisory databases on this machine, fetched or imported whole and asked offline."""

import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegate.cli import wire
from tidegate.cli.options import Progress
from tidegate.cli.telling import tell
from tidegate.errors import UndecidedError, UserError
from tidegate.model.verdict import ExitCode
from tidegate.reporters.escape import terminal

if TYPE_CHECKING:
    from tidegate.cli.wire.advisories import Keeper, Kept, State

EXPORT = "https://osv-vulnerabilities.storage.googleapis.com"
"""Where OSV publishes its databases (osv.dev, "Data dumps")."""

database = click.option(
    "--database",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of databases; by default `tidegate/advisories` in your data folder.",
)
smaller = click.option(
    "--accept-smaller",
    "smaller",
    default="",
    metavar="REASON",
    help="Take a database that lost more than 5 % of its advisories; the reason is kept with it.",
)


@click.group("db")
def db_command() -> None:
    """Keep advisory databases, for `--database` of `check`, `review` and `deps`."""


@db_command.command("status")
@database
def status(database: Path | None) -> int:
    """What is here and how old it is. Exit code 3 when nothing can be asked."""
    folder = _folder(database)
    progress = Progress()
    keeper = wire.keeper(folder, progress)
    states = [keeper.state(ecosystem) for ecosystem in keeper.ecosystems()]
    progress.clear()
    for each in states:
        sys.stdout.write(_line(each))
    if any(not each.wrong for each in states):
        sys.stderr.write(f"hint: use it with `--database {folder}`\n")
        return ExitCode.OPEN
    sys.stderr.write(f"error: no advisory database in `{folder}` can be asked\n")
    sys.stderr.write("hint: `tidegate db update --ecosystem PyPI` fetches one, `tidegate db import` takes a file\n")
    return ExitCode.UNDECIDED


@db_command.command("import")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--ecosystem", default="", help="Which ecosystem it is about, as OSV writes it.")
@smaller
@database
def import_(source: Path, ecosystem: str, smaller: str, database: Path | None) -> int:
    """Take a zip, a folder (JSON, YAML, or OSV's own layout) or a JSON array of OSV records, and index it."""
    folder = _folder(database)
    names = [ecosystem] if ecosystem else wire.ecosystems_in(source) if source.is_dir() else []
    return _each(folder, names or [""], lambda keeper, name: keeper.take(source, name, smaller))


@db_command.command("update")
@click.option("--ecosystem", "ecosystems", multiple=True, help="Fetch this one; by default all that are here.")
@click.option("--from", "base", default=EXPORT, show_default=True, metavar="URL", help="Where the export lies.")
@click.option("--timeout", default=600, show_default=True, type=click.IntRange(1, 86_400), help="Seconds for each.")
@smaller
@database
def update(ecosystems: tuple[str, ...], base: str, timeout: int, smaller: str, database: Path | None) -> int:
    """Fetch databases of the OSV export. The one you have is replaced by a whole and newer one, or stays."""
    folder = _folder(database)
    names = list(dict.fromkeys(ecosystems)) or wire.ecosystems_in(folder)
    if not names:
        raise UserError(f"`{folder}` holds no database yet", hint="name one with `--ecosystem`, such as `PyPI`")
    return _each(folder, names, lambda keeper, name: keeper.update(name, base, timeout, smaller))


def _each(folder: Path, names: list[str], act: "Callable[[Keeper, str], Kept]") -> int:
    """Do it for every ecosystem; one that fails keeps none of the others from its turn."""
    code = ExitCode.OPEN
    progress = Progress()
    keeper = wire.keeper(folder, progress)
    for name in names:
        try:
            kept = act(keeper, name)
        except UndecidedError as error:
            progress.clear()
            tell(error)
            code = ExitCode.UNDECIDED
            continue
        finally:
            progress.clear()
        built = kept.built
        more = f", {kept.left_out} about others left out" if kept.left_out else ""
        word = "" if kept.fresh else ", unchanged"
        sys.stdout.write(f"{built.ecosystem}: {_many(built.records)}, newest {_age(built.newest)}{more}{word}\n")
    return code


def _line(state: "State") -> str:
    if state.wrong:
        return f"{state.ecosystem}: {terminal(state.wrong, 500)}\n"
    smaller = f"\n  taken although smaller: {terminal(state.smaller, 500)}" if state.smaller else ""
    return (
        f"{state.ecosystem}: {_many(state.records)}, newest {_age(state.newest)}\n"
        f"  {state.digest}\n  index {terminal(state.index, 200)}{smaller}\n"
    )


def _many(records: int) -> str:
    return "1 advisory" if records == 1 else f"{records} advisories"


def _age(newest: str) -> str:
    try:
        days = (wire.clock().now() - datetime.fromisoformat(newest)).days
    except (ValueError, TypeError):
        return "without a date"
    return f"{newest[:10]}, {'1 day' if days == 1 else f'{days} days'} old"


def _folder(given: Path | None) -> Path:
    """The folder named, else `tidegate/advisories` in the user's data folder (XDG Base Directory Specification)."""
    if given is not None:
        return given
    home = os.environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(home):
        home = os.path.join(os.path.expanduser("~"), ".local", "share")
    if not os.path.isabs(home):
        raise UserError("there is no data folder here", hint="name one with `--database`")
    return Path(home, "tidegate", "advisories")
