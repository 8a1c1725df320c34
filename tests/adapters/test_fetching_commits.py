"""Foreign repositories are fetched with nothing of theirs run, and a policy from elsewhere is the commit's own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.git_https import Served, served
from support.repositories import Repository
from tidegate.adapters.commit_tree import CommitGit
from tidegate.adapters.fetching import Fetcher
from tidegate.adapters.remote_policies import RemotePolicies
from tidegate.errors import FormatError, UnavailableError

POLICY = b"version: 1\nextends: strict\n"


@pytest.fixture
def there(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "served" / "org")
    made.write("policies/org.yaml", POLICY)
    made.write("other.txt", b"x" * 100)
    made.commit("first")
    return made


@pytest.fixture
def server(tmp_path: Path, there: Repository, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    with served(tmp_path / "served", tmp_path) as made:
        monkeypatch.delenv("GIT_SSL_CAINFO", raising=False)
        monkeypatch.setenv("SSL_CERT_FILE", str(made.ca))
        monkeypatch.delenv("HTTPS_PROXY", raising=False)
        monkeypatch.delenv("https_proxy", raising=False)
        yield made


def test_a_commit_comes_over_https_without_a_checkout(server: Served, there: Repository, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    folder.mkdir()
    fetcher = Fetcher(f"{server.url}/org/.git", folder, 30)
    commit = fetcher.fetch(fetcher.resolve("main"))
    assert commit == there.git("rev-parse", "HEAD")
    assert os.listdir(folder) == [".git"]
    assert CommitGit(folder, 20, commit).files().read("policies/org.yaml", 1000) == POLICY


def test_a_certificate_nobody_vouches_for_is_unreachable(
    server: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(UnavailableError):
        Fetcher(f"{server.url}/org/.git", tmp_path, 30).resolve("")


def test_a_branch_comes_before_a_tag_of_its_name_and_an_unknown_ref_is_said(there: Repository, tmp_path: Path) -> None:
    first = there.git("rev-parse", "HEAD")
    there.git("tag", "main")
    there.write("more", b"y")
    second = there.commit("second")
    fetcher = Fetcher((there.root / ".git").as_uri(), tmp_path, 30)
    assert fetcher.resolve("main") == second != first
    assert fetcher.resolve("refs/tags/main") == first
    with pytest.raises(UnavailableError, match="has no `nowhere`"):
        fetcher.resolve("nowhere")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x", "ext::touch /dev/null", "ssh://127.0.0.1/x", "git://127.0.0.1/x"]
)
def test_no_other_transport_is_ever_started(url: str, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="not allowed"):
        Fetcher(url, tmp_path, 10).resolve("")


def test_what_is_too_large_is_not_taken(there: Repository, tmp_path: Path) -> None:
    there.write("large", os.urandom(3 << 20))
    oid = there.commit("large")
    folder = tmp_path / "clone"
    folder.mkdir()
    with pytest.raises(UnavailableError):
        Fetcher((there.root / ".git").as_uri(), folder, 30, most=1 << 16).fetch(oid)


def test_neither_hook_nor_template_nor_credential_helper_runs(
    there: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "ran"
    home = tmp_path / "home"
    hooks = home / "hooks"
    hooks.mkdir(parents=True)
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {trace}\n")
        (hooks / name).chmod(0o755)
    (home / ".gitconfig").write_text(f"[core]\nhooksPath = {hooks}\n[init]\ntemplateDir = {home}\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    folder = tmp_path / "clone"
    folder.mkdir()
    fetcher = Fetcher((there.root / ".git").as_uri(), folder, 30)
    fetcher.fetch(fetcher.resolve(""))
    assert not trace.exists()
    assert not (folder / ".git" / "hooks" / "post-checkout").exists()


def test_a_policy_is_fetched_once_and_then_known_offline(server: Served, there: Repository, tmp_path: Path) -> None:
    commit = there.git("rev-parse", "HEAD")
    policies = RemotePolicies(tmp_path / "kept")
    url = f"{server.url}/org/.git"
    assert policies(url, commit, "policies/org.yaml") == POLICY
    asked = len(server.asked)
    assert policies(url, commit, "policies/org.yaml") == POLICY
    assert len(server.asked) == asked
    assert RemotePolicies(tmp_path / "kept")("https://127.0.0.1:9/x", commit, "policies/org.yaml") == POLICY


def test_what_is_kept_is_hashed_again_and_fetched_again_when_it_differs(
    server: Served, there: Repository, tmp_path: Path
) -> None:
    commit = there.git("rev-parse", "HEAD")
    policies, url = RemotePolicies(tmp_path / "kept"), f"{server.url}/org/.git"
    policies(url, commit, "policies/org.yaml")
    (place,) = (tmp_path / "kept").iterdir()
    import base64

    good = base64.b64encode(POLICY).decode()
    place.write_text(place.read_text().replace(good, base64.b64encode(POLICY.replace(b"strict", b"starter")).decode()))
    assert policies(url, commit, "policies/org.yaml") == POLICY
    place.write_text("{}")
    with pytest.raises(UnavailableError):
        RemotePolicies(tmp_path / "kept")("https://127.0.0.1:9/x", commit, "policies/org.yaml")


@pytest.mark.parametrize("path", ["policies/none.yaml", "policies", "other.txt/x"])
def test_a_path_that_is_no_file_of_the_commit_is_a_fault(server: Served, there: Repository, path: str) -> None:
    with pytest.raises(FormatError):
        RemotePolicies(None)(f"{server.url}/org/.git", there.git("rev-parse", "HEAD"), path)


def test_a_link_is_not_followed(server: Served, there: Repository) -> None:
    (there.root / "link.yaml").symlink_to("policies/org.yaml")
    commit = there.commit("link")
    with pytest.raises(FormatError, match="not a regular file"):
        RemotePolicies(None)(f"{server.url}/org/.git", commit, "link.yaml")


def test_offline_is_undecided_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as told:
        RemotePolicies(tmp_path / "kept", 10)("https://127.0.0.1:9/x", "a" * 40, "p.yaml")
    assert "go online once" in told.value.hint


def test_a_commits_files_are_those_of_a_checkout(there: Repository) -> None:
    for number in range(300):
        there.write(f"many/{number:03}", f"{number}\n".encode())
    commit = there.commit("many")
    there.write("untracked", b"u")
    there.write("other.txt", b"changed")
    git = CommitGit(there.root, 20, commit)
    files = git.files()
    assert [path for path, _ in files.walk()] == sorted(there.git("ls-files").splitlines())
    assert git.untracked() == ()
    assert git.source().dirty == ()
    assert all(files.read(f"many/{number:03}", 100) == f"{number}\n".encode() for number in range(300))
    assert files.read("other.txt", 1000) == b"x" * 100
    with pytest.raises(FormatError):
        files.read("untracked", 10)
    with pytest.raises(FormatError, match="larger"):
        files.read("other.txt", 99)
