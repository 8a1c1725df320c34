"""A project's build may do what it likes: it gets a copy, nothing of ours, and leaves nothing behind."""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from support.repositories import Repository
from tidegate.adapters.building import build, descendants, tokens, trash
from tidegate.adapters.building.checkout import Copy
from tidegate.adapters.building.tokens import dangerous
from tidegate.cli import wire
from tidegate.errors import UndecidedError

EPOCH = 1600000000


def part(plain: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def jwt() -> str:
    return f"{part({'alg': 'none'})}.{part({'sub': 'x'})}.{'c' * 40}"


def key() -> str:
    return "-----BEGIN " + "PRIVATE KEY-----\nMAA=\n"


NAMED = [
    *sorted(tokens.NAMES),
    "TIDEGATE_KEY",
    "TIDEGATE_VERDICT_KEY",
    "TIDEGATE_APPROVAL_KEY",
    "TIDEGATE_REBUILD_KEY",
    "TIDEGATE_KEY_PASSPHRASE",
    "MY_TEAM_ID_TOKEN",
    "RELEASE_OIDC_TOKEN",
    "release_oidc_token",
    "APP_PRIVATE_KEY",
]


@pytest.mark.parametrize("name", NAMED)
def test_every_variable_that_may_speak_for_the_project_is_dangerous(name: str) -> None:
    assert dangerous({name: "x", "PATH": "/bin"}) == (name,)
    assert dangerous({name: ""}) == ()


def test_tokens_and_keys_are_known_by_their_value_under_any_name() -> None:
    assert dangerous({"WHATEVER": jwt()}) == ("WHATEVER",)
    assert dangerous({"WHATEVER": f"  {jwt()}\n"}) == ("WHATEVER",)
    for begin in ("ghp_", "ghs_", "github_pat_", "glpat-", "npm_", "pypi-AgE"):
        assert dangerous({"WHATEVER": begin + "x" * 20}) == ("WHATEVER",)
        assert dangerous({"WHATEVER": begin}) == ()


@pytest.mark.parametrize(
    "name",
    [
        *("PYPI_TOKEN", "PYPI_API_TOKEN", "POETRY_PYPI_TOKEN_PYPI", "POETRY_HTTP_BASIC_OWN_PASSWORD"),
        *("TWINE_PASSWORD_PROD", "UV_INDEX_OWN_PASSWORD", "NPM_CONFIG__AUTH", "RELEASE_PASSPHRASE", "MATURIN_PASSWORD"),
        *("GEM_HOST_API_KEY", "NUGET_API_KEY", "DOCKER_PASSWORD"),
    ],
)
def test_what_publishes_is_dangerous_under_every_name_tools_give_it(name: str) -> None:
    assert dangerous({name: "x"}) == (name,)


def test_what_every_job_has_is_not() -> None:
    harmless = {"CI_JOB_TOKEN": "x", "CI_REGISTRY_PASSWORD": "x", "CI_RUNNER_SHORT_TOKEN": "x", "GITHUB_SHA": "npm_"}
    assert dangerous(harmless) == ()
    assert dangerous({"WHATEVER": key()}) == ("WHATEVER",)


def test_ordinary_jobs_and_laptops_are_not_dangerous() -> None:
    ordinary = {
        "PATH": "/usr/bin",
        "HOME": "/home/x",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_SHA": "ab" * 20,
        "SSH_AUTH_SOCK": "/tmp/agent",
        "AWS_REGION": "eu-west-1",
        "TIDEGATE_DATABASE": "/db",
        "DOTTED": "a.b.c",
        "ALMOST": f"eyJ{'a' * 20}.b.c",
        "KEYBOARD": "de",
    }
    assert dangerous(ordinary) == ()
    # Every job of GitLab has this one, under several names.
    assert dangerous({"CI_JOB_TOKEN": jwt(), "CI_REGISTRY_PASSWORD": jwt()}) == ()
    assert dangerous({"CI_JOB_TOKEN": jwt(), "MINE": jwt()[:-1] + "d"}) == ("MINE",)


class Site:
    """A yard in a folder of the test's, and a way to run Python in it."""

    def __init__(self, root: Path) -> None:
        self.place = wire.Yard(root / "source", root / "home", root / "tmp")
        for each in (self.place.source, self.place.home, self.place.scratch):
            each.mkdir(parents=True)

    def run(self, code: str, timeout: float = 20.0) -> build.Built:
        given = {"PATH": f"relative:{os.environ['PATH']}", "SECRET": "x"}
        variables = build.environment(given, self.place.home, self.place.scratch, EPOCH)
        return build.run([sys.executable, "-c", code], self.place.source, variables, timeout)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "yard")


