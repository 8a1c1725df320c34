"""`tidegate verify`: may this artifact run here, by production's own policy?"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegate.cli import wire
from tidegate.cli.gate import policy_at, required
from tidegate.cli.options import Progress, require_option, show, show_options, shown
from tidegate.cli.targets import Group, Targets, gather
from tidegate.errors import UserError
from tidegate.formats.records import dump
from tidegate.model.control import Scope
from tidegate.model.inventory import Source
from tidegate.model.release import Release
from tidegate.model.verdict import ExitCode, Run

if TYPE_CHECKING:  # pydantic is imported where it is used
    from tidegate.cli.remembering import Memory
    from tidegate.policy.schema import Policy


@click.command("verify")
@click.argument("artifacts", nargs=-1, required=True, metavar="ARTIFACT...")
@click.option(
    "--evidence",
    type=click.Path(path_type=Path),
    help="A run folder, a packed run, or the evidence folder in which exactly one run names the artifact; "
    "of images, by default what their registry holds.",
)
@click.option(
    "--policy",
    "policy_path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Production's own policy; never taken from the evidence. Keys it names lie beside it.",
)
@require_option
@click.option(
    "--ledger",
    "ledger_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Production's ledger: what is older than what ran is refused, and what passes is appended.",
)
@click.option("--ledger-head", metavar="SHA256", default="", help="A line the ledger must still hold.")
@click.option("--release", metavar="NAME", default="", help="The only release the artifacts may belong to.")
@click.option("--rollback-to", metavar="VERSION", default="", help="Go back to a version the ledger knows.")
@click.option("--reason", metavar="TEXT", default="", help="Why to go back.")
@click.option("--owner", metavar="NAME", default="", help="Who answers for going back.")
@shown
def verify_command(
    artifacts: tuple[str, ...],
    evidence: Path | None,
    policy_path: Path,
    require: Path | None,
    ledger_path: Path | None,
    ledger_head: str,
    release: str,
    rollback_to: str,
    reason: str,
    owner: str,
    format_: str,
    outputs: tuple[str, ...],
    color: str,
) -> int:
    """Verify artifacts before deployment: known, unmodified, fresh, built and judged by whom the policy trusts.

    ARTIFACT is a file, a folder of files, or an image, `oci://host/name:tag` or `oci://host/name@sha256:…`. A tag is
    resolved once, and the digest printed is the one that was verified: deploy by it.

    Everything is verified again here, from the artifact's bytes and the evidence; the run's own word counts for
    nothing.

    \b
    tidegate verify app-1.0-py3-none-any.whl --evidence .tidegate --policy production.yaml
    tidegate verify dist/ --evidence evidence.zip --policy production.yaml
    tidegate verify oci://registry.example/acme/app:1.0 --policy production.yaml
    tidegate verify dist/ --evidence .tidegate --policy production.yaml --ledger production.ledger
    """
    import shutil
    import tempfile

    from tidegate.cli import remembering

    options = show_options(format_, outputs, color, Path.cwd())
    told = remembering.asked(
        release=release, ledger=ledger_path, head=ledger_head, back_to=rollback_to, reason=reason, owner=owner
    )
    policy = _policy(policy_path)
    required(policy, require)
    private = Path(tempfile.mkdtemp(prefix="tidegate-"))
    try:
        with remembering.memory(ledger_path, told, private) as memory:
            run = _verify(artifacts, evidence, policy, private, memory)
            note = memory.keep(run)
            run = replace(run, notes=(*run.notes, note)) if note else run
    finally:
        shutil.rmtree(private, ignore_errors=True)
    show(run, options)
    return ExitCode(run.exit_code)


def _policy(path: Path) -> "Policy":
    if not path.is_file():
        raise UserError(f"there is no policy at `{path}`", hint="give production's policy with `--policy`")
    policy = policy_at(path)
    if not policy.controls.deployment.required:
        raise UserError(
            f"`{path}` takes out row 8, and without it nobody says that the artifact passed the gate",
            hint="give production a policy in which `controls.deployment` is required",
        )
    return policy


def _verify(words: Sequence[str], evidence: Path | None, policy: "Policy", private: Path, memory: "Memory") -> Run:
    """Each group of artifacts with the evidence of its run, then all of them told as one."""
    from tidegate.cli import merging

    progress = Progress()
    progress("taking the artifacts")
    targets = gather(words, evidence, private)
    # Several artifacts, or a folder of them, are meant to be a release; one file is just that file.
    whole = len(words) > 1 or any(Path(word).is_dir() for word in words)
    runs = [_judged(group, targets, policy, progress, memory, whole) for group in targets.groups.values()]
    runs += [merging.unseen(image, policy, wire.clock()) for image in targets.unseen]
    progress.clear()
    return merging.merged(runs)


def _judged(group: Group, targets: Targets, policy: "Policy", progress: Progress, memory: "Memory", whole: bool) -> Run:
    from tidegate.acts import Ask
    from tidegate.runner import Runner

    means = wire.Means(
        root=str(targets.private),
        taken=str(targets.taken),
        evidence=str(group.papers),
        facts=wire.ci_facts(Source(), {}),
        deploying=replace(memory.told, whole=whole),
        ledger=str(memory.copy) if memory.copy else "",
    )
    ask = Ask(
        scope=Scope.VERIFY,
        policy=policy,
        releases=tuple(Release(artifact.name, ".", (artifact,)) for artifact in group.artifacts),
        means=dump(means),
        notes=tuple(group.notes),
    )
    return Runner(wire.workers(), wire.clock(), progress).run(ask, seal=memory)
