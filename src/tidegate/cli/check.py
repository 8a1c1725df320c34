"""`tidegate check`: examine, seal and prove a release."""

import os
from pathlib import Path

import click

from tidegate.cli import wire
from tidegate.cli.gate import Gate, gate, no_artifact, reviewed, take_releases, unchanged
from tidegate.cli.options import database_option, policy_option, show, show_options, shown
from tidegate.errors import FormatError, UserError
from tidegate.model.control import Scope
from tidegate.model.release import Release
from tidegate.model.verdict import ExitCode, Run
from tidegate.ports import Git, Signer, Store


@click.command("check")
@policy_option
@database_option
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".tidegate"),
    show_default=True,
    help="Where the run's evidence is kept.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="TIDEGATE_KEY",
    help="Private key that signs artifacts and provenance; passphrase in TIDEGATE_KEY_PASSPHRASE.",
)
@click.option(
    "--verdict-key",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="TIDEGATE_VERDICT_KEY",
    help="Private key that signs the verdict; the signing key when absent.",
)
@click.option("--no-seal", is_flag=True, help="Examine only: rows 5, 7 and 8 are shown as later.")
@click.option(
    "--base",
    metavar="REF",
    default="",
    help="Search secrets in the commits since REF, too; the previous tag when absent.",
)
@shown
def check_command(
    policy_path: str,
    database: Path | None,
    evidence: Path,
    key: Path | None,
    verdict_key: Path | None,
    no_seal: bool,
    base: str,
    format_: str,
    outputs: tuple[str, ...],
    color: str,
) -> int:
    """Check a release: examine it, sign what passed, and prove it as production would.

    The release is what the policy's `releases` name, or what lies in `dist/`. The policy is read from HEAD.
    With `--key` (or TIDEGATE_KEY) missing signatures, provenance and the verdict are made; without a signer they
    must be there already, beside the artifact (`ARTIFACT.sigstore.json`, `ARTIFACT.attestations.jsonl`).

    \b
    tidegate check --no-seal                        what would the gate say?
    tidegate check --key release.key                the whole gate, with a key
    tidegate check --output sarif=tidegate.sarif    and a report for code scanning
    """
    with gate(policy_path, _head) as made:
        options = show_options(format_, outputs, color, made.root)
        signer = None if no_seal else _signer(key)
        judge_signer = (_signer(verdict_key) or signer) if not no_seal else None
        made.progress("taking the artifacts")
        releases = take_releases(made)
        no_artifact(releases)
        commit = _base(made, base)
        run = (
            _examine(made, releases, database, commit)
            if no_seal
            else _seal(made, releases, database, commit, evidence, (signer, judge_signer), policy_path)
        )
        made.progress.clear()
        show(run, options)
        return ExitCode(run.exit_code)


def _head(_git: Git) -> str:
    return "HEAD"


def _base(made: Gate, base: str) -> str:
    if not base:
        # What the last release held was searched then; what came since is new.
        return (made.git.previous_tag(made.head) or "") if made.head else ""
    commit = made.git.resolve(base) if made.head else None
    if commit is None:
        raise UserError(f"there is no commit `{base}`", hint="fetch it first, for example `git fetch --unshallow`")
    return commit


def _signer(key: Path | None) -> Signer | None:
    if key is None:
        return None
    from tidegate.cli.keys import PASSPHRASE, passphrase

    raw = wire.private_key(key)
    word = os.environ.get(PASSPHRASE, "").encode() or None
    if word is None and b"ENCRYPTED" in raw[:4096]:
        word = passphrase(confirm=False)
    try:
        return wire.key_signer(raw, word)
    except FormatError as error:
        raise UserError(f"cannot use the key `{key}`: {error.message}", hint=f"set {PASSPHRASE}") from None


def _examine(made: Gate, releases: tuple[Release, ...], database: Path | None, base: str) -> Run:
    from tidegate.acts import Ask
    from tidegate.runner import Runner

    ask = Ask(
        scope=Scope.EXAMINE,
        policy=made.policy,
        releases=releases,
        means=made.means(database=database, base=base),
        notes=tuple(made.notes),
    )
    return Runner(wire.workers(), wire.clock(), made.progress).run(ask)


def _seal(
    made: Gate,
    releases: tuple[Release, ...],
    database: Path | None,
    base: str,
    evidence: Path,
    signers: tuple[Signer | None, Signer | None],
    policy_path: str,
) -> Run:
    import uuid

    from tidegate.acts import Ask
    from tidegate.reporters.all_reporters import REPORTERS
    from tidegate.runner import Runner
    from tidegate.sealing import Sealer

    _untracked(made, evidence)
    problems, notes = reviewed(made, policy_path)
    clock = wire.clock()
    run_id = f"{clock.now():%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
    folder = wire.run_folder(evidence, run_id)
    try:
        _bring(made, releases, folder)
        means = made.means(evidence=folder.folder, database=database, base=base, problems=problems)
        ask = Ask(
            scope=Scope.CHECK,
            policy=made.policy,
            releases=releases,
            means=means,
            changed=unchanged(made, releases),
            notes=(*made.notes, *notes),
            run_id=run_id,
            evidence=str(evidence / "runs" / run_id),
        )
        sealer = Sealer(wire.workers(), clock, signers, folder, wire.taken(made.taken), made.facts)
        run = Runner(wire.workers(), clock, made.progress).run(ask, folder, sealer)
        folder.write("run.json", REPORTERS["json"].render(run))
        folder.write("report.md", REPORTERS["markdown"].render(run))
        folder.write("report.sarif", REPORTERS["sarif"].render(run))
        folder.keep()
    except BaseException:
        folder.drop()
        raise
    return run


def _untracked(made: Gate, evidence: Path) -> None:
    """Evidence in the source tree's history would be judged by a later run as if it were this one's."""
    if not made.head:
        return
    try:
        inside = evidence.absolute().relative_to(made.root).as_posix()
    except ValueError:
        return
    if any(entry.path == inside or entry.path.startswith(inside + "/") for entry in made.git.tracked()):
        raise UserError(
            f"git tracks files in `{evidence}`", hint=f"git rm -r --cached {evidence}, or choose `--evidence`"
        )


def _bring(made: Gate, releases: tuple[Release, ...], store: Store) -> None:
    """Copy what lies beside the artifacts and speaks about them: it is verified, never replaced."""
    for artifact in (a for release in releases for a in release.artifacts):
        for ending in (".sigstore.json", ".attestations.jsonl"):
            path = made.root / (artifact.path + ending)
            if os.path.lexists(path):
                store.write(artifact.name + ending, wire.read_bounded(path, 16 << 20).decode("utf-8", "replace"))
