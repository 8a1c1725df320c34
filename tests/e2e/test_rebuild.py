"""Projects built again by the installed command: the same bytes, or the members that differ and why."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from sigstack.stack import SigStack
from support.command import Ended, check, environment, script, tidegate, verify
from tidegate.cli import main, wire
from tidegate.cli.demo import sample
from tidegate.cli.demo.sample import SDIST, WHEEL, Sample, git
from tidegate.formats import bundle, rebuild
from tidegate.model.digest import Digest

STATEMENT = "rebuild.intoto.json"
PYTHON = json.dumps(sys.executable)


def policy(*command: str, more: str = "") -> str:
    """A policy that says how to build; `more` are further lines of `build`."""
    words = ", ".join(json.dumps(word) for word in command)
    return (
        "version: 1\nreleases: [{name: demo, artifacts: ['dist/*.whl', 'dist/*.tar.gz']}]\n"
        f"controls:\n  sbom:\n    build:\n      command: [{PYTHON}, {words}]\n{more}"
    )


def inside(root: Path, *words: str | Path, env: dict[str, str] | None = None) -> Ended:
    """The same command line in this process: what is shown is not how it starts."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "environ", environment(env))
        patched.chdir(root)
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            code = main.run([*map(str, words)])
    return Ended(code, out.getvalue(), err.getvalue())


class Project:
    """A committed project, and the build a job of its own would have made of it."""

    def __init__(self, root: Path, files: dict[str, str]) -> None:
        self.root = root
        ignored = {".gitignore": "dist/\n*.egg-info/\n*.intoto.json\n*.jsonl\n*.key\n"}
        for name, text in (ignored | files).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        git(root, "init", "--quiet", "--initial-branch=main")
        self.commit("release")

    def commit(self, message: str) -> None:
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--message", message)

    def build(self, *command: str, umask: int = 0o022, epoch: bool = True) -> None:
        shown = subprocess.run(
            ["git", "log", "-1", "--format=%ct"], cwd=self.root, capture_output=True, text=True, check=True
        )
        told = {"SOURCE_DATE_EPOCH": shown.stdout.strip()} if epoch else {}
        env = environment(told | {"TZ": "UTC"})
        subprocess.run([sys.executable, *command], cwd=self.root, env=env, umask=umask, capture_output=True, check=True)

    def rebuild(self, *words: str | Path, env: dict[str, str] | None = None) -> Ended:
        return inside(self.root, "rebuild", *words, env=env)

    @property
    def predicate(self) -> Any:
        return json.loads((self.root / STATEMENT).read_text())["predicate"]

    def told(self) -> dict[str, dict[str, list[str]]]:
        """Causes by member by kind of artifact."""
        return {
            each["name"].rpartition(".")[2]: {d["member"]: d["causes"] for d in each.get("differences", [])}
            for each in self.predicate["artifacts"]
        }


HATCHLING = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "demo"
version = "1.0"
[tool.hatch.build.targets.wheel]
packages = ["src/demo"]
"""
HOOK = """import os, time
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class CustomBuildHook(BuildHookInterface):
    def initialize(self, version, build_data):
        for name, text in {"stamp.py": f"AT = {time.time()}\\n", "where.py": f"HERE = {os.getcwd()!r}\\n"}.items():
            with open(os.path.join(self.root, "src", "demo", name), "w") as stream:
                stream.write(text)
        build_data["artifacts"] += ["src/demo/stamp.py", "src/demo/where.py"]
