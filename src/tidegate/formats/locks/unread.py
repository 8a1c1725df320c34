"""Lockfiles and manifests of package managers tidegate knows and does not read yet; they are never passed over."""

LOCKS = {
    "yarn.lock": "Yarn",
    "pnpm-lock.yaml": "pnpm",
    "shrinkwrap.yaml": "pnpm",
    "bun.lock": "Bun",
    "bun.lockb": "Bun",
    "deno.lock": "Deno",
    "pdm.lock": "PDM",
    "Pipfile.lock": "Pipenv",
    "pixi.lock": "Pixi",
    "conda-lock.yml": "Conda",
    "Cargo.lock": "Cargo",
    "go.sum": "Go",
    "go.work.sum": "Go",
    "Gemfile.lock": "Bundler",
    "gems.locked": "Bundler",
    "composer.lock": "Composer",
    "gradle.lockfile": "Gradle",
    "buildscript-gradle.lockfile": "Gradle",
    "packages.lock.json": "NuGet",
    "paket.lock": "Paket",
    "mix.lock": "Mix",
    "rebar.lock": "Rebar",
    "pubspec.lock": "Pub",
    "Package.resolved": "SwiftPM",
    "Podfile.lock": "CocoaPods",
    "Cartfile.resolved": "Carthage",
    "conan.lock": "Conan",
    "stack.yaml.lock": "Stack",
    "cabal.project.freeze": "Cabal",
    "renv.lock": "renv",
}
MANIFESTS = {
    "Cargo.toml": "Cargo",
    "go.mod": "Go",
    "Gemfile": "Bundler",
    "gems.rb": "Bundler",
    "composer.json": "Composer",
    "pom.xml": "Maven",
    "build.gradle": "Gradle",
    "build.gradle.kts": "Gradle",
    "packages.config": "NuGet",
    "Directory.Packages.props": "NuGet",
    "paket.dependencies": "Paket",
    "mix.exs": "Mix",
    "rebar.config": "Rebar",
    "pubspec.yaml": "Pub",
    "Package.swift": "SwiftPM",
    "Podfile": "CocoaPods",
    "Cartfile": "Carthage",
    "conanfile.txt": "Conan",
    "conanfile.py": "Conan",
    "vcpkg.json": "vcpkg",
    "deno.json": "Deno",
    "deno.jsonc": "Deno",
    "pixi.toml": "Pixi",
    "environment.yml": "Conda",
    "environment.yaml": "Conda",
    "cabal.project": "Cabal",
}
ENDINGS = {
    ".csproj": "NuGet",
    ".fsproj": "NuGet",
    ".vbproj": "NuGet",
    ".gemspec": "Bundler",
    ".cabal": "Cabal",
}
JAVASCRIPT_LOCKS = tuple(name for name, manager in LOCKS.items() if manager in {"Yarn", "pnpm", "Bun", "Deno"})
PYTHON_LOCKS = tuple(name for name, manager in LOCKS.items() if manager in {"PDM", "Pipenv", "Pixi", "Conda"})


def unread_lock(path: str) -> str | None:
    """The package manager whose unread lockfile this is."""
    return LOCKS.get(path.rsplit("/", 1)[-1])


def unread_manifest(path: str) -> str | None:
    """The package manager whose unread manifest this is."""
    name = path.rsplit("/", 1)[-1]
    return MANIFESTS.get(name) or next(
        (word for end, word in ENDINGS.items() if name.endswith(end) and name != end), None
    )


def unsupported(path: str) -> str | None:
    """The package manager a path belongs to whose files are not read; None for every other file."""
    return unread_lock(path) or unread_manifest(path)
