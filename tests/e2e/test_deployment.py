"""Two releases, approved and judged by the real command, and a production that remembers what ran."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from support.command import Ended, check, environment, script, tidegate
from tidegate.cli import wire
from tidegate.cli.demo import sample
from tidegate.cli.demo.sample import Sample
from tidegate.formats import ledger
from tidegate.model.digest import Digest

POLICY = (
    sample.POLICY.replace(
        "controls:\n", "  approvers:\n    - key: keys/alice.pub\ncontrols:\n  deployment: {svr: true}\n"
    )
    + "  provenance: {approvals: 1}\n"
)
PRODUCTION = POLICY.replace("{svr: true}", "{svr: true, ledger: required}")
OLD, NEW = "1.9.0", "1.10.0"


def released(root: Path, version: str) -> None:
    """Build a version, have it approved and checked; its artifacts and evidence are kept under its name."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sample, "VERSION", version)
        patched.setattr(sample, "PYPROJECT", sample.PYPROJECT.replace('version = "1.0.0"', f'version = "{version}"'))
        dist = root / "dist"
        shutil.rmtree(dist)
        dist.mkdir()
        needs = sorted(sample.CLEAN)
        (dist / f"tidal-{version}-py3-none-any.whl").write_bytes(sample.wheel(needs))
        (dist / f"tidal-{version}.tar.gz").write_bytes(sample.sdist(needs))
    pyproject = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(pyproject.replace('version = "1.0.0"', f'version = "{version}"'))
    sample.git(root, "commit", "--quiet", "--all", "--message", version)
    said = tidegate("approve", "tidal", "--key", "keys/alice.key", "--reason", f"diff to {version} read", cwd=root)
    assert said.code == 0, said.err
    ended = check(root, "--evidence", f"evidence-{version}")
    assert ended.code == 0, ended.out + ended.err
    (root / "pyproject.toml").write_text(pyproject)
    shutil.copytree(dist, root / version, ignore=shutil.ignore_patterns("*.jsonl"))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("deployment") / "release"
    made = Sample(root)
    private, public = wire.generate_key(None)
    made.write("keys/alice.key", private.decode())
    made.write("keys/alice.pub", public.decode())
    made.write("tidegate.yaml", POLICY)
    made.write(".gitignore", "dist/\n*.key\nevidence-*/\n1.*/\n")
    made.commit("release")
    for version in (OLD, NEW):
        released(root, version)
    (root / "production.yaml").write_text(PRODUCTION)
    return root


def words(version: str, path: Path) -> list[str | Path]:
    return ["verify", version, "--evidence", f"evidence-{version}", "--policy", "production.yaml", "--ledger", path]


def deploy(root: Path, version: str, path: Path, *more: str) -> Ended:
    return tidegate(*words(version, path), *more, "--format", "json", cwd=root)


def rules(ended: Ended) -> set[str]:
    return {finding["rule"] for finding in json.loads(ended.out)["findings"] if finding["level"] == "fail"}


@pytest.fixture
def production(tmp_path: Path) -> Path:
    path = tmp_path / "production.ledger"
    wire.begin_ledger(path, "production")
    return path


def test_production_refuses_what_is_older_until_somebody_answers_for_it(both: Path, production: Path) -> None:
    for version in (OLD, NEW):
        ended = deploy(both, version, production)
        assert ended.code == 0, ended.out + ended.err
    known = ledger.parse(production.read_bytes())
    assert [entry.version for entry in known.entries] == ["", OLD, OLD, NEW, NEW]
    refused = deploy(both, OLD, production)
    assert (refused.code, rules(refused)) == (1, {"artifact-rolled-back"})
    assert ledger.parse(production.read_bytes()) == known
    back = ("--rollback-to", OLD, "--reason", "1.10.0 loses data", "--owner", "team")
    assert deploy(both, OLD, production, *back[:2]).code == 2
    assert deploy(both, OLD, production, *back, "--ledger-head", known.head).code == 0
    shown = tidegate("ledger", "show", production, cwd=both)
    assert shown.code == 0
    assert "(team: 1.10.0 loses data)" in shown.out


def test_a_ledger_that_is_missing_or_cut_lets_nothing_through(both: Path, production: Path) -> None:
    production.unlink()
    missing = deploy(both, NEW, production)
    assert (missing.code, rules(missing)) == (1, {"ledger-missing"})
    assert not production.exists()
    assert tidegate("ledger", "init", production, cwd=both).code == 0
    assert tidegate("ledger", "init", production, cwd=both).code == 2
    production.write_bytes(production.read_bytes()[:-1])
    cut = deploy(both, NEW, production)
    assert (cut.code, rules(cut)) == (1, {"ledger-broken"})
    assert tidegate("ledger", "show", production, cwd=both).code == 1


def test_half_a_release_and_a_denied_file_do_not_run(both: Path, production: Path, tmp_path: Path) -> None:
    half = tmp_path / "half"
    half.mkdir()
    wheel = f"tidal-{NEW}-py3-none-any.whl"
    shutil.copy(both / NEW / wheel, half)
    denied = Digest.of((half / wheel).read_bytes()).value
    shutil.copytree(both / "keys", tmp_path / "keys")
    (tmp_path / "production.yaml").write_text(PRODUCTION.replace("{svr: true,", f"{{denied: [{denied}], svr: true,"))
    evidence = ("--evidence", both / f"evidence-{NEW}", "--policy", tmp_path / "production.yaml")
    ended = tidegate("verify", half, *evidence, "--ledger", production, "--format", "json", cwd=tmp_path)
    assert (ended.code, rules(ended)) == (1, {"artifact-denied", "release-incomplete"})
    assert len(ledger.parse(production.read_bytes()).entries) == 1


def test_two_deployments_at_once_follow_one_another(both: Path, production: Path) -> None:
    """Whichever comes first: both lines are kept, or the older one is refused. Never does the older one come last."""
    command = [[script(), *map(str, words(version, production))] for version in (OLD, NEW)]
    running = [
        subprocess.Popen(each, cwd=both, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for each in command
    ]
    codes = [process.wait(timeout=120) for process in running]
    versions = [entry.version for entry in ledger.parse(production.read_bytes()).entries[1:]]
    assert (codes, versions) in [([0, 0], [OLD, OLD, NEW, NEW]), ([1, 0], [NEW, NEW])]
