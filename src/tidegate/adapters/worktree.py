"""Does the working tree hold what git recorded? Answered by hashing here, since git would run the tree's filters."""

import hashlib
import os
import re
import stat
from typing import BinaryIO

from tidegate.adapters.files import LocalFiles
from tidegate.errors import FormatError
from tidegate.ports import Entry

MAX_TEXT = 64 << 20
"""Above this size line ends are not folded: the file must match byte by byte."""

_CHUNK = 1 << 20
_POINTER = re.compile(rb"version https://git-lfs[^\n]*\n(?:[^\n]*\n)*?oid sha256:([0-9a-f]{64})\nsize (\d+)\n?")


def same(files: LocalFiles, entry: Entry, executable: bool) -> bool:
    """Is the regular file or link at `entry.path` the blob `entry.oid`? CRLF for LF is no difference.

    `executable` says whether the executable bit means something here (`core.fileMode`).
    """
    try:
        if entry.mode == "120000":
            return oid_of(files.link(entry.path), entry.oid) == entry.oid
        with files.open(entry.path) as stream:
            status = os.fstat(stream.fileno())
            if executable and bool(status.st_mode & stat.S_IXUSR) != (entry.mode == "100755"):
                return False
            return _hashed(stream, status.st_size, entry.oid)
    except (FormatError, OSError):
        return False


def is_pointed_at(files: LocalFiles, path: str, pointer: bytes) -> bool:
    """Is the file at `path` the one a Git LFS pointer stands for (its sha256 and size)?"""
    match = _POINTER.fullmatch(pointer)
    if match is None:
        return False
    digest, size = hashlib.sha256(), 0
    try:
        with files.open(path) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except (FormatError, OSError):
        return False
    return digest.hexdigest() == match[1].decode() and size == int(match[2])


def oid_of(data: bytes, like: str) -> str:
    """Git's object id of a blob, by the hash the id `like` was made with."""
    digest = _blob(len(data), like)
    digest.update(data)
    return digest.hexdigest()


def _hashed(stream: BinaryIO, size: int, oid: str) -> bool:
    digest, seen, returns = _blob(size, oid), 0, False
    while chunk := stream.read(_CHUNK):
        seen += len(chunk)
        if seen > size:
            return False
        returns = returns or b"\r" in chunk
        digest.update(chunk)
    if digest.hexdigest() == oid:
        return True
    if not returns or size > MAX_TEXT:
        return False
    stream.seek(0)
    return oid_of(stream.read(MAX_TEXT + 1).replace(b"\r\n", b"\n"), oid) == oid


def _blob(size: int, like: str) -> "hashlib._Hash":
    digest = hashlib.sha256() if len(like) == 64 else hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % size)
    return digest
