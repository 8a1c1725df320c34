"""`tidegate sbom --embed` makes a wheel that says what is inside it, the same each time, and never a signed one."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from support import wheels
from support.command import Ended, tidegate
from support.repositories import Repository
from support.wheels import INFO, NAME, members, packed, wheel
from tidegate.cli import embedding
from tidegate.errors import UserError
from tidegate.formats import archives
from tidegate.formats.cyclonedx import validate
from tidegate.model.release import ArtifactKind

PATH = f"{INFO}/sboms/tidegate.cdx.json"
FILES = {
    "demo/__init__.py": b"x = 1\n",
    "demo/_vendor/gamma-1.0.dist-info/METADATA": b"Name: gamma\nVersion: 1.0\n\n",
    "demo.libs/libz.so.1": b"\x7fELF" + b"z" * 50,
}
EPOCH = {"SOURCE_DATE_EPOCH": "1704164645"}


@pytest.fixture
def there(tmp_path: Path) -> Path:
    (tmp_path / NAME).write_bytes(wheel(FILES))
    (tmp_path / "out").mkdir()
    return tmp_path


def embed(there: Path, name: str = NAME, output: str = "out", env: dict[str, str] | None = None) -> Ended:
    return tidegate("sbom", "--embed", name, "--output", output, cwd=there, env=EPOCH if env is None else env)


def sbom(raw: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        document = archive.read(PATH).decode()
    validate(document)
    plain: dict[str, Any] = json.loads(document)
    return plain


def test_the_new_wheel_says_what_is_inside_and_installs(there: Path) -> None:
    done = embed(there)
    assert (done.code, done.err) == (0, "")
    raw = (there / "out" / NAME).read_bytes()
    plain = sbom(raw)
    assert [each["purl"] for each in plain["components"]] == ["pkg:pypi/gamma@1.0"]
    assert plain["metadata"]["timestamp"] == "2024-01-02T03:04:05Z"
    assert "hashes" not in plain["metadata"]["component"]
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert {name: archive.read(name) for name in FILES} == FILES
        assert archive.getinfo(PATH).date_time == (2024, 1, 2, 3, 4, 4)
    target = there / "target"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-cache-dir"]
    subprocess.run([*pip, "--target", target, there / "out" / NAME], check=True, timeout=120)
    assert json.loads((target / PATH).read_bytes()) == plain
    assert (target / "demo/__init__.py").read_bytes() == FILES["demo/__init__.py"]


def test_a_reader_of_the_new_wheel_finds_what_the_sbom_inside_lists(there: Path) -> None:
    embed(there)
    raw = (there / "out" / NAME).read_bytes()
    content = archives.content(NAME, ArtifactKind.WHEEL, io.BytesIO(raw))
    assert content.problems == ()
    assert {(p.how, p.package.purl) for p in content.packages} == {
        ("dist-info", "pkg:pypi/gamma@1.0"),
        ("pep770", "pkg:pypi/gamma@1.0"),
    }


def test_embedding_twice_or_again_gives_the_same_bytes(there: Path) -> None:
    first = embed(there)
    made = (there / "out" / NAME).read_bytes()
    (there / "out" / NAME).unlink()
    again = embed(there)
    assert (first.code, again.code) == (0, 0)
    assert (there / "out" / NAME).read_bytes() == made
    (there / "twice").mkdir()
    assert embed(there, f"out/{NAME}", "twice").code == 0
    assert (there / "twice" / NAME).read_bytes() == made


def test_in_place_only_when_the_same_path_is_said(there: Path) -> None:
    before = (there / NAME).read_bytes()
    embed(there)
    assert (there / NAME).read_bytes() == before
    assert embed(there, output=NAME).code == 0
    assert (there / NAME).read_bytes() == (there / "out" / NAME).read_bytes()
    assert sorted(path.name for path in there.iterdir()) == [NAME, "out"]


def test_without_an_epoch_the_commit_tells_the_time(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "app")
    repo.write(f"dist/{NAME}", wheel(FILES))
    repo.write("out/.keep", b"")
    repo.commit()
    assert embed(repo.root, f"dist/{NAME}", env={}).code == 0
    raw = (repo.root / "out" / NAME).read_bytes()
    assert sbom(raw)["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.getinfo(PATH).date_time == (2023, 11, 14, 22, 13, 20)


def test_with_neither_the_wheel_does_and_the_sbom_says_nothing(there: Path) -> None:
    assert embed(there, env={}).code == 0
    raw = (there / "out" / NAME).read_bytes()
    assert "timestamp" not in sbom(raw)["metadata"]
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.getinfo(PATH).date_time == (2020, 2, 2, 2, 2, 2)


@pytest.mark.parametrize("ending", [".sigstore.json", ".attestations.jsonl", ".publish.attestation", ".asc"])
@pytest.mark.parametrize("folder", [".", "out"])
def test_a_wheel_somebody_signed_is_left_alone(there: Path, folder: str, ending: str) -> None:
    (there / folder / f"{NAME}{ending}").write_text("{}")
    with pytest.raises(UserError) as caught:
        embedding.embed(there / NAME, there / "out")
    assert "embed first, then sign" in caught.value.hint
    assert not (there / "out" / NAME).exists()


def lying() -> bytes:
    held = members(FILES)
    return packed({**held, "demo/__init__.py": b"evil = 1\n"})


def signed_record() -> bytes:
    held = members(FILES)
    return packed({**held, f"{INFO}/RECORD.jws": b"{}"})


def with_other() -> bytes:
    return packed(members({**FILES, PATH: b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}'}))


def with_broken() -> bytes:
    return packed(members({**FILES, f"{INFO}/sboms/x.json": b"{}"}))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (lying(), "record-mismatch"),
        (signed_record(), "its `RECORD` is signed"),
        (with_other(), "holds another"),
        (with_broken(), "embedded-sbom-invalid"),
        (b"MZ" + wheel(FILES), "archive-hostile"),
        (packed(FILES), "metadata-missing"),
        (b"no wheel", "no zip file"),
    ],
)
def test_a_wheel_that_is_wrong_is_refused_and_nothing_is_written(there: Path, raw: bytes, says: str) -> None:
    (there / NAME).write_bytes(raw)
    with pytest.raises(UserError) as caught:
        embedding.embed(there / NAME, there / "out")
    assert says in caught.value.message
    assert caught.value.hint
    assert list((there / "out").iterdir()) == []


def test_what_is_asked_wrongly_is_told(there: Path) -> None:
    (there / "x.zip").write_bytes(wheel(FILES))
    (there / "link.whl").symlink_to(NAME)
    (there / "out" / NAME).symlink_to("/nowhere")
    for name, output, says in (
        (NAME, "out/other.whl", "is not"),
        (NAME, f"nowhere/{NAME}", "cannot write"),
        (NAME, "out", "is a link"),
        ("x.zip", "out", "is no wheel"),
        ("gone.whl", "out", "not there"),
        ("link.whl", "out", "cannot be opened"),
    ):
        with pytest.raises(UserError, match=says):
            embedding.embed(there / name, there / output)
    for words, says in (
        ((), "needs one `--output`"),
        (("--output", "a", "--output", "b"), "needs one `--output`"),
        (("--output", "out", "--write", "-"), "give one of them"),
    ):
        done = tidegate("sbom", "--embed", NAME, *words, cwd=there, env=EPOCH)
        assert (done.code, says in done.err) == (2, True), (words, done.err)
    done = tidegate("sbom", "--embed", NAME, "--output", ".", cwd=there, env={"SOURCE_DATE_EPOCH": "soon"})
    assert (done.code, "no count of seconds" in done.err) == (2, True)
    assert (there / NAME).read_bytes() == wheels.wheel(FILES)
