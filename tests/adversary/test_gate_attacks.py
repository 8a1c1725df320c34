"""Attacks on the gate itself: on whose policy judges, what may shut, what production is shown, and where files go."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support import sealed
from support.command import environment, script, tidegate
from support.repositories import Repository
from support.sealed import BUILDER, JUDGE, honest, signer
from tidegate.acts import Ask
from tidegate.adapters.files import LocalFiles
from tidegate.adapters.inventory import read_inventory
from tidegate.adapters.starting import COMMAND
from tidegate.adapters.store import RunFolder
from tidegate.adapters.taking import TakenFolder
from tidegate.adapters.workers import ProcessWorkers
from tidegate.cli.demo.sample import POLICY, Sample, git
from tidegate.cli.gate import Gate, branch, reviewed
from tidegate.cli.options import Progress, show_options
from tidegate.cli.review import merge_base
from tidegate.cli.wire import Means
from tidegate.domain.claims.vsa import ROWS
from tidegate.errors import PolicyError, UserError
from tidegate.formats.records import dump
from tidegate.judge import Bench, covers, judge
from tidegate.model.control import Control, Scope
from tidegate.model.evidence import Coverage, Report
from tidegate.model.exemption import Exemption, Origin
from tidegate.model.finding import Finding, Level, Place
from tidegate.model.release import Release
from tidegate.model.verdict import ExitCode, Outcome
from tidegate.policy.load import load
from tidegate.policy.schema import Policy, PolicyModel
from tidegate.ports import CIFacts
from tidegate.runner import Runner

TODAY = date(2026, 11, 24)
LATER = {"enforce": "report", "until": "2030-01-01", "owner": "me"}
OFF = {"required": False, "reason": "not here, never here"}
BROKEN = Path(__file__).parents[1] / "support" / "broken_worker.py"


class Frozen:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)


def policy(**parts: Any) -> Policy:
    model = PolicyModel.model_validate_json(json.dumps({"version": 1} | parts))
    return Policy(model=model, files={}, digest="sha256:0", path="tidegate.yaml")


class TestWhosePolicy:
    """Nobody who may push a tag, or set a commit's date, chooses the policy or how long it is kind."""

    @pytest.fixture
    def clone(self, tmp_path: Path) -> Repository:
        """A checkout on an unreviewed commit, with the remote's `main` one commit behind."""
        repo = Repository(tmp_path / "clone")
        repo.commit("reviewed")
        repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
        repo.git("checkout", "-q", "--detach")
        repo.git("branch", "-q", "-D", "main")
        repo.commit("not reviewed")
        return repo

    def gate(self, repo: Repository, *protected: str, remote: str = "https://code.example/acme/app") -> Gate:
        asked = repo.ask()
        rules = policy(policy={"protected": list(protected)})
        head = asked.resolve("HEAD") or ""
        return Gate(repo.root, asked, head, rules, repo.root, Progress(), CIFacts("local", ()), remote)

    def problems(self, made: Gate) -> list[str]:
        return [problem.rule for problem in reviewed(made, "tidegate.yaml")[0]]

    def test_a_tag_named_like_a_protected_branch_reviews_nothing(self, clone: Repository) -> None:
        for name in ("main", "origin/main", "refs/heads/main"):
            clone.git("tag", name)
            assert self.problems(self.gate(clone, name)) == ["policy-unreviewed"], name

    def test_a_commit_on_the_protected_branch_is_reviewed(self, clone: Repository) -> None:
        clone.git("update-ref", "refs/remotes/origin/main", "HEAD")
        for name in ("main", "origin/main", "refs/remotes/origin/main"):
            assert self.problems(self.gate(clone, name)) == []

    def test_a_checkout_that_lacks_the_remotes_branch_proves_no_review(self, clone: Repository) -> None:
        clone.git("update-ref", "-d", "refs/remotes/origin/main")
        clone.git("tag", "refs/remotes/origin/main")
        assert self.problems(self.gate(clone)) == ["policy-unreviewed"]
        problems, notes = reviewed(self.gate(clone, remote=""), "tidegate.yaml")
        assert (problems, len(notes)) == ((), 1)

    @pytest.mark.parametrize("given", ["main", ""])
    def test_a_tag_named_like_the_target_branch_is_no_base(
        self, clone: Repository, given: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_BASE_REF", "main")
        clone.git("tag", "main")
        asked = clone.ask()
        assert merge_base(asked, given) == asked.resolve("HEAD~1")
        clone.git("update-ref", "-d", "refs/remotes/origin/main")
        with pytest.raises(UserError):
            merge_base(clone.ask(), given)

    def test_a_base_may_be_a_commit_and_no_branch_can_take_its_name(self, clone: Repository) -> None:
        asked = clone.ask()
        first = asked.resolve("HEAD~1") or ""
        clone.git("update-ref", "refs/remotes/origin/HEAD", "HEAD")
        assert merge_base(asked, first) == merge_base(asked, "HEAD~1") == first
        clone.git("update-ref", f"refs/remotes/origin/{first}", "HEAD")
        assert merge_base(clone.ask(), first) == first
        assert branch(asked, "HEAD") is None

    def test_a_shallow_clone_does_not_adopt_its_policy_anew(self, clone: Repository, tmp_path: Path) -> None:
        clone.write("tidegate.yaml", b"version: 1\n")
        clone.commit("adopt", when=1600000000)
        clone.write("more", b"")
        clone.commit("later")
        clone.git("branch", "-f", "main")
        shallow = Repository(tmp_path / "shallow")
        shallow.git("pull", "-q", "--depth", "1", f"file://{clone.root}", "main")
        assert clone.ask().first_commit_of("tidegate.yaml") is not None
        assert shallow.ask().first_commit_of("tidegate.yaml") is None

    def test_a_policy_adopted_in_the_future_is_not_kind_until_then(self) -> None:
        rules = policy(controls={"secrets": {"enforce": "report", "report_days": 30, "owner": "me"}}).model
        leak = Finding("secret-in-tree", Level.FAIL, "a", "says")
        report = Report(Control.SECRETS, (Coverage("files", 1, 1),), (leak,))
        told = {
            days: judge(Control.SECRETS, "app", report, "", Bench(rules, (), TODAY, TODAY + timedelta(days))).outcome
            for days in (-31, -30, 0, 1, 4000)
        }
        assert told == {
            -31: Outcome.FAIL,
            -30: Outcome.WOULD_SHUT,
            0: Outcome.WOULD_SHUT,
            1: Outcome.FAIL,
            4000: Outcome.FAIL,
        }

    def test_a_tag_of_a_tag_on_the_released_commit_is_no_earlier_release(self, clone: Repository) -> None:
        clone.git("tag", "-a", "-m", "inner", "v1")
        clone.git("tag", "-a", "-m", "outer", "v2", "v1")
        asked = clone.ask()
        assert asked.previous_tag(asked.resolve("HEAD") or "") is None


class TestWhatMayShut:
    """A row that is taken out or reported only takes nothing else with it."""

    def run(self, tmp_path: Path, **controls: Any) -> ExitCode:
        means = Means(root=str(tmp_path), taken=str(tmp_path), evidence="", facts=CIFacts("local", ()))
        changed = Finding("policy-changed", Level.FAIL, "tidegate.yaml", "changed")
        ask = Ask(Scope.REVIEW, policy(controls=controls), (Release("app", "."),), dump(means), findings=(changed,))
        workers = ProcessWorkers([sys.executable, "-P", str(BROKEN)], 4)
        return Runner(workers, Frozen(), lambda text: None).run(ask).exit_code

    @pytest.mark.parametrize("dependencies", [OFF, LATER])
    def test_a_changed_policy_shuts_although_row_2_does_not(self, tmp_path: Path, dependencies: Any) -> None:
        assert self.run(tmp_path, dependencies=dependencies) is ExitCode.SHUT

    def test_a_slash_at_the_end_of_a_root_does_not_open_its_own_files_to_exclusions(self) -> None:
        whole = Exemption("*", "api", "because of reasons", "me", TODAY, Origin.EXCLUDE)
        lock = Finding("lock-missing", Level.FAIL, "api/uv.lock", "says", place=Place("api/uv.lock"))
        assert not covers(whole, lock, Control.LOCKFILES, ["api/"])

    def test_strict_knows_a_key_in_both_lists_by_the_key_and_not_by_the_text_around_it(self) -> None:
        pem = sealed.pem(BUILDER)
        files = {
            "tidegate.yaml": b"version: 1\nextends: strict\ntrust:\n"
            b"  builders: [{key: a.pub}]\n  verifiers: [{key: b.pub}]\n",
            "a.pub": pem.encode(),
            "b.pub": f"another key, honestly\n{pem}and a tail\n".encode(),
        }
        with pytest.raises(PolicyError) as caught:
            load("tidegate.yaml", lambda path, limit: files.get(path))
        assert ["vouch for himself" in fault.message for fault in caught.value.faults] == [True]

    def test_an_action_in_a_committed_node_modules_is_read(self, tmp_path: Path) -> None:
        repo = Repository(tmp_path / "repo")
        action = b"name: x\nruns: {using: composite, steps: [{run: x, shell: bash}]}\n"
        repo.write("node_modules/evil/action.yml", action)
        repo.commit()
        repo.write("node_modules/later/action.yml", action)
        seen = read_inventory(LocalFiles(repo.root), repo.ask(), TakenFolder(tmp_path), (), "", ())
        assert [workflow.path for workflow in seen.workflows] == ["node_modules/evil/action.yml"]


class TestProduction:
    """`verify` opens for a verdict alone, whatever its policy reports only, and for no verdict that waives more."""

    def verdict(self, waived: str, **controls: Any) -> set[str]:
        scene = honest(policy=sealed.policy(controls=controls))
        scene.judge(scene.verdict(rows=dict.fromkeys(ROWS, "pass") | {waived: "not required"}))
        return {finding.rule for finding in scene.deploying().findings}

    @pytest.mark.parametrize("row", ["lockfiles", "dependencies", "secrets", "ci-tokens", "sbom"])
    def test_a_verdict_waives_no_row_that_production_requires(self, row: str) -> None:
        assert self.verdict(row) == {"vsa-rows-missing"}
        assert self.verdict(row, **{row: OFF}) == set()

    @pytest.mark.parametrize("softened", [("deployment",), ("signing", "provenance", "deployment")])
    def test_nothing_runs_on_a_promise(self, tmp_path: Path, softened: tuple[str, ...]) -> None:
        means = Means(root=str(tmp_path), taken=str(tmp_path), evidence="", facts=CIFacts("local", ()))
        rules = policy(controls=dict.fromkeys(softened, LATER))
        artifact = sealed.artifact()
        ask = Ask(Scope.VERIFY, rules, (Release("app", ".", (artifact,)),), dump(means))
        workers = ProcessWorkers([sys.executable, "-P", str(BROKEN), "deployment=finding"], 4)
        run = Runner(workers, Frozen(), lambda text: None).run(ask)
        assert run.exit_code is ExitCode.SHUT

    def test_a_policy_that_takes_out_row_8_verifies_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "app.whl").write_bytes(sealed.DATA)
        for path in (BUILDER, JUDGE):
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(signer(path).facts().public_key)
        text = POLICY + "  deployment: {required: false, reason: there is no production}\n"
        (tmp_path / "production.yaml").write_text(text)
        words = ("verify", "app.whl", "--evidence", ".", "--policy", "production.yaml")
        assert tidegate(*words, cwd=tmp_path).code == 2


