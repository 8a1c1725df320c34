"""`tidegate sbom --picture`: a page of an SBOM or of a run, whole or not at all, and never of half of what is there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from support import pictures, runs, sboms
from tidegate.cli.main import run as command
from tidegate.formats import evidence_pack, reconciliation
from tidegate.formats.all_sboms import FORMATS
from tidegate.formats.reconciliation import Reconciliation
from tidegate.formats.records import to_plain
from tidegate.model.release import Release
from tidegate.reporters import json_report
from tidegate.reporters.json_report import dumps


@dataclass(frozen=True)
class Told:
    code: int
    out: str
    err: str


class Desk:
    """A folder in which pages are made."""

    def __init__(self, folder: Path, screen: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.page = folder / "page.html"
        self._screen = screen

    def draw(self, source: Path, *more: str) -> Told:
        return self.ask("--picture", str(source), "--output", str(self.page), *more)

    def ask(self, *words: str) -> Told:
        code = command(["sbom", *words])
        shown = self._screen.readouterr()
        return Told(code, shown.out, shown.err)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def run(self, releases: Sequence[str] = ("demo",), *, stored: bool = True) -> Path:
        """A run folder as `check` leaves it, with one vulnerable component a release."""
        drawn = pictures.bom(20)
        held = [Release(name, ".", (pictures.artifact(f"{name}.whl"),)) for name in releases]
        for release in held:
            prefix = f"{release.name}." if len(held) > 1 else ""
            named = replace(drawn, root=replace(drawn.root, name=f"the-{release.name}"))
            self.write(f"run/{prefix}sbom.cdx.json", FORMATS["cyclonedx-json"].render(named, "1.6"))
            files = pictures.reconciled(pictures.traced(f"{release.name}.whl", odd=3))
            self.write(f"run/{prefix}{reconciliation.NAME}", _written(files))
        if stored:
            told = replace(pictures.run(drawn, 1, release=held[0]), releases=tuple(held))
            self.write("run/run.json", json_report.render(told))
        self.write("run/MANIFEST", "")
        return self.folder / "run"


def _written(files: Reconciliation) -> str:
    return dumps(to_plain(files))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_an_sbom_of_every_format_is_drawn(desk: Desk, name: str) -> None:
    source = desk.write(f"sbom.{FORMATS[name].ending}", FORMATS[name].render(sboms.rich(), "1.6"))
    assert desk.draw(source) == Told(0, "", "")
    text = desk.page.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert text.endswith("</html>\n")
    assert "alpha" in text
    assert "No run was given" in text


def test_a_run_is_drawn_with_its_findings_and_its_files(desk: Desk) -> None:
    assert desk.draw(desk.run()).code == 0
    text = desk.page.read_text("utf-8")
    assert "the-demo" in text
    assert "gate shut" in text
    assert "<b>1</b> vulnerable" in text
    assert "<b>3</b> files unexplained" in text
    assert "odd/x0.so" in text


def test_a_packed_run_is_drawn_alike(desk: Desk) -> None:
    folder = desk.run()
    desk.draw(folder)
    first = desk.page.read_bytes()
    packed = evidence_pack.pack({path.name: path.read_bytes() for path in folder.iterdir()})
    assert desk.draw(desk.write("run.zip", packed)).code == 0
    assert desk.page.read_bytes() == first


def test_the_only_run_of_an_evidence_folder_is_found(desk: Desk) -> None:
    desk.run().rename(desk.folder / "moved")
    (desk.folder / "evidence" / "runs").mkdir(parents=True)
    (desk.folder / "moved").rename(desk.folder / "evidence" / "runs" / "1")
    assert desk.draw(desk.folder / "evidence").code == 0


def test_evidence_without_the_stored_report_is_drawn_and_says_that_nobody_looked(desk: Desk) -> None:
    assert desk.draw(desk.run(stored=False)).code == 0
    text = desk.page.read_text("utf-8")
    assert "No run was given" in text
    assert 'class="verdict' not in text
    assert "<b>0</b> vulnerable" not in text


@pytest.mark.parametrize("stored", [True, False])
def test_of_several_releases_one_must_be_named(desk: Desk, stored: bool) -> None:
    folder = desk.run(("demo", "web"), stored=stored)
    told = desk.draw(folder)
    assert told.code == 2
    assert "--release" in told.err
    assert "demo, web" in told.err
    assert desk.draw(folder, "--release", "web").code == 0
    text = desk.page.read_text("utf-8")
    assert "the-web" in text
    assert "the-demo" not in text
    assert desk.draw(folder, "--release", "other").code == 2


@pytest.mark.parametrize("name", ["sbom.cdx.json", "run.json", "reconciliation.json"])
@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff", b"["])
def test_what_is_there_and_cannot_be_read_is_an_error_and_leaves_no_page(desk: Desk, name: str, damage: bytes) -> None:
    folder = desk.run()
    (folder / name).write_bytes(damage)
    told = desk.draw(folder)
    assert told.code == 2
    assert told.err.startswith("error: ")
    assert not desk.page.exists()


def test_a_stored_report_that_claims_another_verdict_is_refused(desk: Desk) -> None:
    folder = desk.run()
    path = folder / "run.json"
    path.write_text(path.read_text().replace('"verdict": "shut"', '"verdict": "open"'))
    assert desk.draw(folder).code == 2
    assert not desk.page.exists()


def test_a_folder_that_is_no_run_is_told_so_without_asking_to_remove_anything(desk: Desk) -> None:
    (desk.folder / "project" / "src").mkdir(parents=True)
    told = desk.draw(desk.folder / "project")
    assert told.code == 2
    assert "is no run" in told.err
    assert "remove" not in told.err
    (desk.folder / "empty").mkdir()
    assert desk.draw(desk.folder / "empty").code == 2


def test_the_page_never_takes_the_place_of_what_it_is_made_from(desk: Desk) -> None:
    desk.page.write_text(FORMATS["cyclonedx-json"].render(sboms.rich(), "1.6"))
    before = desk.page.read_bytes()
    assert desk.draw(desk.page).code == 2
    assert desk.page.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ("--picture", "SBOM"),
        ("--picture", "SBOM", "--output", "a.html", "--output", "b.html"),
        ("--picture", "SBOM", "--output", "nowhere/page.html"),
        ("--picture", "SBOM", "--output", "."),
        ("--picture", "SBOM", "--output", "page.html", "--spec", "1.7"),
        ("--picture", "SBOM", "--output", "page.html", "--release", "demo"),
        ("--picture", "SBOM", "--output", "page.html", "--score", "SBOM"),
        ("--picture", "missing.json", "--output", "page.html"),
    ],
)
def test_words_that_do_not_go_together_are_refused(
    desk: Desk, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk.folder)
    desk.write("sbom.cdx.json", FORMATS["cyclonedx-json"].render(sboms.rich(), "1.6"))
    told = desk.ask(*(word.replace("SBOM", "sbom.cdx.json") for word in words))
    assert told.code == 2
    assert [path.name for path in desk.folder.iterdir()] == ["sbom.cdx.json"]


def test_the_release_of_the_run_is_told_by_its_artifacts(desk: Desk) -> None:
    desk.draw(desk.run())
    text = desk.page.read_text("utf-8")
    assert f"dist/{pictures.artifact('demo.whl').name}" in text
    assert str(pictures.artifact("demo.whl").digest) in text
    assert str(runs.ARTIFACT.digest) not in text
