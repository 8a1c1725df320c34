"""The stack is a real Sigstore: sigstore-python signs on it, verifies what it made, and refuses what was forged."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sigstore.dsse import Statement
from sigstore.models import Bundle, ClientTrustConfig, TrustedRoot
from sigstore.oidc import IdentityToken, detect_credential
from sigstore.sign import SigningContext
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity
from sigstore_models.trustroot import v1 as trustroot

from sigstack import forge
from sigstack.ca import new_key
from sigstack.claims import GITHUB, GITLAB, github, gitlab
from sigstack.stack import SigStack

SAN = "https://github.com/acme/api/.github/workflows/release.yml@refs/tags/v1.0"
GITLAB_SAN = "https://gitlab.com/acme/api//.gitlab-ci.yml@refs/tags/v1.0"
STATEMENT = forge.statement("api-1.0.tar.gz", "ab" * 32, "https://example.org/x", {})


@pytest.fixture(scope="module")
def stack() -> Iterator[SigStack]:
    with SigStack() as running:
        yield running


def verifier(stack: SigStack) -> Verifier:
    return Verifier(trusted_root=TrustedRoot(trustroot.TrustedRoot.from_json(stack.trusted_root())))


def expected(san: str = SAN, issuer: str = GITHUB) -> Identity:
    return Identity(identity=san, issuer=issuer)


def test_it_starts_in_well_under_a_second() -> None:
    begun = time.monotonic()
    with SigStack():
        pass
    assert time.monotonic() - begun < 0.7


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize("system", ["github", "gitlab"])
def test_sigstore_python_signs_with_the_ambient_token_and_verifies(
    stack: SigStack, rekor: int, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (stack.github_env() if system == "github" else stack.gitlab_env()).items():
        monkeypatch.setenv(name, value)
    config = ClientTrustConfig.from_json(stack.client_trust_config(rekor=rekor))
    with SigningContext.from_trust_config(config).signer(IdentityToken(detect_credential() or "")) as signer:
        file, attested = signer.sign_artifact(b"data"), signer.sign_dsse(Statement(STATEMENT))
    who = expected() if system == "github" else expected(GITLAB_SAN, GITLAB)
    verifier(stack).verify_artifact(b"data", Bundle.from_json(file.to_json()), who)
    kind, payload = verifier(stack).verify_dsse(Bundle.from_json(attested.to_json()), who)
    assert (kind, payload) == (forge.IN_TOTO, STATEMENT)


def test_it_is_a_tuf_instance(stack: SigStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "root.json"
    root.write_bytes(stack.serve_tuf())
    config = ClientTrustConfig.from_tuf(f"{stack.url}/tuf", bootstrap_root=root)
    assert config.trusted_root.get_fulcio_certs() == list(stack.parts.authority.chain)


@pytest.mark.parametrize("rekor", [1, 2])
def test_a_forged_honest_bundle_verifies(stack: SigStack, rekor: int) -> None:
    old = datetime.now(UTC) - timedelta(days=40)
    for at in (None, old):
        made = forge.bundle(stack, STATEMENT, rekor=rekor, at=at)
        assert verifier(stack).verify_dsse(Bundle.from_json(made), expected())[1] == STATEMENT
        file = forge.artifact_bundle(stack, b"data", rekor=rekor, at=at)
        verifier(stack).verify_artifact(b"data", Bundle.from_json(file), expected())


def test_a_forged_gitlab_bundle_of_an_older_format_verifies(stack: SigStack) -> None:
    made = forge.bundle(stack, STATEMENT, gitlab(), version="0.2")
    verifier(stack).verify_dsse(Bundle.from_json(made), expected(GITLAB_SAN, GITLAB))


LATER = timedelta(hours=1)
HOSTILE: dict[str, dict[str, Any]] = {
    "another repository": {"claims": github(repository="evil/api")},
    "another issuer": {"extensions": {1: "https://evil.example", 8: "https://evil.example"}},
    "foreign certificate transparency log": {"ct": "foreign"},
    "no transparency timestamp": {"ct": "none"},
    "nothing proves a time": {"rekor": 2, "tsa": False},
    "stamped after the certificate ended": {"rekor": 2, "tsa_time": datetime.now(UTC) + LATER},
    "logged after the certificate ended": {"log_time": datetime.now(UTC) + LATER},
    "time moved after the log signed it": {"moved_time": datetime.now(UTC) - timedelta(seconds=1)},
    "another statement's entry": {"logged": STATEMENT + b" "},
    "no entry": {"entries": 0},
    "two entries": {"entries": 2},
    "wrong proof": {"proof": "wrong"},
    "wrong checkpoint": {"checkpoint": "wrong"},
    "foreign checkpoint": {"checkpoint": "foreign"},
    "payload changed": {"payload_after": STATEMENT + b" "},
    "type changed": {"type_after": "text/plain"},
    "no signature": {"signatures": 0},
    "two signatures": {"signatures": 2},
    "33 timestamps": {"stamps": 33},
    "stamp over something else": {"rekor": 2, "stamp_over": b"else"},
    "unknown media type": {"media_type": "application/vnd.dev.sigstore.bundle.v0.9+json"},
    "signed by another key": {"signed_by": new_key()},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_sigstore_python_refuses_what_was_forged(stack: SigStack, name: str) -> None:
    with pytest.raises(Exception, match=r".+"):
        verifier(stack).verify_dsse(Bundle.from_json(forge.bundle(stack, STATEMENT, **HOSTILE[name])), expected())


def test_another_instance_is_another_trust(stack: SigStack) -> None:
    with pytest.raises(Exception, match=r".+"):
        verifier(stack).verify_dsse(Bundle.from_json(forge.bundle(SigStack(), STATEMENT)), expected())


def test_a_hundred_forged_bundles_take_less_than_a_second(stack: SigStack) -> None:
    begun = time.monotonic()
    for _ in range(100):
        forge.bundle(stack, STATEMENT)
    assert time.monotonic() - begun < 1.5


def signed_and_verified(stack: SigStack, config: ClientTrustConfig) -> None:
    with SigningContext.from_trust_config(config).signer(IdentityToken(detect_credential() or "")) as signer:
        made = signer.sign_dsse(Statement(STATEMENT))
    verifier(stack).verify_dsse(Bundle.from_json(made.to_json()), expected())


MISBEHAVIOUR = [
    (service, mode, rekor)
    for service in ("fulcio", "rekor", "oidc")
    for mode in ("429", "500", "wrong-proof", "expired", "other-instance", "refuse", "garbage")
    for rekor in (1, 2)
    if (service, mode, rekor) != ("rekor", "expired", 2)  # Rekor v2 says nothing about time
]


@pytest.mark.parametrize(("service", "mode", "rekor"), MISBEHAVIOUR)
def test_a_service_that_misbehaves_gives_no_good_bundle(
    service: str, mode: str, rekor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITLAB_CI", raising=False)
    with SigStack(**{service: mode}) as stack:
        for name, value in stack.github_env().items():
            monkeypatch.setenv(name, value)
        config = ClientTrustConfig.from_json(stack.client_trust_config(rekor=rekor))
        with pytest.raises(Exception, match=r"(?s).*"):
            signed_and_verified(stack, config)


def test_the_trusted_root_of_an_instance_without_timestamps_names_none() -> None:
    root = json.loads(SigStack(tsa="none").trusted_root())
    assert root["timestampAuthorities"] == []


def test_nothing_of_the_stack_needs_the_environment_of_this_test(stack: SigStack) -> None:
    assert os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL") is None
