"""All findings about a tree of files, as the rules of lockfiles see it."""

import json
from collections.abc import Iterable

from support.locks import UV_MANIFEST, Entry, npm_lock, npm_manifest
from tidegate.domain.locks.check import check, scene
from tidegate.domain.locks.sources import Allowed
from tidegate.formats.locks import included
from tidegate.formats.locks.table import read, reader_for
from tidegate.formats.manifests import table as manifests
from tidegate.model.finding import Finding
from tidegate.model.package import LockFile

OPEN = Allowed()
DEPENDS = '[project]\nname = "app"\ndependencies = [{}]\n'


def judge(files: dict[str, bytes | str], allowed: Allowed = OPEN) -> list[Finding]:
    """All findings about a tree given by path and content."""
    raw = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    locks: dict[str, LockFile] = {}
    for path, content in raw.items():
        reader = reader_for(path)
        if reader is not None:
            locks[path] = read(reader, path, content, raw.get)
    more, _ = included.further(locks.values(), raw, (), raw.get)
    locks = {lock.path: lock for lock in included.settled([*locks.values(), *more])}
    asking = [manifests.parse(path, raw[path], frozenset(raw)) for path in raw if manifests.is_manifest(path)]
    return list(check(scene(asking, locks, locks), locks, allowed, ()))


def ids(findings: Iterable[Finding]) -> list[str]:
    return sorted({finding.rule for finding in findings})


def npm(tree: dict[str, Entry] | None = None, manifest: object = None, allowed: Allowed = OPEN) -> list[Finding]:
    member = {"name": "member", "version": "0.1.0", "dependencies": {"left": ">=1"}}
    files: dict[str, bytes | str] = {
        "package.json": json.dumps(npm_manifest() if manifest is None else manifest),
        "packages/member/package.json": json.dumps(member),
        "package-lock.json": npm_lock(tree),
    }
    return judge(files, allowed)


def uv(lock: bytes, manifest: bytes | str = UV_MANIFEST, allowed: Allowed = OPEN) -> list[Finding]:
    return judge({"pyproject.toml": manifest, "uv.lock": lock}, allowed)


def txt(lock: str, dependencies: str = '"x>=1"', allowed: Allowed = OPEN) -> list[Finding]:
    return judge({"pyproject.toml": DEPENDS.format(dependencies), "requirements.txt": lock}, allowed)
