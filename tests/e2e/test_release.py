"""A release through the installed command: open when all is well, shut by each thing that is not."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.command import ADVISORIES, check, environment, script, tidegate, verify
from support.osv_server import OsvServer
from tidegate.adapters.starting import COMMAND
from tidegate.cli.demo import sample
from tidegate.cli.demo.sample import SDIST, WHEEL, Sample

DIST = f"dist/{WHEEL}"


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample release that went through the gate once; tests copy it."""
    root = tmp_path_factory.mktemp("passed") / "release"
    Sample(root).commit("release")
    ended = check(root)
    assert ended.code == 0, ended.out + ended.err
    return root


@pytest.fixture
def release(passed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(passed, tmp_path / "release", symlinks=True))


def fresh(tmp_path: Path, change: Callable[[Sample], object] | None = None, **more: object) -> Path:
    root = tmp_path / "release"
    made = Sample(root, **more)  # type: ignore[arg-type]
    if change is not None:
        change(made)
    made.commit("release")
    return root


def rows(root: Path) -> dict[str, str]:
    (run,) = (root / ".tidegate" / "runs").iterdir()
    report = json.loads((run / "run.json").read_text())
    return {row["id"]: row["outcome"] for row in report["rows"]}


def run_folder(root: Path) -> Path:
    (run,) = (path for path in (root / ".tidegate" / "runs").iterdir() if not path.name.startswith("."))
    return run


def test_a_good_release_passes_every_row_and_verifies(release: Path) -> None:
    assert set(rows(release).values()) == {"pass"}
    for artifact in (DIST, f"dist/{SDIST}"):
        ended = verify(release, artifact)
        assert ended.code == 0, ended.out + ended.err


def test_the_same_release_gives_the_same_findings_and_sbom_twice(release: Path) -> None:
    first = run_folder(release)
    kept = {name: (first / name).read_text() for name in ("sbom.cdx.json", "dependencies.json", "examined.json")}
    shutil.rmtree(release / ".tidegate")
    assert check(release).code == 0
    assert {name: (run_folder(release) / name).read_text() for name in kept} == kept


