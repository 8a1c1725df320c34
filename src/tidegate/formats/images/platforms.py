"""The images behind one digest: a manifest's own, or one for each platform of an index, each with its layers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tidegate.errors import FormatError
from tidegate.formats import oci, strict_json
from tidegate.formats.images import config as configs
from tidegate.formats.images.blobs import MALFORMED, MISMATCH, BlobFault, Documents, rule_of
from tidegate.formats.images.config import Config
from tidegate.formats.oci import Descriptor, Manifest
from tidegate.formats.text import shown
from tidegate.model.digest import Digest
from tidegate.model.package import Problem

MAX_IMAGES = 32
MAX_DEPTH = 3
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"

_INDEXES = frozenset({oci.INDEX, oci.DOCKER_INDEX})
_IMAGES = frozenset({oci.IMAGE, oci.DOCKER_IMAGE})
_NOTE, _ATTESTS = "vnd.docker.reference.type", "attestation-manifest"
_STATEMENT = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Image:
    """What runs on one platform. `raw` are its own documents (manifest and configuration) by a word for people.

    A layer's second half is the digest of its tar archive; None where the configuration does not say.
    """

    platform: str
    layers: tuple[tuple[Descriptor, Digest | None], ...] = ()
    raw: tuple[tuple[str, bytes], ...] = ()


@dataclass(slots=True)
class Walk:
    """Everything found on the way. Problems are about the digest of what is wrong."""

    blobs: Documents
    images: list[Image] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: int = 0
    """Attestations of BuildKit, which run nowhere."""

    def problem(self, rule: str, about: Digest | str, message: str) -> None:
        self.problems.append(Problem(rule, str(about), message))


def walk(raw: bytes, blobs: Documents) -> Walk:
    """Every image behind a manifest, an index, or (as `docker save` knows images) a configuration. Nothing raises."""
    found = Walk(blobs)
    if _is_configuration(raw):
        _from_configuration(found, raw)
        return found
    try:
        root = oci.parse(raw)
    except FormatError as error:
        found.problem(MALFORMED, "", error.message)
        return found
    _look(found, root, "", 0)
    return found


def read(blobs: Documents, item: Descriptor, limit: int) -> bytes:
    """A small blob, whole. Raises FormatError."""
    if item.size > limit:
        raise BlobFault(MALFORMED, f"{item.digest} is larger than {limit >> 20} MiB")
    with blobs(item) as stream:
        raw = stream.read(limit + 1)
    if len(raw) != item.size:
        raise BlobFault(MISMATCH, f"{item.digest} has another size than its descriptor says")
    return raw


def runnable(manifest: Manifest, item: Descriptor | None) -> bool:
    """Is it an image? BuildKit's attestations stand among them; they count as such only if they hold nothing else."""
    notes = dict(item.annotations) if item is not None else {}
    said = notes.get(_NOTE) == _ATTESTS
    return not (said and manifest.layers and all(layer.media_type == _STATEMENT for layer in manifest.layers))


def _look(found: Walk, manifest: Manifest, platform: str, depth: int) -> None:
    if manifest.media_type not in _INDEXES:
        _image(found, manifest, platform)
        return
    if not manifest.manifests:
        found.problem(MALFORMED, manifest.digest, "the index names no image")
    for item in manifest.manifests:
        if item.media_type not in _INDEXES | _IMAGES:
            found.problem(MALFORMED, item.digest, f"the index names something of type {item.media_type[:100]!a}")
            continue
        if depth + 1 >= MAX_DEPTH:
            found.problem(MALFORMED, item.digest, "indexes are nested too deep to be read")
            continue
        if len(found.images) + found.skipped >= MAX_IMAGES:
            found.problem(MALFORMED, manifest.digest, f"it names more than {MAX_IMAGES} images; not all were read")
            return
        _child(found, item, depth)


def _child(found: Walk, item: Descriptor, depth: int) -> None:
    try:
        manifest = oci.parse(read(found.blobs, item, oci.LIMIT), item.media_type)
    except FormatError as error:
        found.problem(rule_of(error), item.digest, error.message)
        return
    if runnable(manifest, item):
        _look(found, manifest, item.platform, depth + 1)
    else:
        found.skipped += 1


def _image(found: Walk, manifest: Manifest, platform: str) -> None:
    item = manifest.config
    if item is None or item.media_type not in configs.TYPES:
        kind = item.media_type[:100] if item is not None else "nothing"
        found.problem(MALFORMED, manifest.digest, f"it is no image of a container: its configuration is {kind!a}")
        return
    raw, plain = [("manifest", manifest.raw)], None
    try:
        data = read(found.blobs, item, configs.LIMIT)
        raw.append(("configuration", data))
        plain = configs.parse(data)
    except FormatError as error:
        found.problem(rule_of(error), item.digest, error.message)
    found.images.append(Image(_platform(found, manifest, plain, platform), _layers(found, manifest, plain), tuple(raw)))


def _platform(found: Walk, manifest: Manifest, plain: Config | None, said: str) -> str:
    own = plain.platform if plain is not None else ""
    if said and own and said.split("/")[:2] != own.split("/")[:2]:
        message = f"the index calls it an image for {shown(said, 60)}, its configuration says {own}"
        found.problem(MALFORMED, manifest.digest, message)
    return own or shown(said, 60) or "unknown"


def _layers(found: Walk, manifest: Manifest, plain: Config | None) -> tuple[tuple[Descriptor, Digest | None], ...]:
    if plain is not None and len(plain.diff_ids) != len(manifest.layers):
        message = f"its configuration lists {len(plain.diff_ids)} layers, its manifest {len(manifest.layers)}"
        found.problem(MALFORMED, manifest.digest, message)
        plain = None
    ids: tuple[Digest | None, ...] = plain.diff_ids if plain is not None else (None,) * len(manifest.layers)
    return tuple(zip(manifest.layers, ids, strict=True))


def _is_configuration(raw: bytes) -> bool:
    if b'"rootfs"' not in raw:
        return False
    try:
        plain = strict_json.loads(raw, limit=configs.LIMIT, what="the image")
    except FormatError:
        return False
    return isinstance(plain, dict) and "rootfs" in plain and "schemaVersion" not in plain


def _from_configuration(found: Walk, raw: bytes) -> None:
    try:
        plain = configs.parse(raw)
    except FormatError as error:
        found.problem(MALFORMED, "", error.message)
        return
    layers = tuple((Descriptor(DOCKER_LAYER, each, -1), each) for each in plain.diff_ids)
    found.images.append(Image(plain.platform, layers, (("configuration", raw),)))


def descriptors(raw: bytes, blobs: Documents) -> Iterator[Descriptor]:
    """Each layer of every image once, in order."""
    seen = set()
    for image in walk(raw, blobs).images:
        for item, _ in image.layers:
            if item.digest not in seen:
                seen.add(item.digest)
                yield item
