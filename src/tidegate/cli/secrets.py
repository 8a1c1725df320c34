"""`tidegate secrets`: row 3 by the policy, or a search of what is named, for the local loop and the commit hook."""

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from tidegate.cli import wire
from tidegate.cli.options import Progress, policy_option, show, show_options, shown
from tidegate.cli.where import Asked, question, root_of
from tidegate.model.control import Control, Scope
from tidegate.model.exit_code import ExitCode
from tidegate.model.finding import Level
from tidegate.model.verdict import Run

DEFAULT_POLICY = "tidegate.yaml"


@click.command("secrets")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--staged", is_flag=True, help="What the next commit would add: for the commit hook.")
@click.option("--range", "span", default="", metavar="A..B", help="What commits of B that A has not added.")
@click.option("--history", is_flag=True, help="Everything any branch or tag ever held, messages too.")
@policy_option
@shown
def secrets_command(
    paths: tuple[str, ...],
    staged: bool,
    span: str,
    history: bool,
    policy_path: str,
    format_: str,
    outputs: tuple[str, ...],
    color: str,
) -> int:
    """Is there a credential in it?

    Without arguments: row 3 of the gate, by the policy of HEAD. With PATHS or one of the options: a quick look at just
    that, under the same policy, baseline and comments; in a folder outside of git under the built-in policy.

    A provider's token or key shuts (exit code 1). What only looks like a password is a warning, unless the policy says
    `secret-suspected: fail`. No report ever shows a value: a finding tells the kind, the place and a fingerprint.

    \b
    tidegate secrets                        row 3: the tree, and the history the policy asks for
    tidegate secrets src conf/app.env       files and folders, ignored ones too
    tidegate secrets --staged               what is about to be committed
    tidegate secrets --range main..HEAD     what this branch adds, messages too
    tidegate secrets --history              every branch, tag and note, from the first commit on
    tidegate secrets --format sarif src     for an editor
    tidegate baseline adopt --help          accept what is none, with a reason and an end
    tidegate explain secret-in-tree         what to do about a finding
    """
    asked = Asked(paths, staged, span, history)
    if not asked:
        from tidegate.cli.rows import run_row

        return run_row(Control.SECRETS, policy_path, None, format_, outputs, color, artifacts=False)
    root = root_of(asked)
    options = show_options(format_, outputs, color, root)
    told: list[Progress] = []
    try:
        run = search(asked, root, policy_path, told)
    except KeyboardInterrupt:
        far = next((each.last for each in told if each.last.startswith("searched")), "nothing was searched")
        sys.stderr.write(f"\ninterrupted: {far}, the rest was not; no verdict\n")
        return ExitCode.INTERRUPTED
    show(run, options)
    return ExitCode(run.exit_code)


def search(asked: Asked, root: Path, policy_path: str, told: list[Progress]) -> Run:
    """Search and judge. `told` is given who is told how far it is."""
    from tidegate.acts import Ask
    from tidegate.cli.gate import bare_releases, gate
    from tidegate.formats.records import dump
    from tidegate.runner import Runner

    plain = not (root / ".git").exists()
    with gate(policy_path, facts=False, root=root, built_in=plain and policy_path == DEFAULT_POLICY) as made:
        ask = Ask(
            scope=Scope.EXAMINE,
            policy=made.policy,
            releases=bare_releases(made),
            means=made.means(index=wire.index_file() if asked.staged else ""),
            only=frozenset({Control.SECRETS}),
            notes=tuple(made.notes),
            question=dump(question(asked, root, made.git)),
        )
        told.append(made.progress)
        run = Runner(wire.workers(say=made.progress), wire.clock(), made.progress).run(ask)
        made.progress.clear()
        return replace(run, source=replace(run.source, commit=made.head), notes=(*run.notes, *_tiers(run)))


def _tiers(run: Run) -> tuple[str, ...]:
    """How many findings of each tier there are, and what they do."""
    from tidegate.domain.secrets.rules import TIERS

    counts: Counter[tuple[str, str]] = Counter()
    for judged in (j for verdict in run.verdicts for j in verdict.findings):
        tier = TIERS.get(judged.finding.rule)
        if tier:
            does = "accepted" if judged.exemption else "shuts" if judged.level is Level.FAIL else "shown"
            counts[tier, does] += 1
    told = [
        f"{counts[tier, does]} of the {tier} tier ({does})"
        for tier in ("block", "warn", "audit")
        for does in ("shuts", "shown", "accepted")
        if counts[tier, does]
    ]
    return (f"findings: {', '.join(told)}",) if told else ()
