"""Archives are read within bounds, and what two unpackers would not treat alike is said."""

import base64
import bz2
import gzip
import hashlib
import io
import json
import lzma
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import archive_members, archives, tar_members, unpacking, zip_ends, zip_members
from tidegate.formats.archive_members import ArchiveMember
from tidegate.model.release import ArtifactKind

KINDS = (ArtifactKind.ZIP, ArtifactKind.TAR)


def zipped(files: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def entry(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(data)
    return info, data


def tarred(entries: Iterable[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def made(kind: ArtifactKind, files: Iterable[tuple[str, bytes]]) -> bytes:
    return zipped(files) if kind is ArtifactKind.ZIP else tarred(entry(name, data) for name, data in files)


def read(kind: ArtifactKind, raw: bytes) -> tuple[dict[str, bytes], list[str]]:
    """(content by path, messages of all problems)."""
    held: dict[str, bytes] = {}
    said: list[str] = []
    for member in archives.members(io.BytesIO(raw), kind):
        said += [problem.message for problem in member.problems]
        if member.stream is not None:
            held[member.path] = member.stream.read()
    return held, said


@pytest.mark.parametrize("kind", KINDS)
def test_members_of_an_honest_archive_are_read_without_remarks(kind: ArtifactKind) -> None:
    files = {"a/b.txt": b"hello", "a/empty": b"", "big": b"x" * 700_000, "é/ü": b"u"}
    held, said = read(kind, made(kind, files.items()))
    assert (held, said) == (files, [])


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_a_tar_is_read_through_every_packing(pack: "type[bytes]") -> None:
    raw = tarred([entry("a", b"1" * 5000), entry("b", b"2")])
    assert read(ArtifactKind.TAR, pack(raw)) == ({"a": b"1" * 5000, "b": b"2"}, [])


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_read_in_every_tar_format(form: int) -> None:
    name = "/".join(["d" * 40] * 3) + "/" + "n" * 60
    assert read(ArtifactKind.TAR, tarred([entry(name, b"x")], form)) == ({name: b"x"}, [])


def test_members_left_unread_do_not_disturb_the_next() -> None:
    for kind in KINDS:
        raw = made(kind, [("a", b"1" * 100_000), ("b", b"2")])
        last = [m.stream.read() for m in archives.members(io.BytesIO(raw), kind) if m.path == "b" and m.stream]
        assert last == [b"2"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["../up"], "climbs out"),
        (["a/../../up"], "climbs out"),
        (["/etc/passwd"], "absolute name"),
        (["C:/x"], "absolute name"),
        (["a\\b"], "backslash"),
        (["a\x1bb"], "control or invisible"),
        (["a\u202eb"], "control or invisible"),
        (["a", "a"], "is there twice"),
        (["a", "./a"], "is there twice"),
        (["Read.me", "read.ME"], "only in case"),
        (["caf\u00e9", "cafe\u0301"], "only in case or spelling"),
        (["a", "a/b"], "below something that is a file"),
        (["a/b", "a"], "both a file and a folder"),
    ],
)
def test_hostile_names_are_said(kind: ArtifactKind, names: list[str], says: str) -> None:
    _, said = read(kind, made(kind, [(name, b"x") for name in names]))
    assert any(says in message for message in said), said


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([entry("l", kind=tarfile.SYMTYPE, link="../../etc")], "leaves the archive"),
        ([entry("l", kind=tarfile.SYMTYPE, link="/etc")], "leaves the archive"),
        ([entry("d/l", kind=tarfile.SYMTYPE, link="../..")], "leaves the archive"),
        ([entry("d", kind=tarfile.SYMTYPE, link="e"), entry("d/x", b"1")], "behind a link"),
        ([entry("h", kind=tarfile.LNKTYPE, link="missing")], "hard link"),
        ([entry("h", kind=tarfile.LNKTYPE, link="/etc/passwd")], "hard link"),
        ([entry("dev", kind=tarfile.CHRTYPE)], "character device"),
        ([entry("blk", kind=tarfile.BLKTYPE)], "block device"),
        ([entry("pipe", kind=tarfile.FIFOTYPE)], "pipe"),
        ([entry("v", kind=b"V")], "readers treat differently"),
    ],
)
def test_links_that_leave_and_special_members_are_said(entries: list[tuple[tarfile.TarInfo, bytes]], says: str) -> None:
    _, said = read(ArtifactKind.TAR, tarred(entries))
    assert any(says in message for message in said), said


