"""The baseline table: each row, the act it is judged in, the scopes that ask for it, and who examines it."""

from collections.abc import Callable
from dataclasses import dataclass

from tidegate.model.control import Act, Control, Scope
from tidegate.model.evidence import Report
from tidegate.ports import World
from tidegate.stages import (
    ci_tokens,
    dependencies,
    deployment,
    lockfiles,
    provenance,
    sbom,
    secrets,
    signing,
)
from tidegate.stages.task import Task

Examine = Callable[[Task, World], Report]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table."""

    control: Control
    act: Act
    scopes: frozenset[Scope]
    examine: Examine


_CHANGE = frozenset({Scope.REVIEW, Scope.CHECK, Scope.EXAMINE})
_RELEASE = frozenset({Scope.CHECK, Scope.EXAMINE})
_SEALED = frozenset({Scope.CHECK, Scope.VERIFY})

ROWS = (
    Row(Control.LOCKFILES, Act.EXAMINE, _CHANGE, lockfiles.examine),
    Row(Control.DEPENDENCIES, Act.EXAMINE, _CHANGE, dependencies.examine),
    Row(Control.SECRETS, Act.EXAMINE, _CHANGE, secrets.examine),
    Row(Control.CI_TOKENS, Act.EXAMINE, _CHANGE, ci_tokens.examine),
    Row(Control.SIGNING, Act.SEAL, _SEALED, signing.examine),
    Row(Control.SBOM, Act.EXAMINE, _RELEASE, sbom.examine),
    Row(Control.PROVENANCE, Act.SEAL, _SEALED, provenance.examine),
    Row(Control.DEPLOYMENT, Act.PROVE, _SEALED, deployment.examine),
)
