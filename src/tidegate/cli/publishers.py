"""`tidegate deps publishers`: a proposal for the reviewed file of who published each dependency."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tidegate.cli import wire
from tidegate.cli.gate import Gate, bare_releases, gate
from tidegate.cli.options import policy_option
from tidegate.errors import FormatError, UnavailableError, UserError
from tidegate.formats.records import dump, from_plain
from tidegate.model.verdict import ExitCode
from tidegate.ports import Done, Job
from tidegate.reporters.escape import terminal

if TYPE_CHECKING:  # pydantic is imported where it is used
    from tidegate.stages.publishers import Proposal

_SHOWN = 20


@click.command("publishers")
@policy_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write the proposal there; entries the file has already stay as they are.",
)
def publishers_command(policy_path: str, output: Path | None) -> int:
    """Propose who publishes what the projects ask for, as the registries declare it now.

    Nothing it says is proven: review it before you commit it and name it in `dependencies.registry.publishers`. The
    registries are asked whatever the policy says, about public packages only.
    """
    with gate(policy_path, facts=False) as made:
        made.progress("asking the registries")
        proposal = _proposed(made, _known(made, output))
        made.progress.clear()
    if proposal.fault:
        raise UserError(f"the file of publishers cannot be read: {proposal.fault}", hint="mend it first")
    if output is None:
        sys.stdout.write(proposal.text)
    else:
        output.write_text(proposal.text, encoding="utf-8")
    _tell(proposal, output)
    return ExitCode.UNDECIDED if proposal.owed else ExitCode.OPEN


def _known(made: Gate, output: Path | None) -> str:
    """The file so far: the one that is written over, else the one the policy names."""
    from tidegate.formats import publishers_file  # `deps audit` imports this module and should not pay for YAML

    if output is not None and output.exists():
        try:
            return wire.read_bounded(output, publishers_file.LIMIT).decode("utf-8")
        except UnicodeDecodeError:
            raise UserError(f"`{output}` is not UTF-8 text", hint="name another file") from None
    named = made.policy.controls.dependencies.registry.publishers
    return made.policy.files[named] if named else ""


def _proposed(made: Gate, known: str) -> "Proposal":
    """Asked in a worker, which reads the lockfiles. Raises UnavailableError when it does not answer."""
    from tidegate.policy.durations import duration
    from tidegate.stages.publishers import Proposal

    payload = (
        f'{{"means":{made.means()},"releases":{dump(bare_releases(made))},"known":{json.dumps(known)},'
        f'"policy":{made.policy.model_dump_json(by_alias=True)}}}'
    )
    deadline = duration(made.policy.model.limits.deadline).total_seconds()
    done = next(iter(wire.workers().run([Job("publishers", "publishers", payload)], deadline)), Done("publishers"))
    try:
        if done.text and not done.failed:
            return from_plain(Proposal, json.loads(done.text))
        why = done.failed or "no answer"
    except (FormatError, ValueError, RecursionError) as error:
        why = str(error)
    raise UnavailableError(f"the registries could not be asked: {why}", hint=done.hint or "try again")


def _tell(proposal: "Proposal", output: Path | None) -> None:
    """What was done is talk, and goes to stderr."""
    where = f" in {output}" if output else ""
    lines = [f"{len(proposal.added)} added{where}; declared by the registries, not proven: review before you commit"]
    for what, words in (("not known", proposal.unknown), ("no answer", proposal.owed)):
        lines += [f"{what}: {line}" for line in words[:_SHOWN]]
        if len(words) > _SHOWN:
            lines.append(f"{what}: and {len(words) - _SHOWN} more")
    sys.stderr.write("".join(f"{terminal(line, 500)}\n" for line in lines))
