"""An index answers as its database would, is believed only when its bytes are known, and is made again otherwise."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.advisories import NOW, RECORDS, StoppedClock, locked, many, write_zip, zipped
from support.osv_server import advisory
from tidegate.adapters.vulns import rows, shelf
from tidegate.adapters.vulns.index import Index, build
from tidegate.adapters.vulns.offline import OfflineDatabase
from tidegate.adapters.vulns.shelf import Shelf
from tidegate.adapters.vulns.snapshot import opened
from tidegate.domain.matching.affected import evaluate
from tidegate.domain.matching.severity import grade
from tidegate.errors import StaleDatabase
from tidegate.formats.osv import parse
from tidegate.model.package import Locked
from tidegate.ports import Audit

DATA = Path(__file__).parent.parent / "data" / "osv"


def audit(folder: Path, cache: Path | None, *packages: Locked) -> Audit:
    return OfflineDatabase(folder, None, StoppedClock(NOW), cache).audit(packages or [locked("foo"), locked("baz")])


def told(answer: Audit) -> object:
    """What counts of an answer, whoever gave it."""
    return answer.hits, answer.unaudited, answer.unevaluable, answer.audited, [
        (each.name, each.records, each.newest, each.digest) for each in answer.facts
    ]  # fmt: skip


@pytest.fixture
def base(tmp_path: Path) -> Path:
    write_zip(tmp_path / "db" / "PyPI" / "all.zip", RECORDS)
    return tmp_path / "db"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def place(base: Path, cache: Path) -> Shelf:
    return shelf.cached(cache, base)


def index_of(base: Path, cache: Path) -> Path:
    (found,) = place(base, cache).folder.glob("*.sqlite")
    return found


def test_an_index_is_made_once_and_answers_as_the_database_does(base: Path, cache: Path) -> None:
    plain, first = audit(base, None), audit(base, cache)
    made = index_of(base, cache).stat()
    second = audit(base, cache)
    assert told(plain) == told(first) == told(second)
    assert index_of(base, cache).stat().st_mtime_ns == made.st_mtime_ns
    assert plain.facts[0].index == ""
    assert first.facts[0].index == second.facts[0].index != ""


def test_real_records_answer_alike_with_and_without_an_index(tmp_path: Path) -> None:
    asked = [
        locked(name, version, ecosystem)
        for ecosystem, name, version in [
            ("PyPI", "jinja2", "2.11.2"), ("PyPI", "urllib3", "1.26.16"), ("PyPI", "num2words", "0.5.16"),
            ("PyPI", "requests", "2.30.0"), ("PyPI", "aiohttp", "3.8.0"), ("PyPI", "protobuf", "3.10"),
            ("npm", "underscore", "1.12.0"), ("npm", "jquery", "3.7.1"), ("PyPI", "jinja2", "odd one"),
        ]
    ]  # fmt: skip
    for ecosystem in ("PyPI", "npm"):
        paths = sorted((DATA / ecosystem).glob("*.json"))
        write_zip(tmp_path / "db" / ecosystem / "all.zip", {path.name: path.read_bytes() for path in paths})
    for folder in (tmp_path / "db", DATA):
        plain = audit(folder, None, *asked)
        assert told(audit(folder, tmp_path / "cache", *asked)) == told(plain)
        answer = audit(folder, tmp_path / "cache", *asked)
        assert told(answer) == told(plain)
        assert all(each.index for each in answer.facts)
        assert answer.hits
        assert answer.unaudited
        assert answer.unevaluable


@pytest.mark.parametrize(
    "path", sorted([*DATA.glob("PyPI/*.json"), *DATA.glob("npm/*.json")]), ids=lambda path: path.stem
)
def test_a_row_decides_what_its_record_decides(path: Path) -> None:
    record = parse(path.read_bytes())
    ecosystem = path.parent.name
    for entry in record.affected:
        same = [rows.read(row) for _, row in rows.rows(record, ecosystem)]
        if record.withdrawn:
            assert same == []
            continue
        events = [text for each in entry.ranges for _, text in each.events]
        for version in (*entry.versions[:20], *events, "0", "1.0", "999"):
            answers = {evaluate(each, ecosystem, entry.name, version).state for each in same}
            assert evaluate(record, ecosystem, entry.name, version).state in answers
        assert grade([record], ecosystem, entry.name) in {grade([each], ecosystem, entry.name) for each in same}
        assert {(each.id, each.aliases, each.malicious, each.summary) for each in same} == {
            (record.id, record.aliases, record.malicious, record.summary)
        }


def test_the_same_database_gives_the_same_bytes(base: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        with opened(base, "PyPI") as snapshot:
            build(tmp_path / name, "PyPI", snapshot.members())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_another_database_is_another_index_and_the_old_one_goes(base: Path, cache: Path) -> None:
    audit(base, cache)
    before = index_of(base, cache).name
    write_zip(base / "PyPI" / "all.zip", [*RECORDS, advisory("PYSEC-4", "PyPI", "baz")])
    answer = audit(base, cache)
    assert {hit.id for _, hit in answer.hits} == {"CVE-2026-1", "PYSEC-4"}
    assert index_of(base, cache).name != before


def test_a_folder_whose_files_keep_size_and_time_is_seen_to_have_changed(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "db"
    (folder / "PyPI").mkdir(parents=True)
    for name, raw in zipped(RECORDS).items():
        (folder / "PyPI" / name).write_bytes(raw)
    assert [package.name for package, _ in audit(folder, cache, locked("bar", "4.0.0")).hits] == []
    path = folder / "PyPI" / "PYSEC-2.json"
    status = path.stat()
    path.write_bytes(path.read_bytes().replace(b'"5.0.0"', b'"3.0.0"'))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    assert [package.name for package, _ in audit(folder, cache, locked("bar", "4.0.0")).hits] == ["bar"]


def swap_name(raw: bytes) -> bytes:
    return raw.replace(b"foo", b"fox")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: b"",
        lambda raw: raw[:-1],
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw + b"\0",
        lambda raw: b"not a database",
        lambda raw: bytes(len(raw)),
        swap_name,
        lambda raw: raw[:200] + bytes([raw[200] ^ 1]) + raw[201:],
    ],
    ids=["empty", "cut", "half", "longer", "text", "zeros", "a-name", "a-bit"],
)
def test_a_damaged_index_is_made_again(base: Path, cache: Path, spoil: Any) -> None:
    expected = told(audit(base, cache))
    path = index_of(base, cache)
    good = path.read_bytes()
    path.write_bytes(spoil(good))
    assert told(audit(base, cache)) == expected
    assert index_of(base, cache).read_bytes() == good


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "sha256:" + "0" * 64},
        {"source": "sha256:" + "0" * 64},
        {"records": 7},
        {"newest": "2026-01-03T00:00:00Z"},
        {"ecosystem": "npm"},
        {"format": 0},
        {"surprise": 1},
        {"records": "3"},
        None,
    ],
)
def test_an_index_whose_papers_do_not_fit_is_made_again(base: Path, cache: Path, change: Any) -> None:
    expected = told(audit(base, cache))
    papers = place(base, cache).folder / "PyPI.json"
    good = papers.read_bytes()
    papers.write_text("{" if change is None else json.dumps({**json.loads(good), **change}))
    with place(base, cache).open("PyPI", json.loads(good)["source"]) as found:
        assert found is None
    if change != {"records": 7}:
        assert told(audit(base, cache)) == expected
        assert papers.read_bytes() == good


@pytest.mark.parametrize("what", ["link", "papers-link", "folder-link", "group", "folder-group", "fifo"])
def test_an_index_somebody_else_could_have_written_is_not_opened(base: Path, cache: Path, what: str) -> None:
    expected = audit(base, cache)
    folder = place(base, cache).folder
    path = index_of(base, cache)
    source = expected.facts[0].digest
    target = {"papers-link": folder / "PyPI.json", "folder-link": folder, "folder-group": folder}.get(what, path)
    if what.endswith("link"):
        target.rename(moved := folder.parent / "moved")
        target.symlink_to(moved)
    elif what == "fifo":
        path.unlink()
        os.mkfifo(path)
    else:
        target.chmod(target.stat().st_mode | 0o020)
    with place(base, cache).open("PyPI", source) as found:
        assert found is None
    assert told(audit(base, cache)) == told(expected)


def test_an_index_of_another_ecosystem_or_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    build(path, "PyPI", zipped(RECORDS).items())
    with pytest.raises(ValueError, match="another ecosystem"):
        Index(path, "npm", "")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=0")
    with pytest.raises(ValueError, match="version"):
        Index(path, "PyPI", "")


@pytest.mark.parametrize("name", ["\ud800", "\0", "foo\0", "'; DROP TABLE adv; --", "x" * 100_000, ""])
def test_no_name_in_a_lock_blinds_the_index(base: Path, cache: Path, name: str) -> None:
    for _ in range(2):
        answer = audit(base, cache, locked("foo"), locked(name))
        assert ([package.name for package, _ in answer.hits], answer.audited) == (["foo"], 2)


def test_an_index_is_never_written_to(base: Path, cache: Path) -> None:
    audit(base, cache)
    with closing(Index(index_of(base, cache), "PyPI", "")) as index, pytest.raises(sqlite3.Error, match="readonly"):
        index._base.execute("DELETE FROM adv")
    assert {path.suffix for path in place(base, cache).folder.iterdir()} == {".sqlite", ".json"}


def test_the_index_beside_the_database_is_used_without_any_cache(base: Path) -> None:
    with opened(base, "PyPI") as snapshot:
        beside = shelf.beside(base)
        beside.note(beside.make("PyPI", snapshot, None))
    answer = audit(base, None)
    assert answer.facts[0].index.startswith("sha256:")
    assert [hit.id for _, hit in answer.hits] == ["CVE-2026-1"]


def test_what_no_command_wrote_down_is_not_believed(base: Path) -> None:
    with opened(base, "PyPI") as snapshot:
        shelf.beside(base).make("PyPI", snapshot, None)
    assert audit(base, None).facts[0].index == ""


def test_a_cache_that_cannot_be_written_is_done_without(base: Path, tmp_path: Path) -> None:
    # Root may write everywhere but into folders that are none.
    cache = Path("/dev/null/cache") if os.geteuid() == 0 else tmp_path / "cache"
    if os.geteuid():
        cache.mkdir(mode=0o500)
    assert told(audit(base, cache)) == told(audit(base, None))


def test_a_cache_that_is_a_file_is_done_without(base: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    answer = audit(base, tmp_path / "cache")
    assert told(answer) == told(audit(base, None))
    assert answer.facts[0].index == ""


@pytest.mark.parametrize("cached", [False, True])
def test_a_database_that_shrank_is_not_asked(base: Path, cache: Path, cached: bool) -> None:
    write_zip(base / "PyPI" / "all.zip", many(100))
    if cached:
        audit(base, cache)
    else:
        with opened(base, "PyPI") as snapshot:
            beside = shelf.beside(base)
            beside.note(beside.make("PyPI", snapshot, None))
    for count, fine in ((96, True), (95, True), (94, False), (1, False)):
        write_zip(base / "PyPI" / "all.zip", many(count))
        if fine and cached:
            continue  # it would become what the next is compared with
        if fine:
            assert audit(base, None).audited == 2
            continue
        for _ in range(2):
            with pytest.raises(StaleDatabase, match=f"holds {count} advisories, the one before it held 100") as caught:
                audit(base, cache if cached else None)
            assert "--accept-smaller" in caught.value.hint


@pytest.mark.parametrize("cached", [False, True])
def test_a_damaged_record_spoils_the_answer_for_its_own_packages_only(base: Path, cache: Path, cached: bool) -> None:
    odd = json.dumps({**advisory("X-9", "PyPI", "zoo"), "aliases": 7}).encode()
    write_zip(base / "PyPI" / "all.zip", {**zipped(RECORDS), "X-9.json": odd})
    answer = audit(base, cache if cached else None)
    assert (len(answer.hits), answer.facts[0].records) == (1, 4)
    for _ in range(2):
        with pytest.raises(StaleDatabase, match=r"X-9\.json"):
            audit(base, cache if cached else None, locked("Zoo"))


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"\xff\xfe", json.dumps({"id": "X", "modified": "2026-01-02T03:04:05Z"}).encode(),
            json.dumps(advisory("X-1", "PyPI", "foo")).replace("foo", "f\\u006fo").replace('"aff', '"af').encode()]
)  # fmt: skip
@pytest.mark.parametrize("cached", [False, True])
def test_a_record_that_names_nobody_spoils_the_whole_database(
    base: Path, cache: Path, raw: bytes, cached: bool
) -> None:
    write_zip(base / "PyPI" / "all.zip", {**zipped(RECORDS), "X-9.json": raw})
    with pytest.raises(StaleDatabase, match=r"X-9\.json"):
        audit(base, cache if cached else None)


def test_records_kept_as_yaml_and_as_one_array_are_read_too(tmp_path: Path) -> None:
    yaml = tmp_path / "yaml" / "PyPI"
    yaml.mkdir(parents=True)
    (yaml / "PYSEC-1.yaml").write_text(
        "id: PYSEC-1\nmodified: 2026-01-02T03:04:05Z\naliases: [CVE-2026-1]\nsummary: A fault in foo\naffected:\n"
        "- package: {name: foo, ecosystem: PyPI}\n  ranges:\n  - type: ECOSYSTEM\n    events:\n"
        "    - introduced: '0'\n    - fixed: 2.0.0\n"
    )
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "PyPI.json").write_text(json.dumps(RECORDS))
    for folder in ("yaml", "list"):
        answer = audit(tmp_path / folder, None)
        assert [(package.name, hit.id) for package, hit in answer.hits] == [("foo", "CVE-2026-1")]
        assert told(audit(tmp_path / folder, tmp_path / "cache")) == told(answer)


@pytest.mark.parametrize("text", ["", "{}", "[", "[1]", '[{"id": "a"}]', "[[[" * 5000, "[]"])
def test_an_array_that_is_none_is_stale(tmp_path: Path, text: str) -> None:
    (tmp_path / "PyPI.json").write_text(text)
    with pytest.raises(StaleDatabase):
        audit(tmp_path, None)


MALWARE: dict[str, Any] = {"database_specific": {"malicious-packages-origins": [{}]}}
ANY_RECORD = st.builds(
    lambda number, name, fixed, more: advisory(f"X-{number}", "PyPI", name, fixed=fixed, **more),
    st.integers(0, 40),
    st.sampled_from(["foo", "Foo", "f.oo", "bar", "ბ", 'q"\\']),
    st.sampled_from(["", "1.0", "2.0.0", "odd one"]),
    st.sampled_from([{}, MALWARE, {"aliases": ["X-1", "CVE-1"]}, {"withdrawn": "2026-01-01T00:00:00Z"}]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ANY_RECORD, min_size=1, max_size=6, unique_by=lambda record: str(record["id"])))
def test_any_records_answer_alike_with_and_without_an_index(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("db")
    write_zip(folder / "db" / "PyPI" / "all.zip", records)
    asked = [locked(name, version) for name in ("foo", "f-oo", "bar", "ბ", 'q"\\') for version in ("1.5", "odd")]

    def answered(cache: Path | None) -> object:
        try:
            return told(audit(folder / "db", cache, *asked))
        except StaleDatabase as error:
            return error.message

    assert answered(folder / "cache") == answered(None) == answered(folder / "cache")
