"""One command a row of act 1, for a quick local loop: the same stages, the same policy, no evidence kept."""

from pathlib import Path

import click

from tidegate.cli import wire
from tidegate.cli.gate import bare_releases, gate, take_releases
from tidegate.cli.options import policy_option, show, show_options, shown
from tidegate.model.control import Control, Scope
from tidegate.model.verdict import ExitCode


def run_row(
    control: Control,
    policy_path: str,
    database: Path | None,
    format_: str,
    outputs: tuple[str, ...],
    color: str,
    artifacts: bool,
) -> int:
    """Examine one row at HEAD's policy and show it. A passing row never means that the gate is open."""
    from tidegate.acts import Ask
    from tidegate.runner import Runner

    with gate(policy_path, facts=False) as made:
        options = show_options(format_, outputs, color, made.root)
        releases = take_releases(made) if artifacts else bare_releases(made)
        ask = Ask(
            scope=Scope.EXAMINE,
            policy=made.policy,
            releases=releases,
            means=made.means(database=database),
            only=frozenset({control}),
            notes=(*made.notes, f"only the row `{control}` was asked"),
        )
        run = Runner(wire.workers(say=made.progress), wire.clock(), made.progress).run(ask)
        made.progress.clear()
        show(run, options)
        return ExitCode(run.exit_code)


@click.command("lockfiles")
@policy_option
@shown
def lockfiles_command(policy_path: str, format_: str, outputs: tuple[str, ...], color: str) -> int:
    """Row 1: is every manifest locked, pinned, hashed, in step, and from an allowed source?"""
    return run_row(Control.LOCKFILES, policy_path, None, format_, outputs, color, artifacts=False)


@click.command("ci")
@policy_option
@shown
def ci_command(policy_path: str, format_: str, outputs: tuple[str, ...], color: str) -> int:
    """Row 4: what may the CI's tokens do, and who could use them?"""
    return run_row(Control.CI_TOKENS, policy_path, None, format_, outputs, color, artifacts=False)