def test_links_that_stay_inside_are_listed_with_their_target() -> None:
    raw = tarred([entry("a", b"1"), entry("d/l", kind=tarfile.SYMTYPE, link="../a"), entry("h", kind=b"1", link="a")])
    found = {m.path: m.link for m in archives.members(io.BytesIO(raw), ArtifactKind.TAR)}
    assert found == {"a": "", "d/l": "../a", "h": "a"}
    assert read(ArtifactKind.TAR, raw)[1] == []


def test_a_link_in_a_zip_is_a_link() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("l")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "../out")
    found = list(archives.members(io.BytesIO(out.getvalue()), ArtifactKind.ZIP))
    assert [(m.path, m.link) for m in found] == [("l", "../out")]
    assert "leaves the archive" in found[0].problems[0].message


def test_what_a_zip_hides_beside_its_members_is_said() -> None:
    raw = zipped([("a", b"1"), ("b", b"2")])
    assert read(ArtifactKind.ZIP, b"prefix" + raw)[1] == ["data comes before the first member"]
    assert read(ArtifactKind.ZIP, raw + b"suffix")[1] == ["data follows the end of the archive"]
    longer = raw[:-2] + struct.pack("<H", len(raw)) + raw
    assert "the archive has two ends" in read(ArtifactKind.ZIP, longer)[1]
    hidden = zipped([("a", b"1"), ("hidden", b"x" * 50), ("b", b"2")])
    directory = hidden.index(b"PK\1\2")
    first, second = (hidden.index(b"PK\1\2", directory + n) for n in (1, 60))
    second = hidden.index(b"PK\1\2", first + 1)
    cut = second - first
    end = hidden.index(b"PK\5\6")
    fields = list(struct.unpack("<4s4H2LH", hidden[end : end + 22]))
    fields[3], fields[4], fields[5] = 2, 2, fields[5] - cut
    forged = hidden[:first] + hidden[second:end] + struct.pack("<4s4H2LH", *fields)
    held, said = read(ArtifactKind.ZIP, forged)
    assert (set(held), said) == ({"a", "b"}, ["data that no member owns lies between members"])


def test_a_local_header_that_disagrees_is_said_and_not_read() -> None:
    raw = zipped([("name", b"1"), ("other", b"2")], zipfile.ZIP_STORED)
    held, said = read(ArtifactKind.ZIP, raw.replace(b"name", b"evil", 1))
    assert set(held) == {"other"}
    assert any("another name in its local header" in message for message in said)
    local = bytearray(raw)
    local[8:10] = struct.pack("<H", 8)
    assert any("packed another way" in message for message in read(ArtifactKind.ZIP, bytes(local))[1])
    local = bytearray(raw)
    local[22:26] = struct.pack("<L", 9)
    assert any("another size" in message for message in read(ArtifactKind.ZIP, bytes(local))[1])


def test_members_that_share_their_data_are_not_read() -> None:
    raw = zipped([("a", b"x" * 100), ("a", b"y" * 100)], zipfile.ZIP_STORED)
    second = raw.index(b"PK\1\2", raw.index(b"PK\1\2") + 1)
    forged = bytearray(raw)
    forged[second : raw.index(b"PK\5\6")] = raw[raw.index(b"PK\1\2") : second]
    held, said = read(ArtifactKind.ZIP, bytes(forged))
    assert not held
    assert any("shares its data" in message for message in said)


def test_encrypted_members_and_unknown_methods_are_said() -> None:
    raw = bytearray(zipped([("a", b"1")], zipfile.ZIP_STORED))
    at = raw.index(b"PK\1\2")
    locked = bytearray(raw)
    locked[6] |= 1
    locked[at + 8] |= 1
    assert read(ArtifactKind.ZIP, bytes(locked)) == ({}, ["the member `a` is encrypted"])
    odd = bytearray(raw)
    odd[8:10] = odd[at + 10 : at + 12] = struct.pack("<H", 14)
    assert read(ArtifactKind.ZIP, bytes(odd)) == ({}, ["the member `a` is packed by method 14, which is not read"])


