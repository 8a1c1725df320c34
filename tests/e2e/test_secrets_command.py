"""`tidegate secrets` searches what it is told and nothing else, and says so when it could not."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.command import Ended, environment, script, tidegate
from support.repositories import Repository
from support.tokens import ALNUM, github, password

WARN = password("warn")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write("tidegate.yaml", b"version: 1\n")
    made.write("src/clean.py", b"x = 1\n")
    made.write(".gitignore", b"*.env\n")
    made.commit("base")
    return made


def secrets(root: Path, *words: str | Path, env: dict[str, str] | None = None) -> Ended:
    return tidegate("secrets", *words, cwd=root, env=env)


def found(root: Path, *words: str | Path, env: dict[str, str] | None = None) -> tuple[int, list[tuple[str, str]]]:
    """The exit code, and (rule, path) of each finding."""
    ended = secrets(root, *words, "--format", "json", env=env)
    assert ended.out, ended.err
    report = json.loads(ended.out)
    places = [(each["rule"], (each["place"] or {"path": ""})["path"]) for each in report["findings"]]
    return ended.code, sorted(places)


def token(seed: str) -> bytes:
    return f'key = "{github(seed)}"\n'.encode()


def test_files_and_folders_are_searched_and_nothing_beside_them(repository: Repository) -> None:
    repository.write("src/deep/a.py", token("a"))
    repository.write("other/b.py", token("b"))
    assert found(repository.root, "src/deep/a.py") == (1, [("secret-in-tree", "src/deep/a.py")])
    assert found(repository.root, "src", "src/clean.py") == (1, [("secret-in-tree", "src/deep/a.py")])
    assert found(repository.root / "src", "../other", ".")[1] == [
        ("secret-in-tree", "other/b.py"),
        ("secret-in-tree", "src/deep/a.py"),
    ]
    assert found(repository.root, repository.root / "src/clean.py") == (0, [])


def test_a_named_file_is_searched_even_where_git_ignores_it(repository: Repository) -> None:
    repository.write("local.env", token("env"))
    assert found(repository.root, ".") == (0, [])
    assert found(repository.root, "local.env") == (1, [("secret-in-tree", "local.env")])


def test_the_policy_is_that_of_the_repository_the_path_lies_in(repository: Repository, tmp_path: Path) -> None:
    repository.write("tidegate.yaml", b"version: 1\ncontrols: {secrets: {rules: {secret-suspected: fail}}}\n")
    repository.write("src/p.py", f'password = "{WARN}"\n'.encode())
    repository.commit("strict")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert found(elsewhere, repository.root / "src/p.py") == (1, [("secret-suspected", "src/p.py")])
    repository.write("tidegate.yaml", b"version: 1\n")
    assert found(elsewhere, repository.root / "src/p.py")[0] == 1
    shutil.copy(repository.root / "src/p.py", elsewhere / "p.py")
    both = secrets(tmp_path, elsewhere / "p.py", repository.root / "src/p.py")
    assert (both.code, both.out) == (2, "")
    assert "more than one repository" in both.err


def test_a_plain_folder_is_searched_under_the_built_in_policy_whatever_lies_in_it(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    (plain / "inner").mkdir(parents=True)
    (plain / "tidegate.yaml").write_text(
        "version: 1\ncontrols: {secrets: {enforce: report, until: 2099-01-01, owner: me}}\n"
    )
    (plain / "inner/a.py").write_bytes(token("plain"))
    assert found(plain, "inner/a.py") == (1, [("secret-in-tree", "a.py")])
    assert found(plain, ".") == (1, [("secret-in-tree", "inner/a.py")])
    assert found(tmp_path, plain / "inner", plain / "tidegate.yaml")[0] == 1


def test_a_suspected_password_is_shown_and_counted_and_does_not_shut(repository: Repository) -> None:
    repository.write("src/p.py", f'password = "{WARN}"\n'.encode())
    ended = secrets(repository.root, "src")
    assert ended.code == 0
    assert "warning[secret-suspected]" in ended.out
    assert "1 of the warn tier (shown)" in ended.out
    repository.write("src/q.py", token("q"))
    ended = secrets(repository.root, "src")
    assert ended.code == 1
    assert "1 of the block tier (shuts), 1 of the warn tier (shown)" in ended.out


def test_staged_is_what_the_index_would_add_not_what_lies_in_the_tree(repository: Repository) -> None:
    assert found(repository.root, "--staged") == (0, [])
    repository.write("src/new.py", token("unstaged"))
    assert found(repository.root, "--staged") == (0, [])
    repository.git("add", "src/new.py")
    repository.write("src/new.py", b"clean = 1\n")
    assert found(repository.root, "--staged") == (1, [("secret-in-tree", "src/new.py")])
    assert found(repository.root, "--staged", "tidegate.yaml") == (0, [])
    repository.commit("known")
    repository.git("rm", "-q", "src/clean.py")
    assert found(repository.root, "--staged") == (0, [])


def test_a_commit_of_some_files_has_an_index_of_its_own_and_the_hook_looks_at_that(repository: Repository) -> None:
    hook = repository.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {script()} secrets --staged\n")
    hook.chmod(0o755)
    repository.write("src/clean.py", token("partial"))
    for words in (["src/clean.py"], ["-a"]):
        done = subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "x", *words],
            cwd=repository.root,
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1, words
        assert b"secret-in-tree" in done.stdout + done.stderr
    assert repository.git("rev-list", "--count", "HEAD") == "1"


def test_staged_works_before_the_first_commit(tmp_path: Path) -> None:
    made = Repository(tmp_path / "new")
    assert found(made.root, "--staged") == (0, [])
    made.write("a.py", token("first"))
    made.git("add", "a.py")
    assert found(made.root, "--staged") == (1, [("secret-in-tree", "a.py")])
    assert found(made.root, "a.py") == (1, [("secret-in-tree", "a.py")])
    for words in (["--history"], ["--range", "HEAD~1..HEAD"]):
        assert secrets(made.root, *words).code in (2, 3), words


def test_a_range_is_what_its_commits_bring_even_when_it_is_gone_again(repository: Repository) -> None:
    repository.write("src/old.py", token("old"))
    base = repository.commit("old")
    repository.write("src/brief.py", token("brief"))
    repository.commit("brief")
    repository.git("rm", "-q", "src/brief.py")
    repository.write("src/old.py", token("old") + b"# more\n")
    repository.commit("gone again, and " + github("message"))
    code, told = found(repository.root, "--range", f"{base}..HEAD")
    assert code == 1
    assert [rule for rule, _ in told] == ["secret-in-history", "secret-in-message"]
    assert found(repository.root, "--range", "HEAD~1..HEAD")[1][0][0] == "secret-in-message"
    assert [rule for rule, _ in found(repository.root, "--history")[1]].count("secret-in-history") == 2
    assert found(repository.root, "--history", "src/brief.py") == (1, [("secret-in-history", "src/brief.py")])


def test_a_range_of_histories_that_share_nothing_is_all_of_the_second(repository: Repository) -> None:
    repository.git("checkout", "-q", "--orphan", "other")
    repository.write("src/other.py", token("orphan"))
    repository.commit("another beginning")
    assert found(repository.root, "--range", "main..other")[1] == [("secret-in-history", "src/other.py")]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "`nowhere` is not there"),
        ([""], "a path is empty"),
        (["/nowhere/at/all"], "is not there"),
        ([".git/config"], "lies in `.git`"),
        (["--range", "garbage"], "`garbage` is not a commit"),
        (["--range", "HEAD..nowhere"], "`nowhere` is not a commit"),
        (["--range", "a...b"], "symmetric difference"),
        (["--range", "--all"], "it is no range"),
        (["--range", "a b"], "it is no range"),
        (["--range", ".."], "it is no range"),
        (["--staged", "--history"], "exclude each other"),
        (["--staged", "--range", "HEAD..HEAD"], "exclude each other"),
        (["--policy", "none.yaml", "src"], "no policy at `none.yaml`"),
        (["--nothing"], "No such option"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error_and_searches_nothing(
    words: list[str], told: str, repository: Repository
) -> None:
    ended = secrets(repository.root, *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_outside_of_git_there_is_neither_index_nor_history(tmp_path: Path) -> None:
    for words in (["--staged"], ["--history"], ["--range", "a..b"]):
        ended = secrets(tmp_path, *words)
        assert (ended.code, ended.out) == (2, ""), words
        assert "needs a git repository" in ended.err


def test_a_policy_that_is_no_text_is_a_usage_error(repository: Repository) -> None:
    repository.write("tidegate.yaml", b"\x00\xff\xfe binary")
    repository.commit("binary")
    ended = secrets(repository.root, "src")
    assert (ended.code, ended.out) == (2, "")
    assert "tidegate.yaml" in ended.err


def test_what_cannot_be_read_is_told_and_never_a_pass(repository: Repository) -> None:
    (repository.root / "src/away").symlink_to("/nonexistent")
    os.mkfifo(repository.root / "src/pipe")
    code, told = found(repository.root, "src/pipe")
    assert (code, told) == (1, [("file-unscanned", "src/pipe"), ("nothing-examined", "")])


@pytest.mark.parametrize("format_", ["text", "json", "sarif", "markdown", "github"])
def test_every_report_tells_the_finding(format_: str, repository: Repository) -> None:
    repository.write("src/a.py", token("report"))
    ended = secrets(repository.root, "src", "--format", format_)
    assert ended.code == 1
    assert "secret-in-tree" in ended.out
    assert ended.err == ""


def test_interrupted_it_ends_at_once_with_all_its_children_and_says_what_is_owed(tmp_path: Path) -> None:
    made = Repository(tmp_path / "large")
    made.write("x", b"x\n")
    made.commit()
    rng = random.Random(7)
    for number in range(30):  # each line has to be judged, which takes some seconds
        values = ("".join(rng.choices(ALNUM, k=14)) for _ in range(20_000))
        made.write(f"f{number}.py", "".join(f'password = "{value}"\n' for value in values).encode())
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen(
            [script(), "secrets", "."],
            cwd=made.root,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        patience = time.monotonic() + 20
        while _threads(process.pid) < 3 and time.monotonic() < patience:  # they are there when the job is
            time.sleep(0.02)
        ours = _below(process.pid)
        assert process.poll() is None, "it ended before it could be interrupted"
        assert ours
        begun = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
        assert time.monotonic() - begun < 2
        assert (process.returncode, out) == (130, b"")
        assert b"the rest was not" in err
        time.sleep(0.1)
        assert not [pid for pid in ours if _runs(pid)]


def test_the_command_itself_reads_nothing_and_imports_no_engine(repository: Repository) -> None:
    code = (
        "import json, sys\nfrom tidegate.cli.main import run\ncode = run(['secrets', 'src'])\n"
        "sys.stderr.write(json.dumps([code, sorted(sys.modules)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository.root, env=environment(), capture_output=True, check=False
    )
    ended, modules = json.loads(done.stderr.decode().splitlines()[-1])
    assert ended == 0
    heavy = {"hyperscan", "detect_secrets", "packaging", "cyclonedx", "requests", "rich", "sigstore"}
    assert not heavy & set(modules)
    assert not {"tidegate.domain.secrets.engine", "tidegate.domain.secrets.pieces", "tidegate.formats.archives"} & set(
        modules
    )
    assert not [name for name in modules if name.startswith("tidegate.stages.se")]


def _runs(pid: int) -> bool:
    """Does it run? What only waits for its end to be noted does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _threads(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().partition("Threads:")[2].split()[0])


def _below(pid: int) -> set[int]:
    """Every process started by this one, and by those."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found and child not in found}:
        found |= more
    return found - {pid}
