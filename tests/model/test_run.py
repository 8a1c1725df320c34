"""The gate opens only when every cell the scope owes is there, each one open, and one of them a pass."""

from dataclasses import replace
from itertools import product

import pytest

from support import runs
from tidegate.model.control import Control
from tidegate.model.finding import Level
from tidegate.model.release import Release
from tidegate.model.verdict import ExitCode, Judged, Outcome, Run, Verdict

ROWS = (Control.LOCKFILES, Control.SECRETS, Control.SBOM)
SHUTTING = runs.judged(runs.UNHASHED_URLLIB3)


def run_of(*outcomes: Outcome) -> Run:
    cells = [runs.verdict(row, outcome) for row, outcome in zip(ROWS, outcomes, strict=True)]
    return replace(runs.passing(), rows=ROWS, verdicts=tuple(cells))


WHOLE = run_of(Outcome.PASS, Outcome.PASS, Outcome.PASS)


def with_first(verdict: Verdict) -> Run:
    return replace(WHOLE, verdicts=(verdict, *WHOLE.verdicts[1:]))


@pytest.mark.parametrize("outcomes", list(product(Outcome, repeat=3)))
def test_every_combination_of_outcomes_has_its_exit_code(outcomes: tuple[Outcome, ...]) -> None:
    run = run_of(*outcomes)
    opened = Outcome.PASS in outcomes and set(outcomes) <= {Outcome.PASS, Outcome.NOT_REQUIRED, Outcome.WOULD_SHUT}
    assert run.lets_through() is opened
    expected = ExitCode.SHUT if Outcome.FAIL in outcomes else ExitCode.OPEN if opened else ExitCode.UNDECIDED
    assert run.exit_code is expected


def test_the_exit_codes_are_the_documented_ones() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OPEN": 0,
        "SHUT": 1,
        "USAGE": 2,
        "UNDECIDED": 3,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize("missing", range(3))
def test_a_missing_cell_keeps_the_gate_shut(missing: int) -> None:
    run = replace(WHOLE, verdicts=WHOLE.verdicts[:missing] + WHOLE.verdicts[missing + 1 :])
    assert not run.lets_through()
    assert run.exit_code is ExitCode.UNDECIDED


def test_a_missing_cell_of_one_release_keeps_the_gate_shut() -> None:
    run = replace(WHOLE, releases=(*WHOLE.releases, Release("web", "web")))
    assert run.exit_code is ExitCode.UNDECIDED
    filled = replace(run, verdicts=(*run.verdicts, *(runs.verdict(row, release="web") for row in ROWS)))
    assert filled.exit_code is ExitCode.OPEN


def test_a_row_the_scope_does_not_have_keeps_the_gate_shut() -> None:
    run = replace(WHOLE, verdicts=(*WHOLE.verdicts, runs.verdict(Control.SIGNING)))
    assert run.exit_code is ExitCode.UNDECIDED


def test_a_verdict_on_a_release_the_run_does_not_have_keeps_the_gate_shut() -> None:
    run = replace(WHOLE, verdicts=(*WHOLE.verdicts, runs.verdict(Control.SBOM, release="ghost")))
    assert run.exit_code is ExitCode.UNDECIDED


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.NOT_REQUIRED, Outcome.WOULD_SHUT])
def test_two_verdicts_on_one_cell_keep_the_gate_shut(outcome: Outcome) -> None:
    run = replace(WHOLE, verdicts=(*WHOLE.verdicts, runs.verdict(ROWS[0], outcome)))
    assert run.exit_code is ExitCode.UNDECIDED


def test_a_row_that_comes_later_is_not_asked_for() -> None:
    run = replace(WHOLE, verdicts=(*WHOLE.verdicts, runs.verdict(Control.SIGNING, Outcome.LATER)))
    assert run.exit_code is ExitCode.OPEN


def test_a_later_verdict_does_not_answer_for_an_owed_cell() -> None:
    assert with_first(runs.verdict(ROWS[0], Outcome.LATER)).exit_code is ExitCode.UNDECIDED


def test_nothing_asked_is_nothing_passed() -> None:
    for run in (
        replace(WHOLE, rows=(), verdicts=()),
        replace(WHOLE, releases=(), verdicts=()),
        replace(WHOLE, rows=()),
        replace(WHOLE, releases=()),
    ):
        assert not run.lets_through()
        assert run.exit_code is ExitCode.UNDECIDED


def test_only_later_rows_pass_nothing() -> None:
    run = replace(WHOLE, rows=(), verdicts=tuple(runs.verdict(row, Outcome.LATER) for row in ROWS))
    assert run.exit_code is ExitCode.UNDECIDED


def test_a_pass_that_holds_a_shutting_finding_is_not_believed() -> None:
    for verdict in WHOLE.verdicts:
        cells = [replace(v, findings=(SHUTTING,)) if v is verdict else v for v in WHOLE.verdicts]
        run = replace(WHOLE, verdicts=tuple(cells))
        assert not run.lets_through()
        assert run.exit_code is ExitCode.UNDECIDED


@pytest.mark.parametrize(
    "judged",
    [
        runs.judged(runs.MOVED),
        runs.judged(runs.UNHASHED_URLLIB3, Level.WARN),
        runs.judged(runs.SECRET_KEY, exemption=runs.ACCEPTED),
    ],
)
def test_a_pass_may_hold_warnings_and_accepted_findings(judged: Judged) -> None:
    assert with_first(runs.verdict(ROWS[0], Outcome.PASS, judged)).exit_code is ExitCode.OPEN


def test_a_row_under_report_may_hold_the_finding_it_would_shut_for() -> None:
    assert with_first(runs.verdict(ROWS[0], Outcome.WOULD_SHUT, SHUTTING)).exit_code is ExitCode.OPEN


def test_a_fail_anywhere_is_an_answer_even_where_the_rest_is_missing() -> None:
    assert replace(WHOLE, verdicts=(runs.verdict(ROWS[0], Outcome.FAIL, SHUTTING),)).exit_code is ExitCode.SHUT
    stray = runs.verdict(Control.SIGNING, Outcome.FAIL, release="ghost")
    assert replace(WHOLE, verdicts=(*WHOLE.verdicts, stray)).exit_code is ExitCode.SHUT


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("exemption", [None, runs.ACCEPTED])
def test_a_finding_shuts_when_it_fails_and_nothing_accepts_it(level: Level, exemption: object) -> None:
    judged = Judged(runs.SECRET_KEY, level, runs.ACCEPTED if exemption else None)
    assert judged.shuts is (level is Level.FAIL and exemption is None)


def test_the_order_of_verdicts_means_nothing() -> None:
    for run in (WHOLE, runs.shut(), runs.undecided(), runs.several()):
        assert replace(run, verdicts=run.verdicts[::-1]).exit_code is run.exit_code
