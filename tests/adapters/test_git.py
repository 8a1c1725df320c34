"""Git is asked by plumbing alone, and nothing the repository brings along is executed, followed or believed."""

import dataclasses
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.repositories import Repository
from tidegate.adapters.git import LocalGit, toplevel
from tidegate.adapters.git_child import environment
from tidegate.adapters.remotes import web_address
from tidegate.errors import FormatError, NotARepository, ToolMissing, UndecidedError
from tidegate.ports import Blob, Span


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.write("a.txt", b"one\n")
    made.write("pkg/b.py", b"two\n")
    made.commit("first")
    return made


def test_the_source_names_commit_tree_ref_and_time(repo: Repository) -> None:
    source = repo.ask().source()
    assert source.commit == repo.git("rev-parse", "HEAD")
    assert source.tree == repo.git("rev-parse", "HEAD^{tree}")
    assert source.ref == "refs/heads/main"
    assert source.committed == "2023-11-14T22:13:20+00:00"
    assert (source.dirty, source.shallow, source.remote, source.base) == ((), False, "", "")


def test_a_tag_at_the_commit_is_its_ref_and_an_older_tag_is_not(repo: Repository) -> None:
    repo.git("tag", "v1.0")
    assert repo.ask().source().ref == "refs/tags/v1.0"
    repo.git("tag", "-a", "-m", "annotated", "v1.10")
    repo.git("tag", "v1.9")
    assert repo.ask().source().ref == "refs/tags/v1.10"
    repo.commit("second")
    assert repo.ask().source().ref == "refs/heads/main"
    repo.git("checkout", "-q", "--detach")
    assert repo.ask().source().ref == ""


def test_a_repository_without_commits_has_an_empty_source(tmp_path: Path) -> None:
    fresh = Repository(tmp_path / "fresh")
    fresh.write("a", b"a")
    fresh.git("add", "a")
    source = fresh.ask().source()
    assert (source.commit, source.tree, source.committed, source.dirty) == ("", "", "", ("a",))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://user:pw@Host.example/o/r.git", "https://host.example/o/r"),
        ("git@host.example:o/r.git", "https://host.example/o/r"),
        ("host.example:o/r", "https://host.example/o/r"),
        ("ssh://git@host.example:2222/o/r.git/", "https://host.example/o/r"),
        ("https://host.example:8443/o/r?access=1#x", "https://host.example:8443/o/r"),
        ("git+ssh://git@host.example/o/r", "https://host.example/o/r"),
        ("/srv/git/r.git", ""),
        ("../r.git", ""),
        ("file:///srv/r.git", ""),
        ("ext::sh -c id", ""),
        ("https://host.example:port/o/r", ""),
        ("https://host.example/o/\nr", ""),
        ("", ""),
    ],
)
def test_a_remote_is_one_web_address_without_credentials(url: str, address: str) -> None:
    assert web_address(url) == address


def test_the_remote_of_origin_is_normalised(repo: Repository) -> None:
    repo.git("remote", "add", "origin", "git@host.example:acme/api.git")
    assert repo.ask().source().remote == "https://host.example/acme/api"


def test_every_kind_of_difference_makes_a_path_dirty(repo: Repository) -> None:
    for name in ("changed", "deleted", "staged", "mode", "kept", "folder"):
        repo.write(name, b"text\n")
    (repo.root / "link").symlink_to("kept")
    (repo.root / "turned").symlink_to("kept")
    repo.commit()
    repo.write("changed", b"test\n")
    (repo.root / "deleted").unlink()
    repo.write("staged", b"new\n")
    repo.git("add", "staged")
    repo.write("staged", b"text\n")
    (repo.root / "mode").chmod(0o755)
    (repo.root / "turned").unlink()
    (repo.root / "turned").symlink_to("changed")
    (repo.root / "folder").unlink()
    (repo.root / "folder").mkdir()
    repo.write("added", b"x")
    repo.git("add", "added")
    repo.write("untracked", b"x")
    assert repo.ask().source().dirty == ("added", "changed", "deleted", "folder", "mode", "staged", "turned")


