"""A span of history is all of it: what any ref reaches, a merge made up or a stash keeps, and who brought it."""

import dataclasses
from pathlib import Path

import pytest

from support.repositories import Repository
from tidegate.adapters.git import LocalGit
from tidegate.errors import FormatError
from tidegate.ports import Entry, Span

EVERY = Span("HEAD", refs=True)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.write("a.txt", b"one\n")
    made.commit("first")
    return made


def texts(git: LocalGit, span: Span) -> set[bytes]:
    return {blob.data or b"" for blob in git.contents([oid for oid, _ in git.listing(span)], 1 << 20)}


def words(git: LocalGit, span: Span) -> bytes:
    return b"\n".join(message.data for message in git.messages(span))


def test_every_ref_is_part_of_the_whole_history(repo: Repository) -> None:
    repo.git("checkout", "-q", "-b", "gone")
    repo.write("b.txt", b"of a branch that is deleted\n")
    repo.commit("on the branch")
    repo.git("tag", "kept")
    repo.git("checkout", "-q", "main")
    repo.git("branch", "-q", "-D", "gone")
    repo.git("update-ref", "refs/remotes/origin/other", "kept")
    loose = repo.git("hash-object", "-w", "--stdin", feed=b"named by a tag alone\n")
    repo.git("tag", "blob", loose)
    inner = repo.git("hash-object", "-w", "--stdin", feed=b"named by an annotated tag\n")
    repo.git("tag", "-a", "-m", "about a blob", "noted", inner)
    git = repo.ask()
    expected = {b"one\n", b"of a branch that is deleted\n", b"named by a tag alone\n", b"named by an annotated tag\n"}
    assert texts(git, EVERY) == expected
    assert texts(git, Span("HEAD")) == {b"one\n"}
    said = words(git, EVERY)
    assert b"on the branch" in said
    assert b"about a blob" in said


def test_every_stash_is_part_of_it_and_not_the_last_alone(repo: Repository) -> None:
    for text in (b"stashed first\n", b"stashed second\n"):
        repo.write("a.txt", text)
        repo.git("stash", "-q")
    assert texts(repo.ask(), EVERY) == {b"one\n", b"stashed first\n", b"stashed second\n"}


def test_notes_are_words_about_commits(repo: Repository) -> None:
    base = repo.git("rev-parse", "HEAD")
    repo.git("notes", "add", "-m", "about the first", base)
    head = repo.commit("second")
    repo.git("notes", "--ref", "review", "add", "-m", "about the second", head)
    repo.git("notes", "--ref", "review", "add", "-f", "-m", "about it, again", head)
    git = repo.ask()
    noted = {message.note: message.data for message in git.messages(Span(head, base)) if message.note}
    assert noted == {head: b"about it, again\n"}
    every = {message.data for message in git.messages(EVERY) if message.note}
    assert every == {b"about the first\n", b"about the second\n", b"about it, again\n"}
    assert texts(git, EVERY) == {b"one\n"}


def test_the_first_commit_of_a_blob_is_the_one_that_brought_it(repo: Repository) -> None:
    root = repo.git("rev-parse", "HEAD")
    repo.write("old.txt", b"content\n")
    brought = repo.commit("brings", when=1700000500)
    repo.git("mv", "old.txt", "new.txt")
    repo.commit("renames")
    oid = repo.git("rev-parse", "HEAD:new.txt")
    one = repo.git("rev-parse", "HEAD:a.txt")
    found = repo.ask().firsts(EVERY, [oid, one, "0" * 40])
    assert set(found) == {oid, one}
    assert dataclasses.astuple(found[oid]) == (brought, 1, "2023-11-14T22:13:20+00:00", "old.txt")
    assert (found[one].commit, found[one].place) == (root, 0)


def test_what_a_merge_made_up_is_brought_by_the_merge(repo: Repository) -> None:
    repo.git("checkout", "-q", "-b", "topic")
    repo.write("t.txt", b"t\n")
    repo.commit("topic")
    repo.git("checkout", "-q", "main")
    repo.write("m.txt", b"m\n")
    repo.commit("main")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "topic")
    repo.write("evil.txt", b"in neither parent\n")
    repo.write("t.txt", b"changed in the merge\n")
    merge = repo.commit("merge")
    oids = [repo.git("rev-parse", f"HEAD:{path}") for path in ("evil.txt", "t.txt")]
    found = repo.ask().firsts(Span("HEAD"), oids)
    assert [found[oid].commit for oid in oids] == [merge, merge]


