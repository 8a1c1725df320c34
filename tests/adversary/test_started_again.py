"""What starts by itself, or comes along by itself, is said wherever an archive or its metadata puts it."""

import gzip
import io
import json
import time
from pathlib import Path

import pytest

from support import raw_archives, tracing
from support.raw_archives import END_OF_TAR, file, pax
from support.repositories import Repository
from support.tracing import INFO, NPM, SDIST, SOURCE, TOP, WHEEL, Traces, honest_wheel, traced
from support.tracing import asked as asked_of
from tidegate.domain.reconcile import shapes
from tidegate.domain.sbom.needs import Need, needs
from tidegate.formats import archives
from tidegate.model.digest import Digest
from tidegate.model.finding import Level
from tidegate.model.inventory import Content
from tidegate.model.package import Locked, Source, SourceKind
from tidegate.model.release import ArtifactKind
from tidegate.model.tracing import By

EVIL = b"import os\n"
DATA = f"{INFO.removesuffix('.dist-info')}.data"
PLUGIN = b"[pytest11]\nx = tests.fixture\n"
PACKAGE = json.dumps({"name": "demo", "version": "1.0"}).encode()
FIXTURE = json.dumps({"name": "demo", "version": "1.0", "scripts": {"postinstall": "sh x"}}).encode()


def told(seen: Traces, artifact: str, path: str) -> tuple[str, Level] | None:
    finding = seen.findings.get(f"{artifact}!/{path}")
    return (finding.rule, finding.level) if finding else None


SHUT = ("build-script-unexplained", Level.FAIL)


@pytest.mark.parametrize(
    "path",
    [
        "demo/__pycache__/core.cpython-312.pyc",
        f"{DATA}/data/pyvenv.cfg",
        f"{DATA}/data/python312._pth",
        f"{DATA}/data/bin/python3",
        f"{DATA}/scripts/python",
        f"{DATA}/scripts/pip3.exe",
        f"{DATA}/scripts/activate",
        "other-1.0.egg-info/entry_points.txt",
        f"{DATA}/purelib/other-1.0.dist-info/entry_points.txt",
        "other-1.0.dist-info/entry_points.txt",
    ],
)
def test_a_fixture_of_the_commit_does_not_become_what_starts_everything(tmp_path: Path, path: str) -> None:
    source = {**SOURCE, "tests/fixture.txt": PLUGIN}
    seen = traced(tmp_path, source, {WHEEL: tracing.wheel(honest_wheel() | {path: PLUGIN})})
    assert told(seen, WHEEL, path) == SHUT


def test_an_own_script_and_own_plugins_are_as_before(tmp_path: Path) -> None:
    source = {**SOURCE, "scripts/demo": b"#!/bin/sh\n", "scripts/pipe": b"#!/bin/sh\n"}
    points = f"{INFO}/entry_points.txt"
    made = honest_wheel() | {
        f"{DATA}/scripts/demo": b"#!/bin/sh\n",
        f"{DATA}/scripts/pipe": b"#!/bin/sh\n",
        points: b"[console_scripts]\ndemo = demo.core:tide\n",
    }
    pyproject = SOURCE["pyproject.toml"] + b'[project.scripts]\ndemo = "demo.core:tide"\n'
    seen = traced(tmp_path, {**source, "pyproject.toml": pyproject}, {WHEEL: tracing.wheel(made)}, explain="fail")
    assert seen.rules == []
    assert seen.by(points) is By.GENERATED


@pytest.mark.parametrize(
    ("pattern", "shuts"),
    [
        ("**", True),
        ("**.*", True),
        ("*.py", True),
        ("**/*.py", True),
        ("**/*.*", True),
        ("set*", False),
        ("setup.py", False),
        ("**/setup.py", False),
    ],
)
def test_a_rule_for_everything_is_no_rule_for_what_runs(tmp_path: Path, pattern: str, shuts: bool) -> None:
    rule = {"path": pattern, "reason": "made by the build itself"}
    seen = traced(tmp_path, SOURCE, {SDIST: tracing.sdist({**SOURCE, "setup.py": EVIL})}, generated=[rule])
    assert told(seen, SDIST, f"{TOP}/setup.py") == (SHUT if shuts else None)


