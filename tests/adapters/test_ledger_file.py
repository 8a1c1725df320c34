"""A ledger file is locked while it decides, grows by whole lines, and nothing that is no ledger is taken for one."""

import fcntl
import os
import resource
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tidegate.adapters import beside
from tidegate.adapters.ledger import LedgerFile, create
from tidegate.errors import UnavailableError, UserError
from tidegate.formats import ledger
from tidegate.formats.ledger import Entry

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
DEPLOY = Entry(
    "deploy", "", "api", "pkg:pypi/api", "api-1.0.whl", "1.0", "sha256:" + "ab" * 32, "", "cd" * 32, "ef" * 32
)
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tidegate.adapters.ledger import LedgerFile
from tidegate.formats.ledger import Entry
for number in range(30):
    entry = Entry("deploy", "", "api", "pkg:pypi/api", f"{sys.argv[2]}-{number}", "1.0", "sha256:" + "ab" * 32, "",
                  "cd" * 32, "ef" * 32)
    with LedgerFile(Path(sys.argv[1])) as file:
        file.append([entry], datetime.now(UTC))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "production.ledger"
    create(made, "production", NOW)
    return made


def test_a_new_ledger_is_begun_once(path: Path) -> None:
    before = path.read_bytes()
    assert ledger.parse(before).entries == (Entry("init", "2026-05-01T12:00:00Z", name="production"),)
    with pytest.raises(UserError, match="there already"):
        create(path, "production", NOW)
    (path.parent / "link").symlink_to(path.parent / "elsewhere")
    with pytest.raises(UserError):
        create(path.parent / "link", "production", NOW)
    with pytest.raises(UserError):
        create(path.parent / "no" / "folder", "production", NOW)
    assert path.read_bytes() == before


def test_lines_are_appended_with_the_time_they_are_written(path: Path) -> None:
    with LedgerFile(path) as file:
        first = file.append([DEPLOY], NOW)
        second = file.append([DEPLOY, DEPLOY], NOW)
    known = ledger.parse(path.read_bytes())
    assert [entry.time for entry in known.entries[1:]] == ["2026-05-01T12:00:00Z"] * 3
    assert known.heads[1] == first
    assert known.head == second


def test_two_processes_at_once_lose_no_line_and_break_no_chain(path: Path) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name], stderr=subprocess.PIPE)
        for name in ("left", "right")
    ]
    assert [process.communicate(timeout=60)[1] for process in running] == [b"", b""]
    known = ledger.parse(path.read_bytes())
    told = [entry.artifact for entry in known.entries[1:]]
    for name in ("left", "right"):
        assert [word for word in told if word.startswith(name)] == [f"{name}-{number}" for number in range(30)]


def test_a_ledger_held_by_another_is_waited_for_and_not_for_ever(path: Path) -> None:
    with open(path, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(UnavailableError, match="another process holds"), LedgerFile(path, wait=0.2):
            pass
    with LedgerFile(path, wait=0.2) as file:
        assert file.raw == path.read_bytes()


def test_a_ledger_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with LedgerFile(tmp_path / "none") as file:
        assert file.raw is None
        with pytest.raises(UnavailableError):
            file.append([DEPLOY], NOW)
    assert list(tmp_path.iterdir()) == []


def test_links_folders_and_pipes_are_no_ledgers(path: Path) -> None:
    link, pipe = path.with_name("link"), path.with_name("pipe")
    link.symlink_to(path)
    os.mkfifo(pipe)
    for odd in (link, pipe, path.parent):
        with pytest.raises(UserError), LedgerFile(odd, wait=0.2):
            pass


def test_a_ledger_edited_under_the_lock_is_not_continued(path: Path) -> None:
    with LedgerFile(path) as file:
        with open(path, "ab") as other:
            other.write(b"{}\n")
        with pytest.raises(UnavailableError, match="changed while"):
            file.append([DEPLOY], NOW)


def test_a_ledger_put_in_anothers_place_is_the_one_that_is_locked(path: Path) -> None:
    with LedgerFile(path) as file:
        other = path.with_name("other")
        create(other, "other", NOW)
        other.replace(path)
        file.append([DEPLOY], NOW)
    with LedgerFile(path) as file:
        assert file.raw == path.read_bytes()
        assert len(ledger.parse(file.raw).entries) == 1


def test_a_broken_ledger_is_read_and_never_continued(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])
    with LedgerFile(path) as file:
        assert file.raw == path.read_bytes()
        with pytest.raises(UnavailableError, match="cannot be continued"):
            file.append([DEPLOY], NOW)
    assert not path.read_bytes().endswith(b"\n")


def test_a_line_that_finds_no_room_leaves_nothing_behind(path: Path) -> None:
    before = path.read_bytes()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with LedgerFile(path) as file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, hard))
            try:
                with pytest.raises(UnavailableError, match="could not be written"):
                    file.append([DEPLOY], NOW)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    finally:
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before


def test_attestations_grow_by_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.attestations.jsonl"
    beside.add_line(path, '{"a":1}')
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    beside.add_line(path, '{"b":2}')
    assert path.read_text() == '{"a":1}\n{"b":2}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_what_holds_no_lines_or_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    path, link = tmp_path / "a.attestations.jsonl", tmp_path / "link.attestations.jsonl"
    path.write_text('{\n "a": 1\n}\n')
    link.symlink_to(tmp_path / "elsewhere")
    for odd in (path, link, tmp_path / "no" / "folder"):
        with pytest.raises(UserError):
            beside.add_line(odd, "{}")
    assert path.read_text() == '{\n "a": 1\n}\n'
    assert not (tmp_path / "elsewhere").exists()
