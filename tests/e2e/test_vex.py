"""VEX through the installed command: a trusted author's word opens the row, and ours goes out with the evidence."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.command import ADVISORIES, Ended, check, tidegate
from tidegate.cli.demo import sample
from tidegate.cli.demo.sample import Sample
from tidegate.formats.vex.document import parse
from tidegate.formats.vex.statement import Status

AUTHOR = "security@vendor.example"


@pytest.fixture
def made(tmp_path: Path) -> Sample:
    """A sample release that locks a vulnerable package."""
    return Sample(tmp_path / "r", versions=sample.VULNERABLE)


def audit(made: Sample, *words: str | Path) -> Ended:
    return tidegate("deps", "audit", "--database", ADVISORIES, *words, cwd=made.root)


def subjects(made: Sample) -> list[str]:
    ended = audit(made, "--format", "json")
    assert ended.code == 1, ended.out + ended.err
    findings = json.loads(ended.out)["findings"]
    # An alias serves as well as the name the report prefers.
    return [(item["also"] or [item["about"]])[-1] for item in findings if item["level"] == "fail"]


def document(subject_list: list[str], **more: Any) -> str:
    statements = []
    for subject in subject_list:
        purl, _, name = subject.partition("#")
        statements.append(
            {
                "vulnerability": {"name": name},
                "products": [{"@id": purl}],
                "status": "not_affected",
                "justification": "vulnerable_code_not_in_execute_path",
            }
        )
    whole = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://vex.example/1",
        "author": AUTHOR,
        "timestamp": "2026-01-01T00:00:00Z",
        "version": 1,
        "statements": statements,
    }
    return json.dumps(whole | more)


def policy() -> str:
    trust = sample.POLICY.replace("trust:\n", f"trust:\n  vex_authors: [{AUTHOR}]\n")
    return trust + "    vex: [vex/vendor.json]\n"


def test_a_trusted_authors_word_opens_the_row_and_is_listed(made: Sample) -> None:
    made.commit("release")
    found = subjects(made)
    assert found
    made.write("vex/vendor.json", document(found))
    made.write("tidegate.yaml", policy())
    made.commit("vex")
    ended = audit(made)
    assert ended.code == 0, ended.out + ended.err
    assert f"for this version ({AUTHOR}, vex" in ended.out


def test_the_word_of_a_stranger_is_a_fault_of_the_policy(made: Sample) -> None:
    made.commit("release")
    made.write("vex/vendor.json", document(subjects(made), author="somebody@else.example"))
    made.write("tidegate.yaml", policy())
    made.commit("vex")
    ended = audit(made)
    assert ended.code == 2
    assert "not in `trust.vex_authors`" in ended.err


def test_a_change_cannot_bring_its_own_excuses(made: Sample) -> None:
    made.commit("release")
    sample.git(made.root, "checkout", "--quiet", "-b", "change")
    made.write("vex/vendor.json", document(subjects(made)))
    made.write("tidegate.yaml", policy())
    sample.git(made.root, "add", "--all")
    sample.git(made.root, "commit", "--quiet", "--message", "excuses")
    ended = tidegate("review", "--base", "main", "--database", ADVISORIES, cwd=made.root)
    assert ended.code == 1, ended.out + ended.err
    assert "policy-changed" in ended.out


def test_a_release_says_what_it_knows_and_what_was_accepted(made: Sample) -> None:
    made.commit("release")
    found = subjects(made)
    entries = "".join(
        f"  - {{rule: dependency-vulnerable, about: '{subject}', reason: the client is not used, owner: team, "
        "until_fixed: false, expires: 2099-01-01}\n"
        for subject in found
    )
    made.write("tidegate.yaml", sample.POLICY + "exceptions:\n" + entries)
    made.commit("exceptions")
    ended = check(made.root)
    assert ended.code == 0, ended.out + ended.err
    (folder,) = (made.root / ".tidegate" / "runs").iterdir()
    told = parse((folder / "vex.cdx.json").read_bytes())
    assert {f"{each.purl}#{name}" for each in told for name in each.names} >= set(found)
    assert {each.status for each in told} == {Status.AFFECTED}
    statements = json.loads((folder / "openvex.json").read_text())["statements"]
    accepted = [s for s in statements if "the client is not used" in s["action_statement"]]
    assert len(accepted) == len(found)
