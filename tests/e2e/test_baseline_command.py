"""`tidegate baseline` accepts what is found, under a name and until a day, and never writes over what is there."""

import hashlib
import json
from pathlib import Path

import pytest

from support.command import Ended, tidegate
from support.repositories import Repository
from support.tokens import github, password
from tidegate.formats.secret_baseline import Baseline, parse, render

NAME = "tidegate-baseline.json"
WARN = password("warn")
BLOCK = github("block")
WHY = ("--owner", "ann", "--reason", "a sample that opens nothing")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write("tidegate.yaml", f"version: 1\ncontrols:\n  secrets:\n    baseline: {NAME}\n".encode())
    made.write("src/p.py", f'password = "{WARN}"\n'.encode())
    made.write("src/t.py", f'key = "{BLOCK}"\n'.encode())
    made.commit("base")
    return made


def baseline(root: Path, *words: str | Path) -> Ended:
    return tidegate("baseline", *words, cwd=root)


def held(repository: Repository) -> Baseline:
    return parse((repository.root / NAME).read_bytes())


def test_what_is_adopted_counts_once_it_is_committed_and_only_that(repository: Repository) -> None:
    told = baseline(repository.root, "adopt", *WHY)
    assert told.code == 0, told.err
    assert "1 entry adopted" in told.out
    assert "1 of a provider's tokens and keys were NOT adopted" in told.out
    (entry,) = held(repository).entries
    assert (entry.path, entry.rule, entry.owner) == ("src/p.py", "secret-suspected", "ann")
    assert (
        tidegate("secrets", "src", cwd=repository.root).code == 2
    )  # the commit's policy names a file it does not hold
    repository.commit("baseline")
    ended = tidegate("secrets", "src", cwd=repository.root)
    assert ended.code == 1
    assert "allowed[secret-suspected]" in ended.out
    again = baseline(repository.root, "adopt", *WHY, "--include-block", "--expires", "2099-01-01")
    assert "still to be revoked and rotated" in again.out
    assert held(repository).entries[0] == entry
    assert [str(each.expires) for each in held(repository).entries if each.rule == "secret-in-tree"] == ["2099-01-01"]
    before = (repository.root / NAME).read_bytes()
    assert "0 entries adopted, 2 in" in baseline(repository.root, "adopt", *WHY, "--include-block").out
    assert (repository.root / NAME).read_bytes() == before
    repository.commit("all of it")
    assert tidegate("secrets", "src", cwd=repository.root).code == 0
    assert tidegate("secrets", cwd=repository.root).code == 0


def test_code_that_moves_keeps_its_entry_and_another_token_does_not(repository: Repository) -> None:
    baseline(repository.root, "adopt", *WHY, "--include-block")
    repository.write("src/t.py", b"# a line\n" * 50 + f'key = "{BLOCK}"\n'.encode())
    repository.commit("moved")
    assert tidegate("secrets", "src", cwd=repository.root).code == 0
    repository.write("src/t.py", f'key = "{github("another")}"\n'.encode())
    assert tidegate("secrets", "src", cwd=repository.root).code == 1


def test_prune_takes_out_what_matches_nothing_and_what_has_ended_when_asked(repository: Repository) -> None:
    baseline(repository.root, "adopt", *WHY, "--include-block")
    repository.commit("baseline")
    repository.git("rm", "-q", "src/t.py")
    repository.commit("gone")
    shown = json.loads(baseline(repository.root, "show", "--format", "json").out)
    assert [(each["path"], each["standing"]) for each in shown["entries"]] == [
        ("src/p.py", "used"),
        ("src/t.py", "unused"),
    ]
    told = baseline(repository.root, "prune")
    assert "1 entry left" in told.out
    assert [entry.path for entry in held(repository).entries] == ["src/p.py"]
    text = (repository.root / NAME).read_text()
    past = text.replace(str(held(repository).entries[0].expires), "2020-01-01")
    repository.write(NAME, past.encode())
    assert "expired" in baseline(repository.root, "show").out
    told = baseline(repository.root, "adopt", *WHY)
    assert "1 entry ended, and not renewed" in told.out
    assert (repository.root / NAME).read_text() == past
    assert baseline(repository.root, "prune").code == 0
    assert len(held(repository).entries) == 1
    assert "0 entries left" in baseline(repository.root, "prune", "--expired").out


