"""The composition root: the only file that knows which adapter answers a port."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import FormatError, NotARepository, UserError
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.inventory import Inventory, Source
from tidegate.model.package import Problem
from tidegate.model.release import Artifact, Release
from tidegate.ports import (
    CIFacts,
    Clock,
    Deploying,
    Files,
    Git,
    Registry,
    Sensor,
    Signer,
    Taken,
    Verifier,
    VulnSource,
    Workers,
    World,
)

if TYPE_CHECKING:  # adapters and pydantic are imported where they are used: `--help` must not pay for them
    from tidegate.adapters.ledger import LedgerFile
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
    deploying: Deploying = field(default_factory=Deploying)
    ledger: str = ""
    """The private copy of production's ledger, "" without one."""


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
        trusted_root=_trusted_root(policy) if task in _NEEDS_EVIDENCE else b"",
        deploying=replace(means.deploying, ledger=_ledger(means) if task == Control.DEPLOYMENT.value else None),
    )


def _ledger(means: Means) -> str | None:
    """The ledger's text; "" for bytes that are none, so that it is found broken and not missing."""
    if not means.ledger:
        return None
    try:
        return Path(means.ledger).read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return ""


def add_line(path: Path, line: str) -> None:
    """See `adapters.beside.add_line`."""
    from tidegate.adapters import beside

    beside.add_line(path, line)


def ledger(path: Path) -> "LedgerFile":
    """See `adapters.ledger.LedgerFile`; locked while it is entered."""
    from tidegate.adapters.ledger import LedgerFile

    return LedgerFile(path)


def begin_ledger(path: Path, name: str) -> str:
    """See `adapters.ledger.create`."""
    from tidegate.adapters.ledger import create

    return create(path, name, clock().now())


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

    return SigstoreVerifier(_trusted_root(policy))


def _trusted_root(policy: "Policy") -> bytes:
    from tidegate.adapters.signing import embedded_root

    trust = policy.model.trust
    if trust.root is None and trust.instance is not None:
        from tidegate.adapters.signing import instance

        return instance.trusted_root(policy.files[trust.instance].encode())
    return policy.files[trust.root].encode() if trust.root else embedded_root.read()


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


def read_evidence(source: Path) -> dict[str, bytes]:
    """The files of a run folder or of a packed one. Raises FormatError."""
    from tidegate.adapters import store

    return store.read_pack(source) if source.is_file() else store.read_folder(source)


def deployables(folder: Path, apart: Path | None) -> tuple[Path, ...]:
    """See `adapters.deployables.expand`."""
    from tidegate.adapters import deployables

    return deployables.expand(folder, apart)


def runs_in(evidence: Path) -> tuple[Path, ...]:
    """See `adapters.store.runs_in`."""
    from tidegate.adapters import store

    return store.runs_in(evidence)


def keep_run(evidence: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """Lay a run into an evidence folder, whole or not at all. Raises UserError."""
    from tidegate.adapters import store

    return store.keep_run(evidence, name, files)


def pack(files: Mapping[str, bytes]) -> bytes:
    """A run's files as one zip. Raises FormatError."""
    from tidegate.formats import evidence_pack

    return evidence_pack.pack(files)


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a packed run. Raises FormatError."""
    import io

    from tidegate.formats import evidence_pack

    return evidence_pack.unpack(io.BytesIO(data))


def registry() -> Registry:
    """A registry client with the logins docker or podman stored; in the parent only."""
    from tidegate.adapters.registry import credentials
    from tidegate.adapters.registry.registry import OciRegistry

    return OciRegistry(credentials.read(os.environ), clock())


def key_signer(key: bytes, passphrase: bytes | None) -> Signer:
    """A signer from a private key. Raises FormatError when it cannot be used."""
    from tidegate.adapters.signing.local import KeySigner

    return KeySigner(key, passphrase)


def is_key_uri(text: str) -> bool:
    """See `adapters.signing.uris.is_uri`."""
    from tidegate.adapters.signing import uris

    return uris.is_uri(text)


def uri_signer(uri: str, pin: str) -> Signer:
    """A signer whose key is in a token or a key service. Raises UserError when it cannot be used."""
    from tidegate.adapters.signing.uris import UriSigner

    return UriSigner(uri, pin)


def keyless_signer(policy: "Policy", facts: CIFacts, environment: Mapping[str, str] = os.environ) -> Signer | None:
    """The job's own identity as a signer; None where there is none or the policy trusts no identity.

    Raises FormatError when `trust.instance` is no ClientTrustConfig.
    """
    from tidegate.adapters.signing import ambient
    from tidegate.policy.schema import IdentityTrust, duration

    model = policy.model
    named = any(isinstance(entry, IdentityTrust) for entry in model.trust.builders)
    here = ambient.around(environment)
    if not here.system or not named or "keyless" not in model.controls.signing.accept:
        return None
    from tidegate.adapters.signing.keyless import PATIENCE, KeylessSigner

    return KeylessSigner(
        here,
        policy.files[model.trust.instance] if model.trust.instance else None,
        private=facts.private,
        public_log=model.controls.signing.allow_public_log,
        patience=min(PATIENCE, duration(model.limits.signing).total_seconds() / 3),
    )


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
