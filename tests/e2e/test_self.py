"""The gate on its own repository: its real policy, its own wheel, and evidence that verifies or is refused."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.command import ADVISORIES, tidegate
from support.osv_server import CANARIES
from tidegate.cli.demo import sample

REPOSITORY = Path(__file__).parents[2]

# Only trust and the age of the advisories differ from the real policy.
POLICY = """version: 1
extends: tidegate.yaml
trust:
  builders: [{key: keys/build.pub}]
  verifiers: [{key: keys/gate.pub}]
controls:
  dependencies: {database: {max_age: unlimited}}
"""


def advisories(folder: Path) -> Path:
    """The demo's advisories, and one for npm: the interop test's lock is reviewed like every other."""
    shutil.copytree(ADVISORIES, folder, dirs_exist_ok=True)
    (folder / "npm").mkdir()
    with zipfile.ZipFile(folder / "npm" / "all.zip", "w") as archive:
        for record in CANARIES:
            if record["affected"][0]["package"]["ecosystem"] == "npm":
                archive.writestr(f"{record['id']}.json", json.dumps(record))
    return folder


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with the policy committed, the wheel built there, and the gate passed."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout: there is nothing to clone")
    root = tmp_path_factory.mktemp("self") / "tidegate"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(REPOSITORY), str(root)], check=True)
    for name in ("build", "gate"):
        (root / "keys").mkdir(exist_ok=True)
        assert tidegate("keys", "generate", f"keys/{name}", "--unencrypted", cwd=root).code == 0
    (root / "gate.yaml").write_text(POLICY, encoding="utf-8")
    sample.git(root, "add", "gate.yaml", "keys/build.pub", "keys/gate.pub")
    sample.git(root, "commit", "--quiet", "--message", "a policy with keys of this test")
    # In the clone the remote's default branch is what was cloned; the new commit becomes part of it, as if merged.
    sample.git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    sample.git(root, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", "."],
        cwd=root,
        capture_output=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr.decode()
    keys = ("--key", root / "keys/build.key", "--verdict-key", root / "keys/gate.key")
    database = advisories(tmp_path_factory.mktemp("advisories"))
    ended = tidegate("check", "--policy", "gate.yaml", "--database", database, *keys, cwd=root)
    assert ended.code == 0, ended.out + ended.err
    return root


def wheel(root: Path) -> Path:
    (path,) = (root / "dist").glob("*.whl")
    return path


def run_json(root: Path) -> dict[str, object]:
    (run,) = (root / ".tidegate" / "runs").glob("*/run.json")
    report: dict[str, object] = json.loads(run.read_text())
    return report


def verify(root: Path, *words: str | Path) -> int:
    return tidegate("verify", wheel(root), "--evidence", ".tidegate", "--policy", "gate.yaml", *words, cwd=root).code


def test_its_own_release_passes_and_verifies(clone: Path) -> None:
    assert verify(clone) == 0


def test_its_bad_test_data_is_excluded_counted_and_shown(clone: Path) -> None:
    exemptions = run_json(clone)["exemptions"]
    assert isinstance(exemptions, list)
    used = [item for item in exemptions if item["exemption"]["origin"] == "exclude"]
    told = {item["exemption"]["about"]: item["standing"] for item in used}
    assert told == {"tests/data/projects": "used", "tests/data/locks": "used"}
    assert sum(item["count"] for item in used) >= 5


def test_a_flipped_byte_a_deleted_bundle_and_another_key_are_refused(clone: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(clone, tmp_path / "copy", symlinks=True))
    path = wheel(root)
    whole = path.read_bytes()
    path.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    assert verify(root) == 1
    path.write_bytes(whole)
    assert verify(root) == 0
    assert tidegate("keys", "generate", "other", "--unencrypted", cwd=tmp_path).code == 0
    (tmp_path / "keys").mkdir()
    shutil.copy(root / "keys/build.pub", tmp_path / "keys/build.pub")
    shutil.copy(tmp_path / "other.pub", tmp_path / "keys/gate.pub")
    (tmp_path / "production.yaml").write_text(POLICY.replace("extends: tidegate.yaml\n", ""), encoding="utf-8")
    ended = tidegate("verify", path, "--evidence", ".tidegate", "--policy", tmp_path / "production.yaml", cwd=root)
    assert ended.code == 1
    (bundle,) = (root / ".tidegate").glob("runs/*/*.vsa.sigstore.json")
    bundle.unlink()
    assert verify(root) == 1
