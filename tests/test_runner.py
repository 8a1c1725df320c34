"""Every row gets a verdict, whatever a stage does: real worker processes, broken on purpose."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tidegate.acts import Ask, Seal
from tidegate.adapters.workers import ProcessWorkers
from tidegate.cli.wire import Means
from tidegate.formats.records import dump
from tidegate.model.control import Control, Scope
from tidegate.model.digest import Digest
from tidegate.model.release import Artifact, ArtifactKind, Release
from tidegate.model.verdict import ExitCode, Outcome, Run
from tidegate.policy.schema import Policy
from tidegate.ports import CIFacts
from tidegate.runner import Runner

BROKEN = Path(__file__).parent / "support" / "broken_worker.py"
ACT_1 = (Control.LOCKFILES, Control.DEPENDENCIES, Control.SECRETS, Control.CI_TOKENS)


class Frozen:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)


def policy(**controls: object) -> Policy:
    model = {"version": 1, "controls": controls}
    return Policy.model_validate({"model": model, "files": {}, "digest": "sha256:0", "path": "tidegate.yaml"})


def ask(tmp_path: Path, scope: Scope = Scope.REVIEW, **more: object) -> Ask:
    means = Means(root=str(tmp_path), taken=str(tmp_path), evidence="", facts=CIFacts("local", ()))
    artifact = Artifact("a.whl", "dist/a.whl", Digest.of(b"a"), 1, ArtifactKind.FILE)
    values: dict[str, object] = {
        "scope": scope,
        "policy": policy(),
        "releases": (Release("app", ".", (artifact,) if scope is Scope.VERIFY else ()),),
        "means": dump(means),
    }
    return Ask(**(values | more))  # type: ignore[arg-type]


def runner(*modes: str, side_by_side: int = 4) -> Runner:
    command = [sys.executable, "-P", str(BROKEN), *modes]
    return Runner(ProcessWorkers(command, side_by_side), Frozen(), lambda text: None)


def outcomes(run: Run) -> dict[Control, Outcome]:
    return {v.control: v.outcome for v in run.verdicts}


def test_a_sound_run_passes_every_row_of_its_scope(tmp_path: Path) -> None:
    run = runner().run(ask(tmp_path))
    assert {c: o for c, o in outcomes(run).items() if o is Outcome.PASS}.keys() == set(ACT_1)
    assert all(outcomes(run)[c] is Outcome.LATER for c in Control if c not in ACT_1)
    assert run.exit_code is ExitCode.OPEN
    assert run.rows == ACT_1


@pytest.mark.parametrize(
    "mode", ["crash", "exit", "exit-at-once", "none", "empty", "killed", "short", "other-row", "memory"]
)
def test_a_broken_stage_is_undecided_and_the_others_still_answer(tmp_path: Path, mode: str) -> None:
    run = runner(f"secrets={mode}").run(ask(tmp_path))
    found = outcomes(run)
    assert found[Control.SECRETS] is Outcome.UNDECIDED
    assert all(found[c] is Outcome.PASS for c in ACT_1 if c is not Control.SECRETS)
    assert run.exit_code is ExitCode.UNDECIDED
    cell = next(v for v in run.verdicts if v.control is Control.SECRETS)
    assert cell.reasons


@pytest.mark.parametrize("mode", ["sleep", "regex"])
def test_a_hanging_stage_ends_at_the_deadline_and_the_others_still_answer(tmp_path: Path, mode: str) -> None:
    started = time.monotonic()
    run = _short(tmp_path, mode)
    assert time.monotonic() - started < 25
    found = outcomes(run)
    assert found[Control.LOCKFILES] is Outcome.UNDECIDED
    assert all(found[c] is Outcome.PASS for c in ACT_1 if c is not Control.LOCKFILES)
    assert run.exit_code is ExitCode.UNDECIDED


def _short(tmp_path: Path, mode: str) -> Run:
    class Hurried(ProcessWorkers):
        def run(self, jobs, deadline):  # type: ignore[no-untyped-def]
            return super().run(jobs, min(deadline, 8.0))

    command = [sys.executable, "-P", str(BROKEN), f"lockfiles={mode}"]
    return Runner(Hurried(command, 4), Frozen(), lambda text: None).run(ask(tmp_path))


def test_one_worker_and_many_say_the_same(tmp_path: Path) -> None:
    one = runner("ci-tokens=finding", side_by_side=1).run(ask(tmp_path))
    many = runner("ci-tokens=finding", side_by_side=4).run(ask(tmp_path))
    assert one.verdicts == many.verdicts


def test_an_inventory_that_cannot_be_read_leaves_every_row_undecided(tmp_path: Path) -> None:
    gone = Means(root=str(tmp_path / "gone"), taken=str(tmp_path), evidence="", facts=CIFacts("local", ()))
    run = runner().run(ask(tmp_path, means=dump(gone)))
    assert all(outcomes(run)[c] is Outcome.UNDECIDED for c in ACT_1)
    assert run.exit_code is ExitCode.UNDECIDED


def test_a_denied_artifact_is_never_signed_and_every_sealing_row_says_so(tmp_path: Path) -> None:
    asked: list[str] = []

    class Remembering(Seal):
        def seal(self, ask, inventory, reports, refused):  # type: ignore[no-untyped-def]
            asked.extend(release.name for release in ask.releases if release.name not in refused)

    artifact = Artifact("a.whl", "dist/a.whl", Digest.of(b"a"), 1, ArtifactKind.FILE)
    releases = (Release("app", ".", (artifact,)), Release("web", "."))
    rules = policy(deployment={"denied": [Digest.of(b"a").value]})
    run = runner().run(ask(tmp_path, Scope.CHECK, policy=rules, releases=releases), seal=Remembering())
    assert asked == ["web"]
    refused = {v.control for v in run.verdicts if v.release == "app" and v.outcome is Outcome.FAIL}
    assert refused == {Control.SIGNING, Control.PROVENANCE, Control.DEPLOYMENT}
    assert "the policy denies `a.whl`" in str(run.verdicts)


def test_at_the_end_the_parent_is_told_every_report(tmp_path: Path) -> None:
    told: list[Control] = []

    class Told(Seal):
        def concluded(self, reports):  # type: ignore[no-untyped-def]
            told.extend(reports)

    runner("secrets=crash").run(ask(tmp_path), seal=Told())
    assert set(told) == set(ACT_1) - {Control.SECRETS}
