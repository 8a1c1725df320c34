"""A job signs with its own identity, and whatever a service does wrong ends in one of two errors, in time."""

import io
import json
import logging
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigstack import forge
from sigstack.oidc import REQUEST_TOKEN
from sigstack.stack import SigStack
from tidegate.adapters.signing import ambient, instance
from tidegate.adapters.signing.ambient import Ambient, around
from tidegate.adapters.signing.keyless import KeylessSigner
from tidegate.adapters.signing.verifier import SigstoreVerifier
from tidegate.errors import FormatError, TidegateError, UnavailableError, UnsealedError
from tidegate.model.digest import Digest
from tidegate.model.release import Artifact, ArtifactKind

DATA = b"the released bytes"
ARTIFACT = Artifact("api-1.0.tar.gz", "dist/api-1.0.tar.gz", Digest.of(DATA), len(DATA), ArtifactKind.TAR)
STATEMENT = forge.statement(ARTIFACT.name, ARTIFACT.digest.value, "https://example.org/x", {"v": 1})
SAN = "https://github.com/acme/api/.github/workflows/release.yml@refs/tags/v1.0"
CI = ("GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI", "GOOGLE_SERVICE_ACCOUNT_NAME")


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*CI, "SIGSTORE_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def stack() -> Iterator[SigStack]:
    with SigStack() as running:
        yield running