def test_a_build_is_told_a_clean_environment_and_nothing_else(site: Site) -> None:
    ended = site.run(
        "import json, os; open('told', 'w').write(json.dumps([dict(os.environ), os.umask(0), os.getcwd()]))"
    )
    assert ended.failed == ""
    told, mask, folder = json.loads((site.place.source / "told").read_text())
    told.pop("LC_CTYPE", None)
    assert told.pop("PATH") == os.environ["PATH"]
    assert told.keys() <= {"HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "SOURCE_DATE_EPOCH", "LD_LIBRARY_PATH"}
    assert (told["SOURCE_DATE_EPOCH"], told["TZ"], told["LANG"]) == (str(EPOCH), "UTC", "C.UTF-8")
    assert (mask, folder) == (0o022, str(site.place.source))
    assert told["HOME"] == str(site.place.home)


def test_a_command_is_words_and_no_shell_reads_them(site: Site) -> None:
    variables = build.environment(os.environ, site.place.home, site.place.scratch, EPOCH)
    echo = [sys.executable, "-c", "import sys; open('said', 'w').write(sys.argv[1])", "$(id); `id` > x"]
    assert build.run(echo, site.place.source, variables, 20).failed == ""
    assert (site.place.source / "said").read_text() == "$(id); `id` > x"


@pytest.mark.parametrize("command", [["there-is-no-such-program"], ["./missing"], ["/"], ["x" * 5000]])
def test_a_program_that_does_not_start_is_a_failed_build(site: Site, command: list[str]) -> None:
    ended = build.run(command, site.place.source, {"PATH": "/bin"}, 5)
    assert "does not start" in ended.failed


def test_an_exit_code_or_a_signal_is_a_failed_build_and_its_last_words_are_kept(site: Site) -> None:
    ended = site.run("import sys; print('one', flush=True); sys.exit('\\x1b[31mtwo')")
    assert "exit code 1" in ended.failed
    assert ended.tail.splitlines() == [b"one", b"\x1b[31mtwo"]
    assert "signal 9" in site.run("import os; os.kill(os.getpid(), 9)").failed


def test_a_flood_of_output_is_read_to_its_end_and_forgotten(site: Site) -> None:
    ended = site.run("import os\nfor _ in range(100): os.write(1, b'x' * (1 << 20))\nos.write(2, b'end')")
    assert ended.failed == ""
    assert len(ended.tail) == build.TAIL
    assert ended.tail.endswith(b"end")


def test_a_build_that_hangs_is_ended_at_its_deadline(site: Site) -> None:
    began = time.monotonic()
    ended = site.run("import signal, time\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(600)", timeout=0.5)
    assert "did not end within 0.5 s" in ended.failed
    assert time.monotonic() - began < 15


DAEMON = """
import os, time
if os.fork():
    os._exit(0) if {quick} else time.sleep(600)
os.setsid()
if os.fork():
    os._exit(0)
open('pid', 'w').write(str(os.getpid()))
while True:
    time.sleep(0.02)
    open('alive', 'a').write('x')
"""
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="orphans are adopted on Linux only")


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@linux
@pytest.mark.parametrize("quick", [True, False], ids=["that ends", "that hangs"])
def test_a_daemon_does_not_outlive_the_build_that_made_it(site: Site, quick: bool) -> None:
    started = DAEMON.format(quick=quick)
    wait = f"""
import os, time
child = os.fork()
if not child:
    exec({started!r})
while not os.path.exists('alive'):
    time.sleep(0.01)
{"" if quick else "time.sleep(600)"}
"""
    ended = site.run(wait, timeout=20 if quick else 1.5)
    assert bool(ended.failed) is not quick
    pid = int((site.place.source / "pid").read_text())
    assert gone(pid)
    size = (site.place.source / "alive").stat().st_size
    time.sleep(0.1)
    assert (site.place.source / "alive").stat().st_size == size


@linux
def test_processes_that_were_there_before_are_spared(site: Site) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as mine:
        assert site.run("pass").failed == ""
        assert not descendants.adopting()
        assert mine.poll() is None
        mine.kill()
    assert not descendants.children() & {mine.pid}


def test_an_interrupt_ends_the_build_and_is_passed_on(site: Site) -> None:
    def interrupt() -> None:
        while not (site.place.source / "here").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        site.run("import os, time; open('here', 'w').write(str(os.getpid())); time.sleep(0.1); time.sleep(600)")
    time.sleep(0.05)
    pid = (site.place.source / "here").read_text()
    assert not pid or gone(int(pid))