def test_hidden_changes_are_dirty_whatever_the_index_says(repo: Repository) -> None:
    repo.git("update-index", "--assume-unchanged", "a.txt")
    repo.git("update-index", "--skip-worktree", "pkg/b.py")
    repo.write("a.txt", b"eno\n")
    repo.write("pkg/b.py", b"owt\n")
    assert repo.ask().source().dirty == ("a.txt", "pkg/b.py")


def test_line_ends_and_fetched_large_files_are_no_difference(repo: Repository) -> None:
    content = b"large content"
    digest = hashlib.sha256(content).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(content)}\n".encode()
    repo.write("big.bin", pointer)
    repo.write("other.bin", pointer)
    repo.commit()
    repo.write("a.txt", b"one\r\n")
    repo.write("big.bin", content)
    repo.write("other.bin", content + b"!")
    assert repo.ask().source().dirty == ("other.bin",)


def test_a_submodule_is_dirty_when_it_moved_or_changed(repo: Repository, tmp_path: Path) -> None:
    inner = Repository(tmp_path / "inner")
    inner.write("x", b"x")
    inner.commit()
    repo.git("submodule", "add", "-q", str(inner.root), "sub")
    repo.commit("with submodule")
    assert repo.ask().source().dirty == ()
    (repo.root / "sub" / "x").write_bytes(b"y")
    assert repo.ask().source().dirty == ("sub",)
    (repo.root / "sub" / "x").write_bytes(b"x")
    Repository(repo.root / "sub").commit("moved")
    assert repo.ask().source().dirty == ("sub",)
    assert {entry.path: entry.mode for entry in repo.ask().tracked()}["sub"] == "160000"


def test_names_that_are_not_utf8_survive_everywhere(repo: Repository) -> None:
    raw = os.fsencode(repo.root) + b"/caf\xe9\n\\.txt"
    Path(os.fsdecode(raw)).write_bytes(b"latin")
    name = "caf\\xe9\n\\x5c.txt"
    assert repo.ask().untracked() == (name,)
    repo.commit()
    git = repo.ask()
    assert name in {entry.path for entry in git.tracked()}
    assert git.read("HEAD", name, 100) == b"latin"
    assert git.first_commit_of(name) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert git.source().dirty == ()


def test_ignored_and_untracked_paths_are_told_apart(repo: Repository) -> None:
    repo.write(".gitignore", b"*.log\nbuild/\n")
    repo.write("x.log", b"")
    repo.write("build/y", b"")
    repo.write("z", b"")
    (repo.root / "way").symlink_to("pkg")
    git = repo.ask()
    assert git.untracked() == (".gitignore", "way", "z")
    asked = ["x.log", "build/y", ":(glob)*.log", ":x.log", "z", "a.txt", "way/b.py", "../out", "/abs", "way/deep.log"]
    assert git.ignored(asked) == {"x.log", "build/y", ":(glob)*.log", ":x.log"}
    assert git.ignored([]) == frozenset()


def test_a_file_is_read_at_a_commit_within_its_limit(repo: Repository) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.write("a.txt", b"three\n")
    (repo.root / "link").symlink_to("a.txt")
    repo.commit()
    git = repo.ask()
    assert (git.read(first, "a.txt", 10), git.read("HEAD", "a.txt", 10)) == (b"one\n", b"three\n")
    assert git.read("HEAD", "missing", 10) is None
    assert git.read("HEAD", "pkg/b.p", 10) is None
    assert git.read("nowhere", "a.txt", 10) is None
    with pytest.raises(FormatError, match="larger than 5"):
        git.read("HEAD", "a.txt", 5)
    for path in ("link", "pkg"):
        with pytest.raises(FormatError, match="not a regular file"):
            git.read("HEAD", path, 100)
    for path in ("../a.txt", "/a.txt", ".git/config"):
        with pytest.raises(FormatError):
            git.read("HEAD", path, 100)
    link = next(entry.oid for entry in git.tracked() if entry.path == "link")
    assert git.read(link, "", 100) == b"a.txt"


@pytest.mark.parametrize(
    "name", ["--all", "-h", "", "main:a.txt", "main..other", "HEAD@{1}", "a b", ":/first", "\ud800", "x" * 2000, "\n"]
)
def test_what_is_no_plain_name_stands_for_nothing(repo: Repository, name: str) -> None:
    assert repo.ask().resolve(name) is None


