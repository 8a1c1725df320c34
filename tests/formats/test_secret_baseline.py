"""A baseline accepts what it names and nothing else, and its bytes depend on its entries alone."""

import json
import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import secret_baseline
from tidegate.formats.secret_baseline import Baseline, BaselineFault, Entry, parse, render, salt_of, subject

SALT = "0f" * 16
ENTRY = Entry("a.py", "secret-in-tree", "github-token", "ab" * 16, "ann", "revoked long ago", date(2027, 2, 1))
ENTRIES = (
    ENTRY,
    replace(ENTRY, rule="secret-suspected", detector="generic-password"),
    replace(ENTRY, path="b#c.py", fingerprint="cd" * 16),
    replace(ENTRY, path="z.py", reason="ein Schlüssel, der nichts öffnet"),
)
PLAIN = json.loads(render(Baseline(SALT, (ENTRY,))))


def text(**entry: object) -> bytes:
    return json.dumps({**PLAIN, "entries": [{**PLAIN["entries"][0], **entry}]}).encode()


def faults(raw: bytes) -> list[tuple[int | None, str]]:
    with pytest.raises(BaselineFault) as caught:
        parse(raw)
    return list(caught.value.faults)


def test_what_is_written_is_read_back_and_written_again_byte_for_byte() -> None:
    mixed = list(ENTRIES)
    random.Random(3).shuffle(mixed)
    written = render(Baseline(SALT, tuple(mixed)))
    assert written == render(Baseline(SALT, ENTRIES))
    assert render(parse(written.encode())) == written
    assert parse(written.encode()).entries == ENTRIES
    assert written.isascii()
    assert written.endswith("}\n")
    assert salt_of(written) == SALT
    assert salt_of("") == ""


def test_line_ends_of_another_system_make_no_difference() -> None:
    written = render(Baseline(SALT, ENTRIES))
    assert parse(written.replace("\n", "\r\n").encode()) == parse(written.encode())


def test_an_entry_is_the_subject_of_its_finding_even_where_its_path_holds_the_separator() -> None:
    for entry in ENTRIES:
        assert subject(entry.about) == (entry.path, entry.detector, entry.fingerprint)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"path": ""}, "`path` is not 1 to 500"),
        ({"path": "a\nb"}, "not printable"),
        ({"path": "a\u202eb"}, "not printable"),
        ({"path": 7}, "`path` is no text"),
        ({"rule": "*"}, "`rule` is not 3 to 60"),
        ({"rule": "secret-*"}, "`rule` is no name"),
        ({"detector": "GitHub Token"}, "`detector` is no name"),
        ({"fingerprint": "AB" * 16}, "32 hexadecimal digits"),
        ({"fingerprint": "ab" * 20}, "32 hexadecimal digits"),
        ({"owner": " "}, "`owner` is not 1 to 200"),
        ({"reason": "short"}, "`reason` is not 10 to 2000"),
        ({"reason": " " * 40}, "`reason` is not 10 to 2000"),
        ({"expires": "never"}, "no date"),
        ({"expires": "2027-02-30"}, "no date"),
        ({"expires": "20270201"}, "no date"),
        ({"expires": None}, "`expires` is no text"),
        ({"line": 7}, "unknown key 'line'"),
        ({"value": "x"}, "unknown key 'value'"),
    ],
)
def test_an_entry_that_says_too_little_or_too_much_is_a_fault(entry: dict[str, object], told: str) -> None:
    (_, message), *_ = faults(text(**entry))
    assert told in message


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"[]", "a baseline is an object"),
        (b"{}", "`version` is missing"),
        (b'{"version": 2}', "`version` is 2, not 1"),
        (b'{"version": true, "salt": "", "entries": []}', "`version` is True"),
        (b'{"version": 1.0, "salt": "", "entries": []}', "`version` is 1.0"),
        (json.dumps({**PLAIN, "salt": "abc"}).encode(), "`salt` is not 32"),
        (json.dumps({**PLAIN, "entries": {}}).encode(), "`entries` are not a list"),
        (json.dumps({**PLAIN, "entries": [1]}).encode(), "entry 1 is no object"),
        (json.dumps({**PLAIN, "more": 1}).encode(), "unknown key 'more'"),
        (json.dumps({**PLAIN, "entries": PLAIN["entries"] * 10_001}).encode(), "more than 10000"),
        (json.dumps({**PLAIN, "entries": PLAIN["entries"] * 2}).encode(), "entry 2 accepts what entry 1 accepts"),
    ],
)
def test_a_document_of_another_shape_is_a_fault(raw: bytes, told: str) -> None:
    assert told in faults(raw)[0][1]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe{}",
        b"\x00\x01",
        b'{"version": 1, "version": 1}',
        b'{"version": 1',
        b"<<<<<<< ours\n{}",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"version": 1, "salt": NaN}',
        b'{"version": ' + b"9" * 5000 + b"}",
        b" " * (secret_baseline.MAX_BYTES + 1),
    ],
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        parse(raw)


def test_every_fault_is_told_with_the_line_its_entry_begins_in() -> None:
    first, second = (dict(PLAIN["entries"][0]) for _ in range(2))
    first["reason"] = 'a brace { in a text, \\" and a quote'
    second["owner"] = second["expires"] = ""
    raw = json.dumps({**PLAIN, "entries": [first, second]}, indent=2)
    line = [number for number, told in enumerate(raw.split("\n"), 1) if told == "    {"][1]
    assert [number for number, _ in faults(raw.encode())] == [line, line]
    assert parse(render(Baseline(SALT, ENTRIES)).encode()).entries[0].line == 5


def test_an_entry_about_to_be_written_is_held_to_what_a_reader_refuses() -> None:
    assert secret_baseline.fault_of(ENTRY) == ""
    assert "reason" in secret_baseline.fault_of(replace(ENTRY, reason="short"))
    assert "owner" in secret_baseline.fault_of(replace(ENTRY, owner="\x1b[0m"))


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=80)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=4) | st.just(1),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["version", "salt", "entries", "path"]), inner)
        ),
        max_leaves=10,
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        read = parse(raw)
    except FormatError:
        return
    assert render(read)
