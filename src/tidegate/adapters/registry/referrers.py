"""Evidence hangs on an image as manifests that refer to its digest (OCI 1.1), or under a tag made of that digest."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from tidegate.adapters.registry.client import RepositoryClient
from tidegate.errors import FormatError, NoSuchArtifact, UnavailableError
from tidegate.formats import attached, bundle, oci
from tidegate.formats.attached import Attached
from tidegate.formats.oci import Descriptor, Manifest
from tidegate.model.digest import Digest

BUNDLES = "application/vnd.dev.sigstore.bundle"
MAX_ATTACHED = 200
PACK_LIMIT = 512 << 20
_EMPTY = b"{}"
_ATTEMPTS = 3
_LEGACY = {".sig": attached.SIMPLE_SIGNING, ".att": attached.DSSE}


def resolve(client: RepositoryClient, wanted: str, shown: str) -> Manifest:
    """What a tag or digest stands for now. Raises NoSuchArtifact."""
    found = client.manifest(wanted)
    if found is None:
        raise NoSuchArtifact(f"there is no image `{shown}`", hint="check its name, tag and digest")
    return found


def find(client: RepositoryClient, subject: Digest) -> tuple[Attached, ...]:
    """All evidence of an image: by the referrers API, by the fallback tag, and under cosign's old tags.

    Of what refers to the image only bundles and packs are fetched. Raises FormatError for anything that claims to be
    one and is not.
    """
    listed = {item.digest: item for item in (*(client.referrers(subject) or ()), *_tagged(client, subject))}
    found: list[Attached] = []
    for digest in sorted(listed):
        if listed[digest].artifact_type and not _ours(listed[digest].artifact_type):
            continue
        manifest = client.manifest(str(digest))
        if manifest is None:
            raise FormatError(f"{digest} refers to the image and is not there", hint="push the evidence again")
        if _ours(manifest.artifact_type):
            found.append(_attached(client, manifest, subject))
        if len(found) > MAX_ATTACHED:
            raise FormatError(f"more than {MAX_ATTACHED} bundles refer to the image", hint="remove what is not needed")
    return (*found, *_legacy(client, subject))


def _ours(kind: str) -> bool:
    return kind.startswith(BUNDLES) or kind == attached.PACK


def _tagged(client: RepositoryClient, subject: Digest) -> tuple[Descriptor, ...]:
    found = client.manifest(oci.fallback_tag(subject))
    return found.manifests if found is not None else ()


def _attached(client: RepositoryClient, manifest: Manifest, subject: Digest) -> Attached:
    if manifest.subject is None or not manifest.subject.digest.matches(subject):
        raise FormatError(f"{manifest.digest} is listed for the image and refers to another", hint="remove it")
    if len(manifest.layers) != 1:
        raise FormatError(f"{manifest.digest} should hold one blob and holds {len(manifest.layers)}", hint="remove it")
    pack = manifest.artifact_type == attached.PACK
    data = client.blob(manifest.layers[0], PACK_LIMIT if pack else bundle.LIMIT)
    kind = attached.PACK if pack else attached.BUNDLE
    return Attached(kind, data, manifest.annotations, manifest.digest)


def _legacy(client: RepositoryClient, subject: Digest) -> Iterator[Attached]:
    """What cosign wrote before bundles: a payload a layer, its signature in the layer's annotations."""
    for ending, media_type in _LEGACY.items():
        manifest = client.manifest(oci.fallback_tag(subject, ending))
        layers = [layer for layer in manifest.layers if layer.media_type == media_type] if manifest else []
        if manifest is None:
            continue
        if len(layers) > MAX_ATTACHED:
            raise FormatError(
                f"more than {MAX_ATTACHED} signatures lie under one tag", hint="remove what is not needed"
            )
        for layer in layers:
            yield Attached(media_type, client.blob(layer, bundle.LIMIT), layer.annotations, manifest.digest)


def attach(
    client: RepositoryClient, subject: Manifest, kind: str, data: bytes, notes: Mapping[str, str], now: datetime
) -> Digest:
    """Hang one blob on an image, and list it under the fallback tag where the registry has no referrers API.

    The same blob with the same notes is not hung up twice. Raises UnavailableError when it cannot be found again.
    """
    blob = Descriptor(kind, client.put_blob(data), len(data))
    config = Descriptor(oci.EMPTY, client.put_blob(_EMPTY), len(_EMPTY))
    held = _same(client, subject.digest, kind, blob.digest)
    if held is not None:
        return held
    annotations = {**notes, attached.CREATED: now.isoformat(timespec="seconds").replace("+00:00", "Z")}
    raw = oci.attachment(kind, blob, subject.descriptor, annotations, config)
    answer = client.put_manifest(raw, oci.IMAGE)
    digest = Digest.of(raw)
    if answer.headers.get("OCI-Subject", "") != str(subject.digest):
        own = Descriptor(oci.IMAGE, digest, len(raw), kind, tuple(sorted(annotations.items())))
        _list_under_tag(client, subject.digest, own)
    return digest


def _same(client: RepositoryClient, subject: Digest, kind: str, blob: Digest) -> Digest | None:
    listed = {item.digest: item for item in (*(client.referrers(subject) or ()), *_tagged(client, subject))}
    for digest in sorted(listed):
        manifest = client.manifest(str(digest)) if listed[digest].artifact_type in ("", kind) else None
        if manifest is not None and [layer.digest for layer in manifest.layers] == [blob]:
            return digest
    return None


def _list_under_tag(client: RepositoryClient, subject: Digest, own: Descriptor) -> None:
    """Add one entry to the index under the fallback tag; somebody else may write it at the same time."""
    tag = oci.fallback_tag(subject)
    for _ in range(_ATTEMPTS):
        there = _tagged(client, subject)
        if any(item.digest == own.digest for item in there):
            return
        client.put_manifest(oci.index((*there, own)), oci.INDEX, tag)
    if not any(item.digest == own.digest for item in _tagged(client, subject)):
        raise UnavailableError(f"the registry does not keep the tag `{tag}`", hint="push the evidence again")
