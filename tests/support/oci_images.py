"""Small images made in memory: layers as tar archives, configurations, manifests and indexes, whole or broken."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from tidegate.formats.images.blobs import MISSING, BlobFault
from tidegate.model.digest import Digest

Json = dict[str, Any]

LAYER = "application/vnd.oci.image.layer.v1.tar"
GZIP = f"{LAYER}+gzip"
CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
IN_TOTO = "application/vnd.in-toto+json"

DEBIAN = b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'
ALPINE = b'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\n'
UBUNTU = b'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\nVERSION="22.04.4 LTS (Jammy Jellyfish)"\n'


def stanza(name: str, version: str, source: str = "", status: str = "install ok installed", depends: str = "") -> str:
    lines = [f"Package: {name}", f"Status: {status}", "Architecture: amd64", f"Version: {version}"]
    lines += [f"Source: {source}"] if source else []
    lines += [f"Depends: {depends}"] if depends else []
    return "\n".join([*lines, "Description: something", " more of it", ""])


def status(*stanzas: str) -> bytes:
    return "\n".join(stanzas).encode() + b"\n"


def wheel_metadata(name: str, version: str) -> bytes:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nwords\n".encode()


@dataclass(frozen=True)
class Link:
    to: str
    hard: bool = False


@dataclass(frozen=True)
class Special:
    """A member of any kind of tar (`tarfile.CHRTYPE`, …)."""

    kind: bytes


Entry = bytes | Link | Special | None
"""Content, a link, something special, or a folder (None)."""


def tar(entries: Mapping[str, Entry] | Sequence[tuple[str, Entry]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, entry in entries.items() if isinstance(entries, Mapping) else entries:
            info = tarfile.TarInfo(name)
            info.mode = 0o644
            if entry is None:
                info.type = tarfile.DIRTYPE
            elif isinstance(entry, Link):
                info.type, info.linkname = (tarfile.LNKTYPE if entry.hard else tarfile.SYMTYPE), entry.to
            elif isinstance(entry, Special):
                info.type = entry.kind
            else:
                info.size = len(entry)
            archive.addfile(info, io.BytesIO(entry) if isinstance(entry, bytes) else None)
    return out.getvalue()


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass
class Built:
    """Blobs by digest, and the digest of the image."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    root: str = ""

    def add(self, data: bytes, kind: str = "", **more: Any) -> Json:
        self.blobs[digest(data)] = data
        return {"mediaType": kind, "digest": digest(data), "size": len(data), **more}

    def opener(self) -> Callable[[Digest], BinaryIO]:
        def opened(wanted: Digest) -> BinaryIO:
            if str(wanted) not in self.blobs:
                raise BlobFault(MISSING, f"{wanted} is not there")
            return io.BytesIO(self.blobs[str(wanted)])

        return opened

    @property
    def raw(self) -> bytes:
        return self.blobs[self.root]

    def layout(self, folder: Path, tag: str = "1.0") -> Path:
        """The same as an OCI layout."""
        (folder / "blobs" / "sha256").mkdir(parents=True)
        for name, data in self.blobs.items():
            (folder / "blobs" / "sha256" / name.removeprefix("sha256:")).write_bytes(data)
        kind = INDEX if b'"manifests"' in self.raw else MANIFEST
        notes = {"org.opencontainers.image.ref.name": tag}
        item = {"mediaType": kind, "digest": self.root, "size": len(self.raw), "annotations": notes}
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [item]}))
        return folder


def image(
    *layers: bytes | Mapping[str, Entry],
    built: Built | None = None,
    platform: tuple[str, str] = ("linux", "amd64"),
    kinds: Sequence[str] = (),
    diff_ids: Sequence[str] | None = None,
    env: Sequence[str] = (),
) -> Built:
    """An image of these layers (tar bytes, or what they hold), packed with gzip unless `kinds` says otherwise."""
    built = built or Built()
    items, ids = [], []
    for number, layer in enumerate(layers):
        data = layer if isinstance(layer, bytes) else tar(layer)
        kind = kinds[number] if number < len(kinds) else GZIP
        ids.append(digest(data))
        items.append(built.add(gzip.compress(data, 1, mtime=0) if kind == GZIP else data, kind))
    config = {
        "os": platform[0],
        "architecture": platform[1],
        "config": {"Env": list(env)},
        "rootfs": {"type": "layers", "diff_ids": list(diff_ids if diff_ids is not None else ids)},
    }
    return manifest(built, built.add(json.dumps(config).encode(), CONFIG), items)


def manifest(built: Built, config: Json, layers: Sequence[Json]) -> Built:
    plain = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": list(layers)}
    built.root = built.add(json.dumps(plain).encode())["digest"]
    return built


def index(built: Built, *items: Json) -> Built:
    plain = {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(items)}
    built.root = built.add(json.dumps(plain).encode())["digest"]
    return built


def listed(built: Built, platform: str = "linux/amd64", kind: str = MANIFEST, **notes: str) -> Json:
    """The built image's descriptor, for an index."""
    system, _, machine = platform.partition("/")
    item = {"mediaType": kind, "digest": built.root, "size": len(built.raw)}
    return item | {"platform": {"os": system, "architecture": machine}, "annotations": notes}


def docker_archive(built: Built, path: Path, tag: str = "") -> Path:
    """What `docker save` writes, of an image whose layers are plain."""
    plain = json.loads(built.raw)
    config = plain["config"]["digest"].removeprefix("sha256:")
    names = [f"{layer['digest'].removeprefix('sha256:')}/layer.tar" for layer in plain["layers"]]
    table = [{"Config": f"{config}.json", "RepoTags": [tag] if tag else None, "Layers": names}]
    entries: dict[str, Entry] = {f"{config}.json": built.blobs[plain["config"]["digest"]]}
    entries |= {name: built.blobs[each["digest"]] for name, each in zip(names, plain["layers"], strict=True)}
    path.write_bytes(tar({**entries, "manifest.json": json.dumps(table).encode()}))
    return path
