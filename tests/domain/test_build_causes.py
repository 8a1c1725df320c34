"""Two builds of one file that differ: the member is named, and so is the likely cause."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.builds import causes
from tidegate.domain.builds.compare import LOOKED_INTO, compare
from tidegate.formats.rebuild import MAX_LISTED, Cause
from tidegate.model.release import ArtifactKind

FOLDER = "/tmp/elsewhere/source"
THEN, LATER = 1700000000, 1700003600


@dataclass(frozen=True)
class Member:
    path: str
    data: bytes = b"data\n"
    mode: int = 0o644
    time: int = THEN
    owner: str = "root"
    packed: int = zipfile.ZIP_DEFLATED
    link: str = ""


MEMBERS = (Member("demo/a.py"), Member("demo/b.py", b"b = 1\n"), Member("demo/c.py", b"c = 1\n"))


def tar(members: Sequence[Member], stamp: int = 0, level: int = 6) -> bytes:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in members:
            info = tarfile.TarInfo(member.path)
            info.size, info.mode, info.mtime = len(member.data), member.mode, member.time
            info.uname = info.gname = member.owner
            if member.path.endswith("/"):
                info.type, info.size = tarfile.DIRTYPE, 0
            if member.link:
                info.type, info.linkname, info.size = tarfile.SYMTYPE, member.link, 0
            archive.addfile(info, io.BytesIO(member.data[: info.size]))
    out = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=stamp, compresslevel=level) as stream:
        stream.write(inner.getvalue())
    return out.getvalue()


def wheel(members: Sequence[Member]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for member in members:
            info = zipfile.ZipInfo(member.path, (2023, 11, 14, 22, 13, (member.time - THEN) // 60))
            info.external_attr, info.compress_type = (0o100000 | member.mode) << 16, member.packed
            archive.writestr(info, member.data)
    return out.getvalue()


def between(left: bytes, right: bytes, kind: ArtifactKind) -> dict[str, set[Cause]]:
    found, more = compare(io.BytesIO(left), io.BytesIO(right), kind, FOLDER)
    assert more == 0
    return {each.member: set(each.causes) for each in found}


KINDS = {ArtifactKind.SDIST: tar, ArtifactKind.WHEEL: wheel}


@pytest.fixture(params=KINDS, ids=str)
def pair(request: pytest.FixtureRequest) -> Callable[[Sequence[Member]], dict[str, set[Cause]]]:
    """What differs between `MEMBERS` and other members, in an archive of each kind."""
    kind: ArtifactKind = request.param
    return lambda members: between(KINDS[kind](MEMBERS), KINDS[kind](members), kind)


Pair = Callable[[Sequence[Member]], dict[str, set[Cause]]]


def first(**changes: object) -> tuple[Member, ...]:
    return (replace(MEMBERS[0], **changes), *MEMBERS[1:])  # type: ignore[arg-type]


def test_a_member_of_another_time(pair: Pair) -> None:
    assert pair(first(time=LATER)) == {"demo/a.py": {Cause.TIMESTAMP}}


def test_a_member_of_other_permissions(pair: Pair) -> None:
    assert pair(first(mode=0o664)) == {"demo/a.py": {Cause.PERMISSIONS}}


def test_members_in_another_order(pair: Pair) -> None:
    assert pair(MEMBERS[::-1]) == {"": {Cause.ORDER}}


def test_members_that_are_there_on_one_side_only(pair: Pair) -> None:
    assert pair((*MEMBERS[:2], Member("demo/d.py"))) == {"demo/c.py": {Cause.REMOVED}, "demo/d.py": {Cause.ADDED}}


def test_a_member_with_other_content_and_time_has_both_causes(pair: Pair) -> None:
    assert pair(first(data=b"other\n", time=LATER)) == {"demo/a.py": {Cause.CONTENT, Cause.TIMESTAMP}}


def test_an_archive_that_cannot_be_read_differs_as_a_whole(pair: Pair) -> None:
    for kind, make in KINDS.items():
        whole = make(MEMBERS)
        for broken in (b"", b"nothing", whole[: len(whole) // 2], whole[:-30] + b"\0" * 30):
            assert between(whole, broken, kind) == {"": {Cause.UNREADABLE}}
            assert between(broken, whole, kind) == {"": {Cause.UNREADABLE}}


def test_other_owners_in_a_tar() -> None:
    assert between(tar(MEMBERS), tar(first(owner="runner")), ArtifactKind.SDIST) == {"demo/a.py": {Cause.OWNER}}


def test_a_link_that_points_elsewhere() -> None:
    link = replace(MEMBERS[0], link="b.py")
    found = between(tar((link,)), tar((replace(link, link="c.py"),)), ArtifactKind.SDIST)
    assert found == {"demo/a.py": {Cause.CONTENT}}


def test_a_folder_of_another_time() -> None:
    folder = Member("demo/", b"", 0o755)
    found = between(tar((folder, *MEMBERS)), tar((replace(folder, time=LATER), *MEMBERS)), ArtifactKind.SDIST)
    assert found == {"demo": {Cause.TIMESTAMP}}


def test_only_the_time_in_the_gzip_header() -> None:
    assert between(tar(MEMBERS), tar(MEMBERS, stamp=LATER), ArtifactKind.SDIST) == {"": {Cause.TIMESTAMP}}


def test_only_packed_otherwise() -> None:
    data = bytes(range(256)) * 40
    many = tuple(Member(f"demo/{n}.py", data) for n in range(20))
    assert between(tar(many, level=1), tar(many, level=9), ArtifactKind.SDIST) == {"": {Cause.COMPRESSION}}
    stored = tuple(replace(each, packed=zipfile.ZIP_STORED) for each in MEMBERS[:1])
    found = between(wheel(MEMBERS), wheel((*stored, *MEMBERS[1:])), ArtifactKind.WHEEL)
    assert found == {"demo/a.py": {Cause.COMPRESSION}}


def test_a_record_that_only_repeats_what_differs_is_a_consequence() -> None:
    def with_record(data: bytes, digest: bytes) -> bytes:
        record = Member("demo-1.dist-info/RECORD", b"demo/a.py,sha256=%s,5\ndemo/b.py,sha256=x,5\n" % digest)
        return wheel((replace(MEMBERS[0], data=data), MEMBERS[1], record))

    kind = ArtifactKind.WHEEL
    both = between(with_record(b"one\n", b"1"), with_record(b"two\n", b"2"), kind)
    assert both["demo-1.dist-info/RECORD"] == {Cause.CONSEQUENCE}
    alone = between(with_record(b"one\n", b"1"), with_record(b"one\n", b"2"), kind)
    assert alone == {"demo-1.dist-info/RECORD": {Cause.CONTENT}}


def test_plain_files_are_looked_into_as_they_are() -> None:
    kind = ArtifactKind.FILE
    assert between(b"at 2026-01-01\n", b"at 2026-01-02\n", kind) == {"": {Cause.TIMESTAMP}}
    assert between(b"x" * (LOOKED_INTO + 1), b"x", kind) == {"": {Cause.CONTENT}}


def test_of_very_many_differences_there_are_some_and_a_count() -> None:
    many = [Member(f"demo/{n:04}.py") for n in range(150)]
    later = [replace(each, time=LATER) for each in many]
    found, more = compare(io.BytesIO(tar(many)), io.BytesIO(tar(later)), ArtifactKind.SDIST, FOLDER)
    assert (len(found), more) == (MAX_LISTED, 50)


def test_hostile_member_names_are_printable_in_what_is_told() -> None:
    odd = Member("demo/\x1b[31m\nred.py", b"1")
    found, _ = compare(io.BytesIO(tar((odd,))), io.BytesIO(tar(MEMBERS)), ArtifactKind.SDIST, FOLDER)
    assert all(each.member.isprintable() for each in found)
    assert len(found) == 4


LINES = {
    "unix time": (b"t = 1700000000", b"t = 1700003600.25", {Cause.TIMESTAMP}),
    "iso time": (b"# 2023-11-14T22:13:20Z", b"# 2023-11-14T23:13:20+01:00", {Cause.TIMESTAMP}),
    "date": (b"built 2023-11-14", b"built 2023-11-15", {Cause.TIMESTAMP}),
    "compact": (b"v = '1.0.dev20231114'", b"v = '1.0.dev20231115'", {Cause.TIMESTAMP}),
    "mail": (b"Date: Tue, 14 Nov 2023 22:13:20 GMT", b"Date: Tue, 14 Nov 2023 22:13:21 GMT", {Cause.TIMESTAMP}),
    "ctime": (b"# Tue Nov 14 22:13:20 2023", b"# Wed Nov 15 01:13:20 2023", {Cause.TIMESTAMP}),
    "path": (b"p = '/home/ci/work/src/a.py'", b"p = '/tmp/elsewhere/source/src/a.py'", {Cause.BUILD_PATH}),
    "path and more": (
        b"p = '/home/a.py' # 1",
        b"p = '/tmp/elsewhere/source/a.py' # 2",
        {Cause.BUILD_PATH, Cause.CONTENT},
    ),
    "path and time": (
        b"at 2023-11-14 in /w/a",
        b"at 2023-11-15 in /tmp/elsewhere/source/a",
        {Cause.BUILD_PATH},
    ),
    "items": (b"names = {'a', 'b', 'c'}", b"names = {'c', 'a', 'b'}", {Cause.ORDER}),
    "lines": (b"a\nb\nc", b"c\na\nb", {Cause.ORDER}),
    "line ends": (b"a\r\nb\r\n", b"a\nb\n", {Cause.LINE_ENDS}),
    "content": (b"a = 1", b"a = 2", {Cause.CONTENT}),
    "a time and a word": (b"1700000000 good", b"1700000001 evil", {Cause.CONTENT}),
    "a line more": (b"a", b"a\nb", {Cause.CONTENT}),
    "mixed": (b"a = 1\n# 2023-11-14", b"a = 2\n# 2023-11-15", {Cause.CONTENT, Cause.TIMESTAMP}),
    "a very long line": (b"a" * 40_000, b"b" * 40_000, {Cause.CONTENT}),
}


@pytest.mark.parametrize(("left", "right", "expected"), LINES.values(), ids=LINES.keys())
def test_the_cause_is_read_off_the_lines(left: bytes, right: bytes, expected: set[Cause]) -> None:
    assert set(causes.of_content("a.py", left, right, FOLDER.encode())) == expected


def test_bytecode_is_told_apart_by_its_header_and_the_path_in_it() -> None:
    head, code = b"m" * 16, b"code"
    pyc = "demo/__pycache__/a.cpython-311.pyc"
    where = FOLDER.encode()
    assert set(causes.of_content(pyc, head + code, b"n" * 16 + code, where)) == {Cause.BYTECODE, Cause.TIMESTAMP}
    assert set(causes.of_content(pyc, head + code, head + where, where)) == {Cause.BYTECODE, Cause.BUILD_PATH}
    assert set(causes.of_content(pyc, head + code, head + b"edoc", where)) == {Cause.BYTECODE}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_whatever_differs_has_a_cause(left: bytes, right: bytes) -> None:
    if left != right:
        assert causes.of_content("a", left, right, FOLDER.encode())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(KINDS)), st.data())
def test_a_damaged_archive_is_compared_without_an_error(kind: ArtifactKind, data: st.DataObject) -> None:
    whole = bytearray(KINDS[kind](MEMBERS))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    if bytes(whole) != KINDS[kind](MEMBERS):
        found, _ = compare(io.BytesIO(KINDS[kind](MEMBERS)), io.BytesIO(bytes(whole)), kind, FOLDER)
        assert found
