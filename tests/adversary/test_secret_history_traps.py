"""A token is found wherever it lies in the history, and what of a history is not here is said."""

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from support.repositories import Repository
from support.secret_search import found, searched, token
from tidegate.domain.secrets.slices import SLICE
from tidegate.model.evidence import Report
from tidegate.stages import secret_blobs
from tidegate.stages.searching import Search

WHOLE = Search(history=True)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.write("README.md", b"nothing here\n")
    made.commit("start")
    return made


def line(value: str) -> bytes:
    return f"api_token = {value}\n".encode()


def come_and_gone(repo: Repository, path: str, data: bytes) -> str:
    """A file of one commit, deleted in the next. The commit that held it."""
    repo.write(path, data)
    commit = repo.commit("adds")
    (repo.root / path).unlink()
    repo.commit("removes")
    return commit


def attribute(repo: Repository, value: str) -> None:
    repo.write(".gitattributes", b"* -diff binary -text\n")
    come_and_gone(repo, "a.txt", line(value))


def evil_merge(repo: Repository, value: str) -> None:
    repo.git("checkout", "-q", "-b", "topic")
    repo.write("t", b"t")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write("m", b"m")
    repo.commit()
    repo.git("merge", "-q", "--no-ff", "--no-commit", "topic")
    come_and_gone(repo, "evil.txt", line(value))


def long_line(repo: Repository, value: str) -> None:
    padding = " ".join(f"w{number}" for number in range(60_000)).encode()
    come_and_gone(repo, "a.txt", padding + b" " + value.encode() + b" " + padding)


def tag_message(repo: Repository, value: str) -> None:
    repo.git("tag", "-a", "-m", f"see {value}", "v1")


def nested_tag(repo: Repository, value: str) -> None:
    repo.git("tag", "-a", "-m", f"see {value}", "inner")
    repo.git("tag", "-a", "-m", "outer", "outer", "inner")
    repo.git("tag", "-d", "inner")


def deleted_branch(repo: Repository, value: str) -> None:
    repo.git("checkout", "-q", "-b", "topic")
    repo.write("a.txt", line(value))
    repo.commit()
    repo.git("tag", "v0")
    repo.git("checkout", "-q", "main")
    repo.git("branch", "-q", "-D", "topic")


def blob_by_tag(repo: Repository, value: str) -> None:
    repo.git("tag", "key", repo.git("hash-object", "-w", "--stdin", feed=line(value)))


def tree_by_tag(repo: Repository, value: str) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", feed=line(value))
    tree = repo.git("mktree", feed=f"100644 blob {blob}\tinner.txt\n".encode())
    repo.git("tag", "-a", "-m", "a tree", "tree", tree)


def older_stash(repo: Repository, value: str) -> None:
    for data in (line(value), b"something else\n"):
        repo.write("README.md", data)
        repo.git("stash", "-q")


def deleted_note(repo: Repository, value: str) -> None:
    repo.git("notes", "add", "-m", value, "HEAD")
    repo.git("notes", "remove", "HEAD")


def renamed(repo: Repository, value: str) -> None:
    repo.write("a.txt", line(value))
    repo.commit()
    repo.git("mv", "a.txt", "b.txt")
    repo.commit()
    (repo.root / "b.txt").unlink()
    repo.commit()


def replaced(repo: Repository, value: str) -> None:
    come_and_gone(repo, "a.txt", line(value))
    oid = repo.git("rev-parse", "HEAD~1:a.txt")
    repo.git("replace", oid, repo.git("hash-object", "-w", "--stdin", feed=b"clean\n"))


def replaced_commit(repo: Repository, value: str) -> None:
    middle = come_and_gone(repo, "a.txt", line(value))
    repo.git("replace", "HEAD", repo.git("commit-tree", "-m", "x", "HEAD^{tree}"))
    assert middle not in repo.git("rev-list", "HEAD")


def grafted(repo: Repository, value: str) -> None:
    come_and_gone(repo, "a.txt", line(value))
    (repo.root / ".git" / "info").mkdir(exist_ok=True)
    (repo.root / ".git" / "info" / "grafts").write_text(repo.git("rev-parse", "HEAD") + "\n")


def root_commit(repo: Repository, value: str) -> None:
    repo.git("checkout", "-q", "--orphan", "other")
    come_and_gone(repo, "a.txt", line(value))


def lying_link(repo: Repository, value: str) -> None:
    (repo.root / "a").symlink_to(f"https://x:{value}@x.example/")
    repo.commit()
    (repo.root / "a").unlink()
    repo.commit()


def made(path: str, make: Callable[[str], bytes]) -> Callable[[Repository, str], None]:
    return lambda repo, value: (come_and_gone(repo, path, make(value)), None)[1]


def said(word: str) -> Callable[[Repository, str], None]:
    return lambda repo, value: (repo.commit(f"{word} {value}"), None)[1]


