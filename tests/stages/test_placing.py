"""Row 8 beyond the verdict: the set of files, the ledger, the kill switch, the second form of the verdict."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from support.sealed import BUILDER, JUDGE, NOW, STRANGER, Scene, artifact, honest, policy, rules_of, signer, verifier_id
from support.stock import content
from tidegate.domain.claims import levels, result
from tidegate.domain.claims.vsa import ROWS
from tidegate.formats import ledger, records
from tidegate.formats.ledger import Entry
from tidegate.model.control import Scope
from tidegate.model.digest import Digest
from tidegate.model.evidence import Report
from tidegate.model.finding import Finding
from tidegate.ports import Deploying

NAME = artifact().name
EMPTY = ledger.begin("production", NOW).decode()


def version(number: str, data: bytes | None = None, **changes: Any) -> Scene:
    """An honest release of a package with this version; other versions have other bytes."""
    known = content(NAME, name="api", version=number)
    return honest(data=data or f"bytes of {number}".encode(), contents=(known,), **changes)


def said(report: Report) -> tuple[Entry, ...]:
    """What the ledger is to say."""
    texts = [produced.text for produced in report.produced if produced.name == "ledger.json"]
    return records.load(tuple[Entry, ...], texts[0]) if texts else ()


def after(*scenes: Scene, told: Deploying | None = None) -> Deploying:
    """Production once these ran, each let through."""
    told = told or Deploying()
    raw = EMPTY.encode()
    for scene in scenes:
        scene.told = replace(told, named=True, ledger=raw.decode())
        report = scene.deploying()
        assert report.findings == ()
        raw += ledger.extend(raw, [ledger.stamped(entry, NOW) for entry in said(report)])
    return replace(told, named=True, ledger=raw.decode())


def shut(scene: Scene, told: Deploying) -> set[str]:
    scene.told = told
    return rules_of(scene.deploying())


def finding(report: Report, rule: str) -> Finding:
    return next(each for each in report.findings if each.rule == rule)


def test_the_verdict_is_about_the_package_the_artifact_says_it_is() -> None:
    assert rules_of(version("1.0").deploying()) == set()
    scene = version("1.0")
    scene.contents = (content(NAME, name="api", version="1.1"),)
    assert rules_of(scene.deploying()) == {"vsa-resource-mismatch"}


def test_a_release_with_a_uri_is_verified_by_it_and_nothing_else() -> None:
    rules = [{"name": "api", "artifacts": ["dist/*"], "uri": "https://acme.example/api"}]
    scene = honest(policy=policy(releases=rules))
    assert rules_of(scene.deploying()) == {"vsa-resource-mismatch"}
    scene.judge(scene.verdict(resource="https://acme.example/api"))
    assert rules_of(scene.deploying()) == set()


def test_a_verdict_rests_on_a_policy_this_one_accepts() -> None:
    assert rules_of(honest(policy=policy(controls={"deployment": {"policies": ["ab" * 32]}})).deploying()) == set()
    scene = honest(policy=policy(controls={"deployment": {"policies": ["cd" * 32]}}))
    assert rules_of(scene.deploying()) == {"vsa-policy-mismatch"}


def test_the_level_asked_for_is_asked_of_verdict_and_provenance() -> None:
    scene = honest(policy=policy(controls={"deployment": {"min_level": 2}}))
    assert rules_of(scene.deploying()) == {"vsa-level-missing"}
    scene.judge(scene.verdict(levels=[levels.name(3)]))
    assert "deserves SLSA Build L1" in finding(scene.deploying(), "vsa-level-missing").message


def test_a_denied_artifact_is_refused_and_nothing_can_except_it() -> None:
    scene = honest(policy=policy(controls={"deployment": {"denied": [artifact().digest.value]}}))
    for scope in (Scope.CHECK, Scope.VERIFY):
        told = finding(scene.deploying(scope), "artifact-denied")
        assert told.always
        assert told.about == str(artifact().digest)
    assert rules_of(honest(policy=policy(controls={"deployment": {"denied": ["ab" * 32]}})).deploying()) == set()


def test_of_a_whole_release_nothing_may_be_missing() -> None:
    other = artifact("other-1.0.tar.gz")
    scene = honest(artifacts=(artifact(), other))
    scene.artifacts = (artifact(),)
    assert rules_of(scene.deploying()) == set()
    scene.told = Deploying(whole=True)
    told = finding(scene.deploying(), "release-incomplete")
    assert (told.about, told.release) == (f"api#{other.name}", None)
    assert rules_of(scene.deploying(Scope.CHECK)) == set()


def test_only_the_release_that_was_meant_may_be_deployed() -> None:
    scene = honest()
    assert shut(scene, Deploying(release="api")) == set()
    assert shut(scene, Deploying(release="web")) == {"artifact-foreign"}
    named = policy(releases=[{"name": "web", "artifacts": ["dist/*"]}])
    assert rules_of(honest(policy=named).deploying()) == {"artifact-foreign"}


def test_a_ledger_that_is_asked_for_must_be_there() -> None:
    needs = policy(controls={"deployment": {"ledger": "required"}})
    assert rules_of(honest(policy=needs).deploying()) == {"ledger-missing"}
    assert rules_of(honest(policy=needs).deploying(Scope.CHECK)) == set()
    assert shut(honest(), Deploying(named=True)) == {"ledger-missing"}
    assert shut(honest(), Deploying(back_to="1.0", reason="r", owner="o")) == {"ledger-missing"}
    assert shut(honest(policy=needs), Deploying(named=True, ledger=EMPTY)) == set()


@pytest.mark.parametrize("text", ["", EMPTY[:-1], EMPTY + "\n", EMPTY + EMPTY, "{}\n", EMPTY.replace("init", "deploy")])
def test_a_ledger_that_was_touched_is_broken_and_nothing_is_added(text: str) -> None:
    scene = honest()
    assert shut(scene, Deploying(named=True, ledger=text)) == {"ledger-broken"}
    assert scene.deploying().produced == ()


def test_a_ledger_cut_back_behind_a_known_line_is_broken() -> None:
    head = ledger.parse(EMPTY.encode()).head
    assert shut(honest(), Deploying(named=True, ledger=EMPTY, head=head)) == set()
    assert shut(honest(), Deploying(named=True, ledger=EMPTY, head="ab" * 32)) == {"ledger-broken"}


def test_what_passes_is_told_to_the_ledger_in_full() -> None:
    scene = version("1.0")
    scene.told = Deploying(named=True, ledger=EMPTY)
    (entry,) = said(scene.deploying())
    assert (entry.kind, entry.release, entry.subject, entry.version) == ("deploy", "api", "pkg:pypi/api", "1.0")
    assert entry.digest == str(scene.artifact.digest)
    assert entry.run == Digest.of(scene.evidence["MANIFEST"]).value
    assert entry.verdict == Digest.of(scene.evidence[NAME + ".vsa.sigstore.json"]).value
    assert scene.deploying(Scope.CHECK).produced == ()


def test_older_is_refused_newer_is_not_and_a_restart_is_no_news() -> None:
    told = after(version("1.9"), version("1.10"))
    assert shut(version("1.9"), told) == {"artifact-rolled-back"}
    assert shut(version("1.11"), told) == set()
    again = version("1.10")
    assert shut(again, after(version("1.9"), again)) == set()
    assert again.deploying().produced == ()


def test_a_rollback_is_recorded_and_then_holds() -> None:
    old, new = version("1.9"), version("1.10")
    told = after(old, new)
    asking = replace(told, back_to="1.9", reason="1.10 loses data", owner="team")
    assert shut(old, asking) == set()
    (entry,) = said(old.deploying())
    assert (entry.kind, entry.reason, entry.owner) == ("rollback", "1.10 loses data", "team")
    raw = (asking.ledger or "").encode()
    raw += ledger.extend(raw, [ledger.stamped(entry, NOW)])
    assert shut(old, replace(told, ledger=raw.decode())) == set()
    assert shut(version("1.8"), replace(told, ledger=raw.decode())) == {"artifact-rolled-back"}


def test_a_rollback_to_what_never_ran_is_refused() -> None:
    asking = replace(after(version("1.10")), back_to="1.9", reason="r", owner="o")
    assert shut(version("1.9"), asking) == {"artifact-rolled-back"}


def results(scene: Scene, by: str = JUDGE, **changes: Any) -> None:
    given: dict[str, Any] = {
        "artifact": scene.artifact,
        "policy": ("file:tidegate.yaml", scene.policy.digest),
        "verifier": verifier_id(JUDGE),
        "time": scene.now - timedelta(hours=1),
        "levels": [levels.name(1)],
        "rows": dict.fromkeys(ROWS, "pass"),
    }
    raw = result.statement(**(given | changes))
    scene.evidence[NAME + ".svr.sigstore.json"] = signer(by).sign_statement(raw).encode()


def test_the_second_form_of_the_verdict_is_there_when_the_policy_promises_it() -> None:
    wants = policy(controls={"deployment": {"svr": True}})
    scene = honest(policy=wants)
    assert rules_of(scene.deploying()) == {"svr-missing"}
    results(scene)
    assert rules_of(scene.deploying()) == set()
    failed = honest(policy=wants)
    failed.judge(failed.verdict(passed=False))
    assert rules_of(failed.deploying()) == {"vsa-failed"}


@pytest.mark.parametrize(
    ("by", "changes"),
    [
        (STRANGER, {}),
        (BUILDER, {"verifier": verifier_id(BUILDER)}),
        (JUDGE, {"verifier": verifier_id(BUILDER)}),
        (JUDGE, {"artifact": artifact("other.tar.gz")}),
        (JUDGE, {"artifact": artifact(data=b"other")}),
        (JUDGE, {"time": NOW - timedelta(days=31)}),
        (JUDGE, {"time": NOW + timedelta(hours=1)}),
    ],
)
def test_a_second_form_that_says_something_else_is_refused_even_unasked(by: str, changes: dict[str, Any]) -> None:
    scene = honest()
    results(scene, by, **changes)
    assert rules_of(scene.deploying()) == {"svr-invalid"}


def test_a_verdict_is_no_second_form_of_itself() -> None:
    scene = honest()
    scene.evidence[NAME + ".svr.sigstore.json"] = scene.evidence[NAME + ".vsa.sigstore.json"]
    assert rules_of(scene.deploying()) == {"svr-invalid"}
    accepted = honest(policy=policy(controls={"deployment": {"policies": ["ab" * 32]}}))
    results(accepted, policy=("file:tidegate.yaml", "cd" * 32))
    assert rules_of(accepted.deploying()) == {"svr-invalid"}