class TestWhereFilesGo:
    """What a repository holds never makes the gate write elsewhere, nor speak in its own words."""

    @pytest.mark.parametrize("name", ["report.sarif", "out/report.sarif"])
    def test_a_link_in_the_repository_takes_no_report_elsewhere(self, tmp_path: Path, name: str) -> None:
        root, outside = tmp_path / "repo", tmp_path / "outside"
        root.mkdir()
        outside.mkdir()
        (root / name.partition("/")[0]).symlink_to(outside if "/" in name else outside / "precious")
        for spelt in (root / name, root / "." / name):
            with pytest.raises(UserError):
                show_options("text", (f"sarif={spelt}",), "never", root)

    def test_links_outside_the_repository_are_the_users_own(self, tmp_path: Path) -> None:
        (tmp_path / "repo").mkdir()
        (tmp_path / "place").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "place")
        shown = show_options("text", (f"sarif={tmp_path / 'link' / 'x'}",), "never", tmp_path / "repo")
        assert len(shown.outputs) == 1

    def test_a_link_in_the_evidence_folder_is_not_written_through(self, tmp_path: Path) -> None:
        (tmp_path / "evidence").mkdir()
        (tmp_path / "evidence" / ".gitignore").symlink_to(tmp_path / "planted")
        RunFolder(tmp_path / "evidence", "run")
        assert not (tmp_path / "planted").exists()

    def test_a_worker_that_breaks_does_not_quote_what_it_read(self, tmp_path: Path) -> None:
        secret = "hunter" + "2" * 30
        job = f'{{"id":"x","task":"secrets"}}\n{{"means":{{"{secret}": 1}}, "x": {secret}}}'
        done = subprocess.run(COMMAND, input=job.encode(), capture_output=True, timeout=60, check=False)
        assert done.returncode == 5
        assert (done.stdout, secret.encode() in done.stderr) == (b"", False)
        assert len(done.stderr.splitlines()) == 1

    @pytest.mark.parametrize("closed", ["> /dev/full", ">&-", "2>&-"])
    def test_a_stream_that_cannot_be_written_does_not_change_the_code(self, tmp_path: Path, closed: str) -> None:
        Sample(tmp_path / "r").write("action.yml", "neither a workflow nor an action\n")
        git(tmp_path / "r", "init", "--quiet")
        git(tmp_path / "r", "add", "--all")
        line = f"exec {closed}; exec {script()} ci"
        done = subprocess.run(["sh", "-c", line], cwd=tmp_path / "r", env=environment(), timeout=120, check=False)
        assert done.returncode == 1
