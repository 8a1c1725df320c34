"""The words of a row only spare an import: they never decide against the reader they stand for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.formats.all_locks import READERS as LOCKS
from tidegate.formats.all_manifests import READERS as MANIFESTS
from tidegate.formats.lazy import Lazy
from tidegate.formats.locks import included, requirements

ROWS = (*LOCKS, *MANIFESTS)

# A name each reader knows, and the further forms of those that know a pattern.
NAMES = (
    "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "pylock.dev.toml", "requirements.txt",
    "requirements-dev.txt", "dev-requirements.txt", "requirements/any.txt", "package-lock.json", "npm-shrinkwrap.json",
    "yarn.lock", "pnpm-lock.yaml", "bun.lock", "Cargo.lock", "go.mod", "go.work", "Gemfile.lock", "gems.locked",
    "composer.lock", "gradle.lockfile", "buildscript-gradle.lockfile", "settings-gradle.lockfile",
    "gradle/dependency-locks/compile.lockfile", "packages.lock.json", "packages.Web.lock.json", "packages.config",
    "Packages.Web.Config", "packages.Web.config", "mix.lock", "Dockerfile", "dockerfile", "Dockerfile.prod",
    "web.Dockerfile", "web.dockerfile", "Containerfile", "containerfile", "Containerfile.ubi9", "web.containerfile",
    ".terraform.lock.hcl", "Chart.lock", "requirements.lock", ".pre-commit-config.yaml", ".pre-commit-config.yml",
    "pyproject.toml", "package.json", "pnpm-workspace.yaml", "requirements.in", "dev-requirements.in",
    "requirements/any.in", "setup.py", "setup.cfg", "Pipfile", "Cargo.toml", "Gemfile", "gems.rb", "a.gemspec",
    "composer.json", "build.gradle", "build.gradle.kts", "a.csproj", "a.fsproj", "a.vbproj",
    "Directory.Packages.props", "mix.exs", "Chart.yaml", "requirements.yaml",
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_reads_what_its_reader_reads(row: Lazy) -> None:
    read = [name for name in NAMES if row.module.matches(name)]
    assert read
    for name in read:
        assert row.matches(name)
        assert row.matches(f"a/{name}") == row.module.matches(f"a/{name}")


@pytest.mark.parametrize("name", NAMES)
def test_each_name_has_a_row(name: str) -> None:
    assert any(row.matches(name) for row in ROWS)


PARTS = st.sampled_from(sorted({part for name in NAMES for part in (name, *name.replace(".", " . ").split())}))


@given(st.lists(PARTS | st.text(max_size=3), max_size=5).map("".join), st.sampled_from(["", "a/", "requirements/"]))
@settings(max_examples=60, deadline=None)
def test_no_path_is_passed_over_for_the_words_of_a_row(name: str, folder: str) -> None:
    for path in (folder + name, folder + name.upper(), folder + name.swapcase()):
        for row in ROWS:
            assert row.matches(path) == row.module.matches(path), (row.name, path)


def test_the_format_of_included_files_is_that_of_their_reader() -> None:
    assert (included.REQUIREMENTS, "PyPI") == (requirements.FORMAT, requirements.ECOSYSTEM)
