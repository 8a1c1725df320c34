"""DSSE envelopes: one signature, one payload type, one spelling."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import dsse
from tidegate.formats.dsse import PAYLOAD_TYPE, Envelope

GOOD = {"payload": "e30=", "payloadType": PAYLOAD_TYPE, "signatures": [{"sig": "AAE="}]}


def test_the_encoding_is_the_one_of_the_specification() -> None:
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_count_bytes_so_that_two_payloads_never_sign_alike() -> None:
    assert dsse.pae("é", b"a b") == b"DSSEv1 2 \xc3\xa9 3 a b"
    assert dsse.pae("a", b"b c") != dsse.pae("a 3 b", b"c")


def test_an_envelope_is_read_as_it_was_written() -> None:
    envelope = Envelope(PAYLOAD_TYPE, b'{"a":1}', b"\x00\xff", "k")
    assert dsse.parse(dsse.plain(envelope)) == envelope
    assert dsse.parse(GOOD).payload == b"{}"


@pytest.mark.parametrize(
    "change",
    [
        {"payloadType": "text/plain"},
        {"payloadType": PAYLOAD_TYPE + ";v=2"},
        {"payloadType": PAYLOAD_TYPE.upper()},
        {"payloadType": None},
        {"signatures": []},
        {"signatures": [{"sig": "AAE="}, {"sig": "AAE="}]},
        {"signatures": {"sig": "AAE="}},
        {"signatures": [{"sig": ""}]},
        {"signatures": [{"sig": "AAE=", "keyid": 1}]},
        {"signatures": [{"sig": "AAE=", "cert": "x"}]},
        {"payload": ""},
        {"payload": "e30"},
        {"payload": "e31="},
        {"payload": "e30=\n"},
        {"payload": "-_8="},
        {"payload": 1},
        {"payload_type": PAYLOAD_TYPE},
    ],
)
def test_any_other_shape_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        dsse.parse(GOOD | change)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_no_json_value_raises_anything_but_a_format_error(plain: object) -> None:
    for value in (plain, {"payload": plain, "payloadType": PAYLOAD_TYPE, "signatures": [plain]}):
        with pytest.raises(FormatError):
            dsse.parse(value)
