"""Attacks on deployment: bringing back what gave way, forging what ran, deploying what was not judged, self-approval.

The attacker holds every signed release there ever was and may write ledger and evidence, but holds no trusted key,
or exactly one.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from support.sealed import (
    ALICE,
    BOB,
    BUILDER,
    JUDGE,
    NOW,
    STRANGER,
    Scene,
    artifact,
    honest,
    lines,
    pem,
    policy,
    raw_bundle,
    reseal,
    rules_of,
    signer,
    statement,
    verifier_id,
)
from support.stock import content
from tidegate.domain.claims import build, result
from tidegate.domain.claims.vsa import ROWS
from tidegate.formats import ledger, records
from tidegate.formats.approval import APPROVAL_V1, Approval
from tidegate.formats.ledger import Entry
from tidegate.model.control import Scope
from tidegate.model.digest import Digest
from tidegate.policy.schema import Policy
from tidegate.ports import Deploying

NAME = artifact().name
ATTESTATIONS = NAME + ".attestations.jsonl"


def version(number: str, **changes: Any) -> Scene:
    """An honest release of the package `api`; each version has other bytes."""
    return honest(data=f"bytes of {number}".encode(), contents=(content(NAME, name="api", version=number),), **changes)


def history(*numbers: str) -> bytes:
    """Production's ledger after these versions ran, written by the stage itself."""
    raw = ledger.begin("production", NOW)
    for number in numbers:
        scene = version(number)
        scene.told = Deploying(named=True, ledger=raw.decode())
        report = scene.deploying()
        assert report.findings == ()
        entries = records.load(tuple[Entry, ...], report.produced[0].text)
        raw += ledger.extend(raw, [ledger.stamped(entry, NOW) for entry in entries])
    return raw


def refusals(scene: Scene, raw: bytes, **told: Any) -> set[str]:
    scene.told = Deploying(named=True, ledger=raw.decode("utf-8", "replace"), **told)
    return rules_of(scene.deploying())


LEDGER = history("1.9", "1.10", "2.0")


@pytest.mark.parametrize(
    ("ran", "brought"),
    [
        (("1.10",), "1.9"),
        (("1.10.0",), "1.9.9"),
        (("2.0",), "2.0rc1"),
        (("2.0",), "2.0.dev9"),
        (("2.0.post1",), "2.0"),
        (("2.0+fix.2",), "2.0+fix.1"),
        (("2.0+fix.1",), "2.0"),
        (("1!0.1",), "2026.5"),
        (("1.0", "2.0"), "1.0"),
        (("2.0", "2.1a1"), "2.0.1"),
    ],
)
def test_an_older_release_with_flawless_evidence_does_not_come_back(ran: tuple[str, ...], brought: str) -> None:
    assert version(brought).deploying().findings == ()
    assert refusals(version(brought), history(*ran)) == {"artifact-rolled-back"}


@pytest.mark.parametrize(
    ("ran", "brought"),
    [("1.9", "1.10"), ("2.0rc1", "2.0"), ("2026.5", "1!0.1"), ("2.0", "2.0.0.1"), ("2.0", "2.1.dev1")],
)
def test_a_newer_release_is_let_through(ran: str, brought: str) -> None:
    assert refusals(version(brought), history(ran)) == set()


def test_the_same_version_with_other_bytes_does_not_slip_in() -> None:
    """An earlier build of a version that was built again: no trusted time orders the two."""
    scene = honest(data=b"the first build of 2.0", contents=(content(NAME, name="api", version="2.0"),))
    assert refusals(scene, LEDGER) == {"artifact-age-unknown"}


@pytest.mark.parametrize("number", ["2.0.0", "v2.0", "2.0.0.0"])
def test_another_spelling_of_a_version_is_that_version(number: str) -> None:
    assert refusals(version(number), LEDGER) == {"artifact-age-unknown"}


def test_leaving_the_metadata_out_does_not_leave_the_order() -> None:
    assert refusals(honest(data=b"an old build without metadata"), LEDGER) == {"artifact-age-unknown"}


def test_another_name_of_the_release_does_not_leave_the_order() -> None:
    scene = version("1.9", release="api-old")
    assert refusals(scene, LEDGER) == {"artifact-rolled-back"}


def test_another_spelling_of_the_package_does_not_leave_the_order() -> None:
    raw = history("2.0")
    scene = honest(data=b"x", contents=(content(NAME, name="A-P.I", version="1.0"),))
    assert refusals(scene, raw) == set()  # another package: `a-p-i` is not `api`
    scene = honest(data=b"x", contents=(content(NAME, name="API", version="1.0"),))
    assert refusals(scene, raw) == {"artifact-rolled-back"}


