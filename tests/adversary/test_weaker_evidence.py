"""No weaker kind of evidence stands in for a stronger one, and nothing counts that policy and root do not name."""

import copy
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sigstack import forge
from sigstack.claims import GITHUB, SERVER, Claims, github
from sigstack.rekor import LogV1
from sigstack.stack import SigStack
from support.keyless import (
    ATTESTATIONS,
    CONTROLS,
    DAY,
    NAME,
    NOW,
    PLAIN,
    SAN,
    TAG,
    WORKFLOW,
    attested,
    fails,
    furnished,
    refused,
    said,
    scene,
    stack,
)
from support.sealed import BUILDER, STRANGER, Scene, policy, signer
from tidegate.adapters.signing.verifier import SigstoreVerifier
from tidegate.errors import PolicyError
from tidegate.model.digest import Digest
from tidegate.policy.load import load


# A weaker kind of evidence never stands in for a stronger one.
def test_a_key_is_no_identity_even_when_it_says_all_an_identity_would() -> None:
    here = furnished(scene(), signer(BUILDER).sign_statement(said(github())).encode())
    refused(here, {"provenance-untrusted"})
    here = furnished(scene(), attested())
    here.sign(by=BUILDER)
    assert fails(here.signing()) == {"signature-untrusted"}


def test_an_identity_is_no_key_either() -> None:
    here = furnished(scene({"key": STRANGER}), attested())
    assert fails(here.tracing()) == {"provenance-untrusted"}
    assert fails(here.signing()) == {"signature-untrusted"}


# Who judged: the same, for the verdict.
GATE = "acme/gate/.github/workflows/gate.yml"
GATEKEEPER: dict[str, Any] = {
    "issuer": GITHUB,
    "source_repository": "acme/gate",
    "signer_workflow": GATE,
    "refs": [{"kind": "branch", "pattern": "main"}],
}


def gate(**claims: Any) -> Claims:
    return github(**({"repository": "acme/gate", "workflow": GATE[10:], "ref": "refs/heads/main"} | claims))


def judged(claims: Claims, said: dict[str, Any] | None = None, **knobs: Any) -> Scene:
    """An honest release and a keyless verdict on it; `said` replaces what the verdict says."""
    trust = {"builders": [PLAIN], "verifiers": [GATEKEEPER]}
    here = furnished(scene(policy=policy(trust=trust, controls=CONTROLS)), attested())
    verifier_of = f"{SERVER}/{claims['job_workflow_ref']}"
    statement = here.verdict(**({"verifier": verifier_of, "time": NOW} | (said or {})))
    here.evidence[NAME + ".vsa.sigstore.json"] = attested(claims, statement, **({"at": NOW} | knobs))
    return here


VERDICTS: dict[str, tuple[Claims, dict[str, Any], dict[str, Any], str]] = {
    "by the builder": (github(), {}, {}, "vsa-untrusted"),
    "by another workflow": (gate(workflow=".github/workflows/test.yml"), {}, {}, "vsa-untrusted"),
    "by another branch": (gate(ref="refs/heads/evil"), {}, {}, "vsa-untrusted"),
    "by a proposed change": (gate(event="pull_request_target"), {}, {}, "vsa-untrusted"),
    "by another issuer": (gate(iss=GITHUB + "/evil"), {}, {}, "vsa-untrusted"),
    "in another's name": (gate(), {"verifier": SAN}, {}, "vsa-verifier-mismatch"),
    "in the name of its workflow at a tag": (
        gate(),
        {"verifier": f"{SERVER}/{GATE}@refs/tags/v1"},
        {},
        "vsa-verifier-mismatch",
    ),
    "signed forty days ago, dated today": (gate(), {"time": NOW}, {"at": NOW - 40 * DAY}, "vsa-stale"),
    "dated forty days ago, signed today": (gate(), {"time": NOW - 40 * DAY}, {}, "vsa-stale"),
    "dated after it was signed": (gate(), {"time": NOW}, {"at": NOW - timedelta(hours=2)}, "vsa-invalid"),
    "that nothing proves": (gate(), {}, {"log": LogV1()}, "vsa-invalid"),
    "that failed": (gate(), {"passed": False}, {}, "vsa-failed"),
}


