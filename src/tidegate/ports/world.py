"""All a stage is given to ask."""

from collections.abc import Callable, Mapping
from dataclasses import field

from tidegate.late import dataclass
from tidegate.ports.machine import CI, Clock, Crew, NoCrew
from tidegate.ports.repository import Files, Git
from tidegate.ports.sealing import Taken, Verifier
from tidegate.ports.sources import PackageIndex, Sensor, VulnSource


@dataclass(frozen=True, slots=True)
class Deploying:
    """What production says besides artifact and evidence.

    `whole`: the artifacts given are meant to be all of their release. `release`: the only release they may belong to,
    "" for any the policy names. `named`: a ledger was named; `ledger`: its text, None when there is none. `head`: a
    line's sha256 the ledger must hold. `back_to`, `reason` and `owner` ask for a rollback.
    """

    whole: bool = False
    release: str = ""
    named: bool = False
    ledger: str | None = None
    head: str = ""
    back_to: str = ""
    reason: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """The means a stage is given. A worker's world has no signer."""

    files: Files
    git: Git
    clock: Clock
    ci: CI
    taken: Taken
    evidence: Mapping[str, bytes]
    """Bundles and documents at hand, by file name (`<artifact>.sigstore.json`, `<artifact>.attestations.jsonl`, …)."""
    advisories: VulnSource
    workflow_sensor: Sensor
    verifier: Verifier
    trusted_root: bytes = b""
    """The Sigstore trusted root in use; empty where nothing asks for its age."""
    deploying: Deploying = field(default_factory=Deploying)
    epoch: str = ""
    """SOURCE_DATE_EPOCH as RFC 3339, "" where it is unset: the time documents carry in the place of the commit's."""
    index: PackageIndex | None = None
    """Given to row 2 alone, and only where the policy asks registries."""
    crew: Crew = field(default_factory=NoCrew)
    say: Callable[[str], None] = lambda _text: None
    """Hears how far a long piece of work is, in counts alone: never a path or anything else that was read."""
