"""The workflow sensor: the audited repository neither configures it nor blinds it, and silence is never an answer."""

import base64
import hashlib
import importlib.metadata
import os
import stat
import time
from pathlib import Path

import pytest

from support.pipelines import CLEAN, INJECTED
from tidegate.adapters.sensors import child, zizmor, zizmor_binary
from tidegate.adapters.sensors.zizmor import Zizmor
from tidegate.errors import ToolMissing, UnavailableError, UndecidedError

CI, PR = ".github/workflows/ci.yml", ".github/workflows/pr.yml"
BROKEN = b"on: push\njobs: ["


def idents(files: dict[str, bytes], path: str) -> set[str]:
    return {each.ident for each in Zizmor(60).sense(files).sensed if each.path == path}


def test_a_finding_has_its_place_its_job_and_its_subject() -> None:
    sensing = Zizmor(60).sense({PR: INJECTED.encode()})
    (seen,) = [each for each in sensing.sensed if each.ident == "template-injection"]
    assert (seen.path, seen.line, seen.column, seen.job) == (PR, 9, 24, "greet")
    assert seen.subject == "github.event.pull_request.title"
    assert (seen.severity, seen.confidence, seen.ignored) == ("high", "high", False)
    assert sensing.completed == {PR}
    assert sensing.version == importlib.metadata.version("zizmor")
    assert sensing.digest.startswith("sha256:")


def test_columns_count_characters() -> None:
    text = INJECTED.replace('echo "', 'echo "ééé ')
    seen = [each for each in Zizmor(60).sense({PR: text.encode()}).sensed if each.ident == "template-injection"]
    assert [each.column for each in seen] == [28]


def test_the_planted_workflow_is_taken_out() -> None:
    sensing = Zizmor(60).sense({CI: CLEAN.encode()})
    assert {each.path for each in sensing.sensed} <= {CI}
    assert sensing.completed == {CI}


def test_no_files_is_a_complete_answer_about_nothing() -> None:
    sensing = Zizmor(60).sense({})
    assert (sensing.completed, sensing.sensed, dict(sensing.refused)) == (frozenset(), (), {})


def test_an_invalid_neighbour_does_not_hide_a_finding() -> None:
    """Left alone, zizmor drops the invalid file with a warning and ends with 0 for the rest, or with 1 for all."""
    sensing = Zizmor(60).sense({CI: CLEAN.encode(), PR: INJECTED.encode(), ".github/workflows/x.yml": BROKEN})
    assert "template-injection" in {each.ident for each in sensing.sensed if each.path == PR}
    assert sensing.completed == {CI, PR}
    assert set(sensing.refused) == {".github/workflows/x.yml"}
    assert "line 3" in sensing.refused[".github/workflows/x.yml"]


def test_the_repository_cannot_switch_rules_off() -> None:
    config = b"rules:\n  template-injection:\n    disable: true\n"
    files = {PR: INJECTED.encode(), ".github/zizmor.yml": config, "zizmor.yml": config}
    sensing = Zizmor(60).sense(files)
    assert "template-injection" in {each.ident for each in sensing.sensed}
    assert set(sensing.refused) == {".github/zizmor.yml", "zizmor.yml"}


def test_the_repository_cannot_ignore_its_workflows() -> None:
    assert "template-injection" in idents({PR: INJECTED.encode(), ".gitignore": b".github\n"}, PR)


def test_a_comment_cannot_silence_a_finding() -> None:
    text = INJECTED.rstrip("\n") + " # zizmor: ignore[template-injection]\n"
    seen = [each for each in Zizmor(60).sense({PR: text.encode()}).sensed if each.ident == "template-injection"]
    assert [each.ignored for each in seen] == [True]


