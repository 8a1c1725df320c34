"""`tidegate deps`: row 2 alone, for a quick local loop."""

from pathlib import Path

import click

from tidegate.cli import wire
from tidegate.cli.gate import at_head, bare_releases, gate
from tidegate.cli.options import database_option, policy_option, show, show_options, shown
from tidegate.cli.publishers import publishers_command
from tidegate.cli.review import merge_base
from tidegate.cli.rows import run_row
from tidegate.errors import UserError
from tidegate.model.control import Control, Scope
from tidegate.model.finding import Finding, found
from tidegate.model.verdict import ExitCode
from tidegate.ports import Git


@click.group("deps")
def deps_command() -> None:
    """Row 2: what is locked, and what a change does to it."""


deps_command.add_command(publishers_command)


@deps_command.command("audit")
@policy_option
@database_option
@shown
def audit_command(policy_path: str, database: Path | None, format_: str, outputs: tuple[str, ...], color: str) -> int:
    """Is anything locked known to be vulnerable or malicious?

    Every package of every lockfile ends as clean, vulnerable, malicious or not audited, and the last is a fail, too.
    The OSV service is asked, in batches, about packages from public registries only; private ones, and machines
    without a network, need a database (`tidegate db update` fetches one). An answer that is cut short, out of form,
    or does not know a case it must know is no answer: undecided, exit code 3.

    \b
    tidegate deps audit                             ask the service
    tidegate deps audit --database /srv/osv         ask a database, offline
    tidegate deps audit --format json               for a script
    tidegate explain dependency-vulnerable          what to do about a finding

    `controls.dependencies.engines: [tidegate, pip-audit]` in the policy asks pip-audit, too, about PyPI packages; where
    the two disagree, that is a finding.
    """
    return run_row(Control.DEPENDENCIES, policy_path, database, format_, outputs, color, artifacts=False)


@deps_command.command("review")
@policy_option
@database_option
@click.option(
    "--base",
    metavar="REF",
    default="",
    help="What this change is compared with; found from CI or the remote when absent.",
)
@shown
def review_command(
    policy_path: str, database: Path | None, base: str, format_: str, outputs: tuple[str, ...], color: str
) -> int:
    """What does this change do to what is locked, and is any of it new trouble?

    Compared is with the commit this change and REF have in common, whose policy judges; what is not committed yet is
    looked at, too.
    """
    from tidegate.acts import Ask
    from tidegate.runner import Runner

    compared: list[str] = []
    missing: list[Finding] = []

    def at_base(git: Git) -> str:
        try:
            compared.append(merge_base(git, base))
        except UserError as error:
            missing.append(_missing(error))
            return at_head(git)
        return compared[0]

    with gate(policy_path, at_base, facts=False) as made:
        wire.require_repository(made.git)
        options = show_options(format_, outputs, color, made.root)
        ask = Ask(
            scope=Scope.EXAMINE,
            policy=made.policy,
            releases=bare_releases(made),
            means=made.means(database=database, base=compared[0] if compared else ""),
            only=frozenset({Control.DEPENDENCIES}),
            notes=(*made.notes, f"only the row `{Control.DEPENDENCIES}` was asked"),
            findings=tuple(missing),
        )
        run = Runner(wire.workers(say=made.progress), wire.clock(), made.progress).run(ask)
        made.progress.clear()
        show(run, options)
        return ExitCode(run.exit_code)


def _missing(error: UserError) -> Finding:
    """Without a base nothing was compared, which is a finding of the change and no mistake of the command line."""
    from tidegate.domain.changes.rules import BASE_MISSING

    return found(BASE_MISSING, "base", error.message)
