"""An image is taken once: the document its digest is of, and everything that names, each hashed while copying."""

from pathlib import Path
from typing import BinaryIO

from tidegate.adapters.images.sources import Source
from tidegate.adapters.images.store import BlobStore, open_blob
from tidegate.errors import UserError
from tidegate.formats.images.layer import unread
from tidegate.formats.images.platforms import walk
from tidegate.formats.oci import Descriptor, Reference
from tidegate.model.digest import Digest
from tidegate.model.release import Artifact, ArtifactKind


def take(reference: Reference, source: Source, store: BlobStore, taken: Path) -> Artifact:
    """Copy an image into the private folder. What it names and cannot be had is written down, not raised.

    Raises UserError where the root is not the one asked for, and what the source raises when it does not answer.
    """
    raw = source.root(reference)
    digest = Digest.of(raw)
    if reference.digest is not None and not reference.digest.matches(digest):
        raise UserError(f"`{reference}` is not what was found: {digest}", hint="give the digest of this very image")

    def fetched(item: Descriptor) -> BinaryIO:
        store.put(item, lambda into: source.fetch(item, into))
        return open_blob(taken, item.digest)

    for image in walk(raw, fetched).images:
        for item, _ in image.layers:
            if item.size >= 0 and not unread(item.media_type):
                store.put(item, lambda into, item=item: source.fetch(item, into))  # type: ignore[misc]
    return keep(reference, raw, taken, store)


def keep(reference: Reference, raw: bytes, taken: Path, store: BlobStore | None = None) -> Artifact:
    """The artifact, whose private copy is the document its digest is of."""
    digest = Digest.of(raw)
    copy = taken / reference.short
    with open(copy, "xb") as stream:
        stream.write(raw)
    copy.chmod(0o400)
    if store is not None:
        store.mark(reference.short)
    return Artifact(reference.short, str(reference.at(digest)), digest, len(raw), ArtifactKind.IMAGE)
