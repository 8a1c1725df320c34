"""A run signs with the key it was given, else with the job's identity where the policy trusts one, else not at all."""

from pathlib import Path
from typing import Any

import pytest

from sigstack.stack import SigStack
from tidegate.adapters.signing.keyless import KeylessSigner
from tidegate.adapters.signing.local import KeySigner
from tidegate.cli import signers, wire
from tidegate.domain.claims import permissions
from tidegate.errors import FormatError, UserError
from tidegate.policy.schema import Policy
from tidegate.ports import CIFacts

IDENTITY = {
    "issuer": "https://token.actions.githubusercontent.com",
    "source_repository": "acme/api",
    "signer_workflow": "acme/api/.github/workflows/release.yml",
}
JOB = {"GITHUB_ACTIONS": "true", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x", "ACTIONS_ID_TOKEN_REQUEST_URL": "http://x"}
GITHUB = CIFacts("github", ())


def policy(instance: str = "", **parts: Any) -> Policy:
    trust: dict[str, Any] = {"builders": [IDENTITY]}
    if instance:
        trust["instance"] = "sigstore.json"
    model = {"version": 1, "trust": trust} | parts
    plain = {"model": model, "files": {"sigstore.json": instance}, "digest": "sha256:0", "path": "tidegate.yaml"}
    return Policy.model_validate(plain)


def test_a_job_with_an_identity_the_policy_trusts_signs_keyless() -> None:
    assert isinstance(wire.keyless_signer(policy(), GITHUB, JOB), KeylessSigner)


@pytest.mark.parametrize(
    ("given", "environment"),
    [
        (policy(trust={}), JOB),
        (policy(controls={"signing": {"accept": ["key"]}}), JOB),
        (policy(), {}),
        (policy(), {"CI": "true"}),
    ],
)
def test_nobody_signs_keyless_who_need_not(given: Policy, environment: dict[str, str]) -> None:
    assert wire.keyless_signer(given, GITHUB, environment) is None


def test_a_job_that_may_not_ask_gets_a_signer_that_says_so() -> None:
    assert wire.keyless_signer(policy(), GITHUB, {"GITHUB_ACTIONS": "true"}) is not None


def test_a_private_instances_root_is_the_trusted_root_unless_another_is_named() -> None:
    stack = SigStack()
    given = policy(stack.client_trust_config())
    assert b"fulcio.sigstack.example" in wire.trusted_root(given)
    named = Policy.model_validate(
        given.model_dump()
        | {
            "model": given.model.model_dump(by_alias=True, exclude_unset=True)
            | {"trust": {"builders": [IDENTITY], "instance": "sigstore.json", "root": "root.json"}},
            "files": given.files | {"root.json": "{}"},
        }
    )
    assert wire.trusted_root(named) == b"{}"


def test_an_instance_that_is_none_is_told_before_anything_runs() -> None:
    with pytest.raises(FormatError, match="trust configuration"):
        wire.keyless_signer(policy("{}"), GITHUB, JOB)


def test_a_path_and_a_file_uri_are_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "release.key"
    path.write_bytes(wire.generate_key(None)[0])
    plain, uri = signers.named(str(path)), signers.named(f"file:{path}")
    assert isinstance(plain, KeySigner)
    assert isinstance(uri, KeySigner)
    assert plain.facts().identity == uri.facts().identity


def test_a_key_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        signers.named(str(tmp_path / "none.key"))


@pytest.mark.parametrize(
    ("system", "says"),
    [
        ("github", "permissions: {contents: read, id-token: write}"),
        ("gitlab", "id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}"),
        ("local", "--key FILE"),
    ],
)
def test_the_fix_is_ready_to_paste(system: str, says: str) -> None:
    assert says in permissions.fix(system)
