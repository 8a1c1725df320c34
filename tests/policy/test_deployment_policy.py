"""What a policy may ask of deployment and approvals, and what it cannot mean."""

from typing import Any

import pytest
from pydantic import ValidationError

from tidegate.cli import wire
from tidegate.errors import PolicyError
from tidegate.policy.load import load
from tidegate.policy.schema import Policy, PolicyModel

HEX = "ab" * 32
PEM = wire.generate_key(None)[1].decode()


def model(**deployment: Any) -> PolicyModel:
    return PolicyModel.model_validate({"version": 1, "controls": {"deployment": deployment}})


def loaded(text: str) -> Policy:
    files = {"tidegate.yaml": "version: 1\n" + text, "keys/alice.pub": PEM}
    return load("tidegate.yaml", lambda path, _limit: files[path].encode() if path in files else None)


def test_the_defaults_ask_for_nothing_new() -> None:
    rules = model().controls.deployment
    assert (rules.denied, rules.policies, rules.ledger, rules.svr, rules.min_level) == ([], [], "optional", False, 1)
    assert PolicyModel(version=1).controls.provenance.approvals == 0


@pytest.mark.parametrize(
    "rules",
    [
        {"denied": ["sha256:" + HEX]},
        {"denied": [HEX.upper()]},
        {"denied": HEX},
        {"policies": ["short"]},
        {"ledger": True},
        {"ledger": "maybe"},
        {"svr": "yes"},
        {"min_level": 4},
        {"min_level": 0},
        {"required": False, "reason": "elsewhere", "denied": [HEX]},
        {"required": False, "reason": "elsewhere", "ledger": "required"},
    ],
)
def test_what_cannot_be_meant_is_a_fault(rules: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model(**rules)


@pytest.mark.parametrize("uri", ["https://acme.example/api", "pkg:oci/api@sha256:" + HEX])
def test_a_release_may_say_what_its_verdict_is_about(uri: str) -> None:
    parts: dict[str, Any] = {"name": "api", "artifacts": ["dist/*"], "uri": uri}
    assert PolicyModel.model_validate({"version": 1, "releases": [parts]}).releases[0].uri == uri
    for odd in ("", "api", "https://a b", "https://a\n"):
        with pytest.raises(ValidationError):
            PolicyModel.model_validate({"version": 1, "releases": [parts | {"uri": odd}]})


def test_approvers_keys_are_part_of_the_policy() -> None:
    made = loaded("trust: {approvers: [{key: keys/alice.pub, actor: alice}]}\n")
    assert made.files == {"keys/alice.pub": PEM}
    assert made.digest != loaded("").digest
    with pytest.raises(PolicyError):
        loaded("trust: {approvers: [{key: keys/bob.pub}]}\n")


def test_more_approvals_than_approvers_are_a_fault_with_its_line() -> None:
    text = "trust: {approvers: [{key: keys/alice.pub}]}\ncontrols: {provenance: {approvals: %d}}\n"
    assert loaded(text % 1).controls.provenance.approvals == 1
    with pytest.raises(PolicyError) as told:
        loaded(text % 2)
    assert "tidegate.yaml:3: `approvals: 2` cannot be reached with 1" in str(told.value.faults[0])
