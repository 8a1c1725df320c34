"""What an artifact holds and its source does not, through the installed command: each attack is the named finding."""

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support import tracing
from support.command import ADVISORIES, tidegate
from tidegate.cli.demo import sample
from tidegate.cli.demo.sample import CLEAN, MODULE, NAME, SDIST, VERSION, WHEEL, Sample

INFO, TOP = f"{NAME}-{VERSION}.dist-info", f"{NAME}-{VERSION}"
EVIL = b"import os\n"


@dataclass(frozen=True)
class Row:
    outcome: str
    findings: tuple[dict[str, str], ...]
    notes: tuple[str, ...]
    detail: str

    @property
    def rules(self) -> list[str]:
        """Those of reconciliation and archives; how well the SBOM is filled in is another matter."""
        return sorted(
            each["rule"]
            for each in self.findings
            if not each["rule"].endswith("-missing") and each["rule"] != "sbom-drift"
        )

    def told(self, artifact: str) -> dict[str, str]:
        """Member to rule."""
        parts = ((each["about"].partition("!/"), each["rule"]) for each in self.findings)
        return {member: rule for (name, _, member), rule in parts if member and name == artifact}


def checked(root: Path) -> Row:
    return read(tidegate("check", "--no-seal", "--format", "json", cwd=root).out)


def read(out: str) -> Row:
    report = json.loads(out)
    (row,) = (each for each in report["rows"] if each["id"] == "sbom")
    findings = tuple(report["findings"][number] for number in row["findings"])
    detail = next((each["detail"] for each in row["coverage"] if each["what"] == "files"), "")
    return Row(row["outcome"], findings, tuple(report["notes"]), detail)


def wheel(files: Mapping[str, bytes], *, lying: bool = False) -> bytes:
    """The sample's wheel with other or further files, listed in RECORD unless it lies."""
    with zipfile.ZipFile(io.BytesIO(sample.wheel(sorted(CLEAN)))) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    record = held.pop(f"{INFO}/RECORD")
    if lying:
        return tracing.zipped(held | dict(files) | {f"{INFO}/RECORD": record})
    return tracing.zipped(held | dict(files) | {f"{INFO}/RECORD": tracing.record(held | dict(files), INFO)})


def sdist(files: Mapping[str, bytes]) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(sample.sdist(sorted(CLEAN)))) as archive:
        held = {m.name: data.read() for m in archive if (data := archive.extractfile(m)) is not None}
    return tracing.tarred(held | {f"{TOP}/{name}": data for name, data in files.items()})


def release(
    folder: Path, *, made: Mapping[str, bytes] | None = None, source: Mapping[str, str] | None = None, policy: str = ""
) -> Path:
    root = folder / "release"
    built = Sample(root)
    for name, text in (source or {}).items():
        built.write(name, text)
    for name, data in (made or {}).items():
        (root / "dist" / name).write_bytes(data)
    if policy:
        built.write("tidegate.yaml", sample.POLICY + policy)
    built.commit("release")
    return root


STRICT = "  sbom: {explain: fail}\n"
VENDORED = {"src/tidal_vendor/lib.py": "def safe(): pass\n"}
ALTERED = MODULE.replace("6", "7").encode()


def test_an_honest_release_is_explained_file_by_file_and_that_is_evidence(tmp_path: Path) -> None:
    honest = wheel({"tidal_vendor/lib.py": b"def safe(): pass\n"})
    root = release(tmp_path, made={WHEEL: honest}, source=VENDORED, policy=STRICT)
    keys = ("--key", "keys/build.key", "--verdict-key", "keys/gate.key")
    ended = tidegate("check", *keys, "--database", ADVISORIES, "--format", "json", cwd=root)
    row = read(ended.out)
    assert (row.rules, row.outcome, row.detail) == ([], "pass", "4 source, 4 generated")
    assert any(note.startswith(f"dist/{WHEEL}: 5 files, ") for note in row.notes)
    (run,) = (root / ".tidegate" / "runs").iterdir()
    plain = json.loads((run / "reconciliation.json").read_text())
    assert {each["artifact"] for each in plain["artifacts"]} == {WHEEL, SDIST}
    assert "reconciliation.json" in (run / "MANIFEST").read_text()


def test_a_wheel_whose_record_agrees_with_whatever_was_put_in(tmp_path: Path) -> None:
    files = {
        "tidal_extra.py": EVIL,
        f"{NAME}.py": ALTERED,
        "tidal_vendor/lib.py": EVIL,
        f"{INFO}/METADATA.py": EVIL,
        "evil.egg-info/run.py": EVIL,
        "tidal/_version.py": b"version = '1.0.0'\n" + EVIL,
        "tidal.pth": EVIL,
    }
    row = checked(release(tmp_path, made={WHEEL: wheel(files)}, source=VENDORED, policy=STRICT))
    assert row.outcome == "fail"
    assert row.told(WHEEL) == {
        "tidal_extra.py": "file-unexplained",
        f"{NAME}.py": "file-altered",
        "tidal_vendor/lib.py": "file-altered",
        f"{INFO}/METADATA.py": "file-unexplained",
        "evil.egg-info/run.py": "file-unexplained",
        "tidal/_version.py": "file-unexplained",
        "tidal.pth": "build-script-unexplained",
    }
    assert {each["level"] for each in row.findings if "!/" in each["about"]} == {"fail"}


def test_a_record_that_lies_and_build_scripts_git_does_not_have_shut_the_baseline(tmp_path: Path) -> None:
    lying = wheel({"tidal_extra.py": EVIL, f"{NAME}.py": ALTERED}, lying=True)
    scripts = {"setup.py": EVIL, "m4/x.m4": b"x", "configure": b"x", "evil.egg-info/run.py": EVIL}
    row = checked(release(tmp_path, made={WHEEL: lying, SDIST: sdist(scripts)}))
    assert row.outcome == "fail"
    assert row.rules.count("record-mismatch") == 2
    assert {"file-unexplained", "file-altered"} <= set(row.rules)
    assert row.told(SDIST) == {
        f"{TOP}/setup.py": "build-script-unexplained",
        f"{TOP}/m4/x.m4": "build-script-unexplained",
        f"{TOP}/configure": "build-script-unexplained",
        f"{TOP}/evil.egg-info/run.py": "file-unexplained",
    }
    levels = {each["rule"]: each["level"] for each in row.findings}
    assert (levels["build-script-unexplained"], levels["file-unexplained"]) == ("fail", "warn")


def test_what_the_policy_declares_is_explained(tmp_path: Path) -> None:
    rule = "  sbom: {explain: fail, generated: [{path: tidal_grammar.py, reason: made from the grammar}]}\n"
    row = checked(release(tmp_path, made={WHEEL: wheel({"tidal_grammar.py": b"g = 1\n"})}, policy=rule))
    assert (row.rules, row.outcome, row.detail) == ([], "pass", "3 source, 4 generated, 1 declared")
