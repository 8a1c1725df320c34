"""Artifacts opened without trusting them: members as bounded streams, what a package holds and says, what is inside."""

import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from packaging.utils import InvalidSdistFilename, canonicalize_name, parse_sdist_filename

from tidegate.errors import FormatError
from tidegate.formats import package_metadata, tar_members, zip_ends, zip_members
from tidegate.formats.archive_members import ArchiveMember
from tidegate.formats.archive_names import HOSTILE
from tidegate.formats.images import content as images
from tidegate.formats.images.blobs import Blobs
from tidegate.formats.inside.inside import HEAD, UNOPENED, Inside, feed
from tidegate.formats.inside.nesting import Nested, nested, unopened
from tidegate.formats.text import shown
from tidegate.formats.unpacking import MAGIC
from tidegate.model.digest import Digest
from tidegate.model.inventory import Content, Member, Packed
from tidegate.model.package import Problem
from tidegate.model.release import ArtifactKind

MAX_PROBLEMS = 1000
NPM_TOP = "package/"

_CHUNK = 1 << 20
_WHOLE = frozenset({ArtifactKind.FILE, ArtifactKind.IMAGE})
"""Read as one piece; what is taken of an image is its manifest."""
_LINKLESS = frozenset({ArtifactKind.WHEEL, ArtifactKind.NPM})
"""No installer makes links of them: what is shown as a link is installed as something else, or not at all."""
_ZIP = (b"PK\3\4", b"PK\5\6")
_SCRIPT = re.compile(rb"#![^\n\0]{0,400}\nPK\x03\x04")
"""A line that names the interpreter before a zip file: `zipapp`, `pex`, `shiv`."""
_TAR_MARK = 262
_TAR_NAMES = re.compile(r"\.(?:tar|tar\.(?:gz|bz2|xz)|tgz|tbz2?|txz)$", re.IGNORECASE)


def kind_of(name: str, head: bytes) -> ArtifactKind:
    """What an artifact is, by its file name and first bytes (512 are enough).

    A `.tgz` or `.tar.gz` whose first member lies in `package/` is npm's; `NAME-VERSION.tar.gz` is a source
    distribution. A name that promises a package is believed, so that broken content is found instead of skipped.
    """
    lower = name.lower()
    if lower.endswith(".whl"):
        return ArtifactKind.WHEEL
    if lower.endswith((".tgz", ".tar.gz")) and f"{tar_members.first(_inflated(head))}/".startswith(NPM_TOP):
        return ArtifactKind.NPM
    if lower.endswith(".tar.gz") and _is_sdist(name):
        return ArtifactKind.SDIST
    if head.startswith(_ZIP) or _SCRIPT.match(head) or lower.endswith(".zip"):
        return ArtifactKind.ZIP
    if _TAR_NAMES.search(lower) or head[257:262] == b"ustar":
        return ArtifactKind.TAR
    if head.startswith(tuple(MAGIC)) and _inflated(head).read(_TAR_MARK)[257:] == b"ustar":
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
        yield from zip_members.members(stream, script=kind is ArtifactKind.ZIP)
    elif head.startswith(_ZIP):
        raise FormatError("the archive is a zip file where a tar archive was promised")
    else:
        yield from tar_members.members(stream)


def content(
    artifact_name: str, kind: ArtifactKind, stream: BinaryIO, blobs: str = "", layers: Blobs | None = None
) -> Content:
    """Members with digests, what the package says of itself, and the packages found inside it.

    `blobs` is the hash of git's object format (`sha1`, `sha256`): with it each member has the id its content would have
    as a blob. `layers` opens what an image's manifest names; without it an image is read as a manifest alone.
    FormatError when the archive cannot be read; what is wrong inside a readable one is in `problems`.
    """
    if kind is ArtifactKind.IMAGE:
        read = images.content(artifact_name, stream, layers, blobs)
        return replace(read, problems=_few(artifact_name, list(read.problems)))
    inside = Inside()
    if kind in _WHOLE:
        return _whole(artifact_name, kind, stream, inside)
    found: list[Member] = []
    problems: list[Problem] = []
    kept: dict[str, bytes] = {}
    for member in members(stream, kind):
        problems += [Problem(p.rule, p.about or artifact_name, p.message) for p in member.problems]
        if member.link:
            found.append(Member(member.path, 0, link=member.link, mode=member.mode))
            if kind in _LINKLESS:
                message = f"the member `{shown(member.path)}` is a link, which a {kind} cannot hold"
                problems.append(Problem(HOSTILE, member.path, message))
        elif member.stream is not None:
            one, raw = _read(member, package_metadata.limit_of(kind, member.path), inside, blobs)
            found.append(one)
            if raw is not None:
                kept[member.path] = raw
    problems += _strays(kind, artifact_name, found)
    metadata = package_metadata.read(artifact_name, kind, kept, found)
    ecosystem = package_metadata.ECOSYSTEMS.get(kind, "")
    packages, unread = inside.found({member.path for member in found})
    return Content(
        artifact_name,
        kind,
        members=tuple(found),
        ecosystem=ecosystem,
        name=metadata.name,
        version=metadata.version,
        licence=metadata.licence,
        requires=metadata.requires,
        problems=_few(artifact_name, [*problems, *metadata.problems, *unread]),
        packages=tuple(each for each in packages if not _is_own(each, ecosystem, metadata)),
    )


