"""Workflows written to hang, hide or mislead: each ends in a named finding, in bounded time, and none raises."""

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.domain.grants import ledger_document, shell
from tidegate.domain.grants.following import Repository
from tidegate.domain.grants.ledger import keep
from tidegate.domain.grants.wholly import findings
from tidegate.errors import FormatError
from tidegate.formats.workflows.github import parse

CI = ".github/workflows/ci.yml"
SOON = 20.0
"""Seconds of this process; the slow ways these files were written for take minutes."""


def looked_at(files: dict[str, str]) -> Counter[str]:
    started = time.process_time()
    repository = Repository([parse(path, text.encode()) for path, text in files.items()], "me/it")
    ledger = keep(repository)
    found = Counter(finding.rule for finding in findings(repository, ledger))
    assert ledger_document.render(ledger, {}).endswith("\n")
    assert time.process_time() - started < SOON
    return found


def jobs(count: int, body: str, head: str = "on: [push, issue_comment]\npermissions: {}") -> dict[str, str]:
    return {CI: f"{head}\njobs:\n" + "".join(f" a{n}: {{{body.replace('NEXT', str(n + 1))}}}\n" for n in range(count))}


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def script(text: str) -> dict[str, str]:
    head = "on: push\njobs:\n a:\n  permissions: {contents: write, id-token: write}\n  steps:\n  - run: |\n"
    return {CI: head + "".join(f"     {line}\n" for line in text.splitlines())}


def test_ten_thousand_jobs() -> None:
    found = looked_at(jobs(10_000, "permissions: {contents: write}, steps: [{run: make}]"))
    assert found == {"grant-unexplained": 10_000}


def test_jobs_that_wait_for_each_other_in_a_ring() -> None:
    assert looked_at(jobs(3_000, "needs: [aNEXT], steps: []")) == {}


@pytest.mark.parametrize(
    "text",
    [
        "tidegate check " * 60_000,
        "tidegate check\n tidegate " * 28_000,
        "tidegate " + "-x " * 250_000,
        '"$(a ' * 150_000,
        "'" * 500_001,
        "\\" * 500_000,
        "${{ " * 200_000,
        " #" * 300_000,
        "git -C " * 100_000,
        "gh api -X POST " + "repos/" * 100_000,
        "$(x)" * 200_000,
    ],
)
def test_a_script_of_one_thing_over_and_over(text: str) -> None:
    looked_at(script(text))


@pytest.mark.parametrize(
    "text",
    [
        "${{ secrets.A " * 60_000,
        "secrets[ 'x " * 60_000,
        "secrets" + " " * 900_000,
        "github.rest." * 70_000,
        "steps.a.outputs." * 50_000,
        "github.event.pull_request." * 30_000,
    ],
)
def test_an_input_of_one_thing_over_and_over(text: str) -> None:
    step = (
        f"{{uses: actions/github-script@v1, with: {{script: {quoted(text[:400_000])}, ref: {quoted(text[:400_000])}}}}}"
    )
    head = f"if: {quoted(text[:3000])}, permissions: {{issues: write}}"
    looked_at({CI: f"on: issues\njobs: {{a: {{{head}, steps: [{step}]}}}}"})


def test_a_condition_of_nothing_but_brackets() -> None:
    for text in ("(" * 1999 + "x" + ")" * 1999, "(a&&b)||" * 490 + "c", "!" * 3900, "'" * 3998):
        looked_at({CI: f"on: issues\npermissions: {{}}\njobs: {{a: {{if: {quoted(text)}, steps: []}}}}"})


def test_a_thousand_workflows_in_a_circle() -> None:
    text = "on: workflow_call\npermissions: {{}}\njobs: {{a: {{uses: ./.github/workflows/{}.yml}}}}"
    files = {f".github/workflows/{n}.yml": text.format((n + 1) % 1000) for n in range(1000)}
    assert looked_at(files) == {"call-unresolved": 1000}


def test_a_thousand_workflows_in_a_chain() -> None:
    text = "on: workflow_call\npermissions: {{}}\njobs: {{a: {{uses: ./.github/workflows/{}.yml}}}}"
    files = {f".github/workflows/{n}.yml": text.format(n + 1) for n in range(1000)}
    assert looked_at(files) == {"call-unresolved": 1}


