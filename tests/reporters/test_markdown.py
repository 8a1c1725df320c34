"""The step summary: complete where it fits, honest where it does not, and never markup of others."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from support import runs
from support.hostile import texts, unseen
from tidegate.model.control import Control
from tidegate.model.verdict import Outcome, Run
from tidegate.reporters import markdown

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def test_the_verdict_comes_first() -> None:
    assert markdown.render(runs.shut()).startswith("# tidegate: FAIL, the gate is shut\n\n2 of 8 rows failed, 5 pass")
    assert markdown.render(runs.undecided()).startswith("# tidegate: UNDECIDED, the gate is shut\n")
    assert markdown.render(runs.passing()).startswith("# tidegate: pass, the gate is open\n")


def test_every_row_is_in_the_table() -> None:
    shown = markdown.render(runs.shut())
    assert "| Lockfiles | FAIL  1 | 42 of 42 packages |\n" in shown
    for control in Control:
        assert f"\n| {control.label} | " in shown


def test_undecided_rows_give_reason_and_hint() -> None:
    told = "the newest advisory is 12 days old, the policy allows 7; hint: tidegate check --database osv"
    assert f"- Dependency review (demo): {told}" in markdown.render(runs.undecided())


def test_findings_say_what_where_and_how_to_mend() -> None:
    shown = markdown.render(runs.shut())
    assert (
        "- **error** `dependency-vulnerable` (Dependency review): jinja2 3.1.4 has GHSA-cpwx-vrp4-4pq7\n"
        "  - at `uv.lock:120`\n"
        "  - about `pkg:pypi/jinja2@3.1.4#GHSA-cpwx-vrp4-4pq7`\n"
        "  - severity high\n"
        "  - fix: upgrade to 3.1.6\n"
    ) in shown
    assert "  - fix: `uv pip compile --generate-hashes requirements.in -o requirements.txt`\n" in shown
    assert "- `secret-found` `tests/data/key.pem` until 2027-02-01 (team-api)\n" in shown
    assert "**NOT PROVEN:** no trusted time is in the signature (signature)\n" in shown
    assert "  - this would shut the gate: reported only, until 2027-01-31 \\(platform\\)\n" in markdown.render(
        runs.would_shut()
    )


def crowded(count: int) -> Run:
    many = [runs.judged(replace(runs.UNHASHED_URLLIB3, about=f"pkg:pypi/p{n:05}@1")) for n in range(count)]
    return replace(
        runs.run(runs.verdict(Control.LOCKFILES, Outcome.FAIL, *many)), notes=("the last section is cut as well",)
    )


def test_a_summary_is_cut_before_the_runner_drops_it_and_says_so() -> None:
    shown = markdown.render(crowded(9000))
    assert 890 * 1024 < len(shown.encode()) <= markdown.MAX_BYTES
    kept = shown.count("- **error**")
    assert f"\nand {9000 - kept} more findings: see the JSON report\n" in shown
    assert "\nand 1 more notes: see the JSON report\n" in shown
    assert shown.startswith("# tidegate: FAIL")


def test_what_fits_is_not_cut() -> None:
    shown = markdown.render(crowded(300))
    assert shown.count("- **error**") == 300
    assert "see the JSON report" not in shown


@pytest.mark.parametrize("limit", [5000, 6000, 20_000])
def test_the_limit_is_in_bytes(limit: int) -> None:
    run = replace(crowded(200), notes=("漢" * 900,) * 50)
    assert len(markdown.render(run, limit=limit).encode()) <= limit


@settings(max_examples=60, deadline=None)
@given(texts)
def test_text_of_others_makes_no_markup(spell: str) -> None:
    written = markdown.render(runs.tainted(spell))
    assert not any(unseen(char) and char != "\n" for char in written)
    allowed = {"heading", "paragraph", "bullet_list", "list_item", "table", "thead"}
    allowed |= {"tbody", "tr", "th", "td", "inline"}
    for token in READER.parse(written):
        assert token.type.removesuffix("_open").removesuffix("_close") in allowed
        for child in token.children or ():
            assert child.type in {"text", "text_special", "code_inline", "strong_open", "strong_close", "softbreak"}
    headings = [line for line in written.split("\n") if line.startswith("#")]
    assert all(line.removeprefix("# ").removeprefix("## ")[0].isalpha() for line in headings)
    assert not any(line.lstrip().startswith("::") for line in written.split("\n"))


@pytest.mark.parametrize("spell", ["    0", "  x", "\t    x", "   - x"])
def test_indented_text_of_others_is_no_code_block(spell: str) -> None:
    written = markdown.render(runs.tainted(spell))
    assert not any(token.type == "code_block" for token in READER.parse(written))
