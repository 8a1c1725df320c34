"""Images of a release: named in the policy, given by digest on the command line, never found by a tag."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import click

from tidegate.cli import wire
from tidegate.cli.telling import tell
from tidegate.errors import FormatError, UserError
from tidegate.formats import attached, endings, oci, strict_json
from tidegate.formats.oci import Manifest, Reference
from tidegate.model.release import Artifact, ArtifactKind
from tidegate.model.verdict import ExitCode

F = TypeVar("F", bound=Callable[..., object])
LIMIT = 4 << 20
_DIGEST, _NAMES = "containerimage.digest", "image.name"
_HINT = "give its digest: `--image NAME@sha256:…`, or `--image-metadata` with what `docker buildx build` wrote"


def image_options(command: F) -> F:
    """`--image` and `--image-metadata`."""
    for option in (
        click.option(
            "--image-metadata",
            "metadata",
            multiple=True,
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="A file of `docker buildx build --metadata-file` that says name and digest. Repeatable.",
        ),
        click.option(
            "--image", "images", multiple=True, metavar="NAME@DIGEST", help="An image of the release. Repeatable."
        ),
    ):
        command = option(command)
    return command


def given(images: Sequence[str], metadata: Sequence[Path]) -> dict[str, Reference]:
    """Images by repository. Raises UserError for one without a digest and for two digests of one image."""
    found: dict[str, Reference] = {}
    pairs = [oci.reference(text) for text in images]
    pairs += [each for path in metadata for each in _described(path)]
    for reference in pairs:
        if reference.digest is None:
            raise UserError(f"the image `{reference}` has no digest, and a tag may move", hint=_HINT)
        pinned = reference.at(reference.digest)
        if found.setdefault(pinned.repository, pinned) != pinned:
            raise UserError(f"there are two digests for `{pinned.repository}`", hint="give the released one")
    return found


def _described(path: Path) -> Iterator[Reference]:
    """What buildx wrote about one build, or bake about several targets."""
    try:
        plain = strict_json.loads(wire.read_bounded(path, LIMIT), limit=LIMIT, what=f"`{path.name}`")
    except FormatError as error:
        raise UserError(f"{error.message}", hint="give the file of `--metadata-file`") from None
    parts = [plain] if isinstance(plain, dict) and _DIGEST in plain else []
    if isinstance(plain, dict) and not parts:
        parts = [part for part in plain.values() if isinstance(part, dict) and _DIGEST in part]
    for part in parts:
        names, digest = part.get(_NAMES), part.get(_DIGEST)
        for name in names.split(",") if isinstance(names, str) else ():
            if name.strip():
                yield oci.reference(f"{name.strip().partition('@')[0]}@{digest}")
    if not parts:
        raise UserError(f"`{path}` names no image", hint="give the file of `--metadata-file`")


def wanted(names: Sequence[str], images: Mapping[str, Reference]) -> list[Reference]:
    """The given image of each name. Raises UserError for a name nothing was given for."""
    missing = [name for name in names if name not in images]
    if missing:
        raise UserError(f"the release names the image `{missing[0]}`, which was not given", hint=_HINT)
    return [images[name] for name in names]


def take(reference: Reference, manifest: Manifest, folder: Path) -> Artifact:
    """Put an image's manifest into the private folder: its digest is the image's."""
    copy = folder / reference.short
    with open(copy, "xb") as stream:
        stream.write(manifest.raw)
    copy.chmod(0o400)
    where = str(reference.at(manifest.digest))
    return Artifact(reference.short, where, manifest.digest, len(manifest.raw), ArtifactKind.IMAGE)


def beside(artifact: Artifact) -> dict[str, bytes]:
    """Signature and attestations the registry keeps for an image; verdicts and runs of before are not this run's."""
    reference = oci.reference(artifact.path)
    pieces = [p for p in wire.registry().evidence(reference, artifact.digest) if p.kind != attached.PACK]
    files = attached.sort(artifact.name, pieces)
    files.pop(artifact.name + endings.VERDICT, None)
    return files


def wrong(error: FormatError) -> int:
    """What a registry serves under another digest is nothing to try again: somebody changed it."""
    tell(error)
    return ExitCode.SHUT
