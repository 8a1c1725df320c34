"""`tidegate check`: examine, seal and prove a release."""

import os
from pathlib import Path

import click

from tidegate.cli import wire
from tidegate.cli.gate import Gate, gate, no_artifact, required, reviewed, take_releases, unchanged
from tidegate.cli.images import beside, given, image_options, signable, wrong
from tidegate.cli.options import database_option, policy_option, require_option, show, show_options, shown
from tidegate.cli.signers import Signers, choose
from tidegate.errors import FormatError, UserError
from tidegate.formats import endings
from tidegate.model.control import Scope
from tidegate.model.finding import Finding, found
from tidegate.model.release import ArtifactKind, Release
from tidegate.model.verdict import ExitCode, Run
from tidegate.ports import Store


@click.command("check")
@policy_option
@require_option
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
    metavar="URI_OR_PATH",
    envvar="TIDEGATE_KEY",
    help="Key that signs artifacts and provenance: a file, or hsm:, awskms:, gcpkms:, azurekms:, hv:. "
    "Passphrase or PIN in TIDEGATE_KEY_PASSPHRASE.",
)
@click.option(
    "--verdict-key",
    metavar="URI_OR_PATH",
    envvar="TIDEGATE_VERDICT_KEY",
    help="Key that signs the verdict; the signer of the artifacts when absent.",
)
@image_options
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
    require: Path | None,
    database: Path | None,
    evidence: Path,
    key: str | None,
    verdict_key: str | None,
    images: tuple[str, ...],
    metadata: tuple[Path, ...],
    no_seal: bool,
    base: str,
    format_: str,
    outputs: tuple[str, ...],
    color: str,
) -> int:
    """Check a release: examine it, sign what passed, and prove it as production would.

    The release is what the policy's `releases` name, or what lies in `dist/`. The policy is read from HEAD.
    With `--key` (or TIDEGATE_KEY), or in a CI job that may ask for an identity token where the policy trusts
    identities, missing signatures, provenance and the verdict are made; without a signer they must be there already,
    beside the artifact (`ARTIFACT.sigstore.json`, `ARTIFACT.attestations.jsonl`).

    \b
    tidegate check --no-seal                        what would the gate say?
    tidegate check --key release.key                the whole gate, with a key
    tidegate check --output sarif=tidegate.sarif    and a report for code scanning
    tidegate check --image registry.example/acme/app@sha256:…    with an image the policy names
    tidegate check --no-seal --image registry.example/acme/app=oci-layout:out/    the same, before it is pushed
    """
    with gate(policy_path) as made:
        required(made.policy, require)
        options = show_options(format_, outputs, color, made.root)
        signers = (None, None) if no_seal else choose(made, key, verdict_key)
        listed = given(images, metadata)
        if not no_seal:
            signable(listed)
        made.progress("taking the artifacts")
        try:
            releases = take_releases(made, listed)
            made.hanging = {} if no_seal else _hanging(made, releases)
        except FormatError as error:
            return wrong(error)
        no_artifact(releases)
        commit = _base(made, base)
        run = (
            _examine(made, releases, database, commit)
            if no_seal
            else _seal(made, releases, database, commit, evidence, signers, policy_path)
        )
        made.progress.clear()
        show(run, options)
        return ExitCode(run.exit_code)


def _base(made: Gate, base: str) -> str:
    if not base:
        # What the last release held was searched then; what came since is new.
        return (made.git.previous_tag(made.head) or "") if made.head else ""
    commit = made.git.resolve(base) if made.head else None
    if commit is None:
        raise UserError(f"there is no commit `{base}`", hint="fetch it first, for example `git fetch --unshallow`")
    return commit


def _examine(made: Gate, releases: tuple[Release, ...], database: Path | None, base: str) -> Run:
    from tidegate.acts import Ask
    from tidegate.runner import Runner

    ask = Ask(
        scope=Scope.EXAMINE,
        policy=made.policy,
        releases=releases,
        means=made.means(database=database, base=base),
        notes=tuple(made.notes),
        findings=() if base else _cut_off(made),
    )
    return Runner(wire.workers(say=made.progress), wire.clock(), made.progress).run(ask)


def _cut_off(made: Gate) -> tuple[Finding, ...]:
    """Without sealing the gate says what it would say with it: a clone that was cut off hides the release before."""
    from tidegate.domain.changes.rules import BASE_CUT_OFF, BASE_MISSING

    shallow = bool(made.head) and made.git.source().shallow
    return (found(BASE_MISSING, "base", BASE_CUT_OFF),) if shallow else ()


def _seal(
    made: Gate,
    releases: tuple[Release, ...],
    database: Path | None,
    base: str,
    evidence: Path,
    signers: Signers,
    policy_path: str,
) -> Run:
    import uuid

    from tidegate.acts import Ask
    from tidegate.reporters.all_reporters import REPORTERS
    from tidegate.runner import Runner
    from tidegate.sealing import Sealer

    _untracked(made, evidence)
    problems, notes = reviewed(made, policy_path)
    made.facts, untold = wire.token_facts(made.facts)
    notes += [untold] if untold else []
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
        run = Runner(wire.workers(say=made.progress), clock, made.progress).run(ask, folder, sealer)
        folder.write("run.json", REPORTERS["json"].render(run))
        folder.write("report.md", REPORTERS["markdown"].render(run))
        for name in ("sarif", "openvex", "cyclonedx-vex"):
            text = REPORTERS[name].render(run)
            if text:
                folder.write(REPORTERS[name].file_name, text)
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


def _hanging(made: Gate, releases: tuple[Release, ...]) -> dict[str, bytes]:
    """What the registry keeps for the images of all releases. Raises FormatError and UnavailableError."""
    found: dict[str, bytes] = {}
    for artifact in (a for release in releases for a in release.artifacts if a.kind is ArtifactKind.IMAGE):
        if artifact.name not in made.local:
            found |= beside(artifact)
    return found


def _bring(made: Gate, releases: tuple[Release, ...], store: Store) -> None:
    """Copy what lies beside the artifacts, or hangs on images, and speaks about them: verified, never replaced."""
    for artifact in (a for release in releases for a in release.artifacts):
        if artifact.kind is ArtifactKind.IMAGE:
            continue
        for ending in (endings.SIGNATURE, *endings.ATTESTED):
            path = made.root / (artifact.path + ending)
            if os.path.lexists(path):
                store.write(artifact.name + ending, wire.read_bounded(path, 16 << 20).decode("utf-8", "replace"))
    for name, data in made.hanging.items():
        store.write(name, data.decode("utf-8", "replace"))