def test_names_resolve_to_commits(repo: Repository) -> None:
    commit = repo.git("rev-parse", "HEAD")
    repo.git("tag", "-a", "-m", "t", "v1")
    git = repo.ask()
    assert {git.resolve(name) for name in ("HEAD", "main", "refs/heads/main", "v1", commit, commit[:10])} == {commit}
    assert git.resolve("HEAD~1") is None
    assert git.resolve(repo.git("rev-parse", "HEAD^{tree}")) is None


def test_ancestry_and_merge_bases(repo: Repository) -> None:
    base = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "-b", "topic")
    repo.write("t", b"t")
    topic = repo.commit()
    repo.git("checkout", "-q", "main")
    repo.write("m", b"m")
    main = repo.commit()
    repo.git("checkout", "-q", "--orphan", "alone")
    alone = repo.commit()
    git = repo.ask()
    assert git.merge_base("topic", "main") == base
    assert git.merge_base("topic", "alone") is None
    assert git.merge_base("topic", "nowhere") is None
    assert git.is_ancestor(base, topic)
    assert not git.is_ancestor(topic, main)
    assert not git.is_ancestor(alone, main)
    assert not git.is_ancestor("nowhere", main)
    assert git.commits(Span(topic, base)) == 1
    with pytest.raises(UndecidedError):
        git.commits(Span(topic, "nowhere"))


def test_the_default_branch_is_the_remotes(repo: Repository, tmp_path: Path) -> None:
    assert repo.ask().default_branch() is None
    clone = Repository(tmp_path / "clone")
    clone.git("remote", "add", "origin", str(repo.root))
    clone.git("fetch", "-q", "origin")
    assert clone.ask().default_branch() == "refs/remotes/origin/main"
    clone.git("update-ref", "refs/remotes/origin/trunk", "refs/remotes/origin/main")
    clone.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert clone.ask().default_branch() == "refs/remotes/origin/trunk"


def test_the_first_commit_of_a_path_is_the_earliest_that_touched_it(repo: Repository) -> None:
    repo.write("late.txt", b"1")
    repo.commit(when=1700000500)
    repo.write("late.txt", b"2")
    repo.commit(when=1700000900)
    assert repo.ask().first_commit_of("late.txt") == datetime.fromtimestamp(1700000500, UTC)
    assert repo.ask().first_commit_of("never") is None


def test_history_yields_each_blob_once_with_what_was_deleted(repo: Repository) -> None:
    base = repo.git("rev-parse", "HEAD")
    repo.write("gone.txt", b"was here")
    repo.commit()
    (repo.root / "gone.txt").unlink()
    repo.write("copy.txt", b"one\n")
    repo.write("huge.bin", b"x" * 5000)
    repo.commit()
    git = repo.ask()
    assert [path for _, path in git.listing(Span("HEAD"))].count("copy.txt") <= 1
    held = contents_of(git, Span("HEAD"), 1000)
    assert sorted((blob.path, blob.data) for blob in held if blob.data is not None) == [
        ("a.txt", b"one\n"),
        ("gone.txt", b"was here"),
        ("pkg/b.py", b"two\n"),
    ]
    huge = next(blob for blob in held if blob.data is None)
    assert (huge.path, huge.size, huge.why) == ("huge.bin", 5000, "the blob is larger than 1000 bytes")
    assert b"".join(git.pieces(huge.oid, 999)) == b"x" * 5000
    assert {path for _, path in git.listing(Span("HEAD", base))} == {"gone.txt", "huge.bin"}


def contents_of(git: LocalGit, span: Span, limit: int) -> list[Blob]:
    """Every blob of a span with the path it is listed at."""
    paths = dict(git.listing(span))
    return [dataclasses.replace(blob, path=paths[blob.oid]) for blob in git.contents(list(paths), limit)]


