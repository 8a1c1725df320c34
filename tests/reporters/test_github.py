"""Annotations: as many as GitHub keeps, the rest counted, and no command but ours."""

import re
from dataclasses import replace

from hypothesis import given, settings

from support import runs
from support.hostile import texts, unseen
from tidegate.model.control import Control
from tidegate.model.finding import Place
from tidegate.model.verdict import Outcome
from tidegate.reporters import github

OURS = re.compile(r"::(error|warning|notice) (?:file=[^:,]*,(?:line=-?\d+,(?:col=-?\d+,)?)?)?title=[^:,]*::.*")


def test_a_finding_is_an_annotation_on_its_line() -> None:
    assert github.render(runs.shut()).splitlines() == [
        "::error file=requirements.txt,line=4,col=1,title=Lockfiles%3A package-unhashed::"
        "dependency is not locked by hash%0Aabout: pkg:pypi/urllib3@2.5.0"
        "%0Afix: `uv pip compile --generate-hashes requirements.in -o requirements.txt`"
        "%0Awhy: tidegate explain package-unhashed",
        "::error file=uv.lock,line=120,title=Dependency review%3A dependency-vulnerable::jinja2 3.1.4 has "
        "GHSA-cpwx-vrp4-4pq7%0Aabout: pkg:pypi/jinja2@3.1.4#GHSA-cpwx-vrp4-4pq7%0Afix: upgrade to 3.1.6"
        "%0Awhy: tidegate explain dependency-vulnerable",
        "::warning file=.github/workflows/ci.yml,line=12,col=15,title=Least privilege CI tokens%3A action-unpinned::"
        "an action is not pinned to a commit%0Aabout: actions/checkout@v5%0Afix: pin the action to a full commit"
        "%0Awhy: tidegate explain action-unpinned",
        "::notice title=tidegate::the gate is shut: 2 of 8 rows failed, 5 pass, 1 not required",
    ]


def test_accepted_findings_are_no_annotations() -> None:
    assert github.render(runs.excused()) == "::notice title=tidegate::the gate is open: 8 of 8 rows pass\n"


def test_an_undecided_row_is_an_error() -> None:
    assert github.render(runs.undecided()).splitlines()[0] == (
        "::error title=Dependency review (demo)::undecided: the newest advisory is 12 days old, the policy allows 7"
        "%0Ahint: tidegate check --database osv"
    )
    assert (
        github.render(runs.undecided())
        .splitlines()[-1]
        .startswith("::notice title=tidegate::undecided, the gate is shut")
    )


def test_what_does_not_shut_the_gate_yet_is_a_warning() -> None:
    assert github.render(runs.would_shut()).startswith("::warning file=.github/workflows/release.yml,line=31,col=7,")


def test_beyond_ten_of_a_level_the_last_one_counts_the_rest() -> None:
    fails = [runs.judged(replace(runs.UNEXPLAINED, about=f"f{n}")) for n in range(11)]
    warns = [runs.judged(replace(runs.MOVED, about=f"w{n:02}")) for n in range(30)]
    lines = github.render(runs.run(runs.verdict(Control.CI_TOKENS, Outcome.FAIL, *fails, *warns))).splitlines()
    errors = [line for line in lines if line.startswith("::error ")]
    warnings = [line for line in lines if line.startswith("::warning ")]
    assert (len(errors), len(warnings)) == (10, 10)
    assert errors[-1] == "::error title=tidegate::2 more in the summary and in the JSON report"
    assert warnings[-1] == "::warning title=tidegate::21 more in the summary and in the JSON report"


def test_ten_of_a_level_are_all_shown() -> None:
    fails = [runs.judged(replace(runs.UNEXPLAINED, about=f"f{n}")) for n in range(10)]
    lines = github.render(runs.run(runs.verdict(Control.CI_TOKENS, Outcome.FAIL, *fails))).splitlines()
    assert sum("grant-unexplained" in line for line in lines) == 10
    assert not any("more in the summary" in line for line in lines)


def test_a_finding_without_a_line_names_only_its_file() -> None:
    finding = replace(runs.UNHASHED_URLLIB3, place=Place("a,b:c%.txt", None, 3))
    shown = github.render(runs.run(runs.verdict(Control.LOCKFILES, Outcome.FAIL, runs.judged(finding))))
    assert shown.startswith("::error file=a%2Cb%3Ac%25.txt,title=Lockfiles%3A package-unhashed::")


@settings(max_examples=60, deadline=None)
@given(texts)
def test_every_line_is_one_command_of_ours(spell: str) -> None:
    written = github.render(runs.tainted(spell))
    assert written.endswith("\n")
    for line in written.removesuffix("\n").split("\n"):
        assert OURS.fullmatch(line)
        assert not re.search(r"##\w*\[", line)
        assert not any(unseen(char) for char in line)
