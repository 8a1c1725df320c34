"""A ledger's chain holds or is refused, line by line."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import ledger
from tidegate.formats.ledger import Entry
from tidegate.model.digest import Digest

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
DEPLOY = Entry(
    kind="deploy",
    time="2026-05-01T12:00:00Z",
    release="api",
    subject="pkg:pypi/api",
    artifact="api-1.0.whl",
    version="1.0",
    digest="sha256:" + "ab" * 32,
    built="2026-04-30T12:00:00Z",
    run="cd" * 32,
    verdict="ef" * 32,
)
ROLLBACK = replace(DEPLOY, kind="rollback", reason="2.0 loses data", owner="team-api")


def kept(*entries: Entry) -> bytes:
    raw = ledger.begin("production", NOW)
    for entry in entries:
        raw += ledger.extend(raw, [entry])
    return raw


def test_a_ledger_is_read_as_it_was_written() -> None:
    known = ledger.parse(kept(DEPLOY, ROLLBACK))
    assert [entry.kind for entry in known.entries] == ["init", "deploy", "rollback"]
    assert known.entries[1:] == (DEPLOY, ROLLBACK)
    assert known.entries[0].name == "production"
    assert known.head == known.heads[-1] == Digest.of(kept(DEPLOY, ROLLBACK).split(b"\n")[-2]).value


def test_entries_written_together_or_apart_make_one_chain() -> None:
    raw = ledger.begin("production", NOW)
    assert raw + ledger.extend(raw, [DEPLOY, ROLLBACK]) == kept(DEPLOY, ROLLBACK)


def test_two_ledgers_begun_apart_have_different_chains() -> None:
    assert ledger.parse(kept()).head != ledger.parse(ledger.begin("staging", NOW)).head


@pytest.mark.parametrize("number", range(3))
def test_a_change_to_any_line_is_found(number: int) -> None:
    lines = kept(DEPLOY, ROLLBACK, DEPLOY).split(b"\n")
    lines[number] = lines[number].replace(b"2026-05-01", b"2026-05-02")
    with pytest.raises(FormatError, match=f"line {number + 2} does not continue"):
        ledger.parse(b"\n".join(lines))


@pytest.mark.parametrize("number", range(3))
def test_a_line_taken_out_or_moved_is_found(number: int) -> None:
    lines = kept(DEPLOY, ROLLBACK, DEPLOY).split(b"\n")
    gone = lines[:number] + lines[number + 1 :]
    swapped = [*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]]
    for changed in (gone, swapped, lines[: number + 1] + lines[number:]):
        with pytest.raises(FormatError):
            ledger.parse(b"\n".join(changed))


def test_every_cut_inside_a_line_is_found() -> None:
    raw = kept(DEPLOY)
    ends = {at + 1 for at, byte in enumerate(raw) if byte == 10}
    for cut in range(len(raw)):
        if cut not in ends:
            with pytest.raises(FormatError):
                ledger.parse(raw[:cut])


@pytest.mark.parametrize(
    "bad",
    [
        replace(DEPLOY, kind="maybe"),
        replace(DEPLOY, kind="init"),
        replace(DEPLOY, digest="ab" * 32),
        replace(DEPLOY, digest="sha512:" + "ab" * 64),
        replace(DEPLOY, run=""),
        replace(DEPLOY, verdict="AB" * 32),
        replace(DEPLOY, release=""),
        replace(DEPLOY, artifact=""),
        replace(DEPLOY, version="1\n2"),
        replace(DEPLOY, version="x" * 2001),
        replace(DEPLOY, time=""),
        replace(DEPLOY, time="2026-05-01"),
        replace(DEPLOY, built="0001-01-01T00:00:00+23:00"),
        replace(DEPLOY, reason="x", owner="y"),
        replace(ROLLBACK, reason=""),
        replace(ROLLBACK, owner=""),
    ],
)
def test_an_entry_that_says_too_little_or_too_much_is_not_written(bad: Entry) -> None:
    with pytest.raises(FormatError):
        kept(bad)


def test_the_same_words_spelt_otherwise_are_not_the_ledgers() -> None:
    first = json.loads(ledger.begin("production", NOW))
    for raw in (
        json.dumps(first).encode(),
        json.dumps(first | {"more": 1}, separators=(",", ":"), sort_keys=True).encode(),
        ledger.begin("production", NOW)[:-2] + b',"previous":""}',
        b"\xef\xbb\xbf" + ledger.begin("production", NOW)[:-1],
        ledger.begin("production", NOW)[:-1] + b"\r",
        b"[" * 5000,
        b"\xff",
        b"",
        b"x" * (ledger.MAX_LINE + 1),
    ):
        with pytest.raises(FormatError):
            ledger.parse(raw + b"\n")


def test_a_broken_ledger_is_not_continued() -> None:
    for raw in (b"", b"\n", kept(DEPLOY)[:-1], kept(DEPLOY)[10:]):
        with pytest.raises(FormatError):
            ledger.extend(raw, [DEPLOY])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_format_error(raw: bytes) -> None:
    with pytest.raises(FormatError):
        ledger.parse(raw)