def test_attributes_do_not_hide_a_blob_and_a_missing_one_is_named(repo: Repository) -> None:
    repo.write(".gitattributes", b"* -diff binary\n")
    repo.write("hidden.txt", b"hidden")
    repo.commit()
    (repo.root / "hidden.txt").unlink()
    repo.commit()
    assert b"hidden" in {blob.data for blob in contents_of(repo.ask(), Span("HEAD"), 100)}
    oid = repo.git("rev-parse", "HEAD~1:hidden.txt")
    (repo.root / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    assert repo.ask().listing(Span("HEAD")).missing == [oid]
    lost = list(repo.ask().contents([oid], 100))
    assert [(blob.oid, blob.why) for blob in lost] == [(oid, "the object is missing from this clone")]


def test_messages_hold_commits_and_tags_of_tags(repo: Repository) -> None:
    base = repo.git("rev-parse", "HEAD")
    repo.commit("second message")
    repo.git("tag", "-a", "-m", "tag message", "v2")
    repo.git("tag", "-a", "-m", "outer message", "outer", "v2")
    repo.git("tag", "-d", "v2")
    repo.git("tag", "-a", "-m", "old tag", "v1", base)
    texts = b"\n".join(message.data for message in repo.ask().messages(Span("HEAD", base)))
    assert all(text in texts for text in (b"second message", b"tag message", b"outer message"))
    assert b"old tag" not in texts
    assert b"old tag" in b"\n".join(message.data for message in repo.ask().messages(Span("HEAD")))


def test_a_shallow_clone_says_so(repo: Repository, tmp_path: Path) -> None:
    repo.commit("second")
    clone = Repository(tmp_path / "clone")
    clone.git("fetch", "-q", "--depth=1", repo.root.as_uri(), "main")
    clone.git("reset", "-q", "--hard", "FETCH_HEAD")
    assert clone.ask().source().shallow
    assert clone.ask().commits(Span("HEAD")) == 1


def test_replace_refs_are_not_believed(repo: Repository) -> None:
    honest, other = (repo.git("rev-parse", f"HEAD:{path}") for path in ("a.txt", "pkg/b.py"))
    repo.git("replace", honest, other)
    assert repo.git("show", "HEAD:a.txt") == "two"
    assert repo.ask().read("HEAD", "a.txt", 10) == b"one\n"


def test_nothing_the_repository_configures_is_executed(repo: Repository, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\necho ran >> {mark}\ncat\n")
    script.chmod(0o755)
    repo.write(".gitattributes", b"* filter=evil diff=evil merge=evil text eol=crlf ident\n")
    repo.commit("attributes")
    for key in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "core.askPass", "diff.external",
        "diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
        "merge.evil.driver", "gpg.program", "credential.helper", "uploadpack.packObjectsHook", "pager.rev-list",
        "core.alternateRefsCommand", "remote.origin.uploadpack",
    ):  # fmt: skip
        repo.git("config", key, str(script))
    repo.git("config", "core.hooksPath", str(tmp_path / "hooks"))
    (tmp_path / "hooks").mkdir()
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "pre-commit", "query-watchman"):
        for folder in (tmp_path / "hooks", repo.root / ".git" / "hooks"):
            folder.mkdir(exist_ok=True)
            (folder / hook).write_bytes(script.read_bytes())
            (folder / hook).chmod(0o755)
    repo.write("a.txt", b"ONE\n")
    os.utime(repo.root / "pkg" / "b.py", (1, 1))
    git = repo.ask()
    assert git.source().dirty == ("a.txt",)
    _everything(git)
    assert not mark.exists()


def _everything(git: LocalGit) -> None:
    git.present(), git.source(), git.tracked(), git.untracked(), git.ignored(["a.txt", "x"])
    git.read("HEAD", "a.txt", 100), git.resolve("HEAD"), git.merge_base("HEAD", "HEAD"), git.is_ancestor("HEAD", "HEAD")
    git.default_branch(), git.first_commit_of("a.txt"), contents_of(git, Span("HEAD", refs=True), 100)
    list(git.messages(Span("HEAD", refs=True))), git.commits(Span("HEAD")), git.staged(), git.tree("HEAD")
    git.firsts(Span("HEAD", refs=True), [repo_oid for repo_oid, _ in git.listing(Span("HEAD"))])