def test_data_after_the_end_of_a_tar_is_said() -> None:
    raw = tarred([entry("a", b"1")])
    assert read(ArtifactKind.TAR, raw + raw)[1] == ["data follows the end of the archive"]
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert read(ArtifactKind.TAR, pack(raw) + b"garbage!")[1] == ["data follows the end of the archive"]
        assert read(ArtifactKind.TAR, pack(raw) + pack(b"") + b"\0" * 700)[1] == []
        assert read(ArtifactKind.TAR, pack(raw[:600]) + pack(raw[600:])) == ({"a": b"1"}, [])


def test_bombs_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (unpacking, zip_members):
        monkeypatch.setattr(module, "FREE_SIZE", 1 << 20)
    big = b"\0" * (4 << 20)
    for raw, kind in (
        (zipped([("a", big)]), ArtifactKind.ZIP),
        (gzip.compress(tarred([entry("a", big)])), ArtifactKind.TAR),
        (bz2.compress(tarred([entry("a", big)])), ArtifactKind.TAR),
        (lzma.compress(tarred([entry("a", big)])), ArtifactKind.TAR),
    ):
        with pytest.raises(FormatError, match="bomb"):
            read(kind, raw)


def test_too_many_members_and_too_much_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (zip_ends, tar_members):
        monkeypatch.setattr(module, "MAX_MEMBERS", 3)
    for kind in KINDS:
        with pytest.raises(FormatError, match="more than 3 members"):
            read(kind, made(kind, [(f"f{n}", b"") for n in range(4)]))
    monkeypatch.setattr(unpacking, "MAX_MEMORY", 1 << 20)
    with pytest.raises(FormatError, match="xz data is damaged"):
        read(ArtifactKind.TAR, lzma.compress(tarred([entry("a", b"1")]), preset=9))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no archive at all" * 100,
        b"PK\3\4" + b"\0" * 100,
        b"PK\5\6" + b"\0" * 17,
        b"PK\5\6" + b"\xff" * 18,
        b"\x1f\x8b\x08\x00" + b"\0" * 20,
        gzip.compress(b"not a tar"),
        b"\0" * 1024,
        b"BZh91AY&SY",
        b"\xfd7zXZ\0\0",
    ],
)
@pytest.mark.parametrize("kind", [ArtifactKind.WHEEL, ArtifactKind.ZIP, ArtifactKind.TAR, ArtifactKind.NPM])
def test_what_is_no_archive_is_a_format_error(kind: ArtifactKind, raw: bytes) -> None:
    with pytest.raises(FormatError):
        read(kind, raw)


def test_a_zip_where_a_tar_is_promised_and_a_plain_file_are_refused() -> None:
    with pytest.raises(FormatError, match="a zip file where"):
        read(ArtifactKind.SDIST, zipped([("a", b"")]))
    with pytest.raises(FormatError, match="no members"):
        read(ArtifactKind.FILE, b"x")


def test_hostile_tar_headers_are_refused() -> None:
    sparse = tarfile.TarInfo("s")
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "x"}
    globally = io.BytesIO()
    with tarfile.open(fileobj=globally, mode="w", pax_headers={"path": "everywhere"}) as archive:
        archive.addfile(tarfile.TarInfo("a"))
    honest = tarred([entry("a", b"1")])
    for raw in (
        tarred([(sparse, b"")]),
        globally.getvalue(),
        tarred([entry("x", b"9" * (2 << 20), kind=b"x")]),
        tarred([entry("x", b"no record", kind=b"x"), entry("a")]),
        tarred([entry("x", b"999999 path=a\n", kind=b"x"), entry("a")]),
        tarred([entry("x", b"1" * 100_000, kind=b"x"), entry("a")]),
        tarred([entry("x", b"10 size=-1\n", kind=b"x"), entry("a")]),
        tarred([entry("x", b"12 path=a\0b\n", kind=b"x"), entry("a")]),
        tarred([*[entry("x", b"8 a=bc\n\n"[:8], kind=b"x")] * 20, entry("a")]),
        tarred([entry("l", b"data", kind=tarfile.SYMTYPE, link="x")]),
        honest[:700],
        honest[:1024] + b"\1" * 512,
        tarred([entry("a", b"1"), entry("b", b"2")]).replace(b"b\0", b"c\0", 1),
    ):
        with pytest.raises(FormatError):
            read(ArtifactKind.TAR, raw)