"""
BUILD = ("-m", "build", "--no-isolation")


@pytest.fixture(scope="module")
def hatchling(tmp_path_factory: pytest.TempPathFactory) -> Project:
    files = {"pyproject.toml": HATCHLING, "src/demo/__init__.py": "x = 1\n", "tidegate.yaml": policy(*BUILD)}
    made = Project(tmp_path_factory.mktemp("hatchling") / "demo", files)
    made.build(*BUILD)
    return made


def test_a_wheel_and_an_sdist_of_hatchling_are_reproduced(hatchling: Project) -> None:
    ended = hatchling.rebuild()
    assert ended.code == 0, ended.out + ended.err
    assert ended.out.count("reproduced") == 2
    predicate = hatchling.predicate
    assert [each["result"] for each in predicate["artifacts"]] == ["reproduced", "reproduced"]
    assert predicate["build"]["command"] == [sys.executable, *BUILD]
    assert hatchling.told() == {"whl": {}, "gz": {}}
    assert not (hatchling.root / "dist" / STATEMENT).exists()


def test_one_artifact_alone_may_be_named_and_the_other_is_extra(hatchling: Project, tmp_path: Path) -> None:
    (sdist,) = (hatchling.root / "dist").glob("*.tar.gz")
    elsewhere = Path(shutil.copy(sdist, tmp_path))
    ended = hatchling.rebuild(elsewhere, "--output", tmp_path / "said.json")
    assert ended.code == 0, ended.out + ended.err
    predicate = json.loads((tmp_path / "said.json").read_text())["predicate"]
    assert [each["name"] for each in predicate["artifacts"]] == [sdist.name]
    assert [name.rpartition(".")[2] for name in predicate["extra"]] == ["whl"]


def test_what_differs_between_two_builds_of_hatchling_is_named_with_its_cause(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": HATCHLING + "[tool.hatch.build.hooks.custom]\n",
        "hatch_build.py": HOOK,
        "src/demo/__init__.py": "x = 1\n",
        "tidegate.yaml": policy(*BUILD, "--wheel"),
    }
    made = Project(tmp_path / "demo", files | {"src/demo/data.txt": "x\n"})
    made.build(*BUILD, "--wheel")
    with open(made.root / "tidegate.yaml", "a") as stream:
        stream.write("# the commit moves on, and its time with it\n")
    git(made.root, "commit", "--quiet", "--all", "--message", "later", "--date", "2001-01-01T00:00:00Z")
    ended = made.rebuild(next((made.root / "dist").glob("*.whl")))
    assert ended.code == 1, ended.out + ended.err
    found = made.told()["whl"]
    assert "timestamp" in found["demo/stamp.py"]
    assert "build-path" in found["demo/where.py"]
    assert "content" not in [*found["demo/stamp.py"], *found["demo/where.py"]]
    assert found["demo-1.0.dist-info/RECORD"][0] == "consequence"
    assert "demo/where.py: build-path" in ended.out


def test_an_sdist_of_setuptools_differs_in_its_times(tmp_path: Path) -> None:
    pyproject = (
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "demo"\nversion = "1.0"\n[tool.setuptools]\npy-modules = ["demo"]\n'
    )
    files = {"pyproject.toml": pyproject, "demo.py": "x = 1\n"}
    one = "releases: [{name: demo, artifacts: ['dist/*.tar.gz']}]"
    text = policy(*BUILD, "--sdist").replace(
        "releases: [{name: demo, artifacts: ['dist/*.whl', 'dist/*.tar.gz']}]", one
    )
    made = Project(tmp_path / "demo", files | {"tidegate.yaml": text})
    os.utime(made.root / "demo.py", (1500000000, 1500000000))
    made.build(*BUILD, "--sdist", umask=0o002)
    (made.root / "demo.py").chmod(0o664)
    ended = made.rebuild()
    assert ended.code == 1, ended.out + ended.err
    found = made.told()["gz"]
    assert found["demo-1.0/demo.py"] == ["timestamp"]
    # Newer releases of setuptools write the modes themselves; the times they still take from the folder.
    causes = {cause for causes in found.values() for cause in causes}
    assert "timestamp" in found["demo-1.0/PKG-INFO"]
    assert causes in ({"timestamp"}, {"timestamp", "permissions"})


# From here on the projects build themselves by a few lines: what is shown is the command, not a backend.
MAKE = """import os, pathlib, zipfile
out = pathlib.Path("dist")
out.mkdir(exist_ok=True)
with zipfile.ZipFile(out / "demo-1-py3-none-any.whl", "w") as archive:
    for name in {names}:
        archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), "x = 1\\n")
"""
PLAIN = MAKE.format(names='["a.py", "b.py"]')
ONLY = "['dist/*.whl']"


def small(root: Path, make: str, more: str = "", first: str = PLAIN, **files: str) -> Project:
    """A project of one wheel, made by `first` in the build job and by `make` in the rebuild's."""
    text = policy("make.py", more=more).replace("['dist/*.whl', 'dist/*.tar.gz']", ONLY)
    made = Project(root / "demo", {"make.py": make, "tidegate.yaml": text} | files)
    (made.root / "first.py").write_text(first)
    made.build("first.py")
    (made.root / "first.py").unlink()
    return made