def test_a_missing_object_is_never_fetched_from_a_promising_remote(repo: Repository, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    oid = repo.git("rev-parse", "HEAD:a.txt")
    for key, value in (
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(tmp_path / "elsewhere")),
        ("remote.origin.uploadpack", f"touch {mark}; false"),
        ("protocol.file.allow", "always"),
    ):
        repo.git("config", key, value)
    (repo.root / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    git = repo.ask()
    assert git.listing(Span("HEAD")).missing == [oid]
    with pytest.raises(UndecidedError):
        git.read("HEAD", "a.txt", 100)
    assert not mark.exists()


def test_another_work_tree_in_the_configuration_is_not_believed(repo: Repository, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "stray").write_bytes(b"")
    repo.git("config", "core.worktree", str(tmp_path / "other"))
    assert repo.ask().untracked() == ()


def test_the_callers_git_variables_do_not_reach_git(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Repository(repo.root.parent / "other")
    other.commit("elsewhere")
    for name, value in (
        ("GIT_DIR", str(other.root / ".git")),
        ("GIT_INDEX_FILE", "/nonexistent"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.bare"),
        ("GIT_CONFIG_VALUE_0", "true"),
        ("GIT_EXTERNAL_DIFF", "/bin/false"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HIDDEN_TOKEN", "x")
    assert {entry.path for entry in repo.ask().tracked()} == {"a.txt", "pkg/b.py"}
    assert not {"GIT_DIR", "GIT_INDEX_FILE", "GIT_CONFIG_COUNT", "HIDDEN_TOKEN"} & environment(repo.root).keys()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_checkout_of_another_user_is_read(repo: Repository) -> None:
    for folder, folders, names in os.walk(repo.root):
        for name in [".", *folders, *names]:
            os.chown(os.path.join(folder, name), 12345, 12345)
    assert repo.ask().source().dirty == ()


def test_a_folder_that_is_no_repository_is_told_from_a_broken_one(repo: Repository, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    plain = LocalGit(tmp_path / "plain", 20)
    assert not plain.present()
    for call in (plain.source, plain.tracked, plain.untracked, plain.default_branch, lambda: plain.resolve("HEAD")):
        with pytest.raises(NotARepository):
            call()
    assert not LocalGit(repo.root / "pkg", 20).present()
    assert toplevel(repo.root / "pkg") == repo.root
    assert toplevel(tmp_path / "plain") is None
    (repo.root / ".git" / "HEAD").write_text("nonsense")
    with pytest.raises(UndecidedError):
        repo.ask().present()


def test_a_bare_repository_hidden_in_the_tree_is_not_entered(tmp_path: Path) -> None:
    bare = Repository(tmp_path / "bare", "--bare")
    assert not bare.ask().present()


def test_a_linked_work_tree_works(repo: Repository, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    git = LocalGit(tmp_path / "side", 20)
    assert git.present()
    assert git.source().ref == "refs/heads/side"
    assert git.source().dirty == ()


def test_sha256_repositories_work(tmp_path: Path) -> None:
    made = Repository(tmp_path / "repo", "--object-format=sha256")
    made.write("a", b"a")
    commit = made.commit()
    assert len(commit) == 64
    source = made.ask().source()
    assert (source.commit, source.dirty) == (commit, ())


def test_no_git_or_a_git_from_inside_the_tree_is_a_missing_tool(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = repo.root / "git"
    planted.write_text("#!/bin/sh\n")
    planted.chmod(0o755)
    for path in ("/nonexistent", str(repo.root), ".", ""):
        monkeypatch.setenv("PATH", path)
        monkeypatch.chdir(repo.root)
        with pytest.raises(ToolMissing):
            repo.ask().present()


def test_a_git_that_does_not_answer_is_stopped(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    slow = tmp_path / "bin" / "git"
    slow.write_text("#!/bin/sh\n/bin/sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(UndecidedError, match="did not answer"):
        repo.ask(timeout=0.3).present()


def test_the_previous_tag_is_the_newest_below_and_never_the_commit_itself(repo: Repository) -> None:
    first = repo.ask().resolve("HEAD") or ""
    assert repo.ask().previous_tag(first) is None
    repo.git("tag", "v1")
    assert repo.ask().previous_tag(first) is None
    repo.commit("second")
    repo.git("tag", "-a", "-m", "annotated", "v2")
    assert repo.ask().previous_tag(repo.ask().resolve("HEAD") or "") == first