def test_a_folder_a_build_made_unremovable_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "yard"
    (folder / "source" / "sealed" / "inner").mkdir(parents=True)
    (folder / "source" / "sealed" / "inner" / "file").write_text("x")
    (folder / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("mine")
    (folder / ".1~").mkdir()
    (folder / ".1~" / "in the way").write_text("x")
    here = os.open(folder, os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("deep", dir_fd=here)
        inner = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    (folder / "source" / "sealed").chmod(0)
    (folder / "source").chmod(0)
    assert trash.remove(folder)
    assert not folder.exists()
    assert (tmp_path / "kept" / "file").read_text() == "mine"


def test_a_yard_is_gone_whatever_happens_in_it() -> None:
    kept: list[Path] = []

    def interrupted() -> None:
        with wire.yard() as place:
            (place.source / "deep" / "er").mkdir(parents=True)
            (place.source / "deep").chmod(0)
            kept.append(place.source.parent)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not kept[0].exists()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "origin")
    made.write("a.txt", b"$Format:%H$\n")
    made.write("hidden/b.txt", b"one\n")
    made.write("run.sh", b"#!/bin/sh\n")
    (made.root / "run.sh").chmod(0o755)
    (made.root / "link").symlink_to("a.txt")
    made.write(".gitattributes", b"a.txt export-subst\nhidden export-ignore\n*.txt filter=evil\n")
    made.commit("first")
    made.git("tag", "-a", "v1.0", "-m", "one")
    return made


def copied(made: Repository, folder: Path) -> Copy:
    folder.mkdir()
    copy = Copy(made.root, folder, 30)
    copy.make(made.git("rev-parse", "HEAD"), EPOCH)
    return copy


def test_a_copy_is_the_tree_of_the_commit_whatever_attributes_and_filters_say(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("config", "filter.evil.smudge", f"touch {tmp_path}/smudged; cat")
    repository.write("a.txt", b"changed in the working tree\n")
    repository.write("untracked", b"x")
    (repository.root / ".git" / "hooks" / "post-checkout").write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\n")
    (repository.root / ".git" / "hooks" / "post-checkout").chmod(0o755)
    copy = copied(repository, tmp_path / "copy").folder
    assert (copy / "a.txt").read_bytes() == b"$Format:%H$\n"
    assert (copy / "hidden" / "b.txt").read_bytes() == b"one\n"
    assert os.readlink(copy / "link") == "a.txt"
    assert not (copy / "untracked").exists()
    assert not (tmp_path / "smudged").exists()
    assert not (tmp_path / "hooked").exists()
    assert not list((copy / ".git").glob("hooks/*"))
    assert [oct((copy / name).stat().st_mode & 0o777) for name in ("run.sh", "a.txt")] == ["0o755", "0o644"]
    assert {(copy / name).lstat().st_mtime for name in ("run.sh", "a.txt", "link", "hidden")} == {EPOCH}


def test_a_copy_has_a_repository_version_tools_can_ask(repository: Repository, tmp_path: Path) -> None:
    repository.write("c.txt", b"c\n")
    repository.commit("second")
    repository.git("tag", "light")
    repository.write("d.txt", b"d\n")
    repository.commit("third")
    repository.git("tag", "v9.9")
    repository.git("checkout", "-q", "HEAD~1")
    copy = Repository.__new__(Repository)
    copy.root = copied(repository, tmp_path / "copy").folder
    assert copy.git("rev-parse", "HEAD") == repository.git("rev-parse", "HEAD")
    assert copy.git("describe", "--dirty", "--long", "--match", "v*").startswith("v1.0-1-g")
    assert not copy.git("describe", "--dirty", "--long").endswith("dirty")
    assert copy.git("tag").split() == ["light", "v1.0"]
    assert copy.git("status", "--porcelain") == ""
    assert copy.git("fsck", "--full") == ""


def test_what_a_copy_lacks_is_told(repository: Repository, tmp_path: Path) -> None:
    assert copied(repository, tmp_path / "whole").lacking == []
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12345\n"
    repository.write("large.bin", pointer)
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{'ab' * 20},inner")
    repository.git("add", "large.bin")
    repository.git("commit", "-q", "-m", "second")
    shallow = Repository.__new__(Repository)
    shallow.root = tmp_path / "shallow"
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(shallow.root))
    found = copied(shallow, tmp_path / "copy")
    assert [word for word in ("submodules", "LFS", "shallow") if any(word in said for said in found.lacking)] == [
        "submodules",
        "LFS",
        "shallow",
    ]


def test_a_copy_of_a_sha256_repository(tmp_path: Path) -> None:
    made = Repository(tmp_path / "origin", "--object-format=sha256")
    made.write("a.txt", b"a\n")
    made.commit()
    assert (copied(made, tmp_path / "copy").folder / "a.txt").read_bytes() == b"a\n"


def test_a_commit_that_is_not_whole_cannot_be_copied(repository: Repository, tmp_path: Path) -> None:
    oid = repository.git("rev-parse", "HEAD:a.txt")
    path = repository.root / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.unlink()
    with pytest.raises(UndecidedError):
        copied(repository, tmp_path / "copy")
