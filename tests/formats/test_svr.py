"""A verification result is read as it was written, and nothing else is."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import FormatError
from tidegate.formats import svr
from tidegate.formats.svr import Applied, Result

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
RESULT = Result(
    "https://example.com/v", NOW, ("A_PASSED", "SLSA_BUILD_LEVEL_2"), (Applied("file:p", (("sha256", "ab" * 32),)),)
)


def changed(**change: object) -> dict[str, object]:
    return svr.build(RESULT) | change


def test_a_result_is_read_as_it_was_written() -> None:
    assert svr.parse(svr.build(RESULT)) == RESULT
    assert svr.build(RESULT)["timeCreated"] == "2026-05-01T12:00:00Z"


def test_a_time_elsewhere_is_the_same_time() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    assert svr.parse(changed(timeCreated=there.isoformat())).time_created == NOW


def test_policies_are_optional_and_unknown_fields_are_ignored() -> None:
    assert svr.parse(changed(verifier={"id": "v", "later": 1}, more={})).policies == ()


@pytest.mark.parametrize(
    "change",
    [
        {"verifier": None},
        {"verifier": []},
        {"verifier": {}},
        {"verifier": {"id": 1}},
        {"verifier": {"id": "v\n"}},
        {"verifier": {"id": "v", "policies": {}}},
        {"verifier": {"id": "v", "policies": ["x"]}},
        {"verifier": {"id": "v", "policies": [{}]}},
        {"verifier": {"id": "v", "policies": [{"uri": "x", "digest": {"sha256": "short"}}]}},
        {"verifier": {"id": "v", "policies": [{"uri": "x"}] * 101}},
        {"properties": None},
        {"properties": "A_PASSED"},
        {"properties": [1]},
        {"properties": [""]},
        {"properties": ["x"] * 101},
        {"timeCreated": None},
        {"timeCreated": "yesterday"},
        {"timeCreated": "2026-05-01T12:00:00"},
        {"timeCreated": "0001-01-01T00:00:00+23:59"},
    ],
)
def test_a_result_of_another_shape_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        svr.parse(changed(**change))


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["verifier", "timeCreated", "properties", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
            max_leaves=8,
        ),
    )
)
def test_no_json_raises_anything_but_a_format_error(plain: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        svr.parse(plain)
