"""What is not opened for its look alone is nothing an archive's reader would open or name."""

import io
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.secrets.apart import HEAD, TAIL, Apart, may_be_packed
from tidegate.domain.secrets.pieces import is_archive
from tidegate.formats.inside import nesting
from tidegate.formats.inside.nesting import closed
from tidegate.formats.unpacking import MAGIC

NAMES = (
    *("a.txt", "a", ".gz", "a.gz", "a.GZ", "a.tar", "A.TAR", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "a.tgz", "a.tbz"),
    *("a.tbz2", "a.txz", "a.zip", "a.whl", "a-1.0.tar.gz", "a.tar.zst", "a.tzst", "a.jar", "a.deb", "d/a.Zip"),
)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", b"b")
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"), io.BytesIO())
    return out.getvalue()


HEADS = (
    *MAGIC,
    *nesting._CLOSED,
    *(b"BZh91AY&SY", b"#!/usr/bin/env python\n" + zipped(), b"\x7fELF" + zipped(), zipped(), tarred()),
    zipped() + b"behind",
    b"\x28\xb5\x2f\xfd",
)


@given(st.sampled_from(NAMES), st.sampled_from((b"", *HEADS)), st.binary(max_size=40))
@settings(max_examples=60, deadline=None)
def test_what_may_not_be_packed_is_no_archive(name: str, head: bytes, rest: bytes) -> None:
    data = head + rest
    if not may_be_packed(name, data):
        assert not is_archive(name, data)
        assert not closed(name, data[:HEAD])


@pytest.mark.parametrize("head", HEADS, ids=repr)
@pytest.mark.parametrize("name", NAMES)
def test_each_kind_of_archive_is_told_by_its_look(name: str, head: bytes) -> None:
    if is_archive(name, head) or closed(name, head[:HEAD]):
        assert may_be_packed(name, head)


@pytest.mark.parametrize("comment", [0, 0xFFFF])
def test_a_zip_file_is_told_by_its_end_whatever_lies_before(comment: int) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a", b"b")
        archive.comment = b"c" * comment
    data = bytes(3 * TAIL) + made.getvalue()
    assert may_be_packed("a.bin", data)
    assert may_be_packed("a.bin", data[:HEAD] + data[-TAIL:])
    assert "a.bin!/a" in [piece.path for piece in Apart().file("a.bin", data)]