def test_a_rule_for_a_kind_of_file_in_a_folder_names_enough(tmp_path: Path) -> None:
    rule = {"path": "m4/*.m4", "reason": "made by autoreconf"}
    seen = traced(tmp_path, SOURCE, {SDIST: tracing.sdist({**SOURCE, "m4/x.m4": b"x"})}, generated=[rule])
    assert seen.rules == []


def test_npm_takes_the_first_folder_off_every_name() -> None:
    """`test/index.js` of the commit is then the package's own."""
    made = tracing.tarred({"package/package.json": PACKAGE, "test/index.js": EVIL})
    seen = archives.content(NPM, archives.kind_of(NPM, made[:512]), io.BytesIO(made))
    assert [(p.rule, p.about) for p in seen.problems] == [("archive-hostile", "test/index.js")]
    made = tracing.tarred({"package/package.json": PACKAGE, "test/package.json": FIXTURE})
    seen = archives.content(NPM, archives.kind_of(NPM, made[:512]), io.BytesIO(made))
    assert {p.rule for p in seen.problems} == {"archive-hostile", "metadata-malformed"}


@pytest.mark.parametrize("before", [pax([(b"path", b"package/package.json")]), b""])
@pytest.mark.parametrize("name", [b"package/package.json", b"./package/package.json", b"package//package.json"])
def test_a_package_for_npm_is_one_however_its_first_name_is_written(before: bytes, name: bytes) -> None:
    made = gzip.compress(before + file(name, PACKAGE) + END_OF_TAR)
    assert archives.kind_of(NPM, made[:512]) is ArtifactKind.NPM


def test_a_package_for_npm_that_begins_elsewhere_is_said() -> None:
    made = tracing.tarred({"x/a.js": b"1", "package/package.json": PACKAGE})
    kind = archives.kind_of(NPM, made[:512])
    assert kind is ArtifactKind.TAR
    assert [p.rule for p in archives.content(NPM, kind, io.BytesIO(made)).problems] == ["archive-hostile"]


@pytest.mark.parametrize("other", ["core.py.", "core.py ", "core.py::$data", "Core.PY. ."])
def test_names_that_are_one_on_windows_are_said(other: str) -> None:
    made = raw_archives.zipped([raw_archives.Row(b"core.py"), raw_archives.Row(other.encode())])
    seen = archives.content("x.zip", ArtifactKind.ZIP, io.BytesIO(made))
    assert [problem.rule for problem in seen.problems] == ["archive-hostile"]


def asked(*requires: str) -> list[str]:
    held = Content(WHEEL, ArtifactKind.WHEEL, ecosystem="PyPI", name="demo", version="1.0", requires=requires)
    return [need.text for need in needs(held)]


def test_an_extra_a_package_asks_of_itself_is_no_extra() -> None:
    evil = 'evil; extra == "all"'
    assert asked("demo[all]", evil) == [evil]
    assert asked("Demo[x]", 'demo[ALL]; extra == "x"', evil) == [evil]
    assert asked('demo[all]; extra == "x"', evil) == []


def test_a_chain_of_extras_ends() -> None:
    chain = [f'demo[e{number + 1}]; extra == "e{number}"' for number in range(3000)]
    began = time.process_time()
    assert asked("demo[e0]", *chain, 'evil; extra == "e2999"') == ['evil; extra == "e2999"']
    assert time.process_time() - began < 3


def test_an_address_is_met_by_no_package_of_an_index() -> None:
    """`requests @ https://…` is installed from there, whatever is locked by that name."""
    (need,) = (n for n in needs(held("requests @ https://evil.example/requests-2.31.0-py3-none-any.whl")))
    assert isinstance(need, Need)
    assert not need.met_by(locked(SourceKind.REGISTRY, ""))
    assert not need.met_by(locked(SourceKind.URL, "https://good.example/requests-2.31.0-py3-none-any.whl"))
    assert need.met_by(locked(SourceKind.URL, "https://evil.example/requests-2.31.0-py3-none-any.whl"))
    (need,) = (n for n in needs(held("requests @ git+https://h.example/requests.git@0123abc")))
    assert isinstance(need, Need)
    assert need.met_by(locked(SourceKind.GIT, "https://h.example/requests.git", "0123abc"))
    assert not need.met_by(locked(SourceKind.GIT, "https://h.example/requests.git", "feed"))


def test_an_address_of_the_own_name_is_a_need() -> None:
    assert asked("demo @ https://evil.example/demo-1.0-py3-none-any.whl") != []