TRAPS: dict[str, Callable[[Repository, str], None]] = {
    "the -diff attribute": attribute,
    "an evil merge": evil_merge,
    "a NUL byte": made("a.txt", lambda t: b"a\0b\n" + line(t)),
    "utf-16": made("a.txt", lambda t: line(t).decode().encode("utf-16")),
    "a long line": long_line,
    "a commit message": said("see"),
    "a tag message": tag_message,
    "a tag of a tag": nested_tag,
    "a note": lambda repo, value: (repo.git("notes", "add", "-m", value, "HEAD"), None)[1],
    "a deleted note": deleted_note,
    "a note under another ref": lambda repo, value: (
        repo.git("notes", "--ref", "ci/logs", "add", "-m", value, "HEAD"),
        None,
    )[1],
    "a deleted branch's tag": deleted_branch,
    "a blob by a tag": blob_by_tag,
    "a tree by a tag": tree_by_tag,
    "an older stash": older_stash,
    "a root commit of its own": root_commit,
    "a rename": renamed,
    "a replaced object": replaced,
    "a replaced commit": replaced_commit,
    "a graft": grafted,
    "a link": lying_link,
    "an archive": made("a.gz", lambda t: gzip.compress(line(t))),
    "a lock file": made("package-lock.json", line),
    "a name of bytes": made('süß "x"\n.txt', line),
    "the name of a file": lambda repo, value: (come_and_gone(repo, f"{value}.txt", b"nothing\n"), None)[1],
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_of_the_history_is_seen(trap: str, repo: Repository) -> None:
    value = token(len(trap))
    TRAPS[trap](repo, value)
    assert found(searched(repo.root, WHOLE), value)


def behind_much(value: str) -> bytes:
    """A packed file behind more than is read at once, as programs carry what belongs to them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", line(value) * 9)
    return bytes(SLICE + 1) + packed.getvalue()


def test_an_archive_at_the_end_of_a_large_blob_is_opened(repo: Repository) -> None:
    come_and_gone(repo, "program", behind_much(token()))
    assert found(searched(repo.root, WHOLE), token()) == ["program!/a.txt"]


def test_an_archive_at_the_end_of_a_blob_too_large_to_open_is_said(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_blobs, "WHOLE", SLICE)
    come_and_gone(repo, "program", behind_much(token()))
    come_and_gone(repo, "zeros", bytes(SLICE + 9))
    said = {finding.about: finding.rule for finding in searched(repo.root, WHOLE).findings}
    assert said == {"program": "file-unscanned"}


def test_a_finding_of_the_history_names_commit_date_and_path_and_that_removal_is_not_revocation(
    repo: Repository,
) -> None:
    first = come_and_gone(repo, "b.txt", line(token(1)))
    second = come_and_gone(repo, "a.txt", line(token(2)))
    report = searched(repo.root, WHOLE)
    assert [finding.message for finding in report.findings] == [
        f"a GitHub token in `b.txt`, since commit `{first[:12]}` of 2023-11-14",
        f"a GitHub token in `a.txt`, since commit `{second[:12]}` of 2023-11-14",
    ]
    assert all("does not revoke" in finding.fix for finding in report.findings)
    assert searched(repo.root, WHOLE).findings == report.findings


def between(repo: Repository, base: str) -> Report:
    return searched(repo.root, Search(range=f"{base}..HEAD"))


def test_of_a_range_only_what_is_new_is_told(repo: Repository) -> None:
    repo.write("old.txt", line(token(1)))
    base = repo.commit()
    repo.write("old.txt", line(token(1)) + line(token(2)))
    repo.commit()
    repo.write("old.txt", b"clean\n")
    repo.commit()
    report = between(repo, base)
    assert found(report, token(2)) == ["old.txt"]
    assert not found(report, token(1))
    assert "1 credential was there before this change, and not told again" in report.notes


def test_a_token_that_moves_to_another_file_is_new_there(repo: Repository) -> None:
    repo.write("old.txt", line(token(1)))
    base = repo.commit()
    come_and_gone(repo, "new.txt", b"x\n" + line(token(1)))
    assert found(between(repo, base), token(1)) == ["new.txt"]


def test_messages_and_notes_of_a_range_are_searched(repo: Repository) -> None:
    base = repo.commit(f"old {token(1)}")
    head = repo.commit(f"new {token(2)}")
    repo.git("notes", "add", "-m", token(3), head)
    repo.git("notes", "add", "-m", token(4), base)
    report = between(repo, base)
    assert [bool(found(report, token(seed))) for seed in range(1, 5)] == [False, True, True, False]
    assert {finding.rule for finding in report.findings} == {"secret-in-message"}


def test_what_is_staged_is_searched_and_not_what_lies_there(repo: Repository) -> None:
    repo.write("old.txt", line(token(1)))
    repo.commit()
    repo.write("old.txt", line(token(1)) + b"more\n")
    repo.write("new.txt", line(token(2)))
    repo.git("add", "-A")
    repo.write("new.txt", b"clean\n")
    repo.write("loose.txt", line(token(3)))
    report = searched(repo.root, Search(staged=True))
    assert [found(report, token(seed)) for seed in (1, 2, 3)] == [[], ["new.txt"], []]


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def test_a_shallow_clone_is_said(repo: Repository, tmp_path: Path) -> None:
    come_and_gone(repo, "a.txt", line(token()))
    clone = Repository(tmp_path / "clone")
    clone.git("fetch", "-q", "--depth=1", repo.root.as_uri(), "main")
    clone.git("reset", "-q", "--hard", "FETCH_HEAD")
    assert rules(searched(clone.root, WHOLE)) == {"history-incomplete"}


def test_what_a_partial_clone_left_behind_is_counted_and_never_fetched(repo: Repository, tmp_path: Path) -> None:
    come_and_gone(repo, "a.txt", line(token()))
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = Repository(tmp_path / "clone")
    clone.git("remote", "add", "origin", repo.root.as_uri())
    clone.git("fetch", "-q", "--filter=blob:none", "origin", "main")
    clone.git("reset", "-q", "--hard", "FETCH_HEAD")
    report = searched(clone.root, WHOLE)
    assert rules(report) == {"history-incomplete"}
    history = report.coverage[0]
    assert (history.examined, history.expected) == (1, 2)
    assert ("skipped missing", "1") in report.facts
    assert not clone.git("cat-file", "--batch-check", "--batch-all-objects").count("blob") > 1


def test_hostile_configuration_runs_nothing_and_hides_nothing(repo: Repository, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    come_and_gone(repo, "a.txt", line(token(1)))
    repo.write("b.txt", line(token(2)))
    repo.commit()
    repo.write(".gitattributes", b"* diff=evil filter=evil\n")
    other = tmp_path / "other.cfg"
    other.write_text(f"[core]\n\tfsmonitor = {script}\n\thooksPath = {tmp_path}\n")
    for key, value in (
        ("include.path", str(other)), ("includeIf.gitdir:**.path", str(other)), ("core.sshCommand", str(script)),
        ("diff.external", str(script)), ("diff.evil.textconv", str(script)), ("diff.evil.command", str(script)),
        ("filter.evil.clean", str(script)), ("filter.evil.smudge", str(script)), ("filter.evil.process", str(script)),
        ("filter.evil.required", "true"), ("core.fsmonitor", str(script)), ("core.pager", str(script)),
        ("core.hooksPath", str(tmp_path)), ("core.worktree", str(tmp_path)), ("core.excludesFile", "/dev/stdin"),
        ("core.attributesFile", str(script)), ("core.quotePath", "true"), ("core.ignoreCase", "true"),
        ("core.commitGraph", "true"), ("log.showRoot", "false"), ("core.useReplaceRefs", "true"),
        ("core.bare", "true"), ("status.showUntrackedFiles", "no"), ("core.precomposeUnicode", "true"),
        ("uploadpack.packObjectsHook", str(script)), ("alias.rev-list", f"!{script}"), ("core.bigFileThreshold", "1"),
    ):  # fmt: skip
        with (repo.root / ".git" / "config").open("a") as config:
            section, _, name = key.rpartition(".")
            section, dot, inner = section.partition(".")
            config.write(f'[{section} "{inner}"]\n' if dot else f"[{section}]\n")
            config.write(f"\t{name} = {value}\n")
    for question in (WHOLE, Search(), Search(staged=True), Search(range="HEAD~1..HEAD")):
        searched(repo.root, question)
    assert found(searched(repo.root, WHOLE), token(1)) == ["a.txt"]
    assert found(searched(repo.root), token(2)) == ["b.txt"]
    assert not mark.exists()


def test_a_git_file_that_points_elsewhere_is_followed_as_git_does_and_runs_nothing(
    repo: Repository, tmp_path: Path
) -> None:
    come_and_gone(repo, "a.txt", line(token()))
    repo.git("worktree", "add", "-q", str(tmp_path / "beside"))
    assert found(searched(tmp_path / "beside", WHOLE), token()) == ["a.txt"]
    lost = tmp_path / "lost"
    lost.mkdir()
    (lost / ".git").write_text("gitdir: /nonexistent\n")
    (lost / "b.txt").write_bytes(line(token(2)))
    with pytest.raises(Exception, match="git"):
        searched(lost)


def test_the_same_history_gives_the_same_findings_however_it_is_shared_out(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    from support.secret_search import policy, world
    from tidegate.adapters.crew import ForkedCrew
    from tidegate.stages import secret_history, secret_scan
    from tidegate.stages.searching import search

    for seed in range(12):
        come_and_gone(repo, f"{seed % 5}.txt", line(token(seed)) + os.urandom(20).hex().encode())
    alone = searched(repo.root, WHOLE)
    monkeypatch.setattr(secret_scan, "ALONE", 0)
    monkeypatch.setattr(secret_scan, "ITEMS", 2)
    monkeypatch.setattr(secret_history, "BLOBS", 100)
    shared = search(WHOLE, policy(), world(repo.root, ForkedCrew(2)))
    assert shared == alone
    assert len(alone.findings) == 12
    lying = search(Search(), policy(), world(repo.root, ForkedCrew(2)))
    assert lying.findings == ()
