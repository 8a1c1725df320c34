"""`tidegate approve`: say, with a signature, that these very artifacts may be released under this policy."""

import sys
from pathlib import Path

import click

from tidegate.cli import wire
from tidegate.cli.attesting import is_among, lay_beside, searched, signed
from tidegate.cli.gate import Gate, gate, no_artifact, take_releases
from tidegate.cli.images import given, image_options, signable
from tidegate.cli.options import policy_option
from tidegate.errors import FormatError, UserError
from tidegate.model.release import ArtifactKind, Release
from tidegate.model.verdict import ExitCode


@click.command("approve")
@click.argument("release")
@policy_option
@click.option(
    "--key",
    required=True,
    metavar="URI_OR_PATH",
    envvar="TIDEGATE_APPROVAL_KEY",
    help="The approver's own key: a file, or hsm:, awskms:, gcpkms:, azurekms:, hv:.",
)
@click.option("--reason", required=True, help="What was looked at; it is part of what is signed.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder for the attestations; beside the artifacts when absent.",
)
@image_options
def approve_command(
    release: str,
    policy_path: str,
    key: str,
    reason: str,
    out: Path | None,
    images: tuple[str, ...],
    metadata: tuple[Path, ...],
) -> int:
    """Approve RELEASE: sign the digests of its artifacts and of the policy at HEAD.

    The approval lies in `ARTIFACT.attestations.jsonl` until `tidegate check` counts it. Who may approve stands in
    `trust.approvers`, how many must in `controls.provenance.approvals`.

    \b
    tidegate approve app --key alice.key --reason "changelog and diff since 1.3 read"
    """
    from tidegate.cli.signers import named

    with gate(policy_path) as made:
        listed = given(images, metadata)
        signable(listed)
        chosen = _chosen(take_releases(made, listed, whole=False), release)
        no_artifact((chosen,))
        if out is None and any(artifact.kind is ArtifactKind.IMAGE for artifact in chosen.artifacts):
            raise UserError("beside an image nothing can lie", hint="give a folder with `--out`")
        signer = named(key)
        statement = _statement(made, chosen, reason)
        searched(made, statement, "the approval", "give another reason")
        line = signed(signer, statement)
        for artifact in chosen.artifacts:
            target = out / artifact.name if out is not None else made.root / artifact.path
            lay_beside(target, line)
        made.progress.clear()
        for artifact in chosen.artifacts:
            sys.stdout.write(f"approved: {artifact.name} {artifact.digest}\n")
        if not is_among(signer.facts(), made.policy.keys(list(made.policy.model.trust.approvers))):
            sys.stderr.write("warning: `trust.approvers` of this policy does not name the key; nobody will count it\n")
        return ExitCode.OPEN


def _chosen(releases: tuple[Release, ...], name: str) -> Release:
    for release in releases:
        if release.name == name:
            return release
    known = ", ".join(f"`{release.name}`" for release in releases)
    raise UserError(f"there is no release `{name}`", hint=f"the releases are {known}")


def _statement(made: Gate, release: Release, reason: str) -> bytes:
    from tidegate.domain.claims import build
    from tidegate.formats.approval import Approval

    actor = made.facts.get("actor") if made.facts.system != "local" else ""
    digest = f"sha256:{made.policy.digest.removeprefix('sha256:')}"
    try:
        return build.approval_statement(
            release.artifacts, Approval(release.name, digest, reason, wire.clock().now(), actor)
        )
    except FormatError as error:
        raise UserError(f"the approval cannot be written: {error.message}", hint="say a short plain reason") from None
