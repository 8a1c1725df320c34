"""Evidence packed, pushed, fetched and verified from wherever it was sent, through the installed command."""

import hashlib
import io
import json
import shutil
import zipfile
from pathlib import Path

from support.command import tidegate
from support.registry import StandIn, image
from support.shipped import Shipped
from tidegate.cli.demo.sample import SDIST, WHEEL

DIST = f"dist/{WHEEL}"


def test_the_same_run_is_packed_to_the_same_bytes_and_never_over_a_file(shipped: Shipped, tmp_path: Path) -> None:
    copy = tmp_path / "another name"
    shutil.copytree(shipped.run, copy)
    for run, name in ((shipped.run, "one.zip"), (copy, "two.zip")):
        ended = tidegate("evidence", "pack", run, "--output", tmp_path / name, cwd=shipped.root)
        assert ended.code == 0, ended.err
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() in ended.out
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    again = tidegate("evidence", "pack", copy, "--output", tmp_path / "one.zip", cwd=shipped.root)
    assert again.code == 2
    assert "there already" in again.err


def test_a_folder_and_an_image_are_verified_in_one_command_with_packed_evidence(
    shipped: Shipped, tmp_path: Path
) -> None:
    pack = tmp_path / "evidence.zip"
    assert tidegate("evidence", "pack", shipped.run, "--output", pack, cwd=shipped.root).code == 0
    ended = shipped.verify("dist", shipped.image, "--evidence", pack)
    assert ended.code == 0, ended.out + ended.err
    told = json.loads(ended.out)
    assert {row["release"] for row in told["rows"]} == {WHEEL, SDIST, "app"}
    assert {row["outcome"] for row in told["rows"]} == {"pass", "later"}
    names = {artifact["name"] for release in told["releases"] for artifact in release["artifacts"]}
    assert names == {WHEEL, SDIST, "app"}


def test_one_stranger_among_the_artifacts_shuts_the_gate_for_all(shipped: Shipped, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shipped.root / "dist", tmp_path / "deploy"))
    (folder / "hidden").mkdir()
    (folder / "hidden" / ".more").write_bytes(b"never seen")
    ended = shipped.verify(folder, "--evidence", shipped.run)
    assert ended.code == 1, ended.out + ended.err
    told = json.loads(ended.out)
    assert {f["about"] for f in told["findings"] if f["rule"] == "artifact-unknown"} == {".more"}
    assert {row["outcome"] for row in told["rows"] if row["release"] == WHEEL} <= {"pass", "later", "fail"}


def test_a_pack_of_hostile_making_opens_nothing(shipped: Shipped, tmp_path: Path) -> None:
    pack = tmp_path / "evidence.zip"
    assert tidegate("evidence", "pack", shipped.run, "--output", pack, cwd=shipped.root).code == 0
    whole = pack.read_bytes()
    climbing = io.BytesIO(whole)
    with zipfile.ZipFile(climbing, "a") as archive:
        archive.writestr("../climbed", "out")
    pack.write_bytes(climbing.getvalue())
    ended = shipped.verify(DIST, "--evidence", pack)
    assert ended.code == 1, ended.out + ended.err
    assert any("cannot be read" in note for note in json.loads(ended.out)["notes"])
    assert not (tmp_path / "climbed").exists()


def test_evidence_goes_to_a_folder_and_comes_back(shipped: Shipped, tmp_path: Path) -> None:
    kept, back = tmp_path / "kept", tmp_path / "back"
    pushed = tidegate("evidence", "push", shipped.run, kept, cwd=shipped.root)
    assert pushed.code == 0, pushed.err
    assert tidegate("evidence", "push", shipped.run, kept, cwd=shipped.root).code == 2
    digest = hashlib.sha256((shipped.root / DIST).read_bytes()).hexdigest()
    fetched = tidegate("evidence", "fetch", kept, "--digest", digest, "--output", back, cwd=shipped.root)
    assert fetched.code == 0, fetched.err
    assert {p.name: p.read_bytes() for p in back.iterdir()} == {p.name: p.read_bytes() for p in shipped.run.iterdir()}
    unknown = tidegate("evidence", "fetch", kept, "--digest", "0" * 64, "--output", tmp_path / "none", cwd=shipped.root)
    assert unknown.code == 2
    assert not (tmp_path / "none").exists()


def test_evidence_is_pushed_only_to_a_digest_it_speaks_about(shipped: Shipped) -> None:
    with StandIn() as stand_in:
        digest = image(stand_in)
        for target in (f"oci://{stand_in.host}/acme/app:1.0", f"oci://{stand_in.host}/acme/app@{digest}"):
            ended = tidegate("evidence", "push", shipped.run, target, cwd=shipped.root)
            assert ended.code == 2, ended.out + ended.err
        assert [seen.method for seen in stand_in.seen if seen.method != "GET"] == []


def test_fetching_from_a_registry_that_lies_is_1_and_from_a_silent_one_3(tmp_path: Path) -> None:
    with StandIn() as stand_in:
        digest = image(stand_in)
        for mode, code in (("other-bytes", 1), ("500", 3), ("ok", 2)):
            stand_in.mode = mode
            source = f"oci://{stand_in.host}/acme/app@{digest}"
            ended = tidegate("evidence", "fetch", source, "--output", tmp_path / "out", cwd=tmp_path)
            assert ended.code == code, ended.out + ended.err
            assert not (tmp_path / "out").exists()


def test_what_is_no_run_is_neither_packed_nor_pushed(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("nothing")
    for words in (["pack", "notes", "--output", "x.zip"], ["push", "notes", "kept"]):
        ended = tidegate("evidence", *words, cwd=tmp_path)
        assert ended.code == 2
        assert "no evidence of a run" in ended.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes"]