def test_one_flipped_byte_is_refused(release: Path) -> None:
    data = bytearray((release / DIST).read_bytes())
    data[len(data) // 2] ^= 1
    (release / DIST).write_bytes(bytes(data))
    ended = verify(release, DIST)
    assert ended.code == 1, ended.out


@pytest.mark.parametrize("ending", [".sigstore.json", ".attestations.jsonl", ".vsa.sigstore.json"])
def test_a_deleted_bundle_is_refused(release: Path, ending: str) -> None:
    (run_folder(release) / (WHEEL + ending)).unlink()
    assert verify(release, DIST).code == 1


@pytest.mark.parametrize("name", ["MANIFEST", "examined.json", "sbom.cdx.json"])
def test_evidence_that_lacks_or_changes_a_file_is_refused(release: Path, name: str) -> None:
    path = run_folder(release) / name
    text = path.read_text()
    path.write_text(text + "\n")
    assert verify(release, DIST, "--evidence", path.parent).code == 1
    path.unlink()
    assert verify(release, DIST, "--evidence", path.parent).code == 1


def test_swapped_evidence_of_two_artifacts_is_refused(release: Path) -> None:
    run = run_folder(release)
    for ending in (".sigstore.json", ".attestations.jsonl", ".vsa.sigstore.json"):
        one, two = run / (WHEEL + ending), run / (SDIST + ending)
        first, second = one.read_bytes(), two.read_bytes()
        one.write_bytes(second)
        two.write_bytes(first)
    assert verify(release, DIST).code == 1


def test_evidence_with_a_link_in_it_is_refused(release: Path) -> None:
    (run_folder(release) / "more.json").symlink_to("/etc/hostname")
    assert verify(release, DIST).code == 1


@pytest.mark.parametrize("kind", ["build", "gate"])
def test_another_policys_key_refuses_the_same_evidence(release: Path, kind: str, tmp_path: Path) -> None:
    other = tmp_path / "production"
    shutil.copytree(release / "keys", other / "keys")
    shutil.copy(release / "tidegate.yaml", other / "tidegate.yaml")
    made = tidegate("keys", "generate", "other", "--unencrypted", cwd=other)
    assert made.code == 0, made.err
    shutil.copy(other / "other.pub", other / f"keys/{kind}.pub")
    assert verify(release, DIST, "--policy", other / "tidegate.yaml").code == 1


def test_a_policy_that_trusts_nobody_refuses(release: Path, tmp_path: Path) -> None:
    (tmp_path / "nobody.yaml").write_text("version: 1\n")
    assert verify(release, DIST, "--policy", tmp_path / "nobody.yaml").code == 1


def test_an_unknown_artifact_is_refused_and_a_missing_one_is_a_usage_error(release: Path) -> None:
    (release / "unknown.whl").write_bytes(b"never seen")
    assert verify(release, "unknown.whl").code == 1
    assert verify(release, "nothing.whl").code == 2


def test_several_runs_that_name_the_artifact_are_a_question(release: Path) -> None:
    assert check(release).code == 0
    ended = verify(release, DIST)
    assert ended.code == 2
    assert "2 runs name this artifact" in ended.err


def test_without_a_signer_the_release_is_shut(tmp_path: Path) -> None:
    root = fresh(tmp_path)
    ended = tidegate("check", "--database", ADVISORIES, cwd=root)
    assert ended.code == 1
    found = rows(root)
    assert [found[row] for row in ("signing", "provenance", "deployment")] == ["fail", "fail", "fail"]
    assert found["lockfiles"] == found["secrets"] == "pass"


def nothing_signed(root: Path) -> bool:
    return not [path for path in run_folder(root).iterdir() if "sigstore" in path.name or "attest" in path.name]


def test_a_release_that_failed_act_1_is_never_signed(tmp_path: Path) -> None:
    root = fresh(tmp_path, lambda made: made.write("src/settings.py", sample.planted()))
    ended = check(root)
    assert ended.code == 1
    assert rows(root)["secrets"] == "fail"
    assert nothing_signed(root)
    assert sample.planted().split('"')[1] not in ended.out + ended.err
    for path in run_folder(root).iterdir():
        assert sample.planted().split('"')[1] not in path.read_text()


def test_a_vulnerable_dependency_shuts_row_2(tmp_path: Path) -> None:
    root = fresh(tmp_path, versions=sample.VULNERABLE)
    assert check(root).code == 1
    assert rows(root)["dependencies"] == "fail"
    assert nothing_signed(root)


def test_an_overpowered_token_shuts_row_4(tmp_path: Path) -> None:
    root = fresh(tmp_path, workflow=sample.OVERPOWERED)
    assert check(root).code == 1
    assert rows(root)["ci-tokens"] == "fail"


def test_a_dirty_tree_cannot_be_vouched_for(tmp_path: Path) -> None:
    root = fresh(tmp_path)
    with open(root / "pyproject.toml", "a") as stream:
        stream.write("# changed\n")
    assert check(root).code == 1
    assert rows(root)["provenance"] == "fail"


def test_a_payload_with_a_planted_secret_is_never_signed(tmp_path: Path) -> None:
    """The ref ends up in the provenance: a branch named like a token must not be signed into the evidence."""
    root = fresh(tmp_path)
    secret = sample.planted().split('"')[1]
    sample.git(root, "checkout", "--quiet", "-b", f"release-{secret}")
    ended = check(root)
    assert ended.code == 1, ended.out
    assert nothing_signed(root)
    assert "secret" in ended.out


def test_the_advisory_service_killed_mid_run_is_undecided(tmp_path: Path) -> None:
    with OsvServer([], mode="hang") as server:
        policy = sample.POLICY.replace(
            "dependencies:\n", f"dependencies:\n    service: {{url: '{server.url}', timeout: 5m}}\n"
        )
        root = fresh(tmp_path, lambda made: made.write("tidegate.yaml", policy))
        keys = ["--key", str(root / "keys/build.key")]
        running = subprocess.Popen(
            [script(), "check", *keys], cwd=root, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(300):
            if server.requests:
                break
            time.sleep(0.1)
        assert server.requests, "the service was never asked"
        server.kill()
        out, err = running.communicate(timeout=120)
    assert running.returncode == 3, out.decode() + err.decode()
    assert rows(root)["dependencies"] == "undecided"
    assert nothing_signed(root)


def test_an_empty_database_is_undecided_and_never_no_issues(tmp_path: Path) -> None:
    root = fresh(tmp_path)
    (tmp_path / "empty" / "PyPI").mkdir(parents=True)
    ended = tidegate("check", "--no-seal", "--database", tmp_path / "empty", cwd=root)
    assert ended.code == 3, ended.out


def test_no_seal_examines_and_shows_the_rest_as_later(tmp_path: Path) -> None:
    root = fresh(tmp_path)
    ended = tidegate("check", "--no-seal", "--database", ADVISORIES, cwd=root)
    assert ended.code == 0, ended.out + ended.err
    assert "later" in ended.out
    assert not (root / ".tidegate").exists()


def test_an_interrupt_keeps_nothing_and_leaves_no_process(tmp_path: Path) -> None:
    root = fresh(tmp_path)
    with OsvServer([], mode="hang") as server:
        policy = sample.POLICY.replace(
            "dependencies:\n", f"dependencies:\n    service: {{url: '{server.url}', timeout: 5m}}\n"
        )
        (root / "tidegate.yaml").write_text(policy)
        sample.git(root, "commit", "--quiet", "--all", "--message", "service")
        running = subprocess.Popen(
            [script(), "check"],
            cwd=root,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        for _ in range(300):
            if server.requests:
                break
            time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=90)
    assert running.returncode == 130
    assert b"interrupted" in err
    assert [path.name for path in (root / ".tidegate" / "runs").iterdir()] == []
    mine = "\0".join(COMMAND)
    alive = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mine in (process / "cmdline").read_text() and os.readlink(process / "cwd") == str(root):
                alive.append(process.name)
        except OSError:
            continue
    assert alive == []


def test_existing_evidence_that_does_not_verify_is_never_replaced(tmp_path: Path, passed: Path) -> None:
    root = fresh(tmp_path)
    broken = (run_folder(passed) / f"{SDIST}.sigstore.json").read_text()
    (root / f"{DIST}.sigstore.json").write_text(broken)
    ended = check(root)
    assert ended.code == 1, ended.out
    assert rows(root)["signing"] == "fail"
    assert (run_folder(root) / f"{WHEEL}.sigstore.json").read_text() == broken
    assert not (run_folder(root) / f"{WHEEL}.vsa.sigstore.json").exists()


def test_evidence_made_before_is_taken_and_only_what_is_missing_is_made(tmp_path: Path) -> None:
    root = fresh(tmp_path)
    assert check(root).code == 0
    signature = (run_folder(root) / f"{WHEEL}.sigstore.json").read_text()
    (root / f"{DIST}.sigstore.json").write_text(signature)
    shutil.rmtree(root / ".tidegate")
    ended = check(root)
    assert ended.code == 0, ended.out
    assert (run_folder(root) / f"{WHEEL}.sigstore.json").read_text() == signature


def test_an_encrypted_key_needs_its_passphrase(tmp_path: Path) -> None:
    def lock(made: Sample) -> None:
        for name in ("build", "gate"):
            for ending in ("key", "pub"):
                (made.root / f"keys/{name}.{ending}").unlink()
            word = {"TIDEGATE_KEY_PASSPHRASE": "correct horse"}
            assert tidegate("keys", "generate", f"keys/{name}", cwd=made.root, env=word).code == 0

    root = fresh(tmp_path, lock)
    assert b"ENCRYPTED" in (root / "keys/build.key").read_bytes()
    assert check(root, env={"TIDEGATE_KEY_PASSPHRASE": "wrong"}).code == 2
    assert check(root).code == 2
    assert check(root, env={"TIDEGATE_KEY_PASSPHRASE": "correct horse"}).code == 0


def test_reports_are_written_beside_and_do_not_change_the_code(release: Path, tmp_path: Path) -> None:
    outputs = [f"{name}={tmp_path / name}" for name in ("text", "json", "markdown", "sarif", "github")]
    words = [word for output in outputs for word in ("--output", output)]
    ended = verify(release, DIST, "--format", "json", *words)
    assert ended.code == 0
    assert json.loads(ended.out)["exit_code"] == 0
    assert json.loads((tmp_path / "sarif").read_text())["version"] == "2.1.0"
    assert all((tmp_path / name).stat().st_size for name in ("text", "json", "markdown", "sarif"))


def test_a_report_that_cannot_be_written_is_found_before_anything_runs(release: Path) -> None:
    ended = tidegate("check", "--output", "json=/nowhere/at/all.json", cwd=release)
    assert ended.code == 2
    assert "cannot write" in ended.err


def test_evidence_tracked_by_git_is_refused(tmp_path: Path) -> None:
    root = fresh(tmp_path, lambda made: made.write(".tidegate/runs/old/examined.json", "{}"))
    ended = check(root)
    assert ended.code == 2
    assert "git tracks files" in ended.err


def test_a_link_in_place_of_an_artifact_is_refused(tmp_path: Path) -> None:
    root = fresh(tmp_path)
    (root / "dist" / "x.whl").symlink_to(WHEEL)
    assert check(root).code == 2


def test_two_releases_get_cells_of_their_own_and_one_bad_one_shuts(tmp_path: Path) -> None:
    policy = sample.POLICY.replace(
        "  - name: tidal\n    artifacts: [dist/*.whl, dist/*.tar.gz]\n",
        "  - name: one\n    artifacts: [dist/*.whl]\n  - name: two\n    root: two\n    artifacts: [dist/*.tar.gz]\n",
    )

    def second(made: Sample) -> None:
        made.write("tidegate.yaml", policy)
        made.write("two/pyproject.toml", sample.PYPROJECT)

    root = fresh(tmp_path, second)
    assert check(root).code == 1
    report = json.loads((run_folder(root) / "run.json").read_text())
    cells = {(row["id"], row["release"]): row["outcome"] for row in report["rows"]}
    assert cells["lockfiles", "two"] == "fail"
    assert cells["secrets", "two"] == cells["secrets", "one"] == "pass"