def test_an_honest_keyless_verdict_opens() -> None:
    assert judged(gate()).deploying().findings == ()


@pytest.mark.parametrize("attack", VERDICTS)
def test_a_keyless_verdict_counts_from_the_gate_alone(attack: str) -> None:
    claims, said_there, knobs, rule = VERDICTS[attack]
    assert fails(judged(claims, said_there, **knobs).deploying()) == {rule}


def test_a_builders_identity_does_not_judge() -> None:
    here = furnished(scene(), attested())
    here.evidence[NAME + ".vsa.sigstore.json"] = attested(statement=here.verdict(verifier=SAN))
    assert fails(here.deploying()) == {"vsa-untrusted"}


# A key the team holds, and when it was held: limits of the key, how its evidence was made, the rule ("" for none).
def held(at: datetime, instance: SigStack | None = None, **proofs: Any) -> bytes:
    key = signer(BUILDER)._key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return forge.key_bundle(instance or stack(), said(github()), key, at=at, **proofs).encode()


REVOKED = {"revoked_at": (NOW - 5 * DAY).date()}
ENDED = {"not_after": (NOW - 5 * DAY).date()}
KEYS: dict[str, tuple[dict[str, date], Callable[[], bytes], str]] = {
    "stamped before the key was revoked": (REVOKED, lambda: held(NOW - 10 * DAY), ""),
    "logged before the key was revoked": (REVOKED, lambda: held(NOW - 10 * DAY, tsa=False, rekor=1), ""),
    "stamped after the key was revoked": (REVOKED, lambda: held(NOW - DAY), "key-revoked"),
    "the stamp taken off": (REVOKED, lambda: held(NOW - 10 * DAY, tsa=False), "key-revoked"),
    "a log that states no time": (REVOKED, lambda: held(NOW - 10 * DAY, tsa=False, rekor=2), "key-revoked"),
    "stamped by an authority nobody trusts": (REVOKED, lambda: held(NOW - 10 * DAY, SigStack()), "key-revoked"),
    "logged where nobody trusts the log": (
        REVOKED,
        lambda: held(NOW - 10 * DAY, SigStack(), tsa=False, rekor=1),
        "key-revoked",
    ),
    "stamped while the key was valid": (ENDED, lambda: held(NOW - 10 * DAY), ""),
    "stamped after the key's last day": (ENDED, lambda: held(NOW - DAY), "key-out-of-time"),
    "no stamp, after the key's last day": (ENDED, lambda: held(NOW - 10 * DAY, tsa=False), "key-out-of-time"),
    "stamped before the key's first day": (
        {"not_before": (NOW - 5 * DAY).date()},
        lambda: held(NOW - 10 * DAY),
        "key-out-of-time",
    ),
    "of forty days ago": ({}, lambda: held(NOW - 40 * DAY), "provenance-stale"),
    "of forty days ago, the stamp taken off": (
        {},
        lambda: held(NOW - 40 * DAY, tsa=False),
        "provenance-age-unproven",
    ),
}


@pytest.mark.parametrize("case", KEYS)
def test_a_key_is_judged_at_a_time_somebody_else_vouches_for_or_as_of_now(case: str) -> None:
    limits, made, rule = KEYS[case]
    here = scene({"key": BUILDER} | limits)
    here.evidence[ATTESTATIONS] = made()
    report = here.tracing()
    assert fails(report) == ({rule} if rule else set())
    assert {c.topic for c in report.clauses if c.proven} == set()
    assert ("declares" in report.clauses[0].says) is (rule == "")


def test_where_no_token_was_given_there_is_no_evidence_and_that_is_a_fail() -> None:
    here = scene()
    assert fails(here.tracing()) == {"provenance-missing"}
    assert fails(here.signing()) == {"signature-missing"}


