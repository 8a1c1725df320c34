"""What is made to stop a search does not: it is bounded, the rest is searched, and what was not is said and counted."""

import dataclasses
import gzip
import io
import os
import socket
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from support.secret_search import found, policy, searched, token, world
from tidegate.adapters.files import LocalFiles
from tidegate.domain.secrets import pieces
from tidegate.errors import FormatError
from tidegate.model.evidence import Report
from tidegate.stages.searching import Search, search

SECOND = 1.0
"""For a megabyte, of this process's own time: the machine may be busy."""


def line(seed: int = 1) -> bytes:
    return f"api_token = {token(seed)}\n".encode()


def zipped(files: dict[str, bytes], level: int = 9) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tar_of(count: int, data: bytes = b"x\n", first: int = 0) -> bytes:
    """A tar archive of many small files, made by hand: tarfile takes its time."""
    body = data + bytes(-len(data) % 512)
    blocks = []
    for number in range(first, first + count):
        head = bytearray(512)
        name = b"f/%d.txt" % number
        head[: len(name)] = name
        head[100:108] = b"0000644\0"
        head[124:136] = b"%011o\0" % len(data)
        head[136:148] = b"%011o\0" % 0
        head[148:156] = b" " * 8
        head[156:157] = b"0"
        head[257:265] = b"ustar\x0000"
        head[148:156] = b"%06o\0 " % sum(head)
        blocks.append(bytes(head) + body)
    return b"".join(blocks) + bytes(1024)


def timed(root: Path, megabytes: float = 1.0) -> Report:
    searched(root, Search(paths=("warm.txt",)))
    start = time.process_time()
    report = searched(root)
    assert time.process_time() - start < SECOND * max(1.0, megabytes)
    return report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "warm.txt").write_bytes(b"password = hunter2\n" + line(99))
    (root / "z.txt").write_bytes(line(1))
    return root


def told(report: Report) -> dict[str, str]:
    return {finding.about: finding.rule for finding in report.findings if not finding.fingerprint}


def test_a_bomb_is_said_and_the_rest_is_searched(folder: Path) -> None:
    bomb = zipped({f"{number}.txt": bytes(24 << 20) for number in range(8)})
    (folder / "bomb.zip").write_bytes(bomb)
    (folder / "bomb.gz").write_bytes(gzip.compress(bytes(100 << 20)))
    (folder / "nested.zip").write_bytes(zipped({f"{n}.zip": zipped({"a": bytes(20 << 20)}) for n in range(8)}))
    report = timed(folder, 3)
    assert told(report) == dict.fromkeys(("bomb.gz", "bomb.zip", "nested.zip"), "file-unscanned")
    assert dict(report.facts)["skipped archive bomb"] == "3"
    assert found(report, token(1)) == ["z.txt"]


def test_a_token_before_the_end_of_a_bomb_is_seen_all_the_same(folder: Path) -> None:
    (folder / "bomb.zip").write_bytes(zipped({"a.txt": line(2), "b": bytes(90 << 20)}))
    report = searched(folder)
    assert found(report, token(2)) == ["bomb.zip!/a.txt"]
    assert told(report) == {"bomb.zip": "file-unscanned"}


def test_an_archive_of_ten_thousand_members_is_searched(folder: Path) -> None:
    (folder / "many.tar").write_bytes(tar_of(9_999)[:-1024] + tar_of(1, line(2), 9_999))
    report = timed(folder, 10)
    assert "many.tar!/f/9999.txt" in found(report, token(2))
    assert told(report) == {}


def test_a_small_archive_of_too_many_members_is_said(folder: Path) -> None:
    (folder / "many.tgz").write_bytes(gzip.compress(tar_of(40_000, b"")))
    assert told(timed(folder, 2)) == {"many.tgz": "file-unscanned"}


def test_archives_beyond_the_depth_are_said_and_counted(folder: Path) -> None:
    data = line(3)
    for level in range(4):
        data = zipped({f"{level}.zip" if level else "a.txt": data})
    (folder / "deep.zip").write_bytes(data)
    report = searched(folder)
    assert list(told(report).values()) == ["file-unscanned"]
    assert dict(report.facts)["skipped nested too deep"] == "1"


