"""Some bytes must not be signed as a file: they would say more than "this file", or are made of what is denied."""

import contextlib
from collections.abc import Collection

from tidegate.errors import FormatError
from tidegate.formats import dsse, oci, simplesigning
from tidegate.model.digest import Digest
from tidegate.model.release import Artifact, ArtifactKind

HEAD = oci.LIMIT + 1
"""How much of an artifact is looked at: an image's manifest is never larger."""


def disguised(head: bytes) -> str:
    """What a signature over a file that begins so would also be; "" for an ordinary file.

    A key's signature over a file of this shape is, byte for byte, that of an attestation or of an image.
    """
    if head.startswith(dsse.PREFIX):
        return "an attestation"
    try:
        simplesigning.parse(head)
    except FormatError:
        return ""
    return "the signature of an image"


def denied(artifact: Artifact, head: bytes, listed: Collection[str]) -> Digest | None:
    """The digest on the list that an artifact is, or, as an image, runs: an index stands for what it names."""
    named = [artifact.digest]
    if artifact.kind is ArtifactKind.IMAGE:
        with contextlib.suppress(FormatError):
            read = oci.parse(head)
            named += [item.digest for item in (*read.manifests, *read.layers)]
    return next((digest for digest in named if digest.value in listed), None)
