"""Where an image is taken from: a registry or an OCI layout. Both give a root, and blobs by descriptor."""

from pathlib import Path
from typing import Protocol

from tidegate.adapters.images.store import Writing
from tidegate.adapters.registry.client import RepositoryClient
from tidegate.adapters.taking import open_regular
from tidegate.errors import FormatError, NoSuchArtifact, UserError
from tidegate.formats import oci, strict_json
from tidegate.formats.images.blobs import MISMATCH, BlobFault
from tidegate.formats.images.config import LIMIT as CONFIG_LIMIT
from tidegate.formats.oci import Descriptor, Manifest, Reference
from tidegate.formats.text import shown
from tidegate.model.digest import Digest

REF_NAME = "org.opencontainers.image.ref.name"
FULL_NAME = "io.containerd.image.name"
_CHUNK = 1 << 20
_LAYOUT_LIMIT = 64 << 10


class Source(Protocol):
    def root(self, reference: Reference) -> bytes:
        """The document the image's digest is of. Raises UserError, FormatError, UndecidedError."""
        ...

    def fetch(self, item: Descriptor, into: Writing) -> bool:
        """Write one blob; False where there is none. Raises FormatError and UndecidedError."""
        ...


class FromRegistry:
    """A repository of a registry; the client is closed by whoever opened it."""

    def __init__(self, client: RepositoryClient, manifest: Manifest) -> None:
        self._client = client
        self._manifest = manifest

    def root(self, reference: Reference) -> bytes:
        return self._manifest.raw

    def fetch(self, item: Descriptor, into: Writing) -> bool:
        if item.media_type not in oci.MANIFESTS:
            return self._client.pour(item, into)
        manifest = self._client.manifest(str(item.digest))
        if manifest is not None:
            into.begin()
            into.write(manifest.raw)
        return manifest is not None


class FromLayout:
    """A folder in OCI's image layout (image specification, "Image Layout"). No file in it is followed as a link."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        check_layout(self._small("oci-layout", _LAYOUT_LIMIT), str(folder))
        self._index = parse_index(self._small("index.json", oci.LIMIT), str(folder))

    def root(self, reference: Reference) -> bytes:
        item = chosen(self._index, reference, str(self._folder))
        path = self._path(item.digest)
        if path is None:
            raise NoSuchArtifact(f"`{self._folder}` does not hold {item.digest}", hint="export the image again")
        raw = self._small(str(path.relative_to(self._folder)), max(oci.LIMIT, CONFIG_LIMIT))
        if not item.digest.matches(Digest.of(raw)):
            raise BlobFault(MISMATCH, f"`{self._folder}` holds other bytes as {item.digest}")
        return raw

    def fetch(self, item: Descriptor, into: Writing) -> bool:
        path = self._path(item.digest)
        if path is None:
            return False
        try:
            stream = open_regular(path)
        except UserError as error:
            raise BlobFault(MISMATCH, error.message) from None
        with stream:
            while chunk := stream.read(_CHUNK):
                into.write(chunk)
                if into.size > item.size:
                    raise BlobFault(MISMATCH, f"{item.digest} is larger than its descriptor says")
        return True

    def _path(self, digest: Digest) -> Path | None:
        path = self._folder / "blobs" / digest.algorithm / digest.value
        return path if path.exists() else None

    def _small(self, name: str, limit: int) -> bytes:
        with open_regular(self._folder / name) as stream:
            raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise UserError(f"`{name}` in `{self._folder}` is too large", hint="export the image again")
        return raw


def check_layout(raw: bytes, place: str) -> None:
    """`oci-layout` must name a version that is read. Raises UserError."""
    try:
        plain = strict_json.loads(raw, limit=_LAYOUT_LIMIT, what="`oci-layout`")
    except FormatError as error:
        raise UserError(f"`{place}` is no OCI layout: {error.message}", hint="export the image again") from None
    version = plain.get("imageLayoutVersion") if isinstance(plain, dict) else None
    if version != "1.0.0":
        raise UserError(f"`{place}` is no OCI layout of version 1.0.0", hint="export the image again")


def parse_index(raw: bytes, place: str) -> Manifest:
    """`index.json` of a layout. Raises UserError."""
    try:
        index = oci.parse(raw, oci.INDEX)
    except FormatError as error:
        raise UserError(f"the index of `{place}` cannot be read: {error.message}", hint="export it again") from None
    return index


def chosen(index: Manifest, reference: Reference, place: str) -> Descriptor:
    """The image that is meant: by digest, by tag, or the only one. Raises NoSuchArtifact and UserError."""
    listed = index.manifests
    if reference.digest is not None:
        found = [item for item in listed if item.digest == reference.digest]
    elif reference.tag:
        found = [item for item in listed if _tagged(item, reference)]
    else:
        found = list(listed)
    if not found:
        raise NoSuchArtifact(f"`{place}` lists no image `{shown(str(reference))}`", hint="look into its `index.json`")
    if len({item.digest for item in found}) > 1:
        digests = ", ".join(sorted({str(item.digest) for item in found})[:4])
        raise UserError(f"`{place}` holds several images: {digests}", hint="name one: `--image NAME@sha256:…=…`")
    return found[0]


def _tagged(item: Descriptor, reference: Reference) -> bool:
    notes = dict(item.annotations)
    full = f"{reference.repository}:{reference.tag}"
    return notes.get(REF_NAME) in {reference.tag, full} or notes.get(FULL_NAME) == full