def elsewhere(change: Callable[[dict[str, Any]], object] | None = None) -> Scene:
    """Honest evidence of the second log, and another root: a changed one, or that of another instance."""
    root: dict[str, Any] = json.loads(stack().trusted_root() if change else SigStack().trusted_root())
    if change:
        change(root)
    return furnished(scene(verifier=SigstoreVerifier(json.dumps(root).encode())), attested(rekor=2))


def _ended(name: str, *path: str) -> Callable[[dict[str, Any]], object]:
    """Every key of this kind ended a year ago."""

    def end(root: dict[str, Any]) -> None:
        for item in root[name]:
            for key in path:
                item = item[key]
            item["validFor"]["end"] = f"{NOW - 365 * DAY:%Y-%m-%dT%H:%M:%SZ}"

    return end


@pytest.mark.parametrize(
    "change",
    [
        None,
        lambda root: root["tlogs"].pop(),
        lambda root: root.update(ctlogs=[]),
        lambda root: root.update(certificateAuthorities=[]),
        lambda root: root.update(timestampAuthorities=[]),
        _ended("tlogs", "publicKey"),
        _ended("ctlogs", "publicKey"),
        _ended("certificateAuthorities"),
        _ended("timestampAuthorities"),
    ],
)
def test_what_the_root_does_not_vouch_for_at_that_time_proves_nothing(
    change: Callable[[dict[str, Any]], object] | None,
) -> None:
    report = elsewhere(change).tracing()
    assert fails(report) == {"provenance-invalid"}
    assert report.blind == ()


def test_a_poisoned_cache_of_the_user_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from sigstore._internal.tuf import DEFAULT_TUF_URL, _get_dirs
    from sigstore.models import ClientTrustConfig

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for folder in _get_dirs(DEFAULT_TUF_URL):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "trusted_root.json").write_bytes(stack().trusted_root())
    poisoned = ClientTrustConfig.production(offline=True).trusted_root
    assert [log["baseUrl"] for log in json.loads(stack().trusted_root())["tlogs"]] == [
        log.base_url for log in poisoned._inner.tlogs
    ]
    assert fails(furnished(scene(verifier=SigstoreVerifier(None)), attested()).tracing()) == {"provenance-invalid"}


# The policy itself: exact values, a pinned root.
WRITTEN = {
    "version": 1,
    "trust": {"root": "root.json", "builders": [{k: v for k, v in PLAIN.items() if k != "refs"}]},
}


def loaded(change: Callable[[dict[str, Any]], object]) -> None:
    plain: dict[str, Any] = copy.deepcopy(WRITTEN)
    change(plain["trust"])
    files = {"tidegate.yaml": json.dumps(plain).encode(), "root.json": stack().trusted_root()}
    load("tidegate.yaml", lambda path, limit: files.get(path))


def test_the_policy_of_the_attacks_is_a_policy() -> None:
    loaded(lambda trust: trust.update(root_sha256=Digest.of(stack().trusted_root()).value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source_repository", "acme/.*"),
        ("source_repository", "acme/*"),
        ("source_repository", "^acme/api$"),
        ("source_repository", "acme/api|evil/api"),
        ("signer_workflow", "acme/api/.github/workflows/.+"),
        ("signer_workflow", f"{WORKFLOW}@{TAG}"),
        ("caller_workflow", "acme/api/.github/workflows/*.yml"),
        ("issuer", "https://*.githubusercontent.com"),
        ("max_level", 4),
        ("max_level", True),
        ("refs", [{}]),
        ("refs", [{"kind": "pull"}]),
        ("signer", WORKFLOW),
    ],
)
def test_a_value_that_looks_like_a_pattern_is_told_not_taken_for_one(name: str, value: object) -> None:
    with pytest.raises(PolicyError):
        loaded(lambda trust: trust["builders"][0].update({name: value}))


def test_a_root_rolled_back_to_an_older_one_is_not_the_pinned_one() -> None:
    with pytest.raises(PolicyError, match="1 fault"):
        loaded(lambda trust: trust.update(root_sha256=Digest.of(SigStack().trusted_root()).value))
