"""Blobs of images in the private folder, by digest; what could not be taken is written down with its reason."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO

from tidegate.errors import FormatError, UserError
from tidegate.formats.images.blobs import MALFORMED, MISMATCH, MISSING, BlobFault, rule_of
from tidegate.formats.oci import Descriptor
from tidegate.model.digest import Digest

FOLDER = ".blobs"
"""Beside the artifacts of the private folder; no artifact may be called so."""
MAX_BLOB = 4 << 30
MAX_ALL = 8 << 30

_CHUNK = 1 << 20
_WHY = ".why"


class Writing:
    """A file that is hashed while it is written; it can begin anew."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.begin()

    def begin(self) -> None:
        self._stream.seek(0)
        self._stream.truncate()
        self._hasher = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._hasher.update(data)
        self.size += len(data)
        self._stream.write(data)

    def digest(self) -> Digest:
        return Digest("sha256", self._hasher.hexdigest())


class BlobStore:
    """One folder for all images of a run: layers they share are there once."""

    def __init__(self, taken: Path) -> None:
        self.folder = taken / FOLDER
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._left = MAX_ALL

    def put(self, item: Descriptor, fill: Callable[[Writing], bool]) -> None:
        """Take one blob, unless it is here. `fill` writes it, and says False where there is none.

        Nothing is raised for a blob that is missing, too large or another: that is written down. What `fill` raises
        besides FormatError comes through.
        """
        if item.digest.algorithm != "sha256":
            return  # nobody checks such digests here; whoever opens it is told
        path = self.folder / item.digest.value
        if path.exists() or path.with_suffix(_WHY).exists():
            return
        try:
            self._fill(item, path, fill)
        except FormatError as error:
            path.unlink(missing_ok=True)
            path.with_suffix(_WHY).write_text(f"{rule_of(error, MISMATCH)} {error.message}", encoding="utf-8")

    def _fill(self, item: Descriptor, path: Path, fill: Callable[[Writing], bool]) -> None:
        if item.size > min(MAX_BLOB, self._left):
            raise BlobFault("layer-unread", f"{item.digest} or its image is larger than what is taken (8 GiB)")
        with open(path, "xb") as stream:
            writing = Writing(stream)
            if not fill(writing):
                raise BlobFault(MISSING, f"{item.digest} is named by the image and is not there")
            digest = writing.digest()
        self._left -= writing.size
        if not digest.matches(item.digest):
            raise BlobFault(MISMATCH, f"what is served as {item.digest} has the digest {digest}")
        if writing.size != item.size:
            raise BlobFault(MISMATCH, f"{item.digest} has {writing.size} bytes, its descriptor says {item.size}")
        path.chmod(0o400)

    def keep(self, copy: Callable[[Writing], None]) -> Digest:
        """Take a blob whose digest is not known before. Raises UserError when all together are too large."""
        path = self.folder / "incoming"
        with open(path, "xb") as stream:
            writing = Writing(stream)
            copy(writing)
        self._left -= writing.size
        if self._left < 0:
            raise UserError("the archive is larger than 8 GiB", hint="split the release")
        digest = writing.digest()
        path.chmod(0o400)
        path.replace(self.folder / digest.value)
        return digest

    def mark(self, name: str) -> None:
        """The image of this artifact was taken whole."""
        (self.folder / f"{name}.taken").write_bytes(b"")


def holds(taken: Path, name: str) -> bool:
    return (taken / FOLDER / f"{name}.taken").is_file()


def open_blob(taken: Path, digest: Digest) -> BinaryIO:
    """A blob, hashed before it is handed out. Raises BlobFault with the reason it is not here."""
    if digest.algorithm != "sha256":
        raise BlobFault(MALFORMED, f"{digest.algorithm} digests are not checked here: {digest}")
    path = taken / FOLDER / digest.value
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        raise _why(path, digest) from None
    stream = os.fdopen(handle, "rb")
    hasher = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        hasher.update(chunk)
    if hasher.hexdigest() != digest.value:
        stream.close()
        raise BlobFault(MISMATCH, f"{digest} changed after it was taken", hint="run the gate again")
    stream.seek(0)
    return stream


def _why(path: Path, digest: Digest) -> BlobFault:
    try:
        rule, _, message = path.with_suffix(_WHY).read_text(encoding="utf-8").partition(" ")
    except (OSError, UnicodeDecodeError):
        return BlobFault(MISSING, f"{digest} is named by the image and was not taken")
    return BlobFault(rule, message)
