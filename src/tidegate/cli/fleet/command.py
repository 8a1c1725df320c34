"""`tidegate fleet run` and `tidegate fleet merge`."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegate import __version__
from tidegate.cli import wire
from tidegate.cli.options import database_option, require_option
from tidegate.errors import FormatError, UserError
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.verdict import ExitCode

if TYPE_CHECKING:
    from tidegate.cli.fleet.question import Asked
    from tidegate.model.fleet import Listed
    from tidegate.policy.schema import Policy

ROWS = (Control.LOCKFILES, Control.DEPENDENCIES, Control.SECRETS, Control.CI_TOKENS)
FORMATS = ("text", "json", "html")


@click.group("fleet")
def fleet_command() -> None:
    """Many repositories under one policy, side by side, and one table of all."""


@fleet_command.command("run")
@click.option(
    "--repos",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="A list, one repository a line: `path-or-url [ref] [name]`; `#` begins a comment, `-` is no ref.",
)
@click.option("-j", "--jobs", type=click.IntRange(1, 256), default=2, show_default=True, help="How many at a time.")
@click.option("--shard", metavar="i/n", default="1/1", help="Only part i of n; the parts are disjoint and complete.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where results are kept.")
@click.option(
    "--rows",
    metavar="ROW,...",
    default=",".join(ROWS),
    show_default=True,
    help="What is looked at; `dependencies` needs `--database` and is shown as later without.",
)
@click.option(
    "--policy",
    "policy_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The policy for all of them; the built-in baseline when absent. None is taken from a repository.",
)
@require_option
@database_option
@click.option(
    "--executor",
    metavar="NAME",
    default="threads",
    show_default=True,
    help="`threads` of this machine, or `dask://host:port` (needs `tidegate[fleet]`).",
)
def run_command(
    repos: Path,
    jobs: int,
    shard: str,
    out: Path,
    rows: str,
    policy_path: Path | None,
    require: Path | None,
    database: Path | None,
    executor: str,
) -> int:
    """Examine every repository of a list at its commit, by one policy; a result a repository.

    Repositories are folders with a clone, of which only the commit is read, or https addresses, which are fetched
    without credentials. One that is broken or cannot be reached is undecided, and stops no other. Run again, and what
    the same commit, policy and day have decided is kept.

    \b
    tidegate fleet run --repos repos.txt --policy org.yaml --out results -j 8
    tidegate fleet run --repos repos.txt --out results-2 --shard 2/4
    tidegate fleet merge results-* --format html > fleet.html
    """
    from tidegate.cli.fleet import executors, folder
    from tidegate.cli.fleet.running import Running
    from tidegate.formats import fleet_list
    from tidegate.model.fleet import Fleet, ordered, worst
    from tidegate.policy.durations import duration

    part = _shard(shard)
    listed = _listed(repos)
    policy = _policy(policy_path, require)
    asked = _asked(policy, _rows(rows), database)
    mine = fleet_list.shard(listed, *part)
    fleet = Fleet(
        tool=asked.tool,
        policy=asked.policy_digest,
        policy_path=policy.path,
        question=asked.question,
        rows=asked.rows,
        names=tuple(each.name for each in listed),
    )
    if not mine:
        folder.begin(out, fleet)
        sys.stderr.write(f"shard {shard} holds none of the {len(listed)} repositories\n")
        return ExitCode.OPEN
    pool = executors.executor(executor, jobs)
    folder.begin(out, fleet)
    running = Running(asked, repos.resolve().parent, out, duration(policy.model.limits.deadline).total_seconds())
    try:
        running.run(mine, pool, jobs)
    except KeyboardInterrupt:
        sys.stderr.write(f"\ninterrupted: {len(running.results)} of {len(mine)} results are in `{out}`; run it again\n")
        return ExitCode.INTERRUPTED
    from tidegate.reporters.fleet import text

    results = ordered(tuple(running.results))
    sys.stdout.write(text.render(fleet, results))
    sys.stderr.write(f"{running.kept} kept, {len(results) - running.kept} examined, in `{out}`\n")
    return ExitCode(worst(results))


@fleet_command.command("merge")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR...")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="What goes to standard output.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file instead.")
def merge_command(folders: tuple[Path, ...], format_: str, output: Path | None) -> int:
    """One table of all results, the worst first. A repository of the list without a result is undecided."""
    from tidegate.cli.fleet.merging import merged
    from tidegate.model.fleet import worst
    from tidegate.reporters.fleet import document, page, text

    fleet, results = merged(folders)
    shown = {"text": text.render, "json": document.render, "html": page.render}[format_](fleet, results)
    if output is None:
        sys.stdout.write(shown)
    else:
        try:
            output.write_text(shown, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise UserError(f"cannot write `{output}`: {error.strerror}", hint="name a writable file") from None
    return ExitCode(worst(results))


def _shard(text: str) -> tuple[int, int]:
    fits = re.fullmatch(r"([1-9][0-9]{0,4})/([1-9][0-9]{0,4})", text)
    if fits is None or int(fits[1]) > int(fits[2]):
        raise UserError(f"`--shard {text}` is not i/n", hint="for example `--shard 2/4`")
    return int(fits[1]), int(fits[2])


def _listed(repos: Path) -> "tuple[Listed, ...]":
    from tidegate.formats import fleet_list

    if not repos.is_file():
        raise UserError(f"there is no list at `{repos}`", hint="write one repository a line")
    try:
        return fleet_list.parse(wire.read_bounded(repos.resolve(), fleet_list.MAX_BYTES))
    except FormatError as error:
        line = f":{error.line}" if error.line else ""
        raise UserError(f"{repos}{line}: {error.message}", hint=error.hint) from None


def _rows(text: str) -> tuple[Control, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in tuple(ROWS)]
    if unknown or not names:
        raise UserError(f"`--rows` knows no `{unknown[0] if unknown else text}`", hint=f"rows are {', '.join(ROWS)}")
    return tuple(row for row in ROWS if row in names)


def _policy(path: Path | None, require: Path | None) -> "Policy":
    from tidegate.cli.gate import policy_at, required
    from tidegate.policy.load import load

    policy = policy_at(path) if path is not None else load("tidegate.yaml", _nothing)
    required(policy, require)
    return policy


def _nothing(_path: str, _limit: int) -> None:
    return None


def _asked(policy: "Policy", rows: tuple[Control, ...], database: Path | None) -> "Asked":
    from tidegate.cli.fleet.question import Asked
    from tidegate.cli.gate import cache_folder

    rows = rows if database else tuple(row for row in rows if row is not Control.DEPENDENCIES)
    if not rows:
        raise UserError("`dependencies` needs a database", hint="give one with `--database`")
    text = policy.model_dump_json(by_alias=True)
    return Asked(
        tool=__version__,
        policy=text,
        policy_digest=policy.digest,
        text_digest=str(Digest.of(text.encode())),
        rows=rows,
        database=str(database.resolve()) if database else "",
        cache=cache_folder(),
        facts=_state(database) if database else "",
    )


def _state(database: Path) -> str:
    """What the database's files say: another one gives another result."""
    files = sorted(path for path in database.rglob("*") if path.is_file())
    told = [f"{path.relative_to(database)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files[:10_000]]
    return str(Digest.of("\n".join(told).encode("utf-8", "backslashreplace")))
