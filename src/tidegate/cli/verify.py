"""`tidegate verify`: may this artifact run here, by production's own policy?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegate.cli import wire
from tidegate.cli.options import Progress, show, show_options, shown
from tidegate.errors import FormatError, NoSuchArtifact, UserError
from tidegate.formats.records import dump
from tidegate.model.control import Scope
from tidegate.model.inventory import Source
from tidegate.model.release import Release
from tidegate.model.verdict import ExitCode, Run

if TYPE_CHECKING:  # pydantic is imported where it is used
    from tidegate.policy.schema import Policy


@click.command("verify")
@click.argument("artifact", type=click.Path(path_type=Path))
@click.option(
    "--evidence",
    type=click.Path(path_type=Path),
    required=True,
    help="The run folder, or the evidence folder in which exactly one run names the artifact.",
)
@click.option(
    "--policy",
    "policy_path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Production's own policy; never taken from the evidence. Keys it names lie beside it.",
)
@shown
def verify_command(
    artifact: Path, evidence: Path, policy_path: Path, format_: str, outputs: tuple[str, ...], color: str
) -> int:
    """Verify an artifact before deployment: known, unmodified, fresh, built and judged by whom the policy trusts.

    Everything is verified again here, from the artifact's bytes and the evidence; the run's own word counts for
    nothing.

    \b
    tidegate verify app-1.0-py3-none-any.whl --evidence .tidegate --policy production.yaml
    """
    import shutil
    import tempfile

    options = show_options(format_, outputs, color, Path.cwd())
    policy = _policy(policy_path)
    private = Path(tempfile.mkdtemp(prefix="tidegate-"))
    try:
        run = _verify(artifact, evidence, policy, private)
    finally:
        shutil.rmtree(private, ignore_errors=True)
    show(run, options)
    return ExitCode(run.exit_code)


def _policy(path: Path) -> "Policy":
    from tidegate.all_rules import RULES
    from tidegate.policy.load import load

    if not path.is_file():
        raise UserError(f"there is no policy at `{path}`", hint="give production's policy with `--policy`")
    here = path.resolve()
    return load(here.name, wire.FolderReader(wire.files(here.parent)), known_rules=RULES)


def _verify(artifact: Path, evidence: Path, policy: "Policy", private: Path) -> Run:
    from tidegate.acts import Ask
    from tidegate.runner import Runner

    if not artifact.is_file():
        raise NoSuchArtifact(f"there is no artifact `{artifact}`", hint="check the path")
    copies, papers = private / "taken", private / "evidence"
    copies.mkdir(mode=0o700)
    papers.mkdir(mode=0o700)
    where = artifact.absolute()
    taken = wire.take(where.parent, where.name, copies)
    run = wire.find_run(evidence, taken.digest)
    notes = []
    if run is None:
        notes.append(f"no run under `{evidence}` names this artifact's digest")
    else:
        try:
            for name, data in wire.read_evidence(run).items():
                (papers / name).write_bytes(data)
        except FormatError as error:
            # Evidence that cannot be read proves nothing: the stages find it missing, and the gate is shut.
            _emptied(papers)
            notes.append(f"the evidence cannot be read: {error.message}")
    progress = Progress()
    source = Source()
    means = wire.Means(root=str(private), taken=str(copies), evidence=str(papers), facts=wire.ci_facts(source, {}))
    ask = Ask(
        scope=Scope.VERIFY,
        policy=policy,
        releases=(Release(taken.name, ".", (taken,)),),
        means=dump(means),
        notes=tuple(notes),
    )
    made = Runner(wire.workers(), wire.clock(), progress).run(ask)
    progress.clear()
    return made


def _emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
