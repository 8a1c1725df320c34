"""The artifacts a rebuild is about, taken before anything is built, each with the place it lies in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tidegate.cli import wire
from tidegate.cli.gate import Gate, take_releases
from tidegate.errors import NoSuchArtifact, UserError
from tidegate.model.release import Artifact, ArtifactKind


@dataclass(frozen=True, slots=True)
class Target:
    """A private copy of an artifact, and where the original lies."""

    artifact: Artifact
    path: Path


def gather(made: Gate, named: Sequence[Path]) -> tuple[Target, ...]:
    """The files named, or those of the policy's releases; images are built elsewhere. Raises UserError."""
    if named:
        found = tuple(_file(made, path) for path in named)
    else:
        held = (artifact for release in take_releases(made) for artifact in release.artifacts)
        found = tuple(Target(a, made.root / a.path) for a in held if a.kind is not ArtifactKind.IMAGE)
    if not found:
        raise NoSuchArtifact("there is no artifact to compare with", hint="fetch what was built into its place first")
    return found


def _file(made: Gate, path: Path) -> Target:
    where = path.absolute()
    if (made.taken / where.name).exists():
        raise UserError(f"two artifacts are called `{where.name}`", hint="rebuild them one after the other")
    return Target(wire.take(where.parent, where.name, made.taken), where)
