"""Every row gets a verdict, whatever a stage does: real worker processes, broken on purpose."""

import sys
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


class Recorder(Seal):
    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self.sealed = 0
        self.proved = 0

    def seal(self, ask, inventory, reports, refused):  # type: ignore[no-untyped-def]
        self.refused = dict(refused)
        self.sealed += 1

    def prove(self, ask, verdicts, reports):  # type: ignore[no-untyped-def]
        self.proved += 1
        self.before = {v.control for v in verdicts}
