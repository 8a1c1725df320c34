"""A database is replaced by a whole, newer and proven one, or stays as it was, whatever service and disk do."""

import json
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.advisories import NOW, RECORDS, StoppedClock, locked, many, write_zip, zipped
from support.loopback import Handler, Http
from support.osv_server import advisory
from tidegate.adapters.vulns import download, shelf, sources
from tidegate.adapters.vulns.keeping import Keeper, Kept
from tidegate.adapters.vulns.offline import OfflineDatabase
from tidegate.adapters.vulns.snapshot import opened
from tidegate.errors import StaleDatabase, UnavailableError, UserError
from tidegate.model.digest import Digest

DATA = Path(__file__).parent.parent / "data" / "osv"


class Export:
    """A loopback server of one file a path; `mode` says how it misbehaves."""

    def __init__(self, mode: str = "ok") -> None:
        self.mode = mode
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        owner = self

        class Answer(Handler):
            def do_GET(self) -> None:
                owner.asked.append((self.path, self.headers.get("If-None-Match", "")))
                owner.answer(self)

        self._http = Http(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/export"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def put(self, ecosystem: str, raw: bytes) -> None:
        self.files[f"/export/{ecosystem}/all.zip"] = raw

    def answer(self, to: Handler) -> None:
        raw = self.files.get(to.path)
        if raw is None or self.mode in ("404", "503", "302"):
            self._head(to, {"302": 302, "503": 503}.get(self.mode, 404), {"Content-Length": "0", "Location": self.url})
            return
        tag = f'"{Digest.of(raw).value[:8]}"'
        if to.headers.get("If-None-Match") == tag:
            self._head(to, 304, {"ETag": tag})
            return
        if self.mode == "503-once" and len(self.asked) == 1:
            self._head(to, 503, {"Content-Length": "0"})
            return
        kind = {"html": "text/html; charset=utf-8", "json": "application/json"}.get(self.mode, "application/zip")
        length = {"huge": 1 << 40, "longer": len(raw) + 10, "odd-length": "1e3"}.get(self.mode, len(raw))
        headers = {"Content-Type": kind, "Content-Length": str(length), "ETag": tag}
        if self.mode == "gzip":
            headers["Content-Encoding"] = "gzip"
        self._head(to, 200, headers)
        self._body(to, raw)

    def _body(self, to: Handler, raw: bytes) -> None:
        if self.mode == "slow":
            for byte in raw:
                to.wfile.write(bytes([byte]))
                to.wfile.flush()
                time.sleep(0.02)
        elif self.mode in ("truncated", "truncated-once") and (self.mode == "truncated" or len(self.asked) == 1):
            to.wfile.write(raw[: len(raw) // 2])
            to.wfile.flush()
            to.close_connection = True
            to.connection.close()
        else:
            to.wfile.write(raw)
            to.close_connection = self.mode == "longer"

    def _head(self, to: Handler, status: int, headers: dict[str, str]) -> None:
        to.send_response(status)
        for name, value in headers.items():
            to.send_header(name, value)
        to.end_headers()


@pytest.fixture
def export() -> Iterator[Export]:
    server = Export()
    yield server
    server.close()


def packed(tmp_path: Path, records: Any) -> bytes:
    return write_zip(tmp_path / "packed.zip", records).read_bytes()


def silent(_text: str) -> None:
    """Nobody listens."""


def keeper(folder: Path, say: Callable[[str], None] = silent) -> Keeper:
    return Keeper(folder, say)


def update(folder: Path, export: Export, limit: float = 10.0, **more: Any) -> Kept:
    return keeper(folder).update("PyPI", export.url, limit, more.pop("smaller", ""))


def digest(folder: Path) -> str:
    with opened(folder, "PyPI") as snapshot:
        return snapshot.digest()


def leftovers(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.name.startswith(".new-")]


@pytest.fixture
def stocked(tmp_path: Path, export: Export) -> Path:
    """A folder whose database was fetched once."""
    export.put("PyPI", packed(tmp_path, many(100)))
    update(tmp_path / "db", export)
    return tmp_path / "db"


def test_an_update_brings_a_database_with_its_index(tmp_path: Path, export: Export) -> None:
    raw = packed(tmp_path, RECORDS)
    export.put("PyPI", raw)
    said: list[str] = []
    kept = keeper(tmp_path / "db", said.append).update("PyPI", export.url, 10.0, "")
    assert (kept.fresh, kept.built.records, kept.built.source) == (True, 3, str(Digest.of(raw)))
    assert (tmp_path / "db" / "PyPI" / "all.zip").read_bytes() == raw
    answer = OfflineDatabase(tmp_path / "db", None, StoppedClock(NOW)).audit([locked("foo")])
    assert answer.facts[0].index == kept.built.digest
    assert [hit.id for _, hit in answer.hits] == ["CVE-2026-1"]
    assert any("MiB" in text for text in said)
    assert leftovers(tmp_path) == []


def test_what_is_here_already_is_not_fetched_again(stocked: Path, export: Export) -> None:
    assert update(stocked, export).fresh is False
    (stocked / "PyPI" / "all.zip").write_bytes(b"damaged")
    assert update(stocked, export).fresh is True
    assert [bool(tag) for _, tag in export.asked] == [False, True, False]
    assert keeper(stocked).state("PyPI").wrong == ""


def test_an_ecosystem_with_a_space_has_an_address(tmp_path: Path, export: Export) -> None:
    export.put("GitHub%20Actions", packed(tmp_path, many(3, "GitHub Actions")))
    assert keeper(tmp_path / "db").update("GitHub Actions", export.url, 10.0, "").built.records == 3
    assert keeper(tmp_path / "db").ecosystems() == ["GitHub Actions"]


@pytest.mark.parametrize("mode", ["503-once", "truncated-once"])
def test_a_passing_fault_is_tried_again(stocked: Path, export: Export, tmp_path: Path, mode: str) -> None:
    export.put("PyPI", packed(tmp_path, many(101)))
    export.mode = mode
    export.asked.clear()
    assert update(stocked, export).built.records == 101
    assert len(export.asked) == 2


BAD = {
    "404": "status 404",
    "503": "status 503",
    "302": "status 302",
    "html": "text/html",
    "json": "application/json",
    "gzip": "packed once more",
    "huge": "larger than the limit",
    "odd-length": "larger than the limit|unreadable|broke off",
    "longer": "broke off|no answer in time",
    "truncated": "broke off",
    "slow": "too slowly|took too long",
}


@pytest.mark.parametrize("mode", sorted(BAD))
def test_whatever_the_service_does_the_old_database_stays(
    stocked: Path, export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 2)
    before = digest(stocked)
    export.put("PyPI", packed(tmp_path, many(101)))
    export.mode = mode
    with pytest.raises(UnavailableError, match=BAD[mode]):
        update(stocked, export, limit=1.0)
    state = keeper(stocked).state("PyPI")
    assert (digest(stocked), state.index, state.records) == (before, "ready", 100)
    assert leftovers(stocked) == []


def damaged_zip(raw: bytes) -> bytes:
    """One byte of the first member's content is another."""
    place = 30 + len("X-0.json") + 20
    return raw[:place] + bytes([raw[place] ^ 255]) + raw[place + 1 :]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda tmp: b"<html>busy</html>", "not a zip file"),
        (lambda tmp: damaged_zip(packed(tmp, many(100))), "damaged"),
        (lambda tmp: packed(tmp, many(94)), "holds 94 advisories, the one before it held 100"),
        (lambda tmp: packed(tmp, []), "no advisory|damaged"),
        (lambda tmp: packed(tmp, many(200, "npm")), "no advisory|damaged"),
        (lambda tmp: packed(tmp, many(100, modified="2025-12-31T00:00:00Z")), "2025-12-31.*2026-01-02"),
        (lambda tmp: packed(tmp, {**zipped(many(100)), "x.json": b"{"}), r"x\.json"),
    ],
    ids=["html", "a-byte", "shrunk", "empty", "other-ecosystem", "older", "a-record"],
)
def test_a_database_worse_than_the_old_one_does_not_replace_it(
    stocked: Path, export: Export, tmp_path: Path, change: Callable[[Path], bytes], why: str
) -> None:
    before = digest(stocked)
    export.put("PyPI", change(tmp_path))
    with pytest.raises(StaleDatabase, match=why):
        update(stocked, export)
    state = keeper(stocked).state("PyPI")
    assert (digest(stocked), state.index, state.records) == (before, "ready", 100)
    assert leftovers(stocked) == []


