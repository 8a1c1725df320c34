"""What an OCI registry stores, read strictly: references, descriptors, manifests and indexes (OCI 1.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.errors import FormatError, UserError
from tidegate.formats import records, strict_json
from tidegate.model.digest import Digest

SCHEME = "oci://"
LIMIT = 4 << 20
"""The size of a manifest registries must take (distribution specification, "Pushing Manifests")."""
IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
MANIFESTS = (INDEX, IMAGE, DOCKER_INDEX, DOCKER_IMAGE)
EMPTY = "application/vnd.oci.empty.v1+json"
MAX_LISTED = 1000
MAX_LAYERS = 500

_KEYS = frozenset(
    {
        *("schemaVersion", "mediaType", "artifactType", "config", "layers", "manifests", "subject", "annotations"),
        *("digest", "size", "urls", "data", "platform", "os", "architecture", "variant"),
    }
)
_INDEXES = frozenset({INDEX, DOCKER_INDEX})
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9a-fA-F:]{2,45}\])(?::[0-9]{1,5})?")
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
_MAX_NAME = 255
_MAX_TEXT = 65536


@dataclass(frozen=True, slots=True)
class Reference:
    """An image in a registry. `host` may carry a port; a digest wins over a tag, and one of them is there."""

    host: str
    name: str
    tag: str = ""
    digest: Digest | None = None

    @property
    def repository(self) -> str:
        return f"{self.host}/{self.name}"

    @property
    def short(self) -> str:
        """The last part of the name: what the image's evidence files are called after."""
        return self.name.rpartition("/")[2]

    @property
    def wanted(self) -> str:
        """What a manifest is asked for by."""
        return str(self.digest) if self.digest else self.tag

    def at(self, digest: Digest) -> "Reference":
        """The same repository, pinned."""
        return Reference(self.host, self.name, "", digest)

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest}" if self.digest else f"{self.repository}:{self.tag}"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Content by type, digest and size."""

    media_type: str
    digest: Digest
    size: int
    artifact_type: str = ""
    annotations: tuple[tuple[str, str], ...] = ()
    platform: str = ""
    """`os/architecture` or `os/architecture/variant` as an index tells it of an image, "" where it does not."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest or index as served: `raw` are exactly the bytes `digest` is of."""

    raw: bytes
    digest: Digest
    media_type: str
    artifact_type: str = ""
    subject: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    manifests: tuple[Descriptor, ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    config: Descriptor | None = None

    @property
    def descriptor(self) -> Descriptor:
        return Descriptor(self.media_type, self.digest, len(self.raw))


def reference(text: str) -> Reference:
    """Read `oci://host/name:tag` or `…@sha256:…`; the scheme may be left out. Raises UserError, and for no tag too."""
    plain = text.removeprefix(SCHEME)
    rest, at, pinned = plain.partition("@")
    host, slash, path = rest.partition("/")
    name, colon, tag = path.partition(":")
    hint = "write `oci://host/name:tag` or `oci://host/name@sha256:…`"
    if not slash or not _HOST.fullmatch(host) or not _NAME.fullmatch(name) or len(rest) > _MAX_NAME + 128:
        raise UserError(f"`{text[:200]}` is no image in a registry", hint=hint)
    if colon and not _TAG.fullmatch(tag):
        raise UserError(f"`{tag[:80]}` is no tag", hint=hint)
    if not at and not colon:
        raise UserError(f"`{text[:200]}` has neither a tag nor a digest", hint=hint)
    return Reference(host.lower(), name, tag, _pinned(pinned, hint) if at else None)


def is_repository(text: str) -> bool:
    """Is it `host/name`, written as registries know it?"""
    host, slash, name = text.partition("/")
    return bool(slash) and host == host.lower() and bool(_HOST.fullmatch(host) and _NAME.fullmatch(name))


def _pinned(text: str, hint: str) -> Digest:
    try:
        digest = Digest.parse(text)
    except ValueError:
        digest = None
    if digest is None or digest.algorithm != "sha256":
        raise UserError(f"`{text[:100]}` is no sha256 digest", hint=hint)
    return digest


def parse(raw: bytes, media_type: str = "") -> Manifest:
    """Read a manifest or an index; `media_type` is what the registry called it.

    Raises FormatError, also for a document that could be taken for both (CVE-2021-41190) or for another type.
    """
    plain = strict_json.loads(raw, limit=LIMIT, what="the manifest")
    if not isinstance(plain, dict) or plain.get("schemaVersion") != 2 or isinstance(plain.get("schemaVersion"), bool):
        raise FormatError("the manifest is not of schema version 2")
    _exactly(plain)
    said = plain.get("mediaType", media_type)
    if not isinstance(said, str):
        raise FormatError("the manifest's media type is not a text")
    kind = said or (INDEX if "manifests" in plain else IMAGE)
    if kind not in MANIFESTS:
        raise FormatError(f"manifests of type {kind[:100]!a} are not read")
    if media_type in MANIFESTS and kind != media_type:
        raise FormatError(f"the manifest calls itself {kind!a}, the registry {media_type[:100]!a}")
    index = kind in _INDEXES
    if ("manifests" in plain) != index or ("layers" in plain or "config" in plain) == index:
        raise FormatError("the manifest can be read as an image and as an index")
    artifact_type = _text(plain.get("artifactType", ""), "the artifact type")
    config = plain.get("config")
    if not artifact_type and isinstance(config, dict) and config.get("mediaType") != EMPTY:
        artifact_type = _text(config.get("mediaType", ""), "the config's type")
    return Manifest(
        raw=raw,
        digest=Digest.of(raw),
        media_type=kind,
        artifact_type=artifact_type,
        subject=descriptor(plain["subject"]) if plain.get("subject") is not None else None,
        layers=_descriptors(plain.get("layers"), MAX_LAYERS),
        manifests=_descriptors(plain.get("manifests"), MAX_LISTED),
        annotations=_annotations(plain.get("annotations")),
        config=descriptor(config) if isinstance(config, dict) and "digest" in config else None,
    )


def descriptor(plain: object) -> Descriptor:
    """Read one descriptor. Raises FormatError."""
    if not isinstance(plain, dict):
        raise FormatError("a descriptor is not an object")
    _exactly(plain)
    media_type, size = plain.get("mediaType"), plain.get("size")
    if not isinstance(media_type, str) or not _MEDIA_TYPE.fullmatch(media_type):
        raise FormatError("a descriptor has no readable media type")
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size < 1 << 63:
        raise FormatError("a descriptor has no readable size")
    artifact_type = _text(plain.get("artifactType", ""), "the artifact type")
    return Descriptor(
        media_type,
        _digest(plain.get("digest")),
        size,
        artifact_type,
        _annotations(plain.get("annotations")),
        _platform(plain.get("platform")),
    )


def plain_descriptor(item: Descriptor) -> dict[str, object]:
    """A descriptor as JSON data."""
    plain: dict[str, object] = {"mediaType": item.media_type, "digest": str(item.digest), "size": item.size}
    if item.artifact_type:
        plain["artifactType"] = item.artifact_type
    if item.annotations:
        plain["annotations"] = dict(item.annotations)
    return plain


def attachment(
    kind: str, layer: Descriptor, subject: Descriptor, annotations: Mapping[str, str], config: Descriptor
) -> bytes:
    """A manifest that attaches one blob of type `kind` to a subject."""
    return records.canonical(
        {
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "artifactType": kind,
            "config": plain_descriptor(config),
            "layers": [plain_descriptor(layer)],
            "subject": plain_descriptor(Descriptor(subject.media_type, subject.digest, subject.size)),
            "annotations": dict(annotations),
        }
    )


def index(items: tuple[Descriptor, ...]) -> bytes:
    """An index of manifests."""
    return records.canonical(
        {"schemaVersion": 2, "mediaType": INDEX, "manifests": [plain_descriptor(item) for item in items]}
    )


def fallback_tag(digest: Digest, ending: str = "") -> str:
    """Where registries without the referrers API keep what refers to a digest; `.sig`, `.att` are cosign's own."""
    return f"{digest.algorithm}-{digest.value}{ending}"


def _descriptors(plain: object, most: int) -> tuple[Descriptor, ...]:
    if plain is None:  # how some writers spell an empty list
        return ()
    if not isinstance(plain, list):
        raise FormatError("a list of descriptors is no list")
    if len(plain) > most:
        raise FormatError(f"the manifest lists more than {most} things")
    return tuple(descriptor(item) for item in plain)


def _digest(plain: object) -> Digest:
    try:
        # Exactly as written: a digest in another spelling would be another address.
        digest = Digest(*plain.split(":", 1)) if isinstance(plain, str) and ":" in plain else None
    except ValueError:
        digest = None
    if digest is None or not digest.strong:
        raise FormatError("a descriptor has no readable digest")
    return digest


def _annotations(plain: object) -> tuple[tuple[str, str], ...]:
    if plain is None:
        return ()
    if not isinstance(plain, dict) or len(plain) > 100:
        raise FormatError("annotations are not an object of bearable size")
    return tuple(sorted((_text(key, "an annotation"), _text(value, "an annotation")) for key, value in plain.items()))


def _platform(plain: object) -> str:
    if not isinstance(plain, dict):
        return ""
    _exactly(plain)
    words = [plain.get(key) for key in ("os", "architecture", "variant")]
    return "/".join(_text(word, "a platform") for word in words if word)


def _exactly(plain: Mapping[str, object]) -> None:
    """Raises FormatError for a key that is one of ours only to readers who overlook how it is written."""
    odd = strict_json.spelt_otherwise(plain, _KEYS)
    if odd:
        raise FormatError(f"the manifest has a key {odd[:40]!a}, which some readers take for another")


def _text(plain: object, what: str) -> str:
    if not isinstance(plain, str) or len(plain) > _MAX_TEXT:
        raise FormatError(f"{what} is not a text")
    return plain