@given(st.binary(max_size=400), st.integers(0, 2000), st.sampled_from(KINDS), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_damaged_archive_is_read_or_refused_and_never_raises_otherwise(
    junk: bytes, at: int, kind: ArtifactKind, packed: bool
) -> None:
    raw = made(kind, [("a/b", b"hello" * 50), ("c", b"x"), ("d/e/f", b"")])
    raw = gzip.compress(raw, mtime=0) if packed and kind is ArtifactKind.TAR else raw
    broken = raw[: at % len(raw)] + junk + raw[at % len(raw) + len(junk) :]
    try:
        found = archives.content("x", kind, io.BytesIO(broken))
    except FormatError:
        return
    assert found.kind is kind


@given(st.dictionaries(st.text("abcXYZ/._- é", min_size=1, max_size=12), st.binary(max_size=300), max_size=6))
@settings(max_examples=50, deadline=None)
def test_what_the_standard_library_packs_is_read_back(files: dict[str, bytes]) -> None:
    for kind in KINDS:
        raw = made(kind, [(name, data) for name, data in files.items() if not name.endswith("/")])
        try:
            held, said = read(kind, raw)
        except FormatError:
            assert kind is ArtifactKind.TAR
            assert all(name.endswith("/") for name in files)
            continue
        for name, data in files.items():
            if not said and not name.endswith("/"):
                assert held["/".join(p for p in name.split("/") if p not in {"", "."})] == data


@pytest.mark.parametrize(
    ("name", "raw", "kind"),
    [
        ("x-1-py3-none-any.whl", zipped([("a", b"")]), ArtifactKind.WHEEL),
        ("x-1-py3-none-any.whl", b"not a zip", ArtifactKind.WHEEL),
        ("x-1.0.tar.gz", gzip.compress(tarred([entry("x-1.0/PKG-INFO")])), ArtifactKind.SDIST),
        ("x-1.0.tgz", gzip.compress(tarred([entry("package/package.json", b"{}")])), ArtifactKind.NPM),
        ("x-1.0.tgz", gzip.compress(tarred([entry("bin/x")])), ArtifactKind.TAR),
        ("tool.tar.gz", gzip.compress(tarred([entry("bin/x")])), ArtifactKind.TAR),
        ("tool.tar.xz", lzma.compress(b""), ArtifactKind.TAR),
        ("tool.zip", b"broken", ArtifactKind.ZIP),
        ("tool.jar", zipped([("a", b"")]), ArtifactKind.ZIP),
        ("unnamed", tarred([entry("a")]), ArtifactKind.TAR),
        ("unnamed", gzip.compress(tarred([entry("a")])), ArtifactKind.TAR),
        ("log.gz", gzip.compress(b"text"), ArtifactKind.FILE),
        ("tool", b"\x7fELF", ArtifactKind.FILE),
        ("empty", b"", ArtifactKind.FILE),
    ],
)
def test_the_kind_is_told_by_name_and_first_bytes(name: str, raw: bytes, kind: ArtifactKind) -> None:
    assert archives.kind_of(name, raw[:512]) is kind


METADATA = (
    b"Metadata-Version: 2.1\nName: Acme.API\nVersion: 1.0\nLicense-Expression: MIT\nRequires-Dist: requests>=2\n\n"
)


def wheel(files: dict[str, bytes], metadata: bytes = METADATA, record: str | None = None) -> bytes:
    files = files | {"acme_api-1.0.dist-info/METADATA": metadata}
    if record is None:
        record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, data in files.items())
        record += "acme_api-1.0.dist-info/RECORD,,\n"
    return zipped([*files.items(), ("acme_api-1.0.dist-info/RECORD", record.encode())])


def digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


WHEEL = "acme_api-1.0-py3-none-any.whl"