def test_a_smaller_database_is_taken_for_a_reason_that_is_kept(stocked: Path, export: Export, tmp_path: Path) -> None:
    export.put("PyPI", packed(tmp_path, many(10)))
    assert update(stocked, export, smaller="withdrawn ones are left out now").built.records == 10
    state = keeper(stocked).state("PyPI")
    assert (state.records, state.smaller) == (10, "withdrawn ones are left out now")
    assert OfflineDatabase(stocked, None, StoppedClock(NOW)).audit([locked("name-1")]).hits


def test_a_database_nobody_indexed_is_compared_with_too(tmp_path: Path, export: Export) -> None:
    write_zip(tmp_path / "db" / "PyPI" / "all.zip", many(100))
    export.put("PyPI", packed(tmp_path, many(50)))
    with pytest.raises(StaleDatabase, match="held 100"):
        update(tmp_path / "db", export)


@pytest.mark.parametrize("moment", ["fetch", "make", "keep"])
def test_an_interruption_leaves_the_old_database(
    stocked: Path, export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    before = digest(stocked)
    export.put("PyPI", packed(tmp_path, many(101)))

    def interrupted(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        where = {"fetch": (download, "_part"), "make": (shelf, "build"), "keep": (shelf, "keep")}[moment]
        patch.setattr(*where, interrupted)
        with pytest.raises(KeyboardInterrupt):
            update(stocked, export)
    state = keeper(stocked).state("PyPI")
    assert (digest(stocked), state.index) == (before, "ready")
    assert leftovers(stocked) == []
    assert update(stocked, export).built.records == 101


@pytest.mark.parametrize("name", ["all.zip", "PyPI.json"])
def test_a_full_disk_at_any_file_leaves_something_that_answers(
    stocked: Path, export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    export.put("PyPI", packed(tmp_path, many(101)))
    real = shelf.keep

    def full(path: Path, target: Path) -> None:
        if target.name == name:
            raise OSError(28, "No space left on device")
        real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(shelf, "keep", full)
        with pytest.raises(StaleDatabase, match="No space left"):
            update(stocked, export)
    assert leftovers(stocked) == []
    answer = OfflineDatabase(stocked, None, StoppedClock(NOW)).audit([locked("name-1")])
    assert len(answer.hits) == 1
    assert update(stocked, export).built.records == 101
    assert len(list((stocked / ".tidegate-index").glob("*.sqlite"))) == 1


def test_what_a_killed_update_left_is_taken_away_after_a_day(stocked: Path, export: Export, tmp_path: Path) -> None:
    old, young = stocked / ".new-old", stocked / ".new-young"
    for left in (old, young):
        left.write_bytes(b"half")
    os.utime(old, (1, 1))
    export.put("PyPI", packed(tmp_path, many(101)))
    update(stocked, export)
    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.parametrize(
    "url", ["http://osv.example", "ftp://127.0.0.1/x", "https://a@b.example", "nonsense", "https://x.example/?a=b"]
)
def test_an_address_that_cannot_be_trusted_is_a_mistake_of_the_command(tmp_path: Path, url: str) -> None:
    with pytest.raises(UserError):
        keeper(tmp_path / "db").update("PyPI", url, 5.0, "")


@pytest.mark.parametrize("ecosystem", ["", "../x", "a/b", ".git", "x" * 99, "a\0b", "a\nb"])
def test_what_is_no_ecosystem_names_no_place(tmp_path: Path, export: Export, ecosystem: str) -> None:
    with pytest.raises(UserError):
        keeper(tmp_path / "db").update(ecosystem, export.url, 5.0, "")
    assert export.asked == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, export: Export) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StaleDatabase, match="cannot be written"):
        update(tmp_path / "file" / "db", export)


def _yaml(folder: Path) -> Path:
    deep = folder / "vulns" / "foo"
    deep.mkdir(parents=True)
    (deep / "PYSEC-1.yaml").write_text(
        "id: PYSEC-1\nmodified: 2026-01-02T03:04:05Z\naffected:\n- package: {name: foo, ecosystem: PyPI}\n"
        "  versions: ['1.0.0']\n"
    )
    (folder / "README.md").write_text("# not a record")
    (folder / ".git").mkdir()
    (folder / ".git" / "x.json").write_text("{")
    return folder


def _layout(folder: Path, form: str) -> Path:
    folder.mkdir()
    if form == "export":
        return write_zip(folder / "all.zip", RECORDS)
    if form == "mixed":
        return write_zip(folder / "all.zip", [*RECORDS, advisory("N-1", "npm", "foo")])
    if form == "folders":
        return write_zip(folder / "main.zip", {f"main/{name}": raw for name, raw in zipped(RECORDS).items()})
    if form == "array":
        (folder / "all.json").write_text(json.dumps(RECORDS))
        return folder / "all.json"
    if form == "yaml":
        return _yaml(folder)
    write_zip(folder / {"layout": "PyPI", "osv-scanner": "osv-scanner/PyPI"}[form] / "all.zip", RECORDS)
    return folder


@pytest.mark.parametrize("form", ["export", "mixed", "folders", "array", "yaml", "layout", "osv-scanner"])
def test_every_form_of_a_database_can_be_imported(tmp_path: Path, form: str) -> None:
    source = _layout(tmp_path / "given", form)
    kept = keeper(tmp_path / "db").take(source, "PyPI", "")
    assert (kept.built.records, kept.left_out) == (1 if form == "yaml" else 3, 1 if form == "mixed" else 0)
    answer = OfflineDatabase(tmp_path / "db", None, StoppedClock(NOW)).audit([locked("foo")])
    assert len(answer.hits) == 1
    assert answer.facts[0].index == kept.built.digest


def test_an_export_is_kept_byte_for_byte(tmp_path: Path) -> None:
    source = _layout(tmp_path / "given", "export")
    keeper(tmp_path / "db").take(source, "PyPI", "")
    assert (tmp_path / "db" / "PyPI" / "all.zip").read_bytes() == source.read_bytes()


def test_the_same_records_are_packed_as_the_same_bytes(tmp_path: Path) -> None:
    source = _layout(tmp_path / "given", "array")
    for name in ("a.zip", "b.zip"):
        sources.pack(source, "PyPI", tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_one_ecosystem_all_records_name_needs_no_name(tmp_path: Path) -> None:
    assert keeper(tmp_path / "db").take(_layout(tmp_path / "given", "array"), "", "").built.ecosystem == "PyPI"
    mixed = _layout(tmp_path / "mixed", "mixed")
    with pytest.raises(UserError, match="which ecosystem") as caught:
        keeper(tmp_path / "db").take(mixed, "", "")
    assert "--ecosystem" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "raw", "why"),
    [
        ("a.json", b"{", "a.json|JSON"),
        ("a.json", b'[{"id": "X"}]', "without a usable|timestamp|modified"),
        ("b.json", json.dumps([RECORDS[0], RECORDS[0]]).encode(), "two records are called `PYSEC-1`"),
        ("a.zip", b"PK\5\6", "zip"),
        ("empty.json", b"", "empty"),
    ],
)
def test_what_cannot_be_taken_is_named(tmp_path: Path, name: str, raw: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(StaleDatabase, match=why):
        keeper(tmp_path / "db").take(tmp_path / name, "PyPI", "")
    assert keeper(tmp_path / "db").ecosystems() == []


def test_a_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text(json.dumps(RECORDS[0]))
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "x.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(StaleDatabase, match="no plain file"):
        keeper(tmp_path / "db").take(tmp_path / "given", "PyPI", "")


@pytest.mark.parametrize(
    ("name", "ecosystem", "why"),
    [
        ("CVE-2018-5407", "Alpine", ""),
        ("nondistinct-CVE-2018-5407", "Alpine", ""),
        ("GHSA-9v2f-6vcg-3hgv", "PyPI", ""),
        ("GO-2024-2963", "Go", ""),
        ("PYSEC-2023-74", "PyPI", ""),
        ("GO-2024-2963", "PyPI", "no advisory"),
    ],
)
def test_records_made_to_be_odd_are_taken_or_named(tmp_path: Path, name: str, ecosystem: str, why: str) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "x.json").write_bytes((DATA / "odd" / f"{name}.json").read_bytes())
    if why:
        with pytest.raises(StaleDatabase, match=why):
            keeper(tmp_path / "db").take(tmp_path / "given", ecosystem, "")
    else:
        assert keeper(tmp_path / "db").take(tmp_path / "given", ecosystem, "").built.records == 1


