"""Why a step needs a write scope: a known action, a known command or a known call of the API, each with its source."""

from dataclasses import dataclass, replace

from tidegate.domain.grants import known_actions, known_calls, known_commands, shell
from tidegate.domain.grants.following import Repository, Worked
from tidegate.model.workflow import Step

SCRIPT = "actions/github-script"
_SCRIPTS = ("command", "run")
"""Inputs by which an action is told a command to run (`retry`, `witness-run`, emulators)."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`kind` is action, command, call, workflow or policy; `what` it is; `source` the document that says so."""

    kind: str
    what: str
    source: str
    path: str = ""
    line: int | None = None


def reasons(worked: Worked, repository: Repository) -> dict[str, Reason]:
    """For each scope a step is known to need, the first reason. A local action counts as what it is published as."""
    step = worked.step
    if step.uses:
        step = replace(step, uses=repository.published(step.uses))
    return {
        scope: Reason(kind, what, source, worked.path, step.line)
        for scope, (kind, what, source) in _needs(step).items()
    }


def _needs_of_action(step: Step) -> dict[str, tuple[str, str, str]]:
    found: dict[str, tuple[str, str, str]] = {}
    for row in known_actions.known(step.uses):
        if row.holds(step):
            for scope in sorted(row.scopes):
                found.setdefault(scope, ("action", row.action, row.source))
    return found


def _needs(step: Step) -> dict[str, tuple[str, str, str]]:
    if not step.uses:
        return _of_run(step.run)
    if known_actions.named(step.uses) == SCRIPT:
        return _of_script(step.given("script"))
    found = _needs_of_action(step)
    for name in _SCRIPTS:
        for scope, why in _of_run(step.given(name)).items():
            found.setdefault(scope, why)
    return found


def _of_script(script: str) -> dict[str, tuple[str, str, str]]:
    found = dict.fromkeys(sorted(known_calls.of_script(script)), ("call", SCRIPT, known_calls.SOURCE))
    if known_calls.asks_for_identity(script):
        found["id-token"] = ("call", "getIDToken", known_calls.OIDC)
    return found


def _of_run(script: str) -> dict[str, tuple[str, str, str]]:
    if not script:
        return {}
    found: dict[str, tuple[str, str, str]] = {}
    for command in shell.commands(script):
        for row in known_commands.known(command):
            for scope in sorted(row.scopes):
                found.setdefault(scope, ("command", row.shown, row.source))
        for scope in sorted(known_calls.of_command(command)):
            found.setdefault(scope, ("call", "gh api" if command[0] == "gh" else command[0], known_calls.SOURCE))
    if known_calls.asks_for_identity(script):
        found.setdefault("id-token", ("call", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", known_calls.OIDC))
    return found