def enter(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> Ambient:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return around(environment)


def signer(stack: SigStack, here: Ambient, rekor: int = 1, patience: float = 3.0, **more: bool) -> KeylessSigner:
    return KeylessSigner(here, stack.client_trust_config(rekor=rekor), patience=patience, **more)


@pytest.mark.parametrize("rekor", [1, 2])
def test_a_github_job_signs_file_and_statement(stack: SigStack, monkeypatch: pytest.MonkeyPatch, rekor: int) -> None:
    made = signer(stack, enter(monkeypatch, stack.github_env()), rekor)
    file, attested = made.sign_digest(ARTIFACT, io.BytesIO(DATA)), made.sign_statement(STATEMENT)
    verifier = SigstoreVerifier(stack.trusted_root())
    signed = verifier.verify_artifact(file.encode(), io.BytesIO(DATA), ARTIFACT.digest, {})
    assert (signed.san, signed.issuer) == (SAN, "https://token.actions.githubusercontent.com")
    assert "tsa" in {by for _, by in signed.times}
    assert verifier.verify_statement(attested.encode(), {}).payload == STATEMENT
    assert made.facts().identity == SAN
    assert dict(made.facts().claims)["runner_environment"] == "github-hosted"


def test_a_gitlab_job_signs(stack: SigStack, monkeypatch: pytest.MonkeyPatch) -> None:
    made = signer(stack, enter(monkeypatch, stack.gitlab_env()))
    made.sign_statement(STATEMENT)
    assert made.facts().identity == "https://gitlab.com/acme/api//.gitlab-ci.yml@refs/tags/v1.0"


@pytest.mark.parametrize(("variable", "command"), [("BUILDKITE", "buildkite-agent"), ("CIRCLECI", "circleci")])
def test_a_job_whose_agent_gives_tokens_signs(
    stack: SigStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, command: str
) -> None:
    token = stack.token({"iss": "https://agent.example", "aud": "sigstore", "sub": "https://agent.example/acme/api"})
    agent = tmp_path / command
    agent.write_text(f"#!/bin/sh\necho {token}\n")
    agent.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    made = signer(stack, enter(monkeypatch, {variable: "true"}))
    made.sign_statement(STATEMENT)
    assert made.facts().identity == "https://agent.example/acme/api"


def test_one_certificate_serves_a_whole_release(stack: SigStack, monkeypatch: pytest.MonkeyPatch) -> None:
    made = signer(stack, enter(monkeypatch, stack.github_env()))
    for _ in range(3):
        made.sign_statement(STATEMENT)
    assert stack.requests.count("POST /api/v2/signingCert") == 1


def test_nobody_is_asked_before_something_is_signed(stack: SigStack, monkeypatch: pytest.MonkeyPatch) -> None:
    made = signer(stack, enter(monkeypatch, stack.github_env()))
    assert made.facts().identity == ""
    assert stack.requests == []


MISBEHAVIOUR = [
    (service, mode, rekor)
    for service in ("fulcio", "rekor", "tsa")
    for mode in ("429", "500", "wrong-proof", "expired", "other-instance", "refuse", "garbage")
    for rekor in (1, 2)
    if (service, mode, rekor) != ("rekor", "expired", 2)  # Rekor v2 says nothing about time
]


@pytest.mark.parametrize(("service", "mode", "rekor"), MISBEHAVIOUR)
def test_a_service_that_fails_is_unavailable_and_nothing_is_signed(
    monkeypatch: pytest.MonkeyPatch, service: str, mode: str, rekor: int
) -> None:
    with SigStack(**{service: mode}) as stack:
        made = signer(stack, enter(monkeypatch, stack.github_env()), rekor)
        with pytest.raises(UnavailableError):
            made.sign_statement(STATEMENT)


@pytest.mark.parametrize("mode", ["429", "500", "refuse", "garbage", "other-instance"])
def test_an_issuer_that_fails_is_unavailable(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    with SigStack(oidc=mode) as stack, pytest.raises(UnavailableError):
        signer(stack, enter(monkeypatch, stack.github_env())).ready()


@pytest.mark.parametrize("service", ["fulcio", "rekor"])
@pytest.mark.parametrize("rekor", [1, 2])
def test_a_service_that_hangs_is_left_in_time(monkeypatch: pytest.MonkeyPatch, service: str, rekor: int) -> None:
    with SigStack(**{service: "hang"}) as stack:
        made = signer(stack, enter(monkeypatch, stack.github_env()), rekor, patience=0.3)
        begun = time.monotonic()
        with pytest.raises(UnavailableError):
            made.sign_statement(STATEMENT)
        assert time.monotonic() - begun < 3


def test_an_instance_without_a_timestamp_authority_signs_into_rekor_v1(monkeypatch: pytest.MonkeyPatch) -> None:
    with SigStack(tsa="none") as stack:
        assert signer(stack, enter(monkeypatch, stack.github_env())).sign_statement(STATEMENT)


def test_a_timestamp_authority_that_is_down_is_an_error_and_no_bundle_without_a_timestamp(
    stack: SigStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = signer(stack, enter(monkeypatch, stack.github_env()), rekor=1)
    stack.misbehave("tsa", "500")
    with pytest.raises(UnavailableError, match="no timestamp"):
        made.sign_digest(ARTIFACT, io.BytesIO(DATA))


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"GITHUB_ACTIONS": "true"}, "id-token: write"),
        ({"GITLAB_CI": "true"}, "id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}"),
    ],
)
def test_a_job_that_may_not_ask_is_told_what_to_write(
    stack: SigStack, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], says: str
) -> None:
    here = enter(monkeypatch, environment)
    assert not here.ready
    with pytest.raises(UnsealedError) as refused:
        signer(stack, here).ready()
    assert says in refused.value.hint
    assert stack.requests == []