@pytest.mark.parametrize("bad", [1, 7])
def test_many_broken_files_are_told_one_by_one(bad: int) -> None:
    files = {f".github/workflows/bad{i}.yml": b"on: push\njobs: 3\n" for i in range(bad)} | {PR: INJECTED.encode()}
    sensing = Zizmor(60).sense(files)
    assert sensing.completed == {PR}
    assert len(sensing.refused) == bad


def test_paths_are_never_shown_to_the_tool() -> None:
    odd = ".github/workflows/\x1b[31m completed x\n--help '$(id)'.yml"
    sensing = Zizmor(60).sense({odd: INJECTED.encode(), ".github/workflows/-x.yml": CLEAN.encode()})
    assert sensing.completed == {odd, ".github/workflows/-x.yml"}
    assert "template-injection" in {each.ident for each in sensing.sensed if each.path == odd}


def test_every_kind_of_file_is_read_as_what_it_is() -> None:
    steps = "steps: [{run: 'echo ${{ inputs.a }}', shell: bash}]"
    update = "{package-ecosystem: pip, directory: /, schedule: {interval: weekly}}"
    hook = "{repo: http://git.example/a, rev: v1, hooks: [{id: x}]}"
    files = {
        "a/action.yml": f"name: x\ndescription: x\nruns:\n  using: composite\n  {steps}\n".encode(),
        ".github/dependabot.yml": f"version: 2\nupdates:\n  - {update}\n".encode(),
        ".pre-commit-config.yaml": f"repos:\n  - {hook}\n".encode(),
    }
    sensing = Zizmor(60).sense(files)
    assert sensing.completed == set(files)
    seen = {(each.path, each.ident) for each in sensing.sensed}
    assert ("a/action.yml", "template-injection") in seen
    assert (".github/dependabot.yml", "dependabot-cooldown") in seen
    assert (".pre-commit-config.yaml", "insecure-url-scheme") in seen


def test_a_password_in_a_workflow_is_not_in_the_answer() -> None:
    password = "hunter" + "2" * 20
    image = "image: x\n      credentials:\n        username: u\n        password: " + password
    text = CLEAN + f"  db:\n    runs-on: x\n    container:\n      {image}\n    steps: []\n"
    sensing = Zizmor(60).sense({CI: text.encode()})
    assert "hardcoded-container-credentials" in {each.ident for each in sensing.sensed}
    assert password not in repr(sensing)


def test_tokens_of_the_environment_do_not_reach_the_tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With a token zizmor would go online; with a variable it would read a configuration."""
    monkeypatch.setenv("GH_TOKEN", "x")
    monkeypatch.setenv("ZIZMOR_CONFIG", str(tmp_path / "no.yml"))
    assert "template-injection" in idents({PR: INJECTED.encode()}, PR)


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put another program in the place of the sensor, as a broken release would be."""
    program = tmp_path / "zizmor"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    real = zizmor_binary.find()
    monkeypatch.setattr(zizmor_binary, "find", lambda: zizmor_binary.Binary(program, real.version, real.digest))


@pytest.mark.parametrize(
    "script",
    [
        "echo '[]'",
        "echo '[]'; exit 14",
        "echo '[]'; exit 1",
        "echo '[]'; exit 3",
        "exit 2",
        "echo nonsense; exit 14",
        "echo '{}'; exit 14",
        "echo '[{}]'; exit 14",
        "echo '[[[['; exit 14",
        "kill -9 $$",
        "for a in $@; do echo \" INFO audit: zizmor: x completed $a\" >&2; done; echo '[]'; exit 14",
    ],
)
def test_an_answer_without_the_planted_finding_is_no_answer(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, script)
    with pytest.raises(UnavailableError):
        Zizmor(10).sense({CI: CLEAN.encode()})


