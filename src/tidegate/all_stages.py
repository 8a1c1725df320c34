"""The baseline table: each row, the act it is judged in, the scopes that ask for it, and the stage that examines it."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from tidegate.model.control import Act, Control, Scope
from tidegate.model.evidence import Report
from tidegate.ports import World
from tidegate.stages.task import Task

Examine = Callable[[Task, World], Report]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table."""

    control: Control
    act: Act
    scopes: frozenset[Scope]
    examine: Examine


def _stage(name: str) -> Examine:
    """The stage in `tidegate.stages.<name>`, imported by the worker that runs it: the others would cost it 0.1 s."""

    def examine(task: Task, world: World) -> Report:
        report: Report = import_module(f"tidegate.stages.{name}").examine(task, world)
        return report

    return examine


_CHANGE = frozenset({Scope.REVIEW, Scope.CHECK, Scope.EXAMINE})
_COMMIT = _CHANGE | {Scope.STAGED}
_RELEASE = frozenset({Scope.CHECK, Scope.EXAMINE})
_SEALED = frozenset({Scope.CHECK, Scope.VERIFY})

ROWS = (
    Row(Control.LOCKFILES, Act.EXAMINE, _COMMIT, _stage("lockfiles")),
    Row(Control.DEPENDENCIES, Act.EXAMINE, _CHANGE, _stage("dependencies")),
    Row(Control.SECRETS, Act.EXAMINE, _COMMIT, _stage("secrets")),
    Row(Control.CI_TOKENS, Act.EXAMINE, _COMMIT, _stage("ci_tokens")),
    Row(Control.SIGNING, Act.SEAL, _SEALED, _stage("signing")),
    Row(Control.SBOM, Act.EXAMINE, _RELEASE, _stage("sbom")),
    Row(Control.PROVENANCE, Act.SEAL, _SEALED, _stage("provenance")),
    Row(Control.DEPLOYMENT, Act.PROVE, _SEALED, _stage("deployment")),
)
