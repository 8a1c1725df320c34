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


def checked(root: Path) -> Row:
    ended = tidegate("check", "--no-seal", "--format", "json", cwd=root)
    report = json.loads(ended.out)
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


def test_an_honest_release_is_explained_file_by_file(tmp_path: Path) -> None:
    row = checked(release(tmp_path))
    assert row.rules == []
    assert row.outcome == "pass"
    assert row.detail == "3 source, 4 generated"
    assert any(note.startswith(f"dist/{WHEEL}: 4 files, ") for note in row.notes)


def test_an_extra_module_in_a_wheel_that_record_lists(tmp_path: Path) -> None:
    row = checked(release(tmp_path, made={WHEEL: wheel({"tidal_extra.py": EVIL})}, policy="  sbom: {explain: fail}\n"))
    assert (row.rules, row.outcome) == (["file-unexplained"], "fail")


def test_an_extra_module_in_a_wheel_that_record_does_not_list(tmp_path: Path) -> None:
    row = checked(release(tmp_path, made={WHEEL: wheel({"tidal_extra.py": EVIL}, lying=True)}))
    assert (row.rules, row.outcome) == (["file-unexplained", "record-mismatch"], "fail")


def test_a_module_altered_by_one_byte_with_a_record_that_agrees(tmp_path: Path) -> None:
    altered = MODULE.replace("6", "7").encode()
    row = checked(release(tmp_path, made={WHEEL: wheel({f"{NAME}.py": altered})}, policy="  sbom: {explain: fail}\n"))
    assert (row.rules, row.outcome) == (["file-altered"], "fail")


def test_a_record_that_lies_about_an_altered_module(tmp_path: Path) -> None:
    altered = MODULE.replace("6", "7").encode()
    row = checked(release(tmp_path, made={WHEEL: wheel({f"{NAME}.py": altered}, lying=True)}))
    assert (row.rules, row.outcome) == (["file-altered", "record-mismatch"], "fail")


def test_an_sdist_with_build_scripts_git_does_not_have(tmp_path: Path) -> None:
    row = checked(release(tmp_path, made={SDIST: sdist({"setup.py": EVIL, "m4/x.m4": b"x", "configure": b"x"})}))
    assert (row.rules, row.outcome) == (["build-script-unexplained"] * 3, "fail")


def test_a_vendored_library_that_was_swapped(tmp_path: Path) -> None:
    source = {"src/tidal_vendor/lib.py": "def safe(): pass\n"}
    honest = wheel({"tidal_vendor/lib.py": b"def safe(): pass\n"})
    swapped = wheel({"tidal_vendor/lib.py": EVIL})
    assert checked(release(tmp_path / "a", made={WHEEL: honest}, source=source)).rules == []
    row = checked(release(tmp_path / "b", made={WHEEL: swapped}, source=source, policy="  sbom: {explain: fail}\n"))
    assert (row.rules, row.outcome) == (["file-altered"], "fail")


def test_files_that_hide_beside_generated_ones(tmp_path: Path) -> None:
    hidden = {
        f"{INFO}/METADATA.py": EVIL,
        "evil.egg-info/run.py": EVIL,
        "tidal/_version.py": b"version='1.0.0'\n" + EVIL,
    }
    row = checked(release(tmp_path, made={WHEEL: wheel(hidden), SDIST: sdist({"evil.egg-info/run.py": EVIL})}))
    assert row.rules == ["file-unexplained"] * 4


def test_start_up_code_in_a_wheel_shuts_without_a_word_of_the_policy(tmp_path: Path) -> None:
    row = checked(release(tmp_path, made={WHEEL: wheel({"tidal.pth": EVIL})}))
    assert (row.rules, row.outcome) == (["build-script-unexplained"], "fail")


def test_what_the_policy_declares_is_explained(tmp_path: Path) -> None:
    rule = "  sbom: {explain: fail, generated: [{path: tidal_grammar.py, reason: made from the grammar}]}\n"
    row = checked(release(tmp_path, made={WHEEL: wheel({"tidal_grammar.py": b"g = 1\n"})}, policy=rule))
    assert (row.rules, row.outcome) == ([], "pass")
    assert "1 declared" in row.detail


def test_the_reconciliation_is_evidence(tmp_path: Path) -> None:
    root = release(tmp_path)
    keys = ("--key", "keys/build.key", "--verdict-key", "keys/gate.key")
    ended = tidegate("check", *keys, "--database", ADVISORIES, cwd=root)
    assert ended.code == 0, ended.out + ended.err
    (run,) = (root / ".tidegate" / "runs").iterdir()
    plain = json.loads((run / "reconciliation.json").read_text())
    assert {row["artifact"] for row in plain["artifacts"]} == {WHEEL, SDIST}
    assert "reconciliation.json" in (run / "MANIFEST").read_text()
