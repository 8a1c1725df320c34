"""A run's evidence in one zip file: the same files always give the same bytes, and a foreign one is read in bounds."""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import BinaryIO

from tidegate.errors import FormatError
from tidegate.formats import archives
from tidegate.formats.text import shown
from tidegate.model.release import ArtifactKind

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+!=@-]{0,200}")
FILE_LIMIT = 64 << 20
TOTAL_LIMIT = 512 << 20
MAX_FILES = 5_000
_DAWN = (1980, 1, 1, 0, 0, 0)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Sorted, stored without compression (whose bytes differ between libraries), without time or owner.

    Raises FormatError for what `unpack` would refuse.
    """
    if not files:
        raise FormatError("there is no evidence to pack", hint="name a folder under `.tidegate/runs`")
    total = sum(map(len, files.values()))
    if len(files) > MAX_FILES or total > TOTAL_LIMIT or any(len(data) > FILE_LIMIT for data in files.values()):
        raise FormatError("the evidence is too large to pack")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            if not NAME.fullmatch(name):
                raise FormatError(f"an evidence file cannot be called {name[:100]!a}", hint="remove it")
            member = zipfile.ZipInfo(name, _DAWN)
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            archive.writestr(member, files[name])
    return out.getvalue()


def unpack(stream: BinaryIO) -> dict[str, bytes]:
    """The files of a pack by name. Raises FormatError for anything that is not flat, plain and in bounds."""
    files: dict[str, bytes] = {}
    total = 0
    for member in archives.members(stream, ArtifactKind.ZIP):
        if member.problems:
            raise FormatError(f"the evidence pack is hostile: {member.problems[0].message}", hint="fetch it again")
        if member.link or member.stream is None or not NAME.fullmatch(member.path):
            raise FormatError(f"the evidence pack holds `{shown(member.path)}`, which is no evidence file")
        data = member.stream.read(FILE_LIMIT + 1)
        total += len(data)
        if len(data) > FILE_LIMIT or total > TOTAL_LIMIT or len(files) >= MAX_FILES:
            raise FormatError("the evidence pack is too large")
        files[member.path] = data
    if not files:
        raise FormatError("the evidence pack is empty")
    return files
