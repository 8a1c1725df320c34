"""What a baseline gains and loses: nothing that was not found, not asked for, or is somebody else's entry."""

import hashlib
import sys
import time
from dataclasses import replace
from datetime import date

import pytest

from support.tokens import github, password
from tidegate.cli import options
from tidegate.cli.accepting import Match, Terms, offer, pruned, taken_over
from tidegate.cli.hashing import Watch
from tidegate.domain.secrets import rules
from tidegate.domain.secrets.engine import Hit
from tidegate.errors import UserError
from tidegate.formats.detect_secrets_baseline import Hashed
from tidegate.formats.secret_baseline import Baseline, Entry
from tidegate.model.exemption import Exemption, Origin
from tidegate.model.finding import Rule, found
from tidegate.model.verdict import Judged

TODAY = date(2026, 11, 24)
TERMS = Terms("ann", "a sample that opens nothing", TODAY)
FINGERPRINT = "ab" * 16


def judged(rule: Rule = rules.SUSPECTED, path: str = "a.py", accepted: bool = False) -> tuple[tuple[str, str], Judged]:
    about = f"{path}#some-key#{FINGERPRINT}"
    exemption = Exemption(rule.id, about, "because", "bob", TODAY, Origin.POLICY) if accepted else None
    return (rule.id, about), Judged(found(rule, about, fingerprint=FINGERPRINT), rule.level, exemption)


def entry(path: str = "a.py", rule: str = "secret-suspected", expires: date = TODAY) -> Entry:
    return Entry(path, rule, "some-key", FINGERPRINT, "bob", "written by somebody else", expires)


def test_what_is_accepted_already_is_not_offered_and_what_has_ended_is_not_renewed() -> None:
    seen = dict([judged(), judged(path="b.py", accepted=True), judged(path="c.py"), judged(rules.IN_TREE)])
    made = offer(seen, Baseline("0" * 32, (entry("c.py"),)), TERMS, include_block=False)
    assert [each.path for each in made.new] == ["a.py"]
    assert [each.owner for each in made.ended] == ["bob"]
    assert [each.rule for each in made.blocked] == ["secret-in-tree"]
    assert made.rotate == ()
    made = offer(seen, Baseline("0" * 32), TERMS, include_block=True, chosen=lambda finding: "a.py" in finding.about)
    assert {each.rule for each in made.new} == {"secret-suspected", "secret-in-tree"}
    assert [each.rule for each in made.rotate] == ["secret-in-tree"]


def test_a_baseline_does_not_outgrow_what_a_reader_takes() -> None:
    full = Baseline("0" * 32, tuple(replace(entry(), fingerprint=f"{n:032x}") for n in range(10_000)))
    with pytest.raises(UserError, match="at most 10000"):
        offer(dict([judged()]), full, TERMS, include_block=False)


def test_pruning_keeps_what_matches_and_what_nobody_looked_for() -> None:
    held = Baseline("0" * 32, (entry(), entry("gone.py"), entry("x.whl!/y", "secret-in-artifact"), entry("old.py")))
    told = pruned(held, dict([judged()]), lambda each: each.rule != "secret-in-artifact", TODAY, expired=True)
    assert [each.path for each in told.kept] == ["a.py", "x.whl!/y"]
    assert [each.path for each in told.gone] == ["gone.py", "old.py"]
    assert [each.path for each in told.unseen] == ["x.whl!/y"]
    late = date(2026, 11, 25)
    assert len(pruned(held, dict([judged()]), lambda _: True, late, expired=True).ended) == 4
    assert pruned(held, dict([judged()]), lambda _: True, late, expired=False).ended == ()


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


ONE, TWO, BARE = Hashed("a.py", "k", sha1("one")), Hashed("a.py", "k", sha1("two")), Hashed("a.py", "k", sha1("ghp"))
KEY = judged()[0]


def match(*wanted: int, other: bool = False) -> Match:
    return Match("some-key", FINGERPRINT, wanted, other)


@pytest.mark.parametrize(
    ("theirs", "matches", "count", "lost"),
    [
        ([ONE], [match(0)], 1, 0),
        ([ONE, TWO], [match(0, 1)], 1, 0),
        ([ONE], [], 0, 1),
        ([ONE], [match(0, other=True)], 0, 1),  # another value goes by the same name
        ([replace(ONE, path="b.py")], [match(0)], 0, 1),  # accepted in another file
        ([ONE, replace(TWO, path="b.py")], [match(0, 1)], 0, 2),
        ([ONE, replace(TWO, real=True)], [match(0, 1)], 0, 1),
        ([BARE], [match(0)], 0, 0),
    ],
)
def test_a_finding_is_taken_over_when_each_of_its_values_was_accepted_in_its_file(
    theirs: list[Hashed], matches: list[Match], count: int, lost: int
) -> None:
    taken = taken_over(theirs, matches, [KEY])
    assert (len(taken.subjects), len(taken.lost)) == (count, lost)
    assert len(taken.bare) == sum(bool(each.bare) for each in theirs)


def test_the_hash_of_a_value_is_compared_and_nothing_of_it_kept() -> None:
    value, address = github("a"), "postgres" + "://u:" + password("b") + "@db.example/x"
    watch = Watch((sha1(value), sha1(password("b")), sha1("another")))
    hit = Hit("some-key", "a key", 1, 1, 40, FINGERPRINT)
    watch(hit, f'"{value}"'.encode())
    watch(replace(hit, id="address"), address.encode())
    watch(replace(hit, id="address"), address.encode())
    watch(replace(hit, fingerprint="cd" * 16), b"unknown")
    watch(replace(hit, id="address", fingerprint="ef" * 16), b"")
    told = watch.matches()
    assert [(each.detector, each.wanted, each.other) for each in told] == [
        ("address", (1,), False),
        ("some-key", (0,), False),
    ]
    assert value not in repr(vars(watch))
    watch(hit, b"another value of this name")
    assert [each.other for each in watch.matches()] == [False, True]


def test_progress_is_a_line_now_and_then_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    progress = options.Progress()
    for second in range(95):
        now[0] = float(second)
        progress(f"searched {second} files")
    progress.clear()
    told = capsys.readouterr().err.splitlines()
    assert told == ["searched 30 files …", "searched 60 files …", "searched 90 files …"]
    assert progress.last == "searched 94 files"
    assert not sys.stderr.isatty()
