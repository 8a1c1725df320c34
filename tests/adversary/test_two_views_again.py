"""No archive shows the gate one set of files and an installer another: where two readers can differ, it is said."""

import gzip
import io
import json
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from support import raw_archives as raw
from support.command import tidegate
from support.oci_images import image
from support.raw_archives import DEFLATED, END_OF_TAR, Row, field, file, header, long_name, pax
from support.repositories import Repository
from tidegate.errors import FormatError
from tidegate.formats import archives, tar_members, zip_members
from tidegate.formats.images.content import content
from tidegate.model.release import ArtifactKind

EVIL = b"import os\n"
GOOD, BAD = b"demo-1.0/good.py", b"demo-1.0/setup.py"
HIDDEN = file(BAD, EVIL)
NAME = "demo-1.0-py3-none-any.whl"
BASE = [Row(b"demo/__init__.py", b"x = 1\n"), Row(b"demo/data.bin", b"y" * 40, DEFLATED)]


def named(name: bytes, second: bytes) -> bytes:
    """Info-ZIP's field for another name of a member."""
    return field(0x7075, b"\1" + struct.pack("<L", zlib.crc32(name)) + second)


def streamed(data: bytes, behind: bytes) -> Row:
    """A member whose packed bytes go on behind the end of its data, where a reader of streams finds the next one."""
    packed = raw.deflated(data) + behind
    told = struct.pack("<4s3L", b"PK\7\b", zlib.crc32(data), len(packed), len(data))
    return Row(b"demo/data.bin", data, DEFLATED, flags=8, packed=packed, told=(0, 0, 0), behind=told)


def wide(data: bytes, size: int) -> Row:
    """Sizes of the local header that are smaller than those of the directory."""
    sums = (zlib.crc32(data), 0xFFFFFFFF, 0xFFFFFFFF)
    return Row(b"demo/data.bin", data, told=sums, local_extra=field(1, struct.pack("<2Q", size, size)))


def moved() -> bytes:
    """Two directories: by the end of the archive one is found, by the place it names the other, in its comment."""
    body_, directory = raw.parts(BASE)
    place = len(body_) + len(directory) + 22
    rows, at = b"", 0
    for row in BASE:
        rows += raw.central(row, at + place - len(body_))
        at += len(raw.local(row))
    _, other = raw.parts([Row(b"evil.pth", b"x = 1\n")])
    return body_ + rows + raw.end(2, len(rows), place, other)


BODY, LISTED = raw.parts(BASE)


def ended(tail: bytes) -> bytes:
    """Honest members and their directory, with another end."""
    return BODY + LISTED + tail


def widened(size: int, packed: int, extra: bytes) -> Row:
    """An honest member whose local header has a size or two in an extra field."""
    return Row(b"a", b"yy", told=(zlib.crc32(b"yy"), packed, size), local_extra=extra)