def test_workflows_that_all_call_each_other() -> None:
    calls = "".join(f" a{n}: {{uses: ./.github/workflows/{n}.yml, permissions: write-all}}\n" for n in range(60))
    files = {f".github/workflows/{n}.yml": f"on: workflow_call\njobs:\n{calls}" for n in range(60)}
    assert looked_at(files)["call-unresolved"] == 3600


def test_many_jobs_that_use_one_action_of_many_steps() -> None:
    files = jobs(1_000, "permissions: {contents: write}, steps: [{uses: ./x}]")
    files["x/action.yml"] = "runs: {using: composite, steps: [" + "{run: x}, " * 5_000 + "]}"
    found = looked_at(files)
    assert found["call-unresolved"] >= 1
    assert found["grant-unexplained"] == 1_000


@pytest.mark.parametrize(
    "text",
    [
        "on: push\npermissions: ${{ fromJSON(x) }}\njobs: {a: {steps: []}}",
        "on: push\njobs: {a: {permissions: {contents: '${{ x }}'}, steps: []}}",
        "on: push\npermissions: {contents: Write}\njobs: {a: {steps: []}}",
        "on: push\npermissions:\njobs: {a: {steps: []}}",
        "on: push\npermissions: {contents: read, contents: write}\njobs: {a: {steps: []}}",
        "true: push\njobs: {a: {steps: []}}",
        "on: true\njobs: {a: {steps: []}}",
        "on: push\njobs:\n\ta: {steps: []}",
        "on: push\njobs: {a: &a {steps: [*a]}}",
        "on: push\njobs: {a: {<<: {permissions: write-all}, steps: []}}",
        "on: push\njobs: {a: {steps: [{uses: x/y@z, with: [a]}]}}",
        "on: push\njobs: {a: {steps: [{uses: x/y@z, with: {a: [b]}}]}}",
        "on: push\njobs: {a: {env: x, steps: []}}",
        "on: push\njobs: {a: {if: {}, steps: []}}",
        "on: push\njobs: {a: {uses: x/y/z@w, secrets: [a]}}",
        "on: push\njobs: {a: {services: [a], steps: []}}",
        "on: push\x00\njobs: {a: {steps: []}}",
        "on: push\njobs: {a: {steps: []}} # \u202e",
        "on: push\na: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n"
        "c: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c]\n"
        "e: &e [*d, *d, *d, *d, *d, *d, *d, *d]\nf: [*e, *e, *e, *e, *e, *e, *e, *e]\njobs: {a: {steps: []}}",
        "on: push\njobs: " + "[" * 500 + "]" * 500,
        "on: push\njobs:\n a:\n  steps: &s ["
        + "{run: x}, " * 200
        + "]\n"
        + "".join(f" b{n}: {{steps: *s}}\n" for n in range(200)),
    ],
)
def test_what_readers_could_read_differently_is_malformed_and_nothing_else(text: str) -> None:
    started = time.process_time()
    with pytest.raises(FormatError):
        parse(CI, text.encode())
    assert time.process_time() - started < SOON


def test_other_encodings_and_marks() -> None:
    text = "on: push\npermissions: {}\njobs: {a: {steps: []}}"
    assert parse(CI, b"\xef\xbb\xbf" + text.encode()).triggers == ("push",)
    for raw in (text.encode("utf-16"), text.encode() + b" # \xe9", text.encode() + b"\n\xff"):
        with pytest.raises(FormatError):
            parse(CI, raw)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab'\"\\$(){}|&;#\n -x=`", max_size=200))
def test_any_script_becomes_commands_of_nonempty_programs(text: str) -> None:
    assert all(command and command[0] for command in shell.commands(text))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.text(max_size=120), st.sampled_from(["push", "issue_comment", "pull_request_target"]))
def test_any_text_in_a_condition_or_script_is_looked_at_without_a_word(condition: str, run: str, event: str) -> None:
    body = f"permissions: {{contents: write}}, if: {quoted(condition)}, steps: [{{run: {quoted(run)}}}]"
    text = f"on: {event}\njobs: {{a: {{{body}}}}}"
    try:
        flow = parse(CI, text.encode("utf-8", "surrogatepass"))
    except FormatError:
        return
    repository = Repository([flow])
    list(findings(repository, keep(repository)))
