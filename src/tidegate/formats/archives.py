"""Artifacts opened without trusting them: members as bounded streams, and what a package holds and says."""

import hashlib
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from packaging.utils import InvalidSdistFilename, parse_sdist_filename

from tidegate.errors import FormatError
from tidegate.formats import package_metadata, tar_members, zip_members
from tidegate.formats.archive_members import ArchiveMember
from tidegate.model.digest import Digest
from tidegate.model.inventory import Content, Member
from tidegate.model.package import Problem
from tidegate.model.release import ArtifactKind

MAX_PROBLEMS = 1000

_CHUNK = 1 << 20
_WHOLE = frozenset({ArtifactKind.FILE, ArtifactKind.IMAGE})
"""Read as one piece; what is taken of an image is its manifest."""
_ZIP = (b"PK\3\4", b"PK\5\6")
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_TAR_NAMES = re.compile(r"\.(?:tar|tar\.(?:gz|bz2|xz)|tgz|tbz2?|txz)$", re.IGNORECASE)


def kind_of(name: str, head: bytes) -> ArtifactKind:
    """What an artifact is, by its file name and first bytes (512 are enough).

    A `.tgz`, or any gzip, whose first member lies in `package/` is npm's; `NAME-VERSION.tar.gz` is a source
    distribution. A name that promises a package is believed, so that broken content is found instead of skipped.
    """
    lower = name.lower()
    if lower.endswith(".whl"):
        return ArtifactKind.WHEEL
    if lower.endswith((".tgz", ".tar.gz")) and _inflated(head).startswith(b"package/"):
        return ArtifactKind.NPM
    if lower.endswith(".tar.gz") and _is_sdist(name):
        return ArtifactKind.SDIST
    if head.startswith(_ZIP) or lower.endswith(".zip"):
        return ArtifactKind.ZIP
    if _TAR_NAMES.search(lower) or head[257:262] == b"ustar":
        return ArtifactKind.TAR
    if head.startswith(_PACKED) and _inflated(head)[257:262] == b"ustar":
        return ArtifactKind.TAR
    return ArtifactKind.FILE


def members(stream: BinaryIO, kind: ArtifactKind) -> Iterator[ArchiveMember]:
    """Every file and link of an archive, in its order; each stream is good until the next member is asked for.

    Hostile members carry problems (rule `archive-hostile`, about the member's path). FormatError when the archive
    cannot be read (on), or is a plain file.
    """
    stream.seek(0)
    head = stream.read(512)
    stream.seek(0)
    if kind in _WHOLE:
        raise FormatError("a plain file has no members")
    if kind in {ArtifactKind.WHEEL, ArtifactKind.ZIP}:
        yield from zip_members.members(stream)
    elif head.startswith(_ZIP):
        raise FormatError("the archive is a zip file where a tar archive was promised")
    else:
        yield from tar_members.members(stream)


def content(artifact_name: str, kind: ArtifactKind, stream: BinaryIO) -> Content:
    """Members with digests, and name, version, licence and requirements from the package's own metadata.

    FormatError when the archive cannot be read; what is wrong inside a readable one is in `problems`.
    """
    if kind in _WHOLE:
        return Content(artifact_name, kind)
    found: list[Member] = []
    problems: list[Problem] = []
    kept: dict[str, bytes] = {}
    for member in members(stream, kind):
        problems += [Problem(p.rule, p.about or artifact_name, p.message) for p in member.problems]
        if member.link:
            found.append(Member(member.path, 0, link=member.link))
        elif member.stream is not None:
            size, digest, head = _read(member.stream, package_metadata.limit_of(kind, member.path))
            found.append(Member(member.path, size, digest))
            if head is not None:
                kept[member.path] = head
    metadata = package_metadata.read(artifact_name, kind, kept, found)
    return Content(
        artifact_name,
        kind,
        members=tuple(found),
        ecosystem=package_metadata.ECOSYSTEMS.get(kind, ""),
        name=metadata.name,
        version=metadata.version,
        licence=metadata.licence,
        requires=metadata.requires,
        problems=_few(artifact_name, [*problems, *metadata.problems]),
    )


def _few(artifact: str, problems: list[Problem]) -> tuple[Problem, ...]:
    """Bounded a rule, with one last problem that says how many more there are."""
    kept: list[Problem] = []
    for rule in dict.fromkeys(problem.rule for problem in problems):
        same = [problem for problem in problems if problem.rule == rule]
        kept += same[:MAX_PROBLEMS]
        if len(same) > MAX_PROBLEMS:
            kept.append(Problem(rule, artifact, f"and {len(same) - MAX_PROBLEMS} more members"))
    return tuple(kept)


def _read(stream: BinaryIO, keep: int) -> tuple[int, Digest, bytes | None]:
    """(size, digest, the whole content when it fits in `keep`)."""
    hasher, size, kept = hashlib.sha256(), 0, bytearray()
    while chunk := stream.read(_CHUNK):
        hasher.update(chunk)
        size += len(chunk)
        if size <= keep:
            kept += chunk
    return size, Digest("sha256", hasher.hexdigest()), bytes(kept) if keep and size <= keep else None


def _is_sdist(name: str) -> bool:
    try:
        parse_sdist_filename(name)
    except InvalidSdistFilename:
        return False
    return True


def _inflated(head: bytes) -> bytes:
    """The first bytes behind a gzip header, as far as `head` goes."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 512)
    except zlib.error:
        return b""
