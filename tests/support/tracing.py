"""A commit in a real repository, artifacts with any content, and what row 6 says of where their files come from."""

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from support.pipelines import task, world
from support.repositories import Repository
from tidegate.adapters.files import LocalFiles
from tidegate.adapters.inventory import read_inventory
from tidegate.adapters.taking import TakenFolder, take
from tidegate.domain.sbom.build import parts
from tidegate.formats import reconciliation
from tidegate.model.finding import Finding
from tidegate.model.inventory import Inventory
from tidegate.model.release import Release
from tidegate.model.tracing import By, Traced
from tidegate.policy.controls import Controls
from tidegate.policy.schema import PolicyModel
from tidegate.stages.reconciling import Told, reconcile

NAME, VERSION = "demo", "1.0"
WHEEL, SDIST, NPM = f"{NAME}-{VERSION}-py3-none-any.whl", f"{NAME}-{VERSION}.tar.gz", f"{NAME}-{VERSION}.tgz"
INFO, TOP = f"{NAME}-{VERSION}.dist-info", f"{NAME}-{VERSION}"
METADATA = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n".encode()
PYPROJECT = f'[project]\nname = "{NAME}"\nversion = "{VERSION}"\n'.encode()
MODULE = b"def tide() -> int:\n    return 1\n"
SOURCE = {
    "pyproject.toml": PYPROJECT,
    "src/demo/__init__.py": MODULE,
    "src/demo/core.py": b"from demo import tide\n",
    "README.md": b"# demo\n",
}
Files = Mapping[str, bytes]


def wheel(files: Files) -> bytes:
    """A wheel of these files and its metadata, all of them in RECORD."""
    held = {f"{INFO}/METADATA": METADATA, f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n"} | dict(files)
    return zipped({**held, f"{INFO}/RECORD": record(held, INFO)})


def record(files: Files, info: str) -> bytes:
    rows = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(data)}")
    return "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()


def zipped(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def tarred(files: Files, links: Mapping[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, data in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for path, target in (links or {}).items():
            member = tarfile.TarInfo(path)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return out.getvalue()


def sdist(files: Files, links: Mapping[str, str] | None = None) -> bytes:
    held = {"PKG-INFO": METADATA} | dict(files)
    there = {f"{TOP}/{path}": target for path, target in (links or {}).items()}
    return tarred({f"{TOP}/{path}": data for path, data in held.items()}, there)


def npm(files: Files) -> bytes:
    return tarred({f"package/{path}": data for path, data in files.items()})


def honest_wheel() -> dict[str, bytes]:
    return {path.removeprefix("src/"): data for path, data in SOURCE.items() if path.startswith("src/")}


@dataclass(frozen=True)
class Traces:
    told: Told
    inventory: Inventory

    @property
    def findings(self) -> dict[str, Finding]:
        """By subject."""
        return {finding.about: finding for finding in self.told.findings}

    @property
    def rules(self) -> list[str]:
        return sorted(finding.rule for finding in self.told.findings)

    def files(self) -> dict[str, Traced]:
        (produced,) = self.told.produced
        read = reconciliation.parse(produced.text.encode())
        return {member.path: member for row in read.artifacts for member in row.members}

    def by(self, path: str) -> By:
        return self.files()[path].by


def traced(folder: Path, source: Files, artifacts: Files, *, root: str = ".", **rules: Any) -> Traces:
    """Commit the source, put the artifacts in `dist/`, and ask; `rules` are `controls.sbom` of the policy."""
    repository = Repository(folder / "work")
    for path, data in source.items():
        repository.write(path, data)
    repository.write(".gitignore", b"/dist/\n")
    repository.commit()
    return asked(repository, folder, artifacts, root=root, **rules)


def asked(
    repository: Repository, folder: Path, artifacts: Files, *, root: str = ".", git: Any = None, **rules: Any
) -> Traces:
    """`git` is what the stage asks, the repository's own when nothing is said."""
    private = folder / "taken"
    private.mkdir()
    taken = []
    for name, data in artifacts.items():
        repository.write(f"dist/{name}", data)
        taken.append(take(repository.root, f"dist/{name}", private))
    release = Release("demo", root, tuple(taken))
    own, keeper = repository.ask(), TakenFolder(private)
    inventory = read_inventory(LocalFiles(repository.root), own, keeper, (release,), "", ())
    question = task(inventory, (release,))
    controls = Controls.model_validate({"sbom": rules})
    policy = question.policy.model_copy(update={"model": PolicyModel(version=1, controls=controls)})
    means = replace(world({}, object()), git=git or own, taken=keeper)
    told = reconcile(replace(question, policy=policy), means, [parts(release, inventory)], [None])
    return Traces(told, inventory)