def test_the_history_s_configuration_and_attributes_change_nothing_about_who_brought_a_blob(repo: Repository) -> None:
    repo.write(".gitattributes", b"* -diff binary diff=evil\n")
    repo.commit()
    oid = repo.git("rev-parse", "HEAD:a.txt")
    root = repo.git("rev-parse", "HEAD~1")
    for key, value in (
        ("log.showRoot", "false"),
        ("diff.orderFile", "/nonexistent/order"),
        ("diff.noprefix", "true"),
        ("diff.renames", "copies"),
        ("diff.external", "/bin/false"),
        ("diff.ignoreSubmodules", "all"),
        ("log.follow", "true"),
    ):
        repo.git("config", key, value)
    assert repo.ask().firsts(Span("HEAD"), [oid])[oid].commit == root


def test_staged_is_what_the_index_holds_and_not_the_working_tree(repo: Repository) -> None:
    repo.write("a.txt", b"staged\n")
    repo.write("b.txt", b"new\n")
    repo.git("add", "-A")
    repo.write("a.txt", b"not staged\n")
    repo.write("c.txt", b"untracked\n")
    git = repo.ask()
    held = {entry.path: blob.data for entry in git.staged() for blob in git.contents([entry.oid], 100)}
    assert held == {"a.txt": b"staged\n", "b.txt": b"new\n"}
    repo.commit()
    repo.git("rm", "-q", "--cached", "b.txt")
    assert repo.ask().staged() == ()


def test_before_the_first_commit_all_of_the_index_is_staged(tmp_path: Path) -> None:
    fresh = Repository(tmp_path / "fresh")
    fresh.write("a.txt", b"one\n")
    fresh.git("add", "-A")
    oid = fresh.git("hash-object", "a.txt")
    assert fresh.ask().staged() == (Entry("a.txt", "100644", oid),)


def test_of_a_conflict_something_is_staged(repo: Repository) -> None:
    repo.git("checkout", "-q", "-b", "topic")
    repo.write("a.txt", b"theirs\n")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write("a.txt", b"ours\n")
    repo.commit()
    with pytest.raises(Exception, match="merge"):
        repo.git("merge", "-q", "topic")
    assert [entry.path for entry in repo.ask().staged()] == ["a.txt"]


def test_a_graft_a_replacement_and_a_written_graph_are_not_believed(repo: Repository) -> None:
    root = repo.git("rev-parse", "HEAD")
    repo.write("b.txt", b"hidden between\n")
    middle = repo.commit()
    (repo.root / "b.txt").unlink()
    head = repo.commit()
    repo.git("commit-graph", "write", "--reachable")
    (repo.root / ".git" / "info").mkdir(exist_ok=True)
    (repo.root / ".git" / "info" / "grafts").write_text(f"{head} {root}\n")
    repo.git("replace", middle, root)
    git = repo.ask()
    assert b"hidden between\n" in texts(git, Span("HEAD"))
    assert git.commits(Span("HEAD")) == 3


def test_a_piece_of_what_is_no_blob_is_refused(repo: Repository) -> None:
    git = repo.ask()
    for oid in (repo.git("rev-parse", "HEAD"), "0" * 40, "HEAD"):
        with pytest.raises(FormatError):
            list(git.pieces(oid, 10))


def test_a_borrowed_object_that_is_gone_is_missing(repo: Repository, tmp_path: Path) -> None:
    clone = Repository(tmp_path / "clone")
    alternates = clone.root / ".git" / "objects" / "info" / "alternates"
    alternates.write_text(f"{repo.root}/.git/objects\n")
    clone.git("update-ref", "refs/heads/main", repo.git("rev-parse", "HEAD"))
    assert texts(clone.ask(), Span("HEAD")) == {b"one\n"}
    oid = repo.git("rev-parse", "HEAD:a.txt")
    (repo.root / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    assert clone.ask().listing(Span("HEAD")).missing == [oid]
