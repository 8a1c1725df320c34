"""The table of lockfile formats tidegate reads."""

from tidegate.formats.lazy import Lazy

READERS = (
    Lazy("locks.uv", "uv.lock"),
    Lazy("locks.poetry", "poetry.lock"),
    Lazy("locks.pdm", "pdm.lock"),
    Lazy("locks.pipfile_lock", "pipfile.lock"),
    Lazy("locks.pylock", "pylock."),
    Lazy("locks.requirements", ".txt"),
    Lazy("locks.package_lock", "package-lock.json", "npm-shrinkwrap.json"),
    Lazy("locks.yarn", "yarn.lock"),
    Lazy("locks.pnpm", "pnpm-lock.yaml"),
    Lazy("locks.bun", "bun.lock"),
    Lazy("locks.cargo_lock", "cargo.lock"),
    Lazy("locks.go_mod", "go.mod"),
    Lazy("locks.go_work", "go.work"),
    Lazy("locks.gemfile_lock", "gemfile.lock", "gems.locked"),
    Lazy("locks.composer_lock", "composer.lock"),
    Lazy("locks.gradle", ".lockfile"),
    Lazy("locks.nuget", ".lock.json"),
    Lazy("locks.packages_config", "packages."),
    Lazy("locks.mix", "mix.lock"),
    Lazy("locks.dockerfile", "dockerfile", "containerfile"),
    Lazy("locks.terraform", ".terraform.lock.hcl"),
    Lazy("locks.helm", "chart.lock", "requirements.lock"),
    Lazy("locks.pre_commit", ".pre-commit-config."),
)

_ROWS = {row.name: row for row in READERS}


def reads(name: str, path: str) -> bool:
    """Is this a file of the reader `formats.NAME`?"""
    return _ROWS[name].matches(path)
