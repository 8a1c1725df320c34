"""Files taken apart into what can be scanned; what opens archives is loaded when one comes along."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from tidegate.domain.secrets.slices import SLICE, Piece

if TYPE_CHECKING:  # few files are archives, and opening them takes 50 ms to learn
    from tidegate.domain.secrets.pieces import Opener

_MAGICS = (
    *(b"PK\3\4", b"PK\5\6", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"LZIP"),
    *(b"!<arch>\n", b"\xed\xab\xee\xdb", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"xar!", b"MSCF", b"hsqs"),
)
_ENDINGS = (".whl", ".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")
_END_OF_ZIP = b"PK\5\6"
HEAD = 512
"""So many bytes tell every kind of archive but a zip file that lies behind something else,"""
TAIL = 22 + 0xFFFF
"""which so many at the end do."""


class Apart:
    """Takes the files of one search apart; see `pieces.Opener`."""

    def __init__(self) -> None:
        self._opener: Opener | None = None

    def file(self, path: str, data: bytes) -> Iterator[Piece]:
        """A file in memory and, when it is an archive, what is in it."""
        if len(data) <= SLICE and not may_be_packed(path, data):
            return iter((Piece(path, data),))
        return self._opened().file(path, data)

    def stream(self, path: str, stream: BinaryIO) -> Iterator[Piece]:
        """A seekable file however large it is."""
        return self._opened().stream(path, stream)

    def _opened(self) -> "Opener":
        if self._opener is None:
            from tidegate.domain.secrets.pieces import Opener

            self._opener = Opener()
        return self._opener


def may_be_packed(path: str, data: bytes) -> bool:
    """False for what surely is no archive and not packed: by the table, or by a zip file's end."""
    if data.startswith(_MAGICS) or path.lower().endswith(_ENDINGS) or data[257:262] == b"ustar":
        return True
    return _END_OF_ZIP in data[-TAIL:]
