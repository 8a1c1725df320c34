"""The sample project the demo gates: repository, lock, workflow, wheel and sdist, made without a build backend."""

import base64
import gzip
import hashlib
import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

from tidegate.cli import wire
from tidegate.errors import ToolMissing

NAME, VERSION = "tidal", "1.0.0"
WHEEL = f"{NAME}-{VERSION}-py3-none-any.whl"
SDIST = f"{NAME}-{VERSION}.tar.gz"

PYPROJECT = f"""[project]
name = "{NAME}"
version = "{VERSION}"
dependencies = ["urllib3>=1.26", "idna>=3"]
"""

MODULE = '''"""A very small module."""


def tide(hour: int) -> str:
    return "high" if hour % 12 < 6 else "low"
'''

CLEAN = {"urllib3": "2.2.2", "idna": "3.7"}
VULNERABLE = {"urllib3": "1.26.16", "idna": "3.7"}

POLICY = """# The demo's policy. A real one would not say `unlimited`: see docs/policy.md.
version: 1
releases:
  - name: tidal
    artifacts: [dist/*.whl, dist/*.tar.gz]
trust:
  builders:
    - key: keys/build.pub
  verifiers:
    - key: keys/gate.pub
controls:
  dependencies:
    database: {max_age: unlimited}
"""

WORKFLOW = """name: release
on:
  push:
    tags: ['v*']
permissions: {}
concurrency:
  group: release
  cancel-in-progress: false
jobs:
  build:
    name: build
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read # to check out the source
    steps:
      - name: check out
        uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
"""

OVERPOWERED = WORKFLOW.replace("permissions: {}", "permissions: write-all").replace(
    "    permissions:\n      contents: read # to check out the source\n", ""
)


def lock(versions: dict[str, str]) -> str:
    """A hashed requirements file. The hashes are of made-up bytes; nothing is ever downloaded for the demo."""
    lines = []
    for name, version in versions.items():
        digest = hashlib.sha256(f"{name}=={version}".encode()).hexdigest()
        lines.append(f"{name}=={version} \\\n    --hash=sha256:{digest}\n")
    return "".join(lines)


def planted() -> str:
    """A file with a made-up credential, put together here so that this source holds none."""
    body = base64.b32encode(hashlib.sha256(b"not a real key").digest()).decode()
    return f'AWS_ACCESS_KEY_ID = "{"AK" + "IA"}{body[:16]}"\n'


class Sample:
    """A sample project in a folder of its own; `commit` records what lies there."""

    def __init__(self, root: Path, *, versions: dict[str, str] | None = None, workflow: str = WORKFLOW) -> None:
        self.root = root
        versions = versions or CLEAN
        files = {
            "pyproject.toml": PYPROJECT,
            "requirements.txt": lock(versions),
            f"src/{NAME}.py": MODULE,
            "tidegate.yaml": POLICY,
            ".github/workflows/release.yml": workflow,
            ".gitignore": "dist/\n*.key\n",
        }
        for name, text in files.items():
            self.write(name, text)
        self._keys()
        dist = root / "dist"
        dist.mkdir()
        (dist / WHEEL).write_bytes(wheel(sorted(versions)))
        (dist / SDIST).write_bytes(sdist(sorted(versions)))

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _keys(self) -> None:
        for name in ("build", "gate"):
            private, public = wire.generate_key(None)
            self.write(f"keys/{name}.key", private.decode())
            self.write(f"keys/{name}.pub", public.decode())

    def commit(self, message: str) -> None:
        """Commit everything with a fixed identity, whatever the machine's git configuration says."""
        git(self.root, "init", "--quiet", "--initial-branch=main")
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--message", message)


def git(root: Path, *arguments: str) -> None:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(root),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "tidegate demo",
        "GIT_AUTHOR_EMAIL": "demo@tidegate.example",
        "GIT_COMMITTER_NAME": "tidegate demo",
        "GIT_COMMITTER_EMAIL": "demo@tidegate.example",
        "GIT_TERMINAL_PROMPT": "0",
    }
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", *arguments]
    try:
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolMissing(f"git does not run: {type(error).__name__}", hint="install git") from None
    if done.returncode:
        raise ToolMissing(f"git {arguments[0]} failed", hint="install a git of this decade")


def _metadata(requires: list[str]) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {NAME}", f"Version: {VERSION}"]
    return "\n".join([*lines, *(f"Requires-Dist: {name}" for name in requires)]) + "\n"


def wheel(requires: list[str]) -> bytes:
    """A valid wheel, byte for byte the same each time."""
    info = f"{NAME}-{VERSION}.dist-info"
    files = {
        f"{NAME}.py": MODULE,
        f"{info}/METADATA": _metadata(requires),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tidegate-demo\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = []
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record.append(f"{name},sha256={digest},{len(text.encode())}")
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            member = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            member.external_attr = 0o644 << 16
            archive.writestr(member, text)
    return out.getvalue()


def sdist(requires: list[str]) -> bytes:
    """A valid sdist, byte for byte the same each time."""
    top = f"{NAME}-{VERSION}"
    files = {
        f"{top}/PKG-INFO": _metadata(requires),
        f"{top}/pyproject.toml": PYPROJECT,
        f"{top}/src/{NAME}.py": MODULE,
    }
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            member.mtime = 1767225600
            archive.addfile(member, io.BytesIO(text.encode()))
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as stream:
        stream.write(tarred.getvalue())
    return out.getvalue()
