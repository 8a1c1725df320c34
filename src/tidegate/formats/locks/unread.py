"""Lockfiles and manifests tidegate knows and does not read: of a package manager, or of a version of its format.

They are never passed over.
"""

from tidegate.model.digest import Digest
from tidegate.model.package import LockFile, Problem

UNREAD = frozenset({"lock-malformed", "lock-unsupported"})
"""Problems after which a lockfile's list of packages is not known to be whole."""
LOCKS = {
    "shrinkwrap.yaml": "pnpm",
    "bun.lockb": "Bun",
    "deno.lock": "Deno",
    "pixi.lock": "Pixi",
    "conda-lock.yml": "Conda",
    "paket.lock": "Paket",
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
    "pom.xml": "Maven",
    "paket.dependencies": "Paket",
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
    ".cabal": "Cabal",
}
JAVASCRIPT_LOCKS = tuple(name for name, manager in LOCKS.items() if manager in {"pnpm", "Bun", "Deno"})
PYTHON_LOCKS = tuple(name for name, manager in LOCKS.items() if manager in {"Pixi", "Conda"})
INSTEAD = {
    "bun.lockb": "`bun install --save-text-lockfile --frozen-lockfile --lockfile-only`, commit `bun.lock` and remove "
    "`bun.lockb`",
    "shrinkwrap.yaml": "`pnpm install --lockfile-only` with pnpm 9 or later, commit `pnpm-lock.yaml` and remove "
    "`shrinkwrap.yaml`",
}
"""What makes a lock that is read of one that is not."""


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


def of_version(path: str, form: str, ecosystem: str, raw: bytes, message: str, version: str = "") -> LockFile:
    """A lock of a version that is not read, with the problem that says so in the place of its packages."""
    problem = Problem("lock-unsupported", path, message)
    return LockFile(path, form, ecosystem, Digest.of(raw), problems=(problem,), version=version)
