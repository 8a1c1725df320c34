"""What runs by itself is explained by its own file of the commit, and by nothing an attacker lays beside it."""

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from support import tracing
from support.tracing import INFO, NPM, SDIST, SOURCE, TOP, WHEEL, Traces, honest_wheel, traced
from tidegate.domain.reconcile import conversions, npm_manifest, shapes
from tidegate.model.finding import Level
from tidegate.model.tracing import By

EVIL = b"import os\n"
LOCKED = {**SOURCE, "requirements.txt": b"requests==2.31.0 --hash=sha256:" + b"0" * 64 + b"\n"}
BORROWED = b"Metadata-Version: 2.1\nName: requests\nVersion: 2.31.0\n"
MOVED = f"{INFO.removesuffix('.dist-info')}.data/purelib"


def lent(path: str, data: bytes, at: str = "") -> dict[str, bytes]:
    """A file, and the metadata of a locked package whose RECORD lists it."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    info = f"{at}requests-2.31.0.dist-info"
    return {
        at + path: data,
        f"{info}/METADATA": BORROWED,
        f"{info}/RECORD": f"{path},sha256={digest},{len(data)}\n".encode(),
    }


def told(seen: Traces, artifact: str, path: str) -> tuple[str, Level]:
    finding = seen.findings[f"{artifact}!/{path}"]
    return finding.rule, finding.level


@pytest.mark.parametrize("committed", [{}, {"setup.py": b"from setuptools import setup\n"}])
def test_a_record_of_a_locked_package_explains_no_build_script(tmp_path: Path, committed: dict[str, bytes]) -> None:
    made = tracing.sdist({**SOURCE, **lent("setup.py", EVIL)})
    seen = traced(tmp_path, {**LOCKED, **committed}, {SDIST: made})
    assert told(seen, SDIST, f"{TOP}/setup.py") == ("build-script-unexplained", Level.FAIL)


def test_a_record_of_a_locked_package_explains_no_start_up_file(tmp_path: Path) -> None:
    seen = traced(tmp_path, LOCKED, {WHEEL: tracing.wheel(honest_wheel() | lent("evil.pth", EVIL, f"{MOVED}/"))})
    assert told(seen, WHEEL, f"{MOVED}/evil.pth") == ("build-script-unexplained", Level.FAIL)


def test_a_record_beside_the_packages_own_files_explains_none_of_them(tmp_path: Path) -> None:
    altered = b"def tide() -> int:\n    return 2\n"
    for number, at in enumerate(("", "demo/")):
        made = tracing.wheel(honest_wheel() | lent("demo/__init__.py"[len(at) :], altered, at))
        (tmp_path / str(number)).mkdir()
        seen = traced(tmp_path / str(number), LOCKED, {WHEEL: made}, explain="fail")
        assert told(seen, WHEEL, "demo/__init__.py") == ("file-altered", Level.FAIL)


@pytest.mark.parametrize("name", ["setup.py", "configure", "Makefile"])
def test_a_link_in_the_place_of_a_build_script_shuts(tmp_path: Path, name: str) -> None:
    made = tracing.sdist({**SOURCE, "docs/x.txt": EVIL}, {name: "docs/x.txt"})
    seen = traced(tmp_path, {**SOURCE, "docs/x.txt": EVIL}, {SDIST: made})
    assert told(seen, SDIST, f"{TOP}/{name}") == ("build-script-unexplained", Level.FAIL)


def test_two_copies_of_a_fixture_are_no_layout_a_start_up_file_comes_from(tmp_path: Path) -> None:
    source = {**SOURCE, "tests/fix/evil.pth": EVIL}
    seen = traced(
        tmp_path,
        source,
        {WHEEL: tracing.wheel(honest_wheel() | dict.fromkeys(["evil.pth", f"{MOVED}/evil.pth"], EVIL))},
    )
    assert told(seen, WHEEL, "evil.pth") == ("build-script-unexplained", Level.FAIL)
    assert told(seen, WHEEL, f"{MOVED}/evil.pth") == ("build-script-unexplained", Level.FAIL)


def test_a_folder_of_fixtures_does_not_become_the_code_of_every_start(tmp_path: Path) -> None:
    files = {"sitecustomize/__init__.py": EVIL, "sitecustomize/more.py": b"x = 1\n"}
    source = {**SOURCE, **{f"tests/fix/{path}": data for path, data in files.items()}}
    seen = traced(tmp_path, source, {WHEEL: tracing.wheel(honest_wheel() | files)})
    assert told(seen, WHEEL, "sitecustomize/__init__.py") == ("build-script-unexplained", Level.FAIL)


def test_an_sdist_of_a_fixture_project_does_not_run_its_setup(tmp_path: Path) -> None:
    files = {"setup.py": EVIL, "a.py": b"x = 1\n"}
    source = {**SOURCE, **{f"tests/fix/project/{path}": data for path, data in files.items()}}
    seen = traced(tmp_path, source, {SDIST: tracing.sdist(files)})
    assert told(seen, SDIST, f"{TOP}/setup.py") == ("build-script-unexplained", Level.FAIL)


def test_a_package_in_a_folder_of_its_own_runs_its_own_build_script(tmp_path: Path) -> None:
    files = {path: SOURCE[path] for path in ("pyproject.toml", "src/demo/__init__.py", "src/demo/core.py")}
    files["setup.py"] = b"from setuptools import setup\n"
    source = {f"packages/demo/{path}": data for path, data in files.items()}
    seen = traced(tmp_path, source, {SDIST: tracing.sdist(files)})
    assert seen.by(f"{TOP}/setup.py") is By.SOURCE
    assert seen.rules == []


PACKAGE = json.dumps({"name": "demo", "version": "1.0", "dependencies": {"left-pad": "1.0.0"}}).encode()
LOCK = json.dumps(
    {
        "name": "demo",
        "version": "1.0",
        "lockfileVersion": 3,
        "packages": {
            "": {"name": "demo", "version": "1.0", "dependencies": {"left-pad": "1.0.0"}},
            "node_modules/left-pad": {
                "version": "1.0.0",
                "integrity": "sha512-" + base64.b64encode(bytes(64)).decode(),
            },
        },
    }
).encode()


@pytest.mark.parametrize(
    ("more", "scripts", "rule"),
    [
        ({}, {}, ""),
        ({}, {"test": "tap", "prepare": "make"}, ""),
        ({"Makefile": b"x"}, {}, ""),
        ({}, {"install": "sh x"}, "build-script-unexplained"),
        ({}, {"postinstall": "sh x"}, "build-script-unexplained"),
        ({"binding.gyp": b"{}"}, {}, "build-script-unexplained"),
    ],
)
def test_a_bundled_package_that_runs_when_it_is_installed_shuts(
    tmp_path: Path, more: Mapping[str, bytes], scripts: Mapping[str, str], rule: str
) -> None:
    said = json.dumps({"name": "left-pad", "version": "1.0.0", "scripts": dict(scripts)}).encode()
    held = {f"node_modules/left-pad/{path}": data for path, data in {"package.json": said, **more}.items()}
    seen = traced(
        tmp_path,
        {"package.json": PACKAGE, "package-lock.json": LOCK},
        {NPM: tracing.npm({"package.json": PACKAGE, **held})},
    )
    assert {finding.rule for about, finding in seen.findings.items() if "!/" in about} == ({rule} if rule else set())


@pytest.mark.parametrize("wanted", ["npm:evil@1.0.0", "github:evil/repo", "evil/repo", "git@host.example:evil/x"])
def test_a_local_dependency_is_not_published_as_somebody_elses(wanted: str) -> None:
    was = json.dumps({"name": "demo", "dependencies": {"@acme/core": "workspace:*"}}).encode()
    now = json.dumps({"name": "demo", "dependencies": {"@acme/core": wanted}}).encode()
    assert npm_manifest.difference(now, was) == "dependencies"


def test_a_local_alias_is_published_as_the_package_it_names() -> None:
    was = json.dumps({"name": "demo", "dependencies": {"core": "workspace:@acme/core@*"}}).encode()
    for wanted, key in {"npm:@acme/core@1.0.0": "", "npm:@acme/evil@1.0.0": "dependencies"}.items():
        assert (
            npm_manifest.difference(json.dumps({"name": "demo", "dependencies": {"core": wanted}}).encode(), was) == key
        )


@pytest.mark.parametrize("form", [b"%h", b"%H", b"%ct", b"%cI", b"%(describe:tags=true)"])
def test_a_placeholder_of_one_word_is_not_filled_with_a_command(form: bytes) -> None:
    blob = b"VERSION=$Format:%s$\n" % form
    assert conversions.converted(blob, b"VERSION=x /tmp/evil\n", "configure") == ""


def test_a_line_made_to_stop_a_reader_is_read_at_once() -> None:
    begun = time.monotonic()
    assert shapes.entry_points(b"[x]\na=b" + b" " * 1_000_000 + b"!") is None
    assert time.monotonic() - begun < 2
