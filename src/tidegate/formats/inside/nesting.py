"""Archives that lie inside an artifact: those whose members can be asked, and those nobody here opens."""

import io
from collections.abc import Callable, Iterator
from enum import Enum, auto

from tidegate.formats import tar_members, zip_members
from tidegate.formats.archive_members import ArchiveMember
from tidegate.formats.unpacking import MAGIC

PACKAGES = (
    ".jar",
    ".war",
    ".ear",
    ".aar",
    ".whl",
    ".egg",
    ".pyz",
    ".pyzw",
    ".pex",
    ".nupkg",
    ".apk",
    ".crate",
    ".gem",
)
"""What a runtime loads or a package manager installs as it lies there."""

_ZIP = b"PK\3\4"
_STREAMS = tuple(MAGIC)
_TARS = (".tar", ".tgz", ".tar.gz", ".tbz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".crate", ".gem")
_ALL = (*PACKAGES, ".zip", *_TARS)
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_NAMES = (".tar.zst", ".tzst")
_CLOSED = {
    b"!<arch>\ndebian-binary": "a Debian package",
    b"\xed\xab\xee\xdb": "an RPM package",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"xar!": "a xar archive",
    b"MSCF": "a cabinet file",
    b"hsqs": "a SquashFS image",
}
_ALONE = {
    _ZSTD: "packed with zstd",
    b"\x04\x22\x4d\x18": "packed with LZ4",
    b"\x1f\x8b": "packed with gzip",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ\0": "packed with xz",
    b"LZIP": "packed with lzip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a compound file, as installers of Windows are",
    b"MSWIM\0\0\0": "an image of Windows",
}


class Nested(Enum):
    """What a member is: `OPENED` archives are looked into, `CLOSED` ones are told."""

    NONE = auto()
    OPENED = auto()
    CLOSED = auto()


def nested(path: str, head: bytes) -> Nested:
    """By the name for what can be opened, since much else is a zip file; by the first bytes for the rest."""
    if head == b"":
        return Nested.NONE
    if path.lower().endswith(_ALL):
        return Nested.CLOSED if closed(path, head) else Nested.OPENED
    return Nested.CLOSED if closed(path, head) else Nested.NONE


def closed(path: str, head: bytes) -> str:
    """What kind of archive a member is that is not opened, "" for none."""
    if head.startswith(_ZSTD) and path.lower().endswith(_ZSTD_NAMES):
        return _ALONE[_ZSTD]
    return next((what for magic, what in _CLOSED.items() if head.startswith(magic)), "")


def unopened(head: bytes, tail: bytes) -> str:
    """What kind of archive a whole artifact is that is not opened, "" for none; by its first and last 512 bytes."""
    if head.startswith(b"\x7fELF") and head[8:10] == b"AI":
        return "an AppImage"
    if tail.startswith(b"koly"):
        return "a disk image of macOS"
    found = {**_CLOSED, **_ALONE}
    return next((what for magic, what in found.items() if head.startswith(magic)), "")


def is_package(path: str) -> bool:
    return path.lower().endswith(PACKAGES)


def members(path: str, raw: bytes, spend: Callable[[int], bool]) -> Iterator[ArchiveMember]:
    """The members of an archive that is opened. Raises FormatError, also when `spend` allows no more of its bytes."""
    stream = io.BytesIO(raw)
    packed = raw.startswith(_STREAMS)
    if not raw.startswith(_ZIP) and (packed or path.lower().endswith(_TARS)):
        yield from tar_members.members(stream, spend=spend)
    else:
        yield from zip_members.members(stream)
