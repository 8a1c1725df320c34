"""The offline database: complete, young, plain and proven to answer, or StaleDatabase."""

import json
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.osv_server import advisory
from tidegate.adapters.vulns import offline, zipped
from tidegate.adapters.vulns.offline import OfflineDatabase
from tidegate.adapters.vulns.scan import draw
from tidegate.domain.matching.match import Index
from tidegate.errors import StaleDatabase
from tidegate.formats.osv import parse
from tidegate.model.digest import Digest
from tidegate.model.package import Locked, Source, SourceKind
from tidegate.ports import Audit

DATA = Path(__file__).parent.parent / "data" / "osv"
NOW = datetime(2026, 1, 3, tzinfo=UTC)
WEEK = timedelta(days=7)


@dataclass
class StoppedClock:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


def locked(
    name: str,
    version: str = "1.0.0",
    ecosystem: str = "PyPI",
    kind: SourceKind = SourceKind.REGISTRY,
    public: bool = True,
) -> Locked:
    return Locked(ecosystem, name, name, version, Source(kind, public=public))


RECORDS = [
    advisory("PYSEC-1", "PyPI", "foo", fixed="2.0.0"),
    advisory("PYSEC-2", "PyPI", "bar", introduced="5.0.0", modified="2026-01-02T12:00:00.123456789Z"),
    advisory("PYSEC-3", "PyPI", "foo", withdrawn="2026-01-02T00:00:00Z"),
]


def write_zip(path: Path, members: Mapping[str, bytes] | Sequence[Mapping[str, Any]], method: int = 8) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(members, Mapping):
        members = {f"{record['id']}.json": json.dumps(record).encode() for record in members}
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return path


def write_loose(folder: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for record in records:
        (folder / f"{record['id']}.json").write_text(json.dumps(record))
    return folder


def audit(folder: Path, *packages: Locked, max_age: timedelta | None = WEEK, now: datetime = NOW) -> Audit:
    return OfflineDatabase(folder, max_age, StoppedClock(now)).audit(packages or [locked("foo"), locked("baz")])


def test_a_whole_database_answers_for_every_package(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "PyPI" / "all.zip", RECORDS)
    answer = audit(tmp_path, locked("foo"), locked("bar"), locked("baz"))
    assert [(package.name, hit.id) for package, hit in answer.hits] == [("foo", "PYSEC-1")]
    assert (answer.audited, answer.unaudited, answer.unevaluable) == (3, (), ())
    (facts,) = answer.facts
    assert (facts.name, facts.records, facts.newest) == (str(path), 3, "2026-01-02T12:00:00.123456789Z")
    assert facts.digest == str(Digest.of(path.read_bytes()))


@pytest.mark.parametrize("layout", ["PyPI/all.zip", "osv-scanner/PyPI/all.zip", "PyPI.zip", "PyPI"])
@pytest.mark.parametrize("method", [0, 8])
def test_every_layout_gives_the_same_answer(tmp_path: Path, layout: str, method: int) -> None:
    if layout == "PyPI":
        write_loose(tmp_path / layout, RECORDS)
    else:
        write_zip(tmp_path / layout, RECORDS, method)
    answer = audit(tmp_path)
    assert [(package.name, hit.id) for package, hit in answer.hits] == [("foo", "PYSEC-1")]
    assert answer.audited == 2
    assert answer.facts[0].digest.startswith("sha256:")


def test_real_records_in_both_layouts(tmp_path: Path) -> None:
    for ecosystem in ("PyPI", "npm"):
        paths = sorted((DATA / ecosystem).glob("*.json"))
        write_zip(tmp_path / ecosystem / "all.zip", {path.name: path.read_bytes() for path in paths})
    asked = [locked("jinja2", "2.11.2"), locked("underscore", "1.12.0", "npm"), locked("num2words", "0.5.16")]
    for folder in (tmp_path, DATA):
        hits = {(package.name, hit.malicious) for package, hit in audit(folder, *asked, max_age=None).hits}
        assert hits == {("jinja2", False), ("underscore", False), ("num2words", True)}


def test_the_demonstration_knows_good_from_bad() -> None:
    folder = Path(str(files("tidegate"))) / "cli" / "demo" / "advisories"
    bad = [locked("jinja2", "2.11.2"), locked("urllib3", "1.26.16"), locked("requests", "2.30.0")]
    good = [
        locked("jinja2", "3.1.4"),
        locked("urllib3", "2.2.2"),
        locked("requests", "2.32.3"),
        locked("flask", "3.0.3"),
    ]
    answer = audit(folder, *bad, *good, max_age=None)
    assert {package for package, _ in answer.hits} == set(bad)
    assert answer.audited == 7
    with pytest.raises(StaleDatabase):
        audit(folder, *good)


def test_only_ecosystems_of_the_packages_are_needed(tmp_path: Path) -> None:
    write_zip(tmp_path / "PyPI" / "all.zip", RECORDS)
    git = locked("gitty", ecosystem="npm", kind=SourceKind.GIT)
    answer = audit(tmp_path, locked("foo"), git)
    assert (answer.audited, [each.package for each in answer.unaudited]) == (1, [git])
    with pytest.raises(StaleDatabase, match="npm"):
        audit(tmp_path, locked("foo"), locked("left-pad", ecosystem="npm"))


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        (locked("foo", kind=SourceKind.GIT), "git"),
        (locked("foo", kind=SourceKind.URL), "address"),
        (locked("foo", kind=SourceKind.PATH), "file"),
        (locked("foo", kind=SourceKind.UNKNOWN), "does not say"),
        (locked("foo", ""), "no version"),
        (locked("foo", "one point nine"), "no PyPI version"),
    ],
)
def test_what_cannot_be_compared_comes_back_unaudited(tmp_path: Path, package: Locked, reason: str) -> None:
    write_zip(tmp_path / "PyPI" / "all.zip", RECORDS)
    answer = audit(tmp_path, locked("bar"), package)
    (each,) = answer.unaudited
    assert each.package is package
    assert reason in each.reason
    assert answer.audited == 1


