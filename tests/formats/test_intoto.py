"""In-toto statements: sha256 for every subject, one reading of every document."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import intoto
from tidegate.model.digest import Digest

HEX = "ab" * 32
GOOD: dict[str, Any] = {
    "_type": intoto.STATEMENT_V1,
    "subject": [{"name": "a.whl", "digest": {"sha256": HEX}}],
    "predicateType": "https://example.com/p",
    "predicate": {},
}


def test_the_same_content_gives_the_same_bytes() -> None:
    subject = [("a.whl", Digest("sha256", HEX))]
    one = intoto.build(subject, "https://example.com/p", {"b": 1, "a": "é"})
    assert one == intoto.build(subject, "https://example.com/p", {"a": "é", "b": 1})
    assert intoto.parse(one).subjects[0].digest == Digest("sha256", HEX)


def test_unknown_fields_are_ignored_as_the_framework_asks() -> None:
    assert intoto.parse(json.dumps(GOOD | {"extra": 1}).encode()).predicate_type == "https://example.com/p"


@pytest.mark.parametrize(
    "change",
    [
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"_type": None},
        {"subject": []},
        {"subject": None},
        {"subject": {"name": "a"}},
        {"subject": ["a"]},
        {"subject": [{"name": "a"}]},
        {"subject": [{"name": "a", "digest": {}}]},
        {"subject": [{"name": "a", "digest": {"sha1": "ab" * 20}}]},
        {"subject": [{"name": "a", "digest": {"sha512": HEX}}]},
        {"subject": [{"name": "a", "digest": {"sha256": HEX.upper()}}]},
        {"subject": [{"name": "a", "digest": {"sha256": HEX[:-1]}}]},
        {"subject": [{"name": "a", "digest": {"sha256": [HEX]}}]},
        {"subject": [{"name": "a", "digest": {"sha256": HEX, "sha1": HEX}}]},
        {"subject": [{"name": 1, "digest": {"sha256": HEX}}]},
        {"subject": [{"name": "a", "digest": {"sha256": HEX}}, {"name": "a", "digest": {"sha256": "cd" * 32}}]},
        {"subject": [{"name": "a", "digest": {"sha256": HEX}}] * 1025},
        {"predicateType": ""},
        {"predicateType": ["https://example.com/p"]},
        {"predicateType": "https://example.com/\u202ep"},
        {"predicate": []},
    ],
)
def test_a_statement_of_any_other_shape_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        intoto.parse(json.dumps(GOOD | change).encode())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        json.dumps([GOOD]).encode(),
        json.dumps(GOOD).encode()[:-1],
        json.dumps(GOOD).encode() + b"{}",
        json.dumps(GOOD).encode("utf-16"),
        b"\xef\xbb\xbf" + json.dumps(GOOD).encode(),
        json.dumps(GOOD)[:-1].encode() + b',"x":NaN}',
        json.dumps(GOOD)[:-1].encode() + b',"_type":"https://in-toto.io/Statement/v1"}',
        json.dumps(GOOD)[:-1].encode() + b',"subject":[{"name":"b","digest":{"sha256":"' + HEX.encode() + b'"}}]}',
        json.dumps(GOOD)[:-1].encode() + b',"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        json.dumps(GOOD)[:-1].encode() + b',"x":' + b"9" * 5000 + b"}",
        json.dumps(GOOD)[:-1].encode() + b',"x":"\\ud800"}',
        json.dumps(GOOD | {"pad": "x" * intoto.LIMIT}).encode(),
    ],
)
def test_bytes_that_could_be_read_in_two_ways_are_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        intoto.parse(raw)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_raise_anything_but_a_format_error(raw: bytes) -> None:
    with pytest.raises(FormatError):
        intoto.parse(raw)