def test_members_in_another_order_are_told(tmp_path: Path) -> None:
    made = small(tmp_path, MAKE.format(names='["b.py", "a.py"]'))
    assert made.rebuild().code == 1
    assert made.told()["whl"] == {"": ["order"]}


def test_an_artifact_the_build_did_not_make_is_missing(tmp_path: Path) -> None:
    made = small(tmp_path, "import os, pathlib\npathlib.Path('dist').mkdir()\n")
    ended = made.rebuild()
    assert ended.code == 1
    assert [each["result"] for each in made.predicate["artifacts"]] == ["missing"]


HOSTILE = {
    "deletes its own tree": "import shutil, os\nshutil.rmtree(os.getcwd())\n",
    "leaves a link to the original": "import os\nos.mkdir('dist')\nos.symlink({wheel!r}, 'dist/' + {name!r})\n",
    "leaves a folder of that name": "import os\nos.makedirs('dist/demo-1-py3-none-any.whl')\n",
    "leaves a pipe of that name": "import os\nos.mkdir('dist')\nos.mkfifo('dist/demo-1-py3-none-any.whl')\n",
    "makes its output a link out": "import os\nos.symlink({dist!r}, 'dist')\n",
    "makes ten thousand outputs": "import os\nos.mkdir('dist')\n[open(f'dist/{{n}}.whl', 'w') for n in range(3000)]\n",
}


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_build_that_cheats_or_destroys_reproduces_nothing(code: str, tmp_path: Path) -> None:
    dist = tmp_path / "demo" / "dist"
    name = "demo-1-py3-none-any.whl"
    made = small(tmp_path, code.format(wheel=str(dist / name), dist=str(dist), name=name))
    ended = made.rebuild()
    assert ended.code == 1, ended.out + ended.err
    assert [each["result"] for each in made.predicate["artifacts"]] == ["missing"]
    assert (dist / "demo-1-py3-none-any.whl").is_file()


REACHING = {
    "the artifact": "open({wheel!r}, 'ab').write(b'x')\n",
    "HEAD": "import subprocess\nsubprocess.run(['git', '-C', {root!r}, 'update-ref', '-d', 'HEAD'])\n",
}


@pytest.mark.parametrize("code", REACHING.values(), ids=REACHING.keys())
def test_a_build_that_changes_the_original_is_no_build_to_state_anything_about(code: str, tmp_path: Path) -> None:
    root = tmp_path / "demo"
    made = small(tmp_path, PLAIN + code.format(wheel=str(root / "dist" / "demo-1-py3-none-any.whl"), root=str(root)))
    ended = made.rebuild()
    assert ended.code == 1
    assert "reached out of its copy" in ended.err
    assert not (root / STATEMENT).exists()


def test_a_build_that_writes_around_itself_writes_into_its_own_yard(tmp_path: Path) -> None:
    made = small(tmp_path, PLAIN + "[open(f'{up}/planted', 'w') for up in ('..', '../home', '../tmp')]\n")
    before = set(made.root.iterdir())
    assert made.rebuild(env={"TMPDIR": str(tmp_path)}).code == 0
    assert set(made.root.iterdir()) - before == {made.root / STATEMENT}
    assert not list(tmp_path.glob("**/planted"))
    assert not list(tmp_path.glob("tidegate-*"))


def test_a_failing_build_is_told_without_its_escape_sequences_and_states_nothing(tmp_path: Path) -> None:
    made = small(tmp_path, "print('\\x1b]0;owned\\x07\\n::error::x')\nraise SystemExit('##[command]no')\n")
    (made.root / STATEMENT).write_text("an older one")
    ended = made.rebuild()
    assert ended.code == 1
    assert "exit code 1" in ended.err
    assert "\x1b" not in ended.err
    assert "##[" not in ended.err
    assert not [line for line in ended.err.splitlines() if line.startswith("::")]
    assert not (made.root / STATEMENT).exists()


def test_a_build_beyond_its_deadline_is_ended(tmp_path: Path) -> None:
    made = small(tmp_path, "import time\ntime.sleep(600)\n", more="      timeout: 1s\n")
    ended = made.rebuild()
    assert ended.code == 1
    assert "did not end within 1 s" in ended.err