def test_private_packages_are_matched_since_no_name_leaves_the_machine(tmp_path: Path) -> None:
    write_zip(tmp_path / "PyPI" / "all.zip", RECORDS)
    assert len(audit(tmp_path, locked("foo", public=False)).hits) == 1


def test_the_same_package_twice_is_counted_twice(tmp_path: Path) -> None:
    write_zip(tmp_path / "PyPI" / "all.zip", RECORDS)
    answer = audit(tmp_path, locked("foo"), locked("foo"), locked("foo", "odd one"), locked("foo", "odd one"))
    assert (answer.audited, len(answer.unaudited), len(answer.hits)) == (2, 2, 2)


def test_age_is_that_of_the_newest_advisory_not_of_the_file(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "PyPI" / "all.zip", RECORDS)
    later = datetime(2026, 1, 9, 13, tzinfo=UTC)
    os.utime(path, (later.timestamp(), later.timestamp()))
    assert audit(tmp_path, now=datetime(2026, 1, 9, 11, tzinfo=UTC)).audited == 2
    with pytest.raises(StaleDatabase, match="7 days old"):
        audit(tmp_path, now=later)
    assert audit(tmp_path, now=later, max_age=None).audited == 2


def test_a_database_from_the_future_is_stale(tmp_path: Path) -> None:
    write_zip(
        tmp_path / "PyPI" / "all.zip", [*RECORDS, advisory("X-9", "PyPI", "zoo", modified="2027-01-01T00:00:00Z")]
    )
    with pytest.raises(StaleDatabase, match="future"):
        audit(tmp_path)


@pytest.mark.parametrize("stamp", ["2026-02-31T00:00:00Z", "9999", "zzzz"])
def test_a_date_that_is_none_does_not_make_a_database_young(tmp_path: Path, stamp: str) -> None:
    odd = json.dumps({**RECORDS[1], "id": "X-9", "modified": stamp}).encode()
    good = {f"{record['id']}.json": json.dumps(record).encode() for record in RECORDS}
    write_zip(tmp_path / "PyPI" / "all.zip", {**good, "X-9.json": odd})
    with pytest.raises(StaleDatabase):
        audit(tmp_path)