FULL, TWO = 0xFFFFFFFF, struct.pack("<Q", 2)
HONEST_WIDE = Row(
    b"demo/data.bin",
    b"yy",
    told=(zlib.crc32(b"yy"), 0xFFFFFFFF, 0xFFFFFFFF),
    local_extra=field(1, b"\2" + bytes(7) + b"\2" + bytes(7)),
)
DESCRIBED = struct.pack("<4s3L", b"PK\7\b", zlib.crc32(b"yy"), 2, 2)
DESCRIPTION = Row(b"z", b"yy", flags=8, told=(0, 0, 0), behind=DESCRIBED)
ZIPS: Mapping[str, bytes] = {
    "packed bytes behind the data": raw.zipped([streamed(b"y", raw.local(Row(b"evil.pth", EVIL)))]),
    "stored bytes behind the data": raw.zipped([Row(b"demo/data.bin", b"y", packed=b"y" + b"PK\3\4")]),
    "smaller sizes in a wide local header": raw.zipped([wide(b"y" * 100, 10)]),
    "no sizes at all in a local header": raw.zipped([Row(b"a", b"y", told=(zlib.crc32(b"y"), 0xFFFFFFFF, 1))]),
    "a checksum that switches the comparison off": raw.zipped([Row(b"a", b"y" * 9, told=(0xFFFFFFFF, 2, 2))]),
    "a second name": raw.zipped([Row(b"demo/x.txt", EVIL, extra=named(b"demo/x.txt", b"evil.pth"))]),
    "a second name, local": raw.zipped([Row(b"demo/x.txt", EVIL, local_extra=named(b"demo/x.txt", b"evil.pth"))]),
    "sizes twice": raw.zipped([Row(b"a", b"y", extra=field(1, bytes(8)) * 2)]),
    "one name in two encodings": raw.zipped([Row("é.py".encode(), EVIL, local_flags=0x800)]),
    "a descriptor that lies": raw.zipped([Row(b"a", b"yy", flags=8, behind=DESCRIBED.replace(b"\2\0", b"\1\0"))]),
    "no descriptor": raw.zipped([Row(b"a", b"yy", flags=8), Row(b"b")]),
    "a folder with data": raw.zipped([Row(b"demo/", packed=raw.local(Row(b"evil.pth", EVIL)))]),
    "a few bytes between members": raw.zipped([Row(b"a", b"yy", behind=b"PK\5\6" + b"\1" * 18), Row(b"b")]),
    "a directory elsewhere": moved(),
    "an end elsewhere": ended(raw.wide_end(2, len(LISTED), len(BODY), record=7)),
    "an end further on": ended(raw.wide_end(2, len(LISTED), len(BODY), record=len(BODY + LISTED) + 1)),
    "an end on another disk": ended(raw.wide_end(2, len(LISTED), len(BODY), disks=2)),
    "fewer members": ended(raw.end(1, len(LISTED), len(BODY))),
    "more members": ended(raw.end(3, len(LISTED), len(BODY))),
    "fewer members here": ended(raw.end(2, len(LISTED), len(BODY), here=1)),
    "more members here": ended(raw.end(2, len(LISTED), len(BODY), here=3)),
    "another volume": ended(raw.end(2, len(LISTED), len(BODY), disk=1)),
    "a comment that goes on": ended(raw.end(2, len(LISTED), len(BODY)) + b"evil"),
    "a comment that is cut off": ended(raw.end(2, len(LISTED), len(BODY), b"comment")[:-1]),
    "a row that is cut off": BODY + LISTED[:-1] + raw.end(2, len(LISTED) - 1, len(BODY)),
    "packed by the local header alone": raw.zipped([Row(b"a", raw.deflated(b"y"), local_method=DEFLATED)]),
    "packed by the directory alone": raw.zipped([Row(b"a", b"y", DEFLATED, local_method=0)]),
    "encrypted by the local header alone": raw.zipped([Row(b"a", b"y", local_flags=1)]),
    "no checksum and no sizes": raw.zipped([Row(b"a", b"yy", told=(0, 0, 0))]),
    "other sizes before a descriptor": raw.zipped([Row(b"a", b"yy", flags=8, told=(0, 0, 1), behind=DESCRIBED)]),
    "another name": raw.zipped([Row(b"b", b"yy", local_name=b"c")]),
    "an earlier name": raw.zipped([Row(b"b", b"yy", local_name=b"a")]),
    "a short extra field": raw.zipped([widened(FULL, FULL, field(1, TWO))]),
    "an extra field of another kind": raw.zipped([widened(FULL, FULL, field(2, TWO + TWO))]),
}
HONEST: Mapping[str, bytes] = {
    "plain": raw.zipped(BASE),
    "wide sizes": raw.zipped([HONEST_WIDE]),
    "a descriptor": raw.zipped([Row(b"a", b"yy", flags=8, told=(0, 0, 0), behind=DESCRIBED), Row(b"b")]),
    "a short descriptor": raw.zipped([Row(b"a", b"yy", flags=8, told=(0, 0, 2), behind=DESCRIBED[4:]), Row(b"b")]),
    "a folder": raw.zipped([Row(b"demo/"), Row(b"demo/a")]),
    "the same name twice": raw.zipped([Row(b"a.py", EVIL, extra=named(b"a.py", b"a.py"))]),
    "a wide end": b"".join(raw.parts(BASE)) + raw.wide_end(2, len(raw.parts(BASE)[1]), len(raw.parts(BASE)[0])),
    "nothing": raw.end(0, 0, 0),
    "a comment": ended(raw.end(2, len(LISTED), len(BODY), b"comment")),
    "one wide size": raw.zipped([widened(FULL, 2, field(1, TWO))]),
    "one wide packed size": raw.zipped([widened(2, FULL, field(1, TWO))]),
    "more in an extra field than is asked for": raw.zipped([widened(FULL, FULL, field(1, TWO * 3))]),
    "extra fields around it": raw.zipped([widened(FULL, FULL, field(0, b"x") + field(1, TWO * 2) + field(9, b"x"))]),
    "flags of how it was packed": raw.zipped([Row(b"a", b"yy", DEFLATED, flags=4, local_flags=2)]),
    "a name in UTF-8": raw.zipped([Row("é".encode(), flags=0x806, local_flags=0x800)]),
    "a name in an old encoding": raw.zipped([Row("é".encode("cp437"), flags=6, local_flags=0)]),
    "a descriptor at the very end": BODY
    + raw.local(DESCRIPTION)
    + LISTED
    + raw.central(DESCRIPTION, len(BODY))
    + raw.end(3, len(LISTED) + len(raw.central(DESCRIPTION, 0)), len(BODY) + len(raw.local(DESCRIPTION))),
}