@pytest.mark.parametrize("back_to", ["1.8", "1.90", "2.0", "1.9 ", "*", "sha256:" + "ab" * 32])
def test_a_rollback_needs_the_version_and_the_very_bytes_that_ran(back_to: str) -> None:
    told = {"reason": "2.0 loses data", "owner": "team"}
    assert refusals(version("1.9"), LEDGER, back_to="1.9", **told) == set()
    assert refusals(version("1.9"), LEDGER, back_to=back_to, **told) == {"artifact-rolled-back"}
    forged = honest(data=b"never ran", contents=(content(NAME, name="api", version="1.9"),))
    assert refusals(forged, LEDGER, back_to="1.9", **told) == {"artifact-rolled-back"}


def test_a_denied_artifact_does_not_come_back_by_a_rollback() -> None:
    denied = policy(controls={"deployment": {"denied": [Digest.of(b"bytes of 1.9").value]}})
    scene = version("1.9", policy=denied)
    assert refusals(scene, LEDGER, back_to="1.9", reason="r", owner="o") == {"artifact-denied"}


def _forged(change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    return b"\n".join(change(LEDGER.split(b"\n")))


def _relinked(raw: bytes) -> bytes:
    """Every line changed so that the chain holds again, as one does who can rewrite the whole file."""
    known = ledger.parse(raw).entries
    made = ledger.begin(known[0].name, NOW)
    for entry in known[1:]:
        made += ledger.extend(made, [replace(entry, version="1.0")])
    return made


TAMPERED = {
    "the newest version made an old one": LEDGER.replace(b'"version":"1.10"', b'"version":"1.01"'),
    "a line taken out": _forged(lambda lines: [*lines[:2], *lines[3:]]),
    "two lines exchanged": _forged(lambda lines: [lines[0], lines[2], lines[1], *lines[3:]]),
    "the first line taken out": _forged(lambda lines: lines[1:]),
    "a line twice": _forged(lambda lines: [*lines[:2], lines[1], *lines[2:]]),
    "two ledgers glued together": LEDGER + ledger.begin("production", NOW),
    "the last line cut in half": LEDGER[:-100],
    "the last line break gone": LEDGER[:-1],
    "an empty line": LEDGER + b"\n",
    "nothing": b"",
    "zero bytes": b"\0" * 64,
    "a line that is no JSON": LEDGER + b"rollback 1.9 please\n",
    "a key twice": LEDGER.replace(b'"kind":"init"', b'"kind":"init","kind":"init"', 1),
    "a carriage return": LEDGER.replace(b"\n", b"\r\n"),
    "a line that nests without end": LEDGER + b"[" * 9000 + b"\n",
    "a rollback written by hand": LEDGER
    + records.canonical({"previous": "ab" * 32, "entry": records.to_plain(Entry("rollback", "2026-05-01T00:00:00Z"))})
    + b"\n",
}


@pytest.mark.parametrize("attack", TAMPERED)
def test_a_ledger_that_was_tampered_with_lets_nothing_through(attack: str) -> None:
    scene = version("3.0")
    assert refusals(scene, TAMPERED[attack]) == {"ledger-broken"}
    assert scene.deploying().produced == ()


def test_a_ledger_cut_back_by_whole_lines_is_found_by_who_kept_a_head() -> None:
    heads = ledger.parse(LEDGER).heads
    cut = b"\n".join(LEDGER.split(b"\n")[:-2]) + b"\n"
    assert refusals(version("3.0"), LEDGER, head=heads[-1]) == set()
    assert refusals(version("3.0"), LEDGER, head=heads[1]) == set()
    assert refusals(version("3.0"), cut, head=heads[-1]) == {"ledger-broken"}


def test_a_ledger_written_anew_is_found_by_who_kept_a_head() -> None:
    heads = ledger.parse(LEDGER).heads
    assert refusals(version("1.9"), _relinked(LEDGER), head=heads[-1]) == {"ledger-broken"}


def listed(scene: Scene, **change: object) -> Scene:
    """The listing changed and bound again by a verdict: what only a trusted verifier could do."""
    plain = json.loads(scene.evidence["examined.json"]) | change
    scene.evidence["examined.json"] = records.canonical(plain)
    from tidegate.domain.claims import manifest

    kept = {n: Digest.of(raw) for n, raw in scene.evidence.items() if n != "MANIFEST" and ".vsa." not in n}
    scene.evidence["MANIFEST"] = manifest.render(kept).encode()
    scene.judge(scene.verdict())
    return scene


@pytest.mark.parametrize("name", ["examined.json", "MANIFEST"])
def test_the_list_of_the_release_cannot_be_changed_or_left_out(name: str) -> None:
    for spoil in (lambda raw: raw.replace(b"api", b"abc", 1) + b" ", lambda raw: None):
        scene = honest()
        changed = spoil(scene.evidence[name])
        scene.evidence = {n: raw for n, raw in scene.evidence.items() if n != name}
        if changed is not None:
            scene.evidence[name] = changed
        assert rules_of(scene.deploying()) & {"evidence-changed", "evidence-missing", "evidence-unbound"}


def test_a_file_slipped_into_a_release_is_foreign_although_it_has_evidence_of_its_own() -> None:
    """Two flawless releases of one run: the second one's file is deployed along with the first one's."""
    other = artifact("other-1.0.tar.gz")
    releases = [{"name": "api", "root": ".", "artifacts": [records.to_plain(artifact())]}]
    releases.append({"name": "web", "root": ".", "artifacts": [records.to_plain(other)]})
    scene = listed(honest(), releases=releases)
    assert rules_of(scene.deploying()) == set()
    scene.artifacts = (artifact(), other)
    findings = scene.deploying().findings
    assert ("artifact-foreign", other.name) in {(f.rule, f.about) for f in findings}


def test_half_a_release_is_not_a_release() -> None:
    scene = honest(artifacts=(artifact(), artifact("other-1.0.tar.gz")))
    scene.artifacts = (artifact(),)
    scene.told = Deploying(whole=True)
    assert rules_of(scene.deploying()) == {"release-incomplete"}


def test_a_second_verdict_form_of_a_builder_fools_nobody() -> None:
    scene = honest()
    raw = result.statement(
        scene.artifact,
        ("file:p", "ab" * 32),
        verifier_id(JUDGE),
        NOW,
        ["SLSA_BUILD_LEVEL_3"],
        dict.fromkeys(ROWS, "pass"),
    )
    for by in (BUILDER, STRANGER):
        scene.evidence[NAME + ".svr.sigstore.json"] = signer(by).sign_statement(raw).encode()
        assert rules_of(scene.deploying()) == {"svr-invalid"}
    only = {n: raw for n, raw in scene.evidence.items() if not n.endswith(".vsa.sigstore.json")}
    scene.evidence = only | {NAME + ".svr.sigstore.json": signer(JUDGE).sign_statement(raw).encode()}
    assert rules_of(scene.deploying()) == {"vsa-missing"}


COPY = "keys/copy-of-alice.pub"


def asking(count: int = 2, *more: dict[str, Any]) -> Policy:
    """A policy that asks for approvals; a copy of Alice's key lies in it under another path."""
    approvers = [{"key": ALICE}, {"key": BOB}, *more]
    trust = {"builders": [{"key": BUILDER}], "verifiers": [{"key": JUDGE}], "approvers": approvers}
    made = policy(trust=trust, controls={"provenance": {"approvals": count}})
    return made.model_copy(update={"files": made.files | {COPY: pem(ALICE)}})


def approved(scene: Scene) -> Scene:
    scene.sign()
    scene.attest(scene.provenance(), scene.sbom())
    return reseal(scene)


def unapproved(scene: Scene) -> str:
    """The message of the one finding both rows agree on."""
    made = approved(scene)
    reports = (made.tracing(Scope.CHECK), made.tracing(Scope.VERIFY), made.deploying())
    assert [rules_of(report) for report in reports] == [{"release-unapproved"}] * 3
    return reports[0].findings[0].message


def test_the_stage_for_the_approval_attacks_lets_the_honest_release_through() -> None:
    scene = Scene(policy=asking())
    scene.approve(ALICE)
    scene.approve(BOB)
    assert approved(scene).refusals() == set()


def test_one_approver_twice_is_one_approver() -> None:
    scene = Scene(policy=asking())
    scene.approve(ALICE)
    scene.approve(ALICE, reason="read again")
    assert "has approved already" in unapproved(scene)


def test_one_key_under_two_paths_is_one_approver() -> None:
    scene = Scene(policy=asking(2, {"key": COPY}))
    scene.approve(ALICE)
    scene.approve(ALICE)
    assert "1 of 2" in unapproved(scene)


def test_the_builder_cannot_approve_what_he_built() -> None:
    scene = Scene(policy=asking(2, {"key": BUILDER}))
    scene.approve(ALICE)
    scene.approve(BUILDER)
    assert "signed the provenance as well" in unapproved(scene)


@pytest.mark.parametrize("by", [STRANGER, JUDGE, BUILDER])
def test_who_is_no_approver_cannot_approve(by: str) -> None:
    scene = Scene(policy=asking())
    scene.approve(ALICE)
    scene.approve(by)
    assert "1 of 2" in unapproved(scene)


REPLAYED: dict[str, dict[str, Any]] = {
    "of another digest": {"artifacts": (artifact(data=b"what was shown to the approver"),)},
    "of another file": {"artifacts": (artifact("other.tar.gz"),)},
    "of another release": {"release": "web"},
    "under another policy": {"policy": "sha256:" + "cd" * 32},
    "from the future": {"time": NOW + timedelta(hours=1)},
}


@pytest.mark.parametrize("attack", REPLAYED)
def test_an_approval_of_something_else_is_not_replayed(attack: str) -> None:
    scene = Scene(policy=asking())
    scene.approve(ALICE)
    scene.approve(BOB, **REPLAYED[attack])
    assert BOB in unapproved(scene)


def test_right_name_and_right_digest_of_two_subjects_approve_nothing() -> None:
    scene = Scene(policy=asking())
    scene.approve(ALICE)
    mixed = (replace(scene.artifact, digest=Digest.of(b"x")), replace(scene.artifact, name="other"))
    scene.approve(BOB, artifacts=mixed)
    assert "approves another file" in unapproved(scene)


def test_an_approval_changed_after_it_was_signed_does_not_count() -> None:
    scene = Scene(policy=asking())
    scene.approve(ALICE)
    other = Approval("api", f"sha256:{scene.policy.digest}", "read", NOW)
    bundle = raw_bundle(build.approval_statement([artifact(data=b"other")], other), BOB)
    right = raw_bundle(build.approval_statement([scene.artifact], other), STRANGER)
    bundle["dsseEnvelope"]["payload"] = right["dsseEnvelope"]["payload"]
    scene.evidence[ATTESTATIONS] += lines([bundle])
    assert "1 of 2" in unapproved(scene)


@pytest.mark.parametrize(
    "predicate",
    [
        {},
        {"release": "api"},
        {"release": "api", "policy": {"digest": {"sha256": "ab" * 32}}, "reason": "r", "approvedAt": "soon"},
    ],
)
def test_an_approval_of_another_shape_does_not_count(predicate: dict[str, object]) -> None:
    scene = Scene(policy=asking())
    scene.approve(ALICE)
    plain = json.loads(build.approval_statement([scene.artifact], Approval("api", "sha256:" + "ab" * 32, "r", NOW)))
    scene.evidence[ATTESTATIONS] += lines([raw_bundle(statement(plain | {"predicate": predicate}), BOB)])
    assert "cannot be read" in unapproved(scene)


def test_an_approval_is_no_provenance_and_provenance_no_approval() -> None:
    scene = Scene(policy=asking())
    scene.sign()
    scene.approve(ALICE)
    scene.approve(BOB)
    assert rules_of(reseal(scene).tracing()) == {"provenance-missing", "release-unapproved"}
    scene = Scene(policy=asking())
    plain = json.loads(scene.provenance()) | {"predicateType": APPROVAL_V1}
    scene.evidence[ATTESTATIONS] = lines([raw_bundle(statement(plain), ALICE), raw_bundle(statement(plain), BOB)])
    assert "cannot be read" in unapproved(scene)


def test_a_revoked_approver_approves_nothing_more() -> None:
    scene = Scene(policy=asking())
    entries = [{"key": ALICE}, {"key": BOB, "revoked_at": (NOW - timedelta(days=1)).date()}]
    trust = {"builders": [{"key": BUILDER}], "verifiers": [{"key": JUDGE}], "approvers": entries}
    scene.policy = policy(trust=trust, controls={"provenance": {"approvals": 2}})
    scene.approve(ALICE)
    scene.approve(BOB)
    assert "revoked" in unapproved(scene)


def test_production_counts_by_its_own_policy_and_the_evidences_release() -> None:
    """Whoever verifies may ask for more approvers than whoever released."""
    scene = Scene(policy=asking(1))
    scene.approve(ALICE)
    made = approved(scene)
    assert made.refusals() == set()
    made.policy = asking(2)
    assert made.refusals() == {"release-unapproved"}
    lenient = asking(1)
    made.policy = lenient.model_copy(update={"digest": "ee" * 32})
    assert made.refusals() == set()
