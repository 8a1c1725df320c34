"""Images in a tar archive: an OCI layout that was packed, or what `docker save` writes."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from tidegate.adapters.images.sources import check_layout, chosen, parse_index
from tidegate.adapters.images.store import MAX_BLOB, BlobStore, Writing, open_blob
from tidegate.adapters.taking import open_regular
from tidegate.errors import FormatError, NoSuchArtifact, UserError
from tidegate.formats import oci, strict_json, tar_members
from tidegate.formats.archive_names import plain
from tidegate.formats.images.config import LIMIT as CONFIG_LIMIT
from tidegate.formats.oci import Descriptor, Reference
from tidegate.formats.text import shown
from tidegate.model.digest import Digest

MAX_FILES = 10_000
_CHUNK = 1 << 20
_HINT = "write the archive again"


class FromArchive:
    """Every file of the archive goes into the store under its own digest; `docker` says whose table is read.

    Docker names an image by the digest of its configuration, and its layers by those of their tar archives: neither is
    what a registry will call them.
    """

    def __init__(self, path: Path, store: BlobStore, taken: Path, *, docker: bool) -> None:
        self._place = str(path)
        self._taken = taken
        self._docker = docker
        self._names: dict[str, Digest] = {}
        with open_regular(path) as stream:
            try:
                self._take(stream, store)
            except FormatError as error:
                raise UserError(f"`{path}` cannot be read: {error.message}", hint=_HINT) from None

    def root(self, reference: Reference) -> bytes:
        digest = self._configuration(reference) if self._docker else self._manifest(reference)
        return self._read(digest, max(oci.LIMIT, CONFIG_LIMIT))

    def fetch(self, item: Descriptor, into: Writing) -> bool:
        return False  # what there is, is in the store already

    def _take(self, stream: BinaryIO, store: BlobStore) -> None:
        links: dict[str, str] = {}
        for count, member in enumerate(tar_members.members(stream)):
            if count >= MAX_FILES:
                raise FormatError(f"it holds more than {MAX_FILES} files")
            if member.link:
                links[member.path] = member.link
            elif member.stream is not None:
                self._names[member.path] = store.keep(_copier(member.stream))
        for name, link in links.items():
            folder = name.rpartition("/")[0]
            target = plain(link if link in self._names else _beside(folder, link))
            if target in self._names:
                self._names[name] = self._names[target]

    def _manifest(self, reference: Reference) -> Digest:
        check_layout(self._small("oci-layout"), self._place)
        return chosen(parse_index(self._small("index.json"), self._place), reference, self._place).digest

    def _configuration(self, reference: Reference) -> Digest:
        """`manifest.json` of `docker save`: a list of images, each with its configuration and tags."""
        try:
            listed = strict_json.loads(self._small("manifest.json"), limit=oci.LIMIT, what="`manifest.json`")
        except FormatError as error:
            raise UserError(f"`{self._place}`: {error.message}", hint=_HINT) from None
        found: set[Digest] = set()
        for item in listed if isinstance(listed, list) else ():
            name, tags = (item.get("Config"), item.get("RepoTags")) if isinstance(item, dict) else (None, None)
            digest = self._names.get(plain(name)) if isinstance(name, str) else None
            if digest is not None and _meant(reference, digest, tags):
                found.add(digest)
        if len(found) != 1:
            what = "several images" if found else f"no image `{shown(str(reference))}`"
            raise UserError(f"`{self._place}` holds {what}", hint="save one image: `docker save NAME:TAG`")
        return found.pop()

    def _small(self, name: str) -> bytes:
        digest = self._names.get(name)
        if digest is None:
            kind = "an archive of `docker save`" if self._docker else "an archive of an OCI layout"
            raise UserError(f"`{self._place}` holds no `{name}`, as {kind} does", hint=_HINT)
        return self._read(digest, oci.LIMIT)

    def _read(self, digest: Digest, limit: int) -> bytes:
        try:
            with open_blob(self._taken, digest) as stream:
                raw = stream.read(limit + 1)
        except FormatError as error:
            raise NoSuchArtifact(f"`{self._place}`: {error.message}", hint=_HINT) from None
        if len(raw) > limit:
            raise UserError(f"a table of `{self._place}` is too large", hint=_HINT)
        return raw


def _meant(reference: Reference, digest: Digest, tags: object) -> bool:
    if reference.digest is not None:
        return reference.digest == digest
    return not reference.tag or (isinstance(tags, list) and f"{reference.repository}:{reference.tag}" in tags)


def _copier(stream: BinaryIO) -> Callable[[Writing], None]:
    def copy(into: Writing) -> None:
        while chunk := stream.read(_CHUNK):
            into.write(chunk)
            if into.size > MAX_BLOB:
                raise FormatError("it holds a file larger than 4 GiB")

    return copy


def _beside(folder: str, link: str) -> str:
    parts = folder.split("/") if folder else []
    for step in link.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step not in ("", "."):
            parts.append(step)
    return "/".join(parts)