@pytest.mark.parametrize("profile", ["tidegate", "detect-secrets"])
def test_the_baseline_itself_is_nothing_to_be_found(profile: str, repository: Repository) -> None:
    rules = f"baseline: {NAME}\n    profile: {profile}"
    repository.write("tidegate.yaml", f"version: 1\ncontrols:\n  secrets:\n    {rules}\n".encode())
    repository.commit("profile")
    baseline(repository.root, "adopt", *WHY, "--include-block")
    repository.commit("baseline")
    report = json.loads(tidegate("secrets", ".", "--format", "json", cwd=repository.root).out)
    assert [each["place"]["path"] for each in report["findings"] if each["exemption"] is None] == []


def test_paths_narrow_what_is_adopted(repository: Repository) -> None:
    repository.write("other/p.py", f'password = "{password("other")}"\n'.encode())
    assert "1 entry adopted" in baseline(repository.root, "adopt", *WHY, "other").out
    assert [entry.path for entry in held(repository).entries] == ["other/p.py"]


def test_without_a_policy_that_names_it_there_is_a_file_of_a_known_name_and_a_word_on_it(tmp_path: Path) -> None:
    made = Repository(tmp_path / "bare")
    made.write("p.py", f'password = "{WARN}"\n'.encode())
    told = baseline(made.root, "adopt", *WHY)
    assert told.code == 0, told.err
    assert f"`controls.secrets.baseline: {NAME}`" in told.out
    salt = held(made).salt
    made.write("q.py", f'password = "{password("q")}"\n'.encode())
    baseline(made.root, "adopt", *WHY)
    assert (held(made).salt, len(held(made).entries)) == (salt, 2)


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


