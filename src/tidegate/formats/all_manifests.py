"""The table of manifests tidegate reads."""

from tidegate.formats.lazy import Lazy

READERS = (
    Lazy("manifests.pyproject", "pyproject.toml"),
    Lazy("manifests.package_json", "package.json"),
    Lazy("manifests.pnpm_workspace", "pnpm-workspace.yaml"),
    Lazy("manifests.requirements_in", ".in"),
    Lazy("manifests.setuptools_files", "setup."),
    Lazy("manifests.pipfile", "pipfile"),
    Lazy("manifests.cargo_toml", "cargo.toml"),
    Lazy("manifests.gemfile", "gemfile", "gems.rb"),
    Lazy("manifests.gemspec", ".gemspec"),
    Lazy("manifests.composer_json", "composer.json"),
    Lazy("manifests.build_gradle", "build.gradle"),
    Lazy("manifests.msbuild", "proj", "directory.packages.props"),
    Lazy("manifests.mix_exs", "mix.exs"),
    Lazy("manifests.chart", "chart.yaml", "requirements.yaml"),
)
