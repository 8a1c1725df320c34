"""Source lines help, and never show a credential."""

from dataclasses import replace

import pytest

from support import runs
from tidegate.model.control import Control
from tidegate.model.finding import Finding, Place
from tidegate.model.verdict import Outcome, Verdict
from tidegate.reporters import terminal
from tidegate.reporters.excerpts import starred

LOCKED = replace(runs.UNHASHED_URLLIB3, place=Place("requirements.txt", 4))
WORD = "hunter" + "2"
OPAQUE = "gh" + "p_" + "0aB1" * 9


def shown(*verdicts: Verdict, line: str | None = "urllib3>=2.0") -> str:
    asked = []

    def excerpt(path: str, number: int) -> str | None:
        asked.append((path, number))
        return line

    return terminal.render(runs.run(*verdicts), width=100, colour=False, ascii_only=False, excerpt=excerpt)


def failing(control: Control, finding: Finding) -> Verdict:
    return runs.verdict(control, Outcome.FAIL, runs.judged(finding))


def test_a_line_is_read_where_the_stage_gave_none() -> None:
    assert "  --> requirements.txt:4\n   |\n 4 | urllib3>=2.0\n   |\n" in shown(failing(Control.LOCKFILES, LOCKED))


def test_the_line_of_the_stage_is_kept() -> None:
    assert "other" not in shown(failing(Control.LOCKFILES, runs.UNHASHED_URLLIB3), line="other")


def test_a_line_that_is_not_there_is_not_shown() -> None:
    assert " 4 | " not in shown(failing(Control.LOCKFILES, LOCKED), line=None)


def test_no_line_without_a_number() -> None:
    assert "urllib3>=2.0" not in shown(failing(Control.LOCKFILES, replace(LOCKED, place=Place("requirements.txt"))))


def test_the_scanner_of_secrets_never_shows_a_line() -> None:
    assert "urllib3>=2.0" not in shown(failing(Control.SECRETS, replace(LOCKED, rule="secret-found")))


def test_a_line_with_a_secret_is_not_shown_by_another_row() -> None:
    secret = failing(Control.SECRETS, replace(runs.SECRET_KEY, place=Place("requirements.txt", 4)))
    assert "urllib3>=2.0" not in shown(failing(Control.LOCKFILES, LOCKED), secret)
    elsewhere = failing(Control.SECRETS, replace(runs.SECRET_KEY, place=Place("requirements.txt", 5)))
    assert "urllib3>=2.0" in shown(failing(Control.LOCKFILES, LOCKED), elsewhere)


@pytest.mark.parametrize("rule", ["container-credentials-written", "secrets-inherited", "password-literal"])
def test_a_rule_about_credentials_shows_no_line(rule: str) -> None:
    assert "urllib3>=2.0" not in shown(failing(Control.CI_TOKENS, replace(LOCKED, rule=rule)))


def test_members_of_artifacts_are_not_looked_up_in_the_tree() -> None:
    member = replace(LOCKED, place=Place("dist/x.whl!/requirements.txt", 4))
    assert "urllib3>=2.0" not in shown(failing(Control.SBOM, member))


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        (
            f"--index-url https://bob:{WORD}@packages.example/simple",
            "--index-url https://***********@packages.example/simple",
        ),
        (f"x {OPAQUE} y", f"x {'*' * 40} y"),
        (f"password: {WORD}", "password: *******"),
        ("API_KEY='abc'", "API_KEY='***'"),
        ('client-secret = "s3cr3t" # x', 'client-secret = "******" # x'),
        ("      id-token: write", "      id-token: write"),
        ("    secrets: inherit", "    secrets: inherit"),
        ("  token: ${{ secrets.X }}", "  token: ${{ secrets.X }}"),
        ("uses: actions/checkout@" + "0a" * 20, "uses: actions/checkout@" + "0a" * 20),
        ("--hash=sha256:" + "0a" * 32, "--hash=sha256:" + "0a" * 32),
        ("typing-extensions==4.15.0 \\", "typing-extensions==4.15.0 \\"),
        ("typing-extensions==4/" + OPAQUE, "*" * 61),
        ("permissions-that-are-long-but-only-words: x", "permissions-that-are-long-but-only-words: x"),
    ],
)
def test_what_looks_like_a_credential_is_starred_out_in_place(line: str, safe: str) -> None:
    assert starred(line) == safe
    assert len(starred(line)) == len(line)


def test_a_starred_line_is_what_is_shown() -> None:
    told = shown(failing(Control.LOCKFILES, LOCKED), line=f"key = {OPAQUE}")
    assert OPAQUE not in told
    assert f" 4 | key = {'*' * 40}\n" in told


def test_a_heading_that_says_nothing_is_not_shown() -> None:
    assert " 4 | " not in shown(failing(Control.LOCKFILES, LOCKED), line="[[package]]")
    assert " 4 | [a] b" in shown(failing(Control.LOCKFILES, LOCKED), line="[a] b")