def test_a_wheel_says_what_it_is_and_holds() -> None:
    content = archives.content(WHEEL, ArtifactKind.WHEEL, io.BytesIO(wheel({"acme/x.py": b"x"})))
    assert (content.name, content.version, content.licence, content.ecosystem) == ("Acme.API", "1.0", "MIT", "PyPI")
    assert content.requires == ("requests>=2",)
    assert content.problems == ()
    member = next(member for member in content.members if member.path == "acme/x.py")
    assert (member.size, str(member.sha256)) == (1, f"sha256:{hashlib.sha256(b'x').hexdigest()}")


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (zipped([("a", b"")]), "metadata-missing"),
        (wheel({}, b"Name: x\n\n"), "metadata-malformed"),
        (wheel({}, METADATA.replace(b"1.0", b"2.0")), "metadata-malformed"),
        (wheel({}, METADATA.replace(b"\n\n", b"\nName: other\n\n")), "metadata-malformed"),
        (wheel({}, METADATA.replace(b"requests>=2", b"requests >>> 2")), "metadata-malformed"),
        (wheel({"other-1.dist-info/METADATA": METADATA}), "metadata-malformed"),
        (wheel({"x": b"1"}, record=f"x,sha256={digest(b'2')},1\n"), "record-mismatch"),
        (wheel({"x": b"1"}, record="x,,\n"), "record-mismatch"),
        (wheel({"x": b"1"}, record="x,md5=abc,1\n"), "record-mismatch"),
        (wheel({"x": b"1"}, record=f"x,sha256={digest(b'1')},7\n"), "record-mismatch"),
        (wheel({}, record=f"gone,sha256={digest(b'1')},1\n"), "record-mismatch"),
        (wheel({}, record="a,b\n"), "record-mismatch"),
        (wheel({}, record="\0"), "record-mismatch"),
        (wheel({"../up": b"1"}), "archive-hostile"),
    ],
)
def test_what_is_wrong_in_a_wheel_is_a_problem(raw: bytes, rule: str) -> None:
    assert rule in {p.rule for p in archives.content(WHEEL, ArtifactKind.WHEEL, io.BytesIO(raw)).problems}


def test_an_sdist_and_an_npm_package_say_what_they_are() -> None:
    raw = gzip.compress(tarred([entry("acme_api-1.0/PKG-INFO", METADATA), entry("acme_api-1.0/x/PKG-INFO", b"")]))
    sdist = archives.content("acme_api-1.0.tar.gz", ArtifactKind.SDIST, io.BytesIO(raw))
    assert (sdist.name, sdist.version, sdist.problems) == ("Acme.API", "1.0", ())
    document = {"name": "@acme/web", "version": "1.2.3", "license": "MIT", "dependencies": {"left-pad": "^1.0.0"}}
    raw = gzip.compress(tarred([entry("package/package.json", json.dumps(document).encode())]))
    npm = archives.content("acme-web-1.2.3.tgz", ArtifactKind.NPM, io.BytesIO(raw))
    assert (npm.name, npm.version, npm.licence) == ("@acme/web", "1.2.3", "MIT")
    assert (npm.requires, npm.ecosystem, npm.problems) == (("left-pad@^1.0.0",), "npm", ())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{",
        b'{"name": "x"}',
        b'{"name": 1, "version": "1"}',
        b'{"name": "x", "version": "1", "dependencies": ["a"]}',
        b'{"name": "x", "version": "1", "dependencies": {"a": 1}}',
        b'{"name": "x", "name": "y", "version": "1"}',
        b"[" * 100_000,
        b'{"name": "x", "version": ' + b"9" * 6000 + b"}",
        b'{"name": "\\ud800", "version": "1"}',
        b"\xff",
    ],
)
def test_a_malformed_package_json_is_a_problem(text: bytes) -> None:
    raw = gzip.compress(tarred([entry("package/package.json", text)]))
    content = archives.content("x-1.tgz", ArtifactKind.NPM, io.BytesIO(raw))
    assert [problem.rule for problem in content.problems] == ["metadata-malformed"]


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_metadata_is_read_or_a_problem(text: bytes) -> None:
    archives.content(WHEEL, ArtifactKind.WHEEL, io.BytesIO(wheel({}, text)))
    archives.content(WHEEL, ArtifactKind.WHEEL, io.BytesIO(wheel({}, METADATA + text)))


def test_a_flood_of_problems_is_bounded_a_rule() -> None:
    names = [(f"../{n}", b"") for n in range(archives.MAX_PROBLEMS + 5)]
    content = archives.content("x.zip", ArtifactKind.ZIP, io.BytesIO(zipped(names)))
    assert len(content.problems) == archives.MAX_PROBLEMS + 1
    assert content.problems[-1].message == "and 5 more members"


def test_a_remark_about_the_archive_has_no_path() -> None:
    found: list[ArchiveMember] = list(archives.members(io.BytesIO(b"x" + zipped([("a", b"")])), ArtifactKind.ZIP))
    assert (found[0].path, found[0].problems[0].rule) == ("", "archive-hostile")
    assert archive_members.MAX_MEMBERS > 1000