def _strays(kind: ArtifactKind, artifact: str, members: Sequence[Member]) -> Iterator[Problem]:
    """npm takes the first folder off every name, whatever it is called: `test/index.js` takes the place of the
    package's own."""
    if kind is ArtifactKind.NPM:
        for member in members:
            if not member.path.startswith(NPM_TOP):
                message = f"the member `{shown(member.path)}` lies outside `{NPM_TOP}`, and is installed all the same"
                yield Problem(HOSTILE, member.path, message)
    elif kind is ArtifactKind.TAR and any(member.path == f"{NPM_TOP}package.json" for member in members):
        message = f"`{shown(artifact)}` is a package for npm whose first member lies outside `{NPM_TOP}`"
        yield Problem(HOSTILE, artifact, message)


def _whole(artifact_name: str, kind: ArtifactKind, stream: BinaryIO, inside: Inside) -> Content:
    """A single file has no members, but may be a program that says what it was linked from, or end in a zip file."""
    problems: list[Problem] = []
    if kind is ArtifactKind.FILE:
        head, tail = _ends(stream)
        if zip_ends.ends_in_one(stream):
            inside.look_into(artifact_name, zip_members.members(stream))
        if not inside.count or nested(artifact_name, head) is not Nested.OPENED:
            stream.seek(0)
            feed(inside, artifact_name, stream)
        shut = unopened(head, tail)
        if shut:
            message = f"`{shown(artifact_name)}` is {shut}, which is not opened: nobody looked at what is in it"
            problems.append(Problem(UNOPENED, artifact_name, message))
    packages, unread = inside.found(frozenset())
    told = [problem for problem in unread if problem.rule != UNOPENED or not problems]
    return Content(artifact_name, kind, packages=packages, problems=_few(artifact_name, [*problems, *told]))


def _ends(stream: BinaryIO) -> tuple[bytes, bytes]:
    """The first and last 512 bytes."""
    size = stream.seek(0, 2)
    stream.seek(0)
    head = stream.read(512)
    stream.seek(max(size - 512, 0))
    return head, stream.read(512)


def _is_own(packed: Packed, ecosystem: str, metadata: package_metadata.Metadata) -> bool:
    """An artifact may say more than once what it is: in `*.egg-info` beside its sources, in an SBOM inside it."""
    found = packed.package
    own = canonicalize_name(metadata.name) if ecosystem == "PyPI" else metadata.name
    return bool(own) and (found.ecosystem, found.name, found.version) == (ecosystem, own, metadata.version)


def _few(artifact: str, problems: list[Problem]) -> tuple[Problem, ...]:
    """Bounded a rule, with one last problem that says how many more there are."""
    kept: list[Problem] = []
    for rule in dict.fromkeys(problem.rule for problem in problems):
        same = [problem for problem in problems if problem.rule == rule]
        kept += same[:MAX_PROBLEMS]
        if len(same) > MAX_PROBLEMS:
            kept.append(Problem(rule, artifact, f"and {len(same) - MAX_PROBLEMS} more members"))
    return tuple(kept)


def _read(member: ArchiveMember, keep: int, inside: Inside, blobs: str) -> tuple[Member, bytes | None]:
    """One member, hashed once, and its whole content when it fits in `keep`; `inside` gets what it asks for."""
    stream = member.stream or io.BytesIO()
    hasher, size = hashlib.sha256(), 0
    # git's id begins with the size, which archives say before the content.
    blob = hashlib.new(blobs, b"blob %d\0" % member.size, usedforsecurity=False) if blobs else None
    head, raw, most = b"", bytearray(), keep
    while chunk := stream.read(_CHUNK):
        if not size:
            head = chunk[:HEAD]
            most = max(keep, inside.wanted(member.path, head))
        hasher.update(chunk)
        if blob is not None:
            blob.update(chunk)
        size += len(chunk)
        if len(raw) < most:
            raw += chunk[: most - len(raw)]
    most = most if size else inside.wanted(member.path, b"")
    if most:
        inside.take(member.path, head, bytes(raw), size)
    told = blob.hexdigest() if blob is not None and size == member.size else ""
    read = Member(member.path, size, Digest("sha256", hasher.hexdigest()), mode=member.mode, blob=told)
    return read, bytes(raw[:size]) if keep and size <= keep else None


def _is_sdist(name: str) -> bool:
    try:
        parse_sdist_filename(name)
    except InvalidSdistFilename:
        return False
    return True


def _inflated(head: bytes) -> BinaryIO:
    """The first bytes behind a gzip header, as far as `head` goes: a name may stand behind a long description of it."""
    try:
        return io.BytesIO(zlib.decompressobj(wbits=31).decompress(head, _CHUNK))
    except zlib.error:
        return io.BytesIO()
