"""The commands, and their exit codes: 0 open, 1 shut, 2 usage or policy, 3 undecided, 130 interrupted."""

import importlib
import os
import sys
from collections.abc import Sequence

import click

from tidegate import __version__
from tidegate.cli.telling import tell
from tidegate.errors import TidegateError, UserError
from tidegate.model.exit_code import ExitCode

# Command name to module: a command is imported when it is used, so `--version` and `--help` stay quick.
COMMANDS = {
    "review": "review",
    "check": "check",
    "approve": "approve",
    "rebuild": "rebuild",
    "verify": "verify",
    "lockfiles": "rows",
    "deps": "deps",
    "db": "db",
    "secrets": "secrets",
    "baseline": "baseline",
    "ci": "rows",
    "sbom": "sbom",
    "policy": "policy",
    "fleet": "fleet",
    "keys": "keys",
    "ledger": "ledger",
    "explain": "explain",
    "report": "report",
    "evidence": "evidence",
    "demo": "demo",
}


class LazyGroup(click.Group):
    """A group whose commands live in `tidegate.cli.<module>` as `<name>_command`."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        loaded = importlib.import_module(f"tidegate.cli.{module}")
        command: click.Command = getattr(loaded, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            raise click.UsageError(
                f"no such command `{args[0]}`" + (f"; did you mean `{close[0]}`?" if close else ""), ctx
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 open, 1 shut by a finding, 2 usage or policy, 3 could not decide, 130 interrupted.",
)
@click.version_option(__version__, prog_name="tidegate", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show a traceback when tidegate itself fails.")
def cli(debug: bool) -> None:
    """A release gate with evidence: eight controls, one policy, one verdict.

    \b
    tidegate review     before merge:       may this change go on?
    tidegate check      before release:     examine, seal, prove
    tidegate verify     before deployment:  may this artifact run here?

    Start with `tidegate demo`, which shows the gate open and shut on a sample release, offline.
    """


def run(arguments: Sequence[str]) -> int:
    """Run the command line and map whatever happens to an exit code; nothing unknown is ever 0 or 1."""
    debug = "--debug" in arguments
    try:
        code = cli.main(args=list(arguments), prog_name="tidegate", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("\ninterrupted: no verdict, no evidence was kept\n")
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except TidegateError as error:
        return _told(error, debug)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug must not look like a verdict
        return _bug(error, debug)
    # `ctx.exit`, `--help` and `--version` give plain ints; a command that returns anything else has not decided.
    return int(code) if isinstance(code, int) and not isinstance(code, bool) else ExitCode.UNDECIDED


def _told(error: TidegateError, debug: bool) -> int:
    tell(error)
    if debug:
        _traceback(error)
    return ExitCode.USAGE if isinstance(error, UserError) else ExitCode.UNDECIDED


def _bug(error: Exception, debug: bool) -> int:
    sys.stderr.write(f"error: tidegate has a bug: {type(error).__name__}\n")
    if debug:
        _traceback(error)
    sys.stderr.write("hint: run again with `tidegate --debug …` and report the traceback; the gate stays shut\n")
    return ExitCode.UNDECIDED


def _traceback(error: BaseException) -> None:
    """Frames and types only: values and messages of foreign input stay out of logs."""
    import traceback

    for frame in traceback.extract_tb(error.__traceback__):
        sys.stderr.write(f"  {os.path.basename(frame.filename)}:{frame.lineno} in {frame.name}\n")
    sys.stderr.write(f"  {type(error).__name__}\n")
