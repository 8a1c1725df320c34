"""The table of manifests tidegate reads."""

from tidegate.formats.manifests import (
    build_gradle,
    cargo_toml,
    chart,
    composer_json,
    gemfile,
    gemspec,
    mix_exs,
    msbuild,
    package_json,
    pipfile,
    pnpm_workspace,
    pyproject,
    requirements_in,
    setuptools_files,
)

READERS = (
    pyproject,
    package_json,
    pnpm_workspace,
    requirements_in,
    setuptools_files,
    pipfile,
    cargo_toml,
    gemfile,
    gemspec,
    composer_json,
    build_gradle,
    msbuild,
    mix_exs,
    chart,
)
