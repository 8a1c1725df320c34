"""The locks SBOMs are made of: two real ones, where somebody gives them, and a generated one.

`TIDEGATE_BENCH_LOCKS` names a folder that holds `theia/package-lock.json` and `semantic-kernel/uv.lock` somewhere
below, or a `files.tar.xz` in which they are.
"""

import json
import os
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import _locks, lockfiles

COMPONENTS = 3_000
_KEPT = (
    "version",
    "license",
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "peerDependencies",
    "workspaces",
)
_NAMED = "controls:\n  sbom:\n    author: {name: Bench, email: bench@acme.example, url: 'https://acme.example'}\n"
_POLICY = f"version: 1\nreleases:\n  - name: bench\n    artifacts: [dist/*]\n{_NAMED}"


@dataclass(frozen=True)
class Given:
    """`files` are None where the lock is not here."""

    name: str
    kind: str
    files: dict[str, str] | None


def every(scratch: Path) -> Iterator[Given]:
    real = _real(scratch)
    theia, kernel = _below(real, "theia/package-lock.json"), _below(real, "semantic-kernel/uv.lock")
    yield Given("theia", "npm", _of_npm(theia.read_text()) if theia else None)
    yield Given("semantic-kernel", "uv", _of_uv(kernel.read_text()) if kernel else None)
    tree = lockfiles._tree(COMPONENTS)
    lock = {"name": "root", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": tree}
    yield Given(f"generated-{COMPONENTS}", "npm", _of_npm(json.dumps(lock, indent=2)))


def plain(target: Path, files: dict[str, str]) -> Path:
    """The project as peers get it: without policy and without history."""
    target.mkdir(parents=True)
    for name, text in files.items():
        (target / name).write_text(text)
    return target


def committed(target: Path, files: dict[str, str]) -> Path:
    """The project as we get it."""
    return _locks.repository(target, files | {"tidegate.yaml": _POLICY})


def _of_npm(lock: str) -> dict[str, str]:
    """With the package.json that npm wrote into the lock, whose name stands at its top."""
    read = json.loads(lock)
    root = read["packages"][""]
    manifest = {"name": root.get("name", read["name"]), **{key: root[key] for key in _KEPT if key in root}}
    return {"package-lock.json": lock, "package.json": json.dumps(manifest, indent=2)}


def _of_uv(lock: str) -> dict[str, str]:
    """With as much of a pyproject.toml as `uv export --frozen` asks for."""
    own = re.search(
        r'\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"]+)"\nsource = \{ (?:editable|virtual) = "\." \}', lock
    )
    wanted = re.search(r'^requires-python = "([^"]+)"', lock, re.MULTILINE)
    name, version = (own[1], own[2]) if own else ("bench", "1.0")
    python = wanted[1] if wanted else ">=3.11"
    text = f'[project]\nname = "{name}"\nversion = "{version}"\nrequires-python = "{python}"\n'
    return {"uv.lock": lock, "pyproject.toml": text}


def _real(scratch: Path) -> Path | None:
    named = os.environ.get("TIDEGATE_BENCH_LOCKS")
    if not named:
        return None
    packed = Path(named) / "files.tar.xz"
    if not packed.exists():
        return Path(named)
    with tarfile.open(packed) as archive:
        archive.extractall(scratch / "locks", filter="data")
    return scratch / "locks"


def _below(folder: Path | None, ending: str) -> Path | None:
    if folder is None:
        return None
    name = ending.rpartition("/")[2]
    found = sorted(path for path in folder.rglob(name) if path.as_posix().endswith("/" + ending))
    return found[0] if found else None