def test_a_token_for_another_service_is_told_from_a_service_that_fails(
    stack: SigStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = enter(monkeypatch, stack.gitlab_env(aud="vault"))
    with pytest.raises(UnsealedError, match="not for `sigstore`") as refused:
        signer(stack, here).ready()
    assert "aud: sigstore" in refused.value.hint


def test_a_token_that_is_over_is_refused_here(monkeypatch: pytest.MonkeyPatch) -> None:
    with SigStack(oidc="expired") as stack:
        made = signer(stack, enter(monkeypatch, stack.gitlab_env()))
        with pytest.raises(UnsealedError, match="over"):
            made.ready()
        assert "POST /api/v2/signingCert" not in stack.requests


class Public(KeylessSigner):
    """A signer that takes the stack for a public log."""

    def __init__(self, stack: SigStack, here: Ambient, private: bool | None, allowed: bool = False) -> None:
        super().__init__(here, stack.client_trust_config(), private=private)
        self._public_log = allowed


@pytest.mark.parametrize("private", [True, None])
def test_a_private_repository_is_not_named_in_a_public_log(
    stack: SigStack, monkeypatch: pytest.MonkeyPatch, private: bool | None
) -> None:
    here = enter(monkeypatch, stack.github_env(repository_visibility="private"))
    with pytest.raises(UnsealedError, match="private"):
        Public(stack, here, private).ready()
    assert "POST /api/v2/signingCert" not in stack.requests
    Public(stack, here, private, allowed=True).ready()


def test_an_unwritable_home_is_no_hindrance(stack: SigStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = enter(monkeypatch, stack.github_env())
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, "/dev/null")
    assert signer(stack, here).sign_statement(STATEMENT)
    from tidegate.adapters.signing.sigstore_signing import Service

    assert Service(None, 1.0).stamps


def test_a_token_is_in_no_message_repr_or_log(
    stack: SigStack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    here = enter(monkeypatch, stack.gitlab_env())
    token = ambient.ask("gitlab")
    told = [repr(token), str(token)]
    for service in ("fulcio", "rekor", "tsa"):
        for mode in ("429", "refuse", "garbage", "other-instance"):
            stack.misbehave(service, mode)
            made = signer(stack, here)
            try:
                made.sign_statement(STATEMENT)
            except TidegateError as error:
                told += [str(error), repr(error), error.hint, repr(made), "".join(traceback.format_exception(error))]
            stack.misbehave(service, "good")
    assert len(told) > 20
    text = "\n".join((*told, caplog.text))
    assert token.text not in text
    assert token.text.split(".")[2] not in text
    assert REQUEST_TOKEN not in text


def test_other_bytes_than_were_taken_are_not_signed(stack: SigStack, monkeypatch: pytest.MonkeyPatch) -> None:
    made = signer(stack, enter(monkeypatch, stack.github_env()))
    with pytest.raises(UnsealedError, match="changed"):
        made.sign_digest(ARTIFACT, io.BytesIO(b"other"))
    assert stack.requests == []


def test_what_is_no_statement_is_not_signed(stack: SigStack, monkeypatch: pytest.MonkeyPatch) -> None:
    made = signer(stack, enter(monkeypatch, stack.github_env()))
    with pytest.raises(FormatError):
        made.sign_statement(b"{}")
    assert stack.requests == []


def test_the_ci_system_comes_before_the_cloud_it_runs_on() -> None:
    assert around({"GITLAB_CI": "true", "GOOGLE_SERVICE_ACCOUNT_NAME": "x"}).system == "gitlab"
    assert around({}) == Ambient("", False)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "e30.e30.e30\r\nHost: x", "e30." + "A" * 70_000 + ".e30"])
def test_what_is_no_token_is_never_sent(text: str) -> None:
    with pytest.raises(TidegateError):
        ambient.read(text, "gitlab")


@pytest.mark.parametrize("spoiled", [b"", b"{}", b"[]", b'{"mediaType":"x","trustedRoot":{},"signingConfig":{}}'])
def test_a_file_that_is_no_trust_configuration_is_refused(spoiled: bytes) -> None:
    with pytest.raises(FormatError):
        instance.trusted_root(spoiled)


def test_a_trust_configuration_sigstore_cannot_use_is_told_as_such(
    stack: SigStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = enter(monkeypatch, stack.github_env())
    plain = json.loads(stack.client_trust_config())
    plain["signingConfig"]["rekorTlogUrls"] = []
    with pytest.raises(FormatError, match="instance"):
        KeylessSigner(here, json.dumps(plain)).ready()
