"""Verification summaries: a verdict is PASSED or FAILED, of somebody, about something, at a time."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tidegate.errors import FormatError
from tidegate.formats import vsa
from tidegate.formats.vsa import Input, Summary

FULL = Summary(
    verifier_id="https://example.com/verifier",
    resource_uri="pkg:generic/a",
    policy_uri="file:tidegate.yaml",
    result=vsa.PASSED,
    policy_digests=(("sha256", "ab" * 32),),
    levels=("SLSA_BUILD_LEVEL_1",),
    time_verified=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    inputs=(Input("MANIFEST", (("sha256", "cd" * 32),)),),
    rows=(("signing", "pass"),),
)


def test_a_summary_is_read_as_it_was_written() -> None:
    assert vsa.parse(vsa.build(FULL)) == FULL
    assert vsa.build(FULL)["timeVerified"] == "2026-01-02T03:04:05Z"


def test_a_summary_of_another_tool_has_no_rows_and_may_have_no_time() -> None:
    plain = vsa.build(FULL)
    del plain["tidegate"], plain["timeVerified"], plain["inputAttestations"], plain["slsaVersion"]
    read = vsa.parse(plain | {"somethingNew": True})
    assert read.rows is None
    assert read.time_verified is None


@pytest.mark.parametrize(
    "change",
    [
        {"verifier": None},
        {"verifier": {"id": ""}},
        {"resourceUri": None},
        {"policy": None},
        {"policy": {}},
        {"policy": {"uri": "x", "digest": {"sha256": "no"}}},
        {"verificationResult": "passed"},
        {"verificationResult": None},
        {"verificationResult": True},
        {"verifiedLevels": None},
        {"verifiedLevels": "SLSA_BUILD_LEVEL_3"},
        {"verifiedLevels": [3]},
        {"verifiedLevels": ["x"] * 101},
        {"timeVerified": "yesterday"},
        {"timeVerified": "2026-01-02T03:04:05"},
        {"timeVerified": "0001-01-01T00:00:00+23:59"},
        {"timeVerified": 1767323045},
        {"inputAttestations": {}},
        {"inputAttestations": [{"uri": "a"}]},
        {"inputAttestations": [{"uri": "a", "digest": {"sha256": "ab" * 32}}] * 2},
        {"tidegate": []},
        {"tidegate": {"rows": [["signing", "pass"]]}},
        {"tidegate": {"rows": {"signing": 1}}},
    ],
)
def test_a_field_of_another_kind_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        vsa.parse(vsa.build(FULL) | change)
