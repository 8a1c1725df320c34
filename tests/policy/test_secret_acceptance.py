"""What a baseline accepts passes until its day, is told as an exception, and is read from the policy's ref alone."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tidegate.domain.secrets import rules
from tidegate.errors import PolicyError
from tidegate.formats.secret_baseline import Baseline, Entry, render
from tidegate.judge import Bench, judge, standing
from tidegate.model.control import Control
from tidegate.model.evidence import Coverage, Report
from tidegate.model.exemption import Origin
from tidegate.model.finding import Finding, Rule, found
from tidegate.model.verdict import Outcome, Standing, Verdict
from tidegate.policy import baseline
from tidegate.policy.load import load
from tidegate.policy.schema import Policy

TODAY = date(2026, 11, 24)
SALT = "0f" * 16
ENTRY = Entry("a.py", "secret-in-tree", "github-token", "ab" * 16, "ann", "revoked long ago", TODAY)
NAMED = "version: 1\ncontrols:\n  secrets:\n    baseline: known.json\n"


def read(*entries: Entry, text: str = NAMED, raw: bytes | None = None, unwritten: str = "") -> Policy:
    files = {"tidegate.yaml": text.encode()}
    if entries or raw is not None:
        files["known.json"] = raw if raw is not None else render(Baseline(SALT, entries)).encode()
    return load("tidegate.yaml", lambda path, limit: files.get(path), unwritten=unwritten)


def faults(**more: Any) -> list[tuple[str, int | None, str]]:
    with pytest.raises(PolicyError) as caught:
        read(**more)
    return [(fault.path, fault.line, fault.message) for fault in caught.value.faults]


def bench(*entries: Entry, today: date = TODAY) -> Bench:
    policy = read(*entries) if entries else read(text="version: 1\n")
    return Bench(policy.model, (), today, accepted=baseline.of(policy))


def report(rule: Rule = rules.IN_TREE, about: str = ENTRY.about) -> Report:
    return Report(Control.SECRETS, (Coverage("files", 1, 1),), (found(rule, about),))


def verdict(made: Report, place: Bench) -> Verdict:
    return judge(Control.SECRETS, "app", made, "", place)


def test_an_entry_accepts_its_finding_through_its_last_day_and_not_a_day_longer() -> None:
    told = verdict(report(), bench(ENTRY))
    assert told.outcome is Outcome.PASS
    assert told.findings[0].exemption is not None
    assert told.findings[0].exemption.origin is Origin.BASELINE
    late = bench(ENTRY, today=TODAY + timedelta(1))
    told = verdict(report(), late)
    assert told.outcome is Outcome.FAIL
    (stood,) = standing(late, [told], [report()])
    assert (stood.standing, stood.count) == (Standing.EXPIRED, 1)


@pytest.mark.parametrize(
    "entry",
    [
        replace(ENTRY, path="b.py"),
        replace(ENTRY, detector="gitlab-token"),
        replace(ENTRY, fingerprint="ba" * 16),
        replace(ENTRY, rule="secret-in-history"),
        replace(ENTRY, rule="secret-suspected"),
    ],
)
def test_an_entry_accepts_nothing_but_its_own_finding(entry: Entry) -> None:
    place = bench(entry)
    told = verdict(report(), place)
    assert told.outcome is Outcome.FAIL
    (stood,) = standing(place, [told], [report()])
    assert (stood.standing, stood.count) == (Standing.UNUSED, 0)


def test_entries_are_told_where_their_row_was_asked_and_nowhere_else() -> None:
    place = bench(ENTRY, replace(ENTRY, path="b.py"))
    told = verdict(report(), place)
    assert [each.standing for each in standing(place, [told], [report()])] == [Standing.USED, Standing.UNUSED]
    assert standing(place, [told], [None]) == ()


def test_another_rows_finding_of_the_same_subject_is_not_accepted() -> None:
    place = bench(ENTRY)
    other = Report(
        Control.LOCKFILES, (Coverage("files", 1, 1),), (Finding("x", rules.IN_TREE.level, ENTRY.about, "x"),)
    )
    assert judge(Control.LOCKFILES, "app", other, "", place).outcome is Outcome.FAIL


@pytest.mark.parametrize("rule", ["history-incomplete", "file-unscanned", "secrets-too-many", "lock-missing"])
def test_an_entry_cannot_accept_that_something_was_not_searched(rule: str) -> None:
    (told,) = faults(raw=render(Baseline(SALT, (replace(ENTRY, rule=rule),))).encode())
    assert told == ("known.json", 5, f"an entry accepts `{rule}`")


def test_faults_of_a_baseline_are_the_policys_with_the_line_in_the_baseline() -> None:
    raw = render(Baseline(SALT, (ENTRY, replace(ENTRY, path="b.py")))).replace("revoked long ago", "old").encode()
    assert [(path, line) for path, line, _ in faults(raw=raw)] == [("known.json", 5), ("known.json", 14)]
    for broken in (b"", b"\xff", b"{}", b"\x00" * 50, b'{"version": 2}', b"[" * 1000, b"<<<<<<< x\n"):
        assert faults(raw=broken)[0][0] == "known.json"
    assert faults() == [("tidegate.yaml", 4, "`known.json` is not there at the policy's commit")]


def test_a_baseline_about_to_be_written_need_not_be_there_and_one_that_is_there_counts() -> None:
    empty = render(Baseline("ee" * 16))
    assert read(unwritten=empty).files["known.json"] == empty
    assert '"0f0f' in read(ENTRY, unwritten=empty).files["known.json"]


def test_the_digest_of_the_policy_covers_its_baseline() -> None:
    assert read(ENTRY).digest != read(replace(ENTRY, reason="revoked last week")).digest


def test_a_reason_that_speaks_of_a_private_key_does_not_make_the_baseline_one() -> None:
    assert read(replace(ENTRY, reason="the PRIVATE KEY of the samples")).files


def test_ten_thousand_entries_cost_no_time_worth_speaking_of() -> None:
    import time

    many = [replace(ENTRY, fingerprint=f"{number:032x}") for number in range(10_000)]
    place = bench(*many)
    made = Report(
        Control.SECRETS,
        (Coverage("files", 1, 1),),
        tuple(found(rules.IN_TREE, each.about) for each in many[:2000]),
    )
    begun = time.perf_counter()
    told = verdict(made, place)
    assert sum(each.standing is Standing.USED for each in standing(place, [told], [made])) == 2000
    assert time.perf_counter() - begun < 2
