"""A change of dependencies in a real repository, reviewed by the installed command."""

import json
import subprocess
from pathlib import Path
from typing import Any

from support.command import ADVISORIES, Ended, check, tidegate
from tidegate.cli.demo import sample
from tidegate.cli.demo.sample import Sample

LOCKED = {"urllib3": "2.2.2", "idna": "3.7"}


def poisoned() -> str:
    """The sample's lockfile with the hash of one package exchanged."""
    lines = sample.lock(LOCKED).split("\n")
    place = next(number for number, line in enumerate(lines) if line.startswith("idna")) + 1
    return "\n".join([*lines[:place], f"    --hash=sha256:{'a' * 64}", *lines[place + 1 :]])


def review(made: Sample, *words: str, base: str = "main") -> Ended:
    return tidegate("deps", "review", "--base", base, "--database", ADVISORIES, *words, cwd=made.root)


def findings(ended: Ended) -> dict[str, dict[str, Any]]:
    return {finding["rule"]: finding for finding in json.loads(ended.out)["findings"]}


def test_a_branch_without_changes_opens_and_says_that_nothing_changed(change: Sample) -> None:
    ended = review(change)
    assert ended.code == 0, ended.out + ended.err
    assert "0 of 0 changed lockfiles" in " ".join(ended.out.split())


def test_an_upgrade_is_listed_and_opens(change: Sample) -> None:
    change.write("requirements.txt", sample.lock({**LOCKED, "idna": "3.10"}))
    ended = review(change)
    assert ended.code == 0, ended.out + ended.err
    assert "requirements.txt: upgraded idna 3.7 -> 3.10" in ended.out
    assert "1 of 1 changed lockfiles (1 change)" in " ".join(ended.out.split())


def test_a_vulnerable_downgrade_says_that_it_is_new(change: Sample) -> None:
    change.write("requirements.txt", sample.lock({**LOCKED, "urllib3": "1.26.16"}))
    change.commit("change")
    ended = review(change, "--format", "json")
    assert ended.code == 1
    told = findings(ended)
    assert {"dependency-vulnerable", "package-downgraded"} <= told.keys()
    assert "(new with this change)" in told["dependency-vulnerable"]["message"]


def test_an_exchanged_hash_shuts_and_an_exception_in_the_same_change_does_not_count(change: Sample) -> None:
    change.write("requirements.txt", poisoned())
    change.commit("change")
    about = findings(review(change, "--format", "json"))["hash-changed"]["about"]
    exception = (
        f"exceptions:\n  - rule: hash-changed\n    about: {json.dumps(about)}\n"
        "    reason: I say that it is fine\n    owner: me\n    expires: 2099-01-01\n"
    )
    change.write("tidegate.yaml", sample.POLICY + exception)
    change.commit("change")
    for ended in (
        review(change, "--format", "json"),
        tidegate("review", "--base", "main", "--database", ADVISORIES, "--format", "json", cwd=change.root),
    ):
        assert ended.code == 1
        assert findings(ended)["hash-changed"]["exemption"] is None


def test_a_weakened_configuration_shuts_before_it_is_committed(change: Sample) -> None:
    change.write("pip.conf", "[global]\nextra-index-url = https://elsewhere.example/simple\n")
    ended = review(change)
    assert ended.code == 1
    assert "error[config-weakened]" in ended.out


def test_a_base_that_is_not_here_is_a_finding_with_the_command_to_type(change: Sample) -> None:
    ended = review(change, base="nowhere")
    assert ended.code == 1
    assert "error[base-missing]" in ended.out
    assert "git fetch --unshallow" in ended.out


def test_a_base_that_cannot_be_read_is_a_finding_and_no_traceback(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    made.write("requirements.txt", "<<<<<<< HEAD\nidna==3.7\n")
    made.commit("base")
    sample.git(made.root, "checkout", "--quiet", "-b", "change")
    made.write("requirements.txt", sample.lock(LOCKED))
    made.commit("change")
    ended = review(made)
    assert ended.code == 1
    assert "error[base-unreadable]" in ended.out
    assert not ended.err


def test_a_release_is_compared_with_the_one_before_and_the_changes_are_evidence(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    made.commit("first")
    first = check(made.root, "--no-seal", "--evidence", str(tmp_path / "one"))
    assert "without a base" in first.out
    sample.git(made.root, "tag", "v1")
    made.write("requirements.txt", poisoned())
    made.commit("change")
    ended = check(made.root, "--evidence", str(tmp_path / "two"))
    assert ended.code == 1
    assert "error[hash-changed]" in ended.out
    (run,) = (tmp_path / "two" / "runs").iterdir()
    listed = json.loads((run / "dependency-changes.json").read_text())
    assert [each["name"] for each in listed["changes"]] == ["idna"]


def test_a_release_from_a_clone_that_was_cut_off_shuts(tmp_path: Path) -> None:
    made = Sample(tmp_path / "r")
    made.commit("first")
    sample.git(made.root, "tag", "v1")
    made.write("README.md", "more\n")
    made.commit("change")
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{made.root}", str(shallow)], check=True)
    for folder in ("dist", "keys"):
        subprocess.run(["cp", "-r", str(made.root / folder), str(shallow)], check=True)
    for words in (("--no-seal",), ()):
        ended = check(shallow, "--evidence", str(tmp_path / "evidence"), *words)
        assert ended.code == 1
        assert "error[base-missing]" in ended.out
