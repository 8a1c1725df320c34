"""The composition root: the only file that knows which adapter answers a port."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import FormatError, NotARepository, UserError
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.inventory import Inventory, Source
from tidegate.model.package import Problem
from tidegate.model.release import Artifact, Release
from tidegate.ports import CIFacts, Clock, Files, Git, Sensor, Signer, Taken, Verifier, VulnSource, Workers, World

if TYPE_CHECKING:  # adapters and pydantic are imported where they are used: `--help` must not pay for them
    from tidegate.adapters.store import RunFolder
    from tidegate.policy.schema import Policy

GIT_TIMEOUT = 60.0
_NEEDS_EVIDENCE = frozenset({Control.SIGNING.value, Control.PROVENANCE.value, Control.DEPLOYMENT.value})


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker needs to build its world; travels as JSON, holds no token, key or passphrase."""

    root: str
    taken: str
    evidence: str
    facts: CIFacts
    base: str = ""
    database: str = ""
    cache: str = ""
    problems: tuple[Problem, ...] = field(default=())
    """What the parent noticed about the source (an unreviewed policy), for the inventory."""


@dataclass(frozen=True, slots=True)
class FixedCI:
    """Implements `ports.CI` with facts the parent read; a worker sees no CI variable."""

    known: CIFacts

    def facts(self, source: Source) -> CIFacts:
        return self.known


def clock() -> Clock:
    from tidegate.adapters.clock import SystemClock

    return SystemClock()


def files(root: Path) -> Files:
    from tidegate.adapters.files import LocalFiles

    return LocalFiles(root)


def git(root: Path) -> Git:
    from tidegate.adapters.git import LocalGit

    return LocalGit(root, GIT_TIMEOUT)


def workers() -> Workers:
    from tidegate.adapters.workers import ProcessWorkers

    return ProcessWorkers()


def taken(folder: Path) -> Taken:
    from tidegate.adapters.taking import TakenFolder

    return TakenFolder(folder)


def ci_facts(source: Source, environment: Mapping[str, str] = os.environ) -> CIFacts:
    """Facts of the CI we run in; read in the parent only."""
    from tidegate.adapters.ci.detect import detect

    return detect(environment).facts(source)


def world(means: Means, policy: "Policy", task: str) -> World:
    """A worker's world: everything a stage may ask, and no signer."""
    root = Path(means.root)
    return World(
        files=files(root),
        git=git(root),
        clock=clock(),
        ci=FixedCI(means.facts),
        taken=taken(Path(means.taken)),
        evidence=read_evidence(Path(means.evidence)) if task in _NEEDS_EVIDENCE and means.evidence else {},
        advisories=_advisories(means, policy),
        workflow_sensor=_sensor(),
        verifier=_verifier(policy),
    )


def inventory(means: Means, releases: Sequence[Release]) -> Inventory:
    """Read the inventory; in a worker only."""
    from tidegate.adapters.inventory import read_inventory

    root = Path(means.root)
    return read_inventory(files(root), git(root), taken(Path(means.taken)), releases, means.base, means.problems)


def _advisories(means: Means, policy: "Policy") -> VulnSource:
    from tidegate.policy.schema import duration

    rules = policy.controls.dependencies
    limit = rules.database.max_age
    if means.database:
        from tidegate.adapters.vulns.offline import OfflineDatabase

        return OfflineDatabase(Path(means.database), None if limit == "unlimited" else duration(limit), clock())
    from tidegate.adapters.vulns.osv_api import OsvApi

    timeout = duration(rules.service.timeout).total_seconds()
    return OsvApi(rules.service.url, timeout, clock(), Path(means.cache) if means.cache else None)


def _sensor() -> Sensor:
    from tidegate.adapters.sensors.zizmor import Zizmor

    return Zizmor(120.0)


def _verifier(policy: "Policy") -> Verifier:
    from tidegate.adapters.signing.verifier import SigstoreVerifier

    name = policy.model.trust.root
    return SigstoreVerifier(policy.files[name].encode() if name else None)


def find_artifacts(root: Path, patterns: Sequence[str]) -> tuple[str, ...]:
    """See `adapters.taking.find`."""
    from tidegate.adapters import taking

    return taking.find(root, patterns)


def take(root: Path, path: str, folder: Path) -> Artifact:
    """See `adapters.taking.take`."""
    from tidegate.adapters import taking

    return taking.take(root, path, folder)


def digest_of(path: Path) -> Digest | None:
    """See `adapters.taking.digest_of`."""
    from tidegate.adapters import taking

    return taking.digest_of(path)


def read_bounded(path: Path, limit: int) -> bytes:
    """A regular file that is no link, at most `limit` bytes. Raises UserError otherwise."""
    from tidegate.adapters import taking

    with taking.open_regular(path) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise UserError(f"`{path.name}` is larger than {limit >> 20} MiB", hint="remove it and run again")
    return data


def run_folder(evidence: Path, run_id: str) -> "RunFolder":
    from tidegate.adapters.store import RunFolder

    return RunFolder(evidence, run_id)


def find_run(evidence: Path, digest: Digest) -> Path | None:
    """See `adapters.store.find_run`."""
    from tidegate.adapters import store

    return store.find_run(evidence, digest)


def read_evidence(folder: Path) -> dict[str, bytes]:
    """See `adapters.store.read_folder`."""
    from tidegate.adapters import store

    return store.read_folder(folder)


def key_signer(key: bytes, passphrase: bytes | None) -> Signer:
    """A signer from a private key. Raises FormatError when it cannot be used."""
    from tidegate.adapters.signing.local import KeySigner

    return KeySigner(key, passphrase)


def generate_key(passphrase: bytes | None) -> tuple[bytes, bytes]:
    """A new key pair as PEM: private (PKCS#8), public (SPKI)."""
    from tidegate.adapters.signing import keys

    return keys.generate(passphrase)


def key_hint(public: bytes) -> str:
    """base64 of the SHA-256 of a public key's SPKI. Raises FormatError for anything else."""
    from tidegate.adapters.signing import keys

    return keys.hint_of(public)


def repository_root(start: Path) -> Path:
    """The top of the git work tree that holds `start`; `start` itself without one."""
    from tidegate.adapters.git import toplevel

    return toplevel(start) or start.resolve()


def policy_reader(root: Path, ref: str) -> "PolicyReader":
    return PolicyReader(files(root), git(root), ref)


@dataclass(frozen=True, slots=True)
class PolicyReader:
    """Reads what a policy names: from a commit, or from the folder where there is no repository."""

    files: Files
    git: Git
    ref: str

    def __call__(self, path: str, limit: int) -> bytes | None:
        if self.ref:
            return self.git.read(self.ref, path, limit)
        if self.files.size(path) is None:
            return None
        return self.files.read(path, limit)


@dataclass(frozen=True, slots=True)
class FolderReader:
    """Reads a policy given explicitly, and what it names, from the folder the policy lies in."""

    files: Files

    def __call__(self, path: str, limit: int) -> bytes | None:
        if self.files.size(path) is None:
            return None
        return self.files.read(path, limit)


def require_repository(found: Git) -> None:
    if not found.present():
        raise NotARepository("this is not a git repository", hint="run it inside the repository, or `git init` first")


def private_key(path: Path) -> bytes:
    """The bytes of a private key file. Raises UserError when it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"cannot read the key `{path}`: {error.strerror}", hint="make one with `tidegate keys generate`"
        ) from None
    if len(raw) > 1 << 16:
        raise FormatError(f"`{path}` is too large for a key")
    return raw
