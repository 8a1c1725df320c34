"""`tidegate review`: may this change go on, by the policy of the branch it wants to join?"""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegate.cli import wire
from tidegate.cli.gate import bare_releases, branch, gate, load_policy, required
from tidegate.cli.options import database_option, policy_option, require_option, show, show_options, shown
from tidegate.errors import PolicyError, UserError
from tidegate.model.control import Scope
from tidegate.model.finding import Finding, Level, Place, found
from tidegate.model.verdict import ExitCode
from tidegate.ports import Git

if TYPE_CHECKING:  # pydantic is imported where it is used
    from tidegate.policy.schema import Policy


@click.command("review")
@policy_option
@require_option
@database_option
@click.option(
    "--base",
    metavar="REF",
    default="",
    help="The branch this change wants to join; found from CI or the remote when absent.",
)
@click.option("--staged", is_flag=True, help="What the next commit would change, without any network: for the hook.")
@shown
def review_command(
    policy_path: str,
    require: Path | None,
    database: Path | None,
    base: str,
    staged: bool,
    format_: str,
    outputs: tuple[str, ...],
    color: str,
) -> int:
    """Review a change before merge: lockfiles, dependencies, secrets and CI tokens.

    The policy is that of the merge base with the target branch, so a change cannot loosen its own gate.

    With `--staged` only what the next commit would change is judged, as the index has it and by the policy of HEAD:
    lockfiles, secrets and CI tokens. The dependency review needs the network or a database, and comes later.
    """
    if staged:
        if base or database:
            option = "--base" if base else "--database"
            raise UserError(
                f"`{option}` and `--staged` exclude each other", hint="review the branch without `--staged`"
            )
        return _staged(policy_path, require, format_, outputs, color)
    from tidegate.acts import Ask
    from tidegate.runner import Runner

    found_base: list[str] = []

    def at_base(git: Git) -> str:
        found_base.append(merge_base(git, base))
        return found_base[0]

    with gate(policy_path, at_base) as made:
        wire.require_repository(made.git)
        required(made.policy, require)
        options = show_options(format_, outputs, color, made.root)
        proposed, findings, notes = _policy_change(
            made.root, made.policy.digest, policy_path, made.policy.model.policy.changes
        )
        ask = Ask(
            scope=Scope.REVIEW,
            policy=made.policy,
            releases=bare_releases(made),
            means=made.means(database=database, base=found_base[0] if found_base else ""),
            notes=(*made.notes, *notes),
            findings=findings,
            beside=proposed,
        )
        run = Runner(wire.workers(say=made.progress), wire.clock(), made.progress).run(ask)
        made.progress.clear()
        show(run, options)
        return ExitCode(run.exit_code)


def _staged(policy_path: str, require: Path | None, format_: str, outputs: tuple[str, ...], color: str) -> int:
    from tidegate.acts import Ask
    from tidegate.runner import Runner

    with gate(policy_path, facts=False) as made:
        wire.require_repository(made.git)
        required(made.policy, require)
        options = show_options(format_, outputs, color, made.root)
        index = wire.index_file()
        ask = Ask(
            scope=Scope.STAGED,
            policy=made.policy,
            releases=bare_releases(made),
            means=made.means(index=index),
            notes=(*made.notes, *_policy_staged(wire.git(made.root, index), policy_path)),
        )
        run = Runner(wire.workers(say=made.progress), wire.clock(), made.progress).run(ask)
        made.progress.clear()
        show(run, options)
        return ExitCode(run.exit_code)


def _policy_staged(git: Git, path: str) -> tuple[str, ...]:
    if not any(entry.path == path for entry in git.staged()):
        return ()
    return (f"`{path}` is staged: this commit is still judged by the policy of HEAD",)


def merge_base(git: Git, base: str) -> str:
    """The commit whose policy judges. Raises UserError when it cannot be told; a shallow clone is not guessed about."""
    target = os.environ.get("GITHUB_BASE_REF") or os.environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") or ""
    named = base or target or git.default_branch() or ""
    commit = branch(git, named) if named else None
    # A commit may be given by its id; a tag only as `refs/tags/…`, since a pushed tag can take a branch's name.
    if commit is None and base and git.resolve(f"refs/tags/{base}") is None:
        commit = git.resolve(base)
    if commit is not None:
        common = git.merge_base(commit, "HEAD")
        if common is None:
            raise UserError(f"`{named}` and HEAD share no commit", hint="fetch the whole history: `fetch-depth: 0`")
        return common
    what = f"`{named}` is not here" if named else "there is no remote branch to compare with"
    raise UserError(f"cannot tell what this change is based on: {what}", hint="say it: `tidegate review --base main`")


def _policy_change(
    root: Path, digest: str, path: str, changes: str
) -> "tuple[Policy | None, tuple[Finding, ...], list[str]]":
    """What the change does to the policy: a finding when it differs, never its effect on this review."""
    from tidegate.judge import POLICY_CHANGED

    try:
        proposed = load_policy(root, path, ref="HEAD", known_rules=True)
    except PolicyError as error:
        place = Place(path, error.faults[0].line)
        finding = found(POLICY_CHANGED, path, f"the proposed policy has faults: {error.faults[0].message}", place=place)
        return None, (replace(finding, level=Level.FAIL),), []
    if proposed.digest == digest:
        return None, (), []
    finding = found(POLICY_CHANGED, path, "this change proposes another policy; it is judged by the one in force")
    finding = replace(finding, place=Place(path, 1), level=Level(changes))
    return proposed, (finding,), [f"proposed policy: {proposed.digest}, in force: {digest}"]