def test_damaged_locked_and_foreign_archives_are_said(folder: Path) -> None:
    locked = bytearray(zipped({"a": b"1"}))
    locked[6] |= 1
    locked[locked.index(b"PK\1\2") + 8] |= 1
    (folder / "locked.zip").write_bytes(bytes(locked))
    (folder / "cut.gz").write_bytes(gzip.compress(line(2) * 900)[:-30])
    (folder / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(100))
    report = searched(folder)
    assert told(report) == dict.fromkeys(("a.7z", "cut.gz", "locked.zip"), "nested-archive-unreadable")
    counted = {word: number for word, number in report.facts if word.startswith("skipped")}
    assert counted == {"skipped damaged archive": "2", "skipped no opener": "1"}


def test_links_in_a_loop_lead_nowhere(folder: Path) -> None:
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    (folder / "self").symlink_to(".")
    (folder / "up").symlink_to("..")
    report = timed(folder)
    assert set(told(report)) == {"a", "b", "self", "up"}
    assert set(told(report).values()) == {"link-unscanned"}
    assert found(report, token(1)) == ["z.txt"]


def test_pipes_sockets_and_devices_are_said_and_nobody_waits_for_them(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(folder)
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
    report = timed(folder)
    assert told(report) == {"pipe": "file-unscanned", "socket": "file-unscanned"}
    assert (report.coverage[0].examined, report.coverage[0].expected) == (2, 4)


def test_a_folder_of_many_files_is_searched(folder: Path) -> None:
    many = folder / "many"
    many.mkdir()
    for number in range(10_000):
        (many / str(number)).write_bytes(b"x\n")
    report = timed(folder, 2)
    assert report.coverage[0].examined == 10_002


class Failing(LocalFiles):
    """A disk with one bad file."""

    def open(self, path: str) -> BinaryIO:
        if path == "bad.txt":
            raise FormatError("`bad.txt` cannot be read: input/output error")
        return super().open(path)


def test_a_file_that_cannot_be_read_is_said_and_is_no_pass(folder: Path) -> None:
    (folder / "bad.txt").write_bytes(line(2))
    report = search(Search(), policy(), dataclasses.replace(world(folder), files=Failing(folder)))
    assert told(report) == {"bad.txt": "file-unscanned"}
    assert (report.coverage[0].examined, report.coverage[0].expected) == (2, 3)
    assert dict(report.facts)["skipped unreadable"] == "1"


def test_a_folder_that_is_nested_too_deep_is_said(folder: Path) -> None:
    here = Path.cwd()
    os.chdir(folder)
    try:
        for _ in range(140):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)
    assert list(told(searched(folder)).values()) == ["file-unscanned"]


LINES: dict[str, Callable[[], bytes]] = {
    "one word": lambda: b"a" * (1 << 20),
    "quotes": lambda: b"'" * (1 << 20),
    "names without values": lambda: b"password = " * 95_000,
    "tokens": lambda: line(5)[:-1] * 19_000,
    "heads of keys": lambda: b"-----BEGIN RSA PRIVATE KEY-----" * 33_000,
    "base64": lambda: b"QUtJ" * (1 << 18),
    "hexadecimal": lambda: b"6768705f" * (1 << 17),
    "percent": lambda: b"%67%68%70%5f" * 87_000,
    "addresses": lambda: b"https://a:b@c/" * 75_000,
    "NUL bytes": lambda: bytes(1 << 20),
    "wide text": lambda: ("token = " * 65_000).encode("utf-16"),
    "json web tokens": lambda: b"eyJhbGciOiJIUzI1NiJ9." * 50_000,
}


@pytest.mark.parametrize("kind", LINES)
def test_no_megabyte_takes_a_second(kind: str, folder: Path) -> None:
    (folder / "line.txt").write_bytes(LINES[kind]())
    timed(folder)


@pytest.mark.parametrize("kind", LINES)
def test_no_megabyte_of_short_lines_takes_a_second(kind: str, folder: Path) -> None:
    data = LINES[kind]()
    (folder / "lines.txt").write_bytes(b"\n".join(data[at : at + 60] for at in range(0, len(data), 60)))
    timed(folder)


def test_what_all_archives_unpack_to_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_NESTED", 1000)
    (folder / "a.zip").write_bytes(zipped({"b.zip": zipped({"c": bytes(5000)})}))
    assert told(searched(folder)) == {"a.zip": "file-unscanned"}