def test_another_tools_baseline_is_taken_over_by_the_value_and_never_by_a_prefix(repository: Repository) -> None:
    repository.write("src/r.py", f'password = "{password("real")}"\n'.encode())
    key = f"-----{'BEGIN'} RSA PRIVATE KEY-----"
    entries = [
        ("src/p.py", "Secret Keyword", WARN, None),
        ("src/t.py", "GitHub Token", "ghp", None),
        ("src/t.py", "Private Key", key.strip("-"), None),
        ("src/r.py", "Secret Keyword", password("real"), True),
        ("src/t.py", "Secret Keyword", "nothing of the kind", None),
        ("src/other.py", "Secret Keyword", WARN, None),
    ]
    results: dict[str, list[dict[str, object]]] = {}
    for path, kind, value, real in entries:
        one: dict[str, object] = {"type": kind, "filename": path, "hashed_secret": sha1(value), "line_number": 1}
        results.setdefault(path, []).append(one | ({"is_secret": real} if real is not None else {}))
    repository.write(".secrets.baseline", json.dumps({"version": "1.5.0", "results": results}).encode())
    told = baseline(repository.root, "adopt", "--owner", "ann", "--include-block", "--from", ".secrets.baseline")
    assert told.code == 0, told.err
    assert [(entry.path, entry.rule) for entry in held(repository).entries] == [("src/p.py", "secret-suspected")]
    assert "2 of .secrets.baseline: refused, the hash is of a mere prefix" in told.out
    assert "1 of .secrets.baseline: refused, somebody audited it as a real credential" in told.out
    assert "2 of .secrets.baseline: matches nothing that tidegate finds there" in told.out
    assert sha1(WARN) not in (repository.root / NAME).read_text() + told.out + told.err
    repository.write(".secrets.baseline", json.dumps({"results": {"src/t.py": [
        {"type": "GitHub Token", "hashed_secret": sha1(BLOCK), "line_number": 1}]}}).encode())  # fmt: skip
    assert "NOT adopted" in baseline(repository.root, "adopt", "--owner", "ann", "--from", ".secrets.baseline").out
    told = baseline(repository.root, "adopt", "--owner", "ann", "--include-block", "--from", ".secrets.baseline")
    assert len(held(repository).entries) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["adopt"], "Missing option '--owner'"),
        (["adopt", "--owner", "ann"], "`--reason` is missing"),
        (["adopt", "--owner", "ann", "--reason", "short"], "`reason` is not 10 to 2000"),
        (["adopt", "--owner", "a\x1b[31mb", "--reason", "a sample that opens nothing"], "not printable"),
        (["adopt", "--owner", "ann", "--reason", f"the token is {BLOCK}"], "holds a credential"),
        (["adopt", *WHY, "--expires", "never"], "is no date"),
        (["adopt", *WHY, "--expires", "2020-01-01"], "is past"),
        (["adopt", *WHY, "--expires", "99999d"], "is no date"),
        (["adopt", *WHY, "nowhere"], "`nowhere` is not there"),
        (["adopt", *WHY, "--from", "nowhere"], "does not exist"),
        (["prune", "--nothing"], "No such option"),
    ],
)
def test_words_that_cannot_be_meant_write_nothing(words: list[str], told: str, repository: Repository) -> None:
    ended = baseline(repository.root, *words)
    assert ended.code == 2, ended.out
    assert told in ended.err
    assert BLOCK not in ended.err + ended.out
    assert not (repository.root / NAME).exists()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"\x00\x01\x02", "not JSON"),
        (b'{"version": 2, "salt": "", "entries": []}', "`version` is 2, not 1"),
        (b'{"version": 1, "salt": 7, "entries": {}}', "`salt` is not"),
        (b'{"version": 1, "version": 1}', "twice"),
        (b" " * (5 << 20), "larger than"),
        (json.dumps({"version": 1, "salt": "0" * 32, "entries": [{}] * 10_001}).encode(), "more than 10000"),
    ],
)
def test_a_baseline_with_faults_is_a_policy_with_faults_and_is_never_written_over(
    raw: bytes, told: str, repository: Repository
) -> None:
    repository.write(NAME, raw)
    repository.commit("broken")
    for words in (["secrets", "src"], ["baseline", "adopt", *WHY]):
        ended = tidegate(*words, cwd=repository.root)
        assert (ended.code, ended.out) == (2, ""), words
        assert told in ended.err
        assert len(ended.err) < 20_000
    assert (repository.root / NAME).read_bytes() == raw


def test_a_baseline_with_the_line_ends_of_another_system_counts_all_the_same(repository: Repository) -> None:
    baseline(repository.root, "adopt", *WHY, "--include-block")
    path = repository.root / NAME
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    repository.commit("crlf")
    assert tidegate("secrets", "src", cwd=repository.root).code == 0
    assert "0 entries adopted" in baseline(repository.root, "adopt", *WHY).out
    assert b"\r\n" in path.read_bytes()


def test_a_baseline_that_is_a_link_or_lies_behind_one_is_not_written(repository: Repository, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text(render(Baseline("0" * 32)))
    (repository.root / NAME).symlink_to(outside)
    ended = baseline(repository.root, "adopt", *WHY)
    assert ended.code == 2
    assert outside.read_text() == render(Baseline("0" * 32))


def test_what_was_not_searched_is_no_reason_to_prune(repository: Repository) -> None:
    baseline(repository.root, "adopt", *WHY)
    repository.git("rm", "-q", "src/p.py")
    repository.commit("gone")
    (repository.root / "src/p.py").mkdir()
    (repository.root / "src/p.py/x").write_bytes(b"x")
    (repository.root / "src/p.py/x").chmod(0)
    (repository.root / "untracked").write_bytes(b"\0" * 10)
    import os

    os.mkfifo(repository.root / "src/pipe")
    repository.git("update-index", "--add", "--cacheinfo", "100644", "0" * 39 + "1", "lost.py")
    ended = baseline(repository.root, "prune")
    assert ended.code == 3
    assert "nothing was pruned" in ended.err
    assert len(held(repository).entries) == 1
