"""`run.json` is what its schema says, and leads back to an equal run."""

import json
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import runs
from support.hostile import SPELLS, obeyed, texts
from tidegate.errors import FormatError
from tidegate.model.control import Control
from tidegate.model.finding import Place
from tidegate.model.verdict import Outcome, Run
from tidegate.model.vulnerability import Severity
from tidegate.reporters import json_report, terminal

RUNS = {
    name: getattr(runs, name)()
    for name in ("passing", "shut", "undecided", "would_shut", "excused", "several", "everything")
}
VALIDATOR = jsonschema_rs.Draft202012Validator(json.loads(json_report.schema()), validate_formats=True)


def document(run: Run) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json_report.render(run))
    return plain


def text_of(run: Run) -> str:
    return terminal.render(run, width=100, colour=False, ascii_only=False)


@pytest.mark.parametrize("name", sorted(RUNS))
def test_the_document_fits_the_published_schema(name: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(document(RUNS[name]))] == []


@pytest.mark.parametrize("name", sorted(RUNS))
def test_a_stored_run_reads_back_equal(name: str) -> None:
    assert json_report.read(json_report.render(RUNS[name])) == RUNS[name]


@settings(max_examples=60, deadline=None)
@given(texts)
def test_every_text_survives_the_way_through_the_document(spell: str) -> None:
    run = runs.tainted(spell)
    written = json_report.render(run)
    assert VALIDATOR.is_valid(json.loads(written))
    back = json_report.read(written)
    assert back == run or any("\ud800" <= char <= "\udfff" for char in spell)
    assert written.isascii()
    assert not any(obeyed(line) for line in written.split("\n"))


places = st.builds(
    Place, st.just("a"), st.none() | st.integers(), st.none() | st.integers(), st.integers(), st.sampled_from(["", "x"])
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(Outcome)), st.none() | places, st.none() | st.sampled_from(list(Severity)), st.booleans())
def test_every_number_and_word_survives(
    outcome: Outcome, place: Place | None, severity: Severity | None, flag: bool
) -> None:
    finding = replace(runs.UNHASHED_URLLIB3, place=place, severity=severity, fix_known=flag, always=not flag)
    run = runs.run(runs.verdict(Control.LOCKFILES, outcome, runs.judged(finding)))
    assert json_report.read(json_report.render(run)) == run
    assert VALIDATOR.is_valid(document(run))


def test_the_verdict_is_a_word_and_the_exit_code() -> None:
    told = {name: (document(run)["verdict"], document(run)["exit_code"]) for name, run in RUNS.items()}
    assert told["passing"] == told["would_shut"] == told["excused"] == ("open", 0)
    assert told["shut"] == told["several"] == told["everything"] == ("shut", 1)
    assert told["undecided"] == ("undecided", 3)


def test_a_finding_against_every_release_is_written_once() -> None:
    plain = document(RUNS["several"])
    assert len(plain["findings"]) == 2
    assert [row["findings"] for row in plain["rows"] if row["id"] == "ci-tokens"] == [[1], [1]]


def test_digests_and_severities_are_written_as_people_write_them() -> None:
    plain = document(RUNS["shut"])
    assert plain["releases"][0]["artifacts"][0]["digest"] == str(runs.ARTIFACT.digest)
    assert [finding["severity"] for finding in plain["findings"]] == [None, "high", None, None]


def test_a_row_nobody_knows_yet_does_not_break_the_schema() -> None:
    plain = document(RUNS["passing"])
    plain["rows"].append({**plain["rows"][0], "id": "threat-model", "label": "Threat model"})
    plain["required"].append("threat-model")
    assert VALIDATOR.is_valid(plain)
    with pytest.raises(FormatError):
        json_report.read(json.dumps(plain))


