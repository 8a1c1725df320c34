"""Strict JSON shows every reader the same document or refuses it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import strict_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab\u00e9", max_size=3), inner, max_size=3),
    max_leaves=12,
)


def read(raw: bytes) -> object:
    return strict_json.loads(raw, limit=200_000, what="the thing")


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_what_json_writes_is_read_back(value: object) -> None:
    assert read(json.dumps(value).encode()) == value


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_with_a_format_error(raw: bytes) -> None:
    try:
        value = read(raw)
    except FormatError:
        return
    assert json.loads(raw) == value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{} {}",
        b"[NaN]",
        b"[-Infinity]",
        b"[1e999]",
        b"9" * 6000,
        b"[" * 100_000,
        b"[" * 101 + b"]" * 101,
        b'{"a":' * 50_000,
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"\x00",
        b'["\xed\xa0\x80"]',
        b'"tab\tinside"',
    ],
)
def test_what_two_readers_could_see_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        read(raw)


def test_a_duplicate_key_is_refused_with_its_line() -> None:
    with pytest.raises(FormatError, match="twice") as caught:
        read(b'{"outer": {"x": 1,\n "y": 2,\n "x": 3}}')
    assert caught.value.line == 3


def test_the_same_key_in_two_objects_is_fine() -> None:
    assert read(b'[{"x": 1}, {"x": 2}]') == [{"x": 1}, {"x": 2}]


def test_the_limit_counts_bytes() -> None:
    assert strict_json.loads(b"[1]", limit=3, what="it") == [1]
    with pytest.raises(FormatError, match="larger"):
        strict_json.loads(b"[1] ", limit=3, what="it")


def test_depth_up_to_the_bound_is_read() -> None:
    raw = b"[" * strict_json.MAX_DEPTH + b"]" * strict_json.MAX_DEPTH
    assert read(raw) is not None


def test_escaped_pairs_are_whole_characters() -> None:
    assert read(b'"\\ud83d\\ude00"') == "\U0001f600"