def refused(data: bytes, kind: ArtifactKind, name: str = NAME) -> bool:
    """Is it a finding of the archive, or one that cannot be read?"""
    try:
        seen = archives.content(name, kind, io.BytesIO(data))
    except FormatError:
        return True
    return any(problem.rule.startswith("archive-") for problem in seen.problems)


@pytest.mark.parametrize("name", ZIPS)
def test_a_zip_file_with_two_faces_is_said(name: str) -> None:
    assert refused(ZIPS[name], ArtifactKind.ZIP)


@pytest.mark.parametrize("name", HONEST)
def test_what_honest_writers_of_zip_files_do_is_not(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(HONEST[name])) as archive:
        assert archive.testzip() is None
    assert not refused(HONEST[name], ArtifactKind.ZIP)


def test_a_directory_of_nothing_but_rows_is_refused_before_anything_is_made_of_them() -> None:
    """Each row would cost ten times its bytes in memory."""
    count = 300_000
    data = raw.central(Row(b""), 0) * count
    began = time.process_time()
    with pytest.raises(FormatError, match="members"):
        list(archives.members(io.BytesIO(data + raw.end(count & 0xFFFF, len(data), 0)), ArtifactKind.ZIP))
    assert time.process_time() - began < 2


TARS: Mapping[str, bytes] = {
    "a size some readers end at once": header(GOOD, written=b"\0%010o\0" % len(HIDDEN)) + HIDDEN,
    "two extended headers": pax([(b"path", BAD)]) + pax([(b"path", GOOD)]) + file(b"z"),
    "a long name, then an extended header": long_name(BAD) + pax([(b"path", GOOD)]) + file(b"z"),
    "an extended header, then a long name": pax([(b"path", BAD)]) + long_name(GOOD) + file(b"z"),
    "two long names": long_name(BAD) + long_name(GOOD) + file(b"z"),
    "a name twice": pax([(b"path", BAD), (b"path", GOOD)]) + file(b"z"),
    "a name for all members": pax([(b"GNU.sparse.name", BAD)], b"g") + file(GOOD),
    "an encoding for all members": pax([(b"hdrcharset", b"BINARY")], b"g") + file(GOOD),
    "times in the place of a prefix": header(b"good.py", magic=b"ustar  \0", prefix=b"demo-1.0/x"),
    "a folder called a file": pax([(b"path", GOOD)]) + header(b"x/", len(HIDDEN), b"\0") + HIDDEN,
    "a folder that is called otherwise": pax([(b"path", GOOD)]) + header(b"x/", kind=b"\0"),
    "a file called a folder": header(BAD + b"/") + file(GOOD),
    "a smaller size": pax([(b"size", b"0")]) + header(GOOD, len(HIDDEN)) + HIDDEN,
    "a larger size": pax([(b"size", b"%d" % len(HIDDEN))]) + header(GOOD) + HIDDEN,
    "a link that leads nowhere": pax([(b"linkpath", b"")]) + header(BAD, kind=b"2", link=b"good.py"),
    "a real size": pax([(b"SCHILY.realsize", b"99")]) + file(GOOD),
}