def test_a_sensor_that_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "pid"
    stand_in(tmp_path, monkeypatch, f"sleep 60 & echo $! > {mark}; wait")
    started = time.monotonic()
    with pytest.raises(UnavailableError, match="in time"):
        Zizmor(5).sense({CI: CLEAN.encode()})
    assert time.monotonic() - started < 5
    deadline = time.monotonic() + 5
    while _alive(int(mark.read_text())) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(int(mark.read_text()))


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_file_that_hangs_the_sensor_stands_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = zizmor_binary.find().path
    script = f'if grep -q HANG "$@" 2>/dev/null || grep -rq HANG . ; then sleep 60; fi\nexec {real} "$@"\n'
    stand_in(tmp_path, monkeypatch, script)
    monkeypatch.setattr(zizmor, "SHARE", 20)
    sensing = Zizmor(12).sense({PR: INJECTED.encode(), CI: CLEAN.replace("make", "HANG").encode()})
    assert set(sensing.refused) == {CI}
    assert "template-injection" in {each.ident for each in sensing.sensed if each.path == PR}


def test_output_is_bounded(tmp_path: Path) -> None:
    ended = child.run(["/bin/sh", "-c", "yes"], folder=tmp_path, env={}, seconds=20, most=100_000)
    assert ended.failed == "it said too much"
    assert len(ended.out) < 400_000


def test_a_child_has_exactly_the_given_environment(tmp_path: Path) -> None:
    ended = child.run(["/usr/bin/env"], folder=tmp_path, env={"A": "1"}, seconds=20, most=100_000)
    assert (ended.code, ended.out, ended.failed) == (0, b"A=1\n", "")


class Packaged:
    """A distribution as its RECORD describes it."""

    version = "1.32.0"

    def __init__(self, folder: Path, name: str, digest: bytes | None) -> None:
        self.folder = folder
        self.files = [importlib.metadata.PackagePath(name)]
        value = base64.urlsafe_b64encode(digest or b"").rstrip(b"=").decode()
        self.files[0].hash = importlib.metadata.FileHash(f"sha256={value}")

    def locate_file(self, path: os.PathLike[str] | str) -> Path:
        return self.folder / path


def packaged(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, digest: bytes | None) -> None:
    fake = Packaged(folder, name, digest)
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _name: fake)
    monkeypatch.setattr("sysconfig.get_path", lambda *_: str(folder / "elsewhere"))


def test_a_missing_package_is_a_missing_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "distribution", absent)
    with pytest.raises(ToolMissing) as caught:
        Zizmor(10).sense({})
    assert isinstance(caught.value, UndecidedError)
    assert "pip install" in caught.value.hint


def test_a_missing_binary_is_a_missing_tool_even_with_one_on_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bait").mkdir()
    (tmp_path / "bait" / "zizmor").write_text("#!/bin/sh\n")
    (tmp_path / "bait" / "zizmor").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bait"))
    packaged(monkeypatch, tmp_path, "bin/zizmor", hashlib.sha256(b"x").digest())
    with pytest.raises(ToolMissing):
        zizmor_binary.find()


def test_a_changed_binary_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "zizmor").write_bytes(b"changed")
    packaged(monkeypatch, tmp_path, "zizmor", hashlib.sha256(b"installed").digest())
    with pytest.raises(UnavailableError, match="differs"):
        zizmor_binary.find()


def test_a_record_without_a_digest_proves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "zizmor").write_bytes(b"x")
    packaged(monkeypatch, tmp_path, "zizmor", None)
    with pytest.raises(ToolMissing):
        zizmor_binary.find()


def test_a_binary_beside_a_target_installation_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "zizmor").write_bytes(b"x")
    packaged(monkeypatch, tmp_path, "../../bin/zizmor", hashlib.sha256(b"x").digest())
    assert zizmor_binary.find().path == (tmp_path / "bin" / "zizmor").resolve()


def test_another_generation_of_the_tool_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = zizmor_binary.find()
    monkeypatch.setattr(zizmor_binary, "find", lambda: zizmor_binary.Binary(real.path, "2.0.0", real.digest))
    with pytest.raises(ToolMissing, match=r"2\.0\.0"):
        Zizmor(10).sense({})