def test_an_interrupt_leaves_no_process_and_no_folder(tmp_path: Path) -> None:
    made = small(
        tmp_path, f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)\n"
    )
    yards = tmp_path / "yards"
    yards.mkdir()
    running = subprocess.Popen(
        [script(), "rebuild"],
        cwd=made.root,
        env=environment({"TMPDIR": str(yards)}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    for _ in range(600):
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
            break
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err.decode()
    assert list(yards.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_commit_that_holds_what_is_to_be_built_proves_nothing(tmp_path: Path) -> None:
    made = small(tmp_path, "pass\n")
    git(made.root, "add", "--force", "dist")
    git(made.root, "commit", "--quiet", "--message", "smuggled")
    ended = made.rebuild()
    assert ended.code == 2
    assert "the commit itself holds" in ended.err


@pytest.mark.parametrize("name", ["ACTIONS_ID_TOKEN_REQUEST_URL", "TIDEGATE_KEY", "TIDEGATE_KEY_PASSPHRASE"])
def test_beside_a_token_or_a_key_nothing_is_run(name: str, hatchling: Project, tmp_path: Path) -> None:
    ended = hatchling.rebuild("--output", tmp_path / "said.json", env={name: "x"})
    assert ended.code == 2
    assert name in ended.err
    assert "--sign" in ended.err
    assert not (tmp_path / "said.json").exists()


def test_what_cannot_be_asked_for_is_a_usage_error(hatchling: Project, tmp_path: Path) -> None:
    for words in (["--key", "x"], ["--output", "no/such/folder/x"], ["missing.whl"], ["--output", str(tmp_path)]):
        assert hatchling.rebuild(*words).code == 2, words
    silent = small(tmp_path, PLAIN, more="")
    (silent.root / "tidegate.yaml").write_text(f"version: 1\nreleases: [{{name: demo, artifacts: {ONLY}}}]\n")
    silent.commit("no build")
    ended = silent.rebuild()
    assert ended.code == 2
    assert "command: [python, -m, build]" in ended.err


def sealed(root: Path, who: str = "    - key: keys/rebuild.pub\n", **files: str) -> Path:
    """The demo's release, rebuilt and asked to be: its artifacts are made by the demo itself, byte for byte."""
    code = (
        "import pathlib; from tidegate.cli.demo import sample as s; d = pathlib.Path('dist'); d.mkdir(); "
        "n = sorted(s.CLEAN); (d / s.WHEEL).write_bytes(s.wheel(n)); (d / s.SDIST).write_bytes(s.sdist(n))"
    )
    made = Sample(root)
    private, public = wire.generate_key(None)
    made.write("keys/rebuild.key", private.decode())
    made.write("keys/rebuild.pub", public.decode())
    text = sample.POLICY.replace("controls:\n", f"  rebuilders:\n{who}controls:\n")
    built = f"  sbom:\n    rebuild: true\n    build: {{command: [{PYTHON}, -c, {json.dumps(code)}]}}\n"
    made.write("tidegate.yaml", text + built)
    made.write(".gitignore", "dist/\n*.key\n*.intoto.json\n.tidegate/\n")
    for name, content in files.items():
        made.write(name, content)
    made.commit("release")
    ended = tidegate("rebuild", cwd=root)
    assert ended.code == 0, ended.out + ended.err
    return root


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed(tmp_path_factory.mktemp("sealed") / "release")


def sign(root: Path, *words: str | Path, statement: str = STATEMENT) -> Ended:
    return inside(root, "rebuild", "--sign", statement, "--key", "keys/rebuild.key", *words)


def test_a_signed_rebuild_opens_the_gate_and_production_counts_it(release: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(release, tmp_path / "release"))
    ended = tidegate("rebuild", "--sign", STATEMENT, "--key", "keys/rebuild.key", cwd=root)
    assert ended.code == 0, ended.out + ended.err
    assert ended.out.count("signed: ") == 2
    ended = check(root)
    assert ended.code == 0, ended.out + ended.err
    (run,) = (root / ".tidegate" / "runs").iterdir()
    assert "rebuilt byte for byte by `keys/rebuild.pub`" in (run / "run.json").read_text()
    assert len((run / f"{WHEEL}.attestations.jsonl").read_text().splitlines()) == 3
    ended = verify(root, f"dist/{SDIST}")
    assert ended.code == 0, ended.out + ended.err
    strange = (root / "tidegate.yaml").read_text().replace("- key: keys/rebuild.pub", "- key: keys/build.pub")
    (root / "production.yaml").write_text(strange)
    ended = verify(root, f"dist/{WHEEL}", "--policy", "production.yaml")
    assert ended.code == 1
    assert "rebuild-untrusted" in ended.out


def _changed(plain: Any, way: str) -> None:
    predicate = plain["predicate"]
    first = predicate["artifacts"][0]
    if way == "digest":
        for place in (first["digest"], first["rebuilt"], plain["subject"][0]["digest"]):
            place["sha256"] = Digest.of(b"another").value
    elif way == "name":
        first["name"] = plain["subject"][0]["name"] = "another.whl"
    elif way == "commit":
        predicate["source"]["digest"]["gitCommit"] = "ab" * 20
    elif way == "tree":
        predicate["source"]["digest"]["gitTree"] = "ab" * 20
    elif way == "command":
        predicate["build"]["command"] = ["true"]
    elif way == "epoch":
        predicate["build"]["sourceDateEpoch"] += 1
    elif way == "future":
        predicate["rebuiltAt"] = "2999-01-01T00:00:00Z"
    elif way == "result":
        first["rebuilt"]["sha256"] = Digest.of(b"another").value
    elif way == "type":
        plain["predicateType"] = "https://slsa.dev/provenance/v1"
    elif way == "field":
        predicate["trusted"] = True
    elif way == "secret":
        first["name"] = plain["subject"][0]["name"]
        predicate["extra"] = [sample.planted().strip()]


WAYS = ["digest", "name", "commit", "tree", "command", "epoch", "future", "result", "type", "field", "secret"]


@pytest.mark.parametrize("way", WAYS)
def test_a_statement_that_does_not_fit_what_lies_here_is_not_signed(way: str, release: Path, tmp_path: Path) -> None:
    plain = json.loads((release / STATEMENT).read_text())
    _changed(plain, way)
    (tmp_path / "changed.json").write_text(json.dumps(plain))
    ended = sign(release, "--out", tmp_path, statement=str(tmp_path / "changed.json"))
    assert ended.code == 2, ended.out + ended.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["changed.json"]


def test_a_rebuild_that_differs_is_signed_as_such_and_ends_as_it_did(release: Path, tmp_path: Path) -> None:
    plain = json.loads((release / STATEMENT).read_text())
    plain["predicate"]["artifacts"][0] = {
        "name": plain["predicate"]["artifacts"][0]["name"],
        "digest": plain["predicate"]["artifacts"][0]["digest"],
        "result": "missing",
    }
    (tmp_path / "said.json").write_text(json.dumps(plain))
    ended = sign(release, "--out", tmp_path, statement=str(tmp_path / "said.json"))
    assert ended.code == 1, ended.out + ended.err
    assert "is missing" in ended.out
    assert len(list(tmp_path.glob("*.attestations.jsonl"))) == 2


def test_a_key_nobody_named_signs_with_a_warning_and_without_a_signer_nothing_happens(
    release: Path, tmp_path: Path
) -> None:
    ended = inside(release, "rebuild", "--sign", STATEMENT, "--key", "keys/gate.key", "--out", tmp_path)
    assert ended.code == 0, ended.err
    assert "nobody will count it" in ended.err
    ended = inside(release, "rebuild", "--sign", STATEMENT)
    assert ended.code == 2
    assert "there is nobody to sign" in ended.err


IDENTITY = """    - issuer: https://token.actions.githubusercontent.com
      source_repository: acme/tidal
      signer_workflow: acme/tidal/.github/workflows/release.yml
  instance: sigstore.json
"""


def test_a_job_signs_a_rebuild_with_its_own_identity(tmp_path: Path) -> None:
    with SigStack() as stack:
        root = sealed(tmp_path / "release", IDENTITY, **{"sigstore.json": stack.client_trust_config(rekor=1)})
        env = stack.github_env("acme/tidal", "refs/tags/v1.0.0", wire.git(root).resolve("HEAD") or "")
        ended = tidegate("rebuild", "--sign", STATEMENT, cwd=root, env=env)
    assert ended.code == 0, ended.out + ended.err
    assert env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] not in ended.out + ended.err
    (line,) = (root / "dist" / f"{WHEEL}.attestations.jsonl").read_bytes().splitlines()
    assert rebuild.is_rebuild(line)
    assert bundle.parse(line).certificate
    again = inside(root, "rebuild", env=env)
    assert again.code == 2
    assert "ACTIONS_ID_TOKEN_REQUEST_TOKEN" in again.err