@pytest.mark.parametrize(
    "path",
    [(), ("policy",), ("source",), ("rows", 0), ("rows", 0, "coverage", 0), ("findings", 0), ("findings", 0, "place"),
     ("releases", 0), ("releases", 0, "artifacts", 0), ("rules", 0), ("exemptions", 0), ("exemptions", 0, "exemption"),
     ("clauses", 0)],
)  # fmt: skip
def test_an_unknown_or_a_missing_key_is_refused_by_schema_and_reader(path: tuple[str | int, ...]) -> None:
    for change in ("add", "drop"):
        plain = document(RUNS["shut"])
        spot: Any = plain
        for step in path:
            spot = spot[step]
        if change == "add":
            spot["surprise"] = 1
        else:
            del spot[next(iter(spot))]
        assert not VALIDATOR.is_valid(plain)
        with pytest.raises(FormatError):
            json_report.read(json.dumps(plain))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", "https://tidegate.dev/schemas/run-v2.json"),
        ("version", 2),
        ("version", True),
        ("version", 1.0),
        ("scope", "everything"),
        ("required", ["lockfiles", "unheard-of"]),
        ("rows", {}),
        ("rows", [1]),
        ("findings", None),
        ("findings", [[]]),
        ("releases", [{"name": "a", "root": ".", "artifacts": [{}]}]),
        ("releases", "demo"),
        ("notes", [1]),
        ("policy", []),
        ("exit_code", True),
        ("exit_code", "1"),
        ("evidence", None),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(key: str, value: object) -> None:
    with pytest.raises(FormatError):
        json_report.read(json.dumps({**document(RUNS["shut"]), key: value}))


@pytest.mark.parametrize(("verdict", "code"), [("open", 0), ("shut", 0), ("open", 1), ("undecided", 3)])
def test_a_document_that_claims_another_verdict_is_refused(verdict: str, code: int) -> None:
    with pytest.raises(FormatError, match="claims a verdict"):
        json_report.read(json.dumps({**document(RUNS["shut"]), "verdict": verdict, "exit_code": code}))


@pytest.mark.parametrize("numbers", [[4], [-1], [True], [0.0], ["0"], 0])
def test_a_row_points_only_at_findings_that_are_there(numbers: object) -> None:
    plain = document(RUNS["shut"])
    plain["rows"][0]["findings"] = numbers
    with pytest.raises(FormatError):
        json_report.read(json.dumps(plain))


@pytest.mark.parametrize("severity", ["High", 3, True, [], {}, "3"])
def test_a_severity_is_one_of_its_words(severity: object) -> None:
    plain = document(RUNS["shut"])
    plain["findings"][1]["severity"] = severity
    with pytest.raises(FormatError):
        json_report.read(json.dumps(plain))


@pytest.mark.parametrize("digest", ["sha256:00", "SHA256:" + "0" * 64, "sha256:" + "A" * 64, "none", 1, None])
def test_a_digest_is_written_in_one_way(digest: object) -> None:
    plain = document(RUNS["shut"])
    plain["releases"][0]["artifacts"][0]["digest"] = digest
    with pytest.raises(FormatError):
        json_report.read(json.dumps(plain))


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", "{}", '"x"', '{"a":1,"a":1}', "[" * 100_000, "9" * 5000, "NaN", '"\\ud800"', "\ud800", "\0",
     "\ufeff{}", "{}{}"],
)  # fmt: skip
def test_what_is_no_run_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        json_report.read(text)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_document_is_refused_or_means_the_same_or_another_whole_run(data: st.DataObject) -> None:
    written = json_report.render(RUNS["shut"])
    at = data.draw(st.integers(0, len(written) - 1))
    damaged = written[:at] + data.draw(st.sampled_from(["", "0", '"', "{", "null", "\0", "\\"])) + written[at + 1 :]
    try:
        run = json_report.read(damaged)
    except FormatError:
        return
    assert run.exit_code == 1


def test_a_stored_run_is_rendered_as_it_was() -> None:
    for run in RUNS.values():
        assert text_of(json_report.read(json_report.render(run))) == text_of(run)


@pytest.mark.parametrize("spell", SPELLS)
def test_half_a_surrogate_pair_is_written_as_its_escape(spell: str) -> None:
    json_report.render(runs.tainted(spell)).encode("ascii")
    assert document(replace(runs.passing(), evidence="a\udce9"))["evidence"] == r"a\udce9"
