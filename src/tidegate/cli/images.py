"""Images of a release: named in the policy, given by digest on the command line, never found by a tag."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from tidegate.cli import wire
from tidegate.cli.telling import tell
from tidegate.errors import FormatError, UserError
from tidegate.formats import attached, endings, oci, strict_json
from tidegate.formats.oci import Manifest, Reference
from tidegate.model.release import Artifact
from tidegate.model.verdict import ExitCode

F = TypeVar("F", bound=Callable[..., object])
LIMIT = 4 << 20
_DIGEST, _NAMES = "containerimage.digest", "image.name"
_HINT = "give its digest: `--image NAME@sha256:…`, or `--image-metadata` with what `docker buildx build` wrote"
REGISTRY, DOCKER = "registry", "docker-archive"
PLACES = ("oci-layout", "oci-archive", DOCKER)


@dataclass(frozen=True, slots=True)
class Given:
    """An image as it was given. `kind` is `registry` or one of `PLACES`, `place` the path of the latter."""

    reference: Reference
    kind: str = REGISTRY
    place: str = ""


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
            "--image",
            "images",
            multiple=True,
            metavar="NAME@DIGEST[=PLACE]",
            help="An image of the release, in its registry or in oci-layout:FOLDER, oci-archive:TAR, "
            "docker-archive:TAR. Repeatable.",
        ),
    ):
        command = option(command)
    return command


def given(images: Sequence[str], metadata: Sequence[Path]) -> dict[str, Given]:
    """Images by repository. Raises UserError for one of a registry without a digest, and for two of one name."""
    found: dict[str, Given] = {}
    pairs = [_one(text) for text in images]
    pairs += [Given(each) for path in metadata for each in _described(path)]
    for each in pairs:
        reference = each.reference
        if each.kind == REGISTRY:
            if reference.digest is None:
                raise UserError(f"the image `{reference}` has no digest, and a tag may move", hint=_HINT)
            each = Given(reference.at(reference.digest))
        if found.setdefault(reference.repository, each) != each:
            raise UserError(f"there are two images called `{reference.repository}`", hint="give the released one")
    return found


def _one(text: str) -> Given:
    """`NAME@DIGEST`, or `NAME[:TAG][@DIGEST]=oci-layout:PATH`, where a file says which image is meant."""
    name, equals, where = text.partition("=")
    if not equals:
        return Given(oci.reference(name))
    kind, colon, place = where.partition(":")
    if kind not in PLACES or not colon or not place:
        raise UserError(
            f"`{where[:200]}` is no place of an image", hint=f"write one of {', '.join(PLACES)}, then `:PATH`"
        )
    plain = name.removeprefix(oci.SCHEME)
    if oci.is_repository(plain):
        host, _, path = plain.partition("/")
        return Given(Reference(host, path), kind, place)
    return Given(oci.reference(name), kind, place)


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


def wanted(names: Sequence[str], images: Mapping[str, Given]) -> list[Given]:
    """The given image of each name. Raises UserError for a name nothing was given for."""
    missing = [name for name in names if name not in images]
    if missing:
        raise UserError(f"the release names the image `{missing[0]}`, which was not given", hint=_HINT)
    return [images[name] for name in names]


def signable(images: Mapping[str, Given]) -> None:
    """What Docker saves has no digest a registry would know it by. Raises UserError."""
    for each in images.values():
        if each.kind == DOCKER:
            raise UserError(
                f"`{each.place}` holds no manifest that could be signed for `{each.reference.repository}`",
                hint="look at it with `--no-seal`; to sign, push it and give NAME@DIGEST, or give an OCI layout",
            )


def notes(each: Given, artifact: Artifact) -> Iterator[str]:
    """What whoever reads the report must know about where an image came from."""
    if each.kind == REGISTRY:
        return
    yield f"the image `{artifact.name}` was read from `{each.place}`, not from its registry"
    if each.kind == DOCKER:
        yield f"{artifact.digest} is the digest of `{artifact.name}`'s configuration; no registry will call it so"


def manifest_only(reference: Reference, manifest: Manifest, folder: Path) -> Artifact:
    """Put an image's manifest alone into the private folder, for who looks at its evidence and not inside it."""
    return wire.keep_manifest(reference, manifest, folder)


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
