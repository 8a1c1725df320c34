"""Which lockfiles may serve a manifest, and which files are known and not read."""

import contextlib
import gc
import importlib
import pkgutil
from types import ModuleType

import pytest

import tidegate.formats.locks
import tidegate.formats.manifests
from support.manifests import package, parse, project
from tidegate.errors import FormatError
from tidegate.formats.all_locks import READERS as LOCK_READERS
from tidegate.formats.all_manifests import READERS as MANIFEST_READERS
from tidegate.formats.locks import table as locks


@pytest.mark.parametrize(
    ("folder", "rows"), [(tidegate.formats.locks, LOCK_READERS), (tidegate.formats.manifests, MANIFEST_READERS)]
)
def test_the_table_holds_every_reader_of_the_folder(folder: ModuleType, rows: tuple[ModuleType, ...]) -> None:
    names = [module.name for module in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}.")]
    readers = {name for name in names if hasattr(importlib.import_module(name), "FORMAT")}
    assert readers == {row.__name__ for row in rows}


def test_locks_beside_come_in_the_order_they_serve() -> None:
    present = (
        "requirements.txt",
        "requirements-dev.txt",
        "requirements/test.txt",
        "pylock.toml",
        "pylock.dev.toml",
        "poetry.lock",
        "uv.lock",
        "other/uv.lock",
        "docs/requirements.txt",
    )
    assert project('[project]\nname = "a"\n', *present).locks == (
        "uv.lock",
        "poetry.lock",
        "pylock.dev.toml",
        "pylock.toml",
        "requirements-dev.txt",
        "requirements.txt",
        "requirements/test.txt",
    )


def test_a_member_may_be_served_from_above_by_locks_of_workspaces_alone() -> None:
    present = (
        "uv.lock",
        "poetry.lock",
        "requirements.txt",
        "a/uv.lock",
        "package-lock.json",
        "yarn.lock",
        "a/b/npm-shrinkwrap.json",
        "a/pnpm-lock.yaml",
        "a/bun.lock",
    )
    assert parse("a/b/pyproject.toml", '[project]\nname = "x"\n', *present).locks == ("a/uv.lock", "uv.lock")
    assert package({}, *present, path="a/b/package.json").locks == (
        "a/b/npm-shrinkwrap.json",
        "a/pnpm-lock.yaml",
        "a/bun.lock",
        "package-lock.json",
        "yarn.lock",
    )


@pytest.mark.parametrize("lock", ["shrinkwrap.yaml", "bun.lockb", "deno.lock"])
def test_a_lock_of_an_unread_manager_is_a_problem(lock: str) -> None:
    asks = {"dependencies": {"x": "1"}}
    assert [one.rule for one in package(asks, lock).problems] == ["lock-unsupported"]
    assert [one.rule for one in package(asks, lock, path="a/package.json").problems] == ["lock-unsupported"]
    assert package({}, lock).problems == ()
    assert package(asks, lock, "package-lock.json").problems == ()
    assert package(asks, lock, "a/package-lock.json", path="a/package.json").problems == ()
    assert [one.rule for one in package(asks, f"a/{lock}", "package-lock.json", path="a/package.json").problems] == [
        "lock-unsupported"
    ]


@pytest.mark.parametrize("lock", ["pixi.lock"])
def test_so_is_one_of_python(lock: str) -> None:
    asks = '[project]\nname = "a"\ndependencies = ["x"]\n'
    assert [one.rule for one in project(asks, lock).problems] == ["lock-unsupported"]
    assert project(asks, lock, "uv.lock").problems == ()


@pytest.mark.parametrize(
    ("path", "manager"),
    [
        ("bun.lockb", "Bun"),
        ("a/deno.lock", "Deno"),
        ("a/pubspec.yaml", "Pub"),
        ("Package.resolved", "SwiftPM"),
        ("rebar.config", "Rebar"),
        ("x.cabal", "Cabal"),
        ("Podfile", "CocoaPods"),
        ("pixi.lock", "Pixi"),
    ],
)
def test_known_and_unread_files_have_a_name(path: str, manager: str) -> None:
    assert locks.unsupported(path) == manager
    assert locks.reader_for(path) is None


@pytest.mark.parametrize(
    "path", ["uv.lock", "package.json", "Pipfile", "README.md", ".csproj", "cargo.toml", "src/x.py"]
)
def test_other_files_have_none(path: str) -> None:
    assert locks.unsupported(path) is None


def test_garbage_is_collected_again_after_a_lock_is_read() -> None:
    reader = locks.reader_for("yarn.lock")
    assert reader is not None
    for raw in (b"# yarn lockfile v1\n", b"no lock"):
        with contextlib.suppress(FormatError):
            locks.read(reader, "yarn.lock", raw, lambda _: None)
        assert gc.isenabled()