def held(*requires: str) -> Content:
    return Content(WHEEL, ArtifactKind.WHEEL, ecosystem="PyPI", name="demo", version="1.0", requires=requires)


def locked(kind: SourceKind, url: str, ref: str = "") -> Locked:
    digest = Digest("sha256", "0" * 64)
    return Locked("PyPI", "requests", "requests", "2.31.0", Source(kind, url=url, ref=ref), hashes=(digest,))


def test_a_value_is_not_turned_into_a_comment_by_an_odd_end_of_line() -> None:
    committed = b"[options]\npackages = find:\n"
    for odd in ("\x0b", "\x0c", "\x1c", "\x85", "\u2028"):
        altered = f"[options]\npackages = find:{odd}# more\n".encode()
        assert not shapes.setup_cfg(altered, committed)
    assert shapes.setup_cfg(committed + b"\n[egg_info]\ntag_build = \ntag_date = 0\n", committed)


def test_entry_points_without_end_are_none() -> None:
    assert shapes.entry_points(b"[x]\n" + b"a=b\n" * 1001) is None
    assert len(shapes.entry_points(b"[x]\n" + b"a=b\n" * 1000) or ()) == 1000


def test_a_link_of_a_fixture_project_does_not_run_as_its_setup(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "work")
    files = {"a.py": b"x = 1\n", "b.py": b"y = 1\n", "payload.py": EVIL}
    for path, data in SOURCE.items():
        repository.write(path, data)
    for path, data in files.items():
        repository.write(f"tests/project/{path}", data)
    (repository.root / "tests/project/setup.py").symlink_to("payload.py")
    repository.write(".gitignore", b"/dist/\n")
    repository.commit()
    seen = asked_of(repository, tmp_path, {SDIST: tracing.sdist(files, {"setup.py": "payload.py"})})
    assert told(seen, SDIST, f"{TOP}/setup.py") == SHUT


def hard_linked(files: dict[str, bytes], name: str, target: str) -> bytes:
    """An sdist whose last member is a hard link to an earlier one."""
    held = {"PKG-INFO": tracing.METADATA} | files
    members = [file(f"{TOP}/{path}".encode(), data) for path, data in held.items()]
    link = raw_archives.header(f"{TOP}/{name}".encode(), kind=b"1", link=f"{TOP}/{target}".encode())
    return gzip.compress(b"".join(members) + link + END_OF_TAR)


def test_a_hard_link_is_explained_at_its_own_place_alone(tmp_path: Path) -> None:
    files = {"a.py": b"x = 1\n", "b.py": b"y = 1\n", "payload.py": EVIL}
    project = {f"tests/project/{path}": data for path, data in {**files, "setup.py": EVIL}.items()}
    seen = traced(tmp_path, {**SOURCE, **project}, {SDIST: hard_linked(files, "setup.py", "payload.py")})
    assert told(seen, SDIST, f"{TOP}/setup.py") == SHUT


def test_a_hard_link_to_what_belongs_there_is_fine(tmp_path: Path) -> None:
    twice = {**SOURCE, "setup.py": EVIL, "payload.py": EVIL}
    files = {path: data for path, data in twice.items() if path != "setup.py"}
    seen = traced(tmp_path, twice, {SDIST: hard_linked(files, "setup.py", "payload.py")})
    assert (seen.rules, seen.by(f"{TOP}/setup.py")) == ([], By.SOURCE)


def test_other_ends_of_line_bring_no_script_from_elsewhere(tmp_path: Path) -> None:
    script = b"import os\nos.getcwd()\n"
    made = tracing.sdist({**SOURCE, "setup.py": script.replace(b"\n", b"\r\n")})
    seen = traced(tmp_path, {**SOURCE, "tests/fixture.py": script}, {SDIST: made})
    assert told(seen, SDIST, f"{TOP}/setup.py") == SHUT


def test_what_differs_in_a_manifest_is_named(tmp_path: Path) -> None:
    seen = traced(tmp_path, {"package.json": PACKAGE}, {NPM: tracing.npm({"package.json": FIXTURE})})
    finding = seen.findings[f"{NPM}!/package/package.json"]
    assert (finding.rule, finding.level) == SHUT
    assert "its 'scripts' is not the commit's" in finding.message
