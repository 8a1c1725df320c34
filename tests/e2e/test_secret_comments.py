"""A comment accepts a suspected value where reviewed code says so, and nothing else anywhere."""

import json
from pathlib import Path

import pytest

from support.command import tidegate
from support.repositories import Repository
from support.tokens import github, password

WARN = password("warn")
ALLOW = "tidegate:allow secret-suspected reason='a sample that opens nothing' owner=ann expires=2099-01-01"
STRICT = b"version: 1\ncontrols: {secrets: {rules: {secret-suspected: fail}}}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write("tidegate.yaml", STRICT)
    made.commit("base")
    return made


def told(root: Path, *words: str) -> tuple[int, list[str], list[str]]:
    """The exit code, the origins of exceptions that were used, and the notes about comments."""
    report = json.loads(tidegate("secrets", *words, "--format", "json", cwd=root).out)
    used = [each["exemption"]["origin"] for each in report["exemptions"] if each["standing"] == "used"]
    return report["exit_code"], used, [note for note in report["notes"] if "accepts nothing" in note]


def test_it_counts_from_the_commit_the_policy_is_read_from_on(repository: Repository) -> None:
    repository.write("a.py", f'password = "{WARN}"  # {ALLOW}\n'.encode())
    code, used, notes = told(repository.root, "a.py")
    assert (code, used) == (1, [])
    assert "does not stand in the commit" in notes[0]
    repository.commit("reviewed")
    assert told(repository.root, "a.py") == (0, ["inline"], [])
    repository.write("a.py", f'# moved\n\npassword = "{WARN}"  # {ALLOW}\n'.encode())
    assert told(repository.root, "a.py") == (0, ["inline"], [])
    repository.write("a.py", f'password = "{WARN}"  # {ALLOW.replace("2099", "2098")}\n'.encode())
    assert told(repository.root, "a.py")[0] == 1


def test_the_line_before_counts_and_both_have_to_stand(repository: Repository) -> None:
    repository.write("a.py", f'# {ALLOW}\npassword = "{WARN}"\n'.encode())
    repository.commit("reviewed")
    assert told(repository.root, "a.py") == (0, ["inline"], [])
    repository.write("a.py", f'# {ALLOW}\npassword = "{password("another")}"\n'.encode())
    assert told(repository.root, "a.py")[0] == 1


def test_it_speaks_for_no_other_value_of_the_same_name_and_for_none_of_the_next_line(repository: Repository) -> None:
    weak = [word + "-horse" + str(number) for number, word in enumerate(("Tr0ub4dor", "Gr4ndp4pa"), 8)]
    reviewed = f'password = "{weak[0]}"  # {ALLOW}\n'
    repository.write("a.py", reviewed.encode())
    repository.write("b.py", f'{reviewed}other_password = "{weak[1]}"\n'.encode())
    repository.commit("reviewed")
    assert told(repository.root, "a.py") == (0, ["inline"], [])
    assert told(repository.root, "b.py") == (1, ["inline"], [])
    repository.write("a.py", f'{reviewed}\npassword = "{weak[1]}"\n'.encode())
    code, used, notes = told(repository.root, "a.py")
    assert (code, used) == (1, [])
    assert "given a value in line 3" in notes[0]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f'key = "{github("x")}"  # {ALLOW}', "a token of a provider"),
        (
            f'password = "{WARN}"  # tidegate:allow secret-suspected reason="a sample of it" owner=ann',
            "lacks `expires=`",
        ),
        (f'password = "{WARN}"  # {ALLOW.replace("secret-suspected", "lock-missing")}', "another rule"),
        (f'password = "{WARN}"  # {ALLOW.replace("secret-suspected", "*")}', "names no rule"),
        (f'password = "{WARN}"  # {ALLOW} expires=2099-01-01', "twice"),
    ],
)
def test_what_does_not_count_is_listed_with_the_reason(line: str, why: str, repository: Repository) -> None:
    repository.write("a.py", f"{line}\n".encode())
    repository.commit("reviewed")
    code, used, notes = told(repository.root, "a.py")
    assert (code, used, len(notes)) == (1, [], 1)
    assert why in notes[0]


def test_one_that_has_ended_is_told_as_ended(repository: Repository) -> None:
    repository.write("a.py", f'password = "{WARN}"  # {ALLOW.replace("2099", "2020")}\n'.encode())
    repository.commit("reviewed")
    ended = tidegate("secrets", "a.py", cwd=repository.root)
    assert ended.code == 1
    assert "expired" in ended.out


def test_the_rule_is_explained_with_what_can_be_done(tmp_path: Path) -> None:
    ended = tidegate("explain", "secret-suspected", cwd=tmp_path)
    assert ended.code == 0
    words = " ".join(ended.out.split())
    assert "tidegate baseline adopt" in words
    assert "tidegate:allow secret-suspected" in words