@pytest.mark.parametrize("room", [0, 500, 8_000, 20_000])
def test_a_disk_without_room_leaves_the_old_database(stocked: Path, export: Export, tmp_path: Path, room: int) -> None:
    """The limit on a file's size stands for the disk: writes fail half way, in the download or in the index."""
    before = digest(stocked)
    export.put("PyPI", packed(tmp_path, many(101)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(StaleDatabase, match="cannot be written"):
            update(stocked, export)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    state = keeper(stocked).state("PyPI")
    assert (digest(stocked), state.index, state.records) == (before, "ready", 100)
    assert leftovers(stocked) == []


def test_the_state_of_a_database_is_told(tmp_path: Path) -> None:
    place = write_zip(tmp_path / "PyPI" / "all.zip", RECORDS)
    told = keeper(tmp_path)
    assert (told.state("PyPI").records, told.state("PyPI").index.partition(":")[0]) == (3, "missing")
    told.take(place, "PyPI", "")
    assert told.state("PyPI").index == "ready"
    next((tmp_path / ".tidegate-index").glob("*.sqlite")).write_bytes(b"x")
    assert told.state("PyPI").index.startswith("damaged")
    write_zip(place, RECORDS[:2])
    assert told.state("PyPI").index.startswith("of another database")
    place.write_bytes(b"PK")
    assert told.state("PyPI").wrong.startswith("damaged")
    place.unlink()
    assert "no advisory" in told.state("PyPI").wrong
    place.parent.rmdir()
    assert "holds no advisories" in told.state("PyPI").wrong
