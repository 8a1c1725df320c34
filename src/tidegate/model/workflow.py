"""What a CI configuration file says about jobs and the tokens they hold."""

from tidegate.late import dataclass
from tidegate.model.package import Problem

Pairs = tuple[tuple[str, str], ...]
"""A mapping of names to text, sorted. The single pair ("*", expression) is a mapping known only when it runs."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `uses` is the action reference or "", `run` the script or ""; `line` is 1-based.

    `if_` and `continue_on_error` are the text as written, "" when absent, booleans spelled `true` and `false`.
    """

    name: str = ""
    uses: str = ""
    run: str = ""
    line: int | None = None
    id: str = ""
    with_: Pairs = ()
    env: Pairs = ()
    if_: str = ""
    continue_on_error: str = ""
    shell: str = ""
    folder: str = ""
    """Its `working-directory`; like `shell` its job's or workflow's default where it names none."""

    def given(self, name: str) -> str:
        """An input by its name, in any case; "" when it is not given."""
        return next((value for key, value in self.with_ if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `permissions` is None when the job has no block of its own; else sorted (scope, level) pairs.

    A shorthand (`read-all`, `write-all`) is the single pair ("*", "read" | "write"). `calls` names a reusable workflow,
    `secrets` what it is handed by name, `inherits` that it is handed every secret.
    """

    id: str
    permissions: tuple[tuple[str, str], ...] | None = None
    steps: tuple[Step, ...] = ()
    calls: str = ""
    environment: str = ""
    line: int | None = None
    permissions_line: int | None = None
    scope_lines: tuple[tuple[str, int], ...] = ()
    """Where each scope of the block stands."""
    name: str = ""
    needs: tuple[str, ...] = ()
    runs_on: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    """Of its container and its services."""
    env: Pairs = ()
    with_: Pairs = ()
    outputs: Pairs = ()
    secrets: Pairs = ()
    inherits: bool = False
    if_: str = ""
    continue_on_error: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One event and its filters, such as ("branches", ("main",)); an event without filters has none."""

    event: str
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def only(self, name: str) -> tuple[str, ...]:
        """The values of one filter, () when it is absent."""
        return next((values for key, values in self.filters if key == name), ())


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
    scope_lines: tuple[tuple[str, int], ...] = ()
    events: tuple[Trigger, ...] = ()
    env: Pairs = ()
    env_line: int | None = None
    inputs: tuple[str, ...] = ()
    """Names of the inputs of `workflow_call`, or of an action."""
    secrets: tuple[str, ...] = ()
    """Names of the secrets of `workflow_call`."""
    using: str = ""
    """How an action runs: `composite`, `docker`, `node24`, …."""
