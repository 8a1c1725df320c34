"""`tidegate evidence`: pack a run's evidence, send it to where production looks for it, and get it back."""

import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from tidegate.cli import wire
from tidegate.cli.images import wrong
from tidegate.domain.claims.vsa import MANIFEST
from tidegate.errors import FormatError, UserError
from tidegate.formats import attached, evidence_pack, oci
from tidegate.model.digest import Digest
from tidegate.model.verdict import ExitCode


@click.group("evidence")
def evidence_command() -> None:
    """Pack, push and fetch the evidence of a run.

    \b
    tidegate evidence pack .tidegate/runs/RUN --output evidence.zip
    tidegate evidence push .tidegate/runs/RUN oci://registry.example/acme/app@sha256:…
    tidegate evidence fetch oci://registry.example/acme/app:1.0 --output evidence
    """


@evidence_command.command("pack")
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The zip file to write.")
def pack(run: Path, output: Path) -> int:
    """Write the evidence of RUN to one zip file; the same evidence gives the same bytes.

    `tidegate verify --evidence FILE.zip` takes it as it is.
    """
    data = evidence_pack.pack(_files(run))
    _write_new(output, data)
    sys.stdout.write(f"{Digest.of(data)}  {output}\n")
    return ExitCode.OPEN


@evidence_command.command("push")
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.argument("target")
def push(run: Path, target: str) -> int:
    """Send the evidence of RUN to TARGET: an image, `oci://host/name@sha256:…`, or an evidence folder.

    At an image, every bundle that speaks about its digest is attached where other tools look for it, and the whole run
    beside them. In a folder the run is laid under `runs/`.
    """
    files = _files(run)
    if not target.startswith(oci.SCHEME):
        name = run.resolve().stem if run.is_file() else run.resolve().name
        sys.stdout.write(f"{wire.keep_run(Path(target), name, files)}\n")
        return ExitCode.OPEN
    reference = oci.reference(target)
    if reference.digest is None:
        raise UserError(f"`{target}` may move; evidence is about a digest", hint="write `oci://host/name@sha256:…`")
    spoken = [data for data in attached.bundles(files) if attached.about(data, reference.digest)]
    if not spoken:
        raise UserError(f"no evidence in `{run}` speaks about {reference.digest}", hint="check the digest")
    try:
        held = _attach(reference, spoken, files)
    except FormatError as error:
        return wrong(error)
    sys.stdout.write(f"{reference.at(held)}\n")
    sys.stderr.write(f"{len(spoken)} bundles and the whole run are attached to {reference}\n")
    return ExitCode.OPEN


def _attach(reference: oci.Reference, spoken: Sequence[bytes], files: Mapping[str, bytes]) -> Digest:
    registry = wire.registry()
    subject = registry.image(reference)
    for data in spoken:
        registry.attach(reference, subject, attached.BUNDLE, data, attached.notes(data))
    return registry.attach(reference, subject, attached.PACK, evidence_pack.pack(files), {})


@evidence_command.command("fetch")
@click.argument("source")
@click.option("--digest", metavar="SHA256", help="Of a folder or file: the artifact whose run is wanted.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="A new folder for the run's files.")
def fetch(source: str, digest: str | None, output: Path) -> int:
    """Get the evidence at SOURCE into a new folder: of an image, from an evidence folder, or from a packed run.

    Nothing is verified; that is what `tidegate verify --evidence FOLDER` does with it.
    """
    try:
        files = _image_files(source) if source.startswith(oci.SCHEME) else _folder_files(Path(source), digest)
    except FormatError as error:
        return wrong(error)
    _write_folder(output, files)
    sys.stdout.write(f"{output}\n")
    return ExitCode.OPEN


def _image_files(source: str) -> Mapping[str, bytes]:
    """Raises FormatError for a registry that serves something else, UnavailableError for one that does not answer."""
    reference = oci.reference(source)
    registry = wire.registry()
    manifest = registry.image(reference)
    sys.stderr.write(f"{reference} is {reference.at(manifest.digest)}\n")
    pieces = registry.evidence(reference, manifest.digest)
    packs = [piece for piece in pieces if piece.kind == attached.PACK]
    files = (
        evidence_pack.unpack(io.BytesIO(attached.newest(packs).data))
        if packs
        else attached.sort(reference.short, pieces)
    )
    if not files:
        raise UserError(f"nothing is attached to {reference.at(manifest.digest)}", hint="push the evidence first")
    return files


def _folder_files(source: Path, digest: str | None) -> Mapping[str, bytes]:
    if not source.exists():
        raise UserError(f"there is no evidence at `{source}`", hint="name a folder, a packed run or an image")
    try:
        wanted = Digest.parse(digest if digest is None or ":" in digest else f"sha256:{digest}") if digest else None
    except ValueError:
        raise UserError(f"`{digest}` is no digest", hint="write `sha256:…`") from None
    if wanted is None:
        runs = wire.runs_in(source)
        if len(runs) != 1:
            raise UserError(f"there are {len(runs)} runs in `{source}`", hint="name one, or an artifact's `--digest`")
        return _files(runs[0])
    found = wire.find_run(source, wanted)
    if found is None:
        raise UserError(f"no run in `{source}` names {wanted}", hint="check the digest")
    return _files(found)


def _files(run: Path) -> Mapping[str, bytes]:
    """The files of a run folder or of a packed one. Raises UserError for what is neither."""
    try:
        files = wire.read_evidence(run)
    except FormatError as error:
        raise UserError(f"`{run}` is no evidence of a run: {error.message}", hint=error.hint) from None
    except OSError as error:
        raise UserError(f"cannot read `{run}`: {error.strerror}", hint="check the path") from None
    if MANIFEST not in files and not attached.bundles(files):
        raise UserError(f"`{run}` is no evidence of a run", hint="name a folder under `.tidegate/runs`")
    return files


def _write_new(path: Path, data: bytes) -> None:
    """Whole or not at all, and never over something that is there."""
    try:
        with open(path, "xb") as stream:
            stream.write(data)
    except FileExistsError:
        raise UserError(f"`{path}` is there already", hint="choose another name") from None
    except OSError as error:
        path.unlink(missing_ok=True)
        raise UserError(f"cannot write `{path}`: {error.strerror}", hint="choose a writable folder") from None


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    try:
        folder.mkdir(mode=0o700)
        for name, data in files.items():
            with open(folder / name, "xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
    except FileExistsError:
        raise UserError(f"`{folder}` is there already", hint="choose another name") from None
    except OSError as error:
        raise UserError(f"cannot write `{folder}`: {error.strerror}", hint="choose a writable folder") from None
