"""An npm package has a second name: npm's attestations speak of its package URL and sha512, not of a file."""

import hashlib
from typing import BinaryIO

from tidegate.errors import FormatError
from tidegate.formats import archives
from tidegate.model.digest import Digest
from tidegate.model.release import ArtifactKind

_BLOCK = 1024 * 1024


def of(artifact: str, stream: BinaryIO) -> tuple[Digest, str]:
    """The sha512 of an artifact's bytes, and its npm package URL by its own `package.json`; "" for anything else."""
    hasher = hashlib.sha512()
    head = b""
    stream.seek(0)
    while block := stream.read(_BLOCK):
        head = head or block[:512]
        hasher.update(block)
    return Digest("sha512", hasher.hexdigest()), _purl(artifact, head, stream)


def _purl(artifact: str, head: bytes, stream: BinaryIO) -> str:
    """As npm writes it into its statements: `pkg:npm/%40scope/name@version`."""
    kind = archives.kind_of(artifact, head)
    if kind is not ArtifactKind.NPM:
        return ""
    try:
        content = archives.content(artifact, kind, stream)
    except FormatError:
        return ""
    if not content.name or not content.version or content.problems:
        return ""
    scoped = content.name.startswith("@")
    return f"pkg:npm/{'%40' + content.name[1:] if scoped else content.name}@{content.version}"
