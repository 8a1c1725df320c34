"""An approval is read as it was written, and nothing else is one."""

from datetime import UTC, datetime

import pytest

from support.sealed import artifact, lines, raw_bundle, statement
from tidegate.domain.claims import build
from tidegate.errors import FormatError
from tidegate.formats import approval
from tidegate.formats.approval import Approval

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
GIVEN = Approval("api", "sha256:" + "ab" * 32, "the diff was read", NOW, "alice")


def test_an_approval_is_read_as_it_was_written() -> None:
    assert approval.parse(approval.build(GIVEN)) == GIVEN
    bare = Approval("api", GIVEN.policy, "read", NOW)
    assert approval.parse(approval.build(bare)) == bare
    assert "actor" not in approval.build(bare)


@pytest.mark.parametrize(
    "change",
    [
        {"release": ""},
        {"release": None},
        {"policy": None},
        {"policy": {}},
        {"policy": {"digest": {"sha512": "ab" * 64}}},
        {"policy": {"digest": {"sha256": "AB" * 32}}},
        {"policy": {"digest": {"sha256": ["ab" * 32]}}},
        {"reason": ""},
        {"reason": "two\nlines"},
        {"reason": "x" * 2001},
        {"approvedAt": "now"},
        {"approvedAt": "2026-05-01T12:00:00"},
        {"actor": ""},
        {"more": 1},
    ],
)
def test_an_approval_of_another_shape_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        approval.parse(approval.build(GIVEN) | change)


def test_only_what_claims_to_be_an_approval_is_taken_for_one() -> None:
    one = build.approval_statement([artifact()], GIVEN)
    assert approval.is_approval(lines([raw_bundle(one)]))
    other = statement(
        {"_type": "https://in-toto.io/Statement/v1", "predicateType": "x", "subject": [], "predicate": {}}
    )
    for raw in (b"", b"\xff", b"{}", b"[" * 100_000, lines([raw_bundle(b"{}")]), lines([raw_bundle(other)])):
        assert not approval.is_approval(raw)


def test_an_approval_that_cannot_be_read_again_is_not_written() -> None:
    with pytest.raises(FormatError):
        build.approval_statement([artifact()], Approval("api", GIVEN.policy, "two\nlines", NOW))
    with pytest.raises(FormatError):
        build.approval_statement([], GIVEN)
