"""Most files are no archive: they are pieces as they are, and what opens archives is loaded when the first one comes."""

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from tidegate.domain.secrets.slices import SLICE, Piece, slices

if TYPE_CHECKING:  # takes as long to load as a small tree to search
    from tidegate.domain.secrets.pieces import Opener

WHOLE = 64 << 20
"""Up to this size an archive is opened that lies in memory."""

_NAMES = re.compile(r"\.(?:whl|zip|tgz|tar|tar\.[a-z0-9]{1,4}|tbz2?|txz|zst|tzst|7z|rar)\Z", re.IGNORECASE)
# Text begins with none of these; all else may be an archive, and is looked at by who knows them.
_TEXT = re.compile(rb"[\t\n\r\x20-\x7e\xc2-\xf4]")
_SUSPECTS = re.compile(rb"PK|BZ|#![^\n\0]{0,400}\nPK|LZIP|MSCF|MSWIM|Rar|7z|hsqs|!<arch>|-lh|xar!|\xed\xab")
_USTAR = slice(257, 262)
_END_OF_ZIP = b"PK\5\6"


class Opening:
    """Does what `pieces.Opener` does, and loads it when it is needed."""

    __slots__ = ("_opener",)

    def __init__(self) -> None:
        self._opener: Opener | None = None

    def file(self, path: str, data: bytes) -> Iterator[Piece]:
        if may_be_archive(path, data):
            return self._loaded().file(path, data)
        return slices(path, io.BytesIO(data)) if len(data) > SLICE else iter((Piece(path, data),))

    def stream(self, path: str, stream: BinaryIO) -> Iterator[Piece]:
        return self._loaded().stream(path, stream)

    def _loaded(self) -> "Opener":
        if self._opener is None:
            from tidegate.domain.secrets.pieces import Opener

            self._opener = Opener()
        return self._opener


def may_be_archive(path: str, data: bytes) -> bool:
    """False only for what no opener would open or tell as one that cannot be."""
    if not data:
        return _NAMES.search(path) is not None
    plain = _TEXT.match(data) is not None and _SUSPECTS.match(data) is None and data[_USTAR] != b"ustar"
    return not plain or _NAMES.search(path) is not None or _END_OF_ZIP in data
