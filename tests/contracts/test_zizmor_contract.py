"""What tidegate relies on in the installed zizmor: its flags, its exit codes, its words and the audits it knows."""

import json
import subprocess
from pathlib import Path

import pytest

from support.pipelines import CLEAN, INJECTED
from tidegate.adapters.sensors import zizmor_binary
from tidegate.adapters.sensors.zizmor import CANARY, CANARY_RULES, FLAGS, VERSIONS, Zizmor
from tidegate.domain.grants.audits import BY_IDENT, HYGIENE
from tidegate.domain.grants.rules import RULES

ONLINE = {"impostor-commit", "known-vulnerable-actions", "ref-confusion", "stale-action-refs"}
# The documentation of zizmor 1.32 names these audits.
DOCUMENTED = {
    *("adhoc-packages", "anonymous-definition", "archived-uses", "artipacked", "bot-conditions", "cache-poisoning"),
    *("concurrency-limits", "dangerous-triggers", "dependabot-cooldown", "dependabot-execution", "misfeature"),
    *("excessive-permissions", "forbidden-uses", "github-app", "github-env", "hardcoded-container-credentials"),
    *("impostor-commit", "insecure-commands", "insecure-url-scheme", "known-vulnerable-actions", "obfuscation"),
    *("overprovisioned-secrets", "ref-confusion", "ref-version-mismatch", "secrets-inherit", "secrets-outside-env"),
    *("self-hosted-runner", "self-repository", "stale-action-refs", "superfluous-actions", "template-injection"),
    *("typosquat-uses", "undocumented-permissions", "unpinned-images", "unpinned-tools", "unpinned-uses"),
    *("unredacted-secrets", "unsound-condition", "unsound-contains", "unsound-ternary", "use-trusted-publishing"),
}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    binary = zizmor_binary.find().path
    return subprocess.run([str(binary), *arguments], cwd=folder, env={}, capture_output=True, timeout=60, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "clean.yml").write_text(CLEAN)
    (workflows / "bad.yml").write_text(INJECTED)
    (workflows / "broken.yml").write_text("on: [")
    (workflows / "canary.yml").write_bytes(CANARY)
    return tmp_path


def test_the_installed_version_is_the_one_tidegate_is_written_for() -> None:
    assert zizmor_binary.find().version in VERSIONS


def test_every_documented_audit_has_a_row_or_is_hygiene() -> None:
    assert len(DOCUMENTED) == 41
    assert BY_IDENT.keys() | HYGIENE == DOCUMENTED
    assert not BY_IDENT.keys() & HYGIENE


def test_the_binary_knows_every_documented_audit() -> None:
    text = zizmor_binary.find().path.read_bytes()
    missing = [ident for ident in DOCUMENTED if ident.encode() not in text]
    assert missing == []


def test_json_v1_is_zero_based_and_names_its_parts(folder: Path) -> None:
    done = run(folder, *FLAGS, "--", ".github/workflows/bad.yml")
    assert done.returncode == 14
    (finding,) = [each for each in json.loads(done.stdout) if each["ident"] == "template-injection"]
    assert finding["determinations"] == {"confidence": "High", "severity": "High", "persona": "Regular"}
    assert finding["ignored"] is False
    primary = next(each for each in finding["locations"] if each["symbolic"]["kind"] == "Primary")
    assert primary["symbolic"]["key"]["Local"]["verbatim_path"] == ".github/workflows/bad.yml"
    assert primary["symbolic"]["route"]["route"][:2] == [{"Key": "jobs"}, {"Key": "greet"}]
    assert primary["concrete"]["location"]["start_point"]["row"] == 8


def test_completed_lines_name_every_audited_file(folder: Path) -> None:
    done = run(folder, *FLAGS, "--", ".github/workflows/bad.yml", ".github/workflows/clean.yml")
    lines = [line.split(b" completed ")[1] for line in done.stderr.splitlines() if b" completed " in line]
    assert sorted(lines) == [b".github/workflows/bad.yml", b".github/workflows/clean.yml"]


def test_strict_collection_fails_as_a_whole(folder: Path) -> None:
    done = run(folder, *FLAGS, "--", ".github/workflows/bad.yml", ".github/workflows/broken.yml")
    assert done.returncode == 1
    assert done.stdout == b""


def test_lenient_collection_leaves_the_broken_file_out(folder: Path) -> None:
    flags = [flag for flag in FLAGS if flag != "--strict-collection"]
    done = run(folder, *flags, "--", ".github/workflows/bad.yml", ".github/workflows/broken.yml")
    assert done.returncode == 14
    assert b"completed .github/workflows/broken.yml" not in done.stderr


def test_the_planted_workflow_is_found_by_name(folder: Path) -> None:
    done = run(folder, *FLAGS, "--", ".github/workflows/canary.yml")
    assert {each["ident"] for each in json.loads(done.stdout)} >= CANARY_RULES


def test_the_sensor_fits_its_port() -> None:
    sensing = Zizmor(60).sense({".github/workflows/ci.yml": CLEAN.encode()})
    known = BY_IDENT.keys() | HYGIENE
    assert {each.ident for each in sensing.sensed} <= known
    assert sensing.completed | sensing.refused.keys() == {".github/workflows/ci.yml"}


def test_online_audits_do_not_speak_offline(folder: Path) -> None:
    done = run(folder, *FLAGS, "--", ".github/workflows/clean.yml", ".github/workflows/bad.yml")
    assert not {each["ident"] for each in json.loads(done.stdout)} & ONLINE


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