def test_a_date_in_the_text_of_an_advisory_is_not_its_date(tmp_path: Path) -> None:
    old = advisory("X-1", "PyPI", "foo", modified="2020-01-01T00:00:00Z")
    old["database_specific"] = {"modified": "2026-01-02T00:00:00Z"}
    old["details"] = '"modified": "2026-01-02T00:00:00Z"'
    write_zip(tmp_path / "PyPI" / "all.zip", [old])
    with pytest.raises(StaleDatabase, match="days old"):
        audit(tmp_path)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"a.json": b""},
        {"a.json": b"{"},
        {"a.json": b"not json"},
        {"a.json": b"[" * 50_000},
        {"a.json": json.dumps({**RECORDS[0], "schema_version": "2.0.0"}).encode()},
        {"a.json": json.dumps({**RECORDS[0], "affected": []}).encode()},
        {"a.json": json.dumps({**RECORDS[0], "modified": None}).encode()},
        {"a.json": json.dumps(advisory("X-1", "npm", "foo")).encode()},
        {"a.json": json.dumps(RECORDS[2]).encode()},
        {"README.md": b"# nothing"},
        {"a.json": json.dumps({"id": "X-1", "modified": "2026-01-02T03:04:05Z"}).encode()},
    ],
    ids=[
        "no-member", "empty-member", "cut", "text", "deep", "schema-2", "no-affected", "no-date", "other-ecosystem",
        "only-withdrawn", "no-record", "nothing-named",
    ],
)  # fmt: skip
@pytest.mark.parametrize("loose", [False, True])
def test_a_database_that_cannot_speak_for_itself_is_stale(
    tmp_path: Path, members: dict[str, bytes], loose: bool
) -> None:
    if loose:
        (tmp_path / "PyPI").mkdir()
        for name, raw in members.items():
            (tmp_path / "PyPI" / name).write_bytes(raw)
    else:
        write_zip(tmp_path / "PyPI" / "all.zip", members)
    with pytest.raises(StaleDatabase) as caught:
        audit(tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_without_a_folder_nothing_is_audited(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StaleDatabase):
        audit(tmp_path / folder)


@pytest.mark.parametrize("ecosystem", ["../PyPI", "", ".", "Py\0PI", ".git"])
def test_an_ecosystem_cannot_name_a_place_outside(tmp_path: Path, ecosystem: str) -> None:
    write_zip(tmp_path / "PyPI" / "all.zip", RECORDS)
    with pytest.raises(StaleDatabase):
        audit(tmp_path / "PyPI", locked("foo", ecosystem=ecosystem))


@pytest.mark.parametrize("what", ["archive", "ecosystem", "record", "device", "folder"])
def test_no_link_and_nothing_special_is_opened(tmp_path: Path, what: str) -> None:
    real, base = tmp_path / "real", tmp_path / "db"
    archive = write_zip(real / "PyPI" / "all.zip", RECORDS)
    (base / "PyPI").mkdir(parents=True)
    if what == "archive":
        (base / "PyPI" / "all.zip").symlink_to(archive)
    elif what == "ecosystem":
        (base / "PyPI").rmdir()
        (base / "PyPI").symlink_to(real / "PyPI")
    elif what == "device":
        os.mkfifo(base / "PyPI" / "all.zip")
    elif what == "folder":
        write_loose(base / "PyPI" / "more.json", RECORDS)
    else:
        write_loose(base / "PyPI", RECORDS)
        (base / "PyPI" / "X.json").symlink_to(real / "PyPI" / "all.zip")
    with pytest.raises(StaleDatabase):
        audit(base)


def test_a_name_written_with_escapes_is_still_found(tmp_path: Path) -> None:
    hidden = json.dumps(RECORDS[0]).replace('"foo"', '"f\\u006fo"').encode()
    keys = json.dumps({**RECORDS[0], "id": "PYSEC-9"}).replace('"name"', '"n\\u0061me"').encode()
    slash = json.dumps(advisory("PYSEC-8", "PyPI", "scope/foo")).replace("/", "\\/").encode()
    first = json.dumps(RECORDS[1]).encode()
    write_zip(tmp_path / "PyPI" / "all.zip", {"0.json": first, "1.json": hidden, "2.json": keys, "3.json": slash})
    answer = audit(tmp_path, locked("foo"), locked("scope/foo"))
    assert {hit.id for _, hit in answer.hits} == {"PYSEC-1", "PYSEC-9", "PYSEC-8"}


@pytest.mark.parametrize("name", ["დ", 'q"\\', "tab\t", "😀"])
def test_a_name_that_has_to_be_written_with_escapes_is_still_found(tmp_path: Path, name: str) -> None:
    write_zip(tmp_path / "PyPI" / "all.zip", [RECORDS[1], advisory("PYSEC-9", "PyPI", name)])
    assert len(audit(tmp_path, locked(name)).hits) == 1


def test_a_name_written_otherwise_is_still_found(tmp_path: Path) -> None:
    write_zip(tmp_path / "PyPI" / "all.zip", [RECORDS[1], advisory("PYSEC-1", "PyPI", "Foo_Bar")])
    assert len(audit(tmp_path, locked("foo-bar")).hits) == 1


def test_a_damaged_record_of_another_package_spoils_no_answer_it_cannot_change(tmp_path: Path) -> None:
    odd = json.dumps({**advisory("X-9", "PyPI", "zoo"), "aliases": 7}).encode()
    good = {f"{record['id']}.json": json.dumps(record).encode() for record in RECORDS}
    write_zip(tmp_path / "PyPI" / "all.zip", {**good, "X-9.json": odd})
    assert len(audit(tmp_path).hits) == 1
    with pytest.raises(StaleDatabase, match=r"X-9\.json"):
        audit(tmp_path, locked("zoo"))


def test_a_canary_that_is_not_caught_blinds_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_zip(tmp_path / "PyPI" / "all.zip", RECORDS)

    class Forgetful:
        @staticmethod
        def of(records: object) -> Index:
            return Index()

    monkeypatch.setattr(offline, "Index", Forgetful)
    with pytest.raises(StaleDatabase, match="did not report"):
        audit(tmp_path)


@pytest.mark.parametrize(
    "record", [RECORDS[0], RECORDS[1], advisory("X-1", "PyPI", "foo", introduced="1.0", fixed="1.1")]
)
def test_a_canary_is_a_version_its_record_affects(record: dict[str, Any]) -> None:
    bird = draw(parse(record), "PyPI")
    assert bird is not None
    assert bird.name == record["affected"][0]["package"]["name"]


def _good(tmp_path: Path) -> bytes:
    return write_zip(tmp_path / "good.zip", RECORDS).read_bytes()


@pytest.mark.parametrize("cut", [0, 1, 10, 100, -1, -10, -100])
def test_a_zip_cut_short_is_damaged(tmp_path: Path, cut: int) -> None:
    raw = _good(tmp_path)
    with pytest.raises(ValueError):
        list(zipped.members(raw[:cut]))


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 2000), value=st.integers(0, 255))
def test_a_changed_byte_is_seen_or_changes_nothing_that_is_read(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int
) -> None:
    folder = tmp_path_factory.mktemp("zip")
    raw = bytearray(_good(folder))
    expected = [content for _, content in zipped.members(bytes(raw))]
    raw[position % len(raw)] = value
    try:
        found = list(zipped.members(bytes(raw)))
    except ValueError:
        return
    assert [content for _, content in found] == expected


