"""What a CI configuration file says about jobs and the tokens they hold."""

from dataclasses import dataclass

from tidegate.model.package import Problem


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `uses` is the action reference or "", `run` the script or ""; `line` is 1-based."""

    name: str = ""
    uses: str = ""
    run: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `permissions` is None when the job has no block of its own; else sorted (scope, level) pairs.

    A shorthand (`read-all`, `write-all`) is the single pair ("*", "read" | "write"). `calls` names a reusable workflow.
    """

    id: str
    permissions: tuple[tuple[str, str], ...] | None = None
    steps: tuple[Step, ...] = ()
    calls: str = ""
    environment: str = ""
    line: int | None = None
    permissions_line: int | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """One CI file. `dialect` is `github-workflow`, `github-action`, …; `triggers` are event names."""

    path: str
    dialect: str
    permissions: tuple[tuple[str, str], ...] | None = None
    jobs: tuple[Job, ...] = ()
    triggers: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    permissions_line: int | None = None
