"""A change is judged by the policy of the branch it wants to join, not by its own."""

import json
import subprocess
from pathlib import Path

from support.command import ADVISORIES, tidegate
from tidegate.cli.demo import sample
from tidegate.cli.demo.sample import Sample


def review(made: Sample, *words: str) -> tuple[int, dict[tuple[str, str], str], str]:
    ended = tidegate("review", "--base", "main", "--database", ADVISORIES, "--format", "json", *words, cwd=made.root)
    rows = json.loads(ended.out)["rows"] if ended.out else []
    return ended.code, {(row["id"], row["release"]): row["outcome"] for row in rows}, ended.out + ended.err


def test_a_harmless_change_goes_on_and_only_rows_1_to_4_are_asked(change: Sample) -> None:
    change.write("README.md", "hello\n")
    change.commit("change")
    code, rows, text = review(change)
    assert code == 0, text
    assert {row for (row, _), outcome in rows.items() if outcome == "pass"} == {
        "lockfiles",
        "dependencies",
        "secrets",
        "ci-tokens",
    }


def test_a_change_cannot_loosen_its_own_gate(change: Sample) -> None:
    loose = sample.POLICY + "  secrets: {required: false, reason: I say so}\n"
    change.write("tidegate.yaml", loose)
    change.write("src/settings.py", sample.planted())
    change.commit("change")
    code, rows, text = review(change)
    assert code == 1
    assert rows["secrets", "tidal"] == "fail"
    assert "policy-changed" in text
    assert "under the proposed policy `secrets` (tidal) would be: not required" in text


def test_a_secret_added_and_taken_out_again_is_found_in_the_history(change: Sample) -> None:
    change.write("src/settings.py", sample.planted())
    change.commit("change")
    change.write("src/settings.py", "nothing here\n")
    change.commit("change")
    code, _, text = review(change)
    assert code == 1
    assert "secret-in-history" in text


def test_a_proposed_policy_with_faults_shuts(change: Sample) -> None:
    change.write("tidegate.yaml", "version: 1\nnonsense: true\n")
    change.commit("change")
    code, _, text = review(change)
    assert code == 1
    assert "unknown key `nonsense`" in text


def test_a_base_that_is_not_there_is_2_with_the_command_to_type(change: Sample) -> None:
    commands = (["review"], ["review", "--base", "nowhere"])
    for words in commands:
        ended = tidegate(*words, cwd=change.root)
        assert ended.code == 2
        assert "hint:" in ended.err


def test_a_shallow_clone_is_not_guessed_about(change: Sample, tmp_path: Path) -> None:
    change.write("README.md", "hello\n")
    change.commit("change")
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "--quiet", "--depth", "1", "--no-single-branch", f"file://{change.root}", str(shallow)],
        check=True,
    )
    ended = tidegate("review", "--base", "origin/main", "--database", ADVISORIES, cwd=shallow)
    assert ended.code == 2
    assert "fetch" in ended.err
