"""What the runner makes of answers, good and bad: the same promises as with real processes, in milliseconds."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tidegate.acts import SIGNING_REFUSED, Ask, Seal
from tidegate.formats.records import dump
from tidegate.model.control import Control, Scope
from tidegate.model.digest import Digest
from tidegate.model.evidence import Blind, Clause, Coverage, Produced, Report
from tidegate.model.finding import Finding, Level
from tidegate.model.inventory import Inventory, Source
from tidegate.model.release import Artifact, ArtifactKind, Release
from tidegate.model.verdict import ExitCode, Outcome, Run
from tidegate.policy.schema import Policy
from tidegate.ports import Done, Job
from tidegate.runner import Runner
from tidegate.stages.task import Alone

ARTIFACT = Artifact("a.whl", "dist/a.whl", Digest.of(b"a"), 1, ArtifactKind.FILE)
APP = Release("app", ".", (ARTIFACT,))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SEALED = (Control.SIGNING, Control.PROVENANCE, Control.DEPLOYMENT)
EXAMINED = tuple(control for control in Control if control not in SEALED)


class Frozen:
    def now(self) -> datetime:
        return NOW


def good(control: Control, **more: Any) -> Report:
    return Report(control, more.pop("coverage", (Coverage("things", 3, 3),)), **more)


class Told:
    """Workers that answer each task as told, a good report where nothing is told; they remember what was asked."""

    def __init__(self, **answers: object) -> None:
        self.answers = {name.replace("_", "-"): answer for name, answer in answers.items()}
        self.asked: list[tuple[str, ...]] = []
        self.deadlines: list[float] = []
        self.payloads: dict[str, Any] = {}

    def run(self, jobs: Iterable[Job], deadline: float) -> Iterator[Done]:
        listed = list(jobs)
        self.asked.append(tuple(job.id for job in listed))
        self.deadlines.append(deadline)
        for job in reversed(listed):  # workers end in any order
            self.payloads[job.id] = json.loads(job.payload)
            answer = self.answers.get(job.task, self._usual(job))
            if isinstance(answer, list):
                answer = answer.pop(0) if answer else self._usual(job)
            if answer is None:
                continue
            yield (
                answer
                if isinstance(answer, Done)
                else Done(job.id, text=answer if isinstance(answer, str) else dump(answer))
            )

    def _usual(self, job: Job) -> object:
        source = Source(commit="c" * 40)
        if job.task == "alone":
            return Alone(source, good(Control(job.id)))
        return Inventory(source) if job.task == "inventory" else good(Control(job.task))


def policy(**controls: object) -> Policy:
    model = {"version": 1, "controls": {name.replace("_", "-"): value for name, value in controls.items()}}
    return Policy.model_validate(
        {"model": model, "files": {}, "digest": "sha256:0", "path": "p.yaml", "warnings": ("w",)}
    )


def ask(scope: Scope = Scope.CHECK, **more: Any) -> Ask:
    values: dict[str, Any] = {"scope": scope, "policy": policy(), "releases": (APP,), "means": '{"m":1}'}
    return Ask(**(values | more))


class Recorder(Seal):
    def __init__(self) -> None:
        self.refused: dict[str, str] | None = None
        self.proved: list[Control] = []
        self.found: tuple[Finding, ...] = ()

    def seal(self, ask: Any, inventory: Any, reports: Any, refused: Any) -> None:
        self.refused = dict(refused)

    def prove(self, ask: Any, verdicts: Any, reports: Any) -> None:
        self.proved = [verdict.control for verdict in verdicts]

    @property
    def notes(self) -> tuple[str, ...]:
        return ("from the seal",)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.found


def run(workers: Told | None = None, asked: Ask | None = None, seal: Seal | None = None, store: Any = None) -> Run:
    return Runner(workers or Told(), Frozen(), lambda text: None).run(asked or ask(), store, seal)


def outcomes(made: Run) -> dict[Control, Outcome]:
    return {verdict.control: verdict.outcome for verdict in made.verdicts}


def finding(rule: str = "x-y", level: Level = Level.FAIL, **more: Any) -> Finding:
    return Finding(rule, level, more.pop("about", "about"), more.pop("message", "says"), **more)


def test_every_row_of_a_check_is_asked_judged_and_proved_in_order() -> None:
    workers, seal = Told(), Recorder()
    made = run(workers, seal=seal)
    assert set(outcomes(made).values()) == {Outcome.PASS}
    assert made.exit_code is ExitCode.OPEN
    assert [set(names) for names in workers.asked] == [
        {"inventory"},
        {control.value for control in EXAMINED},
        {"signing", "provenance"},
        {"deployment"},
    ]
    assert seal.refused == {}
    assert set(seal.proved) == set(Control) - {Control.DEPLOYMENT}
    assert [verdict.control for verdict in made.verdicts] == list(Control)
    assert made.rows == tuple(Control)


@pytest.mark.parametrize(
    ("scope", "rows"),
    [
        (Scope.REVIEW, {Control.LOCKFILES, Control.DEPENDENCIES, Control.SECRETS, Control.CI_TOKENS}),
        (Scope.EXAMINE, set(EXAMINED)),
        (Scope.VERIFY, set(SEALED)),
    ],
)
def test_each_scope_answers_for_its_rows_and_calls_the_others_later(scope: Scope, rows: set[Control]) -> None:
    seal = Recorder()
    made = run(asked=ask(scope), seal=seal)
    assert {c for c, o in outcomes(made).items() if o is Outcome.PASS} == rows
    assert {c for c, o in outcomes(made).items() if o is Outcome.LATER} == set(Control) - rows
    assert set(made.rows) == rows
    assert seal.refused is None
    assert seal.proved == []


def test_only_a_look_at_single_rows_may_leave_rows_out() -> None:
    one = frozenset({Control.SECRETS})
    assert set(run(asked=ask(Scope.EXAMINE, only=one)).rows) == one
    assert set(run(asked=ask(Scope.CHECK, only=one)).rows) == set(Control)
    assert len(run(asked=ask(Scope.REVIEW, only=one)).rows) == 4


SINGLE = frozenset({Control.LOCKFILES})


def alone(workers: Told, **more: Any) -> Run:
    return run(workers, ask(Scope.EXAMINE, only=SINGLE, **more))


def test_a_single_row_is_one_job_whose_worker_reads_the_inventory() -> None:
    workers = Told()
    made = alone(workers)
    assert workers.asked == [("lockfiles",)]
    assert set(workers.payloads["lockfiles"]) == {"means", "releases", "row", "policy", "scope"}
    assert (made.source.commit, outcomes(made)[Control.LOCKFILES]) == ("c" * 40, Outcome.PASS)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Done("lockfiles", failed="it broke", hint="mend it"), "it broke (hint: mend it)"),
        ("{", "cannot be read"),
        ("null", "cannot be read"),
        (dump(good(Control.LOCKFILES)), "cannot be read"),
        (dump(Alone(Source(), good(Control.SECRETS))), "speaks of secrets"),
        (None, "no answer"),
    ],
)
def test_a_single_row_without_its_own_answer_is_undecided(answer: object, why: str) -> None:
    made = alone(Told(alone=answer))
    (cell,) = (verdict for verdict in made.verdicts if verdict.control is Control.LOCKFILES)
    assert cell.outcome is Outcome.UNDECIDED
    assert why in " ".join(cell.reasons)
    assert made.exit_code is ExitCode.UNDECIDED


def test_a_single_row_that_is_not_required_has_its_source_read_all_the_same() -> None:
    workers = Told()
    made = alone(workers, policy=policy(lockfiles={"required": False, "reason": "no packages"}))
    assert workers.asked[0] == ("inventory",)
    assert (made.source.commit, outcomes(made)[Control.LOCKFILES]) == ("c" * 40, Outcome.NOT_REQUIRED)


def test_before_deployment_no_tree_is_read() -> None:
    workers = Told(inventory=Done("inventory", failed="never asked"))
    assert run(workers, ask(Scope.VERIFY)).exit_code is ExitCode.OPEN
    assert "inventory" not in {name for names in workers.asked for name in names}


@pytest.mark.parametrize(
    "answer",
    [None, Done("inventory", failed="killed"), Done("inventory"), "null", "{", "[]", '{"source":{}}x', "9" * 5000],
)
def test_without_an_inventory_every_row_is_undecided_and_nothing_is_sealed(answer: object) -> None:
    seal = Recorder()
    workers = Told()
    workers.answers["inventory"] = answer
    made = run(workers, seal=seal)
    assert set(outcomes(made).values()) == {Outcome.UNDECIDED}
    assert made.exit_code is ExitCode.UNDECIDED
    assert seal.refused is None
    assert all("inventory" in reason for verdict in made.verdicts for reason in verdict.reasons)


@pytest.mark.parametrize("row", list(Control))
@pytest.mark.parametrize(
    "answer",
    [
        None,
        Done("x", failed="was killed", hint="again"),
        "null",
        "{",
        "[]",
        '{"control":"nothing"}',
        dump(Report(Control.LOCKFILES, ())),
        "1" * 5000,
    ],
)
def test_an_answer_that_is_none_is_undecided_for_its_row(row: Control, answer: object) -> None:
    workers = Told()
    workers.answers[row.value] = replace(answer, id=row.value) if isinstance(answer, Done) else answer
    found = outcomes(run(workers))
    assert found[row] is Outcome.UNDECIDED
    if row in EXAMINED:
        assert all(found[other] is Outcome.PASS for other in EXAMINED if other is not row)


@pytest.mark.parametrize("row", EXAMINED)
@pytest.mark.parametrize("other", EXAMINED)
def test_a_report_of_another_row_is_no_answer(row: Control, other: Control) -> None:
    workers = Told()
    workers.answers[row.value] = good(other)
    found = outcomes(run(workers, ask(Scope.EXAMINE)))
    assert found[row] is (Outcome.PASS if row is other else Outcome.UNDECIDED)
    assert all(found[c] is Outcome.PASS for c in EXAMINED if c is not row)


def test_a_row_nobody_answered_for_says_so() -> None:
    workers = Told()
    workers.answers["secrets"] = None
    (cell,) = [v for v in run(workers, ask(Scope.EXAMINE)).verdicts if v.control is Control.SECRETS]
    assert cell.reasons == ("its worker gave no answer",)


def test_before_deployment_nothing_is_softened() -> None:
    soft = policy(signing={"enforce": "report", "owner": "team", "until": date(2026, 12, 1)})
    unsigned = good(Control.SIGNING, findings=(finding("signature-missing"),))
    assert outcomes(run(Told(signing=unsigned), ask(Scope.VERIFY, policy=soft)))[Control.SIGNING] is Outcome.FAIL


def test_an_inventory_from_a_worker_that_failed_is_not_used() -> None:
    text = dump(Inventory(Source(commit="c" * 40)))
    made = run(Told(inventory=Done("inventory", text=text, failed="killed")))
    assert set(outcomes(made).values()) == {Outcome.UNDECIDED}
    assert "killed" in made.verdicts[0].reasons[0]


def test_why_a_worker_failed_and_what_may_help_is_said() -> None:
    made = run(Told(secrets=Done("secrets", failed="was killed", hint="again")), ask(Scope.EXAMINE))
    (cell,) = [v for v in made.verdicts if v.control is Control.SECRETS]
    assert cell.reasons == ("was killed (hint: again)",)


class TestRefused:
    def test_a_release_that_failed_act_1_is_refused_and_the_sealing_rows_say_so_once(self) -> None:
        seal = Recorder()
        missing = good(Control.SIGNING, findings=(finding("signature-missing", release="app"),))
        made = run(Told(secrets=good(Control.SECRETS, findings=(finding(),)), signing=missing), seal=seal)
        assert seal.refused == {"app": "secrets is fail"}
        assert all(outcomes(made)[row] is Outcome.FAIL for row in SEALED)
        (cell,) = [v for v in made.verdicts if v.control is Control.SIGNING]
        assert [j.finding.rule for j in cell.findings] == [SIGNING_REFUSED.id]
        assert made.exit_code is ExitCode.SHUT

    def test_a_release_that_is_undecided_in_act_1_stays_undecided_in_the_sealing_rows(self) -> None:
        seal = Recorder()
        missing = good(Control.SIGNING, findings=(finding("signature-missing", release="app"),))
        blind = good(Control.DEPENDENCIES, blind=(Blind("the service did not answer", "again"),))
        made = run(Told(dependencies=blind, signing=missing), seal=seal)
        assert seal.refused == {"app": "dependencies is undecided"}
        assert all(outcomes(made)[row] is Outcome.UNDECIDED for row in SEALED)
        assert made.exit_code is ExitCode.UNDECIDED

    def test_a_fail_speaks_before_what_is_undecided(self) -> None:
        seal = Recorder()
        blind = good(Control.LOCKFILES, blind=(Blind("x", "y"),))
        made = run(Told(lockfiles=blind, sbom=good(Control.SBOM, findings=(finding(),))), seal=seal)
        assert seal.refused == {"app": "sbom is fail"}
        assert all(outcomes(made)[row] is Outcome.FAIL for row in SEALED)

    def test_bytes_that_moved_refuse_the_release_they_belong_to(self) -> None:
        seal = Recorder()
        other = Release("other", ".", ())
        moved = finding("artifact-changed", message="it moved", release="app")
        run(asked=ask(releases=(APP, other), changed=lambda: (moved,)), seal=seal)
        assert seal.refused == {"app": "it moved"}

    @pytest.mark.parametrize(("bad", "well"), [("app", "other"), ("other", "app")])
    def test_one_bad_release_does_not_refuse_the_other(self, bad: str, well: str) -> None:
        seal = Recorder()
        other = Release("other", ".", (replace(ARTIFACT, name="b.whl"),))
        found = good(Control.SECRETS, findings=(finding(release=bad),))
        made = run(Told(secrets=found), ask(releases=(APP, other)), seal)
        assert seal.refused == {bad: "secrets is fail"}
        cells = {(v.control, v.release): v.outcome for v in made.verdicts}
        assert cells[Control.SIGNING, well] is Outcome.PASS
        assert cells[Control.SIGNING, bad] is Outcome.FAIL

    def test_what_a_refused_release_has_wrong_besides_stays(self) -> None:
        wrong = (finding("signature-invalid", release="app"), finding("signature-missing", release="app"))
        made = run(
            Told(secrets=good(Control.SECRETS, findings=(finding(),)), signing=good(Control.SIGNING, findings=wrong)),
            seal=Recorder(),
        )
        (cell,) = [v for v in made.verdicts if v.control is Control.SIGNING]
        assert {j.finding.rule for j in cell.findings} == {"signature-invalid", SIGNING_REFUSED.id}

    def test_what_is_missing_from_a_release_that_was_not_refused_stays(self) -> None:
        missing = good(Control.SIGNING, findings=(finding("signature-missing", release="app"),))
        made = run(Told(signing=missing), seal=Recorder())
        assert outcomes(made)[Control.SIGNING] is Outcome.FAIL

    def test_a_signer_that_did_not_answer_leaves_the_sealing_rows_undecided(self) -> None:
        class Dark(Recorder):
            @property
            def undecided(self) -> dict[str, Blind]:
                return {"app": Blind("the signer did not answer", "again", "app")}

        made = run(seal=Dark())
        assert all(outcomes(made)[row] is Outcome.UNDECIDED for row in SEALED)
        assert made.exit_code is ExitCode.UNDECIDED

    def test_what_would_shut_is_signed_and_row_8_follows(self) -> None:
        seal = Recorder()
        soft = policy(secrets={"enforce": "report", "owner": "team", "until": date(2026, 12, 1)})
        failed = good(Control.DEPLOYMENT, findings=(finding("vsa-failed"),))
        workers = Told(secrets=good(Control.SECRETS, findings=(finding(),)), deployment=failed)
        made = run(workers, ask(policy=soft), seal)
        assert seal.refused == {}
        assert outcomes(made)[Control.DEPLOYMENT] is Outcome.WOULD_SHUT
        assert made.exit_code is ExitCode.OPEN

    def test_what_the_seal_found_counts_in_the_sealing_rows_only(self) -> None:
        seal = Recorder()
        seal.found = (finding(SIGNING_REFUSED.id, release="app"),)
        made = run(seal=seal)
        assert all(outcomes(made)[row] is Outcome.FAIL for row in SEALED)
        assert all(outcomes(made)[row] is Outcome.PASS for row in EXAMINED)


class Folder:
    def __init__(self, *names: str) -> None:
        self.files = dict.fromkeys(names, "")

    def write(self, name: str, text: str, *, replace: bool = False) -> None:
        self.files[name] = text

    def read(self, name: str) -> str | None:
        return self.files.get(name)

    def names(self) -> tuple[str, ...]:
        return tuple(self.files)


class TestEvidenceThatIsThere:
    def once(self, *answers: Report | Done) -> Callable[[str], object]:
        told = list(answers)
        return lambda task: told.pop(0) if told else good(Control(task))

    def test_it_is_verified_before_anything_is_signed_and_again_after(self) -> None:
        workers, seal = Told(), Recorder()
        run(workers, seal=seal, store=Folder("a.whl.sigstore.json"))
        assert [set(names) for names in workers.asked].count({"signing", "provenance"}) == 2
        assert seal.refused == {}

    def test_what_does_not_verify_refuses_the_release(self) -> None:
        seal = Recorder()
        broken = good(Control.SIGNING, findings=(finding("signature-invalid", message="it does not verify"),))
        run(Told(signing=broken), seal=seal, store=Folder("a.whl.attestations.jsonl"))
        assert seal.refused == {"app": "it does not verify"}

    def test_what_is_only_missing_can_still_be_made(self) -> None:
        seal = Recorder()
        lacking = good(Control.PROVENANCE, findings=(finding("provenance-missing"),))
        run(Told(provenance=lacking), seal=seal, store=Folder("a.whl.sigstore.json"))
        assert seal.refused == {}

    def test_a_warning_about_it_does_not_stop_signing(self) -> None:
        seal = Recorder()
        warned = good(Control.PROVENANCE, findings=(finding("attestation-ignored", Level.WARN),))
        run(Told(provenance=warned), seal=seal, store=Folder("a.whl.sigstore.json"))
        assert seal.refused == {}

    @pytest.mark.parametrize(
        "answer", [None, Done("signing", failed="killed"), good(Control.SIGNING, blind=(Blind("dark", "hint"),))]
    )
    def test_what_could_not_be_verified_refuses_it_as_undecided(self, answer: object) -> None:
        seal = Recorder()
        workers = Told()
        workers.answers["signing"] = answer
        made = run(workers, seal=seal, store=Folder("a.whl.sigstore.json"))
        assert "could not be verified" in (seal.refused or {})["app"]
        assert made.exit_code is ExitCode.UNDECIDED

    def test_what_was_said_before_signing_does_not_stand_in_for_an_answer_after_it(self) -> None:
        died = Done("signing", failed="killed")
        made = run(Told(signing=[good(Control.SIGNING), died]), seal=Recorder(), store=Folder("a.whl.sigstore.json"))
        assert outcomes(made)[Control.SIGNING] is Outcome.UNDECIDED

    def test_other_files_are_no_evidence(self) -> None:
        workers = Told()
        run(workers, seal=Recorder(), store=Folder("sbom.cdx.json"))
        assert [set(names) for names in workers.asked].count({"signing", "provenance"}) == 1


def test_documents_of_the_stages_are_stored() -> None:
    store = Folder()
    run(Told(sbom=good(Control.SBOM, produced=(Produced("sbom.cdx.json", "x", "{}"),))), seal=Recorder(), store=store)
    assert store.files["sbom.cdx.json"] == "{}"


def test_a_run_in_which_nothing_is_required_is_not_open() -> None:
    off = {"required": False, "reason": "off"}
    names = ("lockfiles", "dependencies", "secrets", "ci-tokens")
    assert run(asked=ask(Scope.REVIEW, policy=policy(**dict.fromkeys(names, off)))).exit_code is ExitCode.UNDECIDED


def test_what_the_parent_found_counts_in_another_row_where_row_2_cannot_shut() -> None:
    off = policy(dependencies={"required": False, "reason": "elsewhere"})
    made = run(asked=ask(Scope.REVIEW, policy=off, findings=(finding("policy-changed"),)))
    assert [c for c, o in outcomes(made).items() if o is Outcome.FAIL] == [Control.LOCKFILES]


def test_nothing_examined_is_a_fail_and_a_finding_wins_over_what_is_undecided() -> None:
    nothing = good(Control.SECRETS, coverage=(Coverage("files", 0, 0),))
    made = run(Told(secrets=nothing, lockfiles=None), ask(Scope.REVIEW))
    assert outcomes(made)[Control.SECRETS] is Outcome.FAIL
    assert made.exit_code is ExitCode.SHUT


def test_an_artifact_that_moved_fails_the_sealing_rows() -> None:
    moved = finding("artifact-changed", release="app")
    found = outcomes(run(asked=ask(Scope.VERIFY, changed=lambda: (moved,))))
    assert [found[row] for row in SEALED] == [Outcome.FAIL] * 3


def test_a_row_that_is_not_required_is_not_asked() -> None:
    workers = Told()
    made = run(workers, ask(policy=policy(secrets={"required": False, "reason": "elsewhere"})))
    assert outcomes(made)[Control.SECRETS] is Outcome.NOT_REQUIRED
    assert "secrets" not in {name for names in workers.asked for name in names}


def test_a_stage_gets_the_releases_the_inventory_the_policy_and_the_scope() -> None:
    workers = Told()
    run(workers)
    payload = workers.payloads["secrets"]
    assert payload["means"] == {"m": 1}
    assert payload["releases"][0]["name"] == "app"
    assert payload["inventory"]["source"]["commit"] == "c" * 40
    assert payload["policy"]["digest"] == "sha256:0"
    assert payload["scope"] == "check"


def test_what_the_parent_found_counts_once_and_in_one_row() -> None:
    made = run(asked=ask(Scope.REVIEW, findings=(finding("policy-changed"),)))
    assert [c for c, o in outcomes(made).items() if o is Outcome.FAIL] == [Control.DEPENDENCIES]


def test_the_report_is_in_table_order_whatever_order_workers_ended_in() -> None:
    clauses = {
        name: (Clause("b", "signed", name, "signature", True), Clause("a", "time", name, "signature", False))
        for name in ("signing", "provenance")
    }
    made = run(Told(**{n: good(Control(n), clauses=c, notes=(n,)) for n, c in clauses.items()}), seal=Recorder())
    assert [(c.artifact, c.topic, c.says) for c in made.clauses] == [
        ("a", "time", "signing"),
        ("a", "time", "provenance"),
        ("b", "signed", "signing"),
        ("b", "signed", "provenance"),
    ]
    assert made.notes == ("w", "signing", "provenance", "from the seal")


def test_notes_are_said_once() -> None:
    made = run(Told(secrets=good(Control.SECRETS, notes=("w", "n")), sbom=good(Control.SBOM, notes=("n",))))
    assert made.notes == ("w", "n")


def test_the_run_names_itself_its_policy_and_its_evidence() -> None:
    made = run(asked=ask(run_id="r1", evidence=".tidegate/runs/r1"))
    assert (made.id, made.evidence, made.policy.path, made.policy.digest) == (
        "r1",
        ".tidegate/runs/r1",
        "p.yaml",
        "sha256:0",
    )
    assert run().id.startswith("20261124T120000Z-")
    assert made.source.commit == "c" * 40


def test_a_proposed_policy_is_shown_beside_and_counts_for_nothing() -> None:
    loose = policy(secrets={"required": False, "reason": "loosened"})
    bad = Told(secrets=good(Control.SECRETS, findings=(finding(),)))
    made = run(bad, ask(Scope.REVIEW, beside=loose))
    assert made.exit_code is ExitCode.SHUT
    assert "under the proposed policy `secrets` (app) would be: not required" in made.notes
    assert len([note for note in made.notes if "proposed" in note]) == 1
    soft = policy(secrets={"rules": {"x-y": "warn"}})
    tighter = run(
        Told(secrets=good(Control.SECRETS, findings=(finding(),))), ask(Scope.REVIEW, policy=soft, beside=policy())
    )
    assert "under the proposed policy `secrets` (app) would be: fail" in tighter.notes


class Slow(Told):
    """An inventory that takes its time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def run(self, jobs: Iterable[Job], deadline: float) -> Iterator[Done]:
        if not self.asked:
            time.sleep(self.seconds)
        yield from super().run(jobs, deadline)


def test_an_inventory_that_took_all_the_time_leaves_act_1_a_moment_and_no_more() -> None:
    workers = Slow(1.1)
    model = {"version": 1, "limits": {"deadline": "1s"}}
    hurried = Policy.model_validate({"model": model, "files": {}, "digest": "sha256:0", "path": "p"})
    run(workers, ask(Scope.REVIEW, policy=hurried))
    assert workers.deadlines == [1.0, 0.1]


def test_the_deadline_is_the_policys() -> None:
    workers = Slow(0.3)
    model = {"version": 1, "limits": {"deadline": "2m"}}
    short = Policy.model_validate({"model": model, "files": {}, "digest": "sha256:0", "path": "p"})
    run(workers, ask(policy=short))
    assert workers.deadlines[0] == 120.0
    # The inventory's time is act 1's time.
    assert 119.2 < workers.deadlines[1] < 119.8
    assert workers.deadlines[2:] == [120.0, 120.0]
