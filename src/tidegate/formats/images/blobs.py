"""Where the blobs of an image come from when it is read, and what can be wrong with one."""

from collections.abc import Callable
from typing import BinaryIO

from tidegate.errors import FormatError
from tidegate.formats.oci import Descriptor
from tidegate.model.digest import Digest

Blobs = Callable[[Digest], BinaryIO]
"""A seekable stream of one blob, whose digest was checked. Raises FormatError, as BlobFault where the rule is known."""
Documents = Callable[[Descriptor], BinaryIO]
"""The same for manifests and configurations, while they may still have to be fetched."""

MISSING = "blob-missing"
MISMATCH = "blob-mismatch"
UNREAD = "layer-unread"
MALFORMED = "image-malformed"
RULES = frozenset({MISSING, MISMATCH, UNREAD, MALFORMED})


class BlobFault(FormatError):
    """A blob that is not there, or is not what it is called. `rule` is a rule of row 6."""

    def __init__(self, rule: str, message: str, *, hint: str = "build and push the image again") -> None:
        super().__init__(message, hint=hint)
        self.rule = rule if rule in RULES else MALFORMED


def rule_of(error: FormatError, otherwise: str = MALFORMED) -> str:
    return error.rule if isinstance(error, BlobFault) else otherwise
