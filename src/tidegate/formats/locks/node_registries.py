"""Where a JavaScript lock that records no address takes a package from: the registry the configuration beside it names.

Only what lies beside the lock is read; what a user or a machine has configured is not in the repository.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from tidegate.formats import repopath
from tidegate.formats.locks import pins
from tidegate.model.package import Locked, LockFile, SourceKind

ECOSYSTEM = "npm"
_READ_BY = {
    ".npmrc": ("package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"),
    ".yarnrc": ("yarn.lock",),
    ".yarnrc.yml": ("yarn.lock berry",),
    "pnpm-workspace.yaml": ("pnpm-lock.yaml",),
    "bunfig.toml": ("bun.lock",),
}
_DEFAULT = ("registry", "npmRegistryServer", "registries.default", "install.registry", "install.registry.url")
_SCOPED = (
    ("@*:registry", "", ":registry"),
    ("npmScopes.*.npmRegistryServer", "npmScopes.", ".npmRegistryServer"),
    ("registries.@*", "registries.", ""),
    ("install.scopes.*.url", "install.scopes.", ".url"),
    ("install.scopes.*", "install.scopes.", ""),
)


def companions(path: str) -> tuple[str, ...]:
    """The configuration that may lie beside a lock."""
    return tuple(repopath.join(repopath.folder(path), name) for name in _READ_BY)


def unrecorded(lock: LockFile) -> bool:
    """Is there a package of a registry whose address the lock does not say?"""
    return any(map(_unrecorded, lock.packages))


def bound(lock: LockFile, beside: Mapping[str, bytes]) -> LockFile:
    """The lock with its unrecorded registries as they are configured. Raises FormatError for a configuration that
    cannot be read."""
    scopes = dict(_registries(lock.format, beside))
    return replace(lock, packages=tuple(_from(package, scopes) for package in lock.packages)) if scopes else lock


def _unrecorded(package: Locked) -> bool:
    return package.source.kind is SourceKind.REGISTRY and not package.source.url


def _from(package: Locked, scopes: Mapping[str, str]) -> Locked:
    if not _unrecorded(package):
        return package
    scope = package.name.partition("/")[0] if package.name.startswith("@") else ""
    source = pins.registry(ECOSYSTEM, scopes.get(scope) or scopes.get("", ""))
    return package if source.public else replace(package, source=source)


def _registries(lock_format: str, beside: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """(scope, address), the scope "" for whatever has none of its own."""
    from tidegate.formats.configs import table  # few locks have a configuration beside them

    for path, raw in beside.items():
        readers = _READ_BY[path.rsplit("/", 1)[-1]]
        # Yarn 2 and later read nothing of npm's.
        if not any(lock_format == one or lock_format == f"{one} v1" for one in readers):
            continue
        for setting in table.read(path, raw):
            if setting.key in _DEFAULT:
                yield "", setting.value
                continue
            for pattern, start, end in _SCOPED:
                if fnmatchcase(setting.key, pattern):
                    yield f"@{setting.key.removeprefix(start).removesuffix(end).removeprefix('@')}", setting.value
                    break
