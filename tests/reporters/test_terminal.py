"""What a person at a red build reads."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from support import runs
from support.hostile import SPELLS, obeyed, texts, unseen
from tidegate.model.control import Control, Scope
from tidegate.model.finding import Place
from tidegate.model.verdict import Outcome, Run, Standed, Standing
from tidegate.reporters import terminal

GOLDEN = Path(__file__).parent.parent / "data" / "golden"


def text(run: Run, width: int = 110, *, colour: bool = False, ascii_only: bool = False) -> str:
    return terminal.render(run, width=width, colour=colour, ascii_only=ascii_only)


def last(run: Run) -> str:
    return text(run).splitlines()[-1]


@pytest.mark.parametrize("name", ["passing", "shut", "undecided", "would_shut", "excused", "several"])
def test_the_report_is_the_one_that_was_reviewed(name: str) -> None:
    assert text(getattr(runs, name)()) == (GOLDEN / f"{name}.txt").read_text("utf-8")


def test_the_last_line_is_the_verdict_with_its_counts_and_the_next_step() -> None:
    assert last(runs.shut()).startswith("FAIL  the gate is shut: 2 of 8 rows failed, 5 pass, 1 not required in 3.8 s  ")
    assert last(runs.shut()).endswith("  next: tidegate explain package-unhashed")
    assert last(runs.undecided()).startswith("UNDECIDED  the gate is shut: 1 of 8 rows undecided, 7 pass")
    assert last(runs.undecided()).endswith("  next: tidegate check --database osv")
    assert last(runs.passing()).startswith("pass  the gate is open: 8 of 8 rows pass")
    given = (
        "dist/demo-1.4.0-py3-none-any.whl --evidence .tidegate/runs/20261124T210000Z-0a1b2c3d --policy tidegate.yaml"
    )
    assert last(runs.passing()).endswith(f"  next: tidegate verify {given}")
    assert last(replace(runs.passing(), evidence="")).endswith("  next: tidegate verify")
    assert last(runs.would_shut()).startswith("pass  the gate is open: 1 of 8 rows would shut, 7 pass")
    assert last(replace(runs.passing(), scope=Scope.EXAMINE)).endswith("  next: tidegate check")
    assert "next:" not in last(replace(runs.passing(), scope=Scope.VERIFY))


@pytest.mark.parametrize("spell", SPELLS)
def test_the_verdict_stays_the_last_line_whatever_the_names_say(spell: str) -> None:
    lines = text(runs.tainted(spell)).split("\n")
    assert lines[-1] == ""
    assert lines[-2].startswith("FAIL  the gate is shut: ")


def test_a_fail_beats_undecided_and_both_are_counted() -> None:
    run = runs.run(
        runs.verdict(Control.LOCKFILES, Outcome.FAIL, runs.judged(runs.UNHASHED_URLLIB3)),
        runs.verdict(Control.SECRETS, Outcome.UNDECIDED, reasons=("late",)),
    )
    assert last(run).startswith("FAIL  the gate is shut: 1 of 8 rows failed, 1 undecided, 6 pass")


def test_a_row_the_run_owes_is_shown_undecided() -> None:
    whole = runs.passing()
    run = replace(whole, verdicts=whole.verdicts[1:])
    assert "  Lockfiles                  UNDECIDED       the run holds no verdict on this row\n" in text(run)
    assert "undecided: Lockfiles (demo): the run holds no verdict on this row\n" in text(run)
    assert last(run).startswith("UNDECIDED  the gate is shut: 1 of 8 rows undecided, 7 pass")


def test_a_run_without_rows_is_shut() -> None:
    run = replace(runs.passing(), releases=(), rows=(), verdicts=())
    assert "no release was judged\n" in text(run)
    assert last(run).startswith("UNDECIDED  the gate is shut: no row was judged")


def test_verdicts_on_a_release_the_run_does_not_have_are_shown() -> None:
    stray = runs.verdict(Control.LOCKFILES, release="ghost")
    run = replace(runs.passing(), verdicts=(*runs.passing().verdicts, stray))
    assert "release ghost\n" in text(run)
    assert last(run).startswith("UNDECIDED")


def test_a_pass_says_out_of_how_many_and_what_was_let_pass() -> None:
    shown = text(runs.shut())
    assert "Secret scanning            pass            312 of 312 files, 1 allowed\n" in shown
    assert "6 of 6 workflows (11 jobs, 4 write grants), 1 warning\n" in shown
    bare = replace(runs.verdict(Control.SBOM), coverage=())
    assert "SBOM generation            pass            nothing says what was examined\n" in text(runs.run(bare))


def test_a_finding_against_every_release_is_shown_once() -> None:
    assert text(runs.several()).count("error[grant-unexplained]") == 1


def test_the_release_is_named_where_there_are_several() -> None:
    assert "   = release: web\n" in text(runs.several())
    only = runs.verdict(Control.LOCKFILES, Outcome.FAIL, runs.judged(replace(runs.UNHASHED_URLLIB3, release="demo")))
    assert "= release:" not in text(runs.run(only))


def test_rows_stand_in_the_order_of_the_baseline_table() -> None:
    run = runs.passing()
    shown = text(replace(run, verdicts=run.verdicts[::-1]))
    places = [shown.index(f"  {control.label} ") for control in Control]
    assert places == sorted(places)


def test_fails_are_shown_up_to_a_bound_and_the_rest_is_counted() -> None:
    many = [runs.judged(replace(runs.UNHASHED_URLLIB3, about=f"pkg:pypi/p{n:04}@1")) for n in range(237)]
    shown = text(runs.run(runs.verdict(Control.LOCKFILES, Outcome.FAIL, *many)))
    assert shown.count("error[package-unhashed]") == 200
    assert "\nand 37 more errors: see the JSON report\n" in shown
    assert "FAIL  237 " in shown
    exactly = text(runs.run(runs.verdict(Control.LOCKFILES, Outcome.FAIL, *many[:200])))
    assert exactly.count("error[package-unhashed]") == 200
    assert "more errors" not in exactly


def test_advice_is_given_once_for_findings_of_one_rule() -> None:
    many = [runs.judged(replace(runs.UNHASHED_URLLIB3, about=f"pkg:pypi/p{n}@1")) for n in range(3)]
    other = runs.judged(replace(runs.UNHASHED_URLLIB3, about="pkg:pypi/p3@1", fix="another way"))
    shown = text(runs.run(runs.verdict(Control.LOCKFILES, Outcome.FAIL, *many, other)))
    assert shown.count("= about: pkg:pypi/p") == 4
    assert shown.count("= fix: `uv pip compile") == 1
    assert shown.count("= fix: another way") == 1
    assert shown.count("= why: tidegate explain package-unhashed") == 1


def test_one_finding_at_several_places_is_told_once_and_counted_by_place() -> None:
    at = [runs.judged(replace(runs.VULNERABLE_JINJA2, place=Place(f"{n}/uv.lock", 9))) for n in range(7)]
    shown = text(runs.run(runs.verdict(Control.DEPENDENCIES, Outcome.FAIL, *at)))
    assert shown.count("error[dependency-vulnerable]") == 1
    assert "  --> 0/uv.lock:9\n  --> 1/uv.lock:9\n" in shown
    assert "  --> 4/uv.lock:9\n   = and at 2 more places\n" in shown
    assert "FAIL  7 " in shown


def test_like_warnings_are_grouped_and_none_is_dropped_from_the_counts() -> None:
    many = [runs.judged(replace(runs.MOVED, about=f"acme/a{n}@v1")) for n in range(151)]
    shown = text(runs.run(runs.verdict(Control.CI_TOKENS, Outcome.PASS, *many)))
    assert shown.count("\nwarning[action-unpinned]: ") == 5
    assert shown.count("= fix: ") == shown.count("= about: ") == 1
    assert "\nand 146 more warning[action-unpinned]: see the JSON report\n\n" in shown
    assert ", 151 warnings\n" in shown


def test_a_warning_told_in_brief_has_its_place_and_one_with_advice_of_its_own_is_told_in_full() -> None:
    other = replace(runs.MOVED, about="acme/z@v1", message="of its own", fix="another way", place=Place("z.yml", 3))
    many = [replace(runs.MOVED, about=f"acme/a{n}@v1", place=Place(f"{n}.yml", 5)) for n in range(4)]
    shown = text(runs.run(runs.verdict(Control.CI_TOKENS, Outcome.PASS, *map(runs.judged, [*many, other]))))
    head = f"warning[action-unpinned]: {runs.MOVED.message}"
    assert "  --> z.yml:3\n   = about: acme/z@v1\n   = fix: another way\n\nwarning" in shown
    assert f"\n\n{head}\n  --> 1.yml:5\n{head}\n  --> 2.yml:5\n{head}\n  --> 3.yml:5\n\nrelease" in shown


def test_few_like_warnings_are_told_in_full() -> None:
    few = [runs.judged(replace(runs.MOVED, about=f"acme/a{n}@v1")) for n in range(3)]
    shown = text(runs.run(runs.verdict(Control.CI_TOKENS, Outcome.PASS, *few)))
    assert shown.count("= about: acme/a") == 3


def test_like_allowed_findings_are_grouped() -> None:
    many = [runs.judged(replace(runs.SECRET_KEY, about=f"f{n}"), exemption=runs.ACCEPTED) for n in range(25)]
    shown = text(runs.run(runs.verdict(Control.SECRETS, Outcome.PASS, *many)))
    assert shown.count("\nallowed[secret-found] ") == 5
    assert "\nand 20 more allowed[secret-found]: see the JSON report\n\n" in shown


def test_the_caret_stands_below_what_it_marks() -> None:
    place = Place("a.txt", 7, 8, width=4, excerpt="\tab\x1b漢 name = 1")
    finding = replace(runs.UNHASHED_URLLIB3, place=place)
    shown = text(runs.run(runs.verdict(Control.LOCKFILES, Outcome.FAIL, runs.judged(finding))))
    lines = shown.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(" 7 | "))
    assert lines[at] == r" 7 |  ab\x1b漢 name = 1"
    assert lines[at + 1] == "   |            ^^^^"


def test_a_long_line_is_shown_around_its_place() -> None:
    place = Place("a.txt", 7, 501, width=6, excerpt="x" * 500 + "TARGET" + "y" * 500)
    finding = replace(runs.UNHASHED_URLLIB3, place=place)
    shown = text(runs.run(runs.verdict(Control.LOCKFILES, Outcome.FAIL, runs.judged(finding))), width=60)
    lines = shown.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(" 7 | "))
    assert len(lines[at]) <= 60
    assert lines[at].index("TARGET") == lines[at + 1].index("^^^^^^")


def test_a_place_beyond_its_line_gets_no_caret() -> None:
    finding = replace(runs.UNHASHED_URLLIB3, place=Place("a.txt", 7, 90, excerpt="short"))
    shown = text(runs.run(runs.verdict(Control.LOCKFILES, Outcome.FAIL, runs.judged(finding))))
    assert " 7 | short\n   |\n" in shown


def test_clauses_that_are_not_proven_say_so_first() -> None:
    assert "\n  NOT PROVEN: no trusted time is in the signature (signature)\n" in text(runs.passing())
    assert "\n  built from https://git.example/acme/demo at 3f9c2ab (certificate)\n" in text(runs.passing())


def test_first_adoption_is_said() -> None:
    run = runs.passing()
    shown = text(replace(run, policy=replace(run.policy, first_adoption=True)))
    assert "note: first adoption: there is no policy at the base, the built-in `baseline` is in force\n" in shown


def test_exceptions_are_listed_with_what_became_of_them() -> None:
    shown = text(runs.shut())
    assert re.search(
        r"^  used +secret-found  tests/data/key.pem  until 2027-02-01 \(team-api, policy, 1 finding\)$", shown, re.M
    )
    assert re.search(r"^  expired +dependency-vulnerable .* until 2026-10-01 ", shown, re.M)
    assert re.search(r"^  unused +package-unhashed .* until fixed \(platform, policy\)$", shown, re.M)


def test_lists_are_bounded_and_say_how_much_is_left() -> None:
    run = replace(
        runs.passing(),
        exemptions=(Standed(runs.SPARE, Standing.UNUSED),) * 205,
        notes=tuple(f"note {n}" for n in range(203)),
        releases=(replace(runs.DEMO, artifacts=(runs.ARTIFACT,) * 60),),
        clauses=tuple(replace(runs.CLAUSES[0], artifact=f"a{n}") for n in range(201)),
    )
    shown = text(run)
    assert "and 5 more exceptions: see the JSON report\n" in shown
    assert "and 3 more notes: see the JSON report\n" in shown
    assert "and 10 more artifacts: see the JSON report\n" in shown
    assert "and 1 more artifacts: see the JSON report\n" in shown


def test_colour_only_adds() -> None:
    for run in (runs.shut(), runs.undecided(), runs.would_shut()):
        coloured = text(run, colour=True)
        assert "\x1b[1;31m" in coloured or "\x1b[1;33m" in coloured
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text(run)


def test_a_terminal_without_unicode_gets_ascii() -> None:
    assert text(runs.shut(), ascii_only=True).isascii()
    assert text(runs.tainted("“é” 漢"), ascii_only=True).isascii()


def test_a_narrow_terminal_wraps_the_evidence_under_itself() -> None:
    lines = text(runs.shut(), width=72).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("  Dependency review "))
    assert lines[at].endswith("42 of 42 packages")
    assert lines[at + 1] == " " * 45 + "(advisories: 23417, newest"


@settings(max_examples=60, deadline=None)
@given(texts)
def test_no_text_of_others_acts_on_the_terminal_or_the_runner(spell: str) -> None:
    run = runs.tainted(spell)
    for width in (40, 110):
        for line in text(run, width).split("\n"):
            assert not any(unseen(char) for char in line)
            assert not obeyed(line)
    coloured = re.sub(r"\x1b\[(?:0|1|2|1;31|1;33|32|36)m", "", text(run, colour=True))
    assert "\x1b" not in coloured


def test_the_command_to_type_does_only_what_it_says() -> None:
    finding = replace(runs.UNHASHED_URLLIB3, rule="x; rm -rf ~")
    run = runs.run(runs.verdict(Control.LOCKFILES, Outcome.FAIL, runs.judged(finding)))
    assert last(run).endswith("  next: tidegate explain 'x; rm -rf ~'")
    assert "   = why: tidegate explain 'x; rm -rf ~'\n" in text(run)


def test_a_wrapped_line_cannot_become_a_command() -> None:
    detail = "x" * 40 + " ::error::injected " + "y" * 40
    cell = runs.verdict(Control.SBOM)
    run = runs.run(replace(cell, coverage=(replace(cell.coverage[0], detail=detail),)))
    shown = text(run, width=80)
    assert r"\x3a:error::injected" in shown
    assert not any(obeyed(line) for line in shown.split("\n"))


def test_one_row_alone_shows_itself_and_never_opens_the_gate() -> None:
    whole = runs.passing()
    verdicts = tuple(v if v.control is Control.SECRETS else replace(v, outcome=Outcome.LATER) for v in whole.verdicts)
    run = replace(whole, scope=Scope.EXAMINE, rows=(Control.SECRETS,), verdicts=verdicts)
    assert last(run).startswith("pass  this row alone: 1 of 1 rows pass")
    assert "later" not in text(run)


def test_several_rows_without_sealing_are_no_open_gate_either() -> None:
    run = replace(runs.passing(), scope=Scope.EXAMINE)
    assert last(run).startswith("pass  what was examined")
