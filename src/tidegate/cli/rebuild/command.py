"""The command line of `tidegate rebuild`: one half runs the project's code, the other holds the signer, never both."""

from pathlib import Path

import click

from tidegate.cli import wire
from tidegate.cli.gate import gate
from tidegate.cli.options import policy_option
from tidegate.cli.rebuild.targets import gather
from tidegate.errors import NotARepository, UserError

STATEMENT = Path("rebuild.intoto.json")


@click.command("rebuild")
@click.argument("artifacts", nargs=-1, metavar="[ARTIFACT]...", type=click.Path(path_type=Path))
@policy_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Where the unsigned statement is written.  [default: {STATEMENT}]",
)
@click.option(
    "--sign",
    "statement",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Sign this statement of another job instead; nothing is built.",
)
@click.option(
    "--key",
    metavar="URI_OR_PATH",
    envvar="TIDEGATE_REBUILD_KEY",
    help="The rebuilder's own key; without it the identity of the CI job signs.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder for the attestations; beside the artifacts when absent.",
)
def rebuild_command(
    artifacts: tuple[Path, ...],
    policy_path: str,
    output: Path | None,
    statement: Path | None,
    key: str | None,
    out: Path | None,
) -> int:
    """Build HEAD again in a fresh copy and compare, byte for byte, with the ARTIFACTs (default: the policy's).

    This runs the project's own code (`controls.sbom.build`), and therefore refuses to run beside a token or a key.
    What came of it is an unsigned statement; `--sign` signs it in a second job, which runs no project code and must
    have the same artifacts and commit. `trust.rebuilders` says whose signature counts.

    \b
    tidegate rebuild                                          in a job without tokens
    tidegate rebuild --sign rebuild.intoto.json --key R.key   in another
    """
    if statement is None:
        from tidegate.cli.rebuild import building

        if key is not None or out is not None:
            raise UserError(
                "`--key` and `--out` belong to `--sign`", hint="build without them, and sign in another job"
            )
        building.refuse_tokens()
        target = building.writable(output or STATEMENT)
        with gate(policy_path, facts=False) as made:
            _needs_commit(made.head)
            return building.rebuild(made, gather(made, artifacts), target)
    from tidegate.cli.rebuild import signing

    if output is not None:
        raise UserError("`--output` is where a statement is written", hint="leave it out when you sign one")
    with gate(policy_path) as made:
        _needs_commit(made.head)
        return signing.sign(made, gather(made, artifacts), wire.read_bounded(statement, signing.LIMIT), key, out)


def _needs_commit(head: str) -> None:
    if not head:
        raise NotARepository(
            "there is no commit to rebuild", hint="run it inside the repository, at the released commit"
        )
