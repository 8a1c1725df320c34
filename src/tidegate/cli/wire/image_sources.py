"""Images from a registry, a layout or an archive, taken into the private folder."""

from pathlib import Path

from tidegate.cli.wire.evidence import registry_credentials
from tidegate.formats.oci import Manifest, Reference
from tidegate.model.release import Artifact

BLOBS = ".blobs"
"""What `adapters.images.store.FOLDER` is called; no artifact may be."""
_TOTAL = 1800.0


def take_image(reference: Reference, kind: str, place: str, folder: Path, *, whole: bool) -> Artifact:
    """See `adapters.images.taking.take`; without `whole` only what the image's digest is of.

    `kind` is `registry`, `oci-layout`, `oci-archive` or `docker-archive`. Raises UserError, FormatError and
    UndecidedError.
    """
    from tidegate.adapters.images import taking
    from tidegate.adapters.images.archive import FromArchive
    from tidegate.adapters.images.sources import FromLayout, FromRegistry, Source
    from tidegate.adapters.images.store import MAX_ALL, BlobStore

    store = BlobStore(folder)
    if kind == "registry":
        from tidegate.adapters.registry import referrers
        from tidegate.adapters.registry.client import RepositoryClient

        with RepositoryClient(reference, registry_credentials(), total=_TOTAL, most=MAX_ALL + (1 << 30)) as client:
            manifest = referrers.resolve(client, reference.wanted, str(reference))
            if not whole:
                return taking.keep(reference, manifest.raw, folder)
            return taking.take(reference, FromRegistry(client, manifest), store, folder)
    path = Path(place)
    source: Source = (
        FromLayout(path) if kind == "oci-layout" else FromArchive(path, store, folder, docker=kind == "docker-archive")
    )
    if not whole:
        return taking.keep(reference, source.root(reference), folder)
    return taking.take(reference, source, store, folder)


def keep_manifest(reference: Reference, manifest: Manifest, folder: Path) -> Artifact:
    """See `adapters.images.taking.keep`."""
    from tidegate.adapters.images import taking

    return taking.keep(reference, manifest.raw, folder)