def test_a_zip_may_not_grow_beyond_its_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = write_zip(tmp_path / "a.zip", {"a.json": b" " * (4 << 20)}).read_bytes()
    with pytest.raises(ValueError, match="beyond"):
        list(zipped.members(bomb))
    many = write_zip(tmp_path / "b.zip", {f"{n}.json": b"{}" for n in range(20)}).read_bytes()
    monkeypatch.setattr(zipped, "MAX_MEMBERS", 10)
    with pytest.raises(ValueError, match="members"):
        list(zipped.members(many))
    monkeypatch.setattr(zipped, "MAX_MEMBERS", 100)
    monkeypatch.setattr(zipped, "MAX_INFLATED", 30)
    with pytest.raises(ValueError, match="beyond"):
        list(zipped.members(many))


def test_a_member_that_lies_about_its_size_is_seen() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflate.compress(b"x" * 1000) + deflate.flush()
    for size in (10, 999, 1001):
        crc = zlib.crc32(b"x" * min(size, 1000))
        local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), size, 1, 0) + b"a"
        central = struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(packed), size, 1, 0, 0, 0, 0, 0, 0
        )  # fmt: skip
        central += b"a"
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local) + len(packed), 0)
        with pytest.raises(ValueError):
            list(zipped.members(local + packed + central + end))


def test_a_zip_of_more_than_65535_members_is_read_whole(tmp_path: Path) -> None:
    raw = write_zip(tmp_path / "a.zip", {f"{n}": b"" for n in range(66_000)}, 0).read_bytes()
    assert sum(1 for _ in zipped.members(raw)) == 66_000


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    raw = bytearray(_good(tmp_path))
    place = raw.find(b"PK\1\2")
    raw[place + 8] |= 1
    with pytest.raises(ValueError, match="encrypted"):
        list(zipped.members(bytes(raw)))