def seen_by_others(data: bytes) -> list[str]:
    """The standard library's view, which pip installs by."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            return [member.name for member in archive if member.isfile()]
    except tarfile.TarError:
        return []


@pytest.mark.parametrize("name", TARS)
def test_a_tar_archive_with_two_faces_is_said(name: str) -> None:
    data = TARS[name] + END_OF_TAR
    assert refused(gzip.compress(data), ArtifactKind.SDIST, "demo-1.0.tar.gz")
    layer = content("app", io.BytesIO(image(data).raw), image(data).opener())
    assert layer.problems or name == "a file called a folder"  # which an image's own runtime takes for a folder


def test_the_standard_library_sees_what_these_archives_hide() -> None:
    hiding = [name for name, data in TARS.items() if BAD.decode() in seen_by_others(data + END_OF_TAR)]
    assert len(hiding) >= 7


@pytest.mark.parametrize(
    "data",
    [
        pax([(b"path", b"demo-1.0/" + b"a/" * 400_000 + b"x")]) + file(b"z"),
        b"".join(pax([(b"path", b"demo-1.0/%05d" % n + b" " * 60_000 + b"x")]) + file(b"z") for n in range(20)),
    ],
)
def test_names_without_end_are_refused(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """A name costs ten times the time of as many bytes of a file."""
    monkeypatch.setattr(tar_members, "MAX_LETTERS", 1 << 20)
    with pytest.raises(FormatError, match="name"):
        archives.content("demo-1.0.tar.gz", ArtifactKind.SDIST, io.BytesIO(gzip.compress(data + END_OF_TAR, 1)))


def test_the_names_of_a_zip_file_have_an_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_members, "MAX_LETTERS", 100)
    rows = [Row(b"a" * 40 + b"%d" % number) for number in range(3)]
    with pytest.raises(FormatError, match="names"):
        list(archives.members(io.BytesIO(raw.zipped(rows)), ArtifactKind.ZIP))


POLICY = b"version: 1\nreleases:\n  - {name: app, artifacts: [dist/*]}\n"


def test_the_gate_is_shut_by_each_of_them_and_by_nothing_else_than_a_finding(tmp_path: Path) -> None:
    """Bytes of an attacker are a finding, and neither a crash nor something nobody could decide."""
    repo = Repository(tmp_path / "app")
    repo.write("tidegate.yaml", POLICY)
    repo.write(".gitignore", b"dist/\n")
    repo.commit()
    made = {f"zip{number}.zip": data for number, data in enumerate(ZIPS.values())}
    made |= {f"tar{number}.tar.gz": gzip.compress(data + END_OF_TAR) for number, data in enumerate(TARS.values())}
    for name, data in made.items():
        repo.write(f"dist/{name}", data)
    ended = tidegate("sbom", "--format", "json", cwd=repo.root)
    findings = json.loads(ended.out)["findings"]
    shut = {each["about"].partition("!/")[0] for each in findings if each["rule"].startswith("archive-")}
    assert shut == made.keys()
    assert ended.code == 1


def test_nothing_hides_below_the_depth_to_which_links_are_looked_for() -> None:
    deep = b"demo-1.0/" + b"a/" * 130
    data = pax([(b"path", deep + b"x")]) + file(b"z")
    assert refused(gzip.compress(data + END_OF_TAR), ArtifactKind.SDIST, "demo-1.0.tar.gz")
    layer = image(data + END_OF_TAR)
    assert [p.rule for p in content("app", io.BytesIO(layer.raw), layer.opener()).problems] == ["archive-hostile"]


def test_a_link_is_one_in_every_spelling_of_its_name() -> None:
    link = header(b"demo-1.0/Docs", kind=b"2", link=b"src")
    for name in (b"demo-1.0/docs/core.py", b"demo-1.0/Docs./core.py"):
        assert refused(gzip.compress(link + file(name) + END_OF_TAR), ArtifactKind.SDIST, "demo-1.0.tar.gz")
