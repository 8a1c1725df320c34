"""With `profile: detect-secrets` what it lists is told beside our own findings, and never in their place."""

import hashlib
import json
import random
import string
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from support.repositories import Repository
from tidegate.adapters.files import LocalFiles
from tidegate.formats.records import dump
from tidegate.model.evidence import Report
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import World
from tidegate.stages.searching import Search, search

RNG = random.Random(9)


def of(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(RNG.choice(alphabet) for _ in range(length))


TOKEN = "gh" + "p_" + of(36)
DIGESTS = [of(40, "0123456789abcdef") for _ in range(3)]
CODE = f"""\
token = "{TOKEN}"
digest = "{DIGESTS[0]}"
again = "{DIGESTS[0]}"
other = "{DIGESTS[1]}"  # pragma: allowlist secret
password = "fridge"
password = "kettle"
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.write("app.py", CODE.encode())
    made.commit()
    return made


def examine(repo: Repository, asked: Search | None = None, **said: object) -> Report:
    model = PolicyModel.model_validate({"version": 1, "controls": {"secrets": {"profile": "detect-secrets"} | said}})
    policy = Policy(model=model, files={}, digest="sha256:" + "0" * 64, path="tidegate.yaml")
    absent: Any = cast("Any", object())
    names = ("clock", "ci", "taken", "advisories", "workflow_sensor", "verifier")
    means: dict[str, Any] = dict.fromkeys(names, absent)
    world = World(files=LocalFiles(repo.root), git=repo.ask(), evidence={}, **means)
    return search(asked or Search(), policy, world)


def told(report: Report, rule: str = "secret-audit") -> list[tuple[str, int | None]]:
    found = [each for each in report.findings if each.rule == rule and each.place is not None]
    return sorted((each.place.path, each.place.line) for each in found if each.place is not None)


def listed(repo: Repository) -> set[tuple[str, int]]:
    """The places `detect-secrets scan -n` tells."""
    words = [sys.executable, "-m", "detect_secrets", "scan", "-n"]
    done = subprocess.run(words, cwd=repo.root, capture_output=True, text=True, check=True, timeout=120)
    return {(path, it["line_number"]) for path, found in json.loads(done.stdout)["results"].items() for it in found}


def test_what_it_lists_is_told_beside_our_own_findings_and_nothing_twice(repo: Repository) -> None:
    report = examine(repo)
    assert told(report, "secret-in-tree") == [("app.py", 1)]
    assert told(report) == [("app.py", 2), ("app.py", 5), ("app.py", 6)]
    ours = {place for rule in ("secret-in-tree", "secret-suspected", "secret-audit") for place in told(report, rule)}
    assert listed(repo) <= ours


def test_without_the_profile_nothing_of_it_is_told_and_with_it_nothing_of_ours_is_lost(repo: Repository) -> None:
    plain, audited = examine(repo, profile="tidegate"), examine(repo)
    assert told(plain) == []
    ours = {(each.rule, each.about) for each in plain.findings}
    assert ours
    assert ours <= {(each.rule, each.about) for each in audited.findings}


def test_what_its_pragmas_and_its_name_filters_drop_our_own_tiers_still_find(repo: Repository) -> None:
    token = f"key = '{'gh' + 'p_' + of(36)}'  # pragma: allowlist secret\n".encode()
    for path in ("marked.py", "x.lock", "swagger/a.py", "é.py"):
        repo.write(path, token)
    repo.write("latin.py", token + b"# \xe9\n")
    repo.commit()
    report = examine(repo)
    assert {path for path, _ in told(report, "secret-in-tree")} == {
        "app.py", "marked.py", "x.lock", "swagger/a.py", "é.py", "latin.py",
    }  # fmt: skip
    assert {path for path, _ in told(report)} == {"app.py"}


def test_only_tracked_files_of_the_working_tree_are_listed(repo: Repository) -> None:
    repo.write("new.py", CODE.encode())
    repo.write("app.py", f'x = "{of(40, "0123456789abcdef")}"\n'.encode())
    (repo.root / "link.py").symlink_to("app.py")
    repo.git("add", "link.py")
    assert told(examine(repo)) == [("app.py", 1)]
    assert told(examine(repo, Search(history=True))) == []


def test_a_weak_value_is_named_by_its_place_and_never_by_itself(repo: Repository) -> None:
    before = [each for each in examine(repo).findings if each.rule == "secret-audit"]
    repo.write("app.py", CODE.replace("fridge", "teapot").replace(DIGESTS[0], DIGESTS[2]).encode())
    after = [each for each in examine(repo).findings if each.rule == "secret-audit"]
    assert len({each.about for each in before}) == len(before) == 3
    weak = {each.about for each in before if "ds-secret-keyword" in each.about}
    assert len(weak) == 2
    assert weak == {each.about for each in after if "ds-secret-keyword" in each.about}
    assert {each.about for each in before} - weak != {each.about for each in after} - weak


def test_neither_a_value_nor_its_sha1_is_in_the_report(repo: Repository) -> None:
    said = dump(examine(repo))
    for value in (TOKEN, *DIGESTS, "fridge", "kettle"):
        assert value not in said
        assert hashlib.sha1(value.encode(), usedforsecurity=False).hexdigest() not in said


def test_thousands_of_listed_values_are_no_reason_to_fail(repo: Repository) -> None:
    repo.write("many.json", json.dumps([of(32, "0123456789abcdef") for _ in range(3000)], indent=0).encode())
    repo.commit()
    report = examine(repo)
    assert len(told(report)) > 2900
    assert {each.rule for each in report.findings} <= {"secret-in-tree", "secret-suspected", "secret-audit"}
