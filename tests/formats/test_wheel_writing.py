"""A wheel with one file more keeps every other member as it was, byte for byte."""

import contextlib
import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.wheels import INFO, NAME, members, packed, row
from tidegate.errors import FormatError
from tidegate.formats import archives, wheel_writing
from tidegate.model.release import ArtifactKind

RECORD = f"{INFO}/RECORD"
ADDED = f"{INFO}/sboms/tidegate.cdx.json"
WHEN = datetime(2024, 5, 6, 7, 8, 10, tzinfo=UTC)


def extended(raw: bytes, data: bytes = b"{}", when: datetime = WHEN) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        old = archive.read(RECORD)
    record = wheel_writing.record_with(old, RECORD, ADDED, data)
    out = io.BytesIO()
    wheel_writing.add(io.BytesIO(raw), out, (ADDED, data), (RECORD, record), when)
    return out.getvalue()


def spans(raw: bytes) -> dict[str, bytes]:
    """Each member's bytes as they lie in the archive, header and packed data."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
        ends = [*(entry.header_offset for entry in entries[1:]), archive.start_dir]
    return {entry.filename: raw[entry.header_offset : end] for entry, end in zip(entries, ends, strict=True)}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_every_other_member_lies_in_the_new_wheel_as_it_lay_in_the_old(method: int) -> None:
    raw = packed(members({"demo/a.py": b"a" * 5000, "demo/ü.py": b"", "demo/b.so": bytes(range(256))}), method)
    made = extended(raw)
    old, new = spans(raw), spans(made)
    assert list(new) == [*(name for name in old if name != RECORD), ADDED, RECORD]
    assert all(new[name] == data for name, data in old.items() if name != RECORD)
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(io.BytesIO(made)) as after:
        assert after.testzip() is None
        for entry in before.infolist():
            twin = after.getinfo(entry.filename)
            assert (twin.external_attr, twin.create_system) == (entry.external_attr, entry.create_system)
            if entry.filename != RECORD:
                assert (twin.date_time, twin.extra, twin.comment) == (entry.date_time, entry.extra, entry.comment)
    content = archives.content(NAME, ArtifactKind.WHEEL, io.BytesIO(made))
    assert [problem for problem in content.problems if problem.rule != "embedded-sbom-invalid"] == []


def test_the_same_wheel_gives_the_same_bytes_and_the_new_members_carry_the_time_given() -> None:
    raw = packed(members({"a": b"1"}))
    assert extended(raw) == extended(raw)
    with zipfile.ZipFile(io.BytesIO(extended(raw))) as archive:
        assert archive.getinfo(ADDED).date_time == archive.getinfo(RECORD).date_time == (2024, 5, 6, 7, 8, 10)
        assert archive.getinfo(ADDED).external_attr >> 16 == 0o100644
    for year, told in ((1970, (1980, 1, 1, 0, 0, 0)), (2200, (2107, 12, 31, 23, 59, 58))):
        with zipfile.ZipFile(io.BytesIO(extended(raw, when=datetime(year, 1, 1, tzinfo=UTC)))) as archive:
            assert archive.getinfo(ADDED).date_time == told


def test_streamed_members_comments_and_record_in_the_middle_are_kept() -> None:
    out = io.BytesIO()
    held = members({"a": b"1" * 100, "b": b"2"})
    order = [RECORD, *(name for name in held if name != RECORD)]

    class Pipe(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            return out.write(bytes(data))  # type: ignore[call-overload]

    with zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"made by a pipe"
        for name in order:
            archive.writestr(name, held[name])
    made = extended(out.getvalue())
    content = archives.content(NAME, ArtifactKind.WHEEL, io.BytesIO(made))
    assert {problem.rule for problem in content.problems} <= {"embedded-sbom-invalid"}
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert (archive.comment, archive.namelist()[-1]) == (b"made by a pipe", RECORD)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_record_gets_one_row_before_its_own(end: str) -> None:
    old = members({"a,b": b"1"}, end=end)[RECORD]
    new = wheel_writing.record_with(old, RECORD, ADDED, b"{}")
    wanted = row(ADDED, b"{}").replace("\n", end).encode()
    own = f"{RECORD},,{end}".encode()
    assert new == old[: -len(own)] + wanted + own


def test_a_record_without_its_own_row_or_last_line_end_is_completed() -> None:
    assert wheel_writing.record_with(b"a,,", RECORD, ADDED, b"{}") == b"a,,\n" + row(ADDED, b"{}").encode()
    with pytest.raises(FormatError, match="odd name"):
        wheel_writing.record_with(b"", RECORD, 'a",b', b"")


def test_what_is_no_plain_wheel_is_refused() -> None:
    raw = packed(members({"a": b"1"}))
    end = raw.rindex(b"PK\5\6")
    wide = bytearray(raw)
    first = raw.index(b"PK\1\2")
    wide[first + 42 : first + 46] = b"\xff" * 4
    for broken in (b"", b"no zip", raw[: end - 5] + raw[end:], bytes(wide), packed({"a": b""}), extended(raw)):
        with pytest.raises(FormatError):
            wheel_writing.add(io.BytesIO(broken), io.BytesIO(), (ADDED, b""), (RECORD, b""), WHEN)


@given(st.binary(max_size=300), st.integers(0, 2000))
@settings(max_examples=60, deadline=None)
def test_a_damaged_wheel_is_extended_or_refused(junk: bytes, at: int) -> None:
    raw = packed(members({"a": b"1" * 50}))
    place = at % len(raw)
    broken = raw[:place] + junk + raw[place + len(junk) :]
    out = io.BytesIO()
    with contextlib.suppress(FormatError):
        wheel_writing.add(io.BytesIO(broken), out, (ADDED, b"{}"), (RECORD, b""), WHEN)
        assert out.getvalue().count(b"PK\5\6") >= 1


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?\.py", fullmatch=True), st.binary(max_size=200), max_size=5)
)
@settings(max_examples=40, deadline=None)
def test_whatever_a_wheel_holds_it_holds_after(files: dict[str, bytes]) -> None:
    made = extended(packed(members(files)), b'{"a": 1}')
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {name: archive.read(name) for name in files} == files
        assert archive.read(ADDED) == b'{"a": 1}'
    rules = {p.rule for p in archives.content(NAME, ArtifactKind.WHEEL, io.BytesIO(made)).problems}
    # A file may lie where another has its folder, and may begin like an archive nobody opens.
    assert rules <= {"embedded-sbom-invalid", "archive-hostile", "artifact-unopened"}
