"""What compiled programs and gems say of themselves: modules, crates, names; anything else is said or is nothing."""

import contextlib
import json
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats.inside.cargo_programs import CARGO
from tidegate.formats.inside.detector import Detector
from tidegate.formats.inside.gems import GEMS
from tidegate.formats.inside.go_programs import GO
from tidegate.model.package import Locked, SourceKind

ELF = b"\x7fELF\2\1\1" + bytes(57)
MODULES = (
    "path\tgithub.com/acme/app\n"
    "mod\tgithub.com/acme/app\t(devel)\t\n"
    "dep\tgolang.org/x/text\tv0.3.0\th1:x=\n"
    "dep\tgithub.com/old/one\tv1.0.0\n=>\tgithub.com/new/one\tv1.0.1\th1:y=\n"
    "dep\tgithub.com/local/one\tv1.0.0\n=>\t./local\t\n"
    "build\t-compiler=gc\n"
)


def varint(number: int) -> bytes:
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def go(version: str = "go1.21.3", modules: str = MODULES, flags: int = 2, at: int = 64) -> bytes:
    text = b"\x01" * 16 + modules.encode() + b"\x02" * 16 if modules else b""
    head = b"\xff Go buildinf:" + bytes([8, flags]) + bytes(16)
    return ELF[:at].ljust(at, b"\0") + head + varint(len(version)) + version.encode() + varint(len(text)) + text


def read(detector: Detector, raw: bytes, path: str = "usr/bin/app") -> list[Locked]:
    return list(detector.read(path, raw))


def test_a_go_program_names_its_toolchain_and_every_module() -> None:
    found = {package.name: package for package in read(GO, go())}
    assert found["stdlib"].version == "1.21.3"
    assert found["github.com/acme/app"].version == ""
    assert found["github.com/acme/app"].direct
    assert found["golang.org/x/text"].version == "v0.3.0"
    assert "github.com/old/one" not in found
    assert found["github.com/new/one"].version == "v1.0.1", "what replaces a module is what is in the program"
    assert found["./local"].source.kind is SourceKind.PATH


@pytest.mark.parametrize(
    ("toolchain", "version"),
    [
        ("go1.21", "1.21.0"),
        ("go1.22rc1", "1.22.0-rc.1"),
        ("go1.21.3 X:nocoverageredesign", "1.21.3"),
        ("go1.19.8-1", "1.19.8"),
        ("devel go1.23-abc", ""),
    ],
)
def test_the_standard_library_has_the_version_of_its_toolchain(toolchain: str, version: str) -> None:
    assert [(each.name, each.version) for each in read(GO, go(toolchain, ""))] == [("stdlib", version)]


def test_the_words_alone_are_no_header() -> None:
    words = ELF + b"\xff Go buildinf:is how it begins" + bytes(35)
    assert read(GO, words) == []
    assert {each.name for each in read(GO, words.ljust(144, b"\0") + go(at=0))} >= {"stdlib", "golang.org/x/text"}


def test_a_go_program_that_is_too_old_is_said() -> None:
    with pytest.raises(FormatError):
        read(GO, go(flags=0))


def elf(sections: dict[bytes, bytes]) -> bytes:
    titles, data, entries = b"\0", b"", [bytes(64)]
    for name, content in {**sections, b".shstrtab": b""}.items():
        at, where = len(titles), 64 + len(data)
        titles += name + b"\0"
        entries.append(struct.pack("<IIQQQQIIQQ", at, 1, 0, 0, where, len(content), 0, 0, 1, 0))
        data += content
    entries[-1] = struct.pack(
        "<IIQQQQIIQQ", titles.index(b".shstrtab"), 3, 0, 0, 64 + len(data), len(titles), 0, 0, 1, 0
    )
    table = 64 + len(data) + len(titles)
    head = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\2\1\1", 2, 62, 1, 0, 0, table, 0, 64, 0, 0, 64, len(entries), len(entries) - 1,
    )  # fmt: skip
    return head + data + titles + b"".join(entries)


def test_a_rust_program_names_its_crates_but_not_itself() -> None:
    plain = {
        "packages": [
            {"name": "app", "version": "0.1.0", "source": "local", "root": True},
            {"name": "smallvec", "version": "0.6.9", "source": "crates.io"},
            {"name": "cc", "version": "1.0.0", "source": "crates.io", "kind": "build"},
            {"name": "fork", "version": "2.0.0", "source": "git"},
        ]
    }
    raw = elf({b".text": b"code", b".dep-v0": zlib.compress(json.dumps(plain).encode())})
    found = {package.name: package for package in read(CARGO, raw)}
    assert found.keys() == {"smallvec", "cc", "fork"}
    assert found["smallvec"].ecosystem == "crates.io"
    assert found["cc"].groups == ("build",)
    assert found["fork"].source.kind is SourceKind.GIT


@pytest.mark.parametrize(
    "data", [b"no zlib", zlib.compress(b"no JSON"), zlib.compress(b"{}"), zlib.compress(b"[]")[:-3]]
)
def test_a_damaged_list_of_crates_is_said(data: bytes) -> None:
    with pytest.raises(FormatError):
        read(CARGO, elf({b".dep-v0": data}))


def test_a_gem_is_read_and_never_run() -> None:
    raw = b's.version = "2.0.1"\n  s.licenses = ["MIT".freeze]\n  s.name = "rack".freeze\nend\n'
    (found,) = read(GEMS, raw)
    assert (found.ecosystem, found.name, found.version, found.licence) == ("RubyGems", "rack", "2.0.1", "MIT")
    with pytest.raises(FormatError):
        read(GEMS, b"s.name = ENV['X']\n")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 400))
def test_any_bytes_are_packages_or_a_format_error(patch: bytes, at: int) -> None:
    whole = elf({b".dep-v0": zlib.compress(b'{"packages": []}')})
    for detector, base in ((GO, go()), (CARGO, whole), (GEMS, b's.name = "a"\ns.version = "1"\n')):
        raw = bytearray(base)
        raw[at : at + len(patch)] = patch
        with contextlib.suppress(FormatError):
            read(detector, bytes(raw))
