"""The judge's promises: nothing unknown, unseen or unexplained is ever a pass."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.judge import (
    NOTHING_EXAMINED,
    VSA_FAILED,
    Bench,
    covers,
    decides,
    exemptions_of,
    followed,
    judge,
    level_of,
    standing,
)
from tidegate.model.control import Control
from tidegate.model.evidence import Blind, Coverage, Report
from tidegate.model.exemption import Exemption, Origin
from tidegate.model.finding import Finding, Level, Place
from tidegate.model.verdict import Outcome, Standing, Verdict
from tidegate.model.vulnerability import Severity
from tidegate.policy.controls import DependencyRules, LockfileRules
from tidegate.policy.schema import PolicyModel

TODAY = date(2026, 11, 24)
SEEN = (Coverage("files", 3, 3),)


def policy(**controls: Any) -> PolicyModel:
    named = {name.replace("_", "-"): value for name, value in controls.items()}
    return PolicyModel.model_validate({"version": 1, "controls": named})


def bench(model: PolicyModel | None = None, *exemptions: Exemption, **more: Any) -> Bench:
    return Bench(model or policy(), exemptions, TODAY, **more)


def finding(rule: str = "lock-missing", about: str = "a", **more: Any) -> Finding:
    return Finding(rule, more.pop("level", Level.FAIL), about, "says", **more)


def report(*findings: Finding, coverage: tuple[Coverage, ...] = SEEN, blind: tuple[Blind, ...] = ()) -> Report:
    return Report(Control.LOCKFILES, coverage, findings, blind=blind)


def exemption(**more: Any) -> Exemption:
    values: dict[str, Any] = {
        "rule": "lock-missing",
        "about": "a",
        "reason": "because of reasons",
        "owner": "team",
        "expires": TODAY,
        "origin": Origin.POLICY,
    }
    return Exemption(**(values | more))


def outcome(
    made: Report | None, place: Bench | None = None, control: Control = Control.LOCKFILES, why: str = ""
) -> Outcome:
    return judge(control, "app", made, why, place or bench()).outcome


def test_the_kill_switch_is_softened_by_nothing() -> None:
    rules = {"enforce": "report", "owner": "team", "until": TODAY, "rules": {"artifact-denied": "warn"}}
    soft = policy(lockfiles=rules)
    denied = finding("artifact-denied", always=True)
    assert outcome(report(denied), bench(soft, exemption(rule="artifact-denied"))) is Outcome.FAIL
    assert outcome(report(finding()), bench(soft)) is Outcome.WOULD_SHUT


def test_a_complete_report_without_findings_passes() -> None:
    verdict = judge(Control.LOCKFILES, "app", report(), "", bench())
    assert (verdict.outcome, verdict.reasons, verdict.findings, verdict.coverage) == (Outcome.PASS, (), (), SEEN)


def test_a_missing_report_is_undecided_and_says_why() -> None:
    verdict = judge(Control.LOCKFILES, "app", None, "its worker was killed", bench())
    assert verdict.outcome is Outcome.UNDECIDED
    assert verdict.reasons == ("its worker was killed",)
    assert judge(Control.LOCKFILES, "app", None, "", bench()).reasons == ("the stage gave no report",)


def test_a_report_of_another_row_is_undecided() -> None:
    assert outcome(report(), control=Control.SECRETS) is Outcome.UNDECIDED
    assert outcome(report(), control=Control.CI_TOKENS) is Outcome.UNDECIDED


def test_a_report_without_coverage_is_undecided() -> None:
    assert outcome(report(coverage=())) is Outcome.UNDECIDED


def test_coverage_of_another_release_only_is_no_coverage() -> None:
    assert outcome(report(coverage=(Coverage("files", 3, 3, release="other"),))) is Outcome.UNDECIDED


def test_nothing_examined_is_a_fail_that_no_exception_covers() -> None:
    accepted = exemption(rule=NOTHING_EXAMINED.id, about="lockfiles@app")
    softer = policy(lockfiles={"rules": {NOTHING_EXAMINED.id: "warn"}})
    verdict = judge(Control.LOCKFILES, "app", report(coverage=(Coverage("files", 0, 0),)), "", bench(softer, accepted))
    assert verdict.outcome is Outcome.FAIL
    assert [j.finding.rule for j in verdict.findings] == [NOTHING_EXAMINED.id]
    assert verdict.findings[0].finding.message.startswith("nothing was there to examine: no ")
    assert verdict.findings[0].finding.about == "lockfiles@app"
    assert verdict.findings[0].finding.release == "app"


def test_one_examined_thing_is_something() -> None:
    assert outcome(report(coverage=(Coverage("files", 0, 0), Coverage("packages", 1, 1)))) is Outcome.PASS


def test_what_was_not_examined_and_not_explained_is_undecided() -> None:
    short = (Coverage("files", 2, 3),)
    assert outcome(report(coverage=short)) is Outcome.UNDECIDED
    assert "2 of 3 files" in judge(Control.LOCKFILES, "app", report(coverage=short), "", bench()).reasons[0]


def test_each_unexamined_thing_needs_a_finding_of_its_own() -> None:
    short = (Coverage("files", 1, 3),)
    one, two = finding(), finding(about="b")
    accepted = (exemption(), exemption(about="b"))
    assert outcome(report(one, coverage=short), bench(None, *accepted)) is Outcome.UNDECIDED
    assert outcome(report(one, two, coverage=short), bench(None, *accepted)) is Outcome.PASS


def test_an_unexamined_whole_counts_as_much_as_an_unexamined_part() -> None:
    none = (Coverage("locks", 1, 1), Coverage("files", 0, 2))
    assert outcome(report(finding(), coverage=none), bench(None, exemption())) is Outcome.UNDECIDED
    most = (Coverage("files", 3, 5),)
    accepted = (exemption(), exemption(about="b"))
    assert outcome(report(finding(), finding(about="b"), coverage=most), bench(None, *accepted)) is Outcome.PASS


def test_more_findings_than_unexamined_things_explain_them_all() -> None:
    accepted = (exemption(), exemption(about="b"))
    made = report(finding(), finding(about="b"), coverage=(Coverage("files", 2, 3),))
    assert outcome(made, bench(None, *accepted)) is Outcome.PASS


def test_a_warning_explains_nothing() -> None:
    assert outcome(report(finding(level=Level.WARN), coverage=(Coverage("files", 2, 3),))) is Outcome.UNDECIDED


@pytest.mark.parametrize(("examined", "expected"), [(-1, 3), (4, 3)])
def test_impossible_coverage_is_undecided_even_with_findings_that_would_explain_it(
    examined: int, expected: int
) -> None:
    made = report(finding(), coverage=(Coverage("files", examined, expected),))
    assert outcome(made, bench(None, exemption())) is Outcome.UNDECIDED


def test_a_finding_shuts_and_a_warning_does_not() -> None:
    assert outcome(report(finding())) is Outcome.FAIL
    assert outcome(report(finding(level=Level.WARN))) is Outcome.PASS


def test_a_finding_of_another_release_does_not_count_here_and_one_of_none_counts_everywhere() -> None:
    assert outcome(report(finding(release="other"))) is Outcome.PASS
    assert outcome(report(finding(release="app"))) is Outcome.FAIL
    assert outcome(report(finding(release=None))) is Outcome.FAIL


def test_blindness_is_undecided_and_a_finding_beside_it_is_still_a_fail() -> None:
    dark = (Blind("the service did not answer", "try again"),)
    verdict = judge(Control.LOCKFILES, "app", report(blind=dark), "", bench())
    assert (verdict.outcome, verdict.reasons, verdict.hint) == (
        Outcome.UNDECIDED,
        ("the service did not answer",),
        "try again",
    )
    assert outcome(report(finding(), blind=dark)) is Outcome.FAIL
    assert outcome(report(blind=(Blind("x", "y", release="other"),))) is Outcome.PASS
    assert outcome(report(blind=(Blind("x", "y", release="app"),))) is Outcome.UNDECIDED


def test_blindness_over_nothing_examined_stays_undecided() -> None:
    assert outcome(report(blind=(Blind("x", "y"),), coverage=(Coverage("files", 0, 0),))) is Outcome.UNDECIDED


def test_not_required_needs_the_policy_and_shows_its_reason() -> None:
    model = policy(lockfiles={"required": False, "reason": "no packages here"})
    verdict = judge(Control.LOCKFILES, "app", report(finding()), "", bench(model))
    assert (verdict.outcome, verdict.reasons) == (Outcome.NOT_REQUIRED, ("no packages here",))
    assert outcome(None, bench(model)) is Outcome.NOT_REQUIRED


class TestReporting:
    def model(self, **more: Any) -> PolicyModel:
        return policy(lockfiles={"enforce": "report", "owner": "team", **more})

    @pytest.mark.parametrize(
        ("days", "expected"), [(0, Outcome.WOULD_SHUT), (1, Outcome.WOULD_SHUT), (-1, Outcome.FAIL)]
    )
    def test_a_fail_would_shut_until_its_last_day_and_shuts_after(self, days: int, expected: Outcome) -> None:
        assert outcome(report(finding()), bench(self.model(until=TODAY + timedelta(days=days)))) is expected

    def test_the_verdict_says_until_when_and_who_answers(self) -> None:
        verdict = judge(Control.LOCKFILES, "app", report(finding()), "", bench(self.model(until=TODAY)))
        assert verdict.reasons == ("reported only, until 2026-11-24 (team)",)

    def test_days_count_from_the_adopting_commit(self) -> None:
        model = self.model(report_days=30)
        young, old = TODAY - timedelta(days=30), TODAY - timedelta(days=31)
        assert outcome(report(finding()), bench(model, adopted=young)) is Outcome.WOULD_SHUT
        assert outcome(report(finding()), bench(model, adopted=old)) is Outcome.FAIL

    def test_without_an_adopting_commit_nothing_is_softened(self) -> None:
        assert outcome(report(finding()), bench(self.model(report_days=30))) is Outcome.FAIL

    def test_the_day_of_adoption_counts_and_a_day_to_come_softens_nothing(self) -> None:
        model = self.model(report_days=30)
        assert outcome(report(finding()), bench(model, adopted=TODAY)) is Outcome.WOULD_SHUT
        assert outcome(report(finding()), bench(model, adopted=TODAY + timedelta(days=1))) is Outcome.FAIL

    def test_only_the_kill_switch_is_never_softened(self) -> None:
        place = bench(self.model(until=TODAY))
        assert outcome(report(finding("artifact-changed")), place) is Outcome.WOULD_SHUT
        assert outcome(report(finding("z-last")), place) is Outcome.WOULD_SHUT
        assert outcome(report(finding("artifact-denied")), place) is Outcome.FAIL

    def test_a_row_decides_when_it_is_required_and_not_softened(self) -> None:
        off = policy(lockfiles={"required": False, "reason": "elsewhere"})
        assert decides(policy().controls.lockfiles, bench())
        assert not decides(off.controls.lockfiles, bench(off))
        soft = self.model(until=TODAY)
        assert not decides(soft.controls.lockfiles, bench(soft))

    def test_until_wins_over_days(self) -> None:
        model = self.model(report_days=90, until=TODAY - timedelta(days=1))
        assert outcome(report(finding()), bench(model, adopted=TODAY)) is Outcome.FAIL

    def test_an_end_without_report_softens_nothing(self) -> None:
        shut = policy(lockfiles={"enforce": "shut", "until": TODAY + timedelta(days=9), "report_days": 30})
        assert outcome(report(finding()), bench(shut, adopted=TODAY)) is Outcome.FAIL

    def test_undecided_is_never_softened(self) -> None:
        place = bench(self.model(until=TODAY))
        assert outcome(None, place) is Outcome.UNDECIDED
        assert outcome(report(blind=(Blind("x", "y"),)), place) is Outcome.UNDECIDED
        assert outcome(report(finding(), blind=(Blind("x", "y"),)), place) is Outcome.UNDECIDED

    def test_a_pass_stays_a_pass(self) -> None:
        assert outcome(report(), bench(self.model(until=TODAY))) is Outcome.PASS


class TestLevels:
    def test_the_policy_moves_a_rule_both_ways(self) -> None:
        softer = LockfileRules(rules={"lock-missing": "warn"})
        harder = LockfileRules(rules={"lock-missing": "fail"})
        assert level_of(finding(), softer) is Level.WARN
        assert level_of(finding(level=Level.WARN), harder) is Level.FAIL
        assert level_of(finding(level=Level.WARN), softer.model_copy(update={"rules": {}})) is Level.WARN

    @pytest.mark.parametrize("severity", [s for s in Severity if s is not Severity.UNKNOWN])
    @pytest.mark.parametrize("threshold", ["low", "medium", "high", "critical"])
    def test_severity_meets_the_threshold(self, severity: Severity, threshold: Any) -> None:
        rules = DependencyRules(fail_on=threshold)
        expected = Level.FAIL if severity >= Severity[threshold.upper()] else Level.WARN
        assert level_of(finding(severity=severity), rules) is expected

    def test_unknown_severity_is_what_the_policy_says_and_a_fail_by_default(self) -> None:
        graded = finding(severity=Severity.UNKNOWN)
        assert level_of(graded, DependencyRules(fail_on="critical")) is Level.FAIL
        assert level_of(graded, DependencyRules(unknown_severity="warn")) is Level.WARN

    def test_a_rule_keeps_its_level_where_the_policy_is_silent(self) -> None:
        assert level_of(finding("z-last", level=Level.WARN), LockfileRules()) is Level.WARN
        assert level_of(finding("a-first", level=Level.WARN), LockfileRules()) is Level.WARN

    def test_severity_means_nothing_to_other_rows(self) -> None:
        assert level_of(finding(severity=Severity.LOW), LockfileRules()) is Level.FAIL

    def test_malware_is_a_fail_whatever_the_policy_says(self) -> None:
        bad = finding("dependency-malicious", severity=Severity.LOW, always=True, level=Level.WARN)
        rules = DependencyRules(fail_on="critical", rules={"dependency-malicious": "warn"})
        assert level_of(bad, rules) is Level.FAIL
        place = bench(None, exemption(rule="dependency-malicious"))
        made = Report(Control.DEPENDENCIES, SEEN, (bad,))
        assert judge(Control.DEPENDENCIES, "app", made, "", place).outcome is Outcome.FAIL


class TestExemptions:
    def test_exactly_the_subject_of_the_rule_is_accepted(self) -> None:
        assert outcome(report(finding()), bench(None, exemption())) is Outcome.PASS
        assert outcome(report(finding(about="ab")), bench(None, exemption())) is Outcome.FAIL
        assert outcome(report(finding("lock-stale")), bench(None, exemption())) is Outcome.FAIL
        assert outcome(report(finding()), bench(None, exemption(about="b"))) is Outcome.FAIL
        assert outcome(report(finding()), bench(None, exemption(rule="z"))) is Outcome.FAIL
        assert outcome(report(finding("z-last")), bench(None, exemption(rule="z-last"))) is Outcome.PASS
        assert outcome(report(finding(), finding(about="b")), bench(None, exemption())) is Outcome.FAIL

    def test_the_last_day_counts_and_the_next_does_not(self) -> None:
        assert outcome(report(finding()), bench(None, exemption(expires=TODAY))) is Outcome.PASS
        assert outcome(report(finding()), bench(None, exemption(expires=TODAY + timedelta(days=1)))) is Outcome.PASS
        assert outcome(report(finding()), bench(None, exemption(expires=TODAY - timedelta(days=1)))) is Outcome.FAIL

    def test_until_fixed_ends_when_a_fix_is_known(self) -> None:
        accepted = exemption(expires=None, until_fixed=True)
        assert outcome(report(finding()), bench(None, accepted)) is Outcome.PASS
        assert outcome(report(finding(fix_known=True)), bench(None, accepted)) is Outcome.FAIL
        assert outcome(report(finding(fix_known=True)), bench(None, exemption())) is Outcome.PASS

    def test_a_warning_is_accepted_like_a_fail(self) -> None:
        verdict = judge(Control.LOCKFILES, "app", report(finding(level=Level.WARN)), "", bench(None, exemption()))
        assert [j.exemption for j in verdict.findings] == [exemption()]

    def test_an_expired_one_does_not_hide_a_valid_one(self) -> None:
        old = exemption(expires=TODAY - timedelta(days=1))
        assert outcome(report(finding()), bench(None, old, exemption())) is Outcome.PASS

    def test_the_verdict_keeps_the_finding_and_names_the_exemption(self) -> None:
        verdict = judge(Control.LOCKFILES, "app", report(finding()), "", bench(None, exemption()))
        assert [j.exemption for j in verdict.findings] == [exemption()]
        assert not verdict.findings[0].shuts

    def test_policy_entries_become_exemptions(self) -> None:
        model = PolicyModel.model_validate(
            {
                "version": 1,
                "exceptions": [
                    {"rule": "r", "about": "a", "reason": "long enough reason", "owner": "o", "until_fixed": True}
                ],
                "exclude": [
                    {"path": "tests/bad/", "reason": "long enough reason", "owner": "o", "expires": TODAY},
                ],
            }
        )
        first, second = exemptions_of(model)
        assert (first.origin, first.rule, first.about, first.until_fixed) == (Origin.POLICY, "r", "a", True)
        assert (second.origin, second.about, second.expires) == (Origin.EXCLUDE, "tests/bad", TODAY)


class TestExclusions:
    path = exemption(rule="*", about="tests/data", origin=Origin.EXCLUDE)

    def covered(self, where: str, control: Control = Control.LOCKFILES, roots: tuple[str, ...] = (".",)) -> bool:
        return covers(self.path, finding(place=Place(where)), control, roots)

    def test_files_below_the_path_and_the_path_itself(self) -> None:
        assert self.covered("tests/data/uv.lock")
        assert self.covered("tests/data")
        assert not self.covered("tests/database/uv.lock")
        assert not self.covered("another/uv.lock")
        assert not self.covered("uv.lock")

    @pytest.mark.parametrize("control", list(Control))
    def test_only_rows_1_2_and_4(self, control: Control) -> None:
        expected = control in {Control.LOCKFILES, Control.DEPENDENCIES, Control.CI_TOKENS}
        assert self.covered("tests/data/uv.lock", control) is expected

    def test_an_unread_lockfile_is_no_gap_in_the_sbom_where_it_is_excluded(self) -> None:
        gap = finding("sbom-incomplete", place=Place("tests/data/yarn.lock"))
        assert covers(self.path, gap, Control.SBOM, (".",))
        assert not covers(self.path, replace(gap, place=Place("yarn.lock")), Control.SBOM, (".",))
        assert not covers(self.path, replace(gap, rule="sbom-drift"), Control.SBOM, (".",))

    @pytest.mark.parametrize("rule", ["a-first", "secret-in-tree", "z-last"])
    def test_no_rule_of_secret_scanning_whatever_it_is_called(self, rule: str) -> None:
        place = Place("tests/data/settings.py")
        assert not covers(self.path, finding(rule, place=place), Control.SECRETS, (".",))
        assert not covers(self.path, finding(rule, place=place), Control.SBOM, (".",))

    def test_never_a_roots_own_files(self) -> None:
        assert not self.covered("tests/data/uv.lock", roots=(".", "tests/data"))
        whole = replace(self.path, about="pyproject.toml")
        assert not covers(whole, finding(place=Place("pyproject.toml")), Control.LOCKFILES, (".",))

    def test_never_the_workflows_ci_runs(self) -> None:
        wide = replace(self.path, about=".github")
        place = Place(".github/workflows/release.yml")
        assert not covers(wide, finding(place=place), Control.CI_TOKENS, (".",))
        assert covers(wide, finding(place=Place(".github/actions/x/action.yml")), Control.CI_TOKENS, (".",))

    @pytest.mark.parametrize("about", ["", "."])
    def test_never_everything(self, about: str) -> None:
        wide = replace(self.path, about=about)
        assert not covers(wide, finding(place=Place("a/b")), Control.LOCKFILES, ())

    def test_never_a_finding_without_a_place(self) -> None:
        assert not covers(self.path, finding(about="tests/data/uv.lock"), Control.LOCKFILES, (".",))


class TestStanding:
    def stand(self, given_: Exemption, *findings: Finding) -> tuple[Standing, int]:
        place = bench(None, given_)
        cell = judge(Control.LOCKFILES, "app", report(*findings), "", place)
        (told,) = standing(place, [cell])
        return told.standing, told.count

    def test_used_is_counted(self) -> None:
        assert self.stand(exemption(), finding(), finding()) == (Standing.USED, 2)

    def test_unused_is_said(self) -> None:
        assert self.stand(exemption(), finding(about="b")) == (Standing.UNUSED, 0)

    def test_expired_is_named_with_what_it_would_have_covered(self) -> None:
        old = exemption(expires=TODAY - timedelta(days=1))
        assert self.stand(old, finding()) == (Standing.EXPIRED, 1)
        assert self.stand(old) == (Standing.EXPIRED, 0)
        assert self.stand(old, finding(about="b")) == (Standing.EXPIRED, 0)

    def test_a_known_fix_ends_until_fixed(self) -> None:
        accepted = exemption(expires=None, until_fixed=True)
        assert self.stand(accepted, finding(fix_known=True)) == (Standing.EXPIRED, 1)


class TestFollowed:
    def cells(self, rule: str = VSA_FAILED, soft: Outcome = Outcome.WOULD_SHUT, release: str = "app") -> Verdict:
        made = Report(Control.DEPLOYMENT, SEEN, (finding(rule),))
        verdict = judge(Control.DEPLOYMENT, "app", made, "", bench())
        return followed(verdict, [Verdict(Control.SIGNING, release, soft)])

    def test_row_8_would_shut_when_only_another_softened_row_shuts_it(self) -> None:
        assert self.cells().outcome is Outcome.WOULD_SHUT
        assert len(self.cells().reasons) == 1

    def test_row_8_fails_for_anything_of_its_own(self) -> None:
        assert self.cells(rule="vsa-missing").outcome is Outcome.FAIL
        assert self.cells(rule="artifact-unknown").outcome is Outcome.FAIL
        assert self.cells(soft=Outcome.PASS).outcome is Outcome.FAIL
        assert self.cells(soft=Outcome.FAIL).outcome is Outcome.FAIL
        assert self.cells(release="other").outcome is Outcome.FAIL
        assert self.cells(release="aaa").outcome is Outcome.FAIL

    def test_other_outcomes_are_left_alone(self) -> None:
        passed = judge(Control.DEPLOYMENT, "app", Report(Control.DEPLOYMENT, SEEN), "", bench())
        assert followed(passed, [Verdict(Control.SIGNING, "app", Outcome.WOULD_SHUT)]) == passed


COVERAGE = st.builds(
    Coverage, st.just("files"), st.integers(-1, 3), st.integers(0, 3), st.sampled_from([None, "app", "other"])
)
FINDINGS = st.builds(
    Finding,
    st.sampled_from(["lock-missing", "x"]),
    st.sampled_from(Level),
    st.sampled_from(["a", "b"]),
    st.just("says"),
    release=st.sampled_from([None, "app", "other"]),
    always=st.booleans(),
)
BLIND = st.builds(Blind, st.just("dark"), st.just("hint"), st.sampled_from([None, "app", "other"]))


@settings(max_examples=300, deadline=None)
@given(st.lists(COVERAGE, max_size=3), st.lists(FINDINGS, max_size=3), st.lists(BLIND, max_size=2), st.booleans())
def test_a_pass_always_means_examined_seen_and_clean(
    coverage: list[Coverage], findings: list[Finding], blind: list[Blind], accepted: bool
) -> None:
    made = report(*findings, coverage=tuple(coverage), blind=tuple(blind))
    verdict = judge(Control.LOCKFILES, "app", made, "", bench(None, *([exemption()] if accepted else [])))
    mine = [c for c in coverage if c.release in (None, "app")]
    if verdict.outcome is Outcome.PASS:
        assert sum(c.examined for c in mine) > 0
        assert all(0 <= c.examined <= c.expected for c in mine)
        assert not any(b.release in (None, "app") for b in blind)
        assert not any(j.shuts for j in verdict.findings)
        assert all(
            f.rule == "lock-missing" and not f.always
            for f in findings
            if f.level is Level.FAIL and f.release != "other"
        )
