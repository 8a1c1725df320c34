"""A worker's world, built from what its parent told it: everything a stage may ask, and no signer."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tidegate.cli.wire.evidence import read_evidence
from tidegate.cli.wire.machine import GIT_TIMEOUT, clock, files, git, taken
from tidegate.errors import UnavailableError
from tidegate.model.control import Control
from tidegate.model.digest import Digest
from tidegate.model.inventory import Inventory, Source
from tidegate.model.package import Locked, Problem
from tidegate.model.release import Release
from tidegate.ports import (
    Audit,
    CIFacts,
    Crew,
    Deploying,
    Files,
    Git,
    NoCrew,
    PackageIndex,
    Sensing,
    Sensor,
    Signed,
    Verifier,
    VulnSource,
    World,
)

if TYPE_CHECKING:  # adapters and pydantic are imported where they are used: `--help` must not pay for them
    from tidegate.policy.schema import Policy

_SEARCHES = frozenset({Control.SECRETS.value, "search"})
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
    epoch: str = ""
    """SOURCE_DATE_EPOCH as RFC 3339, "" where it is unset."""
    index: str = ""
    """The index a commit hook was told to look at, "" for the repository's own."""
    commit: str = ""
    """The commit that is looked at in the place of the working tree, "" for the tree."""


@dataclass(frozen=True, slots=True)
class FixedCI:
    """Implements `ports.CI` with facts the parent read; a worker sees no CI variable."""

    known: CIFacts

    def facts(self, source: Source) -> CIFacts:
        return self.known


class NotGiven:
    """Stands for the means another row has: a stage that asks for them is blind, and says so."""

    def audit(self, packages: Sequence[Locked]) -> Audit:
        raise _not_given()

    def sense(self, files: Mapping[str, bytes]) -> Sensing:
        raise _not_given()

    def verify_statement(self, bundle: bytes, keys: Mapping[str, bytes]) -> Signed:
        raise _not_given()

    def verify_artifact(self, bundle: bytes, data: BinaryIO, digest: Digest, keys: Mapping[str, bytes]) -> Signed:
        raise _not_given()


def _not_given() -> UnavailableError:
    return UnavailableError("this row was not given the means it asked for", hint="report this as a bug of tidegate")


def world(means: Means, policy: "Policy", task: str) -> World:
    """A worker's world: what its row may ask, and no signer. What other rows need would only cost it start-up time."""
    verifies = task in _NEEDS_EVIDENCE
    looked_at, repository = _tree(means)
    return World(
        files=looked_at,
        git=repository,
        clock=clock(),
        ci=FixedCI(means.facts),
        taken=taken(Path(means.taken)),
        evidence=read_evidence(Path(means.evidence)) if verifies and means.evidence else {},
        advisories=_advisories(means, policy) if task == Control.DEPENDENCIES.value else NotGiven(),
        workflow_sensor=_sensor() if task == Control.CI_TOKENS.value else NotGiven(),
        verifier=_verifier(policy) if verifies else NotGiven(),
        trusted_root=trusted_root(policy) if verifies else b"",
        deploying=replace(means.deploying, ledger=_ledger(means) if task == Control.DEPLOYMENT.value else None),
        epoch=means.epoch,
        index=package_index(policy) if task == Control.DEPENDENCIES.value and _asks(policy) else None,
        crew=_crew() if task in _SEARCHES else NoCrew(),
        say=_progress,
    )


def _crew() -> Crew:
    from tidegate.adapters.crew import ForkedCrew

    return ForkedCrew()


def inventory(means: Means, releases: Sequence[Release], row: Control | None = None) -> Inventory:
    """Read the inventory, for every row or for one alone; in a worker only."""
    from tidegate.adapters.inventory import read_inventory

    looked_at, repository = _tree(means)
    return read_inventory(looked_at, repository, taken(Path(means.taken)), releases, means.base, means.problems, row)


def _tree(means: Means) -> tuple[Files, Git]:
    """The working tree and its repository, or a commit as if it were checked out."""
    root = Path(means.root)
    return _commit(root, means.commit) if means.commit else (files(root), git(root, means.index))


@lru_cache(maxsize=1)
def _commit(root: Path, commit: str) -> tuple[Files, Git]:
    from tidegate.adapters.commit_tree import CommitGit

    made = CommitGit(root, GIT_TIMEOUT, commit)
    return made.files(), made


def _ledger(means: Means) -> str | None:
    """The ledger's text; "" for bytes that are none, so that it is found broken and not missing."""
    if not means.ledger:
        return None
    try:
        return Path(means.ledger).read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _advisories(means: Means, policy: "Policy") -> VulnSource:
    """Our own engine, always; others are asked beside it."""
    first = _first_engine(means, policy)
    rules = policy.controls.dependencies
    if "pip-audit" not in rules.engines:
        return first
    from tidegate.adapters.vulns.second_opinion import Engine, SecondOpinion
    from tidegate.policy.durations import duration

    def second() -> Engine:
        from tidegate.adapters.vulns import pip_audit_engine

        if means.database:
            return pip_audit_engine.offline(Path(means.database))
        return pip_audit_engine.online(rules.service.url, duration(rules.service.timeout).total_seconds())

    return SecondOpinion(first, second)


def _first_engine(means: Means, policy: "Policy") -> VulnSource:
    from tidegate.policy.durations import duration

    rules = policy.controls.dependencies
    limit = rules.database.max_age
    if means.database:
        from tidegate.adapters.vulns.offline import OfflineDatabase

        age = None if limit == "unlimited" else duration(limit)
        cache = Path(means.cache) if means.cache else None
        return OfflineDatabase(Path(means.database), age, clock(), cache, _progress)
    from tidegate.adapters.vulns.osv_api import OsvApi

    timeout = duration(rules.service.timeout).total_seconds()
    return OsvApi(rules.service.url, timeout, clock(), Path(means.cache) if means.cache else None, _progress)


def _progress(text: str) -> None:
    """Tell the parent how far a long piece of work is; see `adapters.workers`."""
    sys.stderr.write(f"\x1e{text}\n")
    sys.stderr.flush()


def _asks(policy: "Policy") -> bool:
    return policy.controls.dependencies.registry.ask


def package_index(policy: "Policy") -> PackageIndex:
    """Who answers for the package registries, which are asked in a worker only."""
    from tidegate.adapters.indexes.indexes import Indexes
    from tidegate.policy.durations import duration

    rules = policy.controls.dependencies.registry
    return Indexes(duration(rules.timeout).total_seconds(), dict(rules.indexes.items()))


def _sensor() -> Sensor:
    from tidegate.adapters.sensors.zizmor import Zizmor

    return Zizmor(120.0)


def _verifier(policy: "Policy") -> Verifier:
    from tidegate.adapters.signing.verifier import SigstoreVerifier

    return SigstoreVerifier(trusted_root(policy))


def trusted_root(policy: "Policy") -> bytes:
    """The root certificates are checked with: the policy's own, its instance's, or the embedded one."""
    from tidegate.adapters.signing import embedded_root

    trust = policy.model.trust
    if trust.root is None and trust.instance is not None:
        from tidegate.adapters.signing import instance

        return instance.trusted_root(policy.files[trust.instance].encode())
    return policy.files[trust.root].encode() if trust.root else embedded_root.read()
