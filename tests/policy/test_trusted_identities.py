"""A trusted identity is written exactly; what looks like a pattern, or trusts a name alone, is told."""

from collections.abc import Callable
from typing import Any

import pytest

from tidegate.errors import PolicyError
from tidegate.formats.records import dump
from tidegate.policy.load import load
from tidegate.policy.schema import Policy
from tidegate.policy.trust import IdentityTrust, RefPattern

ENTRY: dict[str, Any] = {
    "issuer": "https://token.actions.githubusercontent.com",
    "source_repository": "acme/api",
    "source_repository_id": "123456",
    "signer_workflow": "acme/api/.github/workflows/release.yml",
}


def loaded(extends: str = "baseline", **changes: Any) -> Policy:
    entry = {name: value for name, value in (ENTRY | changes).items() if value is not None}
    text = dump({"version": 1, "extends": extends, "trust": {"builders": [entry]}})
    read: Callable[[str, int], bytes | None] = lambda path, limit: text.encode() if path == "tidegate.yaml" else None  # noqa: E731
    return load("tidegate.yaml", read)


def identity(**changes: Any) -> IdentityTrust:
    (entry,) = loaded(**changes).model.trust.builders
    assert isinstance(entry, IdentityTrust)
    return entry


def test_every_part_of_an_identity_can_be_written() -> None:
    entry = identity(
        caller_workflow="acme/api/.github/workflows/release.yml",
        signer_workflow="builders/ci/.github/workflows/build (c++).yml".replace(" ", ""),
        signer_refs=["2e" * 20, {"kind": "tag"}],
        refs=["refs/heads/main", {"kind": "tag", "pattern": "v*"}, {"pattern": "refs/heads/release/**"}],
        runner="github-hosted",
        triggers=["push"],
        max_level=3,
    )
    assert entry.refs[1] == RefPattern(kind="tag", pattern="v*")
    assert entry.signer_refs[1] == RefPattern(kind="tag")
    assert entry.max_level == 3


@pytest.mark.parametrize("name", ["source_repository", "signer_workflow", "caller_workflow"])
@pytest.mark.parametrize(
    "value", ["acme/.*", "acme/*", "^acme/api", "acme/api$", "a|b", "acme/ap?", "acme/.+", "acme\\api", "acme/api x"]
)
def test_an_exact_value_that_looks_like_a_pattern_is_a_fault(name: str, value: str) -> None:
    with pytest.raises(PolicyError) as caught:
        loaded(**{name: value})
    assert "compared as it stands" in caught.value.faults[0].message


def test_a_workflow_is_named_without_its_ref() -> None:
    with pytest.raises(PolicyError):
        loaded(signer_workflow="acme/api/.github/workflows/release.yml@refs/tags/v1")
    assert identity(signer_workflow="acme/api/.github/workflows/re@lease.yml")


@pytest.mark.parametrize("level", [0, 4, True, "3", 2.0])
def test_a_level_is_one_two_or_three(level: object) -> None:
    with pytest.raises(PolicyError):
        loaded(max_level=level)


@pytest.mark.parametrize("ref", [{}, {"kind": "pull"}, {"kind": "tag", "regex": "v.*"}, {"pattern": ""}, 7, ""])
def test_a_ref_says_what_it_means(ref: object) -> None:
    with pytest.raises(PolicyError):
        loaded(refs=[ref])


def test_a_name_alone_is_a_warning_and_under_strict_a_fault() -> None:
    assert loaded().warnings == ()
    (warning,) = loaded(source_repository_id=None).warnings
    assert warning == "`acme/api` is trusted by its name, which can be taken over: add its `source_repository_id`"
    assert loaded("strict").warnings == ()
    with pytest.raises(PolicyError) as caught:
        loaded("strict", source_repository_id=None)
    assert [fault.message for fault in caught.value.faults] == [warning]
