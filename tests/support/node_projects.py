"""One JavaScript workspace, locked by every package manager, and what is found when something in it is changed."""

import json
from collections.abc import Mapping

from support.lock_court import OPEN, judge
from support.locks import DATA, YARN
from tidegate.domain.locks.sources import Allowed
from tidegate.formats.locks.table import read, reader_for
from tidegate.model.finding import Finding
from tidegate.model.package import LockFile

FILES = {
    "npm1": "package-lock.json",
    "npm2": "package-lock.json",
    "npm3": "package-lock.json",
    "pnpm7": "pnpm-lock.yaml",
    "pnpm8": "pnpm-lock.yaml",
    "pnpm9": "pnpm-lock.yaml",
    "yarn1": "yarn.lock",
    "yarn4": "yarn.lock",
    "bun": "bun.lock",
}
"""The lock each tool wrote of the workspace, in `tests/data/locks/node`."""

WRAPPY = "sha512-l4Sp/DRseor9wL6EvV2+TuQn63dMkPjZ/sp9XkghTEbV9KlPS1xUsZ3u7/IQO4wxtcFB4bgpQPRcR3QCvezPcQ=="
MS = "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA=="

Files = dict[str, bytes | str]


def manifests(tool: str) -> Files:
    """The workspace's files; only some tools know `workspace:`."""
    sibling = "0.1.0" if tool in {"npm1", "npm2", "npm3", "yarn1"} else "workspace:*"
    root = {
        "name": "root",
        "version": "1.0.0",
        "workspaces": ["packages/*"],
        "dependencies": {"ms": "^2.1.0", "bundler": "npm:wrappy@^1.0.0"},
        "devDependencies": {"once": "^1.4.0"},
        "optionalDependencies": {"fsevents": "^2.3.0"},
    }
    a = {"name": "@ws/a", "version": "0.1.0", "dependencies": {"ms": "2.0.0", "@ws/b": sibling}}
    b = {
        "name": "@ws/b",
        "version": "0.1.0",
        "dependencies": {"debug": "2.6.9"},
        "peerDependencies": {"wrappy": "^1.0.0"},
    }
    files: Files = {"package.json": json.dumps(root), "packages/a/package.json": json.dumps(a)}
    files["packages/b/package.json"] = json.dumps(b)
    if tool.startswith("pnpm"):
        files["pnpm-workspace.yaml"] = "packages:\n  - 'packages/*'\n"
    return files


def written(tool: str) -> str:
    """The lock as the tool wrote it, with the registry's host."""
    return (DATA / "node" / tool / FILES[tool]).read_text().replace("registry.example", YARN)


def lock(tool: str, text: str | None = None) -> LockFile:
    """The lock, read beside its manifests."""
    files = {path: content.encode() for path, content in manifests(tool).items() if isinstance(content, str)}
    reader = reader_for(FILES[tool])
    if reader is None:
        raise LookupError(tool)
    return read(reader, FILES[tool], (written(tool) if text is None else text).encode(), files.get)


def found(
    tool: str, text: str | None = None, changed: Mapping[str, bytes | str] | None = None, allowed: Allowed = OPEN
) -> list[Finding]:
    """All findings, the lock being `text` and some files `changed`; Yarn's gap in its own format is left out."""
    files = {**manifests(tool), FILES[tool]: written(tool) if text is None else text, **(changed or {})}
    return [one for one in judge(files, allowed) if not one.about.endswith("#conditions")]


def with_root(tool: str, **tables: object) -> Files:
    """The root manifest with some of its tables replaced; None takes one away."""
    root = json.loads(str(manifests(tool)["package.json"]))
    merged = {key: value for key, value in {**root, **tables}.items() if value is not None}
    return {"package.json": json.dumps(merged)}


def swap(text: str, *pairs: tuple[str, str]) -> str:
    """Each first text replaced by the second, once; it has to be there."""
    for old, new in pairs:
        if old not in text:
            raise LookupError(old)
        text = text.replace(old, new, 1)
    return text
